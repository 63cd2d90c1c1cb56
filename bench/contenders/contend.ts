import { stat } from 'node:fs/promises';

/** What a contender gets: a gzip file of flow log text, and a path that it may write to. */
export interface Task {
  readonly input: string;
  /** Of the input, in bytes. */
  readonly size: number;
  readonly output: string;
}

/** What a contender's process prints, as one line of JSON. */
export interface Figures {
  /** User and system CPU seconds of the process while it did the work; imports and preparation do not count. */
  readonly cpu: number;
  readonly wall: number;
  /** Peak resident set of the process, in MB. */
  readonly rss: number;
}

/** Runs the work of one contender in this process and prints its figures. `prepare` is not measured. */
export async function contend<T>(
  work: (task: Task, prepared: T) => Promise<void>,
  prepare?: (task: Task) => Promise<T>,
): Promise<void> {
  const [input, output] = process.argv.slice(2);
  if (input === undefined || output === undefined) throw new Error('usage: contender INPUT OUTPUT');
  const task: Task = { input, size: (await stat(input)).size, output };
  const prepared = (await prepare?.(task)) as T;
  const startedCpu = process.cpuUsage();
  const started = performance.now();
  await work(task, prepared);
  const { user, system } = process.cpuUsage(startedCpu);
  const figures: Figures = {
    cpu: (user + system) / 1e6,
    wall: (performance.now() - started) / 1e3,
    rss: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
