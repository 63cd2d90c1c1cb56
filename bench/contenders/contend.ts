/** What a contender gets. */
export interface Task {
  /** A gzip file of flow log text, unless the contender says otherwise. */
  readonly input: string;
  /** A path that it may write to. */
  readonly output: string;
  /** What follows on the command line. */
  readonly options: readonly string[];
}

/** One way of doing a task. */
export interface Contender<Prepared = void, Details = unknown> {
  /** What has to be there before the work; it is not measured. */
  readonly prepare?: (task: Task) => Promise<Prepared>;
  /** The work. If it returns an object, that is printed beside the figures. */
  readonly work: (task: Task, prepared: Prepared) => Promise<Details>;
}

/** What a contender's process prints as its last line, in JSON. */
export interface Figures {
  /** User and system CPU seconds of the process while it did the work; imports and preparation do not count. */
  readonly cpu: number;
  readonly wall: number;
  /** Peak resident set of the process in MiB, from its start on. */
  readonly rss: number;
}

/** Does the task that the command line names and prints the figures. */
export async function contend<Prepared>(contender: Contender<Prepared>): Promise<void> {
  const [input, output, ...options] = process.argv.slice(2);
  if (input === undefined || output === undefined) throw new Error('usage: contender INPUT OUTPUT [OPTION…]');
  const task: Task = { input, output, options };
  const prepared = (await contender.prepare?.(task)) as Prepared;
  const startedCpu = process.cpuUsage();
  const started = performance.now();
  const details = (await contender.work(task, prepared)) as object | undefined;
  const { user, system } = process.cpuUsage(startedCpu);
  const figures: Figures = {
    cpu: (user + system) / 1e6,
    wall: (performance.now() - started) / 1e3,
    rss: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify({ ...details, ...figures })}\n`);
}
