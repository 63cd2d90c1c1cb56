import { describe, expect, test } from 'vitest';
import { DEFAULT_VPC_FORMAT } from '../../../shared/flow-log/fields.ts';
import { DEFAULT_FORMAT, formatOfHeader, formatOfSetting } from '../../../shared/flow-log/header.ts';

const bracketed = (...names: string[]) => names.map((name) => `\${${name}}`).join(' ');

describe('a setting', () => {
  test.each([
    ['as AWS writes it', bracketed('srcaddr', 'bytes')],
    ['as AWS writes it, without spaces', bracketed('srcaddr', 'bytes').replace(' ', '')],
    ['bare names', 'srcaddr bytes'],
    ['commas', 'srcaddr,bytes'],
    ['underscores', 'srcaddr, bytes '],
  ])('may be %s', (_, setting) => {
    expect(formatOfSetting(setting)).toEqual({
      kind: 'vpc',
      columns: [
        { name: 'srcaddr', key: 'srcaddr', type: 'string' },
        { name: 'bytes', key: 'bytes', type: 'bigint' },
      ],
    });
  });

  test('may be the word default', () => {
    expect(formatOfSetting('default')).toEqual(DEFAULT_FORMAT);
    expect(formatOfSetting(DEFAULT_VPC_FORMAT.join(' '))).toEqual(DEFAULT_FORMAT);
  });

  test.each([
    ['', /it needs field names/],
    ['source target', /at least half of them known/],
    ['srcaddr bytes srcaddr', /"srcaddr" twice/],
    ['srcaddr Bytes', /"Bytes" is not a field name/],
    ['srcaddr; drop table', /"srcaddr;" is not a field name/],
  ])('%j is refused with what is wrong', (setting, message) => {
    expect(() => formatOfSetting(setting)).toThrow(message);
    expect(() => formatOfSetting(setting)).toThrow(/^The flow log format setting is wrong/);
  });
});

test('the kind is that of the fields that only one of them has', () => {
  expect(formatOfHeader(['srcaddr', 'bytes'])?.kind).toBe('vpc');
  expect(formatOfHeader(['srcaddr', 'bytes', 'tgw-id'])?.kind).toBe('transit-gateway');
  expect(formatOfHeader(['srcaddr', 'packets-lost-mtu-exceeded'])?.kind).toBe('transit-gateway');
  expect(formatOfHeader(['srcaddr', 'interface-id', 'action', 'tgw-id'])?.kind).toBe('vpc');
});
