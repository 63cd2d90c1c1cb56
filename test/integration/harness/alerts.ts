import type { Message } from '@aws-sdk/client-sqs';
import { alertMessageSchema, type MessageData } from '../../../shared/alerts/message/schema.ts';

/** What a queue that is subscribed to the alerts gets. */
export interface ReceivedAlert {
  readonly message: MessageData;
  /** By name; lists are lists. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
}

/** Reads a message of a subscription with raw delivery. It has to be as documented. */
export function receivedAlert({ Body, MessageAttributes = {} }: Message): ReceivedAlert {
  return {
    message: alertMessageSchema.parse(JSON.parse(Body!)),
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType, StringValue = '' }]) => [
        name,
        DataType === 'String.Array' ? JSON.parse(StringValue) : StringValue,
      ]),
    ),
  };
}
