import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Resource, Statement } from '../../infrastructure/template.ts';
import { type PackagedStage, packageStage } from '../../scripts/package-stage.ts';

/** The templates of the stages in `stages/`, packaged by the framework, and ways to ask them. */

const STAGES = fileURLToPath(new URL('stages/', import.meta.url));

export type StageTemplate = PackagedStage['template'];

/** The stages by their names. Whoever imports this packages them all, some ten seconds: once is enough. */
export const stages = await packageStages();

export function stage(name: string): StageTemplate {
  const template = stages.get(name);
  if (template === undefined) throw new Error(`No stage is called ${name}.`);
  return template;
}

/** Two at a time, for two cores. */
async function packageStages(): Promise<ReadonlyMap<string, StageTemplate>> {
  const folder = mkdtempSync(join(tmpdir(), 'flowlogs-stages-'));
  const templates = new Map<string, StageTemplate>();
  try {
    const files = readdirSync(STAGES).sort();
    for (let index = 0; index < files.length; index += 2) {
      await Promise.all(
        files.slice(index, index + 2).map(async (file) => {
          const { template } = await packageStage(join(STAGES, file), join(folder, file));
          templates.set(basename(file, '.yml'), template);
        }),
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return templates;
}

export interface Found {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties are as many as there are resource types
  readonly properties: any;
  readonly resource: Resource;
}

/** The resources of a type. */
export function resourcesOf({ Resources }: StageTemplate, type: string): Found[] {
  return Object.entries(Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => ({ id, resource, properties: resource.Properties ?? {} }));
}

// biome-ignore lint/suspicious/noExplicitAny: properties are as many as there are resource types
export function propertiesOf({ Resources }: StageTemplate, id: string): any {
  const resource = Resources[id];
  if (resource === undefined) throw new Error(`The template has no ${id}.`);
  return resource.Properties;
}

/** What roles and managed policies allow, by the logical id of who may. */
export function identityStatements(template: StageTemplate): [id: string, statement: Statement][] {
  const ofRoles = resourcesOf(template, 'AWS::IAM::Role').flatMap(({ id, properties }) =>
    properties.Policies.flatMap(({ PolicyDocument }: { PolicyDocument: { Statement: Statement[] } }) =>
      PolicyDocument.Statement.map((statement) => [id, statement]),
    ),
  );
  const ofPeople = resourcesOf(template, 'AWS::IAM::ManagedPolicy').flatMap(({ id, properties }) =>
    properties.PolicyDocument.Statement.map((statement: Statement) => [id, statement]),
  );
  return [...ofRoles, ...ofPeople];
}

/** What the policy of a bucket, queue or the like says. */
export function policyOf(template: StageTemplate, id: string): Statement[] {
  return propertiesOf(template, id).PolicyDocument.Statement;
}

export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? value : [value as T];

/** What CloudFormation makes of an intrinsic function, with names in place of what only AWS knows. */
export function filledIn(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = value as { 'Fn::Sub'?: string; Ref?: string; 'Fn::GetAtt'?: string[] };
  const text =
    intrinsic['Fn::Sub'] ??
    `\${${intrinsic.Ref ?? intrinsic['Fn::GetAtt']?.join('.') ?? 'not an intrinsic'}}`;
  return text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => PSEUDO_PARAMETERS[name] ?? `<${name}>`);
}

/** What an owner of a bucket, key or topic pastes from an output. */
export function pasted(name: string, output: string): unknown {
  return JSON.parse(filledIn(stage(name).Outputs[output]?.Value));
}

export const isAllow = ({ Effect }: Statement) => Effect === 'Allow';

/** A notification of the objects in a folder to a queue. */
export function announced(folder: string, queue: string) {
  return {
    Event: 's3:ObjectCreated:*',
    Queue: { 'Fn::GetAtt': [queue, 'Arn'] },
    Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: folder }] } },
  };
}

/** Whose deliveries a statement lets in. */
export function sources({ Condition }: Statement) {
  const equals = Condition?.StringEquals ?? {};
  return {
    accounts: ((equals['aws:SourceAccount'] ?? []) as unknown[]).map(filledIn),
    arns: ((Condition?.ArnLike?.['aws:SourceArn'] ?? []) as unknown[]).map(filledIn),
    organization: equals['aws:SourceOrgID'],
    acl: equals['s3:x-amz-acl'],
  };
}

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': '111111111111',
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-west-1',
  'AWS::URLSuffix': 'amazonaws.com',
};
