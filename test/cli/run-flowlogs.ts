import { type ChildProcess, execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const FLOWLOGS = fileURLToPath(new URL('../../cli/flowlogs.ts', import.meta.url));

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gets the process when it runs, to send it signals. */
  readonly onStart?: (process: ChildProcess) => void;
}

/** Runs the real command in a process of its own, in a folder and with no more environment than is given. */
export function runFlowlogs(
  folder: string,
  args: readonly string[],
  { input = '', env = {}, onStart = () => {} }: Surroundings = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [FLOWLOGS, ...args],
      { cwd: folder, env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end(input);
    onStart(child);
  });
}
