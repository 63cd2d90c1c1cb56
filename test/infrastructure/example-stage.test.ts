import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { parseStageParameters, stageParameters } from '../../infrastructure/parameters.ts';
import { parsePolicy } from '../../shared/alerts/policy-config.ts';
import { load } from './load-yaml.ts';

const example = readFileSync(new URL('../../stages/example.yml', import.meta.url), 'utf8');
/** With everything switched on: `#name: value` is a parameter, `# text` explains. */
const switchedOn = load(
  example.replaceAll(/^( *)#(?=\S)/gm, '$1').replaceAll(/^( *)#(?= {2}(?:- |\w+: ))/gm, '$1'),
);
const alerts = switchedOn.alerts as Readonly<Record<string, unknown>>;

test('the example is a stage file as it stands', () => {
  expect(parseStageParameters(load(example), 'stages/example.yml').region).toBe('eu-west-1');
});

test('the example shows the defaults', () => {
  const { region } = load(example);
  expect(parseStageParameters(load(example), '')).toEqual(parseStageParameters({ region }, ''));
});

test('the example lists every parameter and no other', () => {
  // What a policy says is explained in docs/alerts.md.
  expect(alerts.policy).toBeDefined();
  const listed = { ...switchedOn, alerts: { ...alerts, policy: 'as a whole' } };
  expect(pathsOf(listed)).toEqual(schemaPaths(stageParameters));
});

test('the example shows a policy that is one', () => {
  expect(parsePolicy(alerts.policy).ignore).toHaveLength(1);
});

test('the example shows values that the parameters take', () => {
  const issues = stageParameters.safeParse(switchedOn).error?.issues ?? [];
  // Taken together some contradict each other, on purpose.
  expect(issues.filter(({ code }) => code !== 'custom')).toEqual([]);
});

function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value)
    .flatMap(([name, item]) => pathsOf(item, path === '' ? name : `${path}.${name}`))
    .sort();
}

function schemaPaths(schema: z.ZodType, path = ''): string[] {
  const { innerType, shape } = schema.def as { innerType?: z.ZodType; shape?: Record<string, z.ZodType> };
  if (innerType !== undefined) return schemaPaths(innerType, path);
  if (shape === undefined) return [path];
  return Object.entries(shape)
    .flatMap(([name, item]) => schemaPaths(item, path === '' ? name : `${path}.${name}`))
    .sort();
}
