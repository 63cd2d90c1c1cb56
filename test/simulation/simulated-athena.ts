import { AthenaClient } from '@aws-sdk/client-athena';
import { GlueClient } from '@aws-sdk/client-glue';
import { meetFate, type Weather } from './fate.ts';
import type { Scheduler } from './scheduler.ts';

interface Query {
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  reason?: string;
  isRetryable?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: the input of any command
type Command = { input: any };

/** Athena, as far as it adds partitions, and the catalogue that it adds them to. */
export function simulatedAthena(scheduler: Scheduler, weather: () => Weather) {
  const { random } = scheduler;
  /** Folders of the lake, as their partitions tell where they are. */
  const registered = new Set<string>();
  const queries = new Map<string, Query>();

  function start(sql: string): object {
    const id = `q${queries.size + 1}`;
    const query: Query = { state: 'RUNNING' };
    queries.set(id, query);
    const folders = [...sql.matchAll(/LOCATION 's3:\/\/lake\/([^']+)'/g)].map(([, folder]) => folder!);
    const { refused, slow } = weather().perMille;
    const isBad = random.chance((refused + slow) / 1000);
    scheduler.later(random.integer(300, 6000), () => {
      if (!isBad) {
        for (const folder of folders) registered.add(folder);
        query.state = 'SUCCEEDED';
      } else if (random.chance(0.7)) {
        query.state = random.chance(0.2) ? 'CANCELLED' : 'FAILED';
        const isThere = folders.some((folder) => registered.has(folder));
        const reasons = [
          'mystery',
          'Rate exceeded',
          ...(isThere ? ['AlreadyExistsException: Partition already exists'] : []),
        ];
        query.reason = random.pick(reasons);
        query.isRetryable = random.chance(0.5);
        // What failed may have done a part of it.
        for (const folder of folders.slice(0, random.integer(0, folders.length))) registered.add(folder);
      }
      scheduler.tell(`Athena ${id} with ${folders.length} partitions: ${query.state} ${query.reason ?? ''}`);
    });
    return { QueryExecutionId: id };
  }

  function stateOf(id: string): object {
    const { state, reason, isRetryable } = queries.get(id)!;
    const error = { Retryable: isRetryable ?? false, ErrorMessage: reason };
    return {
      QueryExecution: { Status: { State: state, StateChangeReason: reason, AthenaError: error } },
    };
  }

  function partitionsOf({ TableName, Expression }: { TableName: string; Expression: string }): object {
    const [, day] = /^day = '(.*)'$/.exec(Expression)!;
    const Partitions = [...registered]
      .filter((folder) => folder.startsWith(`${TableName}/`) && folder.includes(`/day=${day}/`))
      .map((folder) => ({
        Values: [...folder.matchAll(/=([^/]+)\//g)].map(([, value]) => value!),
        StorageDescriptor: { Location: `s3://lake/${folder}` },
      }));
    return { Partitions };
  }

  function clientOf<T extends object>(
    prototype: T,
    answer: (name: string, input: Command['input']) => object,
  ): T {
    const client: T = Object.create(prototype);
    const send = (command: Command, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
      const what = command.constructor.name.replace('Command', '');
      return scheduler.effect(what, (ending) =>
        meetFate<object>(
          scheduler,
          weather(),
          {
            ...{ what, apply: () => answer(what, command.input), signal: abortSignal },
            refusal: () => Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }),
            silence: () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
          },
          ending,
        ),
      );
    };
    return Object.assign(client, { send });
  }

  const athena = clientOf(AthenaClient.prototype, (name, input) => {
    if (name === 'StartQueryExecution') return start(input.QueryString);
    if (name === 'GetQueryExecution') return stateOf(input.QueryExecutionId);
    throw new Error(`The simulated Athena does not know ${name}.`);
  });
  const glue = clientOf(GlueClient.prototype, (name, input) => {
    if (name === 'GetPartitions') return partitionsOf(input);
    throw new Error(`The simulated Glue does not know ${name}.`);
  });
  return { athena, glue, registered: registered as ReadonlySet<string> };
}
