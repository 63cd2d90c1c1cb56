import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  add(amount: number): void;
  stop(): void;
}

/**
 * A progress bar on standard error. Where that is no terminal there is none: it would fill a log file.
 *
 * @param total what is to be done, in any unit
 */
export function startProgress(label: string, total: number): Progress {
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage} %  {eta_formatted} left`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: null,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  );
  bar.start(Math.max(total, 1), 0);
  return { add: (amount) => bar.increment(amount), stop: () => bar.stop() };
}
