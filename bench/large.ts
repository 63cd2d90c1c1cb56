/** CPU that one large object of each format takes on one core, of this project and of what it is measured against. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FloorDetails } from './contenders/codec-floor.ts';
import type { Figures } from './contenders/contend.ts';
import { goal, megabytes, row } from './figures.ts';
import { receiptOf } from './lake.ts';
import { CONTENDERS, type ContenderName, type LargeObject, type Measured } from './measured.ts';
import { FORMAT_NAMES, type LogObject } from './objects.ts';
import { least, type Place, runContender } from './processes.ts';

/** Runs the contenders in turns, so that a slow hour of the machine meets all of them. */
export async function measureLarge(place: Place, object: LogObject, runs: number): Promise<LargeObject> {
  const lake = join(place.folder, 'lake');
  const plainOutput = join(place.folder, 'plain.json.gz');
  const outputs: Readonly<Record<ContenderName, string>> = {
    flowlogs: lake,
    // It compresses what stands in the lake.
    'codec-floor': lake,
    duckdb: join(place.folder, 'duckdb.json.zst'),
    plain: plainOutput,
  };
  const figures = new Map<ContenderName, (Figures & Partial<FloorDetails>)[]>(
    CONTENDERS.map((name) => [name, []]),
  );
  for (let run = 0; run < runs; run++) {
    await rm(lake, { recursive: true, force: true });
    for (const name of CONTENDERS) {
      figures.get(name)!.push(await runContender(place, 'one core', name, object.path, outputs[name]));
    }
  }
  const { recordBytes } = figures.get('codec-floor')![0]!;
  const zstdBytes = await storedBytes(lake, object);
  const plainBytes = (await stat(plainOutput)).size;
  for (const output of Object.values(outputs)) await rm(output, { recursive: true, force: true });
  const cpu = (name: ContenderName) => least(figures.get(name)!, 'cpu').cpu;
  return {
    records: object.records,
    textBytes: object.textBytes,
    gzipBytes: object.gzipBytes,
    recordBytes: recordBytes!,
    zstdBytes,
    cpuSeconds: {
      flowlogs: cpu('flowlogs'),
      'codec-floor': cpu('codec-floor'),
      duckdb: cpu('duckdb'),
      plain: cpu('plain'),
    },
    plainBytes,
  };
}

/** Of the records in a lake, which has to have all of the object's. */
async function storedBytes(lake: string, object: LogObject): Promise<number> {
  const { records, outputs } = await receiptOf(lake);
  if (records !== object.records) throw new Error(`Of ${object.records} records ${records} were ingested.`);
  const stored = outputs.filter(({ key }) => key.endsWith('.json.zst'));
  return stored.reduce((sum, { bytes }) => sum + bytes, 0);
}

const TITLES: Readonly<Record<ContenderName, string>> = {
  flowlogs: 'flowlogs, CPU s',
  'codec-floor': 'codec floor, CPU s',
  duckdb: 'DuckDB, CPU s',
  plain: 'plain way, CPU s',
};

export function linesOfLarge(formats: Measured['formats']): string[] {
  const each = (figure: (object: LargeObject) => string) => FORMAT_NAMES.map((name) => figure(formats[name]));
  return [
    row('', ...FORMAT_NAMES),
    row('records', ...each(({ records }) => String(records))),
    row('text, MB', ...each(({ textBytes }) => megabytes(textBytes))),
    row('as gzip, MB', ...each(({ gzipBytes }) => megabytes(gzipBytes))),
    row('as NDJSON, MB', ...each(({ recordBytes }) => megabytes(recordBytes))),
    row('as stored, MB', ...each(({ zstdBytes }) => megabytes(zstdBytes))),
    row('as the plain way stores it, MB', ...each(({ plainBytes }) => megabytes(plainBytes))),
    ...CONTENDERS.map((name) => row(TITLES[name], ...each(({ cpuSeconds }) => cpuSeconds[name].toFixed(2)))),
    '',
    ...FORMAT_NAMES.flatMap((name) => {
      const { cpuSeconds } = formats[name];
      const { flowlogs, duckdb, plain } = cpuSeconds;
      return [
        goal(`${name}: flowlogs / codec floor`, flowlogs / cpuSeconds['codec-floor'], 'at most', 1.2),
        goal(`${name}: DuckDB / flowlogs`, duckdb / flowlogs, 'at least', 1.8),
        goal(`${name}: plain way / flowlogs`, plain / flowlogs, 'at least', 6),
      ];
    }),
  ];
}
