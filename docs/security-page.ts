import type { Resources, Statement } from '../infrastructure/template.ts';
import { DEPENDENCY_REASONS, INSTALL_SCRIPTS, RUNTIME_LICENCES, TOOL_LICENCES } from './dependencies.ts';
import { PERMISSIONS, POLICIES, WILDCARDS } from './permissions.ts';
import { HOSTILE_INPUTS, STORES, THREATS } from './threats.ts';

/** A package that `package.json` names. */
export interface DirectDependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly isTool: boolean;
  /** The folders of this repository whose code imports it. */
  readonly importedBy: readonly string[];
}

export interface SecurityFacts {
  /** All that a stack can have, switched on. */
  readonly resources: Resources;
  readonly dependencies: readonly DirectDependency[];
  /** How many packages the lockfile has, by licence. */
  readonly licences: Readonly<Record<string, { readonly runtime: number; readonly tools: number }>>;
}

/** The statements of roles and managed policies, by logical id: what identities may do. */
export function identityPolicies(resources: Resources): ReadonlyMap<string, readonly Statement[]> {
  return statementsOf(resources, ({ Type, Properties = {} }) => {
    if (Type === 'AWS::IAM::Role')
      return (Properties.Policies as readonly { PolicyDocument: Document }[]).map(
        ({ PolicyDocument }) => PolicyDocument,
      );
    return Type === 'AWS::IAM::ManagedPolicy' ? [Properties.PolicyDocument as Document] : [];
  });
}

/** The statements of policies of buckets, queues, topics, keys and buses, by logical id. */
export function resourcePolicies(resources: Resources): ReadonlyMap<string, readonly Statement[]> {
  return statementsOf(resources, ({ Type, Properties = {} }) => {
    switch (Type) {
      case 'AWS::S3::BucketPolicy':
      case 'AWS::SQS::QueuePolicy':
      case 'AWS::SNS::TopicPolicy':
        return [Properties.PolicyDocument as Document];
      case 'AWS::KMS::Key':
        return [Properties.KeyPolicy as Document];
      case 'AWS::Events::EventBusPolicy':
        return [{ Statement: [Properties.Statement as Statement] }];
      default:
        return [];
    }
  });
}

interface Document {
  readonly Statement: readonly Statement[];
}

function statementsOf(
  resources: Resources,
  documentsOf: (resource: Resources[string]) => readonly Document[],
): ReadonlyMap<string, readonly Statement[]> {
  const found = Object.entries(resources).map(
    ([id, resource]) => [id, documentsOf(resource).flatMap(({ Statement }) => Statement)] as const,
  );
  return new Map(found.filter(([, statements]) => statements.length > 0));
}

/** What is allowed with a wildcard for an action, or on everything: who has it, and the action. */
export function wildcards(resources: Resources): readonly string[] {
  const isWild = (action: string) => action.includes('*');
  const ofIdentities = [...identityPolicies(resources)].flatMap(([id, statements]) =>
    statements.flatMap(({ Action, Resource }) =>
      listOf(Action)
        .filter((action) => isWild(action) || listOf(Resource).includes('*'))
        .map((action) => `${id} ${action}`),
    ),
  );
  const ofResources = [...resourcePolicies(resources)].flatMap(([id, statements]) =>
    statements
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => listOf(Action).filter(isWild))
      .map((action) => `${id} ${action}`),
  );
  return [...new Set([...ofIdentities, ...ofResources])];
}

/**
 * Renders `docs/security.md` from the template, the reasons and the lockfile; a test keeps the file fresh.
 *
 * @throws Error for a permission or package without a reason.
 */
export function securityPage({ resources, dependencies, licences }: SecurityFacts): string {
  const identities = identityPolicies(resources);
  const policies = resourcePolicies(resources);
  return `# Security

Who may do what in a stack and why, what each could do if somebody took it over, and what this software is made of.
Rendered by \`docs/security-page.ts\` from the template (a stage with everything switched on), the reasons in
\`docs/permissions.ts\` and \`docs/dependencies.ts\`, and the lockfile. Tests fail if a role gains a permission without a
reason, if a permission names \`*\` beyond [these](#what-names-everything), if a package has no reason, no exact version or
another licence.

- [Who could do what](#who-could-do-what)
- [What data is where](#what-data-is-where)
- [Roles](#roles)
- [Policies of resources](#policies-of-resources)
- [Hostile input](#hostile-input)
- [Dependencies](#dependencies)

## Who could do what

If somebody took over, or was, one of these. "Can't" rests on the permissions and policies below; what code does about
input is under [Hostile input](#hostile-input).

| Who | Could | Can't | What helps |
| --- | --- | --- | --- |
${THREATS.map(({ who, could, cannot, helps }) => row(who, could, cannot, helps)).join('\n')}

The functions are in no VPC: code in them could send what it reads to anywhere. That is what a package of theirs that
turned bad could do, within the role of its function.

## What data is where

Flow logs hold addresses, ports, counts, and names of resources and accounts. They hold no contents of packets.

| Place | Encrypted with | Who reads | How long |
| --- | --- | --- | --- |
${STORES.map(({ place, key, readers, kept }) => row(place, key, readers, kept)).join('\n')}

Everything travels with TLS; buckets, queues and topics refuse anything else. Log lines of functions name objects, counts
and errors, never what records say.

## Roles

One role for each function, and two policies for people that the stack attaches to nobody. The framework that packages the
stack adds no role; it adds the bucket that bundles are deployed from, which is private and refuses requests without TLS. \`<account>\` and \`<region>\`
are the stack's; the stage is \`prod\`.

${[...identities].map(([id, statements]) => identitySection(id, statements)).join('\n')}
Only Lambda may take on the role of a function, and only VPC Flow Logs, for flow logs of the account, \`FlowLogDeliveryRole\`.

### What names everything

What is allowed with a wildcard for an action, or on everything. A test knows of no other:

${Object.entries(WILDCARDS)
  .map(([name, why]) => `- ${code(name.split(' ')).replace('<br>', ': ')}: ${why}`)
  .join('\n')}

## Policies of resources

Queues and topics whose policies admit nobody are used with permissions of IAM in the account only. The table of situations
has no policy of its own. What the owner of an existing raw bucket, key or topic pastes is in the outputs of the stack, see
[deploy.md](deploy.md).

| Policy | Statement | Who | May | On condition | Why |
| --- | --- | --- | --- | --- | --- |
${[...policies].flatMap(([id, statements]) => statements.map((statement) => policyRow(id, statement))).join('\n')}

## Hostile input

What is in a log was chosen by whoever sends packets, tags instances or writes to the bucket. What is tried, and where:

| Input | What happens | Tried in |
| --- | --- | --- |
${HOSTILE_INPUTS.map(({ input, outcome, tests }) => row(input, outcome, tests.map((test) => `\`${test}\``).join('<br>'))).join('\n')}

**CSV and spreadsheets.** A spreadsheet takes a cell that starts with \`= + - @\`, tab or carriage return for a formula, and a
formula can send other cells away. \`-o csv\` puts an apostrophe in front of such a text, as OWASP advises ("CSV Injection", ASVS
1.2.10), also of the characters of full width, and after a semicolon, which separates cells where numbers have decimal commas.
Columns of numbers stay numbers: \`-5\` in one is \`-5\`. A program that reads CSV sees the apostrophe; \`-o json\` has every
value as it is, and is what programs should read.

**Limits.** What is too large or too much, and what happens then: [limits.md](limits.md).

## Dependencies

Every version is exact, and the lockfile holds a hash (SHA-512) of each of the ${total(licences)} packages; \`npm ci\` installs nothing else.
What the functions run is bundled from them at deployment; nothing is installed in AWS.

| Package | Version | Licence | Imported by | Why |
| --- | --- | --- | --- | --- |
${dependencies
  .filter(({ isTool }) => !isTool)
  .map(dependencyRow)
  .join('\n')}

Tools, of which nothing is deployed:

| Package | Version | Licence | Imported by | Why |
| --- | --- | --- | --- | --- |
${dependencies
  .filter(({ isTool }) => isTool)
  .map(dependencyRow)
  .join('\n')}

### Licences

All packages of the lockfile, with those that come with others. Allowed are ${[...RUNTIME_LICENCES].join(', ')}; for tools
also ${[...TOOL_LICENCES].join(', ')}. Anything else fails \`npm test\`.

| Licence | Packages at runtime | Packages of tools |
| --- | ---: | ---: |
${Object.entries(licences)
  .map(([licence, { runtime, tools }]) => row(licence, String(runtime), String(tools)))
  .join('\n')}

### Install scripts

npm runs the install scripts of packages that \`allowScripts\` in package.json allows, and of no others. These have one, all of
them tools:

| Package | Its script runs | Because |
| --- | --- | --- |
${Object.entries(INSTALL_SCRIPTS)
  .map(([name, { runs, why }]) => row(`\`${name}\``, runs ? 'yes' : 'no', why))
  .join('\n')}

### Signatures

\`npm audit signatures\` checks that the registry signed what was installed, and where packages say how they were built. It
needs the keys of the registry and of Sigstore (\`tuf-repo-cdn.sigstore.dev\`), which mirrors of the registry and closed
networks don't have, so \`.ci/run\` does not ask for it. In its place stand the hashes of the lockfile: a package that differs from
the one that was locked is not installed. They do not tell whether the locked one was good: run \`npm audit signatures\` and
\`npm audit\` where you can, above all when versions change.
`;
}

function identitySection(id: string, statements: readonly Statement[]): string {
  const rows = statements.map((statement) => {
    const reason = PERMISSIONS[id]?.[statement.Sid];
    if (reason === undefined) {
      throw new Error(
        `Nobody says why ${id} has the statement ${statement.Sid}: add the reason to docs/permissions.ts.`,
      );
    }
    return row(
      statement.Sid,
      code(listOf(statement.Action)),
      code(listOf(statement.Resource).map(placeText)),
      reason.why,
    );
  });
  return `### ${id}

| Statement | May | On | Why |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function policyRow(id: string, statement: Statement): string {
  const why = POLICIES[id]?.[statement.Sid];
  if (why === undefined)
    throw new Error(
      `Nobody says why ${id} has the statement ${statement.Sid}: add the reason to docs/permissions.ts.`,
    );
  const { Effect, Principal, Action, Condition = {} } = statement;
  const who =
    Principal === '*'
      ? ['*']
      : Object.values(Principal ?? {})
          .flatMap(listOf)
          .map(plainText);
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(
      ([key, values]) => `${operator} ${key} ${listOf(values).map(plainText).join(', ')}`,
    ),
  );
  const actions = code(listOf(Action));
  return row(
    `\`${id}\``,
    statement.Sid,
    code(who),
    Effect === 'Deny' ? `must not ${actions}` : actions,
    code(conditions),
    why,
  );
}

function dependencyRow({ name, version, licence, importedBy }: DirectDependency): string {
  const why = DEPENDENCY_REASONS[name];
  if (why === undefined)
    throw new Error(`Nobody says why ${name} is needed: add the reason to docs/dependencies.ts.`);
  return row(`\`${name}\``, version, licence, importedBy.map((folder) => `${folder}/`).join(' '), why);
}

function total(licences: SecurityFacts['licences']): number {
  return Object.values(licences).reduce((sum, { runtime, tools }) => sum + runtime + tools, 0);
}

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;

const code = (texts: readonly string[]) => texts.map((text) => `\`${text}\``).join('<br>');

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** What CloudFormation's intrinsic functions stand for, for people. */
function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = value as { 'Fn::Sub'?: string; Ref?: string; 'Fn::GetAtt'?: readonly string[] };
  const text = intrinsic['Fn::Sub'] ?? `\${${intrinsic.Ref ?? intrinsic['Fn::GetAtt']?.join('.')}}`;
  return text.replaceAll(
    /\$\{(?:AWS::)?([^}]+)\}/g,
    (_, name: string) => NAMES[name] ?? name.replace(/\.Arn\b/, ''),
  );
}

/** An ARN without what is the same everywhere. */
function placeText(value: unknown): string {
  return plainText(value).replace(/^arn:aws:([^:]*):[^:]*:[^:]*:/, '$1:');
}

const NAMES: Readonly<Record<string, string>> = {
  AccountId: '<account>',
  Region: '<region>',
  Partition: 'aws',
  URLSuffix: 'amazonaws.com',
};
