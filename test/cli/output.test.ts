import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QueryResult, QueryValue } from '../../athena/query-engine.ts';
import { formatCsv, formatJson, formatResult, formatTable, visible } from '../../cli/output.ts';

function result(columns: Record<string, 'number' | 'text'>, ...rows: QueryValue[][]): QueryResult {
  return { columns: Object.entries(columns).map(([name, kind]) => ({ name, kind })), rows };
}

const TALKERS = result(
  { address: 'text', bytes: 'number' },
  ['10.0.0.1', 1200],
  ['2001:db8::1', 9_007_199_254_740_993n],
);
const ESCAPE = 'a\u001b[31mred\u0007\u009b1m\u202etxt\n';

describe('a table', () => {
  test('has numbers to the right and every digit of them', () => {
    expect(formatTable(TALKERS)).toBe(
      'address                 bytes\n' +
        '10.0.0.1                 1200\n' +
        '2001:db8::1  9007199254740993\n',
    );
  });

  test('shows NULL as flow logs do, and nested values as JSON', () => {
    expect(formatTable(result({ a: 'text', b: 'text' }, [null, [{ k: 1n }]]))).toBe('a  b\n-  [{"k":1}]\n');
  });

  test('says so when there are no rows', () => {
    expect(formatTable(result({ a: 'text' }))).toBe('No rows.\n');
  });

  test('breaks long texts where the terminal is narrow', () => {
    const table = formatTable(
      result({ name: 'text', flows: 'number' }, ['abcdefghijklmnopqrstuvwxyz', 12_345]),
      30,
    );
    expect(table).toBe('name                     flows\nabcdefghijklmnopqrstuvw  12345\nxyz\n');
  });

  test('gives each column a line of its own where nothing else fits', () => {
    const wide = result(
      { first: 'text', second: 'text', number: 'number' },
      ['a'.repeat(30), 'b'.repeat(30), 123_456_789],
      [null, 'c', 2],
    );
    expect(formatTable(wide, 30)).toBe(
      `row 1\n  first   ${'a'.repeat(30)}\n  second  ${'b'.repeat(30)}\n  number  123456789\n` +
        'row 2\n  first   -\n  second  c\n  number  2\n',
    );
  });

  test('keeps within the terminal whenever its texts can be broken', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-', '.'), maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, fc.nat(9999)), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 40, max: 150 }),
        (rows, width) => {
          const table = formatTable(result({ one: 'text', two: 'text', n: 'number' }, ...rows), width);
          expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('CSV', () => {
  test('follows RFC 4180 and tells NULL from an empty text', () => {
    const csv = formatCsv(
      result({ a: 'text', 'b,c': 'text', n: 'number' }, ['x,y', 'say "hi"', -5], [null, '', null]),
    );
    expect(csv).toBe('a,"b,c",n\r\n"x,y","say ""hi""",-5\r\n,"",\r\n');
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\uff1d1', '\uff0b1', '\uff0d1', '\uff201'])(
    'a text that starts like the formula %j gets an apostrophe',
    (text) => {
      expect(formatCsv(result({ a: 'text' }, [text]))).toBe(`a\r\n'${visible(text)}\r\n`);
    },
  );

  test('what follows a semicolon gets one, too, because in some countries it is a cell of its own', () => {
    expect(formatCsv(result({ a: 'text' }, ["x;=cmd|'/C calc'!A0;y;-1"]))).toBe(
      "a\r\nx;'=cmd|'/C calc'!A0;y;'-1\r\n",
    );
  });

  test('texts that only contain such characters stay as they are', () => {
    const texts = ['a=b', '10.0.0.0/8 - x', 'eni-0a1b', 'who@example.com', "it's;fine"];
    for (const text of texts) expect(formatCsv(result({ a: 'text' }, [text]))).toBe(`a\r\n${text}\r\n`);
  });

  test('names of columns are guarded, too', () => {
    expect(formatCsv(result({ '=cmd': 'number' }, [1]))).toBe("'=cmd\r\n1\r\n");
  });
});

describe('JSON', () => {
  test('is an array of row objects whose numbers keep every digit', () => {
    expect(formatJson(TALKERS)).toBe(
      '[\n{"address":"10.0.0.1","bytes":1200},\n{"address":"2001:db8::1","bytes":9007199254740993}\n]\n',
    );
    expect(formatJson(result({ a: 'text' }))).toBe('[]\n');
  });

  test('has numbers that JSON does not know as texts', () => {
    expect(formatJson(result({ a: 'number', b: 'number' }, [Infinity, NaN]))).toBe(
      '[\n{"a":"Infinity","b":"NaN"}\n]\n',
    );
  });

  test('any value comes back as it was', () => {
    const value = fc.jsonValue() as fc.Arbitrary<QueryValue>;
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.string({ unit: 'binary' }))), (rows) => {
        const parsed = JSON.parse(formatJson(result({ a: 'text', b: 'text' }, ...rows)));
        // JSON has no negative zero.
        expect(parsed).toEqual(JSON.parse(JSON.stringify(rows.map(([a, b]) => ({ a, b })))));
      }),
    );
  });
});

test.each(['table', 'csv', 'json'] as const)(
  'no control character of a value or a name reaches the terminal in %s',
  (format) => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(ESCAPE)), (text) => {
        const printed = formatResult(
          result({ a: 'text', [`n${text}`]: 'text' }, [text, [text, { [text]: text }]]),
          format,
          40,
        );
        expect(printed.replaceAll(/\r?\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  },
);

test('control characters are shown, not dropped', () => {
  expect(visible(ESCAPE)).toBe('a\\u001b[31mred\\u0007\\u009b1m\\u202etxt\\u000a');
  expect(visible('two\nlines\u001b', { keepLineFeeds: true })).toBe('two\nlines\\u001b');
});
