import { describe, expect, test } from 'vitest';
import { checkRows, emptyTallies } from './rows.ts';

const check = (table: Parameters<typeof checkRows>[0], text: string) =>
  checkRows(table, text, emptyTallies().get(table)!);

describe('the fuzzer sees a row that', () => {
  test.each([
    ['names a key twice', '{"bytes":1,"bytes":2}\n'],
    ['holds white space', '{"bytes": 1}\n'],
    ['is no JSON', '{"bytes":01}\n'],
    ['is cut off', '{"bytes":1'],
    ['is no object', '[1]\n'],
    ['holds null', '{"bytes":null}\n'],
    ['holds a number as text', '{"bytes":"1"}\n'],
    ['holds text as a number', '{"account_id":123456789010}\n'],
    ['holds a number that its int column cannot', '{"srcport":2147483648}\n'],
    ['holds a number that its bigint column cannot', '{"bytes":9223372036854775808}\n'],
    ['holds a fraction', '{"bytes":1.5}\n'],
    ['has a column that the table does not', '{"nobody":"1"}\n'],
    ['holds half a character', '{"srcaddr":"\\ud800"}\n'],
  ])('%s', (_, text) => {
    expect(() => check('flow_logs', text)).toThrow();
  });

  test.each([
    ['a list of other things', '{"samples":[1]}\n'],
    ['a member that the struct does not have', '{"protocols":[{"protocol":6,"flows":1,"x":1}]}\n'],
    ['a member of another type', '{"protocols":[{"protocol":"6","flows":1}]}\n'],
  ])('holds %s', (_, text) => {
    expect(() => check('findings', text)).toThrow();
  });
});

test('rows that fit are counted, with every digit', () => {
  const tallies = emptyTallies();
  const tally = tallies.get('flow_logs')!;
  checkRows(
    'flow_logs',
    '{"bytes":9223372036854775807,"x_new":"a"}\n{}\n{"srcport":2147483647,"bytes":0}\n',
    tally,
  );
  expect([
    tally.rows,
    tally.values.get('bytes'),
    tally.values.get('srcport'),
    tally.values.has('x_new'),
  ]).toEqual([3, 2, 1, false]);
  const finding = '{"kind":"REJECT","samples":["a"],"protocols":[{"protocol":6,"flows":1}]}\n';
  expect(checkRows('findings', finding, tallies.get('findings')!)).toHaveLength(1);
});
