import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatsStatement, kindsOf, missingFieldsNote } from '../../athena/missing-fields.ts';
import { savedQueries } from '../../athena/saved-queries.ts';
import type { TimeRange } from '../../athena/time-range.ts';
import { VIEWS } from '../../athena/views.ts';
import { openLake } from '../../local/duckdb.ts';
import { DEFAULT_VPC_FORMAT, VPC_FIELDS } from '../../shared/flow-log/fields.ts';
import { objectKey } from '../../shared/lake/layout.ts';
import { emptyLake, FIVE_O_CLOCK, writeLakeFile } from '../local/lake-fixture.ts';

const FLOWLOGS = join(import.meta.dirname, '../../cli/flowlogs.ts');
const VERSION_2 = DEFAULT_VPC_FORMAT.join(' ');
const TRANSIT =
  'version resource-type account-id tgw-id tgw-attachment-id srcaddr dstaddr packets-lost-no-route';
const queries = await savedQueries();

/** Receipts of objects of a time (Unix seconds) with their formats, as a lake. */
const PLANTED: [time: number, formats: string[] | undefined][] = [
  [FIVE_O_CLOCK - 86_400, ['version srcaddr tcp-flags']],
  [FIVE_O_CLOCK, [VERSION_2]],
  [FIVE_O_CLOCK + 60, [VERSION_2, TRANSIT]],
  [FIVE_O_CLOCK + 120, undefined],
];

let lake: Awaited<ReturnType<typeof emptyLake>>;
beforeAll(async () => {
  lake = await emptyLake();
  for (const [index, [time, formats]] of PLANTED.entries()) {
    const receipt = JSON.stringify({ object_time: time, ...(formats === undefined ? {} : { formats }) });
    await writeLakeFile(lake.folder, objectKey('receipts', time, `object-${index}`), [receipt]);
  }
});
afterAll(() => lake.remove());

async function formatsOf(folder: string, range: TimeRange): Promise<string[]> {
  const engine = await openLake(folder);
  try {
    return (await engine.run(formatsStatement(range))).rows.map(([format]) => String(format));
  } finally {
    engine.close();
  }
}

describe('the formats of a time range', () => {
  test.each<[string, TimeRange, string[]]>([
    ['without bounds', {}, [VERSION_2, TRANSIT, 'version srcaddr tcp-flags']],
    ['of the day after', { since: FIVE_O_CLOCK }, [VERSION_2, TRANSIT]],
    ['of the day before', { until: FIVE_O_CLOCK - 80_000 }, ['version srcaddr tcp-flags']],
    // AWS delivers an object after what is in it.
    [
      'that ends before the object came',
      { since: FIVE_O_CLOCK - 600, until: FIVE_O_CLOCK - 300 },
      [VERSION_2, TRANSIT],
    ],
    ['of which there is nothing', { since: FIVE_O_CLOCK + 86_400 }, []],
  ])('%s', async (_, range, formats) => {
    expect(await formatsOf(lake.folder, range)).toEqual(formats);
  });
});

describe('on a lake of logs of the default format', () => {
  const known = new Set(VPC_FIELDS.map(({ column }) => column));
  const version2 = new Set(VPC_FIELDS.filter(({ version }) => version === 2).map(({ column }) => column));
  let ingested: Awaited<ReturnType<typeof emptyLake>>;
  let formats: string[];

  beforeAll(async () => {
    ingested = await emptyLake();
    const log = join(
      ingested.folder,
      '123456789010_vpcflowlogs_eu-west-1_fl-1_20261120T0500Z_fe123456.log.gz',
    );
    const line = `2 123456789010 eni-1 10.0.0.1 10.0.0.2 40000 443 6 3 180 ${FIVE_O_CLOCK} ${FIVE_O_CLOCK + 50} ACCEPT OK`;
    await writeFile(log, gzipSync(`${VERSION_2}\n${line}\n`));
    await promisify(execFile)(process.execPath, [FLOWLOGS, 'ingest', log, '--lake', ingested.folder]);
    formats = await formatsOf(ingested.folder, {});
  });
  afterAll(() => ingested.remove());

  test.each(queries.map((query) => [query.name, query] as const))('%s says what it lacks', (_, query) => {
    const note = missingFieldsNote(query, formats);
    const kinds = kindsOf(query.sql);
    if (kinds.length === 0) expect(note).toBeUndefined();
    else if (!kinds.includes('vpc'))
      expect(note).toMatch(/^This time range has no transit gateway flow logs/);
    else {
      const lacking = query.fields.filter((field) => known.has(field) && !version2.has(field));
      if (lacking.length === 0) expect(note).toBeUndefined();
      for (const field of lacking) expect(note).toContain(field.replaceAll('_', '-'));
    }
  });

  test('both sorts of queries exist, and the command says it', async () => {
    const query = (name: string) =>
      promisify(execFile)(process.execPath, [FLOWLOGS, 'query', name, '--lake', ingested.folder]);
    expect((await query('top-talkers')).stderr).toBe('');
    expect((await query('coverage')).stderr).toBe('');
    expect((await query('reject-reasons')).stderr).toBe(
      'No flow log in this time range has the field reject-reason: the answer lacks what depends on it. Add it to the ' +
        'format of the flow log (flowLogs.format of the stage, see docs/deploy.md); what AWS delivers from then on has it.\n',
    );
    expect((await query('transit-gateway-loss')).stderr).toBe(
      'This time range has no transit gateway flow logs, which the query is about.\n',
    );
  });
});

describe('a field is missing', () => {
  const query = { fields: ['srcaddr', 'tcp_flags', 'flow_direction'], sql: 'SELECT 1 FROM flows' };
  test.each<[string, string[], RegExp | undefined]>([
    ['if no format has it', [VERSION_2], /the fields tcp-flags and flow-direction:/],
    [
      'not if one of several formats has it',
      [VERSION_2, 'version srcaddr tcp-flags'],
      /the field flow-direction:/,
    ],
    [
      'not if all fields are somewhere',
      ['srcaddr dstaddr tcp-flags', 'srcaddr flow-direction version'],
      undefined,
    ],
    ['not if nothing was ingested, which is another matter', [], undefined],
    ['not if the format is no format', ['nonsense here'], undefined],
    [
      'if only the other kind of flow log has it',
      [VERSION_2, 'version tgw-id tgw-attachment-id srcaddr tcp-flags flow-direction'],
      /tcp-flags and flow-direction/,
    ],
  ])('%s', (_, formats, note) => {
    if (note === undefined) expect(missingFieldsNote(query, formats)).toBeUndefined();
    else expect(missingFieldsNote(query, formats)).toMatch(note);
  });
});

describe('a query reads', () => {
  test.each([
    ['SELECT 1 FROM flow_logs', ['vpc']],
    ['SELECT 1 FROM t JOIN transit_flows ON true JOIN flows USING (x)', ['transit-gateway', 'vpc']],
    ["SELECT 'from flows' FROM receipts -- FROM flow_logs", []],
    ['SELECT 1 from FLOWS', ['vpc']],
  ])('%s', (sql, kinds) => {
    expect(kindsOf(sql)).toEqual(kinds);
  });

  test('each view counts as flow logs', () => {
    for (const { name } of VIEWS) expect(kindsOf(`SELECT 1 FROM ${name}`)).toHaveLength(1);
  });
});
