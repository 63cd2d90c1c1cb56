import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOfSetting } from '../../../shared/flow-log/header.ts';
import { ingestObject } from '../../../shared/lake/ingest.ts';
import type { ObjectStore } from '../../../shared/lake/object-store.ts';
import { contentOf, KEY, receiptOf, SETTINGS, STAMP, sourceOf, TEMP_FOLDER } from './ingest-text.ts';
import { memoryStore } from './memory-store.ts';

const HEADER = 'srcaddr dstaddr bytes start end action interface-id log-status';

/** Lines whose records lie in the hour of the stamp and in the one before. */
function lines(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const start = STAMP - 30 + (index % 60);
    const action = index % 10 === 0 ? 'REJECT' : 'ACCEPT';
    return `10.0.${index % 7}.${index % 251} 10.0.0.9 ${index * 977} ${start} ${start + 59} ${action} eni-1 OK`;
  });
  return `${HEADER}\n${rows.join('\n')}\n`;
}

const SMALL = lines(100);
const FOLDER = 'flow_logs/aws_account_id=123456789010/aws_region=eu-west-1';

describe('what an object becomes', () => {
  test('records by hour, findings, quarantine and a receipt that counts them', async () => {
    const lake = memoryStore();
    const receipt = await receiptOf(sourceOf(gzipSync(`${SMALL}too short\n`)), lake);
    const id = '123456789010-vpcflowlogs-eu-west-1-fl-1234abcd-20261120T0500Z-fe123456-';
    const folders = [...lake.objects.keys()].map((key) => key.replace(/[0-9a-f]{32}\./, '….')).sort();
    expect(folders).toEqual([
      `findings/day=2026-11-20/${id}….json`,
      `${FOLDER}/day=2026-11-20/hour=04/${id}….json.zst`,
      `${FOLDER}/day=2026-11-20/hour=05/${id}….json.zst`,
      `quarantine/day=2026-11-20/${id}….json`,
      `receipts/day=2026-11-20/${id}….json`,
    ]);
    expect(receipt).toMatchObject({
      source: `s3://raw/${KEY}`,
      bucket: 'raw',
      flow_log_id: 'fl-1234abcd',
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      object_time: STAMP,
      first_time: STAMP - 30,
      last_time: STAMP + 88,
      formats: [HEADER],
      lines: 101,
      records: 100,
      quarantined: 1,
      quarantine_listed: 1,
      quarantine_reasons: [{ reason: 'column-count', lines: 1 }],
      rejected: 10,
      nodata: 0,
      skipdata: 0,
      mixed_builds: 0,
    });
    const rows = receipt.outputs
      .filter(({ key }) => key.startsWith('flow_logs/'))
      .map(({ records }) => records);
    expect(rows.reduce((a, b) => a + b)).toBe(100);
    for (const { key, bytes } of receipt.outputs) expect(lake.objects.get(key)).toHaveLength(bytes);
    const stored = [...lake.objects].find(([key]) => key.startsWith('receipts/'))?.[1].toString();
    expect(stored).toBe(`${JSON.stringify(receipt)}\n`);
    const quarantine = [...lake.objects].find(([key]) => key.startsWith('quarantine/'))?.[1].toString() ?? '';
    expect(JSON.parse(quarantine)).toEqual({
      source: `s3://raw/${KEY}`,
      line_number: 102,
      offset: SMALL.length,
      reason: 'column-count',
      line_bytes: 9,
      line: 'too short',
    });
  });

  test('transit gateway records go to a table of their own', async () => {
    const lake = memoryStore();
    await receiptOf(sourceOf(`tgw-id srcaddr start bytes\ntgw-1 10.0.0.1 ${STAMP} 5\n`), lake);
    expect(Object.values(contentOf(lake.objects))).toContain(
      `{"tgw_id":"tgw-1","srcaddr":"10.0.0.1","start":${STAMP},"bytes":5}\n`,
    );
    expect(
      [...lake.objects.keys()].some((key) => key.startsWith('transit_gateway_flow_logs/aws_account_id=')),
    ).toBe(true);
  });

  test('a header only becomes a receipt, and so does nothing but blank lines', async () => {
    for (const content of [`${HEADER}\n`, gzipSync(''), '\n \n']) {
      const lake = memoryStore();
      expect(await receiptOf(sourceOf(content), lake)).toMatchObject({ lines: 0, records: 0, outputs: [] });
      expect(lake.objects.size).toBe(1);
    }
  });

  test.each([
    [
      'account and Region of the record',
      'account-id region srcaddr bytes',
      '210987654321 us-gov-west-1 10.0.0.1 5',
      'aws_account_id=210987654321/aws_region=us-gov-west-1',
    ],
    [
      'unknown where there is nothing',
      'srcaddr bytes',
      '10.0.0.1 5',
      'aws_account_id=unknown/aws_region=unknown',
    ],
    [
      'unknown where it is no account',
      'account-id region srcaddr bytes',
      "1'/../x us/../.. 10.0.0.1 5",
      'aws_account_id=unknown/aws_region=unknown',
    ],
  ])('a key of another shape: %s', async (_, header, line, folder) => {
    const lake = memoryStore();
    await receiptOf(sourceOf(`${header}\n${line}\n`, { key: 'exports/today.log' }), lake);
    expect(Object.keys(contentOf(lake.objects)).find((name) => name.startsWith('flow_logs/'))).toContain(
      `flow_logs/${folder}/day=2026-11-20/hour=05/today-`,
    );
  });

  test('10,000 hours in one object: 256 partitions, the rest quarantined, all of it conserved', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => `10.0.0.1 ${index} ${1.5e9 + index * 3600}`);
    const source = sourceOf(`srcaddr bytes start\n${rows.join('\n')}\n`, { key: 'no-stamp.log' });
    const receipt = await receiptOf(source);
    expect(receipt).toMatchObject({ lines: 10_000, records: 256, quarantined: 9744 });
    expect(receipt.outputs).toHaveLength(257);
  });
});

describe('detection of the input', () => {
  const gzip = gzipSync(SMALL);
  const half = SMALL.indexOf('\n', 2000) + 1;
  test.each([
    ['plain text', Buffer.from(SMALL)],
    ['several gzip members', Buffer.concat([gzipSync(SMALL.slice(0, half)), gzipSync(SMALL.slice(half))])],
    ['members that each repeat the header', Buffer.concat([gzip.subarray(), gzipSync(`${HEADER}\n`)])],
    ['gzip within gzip', gzipSync(gzip)],
    ['a byte order mark', gzipSync(`\ufeff${SMALL}`)],
    ['CRLF', gzipSync(SMALL.replaceAll('\n', '\r\n'))],
  ])('%s gives the same records as gzip', async (_, content) => {
    const expected = memoryStore();
    await receiptOf(sourceOf(gzip), expected);
    const lake = memoryStore();
    await receiptOf(sourceOf(content), lake);
    const records = (store: typeof lake) =>
      Object.entries(contentOf(store.objects)).filter(([key]) => key.startsWith('flow_logs/'));
    expect(records(lake)).toEqual(records(expected));
  });
});

describe('objects that cannot be read leave nothing behind', () => {
  const large = gzipSync(lines(30_000));
  test.each([
    ['cut off in the middle', large.subarray(0, large.length / 2), 'corrupt-gzip', /cut off/],
    ['cut off in the trailer', large.subarray(0, large.length - 3), 'corrupt-gzip', /cut off/],
    [
      'of a wrong checksum',
      Buffer.concat([large.subarray(0, -8), Buffer.alloc(8)]),
      'corrupt-gzip',
      /damaged/,
    ],
    ['followed by garbage', Buffer.concat([large, Buffer.from('garbage')]), 'corrupt-gzip', /damaged/],
    [
      'followed by zeros and more',
      Buffer.concat([large, Buffer.alloc(9), large]),
      'corrupt-gzip',
      /follow the end/,
    ],
    ['gzip in gzip in gzip', gzipSync(gzipSync(gzipSync(SMALL))), 'corrupt-gzip', /layers/],
    [
      'random bytes',
      Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251)),
      'no-header',
      /FLOW_LOG_FORMAT/,
    ],
    ['a column named twice', 'srcaddr srcaddr bytes\n', 'duplicate-column', /twice/],
    ['a gzip bomb', gzipSync(`${HEADER}\n${'\n'.repeat(5_000_000)}`), 'too-large', /more than 2000000 bytes/],
  ])('%s', async (_, content, reason, message) => {
    const lake = memoryStore();
    const attempt = receiptOf(sourceOf(content), lake, {
      memoryBytes: 1000,
      maxInflatedBytes: reason === 'too-large' ? 2_000_000 : SETTINGS.maxInflatedBytes,
    });
    await expect(attempt).rejects.toMatchObject({
      name: 'PermanentError',
      reason,
      message: expect.stringMatching(message),
    });
    expect(lake.objects.size).toBe(0);
    expect(readdirSync(TEMP_FOLDER)).toEqual([]);
  });

  test('a connection that breaks is no permanent error, wherever it breaks', async () => {
    for (const at of [0, 1, 2, 100, large.length >> 1, large.length]) {
      const lake = memoryStore();
      const source = sourceOf(large, {
        *chunks() {
          yield large.subarray(0, at);
          throw new Error('ECONNRESET');
        },
      });
      await expect(receiptOf(source, lake)).rejects.toThrow(/^ECONNRESET$/);
      expect(lake.objects.size).toBe(0);
    }
  });

  test('a line of 1 GB behind a header is one quarantined line', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    const source = sourceOf('', {
      *chunks() {
        yield Buffer.from(`${HEADER}\n`);
        for (let count = 0; count < 1024; count++) yield megabyte;
      },
    });
    const receipt = await receiptOf(source, memoryStore(), { maxInflatedBytes: 2 * 1024 ** 3 });
    expect(receipt).toMatchObject({
      lines: 1,
      quarantined: 1,
      inflated_bytes: 1024 ** 3 + HEADER.length + 1,
    });
  });
});

describe('exactly once', () => {
  test('an object that is done is skipped, also under other settings', async () => {
    const lake = memoryStore();
    const source = sourceOf(gzipSync(SMALL));
    await receiptOf(source, lake);
    const before = new Map(lake.objects);
    for (const compression of ['zstd', 'gzip'] as const) {
      expect(await ingestObject(source, lake, { ...SETTINGS, compression })).toEqual({
        outcome: 'done-before',
      });
    }
    expect(lake.objects).toEqual(before);
  });

  test('a crash before or after any write is repaired by the next delivery', async () => {
    const calm = memoryStore();
    const source = sourceOf(gzipSync(`${SMALL}bad\n`));
    await receiptOf(source, calm);
    for (let crashAt = 0; crashAt < calm.objects.size; crashAt++) {
      const lake = memoryStore();
      let writes = 0;
      lake.beforeCreate = () => {
        if (writes++ === crashAt) throw new Error('crash');
      };
      await expect(receiptOf(source, lake)).rejects.toThrow('crash');
      expect([...lake.objects.keys()].some((key) => key.startsWith('receipts/'))).toBe(false);
      expect(await receiptOf(source, lake)).toMatchObject({ mixed_builds: 0 });
      expect(contentOf(lake.objects)).toEqual(contentOf(calm.objects));
      expect(lake.objects.size).toBe(calm.objects.size);
    }
  });

  test('two deliveries at the same time leave what one would', async () => {
    const calm = memoryStore();
    const source = sourceOf(gzipSync(SMALL));
    await receiptOf(source, calm);
    const lake = memoryStore();
    const results = await Promise.all([1, 2].map(() => ingestObject(source, lake, SETTINGS)));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['done-before', 'ingested']);
    expect(contentOf(lake.objects)).toEqual(contentOf(calm.objects));
  });

  test('an output of other content is another build: counted, never replaced', async () => {
    const calm = memoryStore();
    const source = sourceOf(SMALL);
    const { outputs } = await receiptOf(source, calm);
    const lake = memoryStore();
    lake.objects.set(outputs[0]!.key, Buffer.from('of another build'));
    expect(await receiptOf(source, lake)).toMatchObject({ mixed_builds: 1 });
    expect(lake.objects.get(outputs[0]!.key)?.toString()).toBe('of another build');
  });
});

test('an object without a header keeps its format, although the setting changes before it is done', async () => {
  const first = formatOfSetting('srcaddr bytes start end');
  const second = formatOfSetting('srcaddr bytes end start');
  const text = `10.0.0.1 5 ${STAMP} ${STAMP + 3600}\n`;
  const calm = memoryStore();
  await receiptOf(sourceOf(text), calm, { headerlessFormat: first });
  const lake = memoryStore();
  const crashing: ObjectStore = {
    ...lake,
    create: (key, body) =>
      key.startsWith('receipts/') ? Promise.reject(new Error('crash')) : lake.create(key, body),
  };
  await expect(receiptOf(sourceOf(text), crashing, { headerlessFormat: first })).rejects.toThrow('crash');
  await receiptOf(sourceOf(text), lake, { headerlessFormat: second });
  expect(contentOf(lake.objects)).toEqual(contentOf(calm.objects));
});

test('gzip within gzip may be large: no layer loses what another one is still reading', async () => {
  let word = '';
  const rows = Array.from({ length: 60_000 }, (_, index) => {
    word = createHash('sha256').update(word).digest('hex');
    return `10.0.0.1 ${index} ${word}`;
  });
  const inner = gzipSync(`srcaddr bytes word\n${rows.join('\n')}\n`);
  expect(inner.length).toBeGreaterThan(2_000_000);
  const outer = gzipSync(inner);
  const receipt = await receiptOf(
    sourceOf(outer, {
      *chunks() {
        for (let at = 0; at < outer.length; at += 65_536) yield outer.subarray(at, at + 65_536);
      },
    }),
  );
  expect(receipt).toMatchObject({ lines: 60_000, records: 60_000 });
});

describe('bytes', () => {
  const content = lines(60_000);
  const gzip = gzipSync(content);

  test.each(['zstd', 'gzip'] as const)(
    '%s: neither chunks nor temporary files change a byte',
    async (compression) => {
      const whole = memoryStore();
      await receiptOf(sourceOf(gzip), whole, { compression });
      const outputs = (store: typeof whole) =>
        new Map([...store.objects].filter(([key]) => !key.startsWith('receipts/')));
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(gzip.length), { maxLength: 300 }),
          fc.constantFrom(0, 100_000),
          async (cuts, memoryBytes) => {
            const lake = memoryStore();
            const edges = [0, ...cuts.sort((a, b) => a - b), gzip.length];
            const source = sourceOf(gzip, {
              chunks: () => edges.slice(1).map((edge, index) => gzip.subarray(edges[index], edge)),
            });
            await receiptOf(source, lake, { compression, memoryBytes });
            expect(outputs(lake)).toEqual(outputs(whole));
          },
        ),
        { numRuns: 8 },
      );
      expect(readdirSync(TEMP_FOLDER)).toEqual([]);
    },
  );

  test('when many partitions share the block budget, nothing is lost and the order is kept', async () => {
    const rows = Array.from(
      { length: 60_000 },
      (_, index) => `10.0.0.1 ${index} ${1.5e9 + (index % 200) * 3600}`,
    );
    const source = sourceOf(`srcaddr bytes start\n${rows.join('\n')}\n`, { key: 'no-stamp.log' });
    const wide = memoryStore();
    await receiptOf(source, wide);
    const tight = memoryStore();
    await receiptOf(source, tight, { blockBytes: 4_000_000, memoryBytes: 10_000 });
    expect(contentOf(tight.objects)).toEqual(contentOf(wide.objects));
  });
});

test('the temporary folder is empty after all of this', () => {
  expect(readdirSync(TEMP_FOLDER)).toEqual([]);
});
