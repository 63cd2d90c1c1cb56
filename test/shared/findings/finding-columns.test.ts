import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../shared/findings/finding.ts';
import { FINDING_COLUMNS } from '../../../shared/findings/finding-columns.ts';
import { observeText } from './observe-text.ts';

/** One finding of each kind, with as much in it as the formats have. */
const FINDINGS: Finding[] = [
  ...observeText(`interface-id vpc-id subnet-id instance-id interface-type srcaddr dstaddr srcport dstport protocol tcp-flags packets bytes start end flow-direction reject-reason action log-status
    eni-1 vpc-1 subnet-1 i-1 vpc_endpoint 203.0.113.1 10.0.0.1 40000 22 6 2 1 60 1000 1060 ingress BPA REJECT OK
    eni-1 - - - - - - - - - - - - 1000 1060 - - - SKIPDATA`).findings,
  ...observeText(`tgw-id tgw-attachment-id tgw-src-vpc-id tgw-dst-vpc-id tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end packets-lost-no-route
    tgw-1 tgw-attach-a vpc-a vpc-b tgw-attach-b 10.20.0.5 10.80.0.9 40000 443 6 9 900 1000 1060 4`).findings,
  ...observeText(
    ['interface-id action', ...Array.from({ length: 600 }, (_, i) => `eni-${i} REJECT`)].join('\n'),
  ).findings,
];

/** Whether a value fits an Athena type, as Athena's JSON reader would take it. */
function fits(value: unknown, type: string): boolean {
  if (type === 'string') return typeof value === 'string';
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'int') return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31;
  if (type === 'bigint') return Number.isSafeInteger(value);
  const [, kind, inner = ''] = /^(array|struct)<(.*)>$/.exec(type) ?? [];
  if (kind === 'array') return Array.isArray(value) && value.every((item) => fits(item, inner));
  if (kind !== 'struct' || typeof value !== 'object' || value === null) return false;
  const fields = new Map(inner.split(',').map((field) => field.split(':') as [string, string]));
  return Object.entries(value).every(([name, item]) => {
    const fieldType = fields.get(name);
    return fieldType !== undefined && fits(item, fieldType);
  });
}

describe('the columns of the findings table', () => {
  test('take every value of every kind of finding', () => {
    const types = new Map<string, string>(FINDING_COLUMNS.map(({ name, type }) => [name, type]));
    for (const finding of FINDINGS) {
      for (const [name, value] of Object.entries(finding)) {
        expect(fits(value, types.get(name) ?? 'no column'), `${name}: ${JSON.stringify(value)}`).toBe(true);
      }
    }
  });

  test('are in the order of the keys of a finding', () => {
    for (const finding of FINDINGS) {
      const keys = Object.keys(finding);
      expect(keys).toEqual(FINDING_COLUMNS.map(({ name }) => name).filter((name) => keys.includes(name)));
    }
  });

  test('are all used', () => {
    const used = new Set(FINDINGS.flatMap((finding) => Object.keys(finding)));
    expect(FINDING_COLUMNS.map(({ name }) => name as string).filter((name) => !used.has(name))).toEqual([]);
  });

  test('are the keys of the type Finding, in its order', () => {
    const source = readFileSync(new URL('../../../shared/findings/finding.ts', import.meta.url), 'utf8');
    const body = /export interface Finding \{([^}]*)\}/.exec(source)?.[1] ?? '';
    const keys = [...body.matchAll(/readonly (\w+)\??:/g)].map(([, key]) => key);
    expect(keys).toEqual(FINDING_COLUMNS.map(({ name }) => name));
  });

  test('have structs whose fields are those that findings have', () => {
    for (const { name, type } of FINDING_COLUMNS) {
      const [, inner] = /^array<struct<(.*)>>$/.exec(type) ?? [];
      if (inner === undefined) continue;
      const fields = inner.split(',').map((field) => field.split(':')[0]);
      const entries = FINDINGS.flatMap((finding) => (finding[name] ?? []) as readonly object[]);
      const used = new Set(entries.flatMap((entry) => Object.keys(entry)));
      expect([...used].sort()).toEqual(fields.toSorted());
    }
  });
});
