/** How well the work is spread over two cores: the transformation and the compressor should run side by side. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figures } from './contenders/contend.ts';
import { goal, row } from './figures.ts';
import { FORMAT_NAMES, type FormatName, type LogObject } from './objects.ts';
import { least, type Place, runContender } from './processes.ts';

/** The run of each that took least wall time. */
export interface WallTimes {
  readonly flowlogs: Figures;
  readonly transform: Figures;
  readonly compress: Figures;
}

export async function measureWall(place: Place, object: LogObject, runs: number): Promise<WallTimes> {
  const lake = join(place.folder, 'lake');
  const flowlogs: Figures[] = [];
  const transform: Figures[] = [];
  const compress: Figures[] = [];
  for (let run = 0; run < runs; run++) {
    await rm(lake, { recursive: true, force: true });
    flowlogs.push(await runContender(place, 'two cores', 'flowlogs', object.path, lake));
    transform.push(await runContender(place, 'one core', 'transform', object.path, lake));
    compress.push(await runContender(place, 'one core', 'compress', object.path, lake));
  }
  await rm(lake, { recursive: true, force: true });
  return {
    flowlogs: least(flowlogs, 'wall'),
    transform: least(transform, 'wall'),
    compress: least(compress, 'wall'),
  };
}

const TITLES: Readonly<Record<keyof WallTimes, string>> = {
  flowlogs: 'flowlogs on two cores',
  transform: 'inflate and transform alone on one',
  compress: 'compress alone on one',
};

export function linesOfWall(formats: Readonly<Record<FormatName, WallTimes>>): string[] {
  const each = (name: keyof WallTimes, figure: 'cpu' | 'wall') =>
    FORMAT_NAMES.map((format) => formats[format][name][figure].toFixed(2));
  const names = Object.keys(TITLES) as (keyof WallTimes)[];
  return [
    row('', ...FORMAT_NAMES),
    ...names.map((name) => row(`${TITLES[name]}, wall s`, ...each(name, 'wall'))),
    ...names.map((name) => row(`${TITLES[name]}, CPU s`, ...each(name, 'cpu'))),
    '',
    ...FORMAT_NAMES.map((format) => {
      const { flowlogs, transform, compress } = formats[format];
      const slower = Math.max(transform.wall, compress.wall);
      return goal(`${format}: flowlogs / the slower`, flowlogs.wall / slower, 'at most', 1.15);
    }),
  ];
}
