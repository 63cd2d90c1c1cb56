/** A CloudFormation resource, as it stands in a template. Intrinsic functions are plain objects. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: 'Delete' | 'Retain' | 'RetainExceptOnCreate';
  readonly UpdateReplacePolicy?: 'Delete' | 'Retain';
}

/** CloudFormation resources by their logical ids. */
export type Resources = Readonly<Record<string, Resource>>;

/** An output of the stack. Descriptions are literal texts of at most 1,024 bytes. */
export interface Output {
  readonly Description: string;
  readonly Value: unknown;
}

/** Outputs by their names. */
export type Outputs = Readonly<Record<string, Output>>;

/** A statement of a policy, attached to an identity or a resource. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, unknown>>;
  readonly Action: string | readonly string[];
  /** Trust policies have none. */
  readonly Resource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** `Fn::Sub`: a text with `${…}` that CloudFormation fills in. A text without stays as it is. */
export const sub = (text: string): unknown => (text.includes('${') ? { 'Fn::Sub': text } : text);

/** The stack's account, for texts of `Fn::Sub`. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's notation
export const ACCOUNT_ID = '${AWS::AccountId}';

/** The text of an ARN in the stack's account and Region, for `Fn::Sub`. */
export const arnText = (service: string, resource: string) =>
  `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`;

/** `Fn::GetAtt`: an attribute of a resource of the stack. */
export const getAtt = (logicalId: string, attribute: string) => ({ 'Fn::GetAtt': [logicalId, attribute] });

/** `Ref`: a resource of the stack, mostly its name. */
export const ref = (logicalId: string) => ({ Ref: logicalId });

/** A policy document of these statements. */
export const policy = (statements: readonly Statement[]) => ({
  Version: '2012-10-17',
  Statement: statements,
});

/**
 * A value as JSON text for people to paste elsewhere: what the stack's intrinsic functions stand for is filled in by
 * CloudFormation.
 */
export function jsonText(value: unknown) {
  return sub(
    JSON.stringify(value, (_, item: unknown) => {
      if (typeof item !== 'object' || item === null) return item;
      if ('Fn::Sub' in item) return item['Fn::Sub'];
      if ('Ref' in item) return `\${${item.Ref}}`;
      if ('Fn::GetAtt' in item) return `\${${(item['Fn::GetAtt'] as readonly string[]).join('.')}}`;
      return item;
    }),
  );
}
