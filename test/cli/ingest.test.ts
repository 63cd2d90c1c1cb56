import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLake } from '../../local/duckdb.ts';

const FLOWLOGS = join(import.meta.dirname, '../../cli/flowlogs.ts');
const HEADER =
  'account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const START = Date.UTC(2026, 10, 20, 5) / 1000;
const line = (status: string, action: string) =>
  `123456789010 eni-1 203.0.113.9 10.0.0.5 4242 22 6 3 180 ${START} ${START + 50} ${action} ${status}`;
const LOG = `${HEADER}\n${line('OK', 'ACCEPT')}\n${line('OK', 'REJECT')}\n${line('NODATA', '-')}\n${line('SKIPDATA', '-')}\nbad\n`;
const KEY =
  'AWSLogs/123456789010/vpcflowlogs/eu-west-1/2026/11/20/123456789010_vpcflowlogs_eu-west-1_fl-1_20261120T0500Z_aa.log.gz';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowlogs-ingest-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

function ingest(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH };
    execFile(process.execPath, [FLOWLOGS, 'ingest', ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function lakeFiles(): Promise<string[]> {
  const files = await readdir(join(folder, 'lake'), { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort();
}

const NOTHING = { lines: 0, records: 0, nodata: 0, skipdata: 0, rejected: 0, quarantined: 0, partitions: 0 };

describe('ingest', () => {
  test('-o json prints one object with all figures, and nothing else on standard output', async () => {
    await put(`logs/${KEY}`, gzipSync(LOG));
    const { status, stdout, stderr } = await ingest('logs', '-o', 'json');
    expect(status).toBe(0);
    const { seconds, bytes_read, bytes_written, ...figures } = JSON.parse(stdout);
    expect(stdout).toBe(`${JSON.stringify(JSON.parse(stdout))}\n`);
    expect(figures).toEqual({
      objects: 1,
      failed_objects: 0,
      skipped_objects: 0,
      ignored_objects: 0,
      lines: 5,
      records: 4,
      nodata: 1,
      skipdata: 1,
      rejected: 1,
      quarantined: 1,
      partitions: 1,
      meanings: [
        { meaning: 'late-packets', severity: 'info', findings: 1 },
        { meaning: 'data-loss', severity: 'info', findings: 1 },
      ],
      alerts: 2,
    });
    expect(bytes_read).toBe(gzipSync(LOG).length);
    expect(bytes_written).toBeGreaterThan(100);
    expect(seconds).toBeGreaterThan(0);
    expect(stderr).toContain('Rejected traffic');
  });

  test('prints what was found, and a summary that adds up', async () => {
    await put(`logs/${KEY}`, gzipSync(LOG));
    const { status, stdout, stderr } = await ingest('logs');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /Rejected traffic\n {2}internet-to-subnet: 1 flow at 1 resource\n {4}eni-1 in 123456789010 eu-west-1/,
    );
    expect(stdout).toMatch(
      /Lost log data\n {4}eni-1 in 123456789010 eu-west-1: 1 flow\n {6}log data lost \(info\): AWS lost records of 1 interval/,
    );
    expect(stdout).toMatch(/^lines +5 = 4 records \+ 1 quarantined$/m);
  });

  test('the same files again, from another folder and with another time, change nothing', async () => {
    await put(`logs/${KEY}`, gzipSync(LOG));
    await put('logs/plain.log', LOG);
    await ingest('logs');
    const before = await lakeFiles();
    await cp(join(folder, 'logs'), join(folder, 'copy'), { recursive: true });
    await utimes(join(folder, 'copy/plain.log'), 1_600_000_000, 1_600_000_000);
    const { status, stdout } = await ingest('logs', 'copy', '--compression', 'gzip', '-o', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      objects: 4,
      skipped_objects: 4,
      failed_objects: 0,
      ...NOTHING,
    });
    expect(await lakeFiles()).toEqual(before);
  });

  test('a copy of a file without its folders is the same object', async () => {
    await put(`logs/${KEY}`, gzipSync(LOG));
    await put(`copy/${KEY.slice(KEY.lastIndexOf('/') + 1)}`, gzipSync(LOG));
    await put(`other/${KEY.slice('AWSLogs/'.length)}`, gzipSync(LOG));
    const { stdout } = await ingest('logs', 'copy', 'other', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ objects: 3, skipped_objects: 2, records: 4 });
  });

  test('follows symbolic links, once, and does not take another lake for logs', async () => {
    await put(`far/${KEY}`, gzipSync(LOG));
    await mkdir(join(folder, 'logs'));
    await symlink(join(folder, 'far'), join(folder, 'logs/far'));
    await symlink(join(folder, 'logs'), join(folder, 'logs/circle'));
    const { status, stdout } = await ingest('logs', '-o', 'json');
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, objects: 1, records: 4 });
    const again = await ingest('.', '--lake', 'other', '-o', 'json');
    expect(JSON.parse(again.stdout)).toMatchObject({ objects: 1, failed_objects: 0, records: 4 });
  });

  test('what cannot be read is reported, and the others are done', async () => {
    await put(`logs/${KEY}`, gzipSync(LOG));
    await symlink(join(folder, 'gone'), join(folder, 'logs/dangling.log'));
    const { status, stdout, stderr } = await ingest('logs', '-o', 'json');
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 1, failed_objects: 1, records: 4 });
    expect(stderr).toMatch(/dangling\.log: ENOENT/);
  });

  test('a bad object is reported with what to do, the others are done, and the status says so', async () => {
    await put(`logs/${KEY}`, gzipSync(LOG));
    await put('logs/cut.log.gz', gzipSync(LOG).subarray(0, 60));
    await put('logs/notes.txt', 'hello world\n');
    await put('logs/empty.log', '');
    await put('logs/.hidden', 'x');
    await put('logs/AWSLogs/123456789010/CloudTrail/eu-west-1/2026/11/20/x.json.gz', gzipSync('{}'));
    const { status, stdout, stderr } = await ingest('logs', '-o', 'json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      objects: 3,
      failed_objects: 2,
      ignored_objects: 2,
      records: 4,
    });
    expect(stderr).toMatch(/cut\.log\.gz: The gzip data is damaged or cut off .*copy it again/);
    expect(stderr).toMatch(/notes\.txt: The first line is no header .*--flow-log-format/);
    expect(stderr).toMatch(/Passed over 1 empty files/);
    expect(stderr).toMatch(/Passed over 1 files of other AWS services/);
  });

  test('reads objects without a header in the format that it is told', async () => {
    await put('x.log', `203.0.113.9 17 ${START}\n`);
    expect((await ingest('x.log')).status).toBe(1);
    const told = await ingest('x.log', '--flow-log-format', 'srcaddr bytes start', '-o', 'json');
    expect(JSON.parse(told.stdout)).toMatchObject({ records: 1, quarantined: 0 });
  });

  test('passes over a lake that lies within, and writes gzip when told', async () => {
    await put(`logs/${KEY}`, gzipSync(LOG));
    const first = await ingest('.', '--compression', 'gzip', '-o', 'json');
    expect(JSON.parse(first.stdout)).toMatchObject({ objects: 1, failed_objects: 0 });
    expect((await lakeFiles()).some((file) => file.endsWith('.json.gz'))).toBe(true);
    const second = await ingest('.', '-o', 'json');
    expect(JSON.parse(second.stdout)).toMatchObject({ objects: 1, skipped_objects: 1, failed_objects: 0 });
  });

  test.each([
    [['/dev/null'], /neither a file nor a folder/],
    [['nowhere'], /There is no file or folder nowhere/],
    [[], /missing required argument 'path'/],
    [['.', '--flow-log-format', 'a b'], /at least half of them known/],
    [['.', '--compression', 'lzma'], /Allowed choices are zstd, gzip/],
    [['.', '--max-inflated-bytes', 'much'], /takes a number of bytes/],
    [['.', '-o', 'yaml'], /Allowed choices are table, json/],
  ])('wrong usage: %j', async (args, message) => {
    const { status, stdout, stderr } = await ingest(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('an object that inflates to more than allowed fails', async () => {
    await put('x.log.gz', gzipSync(`${HEADER}\n${'\n'.repeat(1_000_000)}`));
    const { status, stderr } = await ingest('x.log.gz', '--max-inflated-bytes', '100000');
    expect(status).toBe(1);
    expect(stderr).toMatch(/inflates to more than 100000 bytes/);
  });

  test('DuckDB reads every table of what was written, and the counts agree with the receipts', async () => {
    await put(`logs/${KEY}`, gzipSync(LOG));
    await put(
      'logs/tgw.log',
      `tgw-id tgw-attachment-id srcaddr bytes start packets-lost-no-route new-field\ntgw-1 tgw-attach-1 10.0.0.1 5 ${START} 3 x\n`,
    );
    await ingest('logs');
    const engine = await openLake(join(folder, 'lake'));
    try {
      const count = async (table: string) => (await engine.run(`SELECT * FROM ${table}`)).rows.length;
      expect(await count('flow_logs')).toBe(4);
      expect(await count('transit_gateway_flow_logs')).toBe(1);
      expect(await count('quarantine')).toBe(1);
      expect(await count('findings')).toBe(3);
      const { rows } = await engine.run(
        'SELECT count(*), sum(records), sum(quarantined), sum(findings), sum(lines) - sum(records) - sum(quarantined) FROM receipts',
      );
      expect(rows.map((row) => row.map(Number))).toEqual([[2, 5, 1, 3, 0]]);
    } finally {
      engine.close();
    }
  });
});
