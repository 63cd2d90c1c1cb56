import { basename } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createEventSource, type Delivery, type EventSource } from './event-source.ts';
import { type Policies, startGate } from './gate.ts';
import { type Cloud, createLambdaFunction, type LambdaFunction } from './lambda-process.ts';
import { type Clients, createResources, type Names } from './resources.ts';
import { type Properties, type ResourcesOfType, readTemplate, type Template } from './template.ts';

/** A packaged stack, made to run on one machine: resources in moto, functions in processes. */
export interface Stack extends Clients {
  readonly names: Names;
  /** Where who signs with the logical id of a role or a managed policy may do what that allows, and nothing else. */
  readonly gateUrl: string;
  /** By the name of its deployment package: `ingest`. */
  fn(name: string): LambdaFunction;
  /** Another process of the function, as Lambda starts them when there is more to do. */
  anotherInstance(name: string): LambdaFunction;
  /** The event source of a function. */
  source(name: string): EventSource;
  /**
   * Delivers messages until all queues that have a function are quiet.
   *
   * @returns what was delivered, in that order, with the function's name.
   */
  pump(): Promise<(Delivery & { readonly fn: string })[]>;
  dispose(): Promise<void>;
}

/** What a template does not hold of a function, by the name of its deployment package: `ingest`. */
export interface Code {
  /** The folder with the unpacked deployment package. */
  taskRootOf(name: string): string;
  /** Environment variables that replace the template's. */
  environmentOf?(name: string): Readonly<Record<string, string>>;
}

/** Enough for the largest test; one that needs more runs in circles. */
const MAX_DELIVERIES = 200;

/**
 * Creates what a packaged template says, as far as the pipeline's data passes through it: queues, topics, buckets with
 * their notifications, the catalogue, the table of situations, functions and their event sources (but no schedules). What the functions' roles and the buckets'
 * policies say is enforced by a gate. Queue policies, keys, alarms and the dashboard are left out; tests of the template
 * look at those.
 */
export async function deploy(template: Template, cloud: Cloud, code: Code): Promise<Stack> {
  const { endpoint, accountId, region } = cloud;
  const settings = { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const clients: Clients = {
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sqs: new SQSClient(settings),
    sns: new SNSClient(settings),
    glue: new GlueClient(settings),
    athena: new AthenaClient(settings),
    dynamoDb: new DynamoDBClient(settings),
  };
  const names = await createResources(clients, readTemplate(template, cloud), region);
  const gate = await startGate(endpoint, policiesOf(readTemplate(template, cloud)), `${region}:${accountId}`);
  // As the functions see it: their queues, too, are behind the gate.
  const resources = readTemplate(template, { ...cloud, endpoint: gate.url });

  const instances: LambdaFunction[] = [];
  const starters = new Map<string, () => LambdaFunction>();
  const functions = new Map<string, LambdaFunction>();
  const sources = new Map<string, EventSource>();
  const nameOfFunction: Record<string, string> = {};
  for (const [, properties] of resources('AWS::Lambda::Function')) {
    const name = basename(properties.Code.S3Key, '.zip');
    nameOfFunction[properties.FunctionName] = name;
    const configuration = {
      name: properties.FunctionName,
      handler: properties.Handler,
      taskRoot: code.taskRootOf(name),
      memoryMb: properties.MemorySize,
      timeoutSeconds: properties.Timeout,
      environment: { ...properties.Environment.Variables, ...code.environmentOf?.(name) },
      // What the gate knows the function's role by.
      accessKeyId: lastPart(properties.Role),
    };
    const start = () => {
      const instance = createLambdaFunction(configuration, { ...cloud, endpoint: gate.url });
      instances.push(instance);
      return instance;
    };
    starters.set(name, start);
    functions.set(name, start());
  }
  for (const [, properties] of resources('AWS::Lambda::EventSourceMapping')) {
    const name = nameOfFunction[lastPart(properties.FunctionName)]!;
    const queueArn = properties.EventSourceArn;
    const mapping = {
      queueArn,
      queueUrl: `${endpoint}/${accountId}/${lastPart(queueArn)}`,
      batchSize: properties.BatchSize,
      reportsFailures: properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    };
    sources.set(name, createEventSource(clients.sqs, mapping, functions.get(name)!));
  }

  return {
    ...clients,
    names,
    gateUrl: gate.url,
    fn: (name) => existing(functions, name),
    anotherInstance: (name) => existing(starters, name)(),
    source: (name) => existing(sources, name),
    async pump() {
      const deliveries: (Delivery & { fn: string })[] = [];
      for (let quiet = false; !quiet; ) {
        quiet = true;
        for (const [fn, source] of sources) {
          const delivery = await source.deliver();
          if (delivery === undefined) continue;
          quiet = false;
          deliveries.push({ ...delivery, fn });
          if (deliveries.length > MAX_DELIVERIES) throw new Error('The queues do not come to rest.');
        }
      }
      return deliveries;
    },
    async dispose() {
      await Promise.all(instances.map((each) => each.dispose()));
      for (const client of Object.values(clients)) client.destroy();
      gate.close();
    },
  };
}

function policiesOf(resources: ResourcesOfType): Policies {
  const ofRole = resources('AWS::IAM::Role').map(([logicalId, { Policies }]) => [
    logicalId,
    Policies.flatMap(({ PolicyDocument }: Properties) => PolicyDocument.Statement),
  ]);
  const ofPeople = resources('AWS::IAM::ManagedPolicy').map(([logicalId, { PolicyDocument }]) => [
    logicalId,
    PolicyDocument.Statement,
  ]);
  const ofBuckets = resources('AWS::S3::BucketPolicy').flatMap(
    ([, { PolicyDocument }]) => PolicyDocument.Statement,
  );
  return {
    ofRole: Object.fromEntries([...ofRole, ...ofPeople]),
    // What buckets allow, they allow to services.
    ofBuckets: ofBuckets.filter(({ Effect }) => Effect === 'Deny'),
  };
}

/** What the last part of an ARN names. */
function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function existing<T>(items: ReadonlyMap<string, T>, name: string): T {
  const item = items.get(name);
  if (item === undefined) throw new Error(`The stack has no ${name}, only ${[...items.keys()].join(', ')}.`);
  return item;
}
