import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Field, fieldsOf, TRANSIT_GATEWAY_FIELDS, VPC_FIELDS } from '../../../shared/flow-log/fields.ts';
import { formatOfSetting } from '../../../shared/flow-log/header.ts';
import { MAX_LINE_BYTES } from '../../../shared/line-loop/layout.ts';
import { recordsOf, transformChunks, transformText } from './transform-text.ts';

const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const LINE =
  '2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK';
const RECORD =
  '{"version":2,"account_id":"123456789010","interface_id":"eni-1235b8ca123456789","srcaddr":"172.31.16.139",' +
  '"dstaddr":"172.31.16.21","srcport":20641,"dstport":22,"protocol":6,"packets":20,"bytes":4249,' +
  '"start":1418530010,"end":1418530070,"action":"ACCEPT","log_status":"OK"}';

/** The default line with one value replaced. */
function lineWith(field: string, value: string): string {
  const tokens = LINE.split(' ');
  tokens[HEADER.split(' ').indexOf(field)] = value;
  return tokens.join(' ');
}

describe('records', () => {
  test('a default line becomes one JSON object whose keys stand in the order of the header', () => {
    expect(transformText(`${HEADER}\n${LINE}\n`).text).toBe(`${RECORD}\n`);
  });

  test('a missing value is left out, first, in the middle and last, in strings and in numbers', () => {
    const header = 'srcaddr srcport dstaddr bytes log-status';
    expect(transformText(`${header}\n- 1 - 2 -\n10.0.0.1 - 10.0.0.2 - OK\n- - - - -\n`).text).toBe(
      '{"srcport":1,"bytes":2}\n' +
        '{"srcaddr":"10.0.0.1","dstaddr":"10.0.0.2","log_status":"OK"}\n' +
        '{}\n',
    );
  });

  test.each([
    ['runs of spaces', LINE.replaceAll(' ', '   ')],
    ['outer spaces', `  ${LINE} `],
    ['a carriage return at the end', `${LINE}\r`],
    ['spaces before the carriage return', `${LINE}  \r`],
    ['two carriage returns', `${LINE}\r\r`],
  ])('%s make no difference', (_, line) => {
    expect(transformText(`${HEADER}\n${line}\n`).text).toBe(`${RECORD}\n`);
  });

  test('the last line needs no line end, and blank lines do not count', () => {
    const { text, counts } = transformText(`\n${HEADER}\n\n  \r\n${LINE}\n\n${LINE}`);
    expect(text).toBe(`${RECORD}\n${RECORD}\n`);
    expect(counts).toMatchObject({ lines: 2, records: 2, quarantined: 0, headers: 1 });
  });

  test('a byte order mark before the header is passed over', () => {
    expect(transformText(`\ufeff${HEADER}\n${LINE}\n`).text).toBe(`${RECORD}\n`);
  });

  test('an unknown field is kept as a string under a name of its own', () => {
    expect(recordsOf('srcaddr bytes brand-new-field constructor\n10.0.0.1 7 007 x\n')).toEqual([
      { srcaddr: '10.0.0.1', bytes: 7, x_brand_new_field: '007', x_constructor: 'x' },
    ]);
  });

  test('quotes, backslashes and control characters in a value are escaped, other text is kept', () => {
    const value = 'a"b\\c\u0001d\te\u007fü€😀';
    const input = `srcaddr bytes instance-tag\n10.0.0.1 1 ${value}\n`;
    expect(recordsOf(input)).toEqual([{ srcaddr: '10.0.0.1', bytes: 1, instance_tag: value }]);
  });

  test.each([['0'], ['2147483647'], ['1999999999'], ['999999999']])('the int %s is copied', (value) => {
    expect(transformText(`${HEADER}\n${lineWith('srcport', value)}\n`).text).toContain(`"srcport":${value},`);
  });

  test.each([
    ['9007199254740993'],
    ['999999999999999999'],
    ['9223372036854775807'],
    ['1000000000000000000'],
    ['4294967296'],
  ])('the bigint %s is copied to the digit', (value) => {
    expect(transformText(`${HEADER}\n${lineWith('bytes', value)}\n`).text).toContain(`"bytes":${value},`);
  });
});

describe('quarantine', () => {
  test.each([
    ['a leading zero', lineWith('srcport', '022'), 'not-a-number'],
    ['two zeros', lineWith('srcport', '00'), 'not-a-number'],
    ['a sign', lineWith('packets', '+5'), 'not-a-number'],
    ['a negative number', lineWith('packets', '-5'), 'not-a-number'],
    ['a fraction', lineWith('bytes', '1.5'), 'not-a-number'],
    ['a word in a numeric column', lineWith('bytes', 'many'), 'not-a-number'],
    ['two dashes', lineWith('bytes', '--'), 'not-a-number'],
    ['an int above 2147483647', lineWith('dstport', '2147483648'), 'number-too-large'],
    ['an int of many digits', lineWith('dstport', '99999999999999999999'), 'number-too-large'],
    ['a bigint above 9223372036854775807', lineWith('bytes', '9223372036854775808'), 'number-too-large'],
    ['a bigint of many digits', lineWith('bytes', '1'.repeat(30)), 'number-too-large'],
    ['a token too few', LINE.replace(' OK', ''), 'column-count'],
    ['a token too many', `${LINE} OK`, 'column-count'],
    ['a line longer than 64 KiB', lineWith('action', 'x'.repeat(MAX_LINE_BYTES)), 'line-too-long'],
    ['a long line of spaces', ' '.repeat(MAX_LINE_BYTES + 1), 'line-too-long'],
  ])('%s quarantines its line and no other', (_, bad, reason) => {
    const { text, quarantined, counts } = transformText(`${HEADER}\n${LINE}\n${bad}\n${LINE}\n`);
    expect(text).toBe(`${RECORD}\n${RECORD}\n`);
    expect(quarantined).toEqual([
      {
        reason,
        lineNumber: 3,
        offset: HEADER.length + LINE.length + 2,
        lineBytes: bad.length,
        line: bad.slice(0, 4096),
      },
    ]);
    expect(counts).toMatchObject({ lines: 3, records: 2, quarantined: 1 });
  });

  test('invalid UTF-8 quarantines its line, whose bad bytes are shown as replacement characters', () => {
    const bad = Buffer.from(lineWith('action', 'A\u00ffZ'), 'latin1');
    const input = Buffer.concat([Buffer.from(`${HEADER}\n`), bad, Buffer.from(`\n${LINE}\n`)]);
    const { text, quarantined } = transformText(input);
    expect(text).toBe(`${RECORD}\n`);
    expect(quarantined).toMatchObject([{ reason: 'invalid-utf8', line: lineWith('action', 'A\ufffdZ') }]);
  });

  test('a time that no query engine takes quarantines its line, although it decides nothing', () => {
    const { quarantined, text } = transformText(
      `${HEADER}\n${lineWith('end', '253402300800')}\n${lineWith('end', '253402300799')}\n` +
        `${lineWith('end', '9223372036854775807')}\n`,
    );
    expect(text).toContain('"end":253402300799,');
    expect(quarantined.map(({ reason, lineNumber }) => [reason, lineNumber])).toEqual([
      ['implausible-time', 2],
      ['implausible-time', 4],
    ]);
  });

  test('a time outside of what is plausible quarantines its line', () => {
    const options = { earliest: 1418530000, latest: 1418530020 };
    const { text, quarantined } = transformText(
      `${HEADER}\n${lineWith('start', '1418529999')}\n${LINE}\n${lineWith('start', '1418530021')}\n` +
        `${lineWith('start', '9223372036854775807')}\n`,
      options,
    );
    expect(text).toBe(`${RECORD}\n`);
    expect(quarantined.map(({ reason, lineNumber }) => [reason, lineNumber])).toEqual([
      ['implausible-time', 2],
      ['implausible-time', 4],
      ['implausible-time', 5],
    ]);
  });

  test('a line of exactly 64 KiB is a record, whatever its line end', () => {
    const long = lineWith('action', 'x'.repeat(MAX_LINE_BYTES - lineWith('action', '').length));
    expect(long.length).toBe(MAX_LINE_BYTES);
    expect(transformText(`${HEADER}\n${long}\n${long}\r\n`).counts).toMatchObject({
      records: 2,
      quarantined: 0,
    });
  });

  test('a line of 64 MB costs no more memory than its first bytes', () => {
    const chunk = Buffer.alloc(1024 * 1024, 'y');
    function* input() {
      yield Buffer.from(`${HEADER}\n`);
      for (let count = 0; count < 64; count++) yield chunk;
      yield Buffer.from(`\r\n${LINE}\n`);
    }
    const { text, quarantined } = transformChunks(input());
    expect(text).toBe(`${RECORD}\n`);
    expect(quarantined).toEqual([
      {
        reason: 'line-too-long',
        lineNumber: 2,
        offset: HEADER.length + 1,
        lineBytes: 64 * 1024 * 1024,
        line: 'y'.repeat(4096),
      },
    ]);
  });
});

describe('headers', () => {
  test('columns may stand in any order', () => {
    expect(recordsOf('end dstaddr version\n5 10.0.0.1 3\n')).toEqual([
      { end: 5, dstaddr: '10.0.0.1', version: 3 },
    ]);
  });

  test('a repeated header is no record, also where all columns are strings', () => {
    expect(transformText(`${HEADER}\n${LINE}\n${HEADER}\n${LINE}\n`).counts).toMatchObject({
      records: 2,
      headers: 2,
    });
    expect(recordsOf('instance-id srcaddr\n- 10.0.0.1\ninstance-id srcaddr\n- 10.0.0.2\n')).toEqual([
      { srcaddr: '10.0.0.1' },
      { srcaddr: '10.0.0.2' },
    ]);
  });

  test('a later header changes the format, also to that of a transit gateway', () => {
    const { text, kinds } = transformText(
      `${HEADER}\n${LINE}\nbytes srcaddr\n5 10.0.0.1\ntgw-id bytes packets-lost-no-route\ntgw-1 6 7\n`,
    );
    expect(text).toBe(
      `${RECORD}\n{"bytes":5,"srcaddr":"10.0.0.1"}\n{"tgw_id":"tgw-1","bytes":6,"packets_lost_no_route":7}\n`,
    );
    expect(kinds).toEqual(['vpc', 'vpc', 'transit-gateway']);
  });

  test('values that happen to be field names do not switch a format of strings', () => {
    expect(recordsOf('instance-tag interface-tag\nversion bytes\n')).toEqual([
      { instance_tag: 'version', interface_tag: 'bytes' },
    ]);
  });

  test('a stray word that is a field name spoils its line and no other', () => {
    const { text, quarantined } = transformText(`${HEADER}\n${LINE}\nend\n${LINE}\n`);
    expect(text).toBe(`${RECORD}\n${RECORD}\n`);
    expect(quarantined).toMatchObject([{ reason: 'column-count', line: 'end' }]);
  });

  test('a column named twice fails the object, with hyphens or underscores', () => {
    expect(() => transformText('srcaddr bytes srcaddr\n')).toThrow(/column "srcaddr" twice/);
    expect(() => transformText('log-status bytes log_status\n')).toThrow(/column "log_status" twice/);
  });

  test.each([
    ['a header with no known field', 'time host message\n1 a b\n'],
    ['a header with too few known fields', 'srcaddr a b c\n1 a b c\n'],
    ['field names that only look alike', 'ѕrcaddr dѕtaddr\n'],
    ['100,000 columns', `${Array.from({ length: 100_000 }, (_, index) => `c${index}`).join(' ')}\n`],
    ['names of prototypes', '__proto__ toString\n'],
    ['JSON', '{"message":"2 123456789010"}\n'],
    ['a first line longer than 64 KiB', 'z'.repeat(MAX_LINE_BYTES * 8)],
  ])('%s fails the object with what to do', (_, input) => {
    expect(() => transformText(input)).toThrow(/no header.*FLOW_LOG_FORMAT/);
  });

  test('a header only, and nothing at all, are objects without lines', () => {
    expect(transformText(`${HEADER}\n`).counts).toMatchObject({ lines: 0, headers: 1 });
    expect(transformText('').counts).toMatchObject({ lines: 0, headers: 0 });
  });
});

describe('objects without a header', () => {
  test('are read in the default format if the first line fits it', () => {
    expect(transformText(`${LINE}\n`).text).toBe(`${RECORD}\n`);
  });

  test.each([
    ['another version', lineWith('version', '3')],
    ['another status', lineWith('log-status', 'FINE')],
    ['another action', lineWith('action', 'DROP')],
    ['no account', lineWith('account-id', '10.0.0.1')],
    ['a word for a number', lineWith('bytes', 'many')],
    ['another number of columns', `${LINE} 1`],
  ])('fail if the first line has %s', (_, line) => {
    expect(() => transformText(`${line}\n`)).toThrow(/no header/);
  });

  test('are read in the configured format', () => {
    const headerlessFormat = formatOfSetting('$' + '{srcaddr} $' + '{bytes}');
    const { text, quarantined } = transformText('10.0.0.1 5\n10.0.0.2 x\n', { headerlessFormat });
    expect(text).toBe('{"srcaddr":"10.0.0.1","bytes":5}\n');
    expect(quarantined).toHaveLength(1);
  });

  test('a header wins over the configured format', () => {
    const headerlessFormat = formatOfSetting('srcaddr, bytes');
    expect(recordsOf('bytes srcaddr\n5 10.0.0.1\n', { headerlessFormat })).toEqual([
      { bytes: 5, srcaddr: '10.0.0.1' },
    ]);
  });
});

describe('partitions', () => {
  test("a record belongs to the hour of its start, else of its end, else of the object's time", () => {
    const { byHour } = transformText(`start end srcaddr\n7200 99999 a\n- 3600 b\n- - c\n10799 0 d\n`, {
      objectTime: 36_000,
    });
    expect([...byHour]).toEqual([
      [2, '{"start":7200,"end":99999,"srcaddr":"a"}\n{"start":10799,"end":0,"srcaddr":"d"}\n'],
      [1, '{"end":3600,"srcaddr":"b"}\n'],
      [10, '{"srcaddr":"c"}\n'],
    ]);
  });

  test('lines of more hours than the object may open are quarantined, those of open hours still go through', () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `${(index % 5000) * 3600} a`);
    const { counts, quarantined } = transformText(`start srcaddr\n${lines.join('\n')}\n`, {
      maxPartitions: 256,
    });
    expect(counts).toMatchObject({ lines: 10_000, records: 512, quarantined: 9488 });
    expect(new Set(quarantined.map(({ reason }) => reason))).toEqual(new Set(['too-many-partitions']));
  });
});

describe('properties', () => {
  const token = fc.oneof(
    fc.constantFrom(
      '-',
      '0',
      '1',
      'ACCEPT',
      'REJECT',
      '10.0.0.1',
      '1418530010',
      '"',
      '\\',
      'ü',
      '2147483648',
      '007',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.nat().map(String),
  );
  const line = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.array(token, { minLength: 3, maxLength: 3 }).map((tokens) => tokens.join(' ')),
    },
    { weight: 1, arbitrary: fc.array(token, { maxLength: 6 }).map((tokens) => tokens.join('  ')) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '\r', 'bytes srcaddr start', 'tgw-id bytes srcaddr', 'srcaddr bytes'),
    },
  );
  const object = fc
    .tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom('\n', '\r\n'))
    .map(([lines, lineEnd]) => Buffer.from(['srcaddr bytes start', ...lines].join(lineEnd)));

  test('chunks may be cut anywhere: the same records, quarantine and counts', () => {
    fc.assert(
      fc.property(object, fc.array(fc.nat(400), { maxLength: 12 }), (input, cuts) => {
        const edges = [0, ...cuts.map((cut) => cut % (input.length + 1)), input.length].sort((a, b) => a - b);
        const chunks = edges.slice(1).map((edge, index) => input.subarray(edges[index], edge));
        expect(transformChunks(chunks)).toEqual(transformText(input));
        const bytes = Array.from(input, (_, index) => input.subarray(index, index + 1));
        expect(transformChunks(bytes)).toEqual(transformText(input));
      }),
    );
  });

  test('long lines may be cut anywhere too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: MAX_LINE_BYTES - 40, max: MAX_LINE_BYTES + 3 }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.constantFrom('\n', '\r\n', ''),
        fc.integer({ min: 1, max: 90_000 }),
        (lengths, lineEnd, chunkSize) => {
          const lines = lengths.map((length) => `${'a'.repeat(length - 2)} 1`);
          const input = Buffer.from(`srcaddr bytes\n${lines.join('\n')}${lineEnd}`);
          const chunks: Buffer[] = [];
          for (let at = 0; at < input.length; at += chunkSize)
            chunks.push(input.subarray(at, at + chunkSize));
          const whole = transformText(input);
          expect(transformChunks(chunks)).toEqual(whole);
          expect(whole.counts.quarantined).toBe(lengths.filter((length) => length > MAX_LINE_BYTES).length);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('garbage is conserved: every line is a record or quarantined, and every record is valid JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (parts) => {
        const garbage = Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]));
        const input = Buffer.concat([Buffer.from('srcaddr bytes start\n'), garbage]);
        const { text, counts, quarantined } = transformText(input);
        const lines = garbage.toString('latin1').split('\n');
        const notBlank = lines.filter((candidate) => !/^[ \r]*$/.test(candidate));
        expect(counts.lines).toBe(notBlank.length);
        expect(counts.records + counts.quarantined).toBe(counts.lines);
        expect(quarantined).toHaveLength(counts.quarantined);
        const records = text.split('\n').slice(0, -1);
        expect(records).toHaveLength(counts.records);
        for (const record of records) expect(() => JSON.parse(record)).not.toThrow();
      }),
    );
  });

  const value = ({ name, type }: Field): fc.Arbitrary<string> => {
    if (type === 'int')
      return fc.oneof(fc.constant('-'), fc.integer({ min: 0, max: 2147483647 }).map(String));
    if (type === 'bigint') {
      const max = name === 'start' || name === 'end' ? 253402300799n : 9223372036854775807n;
      return fc.oneof(fc.constant('-'), fc.bigInt({ min: 0n, max }).map(String));
    }
    return fc.oneof(
      fc.constant('-'),
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
        .map((text) => text.replaceAll(/[ \r\n]/g, '_')),
    );
  };
  const record = fc
    .constantFrom(VPC_FIELDS, TRANSIT_GATEWAY_FIELDS)
    .chain((fields) => fc.shuffledSubarray([...fields], { minLength: 2 }))
    .filter((fields) => fields.some(({ type }) => type !== 'string'))
    .chain((fields) => fc.tuple(fc.constant(fields), fc.tuple(...fields.map(value))));

  test('any record survives the way into JSON, however much white space its line has', () => {
    fc.assert(
      fc.property(record, fc.boolean(), ([fields, values], roomy) => {
        const header = fields.map(({ name }) => name).join(' ');
        const line = roomy ? ` ${values.join('   ')} \r` : values.join(' ');
        const { text, quarantined } = transformText(`${header}\n${line}\n`);
        expect(quarantined).toEqual([]);
        const expected = fields.flatMap((field, index) => {
          const text = values[index]!;
          if (text === '-') return [];
          return [`"${field.column}":${field.type === 'string' ? JSON.stringify(text) : text}`];
        });
        expect(text).toBe(`{${expected.join(',')}}\n`);
      }),
      { numRuns: 300 },
    );
  });
});

test('every field of the catalogue is read by its own header', () => {
  for (const kind of ['vpc', 'transit-gateway'] as const) {
    const fields = fieldsOf(kind);
    const { formats, kinds } = transformText(`${fields.map(({ name }) => name).join(' ')}\n`);
    expect(kinds).toEqual([kind]);
    expect(formats).toEqual([fields.map(({ column }) => column)]);
  }
});
