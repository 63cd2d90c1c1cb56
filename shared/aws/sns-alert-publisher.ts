import { setTimeout as sleep } from 'node:timers/promises';
import {
  type MessageAttributeValue,
  PublishCommand,
  type PublishCommandInput,
  type SNSClient,
} from '@aws-sdk/client-sns';
import type { AlertMessage, AlertPublisher } from '../alerts/alert-message.ts';
import { snsMessage } from '../alerts/message/sns-message.ts';
import { PermanentError } from '../errors.ts';

/** Where alerts go. */
export interface AlertTopics {
  /** For people and programs; each gets the form that fits how it is subscribed. */
  readonly topicArn: string;
  /** For Amazon Q Developer in chat applications, if anybody uses it. */
  readonly chatTopicArn?: string | undefined;
}

/**
 * Milliseconds before each message. Four invocations publish at most at the same time (see serverless.yml), so that a
 * subscription gets 8 messages a second: SNS suspends e-mail subscriptions that get more than 10.
 *
 * Source: "Email notifications" (Amazon SNS Developer Guide).
 */
const PAUSE = 500;

/** Errors that say that SNS will never take this message. Source: "Publish" (Amazon SNS API Reference). */
const REFUSALS: readonly string[] = ['InvalidParameterException', 'InvalidParameterValueException'];

/**
 * SNS topics as a publisher, one message at a time whoever asks.
 *
 * If the chat topic fails for the moment, the message counts as not published although the first topic took it: it goes
 * out again, to both, and a repeat is better than a loss. If the chat topic refuses it, or is gone, a repeat would bring
 * the same to the others again and again: that is for good.
 *
 * @param signal ends it; what is not published then fails with the signal's reason.
 * @throws PermanentError `refused-alert` if a topic will never take the message. The other topic has it.
 */
export function snsAlertPublisher(
  sns: SNSClient,
  { topicArn, chatTopicArn }: AlertTopics,
  signal: AbortSignal,
): AlertPublisher {
  let turn: Promise<unknown> = Promise.resolve();

  async function publish(message: AlertMessage): Promise<void> {
    await sleep(PAUSE, undefined, { signal });
    const MessageAttributes = attributesOf(message);
    const forAll: PublishCommandInput = {
      TopicArn: topicArn,
      Subject: message.subject,
      Message: snsMessage(message),
      MessageStructure: 'json',
      MessageAttributes,
    };
    const forChat = { TopicArn: chatTopicArn, Message: message.chat, MessageAttributes };
    const refusals = [
      await refusalOf(forAll, isRefusal),
      chatTopicArn === undefined ? undefined : await refusalOf(forChat, isLasting),
    ];
    const refusal = refusals.find((each) => each !== undefined);
    if (refusal !== undefined) throw refused(message, refusal);
  }

  /** Sends it. If that fails for good: why. */
  async function refusalOf(
    input: PublishCommandInput,
    isForGood: (error: Error) => boolean,
  ): Promise<Refusal | undefined> {
    try {
      await sns.send(new PublishCommand(input), { abortSignal: signal });
      return undefined;
    } catch (error) {
      if (!isForGood(error as Error)) throw error;
      return { topicArn: input.TopicArn, error: error as Error };
    }
  }

  return {
    publish(message) {
      const published = turn.then(() => publish(message));
      turn = published.catch(() => {});
      return published;
    },
  };
}

function attributesOf({ attributes }: AlertMessage): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string'
        ? { DataType: 'String', StringValue: value }
        : { DataType: 'String.Array', StringValue: JSON.stringify(value) },
    ]),
  );
}

const isRefusal = ({ name }: Error) => REFUSALS.includes(name);

/** What is wrong with the request or the topic, and not with the moment. */
function isLasting(error: Error & { readonly $fault?: string }): boolean {
  return error.$fault === 'client' && !/Thrott/.test(error.name);
}

interface Refusal {
  readonly topicArn: string | undefined;
  readonly error: Error;
}

function refused({ subject }: AlertMessage, { topicArn, error }: Refusal): PermanentError {
  return new PermanentError(
    'refused-alert',
    `SNS does not take the alert "${subject}" for ${topicArn}: ${error.name} ${error.message}. What it tells is in the ` +
      'lake, in the table findings.',
    { cause: error },
  );
}
