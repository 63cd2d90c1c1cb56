import { describe, expect, test } from 'vitest';
import { parseVpcFormat } from '../../../shared/flow-log/vpc-format.ts';
import { generated, linesOf } from '../../generator/generated-lines.ts';

describe('parseVpcFormat', () => {
  test.each([
    ['default', 14],
    ['standard', 29],
    ['full', 54],
  ])('%s has %d fields', (name, count) => expect(parseVpcFormat(name)).toHaveLength(count));

  test.each([
    ['srcaddr dstaddr bytes'],
    ['srcaddr, dstaddr,bytes'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how AWS writes a format
    ['  ${srcaddr} ${dstaddr}   ${bytes} '],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how AWS writes a format
    ['${srcaddr},dstaddr bytes'],
  ])('reads %j', (text) => expect(parseVpcFormat(text)).toEqual(['srcaddr', 'dstaddr', 'bytes']));

  test.each([
    ['srcaddr dstadr', 'Unknown flow log field "dstadr". Did you mean "dstaddr"?'],
    ['interface_id', 'Did you mean "interface-id"?'],
    ['defualt', 'Did you mean "default"?'],
    ['__proto__', 'Unknown flow log field'],
    ['bytes start bytes', 'names "bytes" twice'],
    [' , ', 'is empty'],
  ])('refuses %j and says what to do', (text, message) => {
    expect(() => parseVpcFormat(text)).toThrow(message);
  });
});

test.each([
  ['default', '2'],
  ['standard', '11'],
  ['version srcaddr tcp-flags', '3'],
  ['flow-direction version', '5'],
])('the version of %s is %s, the highest among its fields', (flowLogFormat, version) => {
  const lines = linesOf(generated({ records: 200, flowLogFormat, scenarios: [] }), 'vpc');
  expect(new Set(lines.map((line) => line.version))).toEqual(new Set([version]));
});

test('a custom format has its fields in its own order', () => {
  const [first] = generated({ records: 200, flowLogFormat: 'end,bytes,srcaddr', scenarios: [] });
  expect(first!.header).toEqual(['end', 'bytes', 'srcaddr']);
});
