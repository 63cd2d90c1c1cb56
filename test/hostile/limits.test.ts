/** What happens at limits that no other test reaches; `docs/limits.md` lists them all. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VPC_FIELDS } from '../../shared/flow-log/fields.ts';
import { QUARANTINED_LINE_BYTES } from '../../shared/flow-log/quarantine.ts';
import { MAX_QUARANTINE_BYTES, MAX_QUARANTINE_LISTED } from '../../shared/lake/object-writer.ts';
import { MAX_KEY_BYTES } from '../../shared/line-loop/layout.ts';
import { runFlowlogs } from '../cli/run-flowlogs.ts';
import { contentOf, receiptOf, sourceOf } from '../shared/lake/ingest-text.ts';
import { memoryStore } from '../shared/lake/memory-store.ts';

const HEADER = 'srcaddr dstaddr bytes\n';

/** What an object becomes: its receipt, and the rows of each folder of the lake. */
async function ingested(content: string) {
  const lake = memoryStore();
  const receipt = await receiptOf(sourceOf(content), lake);
  const rowsOf = (folder: string) =>
    Object.entries(contentOf(lake.objects))
      .filter(([key]) => key.startsWith(`${folder}/`))
      .flatMap(([, text]) => text.trimEnd().split('\n'));
  return { receipt, rowsOf };
}

describe('an object', () => {
  test('of more quarantined lines than are listed, all are counted', async () => {
    const lines = MAX_QUARANTINE_LISTED + 1000;
    const { receipt, rowsOf } = await ingested(`${HEADER}${'x\n'.repeat(lines)}10.0.0.1 10.0.0.2 7\n`);
    expect(receipt).toMatchObject({
      ...{ lines: lines + 1, records: 1, quarantined: lines },
      quarantine_listed: MAX_QUARANTINE_LISTED,
      quarantine_reasons: [{ lines }],
    });
    expect(rowsOf('quarantine')).toHaveLength(MAX_QUARANTINE_LISTED);
  });

  test('of more bytes of quarantined lines than are listed, all are counted', async () => {
    const long = `${'x'.repeat(2 * QUARANTINED_LINE_BYTES)}\n`;
    const lines = Math.ceil(MAX_QUARANTINE_BYTES / QUARANTINED_LINE_BYTES) + 500;
    const { receipt, rowsOf } = await ingested(HEADER + long.repeat(lines));
    expect(receipt).toMatchObject({ lines, records: 0, quarantined: lines });
    expect(receipt.quarantine_listed).toBeLessThan(lines);
    const rows = rowsOf('quarantine');
    expect(rows).toHaveLength(receipt.quarantine_listed);
    expect(rows.reduce((bytes, row) => bytes + row.length, 0)).toBeLessThanOrEqual(
      MAX_QUARANTINE_BYTES + 10_000,
    );
    expect(JSON.parse(rows[0]!).line).toHaveLength(QUARANTINED_LINE_BYTES);
  });

  test('with more formats than a receipt lists is read whole', async () => {
    const sections = Array.from(
      { length: 40 },
      (_, index) => `${HEADER.trim()} extra-${index}\n10.0.0.1 10.0.0.2 7 e${index}\n`,
    );
    const { receipt, rowsOf } = await ingested(sections.join(''));
    expect(receipt).toMatchObject({ lines: 40, records: 40, quarantined: 0 });
    expect(receipt.formats).toHaveLength(16);
    expect(rowsOf('flow_logs').map((row) => Object.values(JSON.parse(row)).at(-1))).toEqual(
      sections.map((_, index) => `e${index}`),
    );
  });

  test('with all fields that there are, and as many that nobody knows, is read', async () => {
    const unknown = VPC_FIELDS.map((_, index) => `new-${index}`);
    const names = [...VPC_FIELDS.map(({ name }) => name), ...unknown];
    const values = names.map((name) => (name.startsWith('new-') ? name : '-'));
    const { receipt, rowsOf } = await ingested(`${names.join(' ')}\n${values.join(' ')}\n`);
    expect(receipt).toMatchObject({ records: 1, quarantined: 0 });
    expect(Object.values(JSON.parse(rowsOf('flow_logs')[0]!))).toEqual(unknown);
  });

  test('with names of fields that are longer than the fast way takes has them in its records', async () => {
    const names = [MAX_KEY_BYTES - 3, MAX_KEY_BYTES, 128].map((length, index) =>
      `n${index}`.padEnd(length, 'x'),
    );
    const { rowsOf } = await ingested(
      `srcaddr dstaddr bytes ${names.join(' ')}\n10.0.0.1 10.0.0.2 7 a b c\n`,
    );
    expect(JSON.parse(rowsOf('flow_logs')[0]!)).toMatchObject({
      ...{ [`x_${names[0]}`]: 'a', [`x_${names[1]}`]: 'b', [`x_${names[2]}`]: 'c' },
    });
  });

  test('with long ids has them cut in its findings, and whole in its records', async () => {
    const id = `eni-${'0'.repeat(5000)}`;
    const { rowsOf } = await ingested(
      `interface-id srcaddr dstaddr srcport dstport protocol action\n${id} 203.0.113.9 10.0.0.5 4242 22 6 REJECT\n`,
    );
    expect(JSON.parse(rowsOf('flow_logs')[0]!).interface_id).toBe(id);
    expect(JSON.parse(rowsOf('findings')[0]!).resource_id).toBe(id.slice(0, 128));
  });
});

test('of many files that fail, the first are named and all are counted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flowlogs-limits-'));
  try {
    await mkdir(join(folder, 'logs'));
    const names = Array.from({ length: 25 }, (_, index) => `${100 + index}.log`);
    for (const name of names) await writeFile(join(folder, 'logs', name), `no log ${name}\n`);
    const { status, stdout, stderr } = await runFlowlogs(folder, ['ingest', 'logs']);
    expect(status).toBe(1);
    expect(stderr.match(/\d+\.log: /g)).toHaveLength(20);
    expect(stderr).toContain('… and 5 more failed objects');
    expect(stdout).toContain('25 failed');
  } finally {
    await rm(folder, { recursive: true });
  }
});
