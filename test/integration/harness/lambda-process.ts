import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FunctionError, type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

/** What Lambda knows of a function. */
export interface FunctionConfiguration {
  readonly name: string;
  /** As in a template: `dist/ingest/index.handler`. */
  readonly handler: string;
  /** Folder with the unpacked code. */
  readonly taskRoot: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Of its role's credentials. */
  readonly accessKeyId: string;
}

/** Where the functions run. */
export interface Cloud {
  /** Of what answers in AWS's place. */
  readonly endpoint: string;
  readonly accountId: string;
  readonly region: string;
}

/** What came of an invocation: `response`, or `error` if it failed. */
export interface Invocation {
  readonly response?: unknown;
  readonly error?: FunctionError;
  /** What the function printed since the invocation before: on a cold start, what its initialization printed too. */
  readonly output: string;
}

/** A function that can be invoked. Its process starts with the first invocation, and again after a crash. */
export interface LambdaFunction {
  readonly name: string;
  /** The files that the function keeps in its temporary folder, in Lambda `/tmp`. */
  files(): string[];
  invoke(event: unknown): Promise<Invocation>;
  /** Ends the process, whatever it is doing; the next invocation is a cold start. */
  kill(): Promise<void>;
  /** Ends the process and sets the clock of those to come ahead. */
  letTimePass(seconds: number): Promise<void>;
  /** Ends the process and removes its files. */
  dispose(): Promise<void>;
}

/** What Lambda calls an execution environment: a process and the Runtime API that it asks for work. */
interface Environment {
  readonly api: RuntimeApi;
  readonly ended: Promise<void>;
  end(): void;
  timeOut(): void;
}

const RUNTIME_CLIENT = fileURLToPath(import.meta.resolve('aws-lambda-ric'));
const PRELOADED = ['native-client-hook.ts', 'clock.ts'].flatMap((file) => [
  '--import',
  join(import.meta.dirname, file),
]);

/** Runs a packaged function in a process of its own under AWS's runtime client, as Lambda does. */
export function createLambdaFunction(configuration: FunctionConfiguration, cloud: Cloud): LambdaFunction {
  const { name, timeoutSeconds } = configuration;
  const functionArn = `arn:aws:lambda:${cloud.region}:${cloud.accountId}:function:${name}`;
  const folder = mkdtempSync(join(tmpdir(), `flowlogs-${name}-`));
  const tempFolder = mkdtempSync(join(folder, 'tmp-'));
  const outputFile = join(folder, 'output');
  let running: Environment | undefined;
  let outputRead = 0;
  /** Milliseconds. */
  let clockAhead = 0;

  async function start(): Promise<Environment> {
    const api = await startRuntimeApi(functionArn, clockAhead);
    // A file rather than a pipe: what the function printed is there when it asks for the next invocation.
    const output = openSync(outputFile, 'a');
    const child = spawn(process.execPath, [...PRELOADED, RUNTIME_CLIENT], {
      cwd: configuration.taskRoot,
      env: {
        ...environmentOf(configuration, cloud, api.address, tempFolder),
        CLOCK_AHEAD: String(clockAhead),
      },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    const end = () => child.kill('SIGKILL');
    // Nothing outlives a test run that is cut off.
    process.once('exit', end);
    let reason: string | undefined;
    child.once('error', (error) => {
      reason = `The process can't be started: ${error.message}`;
    });
    const ended = new Promise<void>((resolve) => {
      child.once('close', (code, signal) => {
        process.off('exit', end);
        running = undefined;
        reason ??= `The process ended with ${signal ?? `exit status ${code}`}.`;
        api.abort({ errorType: 'Runtime.ExitError', errorMessage: reason });
        resolve();
      });
    });
    const timeOut = () => {
      reason = `Task timed out after ${timeoutSeconds} seconds.`;
      end();
    };
    return { api, ended, end, timeOut };
  }

  async function kill(): Promise<void> {
    running?.end();
    await running?.ended;
  }

  function newOutput(): string {
    const output = readFileSync(outputFile);
    const fresh = output.subarray(outputRead).toString();
    outputRead = output.length;
    return fresh;
  }

  return {
    name,
    kill,
    files: () =>
      readdirSync(tempFolder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name),
    async letTimePass(seconds) {
      await kill();
      clockAhead += seconds * 1000;
    },
    async invoke(event) {
      running ??= await start();
      const { api, timeOut } = running;
      const outcome = await api.invoke(event, timeoutSeconds, timeOut);
      const output = newOutput();
      if ('error' in outcome) return { error: outcome.error, output };
      return { response: JSON.parse(outcome.response), output };
    },
    async dispose() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The variables that Lambda sets, the function's own on top.
 * Source: "Defined runtime environment variables" (AWS Lambda Developer Guide).
 */
function environmentOf(
  { name, handler, taskRoot, memoryMb, environment, accessKeyId }: FunctionConfiguration,
  { endpoint, region }: Cloud,
  runtimeApi: string,
  tempFolder: string,
): Record<string, string> {
  return {
    _HANDLER: handler,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: 'Text',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'not-a-secret',
    AWS_SESSION_TOKEN: 'not-a-token',
    AWS_ENDPOINT_URL: endpoint,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TMPDIR: tempFolder,
    ...environment,
  };
}
