import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { QueryEngine } from '../../athena/query-engine.ts';
import { TABLES } from '../../athena/tables.ts';
import { timeRangePredicate } from '../../athena/time-range.ts';
import { openLake } from '../../local/duckdb.ts';
import { emptyLake, FIVE_O_CLOCK, flow, writeLakeFile, writeRecords } from './lake-fixture.ts';

const HOUR = 'flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=2026-11-20/hour=05';

let lake: Awaited<ReturnType<typeof emptyLake>>;
let engines: QueryEngine[];

beforeEach(async () => {
  lake = await emptyLake();
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) engine.close();
  await lake.remove();
});

async function rows(sql: string, folder = lake.folder) {
  const engine = await openLake(folder);
  engines.push(engine);
  return (await engine.run(sql)).rows;
}

describe('a table', () => {
  test('has the records of all its files, whatever their compression', async () => {
    await writeRecords(lake.folder, [flow({ bytes: 1 }), flow({ bytes: 2 }), flow({ bytes: 3 })]);
    await writeRecords(lake.folder, [flow({ bytes: 4 }), flow({ bytes: 5 })], { suffix: '.json.gz' });
    expect(await rows('SELECT bytes FROM flow_logs ORDER BY bytes')).toEqual([[1], [2], [3], [4], [5]]);
  });

  test('gives partitions as text, numbers exactly, missing fields as NULL, and forgets unknown fields', async () => {
    await writeRecords(lake.folder, [{ bytes: 9_007_199_254_740_993n, start: FIVE_O_CLOCK, x_new: 'a' }]);
    const sql = 'SELECT bytes, start, srcaddr, aws_account_id, aws_region, day, hour FROM flow_logs';
    expect(await rows(sql)).toEqual([
      [9_007_199_254_740_993n, FIVE_O_CLOCK, null, '123456789010', 'eu-west-1', '2026-11-20', '05'],
    ]);
  });

  test('has no records of files that are hidden, unfinished or in other folders', async () => {
    await writeRecords(lake.folder, [flow({})]);
    for (const key of [
      `${HOUR}/.a.json.zst`,
      `${HOUR}/_b.json.zst`,
      `${HOUR}/c.json.zst.part`,
      `.tmp/d.json.zst`,
      `flow_logs/day=x/e.json.zst`,
    ]) {
      const path = join(lake.folder, key);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'garbage');
    }
    expect(await rows('SELECT count(*) FROM flow_logs')).toEqual([[1]]);
  });

  test('has columns and no rows when it has no files', async () => {
    await writeRecords(lake.folder, [flow({})]);
    for (const { name, columns, partitions } of TABLES.filter((table) => table.name !== 'flow_logs')) {
      const engine = await openLake(lake.folder);
      engines.push(engine);
      const result = await engine.run(`SELECT * FROM ${name}`);
      expect(result.rows).toEqual([]);
      expect(result.columns.map((column) => column.name)).toEqual(
        [...columns, ...partitions].map((c) => c.name).concat('$path'),
      );
    }
  });

  test('reads only the files of the partitions that a time range needs', async () => {
    const hours = [-3, -2, -1, 0, 1, 2].map((hours) => flow({ start: FIVE_O_CLOCK + hours * 3600 + 1800 }));
    await writeRecords(lake.folder, hours);
    // A damaged file proves it: whoever reads it fails.
    await writeFile(join(lake.folder, HOUR.replace('hour=05', 'hour=02'), 'damaged.json.zst'), 'garbage');
    const range = timeRangePredicate({ since: FIVE_O_CLOCK + 1200, until: FIVE_O_CLOCK + 2400 });
    expect(await rows(`SELECT count(*) FROM flow_logs WHERE ${range}`)).toEqual([[1]]);
    const [[, plan] = []] = await rows(`EXPLAIN ANALYZE SELECT bytes FROM flow_logs WHERE ${range}`);
    expect(plan).toMatch(/Total Files Read: 1\b/);
  });

  test('can be asked for nested values', async () => {
    const receipt = {
      source: 's',
      quarantine_reasons: [{ reason: 'too-long', lines: 2 }],
      outputs: [],
      lines: 3,
    };
    await writeLakeFile(lake.folder, 'receipts/day=2026-11-20/a.json', [JSON.stringify(receipt)]);
    expect(await rows('SELECT quarantine_reasons, outputs, lines, day FROM receipts')).toEqual([
      [[{ reason: 'too-long', lines: 2 }], [], 3, '2026-11-20'],
    ]);
  });
});

describe('a view', () => {
  test.each(['flow_logs', 'transit_gateway_flow_logs'])(
    'over %s reads only the files that its table would',
    async (table) => {
      const start = (hours: number) => FIVE_O_CLOCK + hours * 3600 + 1800;
      const records = [...Array(24).keys()].map((hours) => flow({ start: start(hours) }));
      await writeRecords(lake.folder, records, { table });
      await writeRecords(lake.folder, records, { table, account: '222222222222' });
      await writeRecords(lake.folder, records, { table, region: 'us-east-1' });
      const view = table === 'flow_logs' ? 'flows' : 'transit_flows';
      const range = timeRangePredicate({ since: FIVE_O_CLOCK + 1200, until: FIVE_O_CLOCK + 2400 });
      const filesRead = async (where: string) => {
        const [[, plan] = []] = await rows(
          `EXPLAIN ANALYZE SELECT path, service, observed_at, flow_log_id, bytes FROM ${view} WHERE ${where}`,
        );
        return Number(/Total Files Read: (\d+)/.exec(String(plan))?.[1]);
      };
      expect(await filesRead('true')).toBe(72);
      expect(await filesRead(range)).toBe(3);
      expect(await filesRead(`${range} AND aws_account_id = '222222222222'`)).toBe(1);
      expect(
        await filesRead(`day = '2026-11-20' AND hour IN ('07', '08') AND aws_region = 'us-east-1'`),
      ).toBe(2);
      // What is computed doesn't get in the way either.
      expect(await filesRead(`${range} AND aws_region = 'us-east-1' AND observed_at IS NULL`)).toBe(1);
    },
  );

  test('grouped in a WITH table reads only the files of what is asked of the groups', async () => {
    const hours = [...Array(24).keys()].map((hours) => flow({ start: FIVE_O_CLOCK + hours * 3600 }));
    await writeRecords(lake.folder, hours);
    const [[, plan] = []] = await rows(`EXPLAIN ANALYZE
      WITH by_hour AS (SELECT day, hour, srcaddr, sum(bytes) AS bytes FROM flows GROUP BY 1, 2, 3)
      SELECT srcaddr, sum(bytes) FROM by_hour WHERE day = '2026-11-20' AND hour = '07' GROUP BY 1`);
    expect(plan).toMatch(/Total Files Read: 1\b/);
  });
});

describe('a lake', () => {
  test.each(['*', "it's [1]?", 'ü ö'])('can lie in a folder named %s', async (name) => {
    const folder = join(lake.folder, name);
    await writeRecords(folder, [flow({})]);
    expect(await rows('SELECT count(*) FROM flow_logs', folder)).toEqual([[1]]);
  });

  test('can be reached through a symbolic link', async () => {
    await writeRecords(join(lake.folder, 'real'), [flow({})]);
    await symlink(join(lake.folder, 'real'), join(lake.folder, 'link'));
    expect(await rows('SELECT count(*) FROM flow_logs', join(lake.folder, 'link'))).toEqual([[1]]);
  });

  test('that is missing or empty is a sentence with what to do', async () => {
    for (const folder of [lake.folder, join(lake.folder, 'missing')]) {
      await expect(openLake(folder)).rejects.toThrow(
        `There is nothing to query: the lake ${folder} is missing or empty. Fill it with "flowlogs ingest PATH… --lake ${folder}"`,
      );
    }
  });

  test.each([
    ['no zstd', 'b.json.zst', Buffer.from('garbage')],
    ['no gzip', 'b.json.gz', Buffer.from('garbage')],
    ['an empty gzip file', 'b.json.gz', Buffer.alloc(0)],
  ])('names the damaged file: %s', async (_, name, content) => {
    await writeRecords(lake.folder, [flow({})]);
    await writeFile(join(lake.folder, HOUR, name), content);
    await expect(rows('SELECT sum(bytes) FROM flow_logs')).rejects.toThrow(
      `The lake's file ${join(lake.folder, HOUR, name)} is damaged (`,
    );
  });

  test.each([
    ['an unfinished line', '{"srcaddr":'],
    ['a number that is too large', '{"bytes":9223372036854775808}'],
    ['a text for a number', '{"bytes":"many"}'],
  ])('names the damaged file and its receipt: %s', async (_, line) => {
    await writeRecords(lake.folder, [flow({})]);
    const path = await writeLakeFile(lake.folder, `${HOUR}/bad-1.json.zst`, [line]);
    await expect(rows('SELECT sum(bytes), max(srcaddr) FROM flow_logs')).rejects.toThrow(
      new RegExp(
        `^The lake's file ${path} is damaged \\(.+\\)\\. Delete it and its receipt receipts/day=…/bad-1\\.json, then`,
      ),
    );
  });
});

describe('SQL', () => {
  beforeEach(() => writeRecords(lake.folder, [flow({})]));

  test('that is wrong gets the message of the engine with the place', async () => {
    await expect(rows('SELECT sourceaddr FROM flow_logs')).rejects.toThrow(
      /"sourceaddr" not found[\s\S]*srcaddr[\s\S]*LINE 1/,
    );
    await expect(rows('SELEC 1')).rejects.toThrow(/^Parser Error: syntax error at or near "SELEC"/);
  });

  test('is planned in time that does not double with each step', async () => {
    const steps = 28;
    const tables = Array.from(
      { length: steps },
      (_, step) => `t${step + 1} AS (SELECT srcaddr, sum(bytes) AS bytes FROM t${step} GROUP BY srcaddr)`,
    );
    const sql = `WITH t0 AS (SELECT * FROM flows), ${tables.join(', ')} SELECT bytes FROM t${steps}`;
    const begin = performance.now();
    expect(await rows(sql)).toEqual([[100]]);
    // Without care it takes most of an hour.
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  test.each([
    'CREATE TABLE t (a int)',
    "COPY flow_logs TO 'out.csv'",
    'DROP VIEW flow_logs',
    'SET threads = 1',
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM glob('/*')",
    'INSTALL httpfs',
    'SELECT 1; SELECT 2',
  ])('cannot leave the lake or change anything: %s', async (sql) => {
    await expect(rows(sql)).rejects.toThrow(
      /Only SELECT|disabled by configuration|exactly one SQL statement/,
    );
  });

  test('cannot add to the lake, not even as a part of its plan', async () => {
    const copy = `COPY flow_logs TO '${join(lake.folder, 'out.csv')}'`;
    for (const sql of [copy, `EXPLAIN ANALYZE ${copy}`]) {
      await expect(rows(sql)).rejects.toThrow(/^Only SELECT/);
    }
    expect(await readdir(lake.folder)).toEqual(['flow_logs']);
  });

  test.each([
    'WITH x AS (SELECT * FROM flow_logs) INSERT INTO flow_logs SELECT * FROM x',
    'WITH x AS (SELECT 1) DELETE FROM flow_logs',
    'WITH x AS (SELECT 1) UPDATE flow_logs SET bytes = 1',
    'EXPLAIN ANALYZE WITH x AS (SELECT 1) DELETE FROM flow_logs',
  ])('finds no table to write to: %s', async (sql) => {
    await expect(rows(sql)).rejects.toThrow(/flow_logs is not an table|only (delete from|update) base table/);
  });

  test.each([
    'FROM flow_logs',
    'DESCRIBE flow_logs',
    '-- Why?\n(SELECT 1)',
    'EXPLAIN SELECT bytes FROM flow_logs',
  ])('may be whatever reads: %s', async (sql) => {
    expect((await rows(sql)).length).toBeGreaterThan(0);
  });

  test('values keep everything that an answer needs', async () => {
    const sql = `SELECT 1.5, 12345678901234567.5, true, NULL, 170141183460469231731687303715884105727,
      TIMESTAMP '2026-11-20 05:00:00.25', from_unixtime(0), DATE '2026-11-20', ARRAY['a', NULL], MAP(ARRAY['k'], ARRAY[1])`;
    expect(await rows(sql)).toEqual([
      [1.5, '12345678901234567.5', true, null, 170141183460469231731687303715884105727n]
        .concat('2026-11-20T05:00:00.25Z' as never, '1970-01-01T00:00:00Z' as never, '2026-11-20' as never)
        .concat([['a', null]] as never, { k: 1 } as never),
    ]);
  });
});
