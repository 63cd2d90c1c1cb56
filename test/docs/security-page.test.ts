import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { savedQueries } from '../../athena/saved-queries.ts';
import {
  DEPENDENCY_REASONS,
  INSTALL_SCRIPTS,
  RUNTIME_LICENCES,
  TOOL_LICENCES,
} from '../../docs/dependencies.ts';
import { PERMISSIONS, POLICIES, WILDCARDS } from '../../docs/permissions.ts';
import {
  type DirectDependency,
  identityPolicies,
  resourcePolicies,
  securityPage,
  wildcards,
} from '../../docs/security-page.ts';
import { HOSTILE_INPUTS } from '../../docs/threats.ts';
import { parseStageParameters, type StackParameters } from '../../infrastructure/parameters.ts';
import { stackOf } from '../../infrastructure/resources.ts';
import type { Resources, Statement } from '../../infrastructure/template.ts';
import packageJson from '../../package.json' with { type: 'json' };
import lockfile from '../../package-lock.json' with { type: 'json' };
import { load } from '../infrastructure/load-yaml.ts';

const ROOT = join(import.meta.dirname, '../..');

const resourcesOf = async (stageFile: string): Promise<Resources> => {
  const text = readFileSync(join(ROOT, `test/infrastructure/stages/${stageFile}.yml`), 'utf8');
  const parameters: StackParameters = { ...parseStageParameters(load(text), stageFile), stage: 'prod' };
  return stackOf(parameters, await savedQueries()).resources.Resources;
};

/** Everything that a stack can have, and what there is only with a bucket of another account. */
const everything = await resourcesOf('everything');
const resources = { ...everything, ...(await onlyWith('log-archive')) };

async function onlyWith(stageFile: string): Promise<Resources> {
  const more = Object.entries(await resourcesOf(stageFile));
  return Object.fromEntries(more.filter(([id]) => everything[id] === undefined));
}

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const { '': _root, ...locked } = lockfile.packages as unknown as Readonly<Record<string, LockedPackage>>;

const { dependencies, devDependencies, allowScripts } = packageJson as {
  readonly [group in 'dependencies' | 'devDependencies']: Readonly<Record<string, string>>;
} & { readonly allowScripts: Readonly<Record<string, boolean>> };

function dependency(name: string, isTool: boolean): DirectDependency {
  const { version, license } = locked[`node_modules/${name}`]!;
  return { name, version, licence: license ?? 'unknown', isTool, importedBy: importersOf(name) };
}

const licences: Record<string, { runtime: number; tools: number }> = {};
for (const { license = 'unknown', dev = false } of Object.values(locked)) {
  licences[license] ??= { runtime: 0, tools: 0 };
  licences[license][dev ? 'tools' : 'runtime']++;
}

/** What is deployed or is the command. */
const PRODUCT = ['athena', 'cli', 'functions', 'generator', 'infrastructure', 'local', 'operate', 'shared'];
const WORKSHOP = ['bench', 'docs', 'scripts', 'test'];

function importersOf(name: string): readonly string[] {
  const importing = [`from '${name}'`, `from '${name}/`, `import('${name}'`];
  return [...PRODUCT, ...WORKSHOP].filter((folder) =>
    importing.some((text) => sourceOf(folder).includes(text)),
  );
}

const sources = new Map<string, string>();

function sourceOf(folder: string): string {
  const known = sources.get(folder);
  if (known !== undefined) return known;
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const source = files.map((file) => readFileSync(join(ROOT, folder, file), 'utf8')).join('\n');
  sources.set(folder, source);
  return source;
}

const named: readonly DirectDependency[] = [
  ...Object.keys(dependencies).map((name) => dependency(name, false)),
  ...Object.keys(devDependencies).map((name) => dependency(name, true)),
];

const PAGE = securityPage({
  resources,
  dependencies: named,
  licences: Object.fromEntries(Object.entries(licences).sort(([a], [b]) => (a < b ? -1 : 1))),
});

test('docs/security.md says who may do what (renew it with: npx vitest run test/docs --update)', async () => {
  await expect(PAGE).toMatchFileSnapshot(join(ROOT, 'docs/security.md'));
});

const actionsOf = ({ Action }: Statement) => [Action].flat().toSorted();

describe('permissions', () => {
  const granted = [...identityPolicies(resources)].flatMap(([id, statements]) =>
    statements.map((statement) => [id, statement.Sid, actionsOf(statement)] as const),
  );

  test('each has a reason, action by action, and no reason is left of one that is gone', () => {
    const reasons = Object.entries(PERMISSIONS).flatMap(([id, statements]) =>
      Object.entries(statements).map(([sid, { actions }]) => [id, sid, actions.toSorted()] as const),
    );
    const byName = (a: readonly unknown[], b: readonly unknown[]) => `${a}`.localeCompare(`${b}`);
    expect(granted.length).toBeGreaterThan(40);
    expect(granted.toSorted(byName)).toEqual(reasons.toSorted(byName));
  });

  test('a new one does not get by without a reason', () => {
    const grown = structuredClone(resources) as Record<string, Resources[string]>;
    const [policy] = grown.IngestRole!.Properties!.Policies as {
      PolicyDocument: { Statement: Statement[] };
    }[];
    policy!.PolicyDocument.Statement.push({
      ...{ Sid: 'Remove', Effect: 'Allow', Action: 's3:DeleteObject', Resource: '*' },
    });
    expect(() => securityPage({ resources: grown, dependencies: [], licences: {} })).toThrow(
      'Nobody says why IngestRole has the statement Remove',
    );
  });

  test('name actions and resources, but for those that are listed with a reason', () => {
    expect(wildcards(resources).toSorted()).toEqual(Object.keys(WILDCARDS).toSorted());
  });

  test.each(['s3:*', 's3:Get*', '*', 's3:GetObject'])('a wildcard more is found: %s', (Action) => {
    const grown = structuredClone(resources) as Record<string, Resources[string]>;
    const document = grown.ReaderPolicy!.Properties!.PolicyDocument as { Statement: Statement[] };
    document.Statement.push({ Sid: 'More', Effect: 'Allow', Action, Resource: '*' });
    expect(wildcards(grown)).toContain(`ReaderPolicy ${Action}`);
  });

  test('allow, and never deny: what is not allowed is denied', () => {
    const effects = [...identityPolicies(resources).values()].flat().map(({ Effect }) => Effect);
    expect(new Set(effects)).toEqual(new Set(['Allow']));
  });

  test('no two statements of a role or policy have one id', () => {
    for (const [id, statements] of [...identityPolicies(resources), ...resourcePolicies(resources)]) {
      const ids = statements.map(({ Sid }) => Sid);
      expect(new Set(ids).size, id).toBe(ids.length);
    }
  });
});

test('each statement of a policy of a bucket, queue, topic, key or bus has a reason', async () => {
  const statementsOf = (of: Resources) =>
    [...resourcePolicies(of)].flatMap(([id, statements]) => statements.map(({ Sid }) => `${id} ${Sid}`));
  const there = new Set([...statementsOf(resources), ...statementsOf(await resourcesOf('log-archive'))]);
  const reasons = Object.entries(POLICIES).flatMap(([id, sids]) =>
    Object.keys(sids).map((sid) => `${id} ${sid}`),
  );
  expect([...there].toSorted()).toEqual(reasons.toSorted());
});

test('no queue, topic or bucket is without a policy', () => {
  const types = ['AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::SNS::Topic'];
  const ids = Object.entries(resources).filter(([, { Type }]) => types.includes(Type));
  expect(ids.length).toBeGreaterThan(10);
  const policies = resourcePolicies(resources);
  for (const [id] of ids) expect([...policies.keys()], id).toContain(`${id}Policy`);
});

describe('dependencies', () => {
  test.each(Object.entries({ ...dependencies, ...devDependencies }))(
    '%s has an exact version',
    (name, version) => {
      const exact = version.replace(/^npm:.*@(?=\d)/, '');
      expect(exact).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
      expect(locked[`node_modules/${name}`]?.version).toBe(exact);
    },
  );

  test('each has a reason, and none is left of one that is gone', () => {
    expect(Object.keys(DEPENDENCY_REASONS).toSorted()).toEqual(named.map(({ name }) => name).toSorted());
  });

  /** Types are gone when code runs. */
  test('what the product imports is needed at runtime, and nothing else is', () => {
    const imported = named.filter(
      ({ name, importedBy }) =>
        !name.startsWith('@types/') && importedBy.some((folder) => PRODUCT.includes(folder)),
    );
    expect(imported.map(({ name }) => name).toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });

  test('all have a licence of the list', () => {
    const others = Object.entries(locked).filter(
      ([, { license = 'unknown', dev = false }]) =>
        !license.split(' OR ').some((one) => RUNTIME_LICENCES.has(one) || (dev && TOOL_LICENCES.has(one))),
    );
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });

  test('all are locked by a hash', () => {
    expect(Object.keys(locked).length).toBeGreaterThan(100);
    for (const [path, { integrity }] of Object.entries(locked)) expect(integrity, path).toMatch(/^sha512-/);
  });

  test('of each install script somebody has decided, and none is needed at runtime', () => {
    const scripts = Object.entries(locked).filter(([, { hasInstallScript }]) => hasInstallScript);
    const decided = Object.fromEntries(
      Object.entries(INSTALL_SCRIPTS).map(([name, { runs }]) => [name, runs]),
    );
    expect(scripts.map(([path]) => path.replace(/^.*node_modules\//, '')).toSorted()).toEqual(
      Object.keys(decided).toSorted(),
    );
    expect(allowScripts).toEqual(decided);
    expect(scripts.filter(([, { dev }]) => !dev)).toEqual([]);
  });
});

test('docs/security.md names tests that there are', () => {
  for (const file of HOSTILE_INPUTS.flatMap(({ tests }) => tests))
    expect(existsSync(join(ROOT, file)), file).toBe(true);
});

test('docs/security.md names only settings that there are', () => {
  const example = readFileSync(join(ROOT, 'stages/example.yml'), 'utf8');
  const settings = [...PAGE.matchAll(/`(?:raw|lake|alerts|operations|athena|delivery)\.(\w+)`/g)];
  expect(settings.length).toBeGreaterThan(5);
  for (const [text, name] of settings) expect(example, text).toMatch(new RegExp(`\\b${name}\\b`));
});
