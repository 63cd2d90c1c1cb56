/** Many small objects through the ingest function: CPU and requests of each, and how many it does in a second. */

import type { SmallObjectsPass } from './contenders/small-objects.ts';
import { goal, row } from './figures.ts';
import { REQUEST_KINDS, type SmallObjectFigures } from './measured.ts';
import type { SmallObjects } from './objects.ts';
import { least, type Place, runContender } from './processes.ts';

export const SMALL_OBJECTS = 1000;
export const RECORDS_OF_SMALL = 500;
/** Of every request to S3, milliseconds. */
const LATENCY = 20;

export async function measureSmall(
  place: Place,
  small: SmallObjects,
  runs: number,
): Promise<SmallObjectFigures> {
  // A Lambda instance of the memory that ingest has (1,769 MB) gets one core.
  const pass = (latency: number) =>
    runContender<SmallObjectsPass>(
      place,
      'one core',
      'small-objects',
      small.folder,
      place.folder,
      String(latency),
    );
  const atOnce = [];
  const late = [];
  for (let run = 0; run < runs; run++) {
    atOnce.push(await pass(0));
    late.push(await pass(LATENCY));
  }
  const { cpu, requests, lakeBytes } = least(atOnce, 'cpu');
  const { objects } = small;
  const ofEach = (kind: keyof typeof requests) => requests[kind] / objects;
  return {
    recordsPerObject: small.records,
    textBytes: Math.round(small.textBytes),
    gzipBytes: Math.round(small.gzipBytes),
    outputBytes: Math.round(lakeBytes / objects),
    cpuMs: (cpu * 1e3) / objects,
    objectsPerSecond: objects / least(late, 'wall').wall,
    requests: { GET: ofEach('GET'), HEAD: ofEach('HEAD'), PUT: ofEach('PUT'), LIST: ofEach('LIST') },
  };
}

export function linesOfSmall(figures: SmallObjectFigures): string[] {
  const { requests } = figures;
  const all = REQUEST_KINDS.reduce((sum, kind) => sum + requests[kind], 0);
  return [
    row('records', String(figures.recordsPerObject)),
    row('text, kB', (figures.textBytes / 1e3).toFixed(1)),
    row('as gzip, kB', (figures.gzipBytes / 1e3).toFixed(1)),
    row('all that it leaves in the lake, kB', (figures.outputBytes / 1e3).toFixed(1)),
    ...REQUEST_KINDS.map((kind) => row(`${kind} requests`, requests[kind].toFixed(2))),
    row('requests', all.toFixed(2)),
    '',
    goal('CPU ms of an object', figures.cpuMs, 'under', 1.2),
    goal(`objects a second at ${LATENCY} ms a request`, figures.objectsPerSecond, 'at least', 300),
  ];
}
