/** A packaged CloudFormation template, as far as the integration tests read it. */

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Properties;
}

// biome-ignore lint/suspicious/noExplicitAny: every type of resource has a shape of its own
export type Properties = Readonly<Record<string, any>>;

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

/** What CloudFormation's pseudo parameters come to, and where queues answer. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
  /** Of the server that answers in AWS's place: part of a queue's URL. */
  readonly endpoint: string;
}

/** The properties of the template's resources of a type, by logical id, intrinsic functions replaced. */
export type ResourcesOfType = (type: string) => [logicalId: string, properties: Properties][];

/**
 * Reads a template as it stands once its resources exist. Their names are all given by the template, so nothing has to be
 * created first. A function, or an attribute of a resource, that isn't known here is an error when it is come upon.
 */
export function readTemplate(
  { Resources }: Template,
  { accountId, region, endpoint }: Place,
): ResourcesOfType {
  const pseudoParameters: Readonly<Record<string, string>> = {
    'AWS::AccountId': accountId,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': 'integration',
  };
  const place = `${region}:${accountId}`;

  function ref(logicalId: string): string {
    return pseudoParameters[logicalId] ?? identityOf(logicalId).ref;
  }

  function attribute(logicalId: string, name: string): string {
    return identityOf(logicalId).attributes?.[name] ?? unknown(`the attribute ${name} of ${logicalId}`);
  }

  function identityOf(logicalId: string): Identity {
    const { Type, Properties = {} } = Resources[logicalId] ?? unknown(`the resource ${logicalId}`);
    const name = (property: string) => String(resolve(Properties[property]));
    switch (Type) {
      case 'AWS::S3::Bucket':
        return { ref: name('BucketName'), attributes: { Arn: `arn:aws:s3:::${name('BucketName')}` } };
      case 'AWS::SQS::Queue':
        return {
          ref: `${endpoint}/${accountId}/${name('QueueName')}`,
          attributes: { Arn: `arn:aws:sqs:${place}:${name('QueueName')}` },
        };
      case 'AWS::DynamoDB::Table':
        return {
          ref: name('TableName'),
          attributes: { Arn: `arn:aws:dynamodb:${place}:table/${name('TableName')}` },
        };
      case 'AWS::SNS::Topic':
        return { ref: `arn:aws:sns:${place}:${name('TopicName')}` };
      case 'AWS::Lambda::Function': {
        const Arn = `arn:aws:lambda:${place}:function:${name('FunctionName')}`;
        return { ref: name('FunctionName'), attributes: { Arn } };
      }
      case 'AWS::Athena::WorkGroup':
        return { ref: name('Name') };
      case 'AWS::Glue::Database':
        return { ref: String(resolve(Properties.DatabaseInput.Name)) };
      default:
        // Nobody creates the others here. They have to be called something where a property names them.
        return { ref: logicalId, attributes: { Arn: `arn:aws:none:${place}:${logicalId}` } };
    }
  }

  function substitute(text: string, variables: Properties = {}): string {
    return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      if (name in variables) return String(resolve(variables[name]));
      const [logicalId, ...path] = name.split('.');
      return path.length === 0 ? ref(name) : attribute(logicalId!, path.join('.'));
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: as a template's values are
  function resolve(value: any): any {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [];
    if (entries.length === 1 && name === 'Ref') return ref(argument as string);
    if (entries.length === 1 && name?.startsWith('Fn::')) return call(name, argument);
    return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item)]));
  }

  // biome-ignore lint/suspicious/noExplicitAny: every function has arguments of its own
  function call(name: string, argument: any): unknown {
    switch (name) {
      case 'Fn::Sub':
        return Array.isArray(argument) ? substitute(argument[0], argument[1]) : substitute(argument);
      case 'Fn::GetAtt':
        return attribute(argument[0], argument[1]);
      case 'Fn::Join':
        return argument[1].map(resolve).join(argument[0]);
      default:
        return unknown(name);
    }
  }

  return (type) =>
    Object.entries(Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([logicalId, { Properties = {} }]) => [logicalId, resolve(Properties)]);
}

/** What `Ref` and `Fn::GetAtt` make of a resource. */
interface Identity {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

function unknown(what: string): never {
  throw new Error(
    `The template uses ${what}, which the integration tests don't know: teach it to template.ts.`,
  );
}
