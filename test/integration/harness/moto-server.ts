import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from './listen.ts';

/** A running moto_server: an imitation of AWS behind one address. */
export interface MotoServer {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  stop(): void;
}

const START_SECONDS = 60;

/**
 * Starts moto_server on a free port and waits until it answers.
 *
 * @throws Error that says what to install if there is none, or what it printed if it does not start.
 */
export async function startMotoServer(): Promise<MotoServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(motoServerPath(), ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // The functions run in UTC, and moto writes the times of its events without a zone.
    env: { ...process.env, TZ: 'UTC' },
  });
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);

  let printed = '';
  let failure: string | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    // It logs every request; only what it says last is of use.
    printed = (printed + text).slice(-4000);
  });
  child.on('error', (error) => {
    failure = `moto_server can't be started: ${error.message}`;
  });
  child.on('exit', (code, signal) => {
    failure ??= `moto_server ended by itself (${signal ?? `exit status ${code}`}):\n${printed}`;
  });

  const deadline = Date.now() + START_SECONDS * 1000;
  while (!(await answers(url))) {
    if (failure !== undefined) throw new Error(failure);
    if (Date.now() > deadline) {
      stop();
      throw new Error(`moto_server did not answer within ${START_SECONDS} seconds:\n${printed}`);
    }
    await sleep(100);
  }
  return { url, stop };
}

/** Makes moto forget every resource. */
export async function resetMoto(url: string): Promise<void> {
  const response = await fetch(`${url}/moto-api/reset`, { method: 'POST' });
  if (!response.ok) throw new Error(`moto_server did not reset itself: status ${response.status}`);
}

function motoServerPath(): string {
  const { MOTO_SERVER, PATH = '' } = process.env;
  if (MOTO_SERVER !== undefined) {
    if (existsSync(MOTO_SERVER)) return MOTO_SERVER;
    throw new Error(`MOTO_SERVER names ${MOTO_SERVER}, which does not exist. ${INSTALL}`);
  }
  const folders = [join(import.meta.dirname, '../../../.venv/bin'), ...PATH.split(delimiter)];
  const found = folders.map((folder) => join(folder, 'moto_server')).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`The integration tests need moto_server. ${INSTALL}`);
  return found;
}

const INSTALL =
  'Install it with: python3 -m venv .venv && .venv/bin/pip install --requirement requirements-test.txt. It is looked for ' +
  'in .venv/bin and on the PATH; the environment variable MOTO_SERVER names another place.';

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/moto-api/data.json`).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok === true;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
