import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { meetFate, type Weather } from './fate.ts';
import type { Process, Scheduler } from './scheduler.ts';

/** A message that will not be processed: it has a reason if a function put it there. */
export interface DeadLetter {
  readonly body: string;
  readonly reason: string | undefined;
}

export interface SimulatedQueue {
  readonly url: string;
  send(body: string): void;
  readonly deadLetters: DeadLetter[];
  /** Moves what came to the dead-letter queue without a reason back, as an operator does; returns how many. */
  redrive(): number;
}

export interface Consumer {
  readonly name: string;
  /** Largest batch, invocations at the same time, and milliseconds that one may last. */
  readonly batch: number;
  readonly concurrency: number;
  readonly timeout: number;
  /** Milliseconds for which a message that was received stays hidden. */
  readonly hidden: number;
  /** The function: what Lambda runs on a batch. */
  readonly handle: (
    records: readonly SQSRecord[],
    context: { getRemainingTimeInMillis(): number },
  ) => Promise<SQSBatchResponse>;
}

interface Message {
  readonly id: string;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
}

const MOST_RECEIVES = 5;
/** Of a thousand messages that are done, so many are delivered again nevertheless while it rains. */
const FORGOTTEN_DELETES = 3;

/** SQS with dead-letter queues, and Lambda's event source mappings in front of functions. */
export function simulatedQueues(scheduler: Scheduler, weather: () => Weather) {
  const { random, later, now, tell } = scheduler;
  const queues = new Map<string, { change(handle: string, seconds: number): void; dead: DeadLetter[] }>();

  function queue(consumer: Consumer): SimulatedQueue {
    const url = `https://sqs/${consumer.name}`;
    const messages = new Map<string, Message>();
    const dead: DeadLetter[] = [];
    let sent = 0;
    let invocations = 0;
    let running = 0;

    function send(body: string): void {
      const id = `m${++sent}`;
      messages.set(id, { id, body, sentAt: now(), visibleAt: now(), receives: 0 });
      wake(0);
    }

    function hide(message: Message, milliseconds: number): void {
      message.visibleAt = now() + milliseconds;
      wake(milliseconds);
    }

    /** Looks for messages after a while: some time later than they could be received, so that batches come together. */
    function wake(milliseconds: number): void {
      later(milliseconds + random.integer(0, 300), poll);
    }

    function poll(): void {
      if (running >= consumer.concurrency) return;
      const visible = [...messages.values()].filter(({ visibleAt }) => visibleAt <= now());
      const batch: Message[] = [];
      const size = random.integer(1, consumer.batch);
      while (batch.length < size && visible.length > 0) {
        const [message] = visible.splice(random.integer(0, visible.length - 1), 1) as [Message];
        if (message.receives === MOST_RECEIVES) {
          messages.delete(message.id);
          dead.push({ body: message.body, reason: undefined });
          tell(`${consumer.name} ${message.id} was received ${MOST_RECEIVES} times → dead-letter queue`);
          continue;
        }
        message.receives++;
        hide(message, consumer.hidden);
        batch.push(message);
      }
      if (batch.length > 0) invoke(batch);
      if (visible.length > 0) wake(0);
    }

    function invoke(batch: readonly Message[]): void {
      running++;
      const name = `${consumer.name}-${++invocations}`;
      tell(
        `${name} starts with ${batch.map(({ id, receives }) => `${id} (receive ${receives})`).join(', ')}`,
      );
      const ends = now() + consumer.timeout;
      const records = batch.map((message) => recordOf(message, `${message.id}#${message.receives}`));
      const context = { getRemainingTimeInMillis: () => ends - now() };
      const over = () => {
        running--;
        cancelKill();
        wake(0);
      };
      const process: Process = scheduler.start(name, () => consumer.handle(records, context), {
        done({ batchItemFailures }) {
          over();
          const stay = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
          tell(`${name} is done${stay.size > 0 ? `, but for ${[...stay].join(', ')}` : ''}`);
          for (const { id } of batch) {
            const isForgotten = weather().doubled > 0 && random.chance(FORGOTTEN_DELETES / 1000);
            if (!stay.has(id) && !isForgotten) messages.delete(id);
          }
        },
        failed(error) {
          over();
          tell(`${name} fails: ${error instanceof Error ? error.message : error}`);
        },
        stopped: over,
      });
      const cancelKill = later(consumer.timeout, () => process.stop('its time is over'));
    }

    queues.set(url, {
      dead,
      change(handle, seconds) {
        const [id = '', receives] = handle.split('#');
        const message = messages.get(id);
        if (message === undefined || message.receives !== Number(receives))
          throw sqsError('InvalidParameterValue');
        hide(message, seconds * 1000);
      },
    });

    return {
      url,
      send,
      deadLetters: dead,
      redrive() {
        const back = dead.filter(({ reason }) => reason === undefined);
        dead.splice(0, dead.length, ...dead.filter(({ reason }) => reason !== undefined));
        for (const { body } of back) send(body);
        return back.length;
      },
    };
  }

  const sqs: SQSClient = Object.create(SQSClient.prototype);
  // biome-ignore lint/suspicious/noExplicitAny: the input of any command
  sqs.send = ((command: { input: any }) => {
    const name = command.constructor.name.replace('Command', '');
    const { QueueUrl: url, ReceiptHandle: handle, MessageBody: body } = command.input;
    const apply = () => {
      if (name === 'ChangeMessageVisibility') {
        queues.get(url)!.change(handle, command.input.VisibilityTimeout);
      } else if (name === 'SendMessage' && url.endsWith('/dead')) {
        const reason = command.input.MessageAttributes.reason.StringValue;
        queues.get(url.slice(0, -'/dead'.length))!.dead.push({ body, reason });
      } else throw new Error(`The simulated SQS does not know ${name} to ${url}.`);
      return {};
    };
    const what = `${name} ${handle ?? url}`;
    return scheduler.effect(`${what} ${body}`, (ending) =>
      meetFate<object>(
        scheduler,
        weather(),
        {
          ...{ what, apply, signal: undefined },
          refusal: () => sqsError('ThrottlingException'),
          silence: () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
        },
        ending,
      ),
    );
  }) as SQSClient['send'];

  return { sqs, queue };
}

function sqsError(name: string): Error {
  return Object.assign(new Error(name), { name });
}

function recordOf({ id, body, sentAt, receives }: Message, receiptHandle: string): SQSRecord {
  return {
    messageId: id,
    receiptHandle,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(Math.floor(sentAt)),
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: 'eu-west-1',
  };
}
