/** Names that objects of JavaScript have already, where names come from outside. */

import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseQuery, renderQuery } from '../../athena/query-file.ts';
import { isParameterType } from '../../athena/query-parameters.ts';
import { rowObjects } from '../../athena/row-objects.ts';
import { savedQuery } from '../../athena/saved-queries.ts';
import { formatResult } from '../../cli/output.ts';
import { parsePolicy } from '../../shared/alerts/policy-config.ts';
import { parseNotification } from '../../shared/aws/object-created.ts';
import { PermanentError } from '../../shared/errors.ts';
import { parseFindings } from '../../shared/findings/parse-findings.ts';
import { finding } from '../shared/findings/finding-parts.ts';
import { contentOf, receiptOf, sourceOf } from '../shared/lake/ingest-text.ts';
import { memoryStore } from '../shared/lake/memory-store.ts';

const NAMES = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', '__defineGetter__'];

afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

/** JSON text with a `__proto__` of its own, which an object literal can't have. */
const polluting = (value: object) =>
  JSON.stringify(value).replace(
    /^\{/,
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},',
  );

describe('in a header', () => {
  test('names of field shape are unknown fields', async () => {
    const lake = memoryStore();
    const header = 'srcaddr dstaddr bytes constructor prototype tostring';
    await receiptOf(sourceOf(`${header}\n10.0.0.1 10.0.0.2 7 a b c\n`), lake);
    const [records] = Object.entries(contentOf(lake.objects)).filter(([key]) => key.startsWith('flow_logs/'));
    expect(JSON.parse(records![1])).toEqual({
      ...{ srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 7 },
      ...{ x_constructor: 'a', x_prototype: 'b', x_tostring: 'c' },
    });
  });

  test.each(['__proto__', 'hasOwnProperty'])('with %s it is none', async (name) => {
    const source = sourceOf(`srcaddr dstaddr bytes ${name}\n10.0.0.1 10.0.0.2 7 x\n`);
    await expect(receiptOf(source)).rejects.toMatchObject({ reason: 'no-header' });
  });

  test('as values they are values', async () => {
    const lake = memoryStore();
    const receipt = await receiptOf(
      sourceOf(
        `account-id interface-id vpc-id srcaddr action flow-direction reject-reason start\n${NAMES.map(
          (name) => `${name} ${name} ${name} ${name} REJECT ${name} ${name} 1795150800\n`,
        ).join('')}`,
      ),
      lake,
    );
    expect(receipt).toMatchObject({ records: NAMES.length, quarantined: 0, rejected: NAMES.length });
    const findings = Object.entries(contentOf(lake.objects)).find(([key]) => key.startsWith('findings/'))![1];
    const rows = findings
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row));
    expect(rows.map(({ resource_id }) => resource_id).toSorted()).toEqual(NAMES.toSorted());
  });
});

describe('in JSON', () => {
  test('a notification with them is the notification without', () => {
    const object = { bucket: { name: 'raw' }, object: { key: 'k', size: 1, eTag: 'e' } };
    const record = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: object };
    const plain = parseNotification(JSON.stringify({ Records: [record] }));
    expect(plain.objects).toHaveLength(1);
    const nested = `{"Records":[${polluting(record)}]}`;
    for (const body of [polluting({ Records: [record] }), nested]) {
      expect(parseNotification(body)).toEqual(plain);
    }
  });

  test.each(NAMES)('a message that is only %s is refused', (name) => {
    expect(() => parseNotification(`{"${name}":{"Records":[]}}`)).toThrow(PermanentError);
  });

  test('a finding with them is read, and they go nowhere', async () => {
    const content = Readable.from([Buffer.from(`${polluting(finding())}\n`)]);
    const [read] = await Array.fromAsync(parseFindings(content));
    expect(read).toMatchObject(finding());
    expect(Object.getPrototypeOf({ ...read })).toBe(Object.prototype);
  });
});

test.each(NAMES)('a policy with %s is refused or as usual, never another one', (name) => {
  for (const text of [
    `${name}: {polluted: true}`,
    `severities: {${name}: never}`,
    `minimums: {${name}: {flows: 1}}`,
  ]) {
    let policy: unknown;
    try {
      policy = parsePolicy(parse(text));
    } catch (error) {
      expect((error as Error).message).toContain(name);
      continue;
    }
    expect(policy).toEqual(parsePolicy({}));
  }
});

describe('in queries', () => {
  test.each(NAMES)('no saved query, parameter or type is called %s', async (name) => {
    await expect(savedQuery(name)).rejects.toThrow(name);
    const query = parseQuery('test', 'SELECT 1');
    expect(() => renderQuery(query, new Map([[name, '1']]), {})).toThrow(name);
    expect(isParameterType(name)).toBe(false);
  });

  test('a column may be called so, in every output', () => {
    const result = {
      columns: NAMES.map((name) => ({ name, kind: 'text' as const })),
      rows: [NAMES.map((name) => `value of ${name}`)],
    };
    expect(Object.entries(rowObjects(result)[0]!)).toEqual(NAMES.map((name) => [name, `value of ${name}`]));
    expect(Object.entries(JSON.parse(formatResult(result, 'json'))[0])).toEqual(
      NAMES.map((name) => [name, `value of ${name}`]),
    );
    for (const format of ['table', 'csv'] as const) {
      for (const name of NAMES) expect(formatResult(result, format)).toContain(`value of ${name}`);
    }
  });
});
