import type { Reason } from './decision.ts';
import type { Situation } from './situation.ts';

/** What people are told about one situation, and why now. */
export interface Notice {
  readonly situation: Situation;
  readonly reason: Reason;
}

/** A message in every form in which subscribers get it. */
export interface AlertMessage {
  /** One line for e-mail: at most 99 printable ASCII characters. */
  readonly subject: string;
  /** For people: e-mail, and whatever has no form of its own. */
  readonly text: string;
  /** For programs: SQS, Lambda, HTTPS. JSON text of the documented schema. */
  readonly json: string;
  /** For Slack and Teams through Amazon Q Developer in chat applications. JSON text of a custom notification. */
  readonly chat: string;
  /** What subscriptions can filter by: a text, or an array in a message about several situations. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
}

/** Where alerts go: SNS topics, or a terminal. */
export interface AlertPublisher {
  /** Publishes it, or throws; then it may have gone out all the same. */
  publish(message: AlertMessage): Promise<void>;
}
