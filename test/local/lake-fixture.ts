import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

/** A record as the lake has it; what is left out is NULL. */
export type LakeRecord = Readonly<Record<string, string | number | bigint>>;

export interface Partition {
  readonly account?: string;
  readonly region?: string;
}

/** The start of the hour that records without times of their own get: 2026-11-20T05:00:00Z. */
export const FIVE_O_CLOCK = Date.UTC(2026, 10, 20, 5) / 1000;

/** An empty folder for a lake, and how to remove it. */
export async function emptyLake(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'flowlogs-lake-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Writes one file of a lake as ingest would: compressed by its suffix, in two frames or members. */
export async function writeLakeFile(lake: string, key: string, lines: readonly string[]): Promise<string> {
  const path = join(lake, key);
  await mkdir(dirname(path), { recursive: true });
  const half = Math.ceil(lines.length / 2);
  const blocks = [lines.slice(0, half), lines.slice(half)]
    .filter((block) => block.length > 0)
    .map((block) => Buffer.from(block.map((line) => `${line}\n`).join('')));
  const compress = key.endsWith('.zst')
    ? zstdCompressSync
    : key.endsWith('.gz')
      ? gzipSync
      : (block: Buffer) => block;
  await writeFile(path, Buffer.concat(blocks.map((block) => compress(block))));
  return path;
}

/** Writes records into the partitions of their `start`, one file a partition. */
export async function writeRecords(
  lake: string,
  records: readonly LakeRecord[],
  options: Partition & { table?: string; suffix?: string; name?: string } = {},
): Promise<void> {
  const { account = '123456789010', region = 'eu-west-1', table = 'flow_logs' } = options;
  const byHour = Map.groupBy(records, (record) =>
    new Date(Number(record.start ?? record.end ?? FIVE_O_CLOCK) * 1000).toISOString().slice(0, 13),
  );
  for (const [hour, group] of byHour) {
    const partition = `aws_account_id=${account}/aws_region=${region}/day=${hour.slice(0, 10)}/hour=${hour.slice(11)}`;
    const key = `${table}/${partition}/${options.name ?? 'object'}${options.suffix ?? '.json.zst'}`;
    await writeLakeFile(lake, key, group.map(jsonLine));
  }
}

function jsonLine(record: LakeRecord): string {
  const pairs = Object.entries(record).map(
    ([key, value]) => `${JSON.stringify(key)}:${typeof value === 'string' ? JSON.stringify(value) : value}`,
  );
  return `{${pairs.join(',')}}`;
}

/** A record of the default format. */
export function flow(record: LakeRecord): LakeRecord {
  return {
    version: 2,
    account_id: '123456789010',
    interface_id: 'eni-a',
    srcaddr: '10.0.0.1',
    dstaddr: '10.0.0.2',
    srcport: 40_000,
    dstport: 443,
    protocol: 6,
    packets: 1,
    bytes: 100,
    start: FIVE_O_CLOCK,
    end: FIVE_O_CLOCK + 60,
    action: 'ACCEPT',
    log_status: 'OK',
    ...record,
  };
}
