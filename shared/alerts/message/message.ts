import { byText } from '../../findings/counting.ts';
import { bySeverity } from '../../findings/meaning.ts';
import type { AlertMessage, Notice } from '../alert-message.ts';
import { keyOf } from '../situation.ts';
import { ADVICE } from './advice.ts';
import { alertDataOf } from './alert-data.ts';
import { attributesOf } from './attributes.ts';
import { chatText } from './chat.ts';
import { type CommandContext, commandText } from './commands.ts';
import { alertText, digestText, type TextContext } from './email.ts';
import { type Facts, factsOf } from './facts.ts';
import type { AlertData, MessageData } from './schema.ts';
import { snsMessage } from './sns-message.ts';
import { digestSqlText, windowOfAll } from './sql.ts';
import { alertSubject, digestSubject } from './subject.ts';
import { isoTime } from './times.ts';

export interface MessageContext extends CommandContext, TextContext {
  /** Unix seconds. */
  readonly now: number;
}

/** SNS takes 256 KiB, with attributes ("Publish", Amazon SNS API Reference). The rest is for what it counts on top. */
const MAX_BYTES = 250_000;
/** Of a digest more alerts than these nobody reads. */
const MOST_ALERTS = 60;

/**
 * What people are told, in every form: of one notice a message about it, of several a digest. Pure, whatever the order of
 * the notices. If it is too large for SNS, it says of fewer alerts everything, and how many it leaves out.
 *
 * @throws RangeError without a notice
 */
export function messageOf(notices: readonly Notice[], context: MessageContext): AlertMessage {
  const [notice, another] = notices;
  if (notice === undefined) throw new RangeError('A message needs at least one notice.');
  return another === undefined ? alertMessage(notice, context) : digestMessage(notices, context);
}

/** It always fits: everything in it is bounded. */
function alertMessage(notice: Notice, context: MessageContext): AlertMessage {
  const alert = alertDataOf(notice, context, 'full');
  const subject = alertSubject(alert);
  const data: MessageData = {
    ...{ version: 1, kind: 'alert', subject, severity: alert.severity },
    ...{ time: isoTime(context.now), alerts: [alert], leftOut: 0 },
  };
  return messageWith(data, alertText(alert, context), [alert]);
}

function digestMessage(notices: readonly Notice[], context: MessageContext): AlertMessage {
  const all = notices.map((notice) => alertDataOf(notice, context, 'short')).sort(compareAlerts);
  const facts = notices.map(factsOf);
  const wholeWindow = windowOfAll(facts);
  const isSilence = all.every(({ kind }) => kind === 'NO_DELIVERY');
  const query = isSilence ? 'coverage' : 'findings-overview';
  for (let shown = Math.min(all.length, MOST_ALERTS); ; shown = Math.floor(shown * 0.8)) {
    const data: MessageData = {
      ...{ version: 1, kind: 'digest', subject: digestSubject(all), severity: all[0]!.severity },
      ...{ time: isoTime(context.now), alerts: all.slice(0, shown), leftOut: all.length - shown },
      meanings: meaningsOf(all, facts),
      commands: [commandText({ query }, { window: wholeWindow, wholeWindow }, context)],
      sql: digestSqlText(facts),
    };
    const message = messageWith(data, digestText(data, all, context), all);
    if (shown === 0 || sizeOf(message) <= MAX_BYTES) return message;
  }
}

function messageWith(data: MessageData, text: string, all: readonly AlertData[]): AlertMessage {
  return {
    subject: data.subject,
    text,
    json: JSON.stringify(data),
    chat: chatText(data),
    attributes: attributesOf(all),
  };
}

/** What the alerts mean, each meaning once; the words are those for the most severe alert of it. */
function meaningsOf(alerts: readonly AlertData[], several: readonly Facts[]): MessageData['meanings'] {
  const factsById = new Map(several.map((facts) => [keyOf(facts.subject), facts]));
  const first = new Map([...alerts].reverse().map((alert) => [alert.meaning, alert]));
  return [...new Set(alerts.map(({ meaning }) => meaning))].map((meaning) => {
    const { id, words } = first.get(meaning)!;
    const facts = factsById.get(id)!;
    const { mayMean, next } = ADVICE[meaning];
    return { meaning, words, mayMean: mayMean(facts), next: [...next(facts)] };
  });
}

/** The most severe first, then those with most flows. */
function compareAlerts(a: AlertData, b: AlertData): number {
  return (
    bySeverity(a.severity, b.severity) ||
    b.counters.episode.flows - a.counters.episode.flows ||
    byText(a.id, b.id)
  );
}

/** Bytes of all that is published, attributes with their names and types included. */
export function sizeOf(message: AlertMessage): number {
  const attributes = Object.entries(message.attributes).map(([name, value]) =>
    typeof value === 'string' ? `${name}String${value}` : `${name}String.Array${JSON.stringify(value)}`,
  );
  const texts = [message.subject, snsMessage(message), ...attributes];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
