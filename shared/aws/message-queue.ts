import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** What SQS takes and gives in one request. */
const MAX_ENTRIES = 10;
/** Long polling asks all of SQS's servers: without it an empty answer says nothing. Seconds. */
const WAIT = 1;

/** A message that is held: others don't see it until its time is over, or until it is released. */
export interface HeldMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** When it was sent to the queue that it was sent to first, Unix seconds. */
  readonly sentAt: number;
  /** How often it was received, this time included. */
  readonly receives: number;
  readonly receiptHandle: string;
}

/**
 * Everything that a queue shows, each message once, in no order. Who reads has to release what stays in the queue.
 *
 * Sources: "Amazon SQS short and long polling" (Amazon SQS Developer Guide), "ReceiveMessage" (API Reference).
 *
 * @param seconds for which a message is held.
 */
export async function* receiveAll(
  sqs: SQSClient,
  queueUrl: string,
  seconds: number,
  signal: AbortSignal,
): AsyncGenerator<readonly HeldMessage[]> {
  const seen = new Set<string>();
  // Messages since the last new one. If all have come again, nothing new is behind them.
  let stale = 0;
  while (stale <= seen.size) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: MAX_ENTRIES,
        VisibilityTimeout: seconds,
        WaitTimeSeconds: WAIT,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: signal },
    );
    const fresh = Messages.map(heldMessage).filter(({ id }) => !seen.has(id));
    if (Messages.length === 0) return;
    // What was held for too long shows itself again, in front of what was not seen yet.
    stale = fresh.length === 0 ? stale + Messages.length : 0;
    if (fresh.length === 0) continue;
    for (const { id } of fresh) seen.add(id);
    yield fresh;
  }
}

function heldMessage({
  MessageId = '',
  Body = '',
  MessageAttributes = {},
  Attributes = {},
  ReceiptHandle = '',
}: Message): HeldMessage {
  return {
    id: MessageId,
    body: Body,
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
    ),
    sentAt: Number(Attributes.SentTimestamp ?? 0) / 1000,
    receives: Number(Attributes.ApproximateReceiveCount ?? 0),
    receiptHandle: ReceiptHandle,
  };
}

/** Shows messages to others again. One that can't be released shows itself when its time is over. */
export async function release(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly HeldMessage[],
): Promise<void> {
  for (let at = 0; at < messages.length; at += MAX_ENTRIES) {
    const Entries = messages.slice(at, at + MAX_ENTRIES).map(({ receiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: 0,
    }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries })).catch(() => {});
  }
}

/** What became of a message that was to change queues. `both`: it was sent, and could not be deleted. */
export type Move =
  | { readonly outcome: 'moved' }
  | { readonly outcome: 'stayed' | 'both'; readonly error: Error };

/**
 * Moves a held message to another queue: sends its body, then deletes it. So it is never in none of the two. Its
 * attributes stay behind: they say why it failed the last time.
 */
export async function moveMessage(
  sqs: SQSClient,
  from: string,
  to: string,
  { body, receiptHandle }: HeldMessage,
): Promise<Move> {
  try {
    await sqs.send(new SendMessageCommand({ QueueUrl: to, MessageBody: body }));
  } catch (error) {
    return { outcome: 'stayed', error: error as Error };
  }
  try {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: receiptHandle }));
    return { outcome: 'moved' };
  } catch (error) {
    return { outcome: 'both', error: error as Error };
  }
}
