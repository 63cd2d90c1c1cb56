import { clearLine, cursorTo } from 'node:readline';
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

export interface StatusLine {
  /** Replaces what is shown. */
  show(text: string): void;
  clear(): void;
}

/** A line on standard error that is written over again and again. Where that is no terminal there is none. */
export function startStatusLine(): StatusLine {
  const { stderr } = process;
  const write = (text: string) => {
    if (!stderr.isTTY) return;
    cursorTo(stderr, 0);
    clearLine(stderr, 0);
    // A line that wraps could not be written over.
    stderr.write(text.slice(0, stderr.columns - 1));
  };
  return { show: write, clear: () => write('') };
}
