/** Peak memory of a process that ingests an object of a gigabyte and more, with one and with many partitions open. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { goal, row } from './figures.ts';
import { receiptOf } from './lake.ts';
import { type LogObject, repeatObject, spreadOverHours } from './objects.ts';
import { type Place, runContender } from './processes.ts';

const GIGABYTE = 1e9;
const PARTITIONS = [1, 64];

export interface MemoryUse {
  readonly textBytes: number;
  readonly partitions: number;
  readonly cpu: number;
  readonly wall: number;
  /** MB. */
  readonly peak: number;
}

/** @param object what the large ones are made of. */
export async function measureMemory(
  place: Place,
  object: LogObject,
  gigabytes: readonly number[],
): Promise<MemoryUse[]> {
  const parts: LogObject[] = [];
  for (const hours of PARTITIONS) {
    parts.push(await spreadOverHours(join(place.folder, `over-${hours}-hours`), object, hours));
  }
  const uses: MemoryUse[] = [];
  for (const size of gigabytes) {
    for (const part of parts) uses.push(await ingestRepeated(place, part, size * GIGABYTE));
  }
  return uses;
}

async function ingestRepeated(place: Place, part: LogObject, textBytes: number): Promise<MemoryUse> {
  const lake = join(place.folder, 'lake');
  const folder = join(place.folder, 'repeated');
  const object = await repeatObject(folder, part, textBytes);
  const { cpu, wall, rss } = await runContender(place, 'two cores', 'flowlogs', object.path, lake);
  const { records, outputs } = await receiptOf(lake);
  if (records !== object.records) throw new Error(`Of ${object.records} records ${records} were ingested.`);
  for (const path of [lake, folder]) await rm(path, { recursive: true });
  const partitions = outputs.filter(({ key }) => key.endsWith('.json.zst')).length;
  return { textBytes: object.textBytes, partitions, cpu, wall, peak: (rss * 2 ** 20) / 1e6 };
}

export function linesOfMemory(uses: readonly MemoryUse[]): string[] {
  return [
    row('', 'CPU s', 'wall s'),
    ...uses.map((use) => row(titleOf(use), use.cpu.toFixed(1), use.wall.toFixed(1))),
    '',
    ...uses.map((use) => goal(`${titleOf(use)}: peak MB`, use.peak, 'under', 160)),
  ];
}

function titleOf({ textBytes, partitions }: MemoryUse): string {
  return `${(textBytes / GIGABYTE).toFixed(1)} GB, ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`;
}
