import { count } from '../../findings/wording.ts';
import { prefixOf } from './reasons.ts';
import { isPlainId, printable, visible } from './safe-text.ts';
import type { AlertData } from './schema.ts';
import { dayAndTime } from './times.ts';

/** SNS takes fewer than 100 characters, without line breaks and control characters ("Publish", Amazon SNS API Reference). */
const MAX_SUBJECT = 99;

/** `[warning] internal service rejected: tcp/5432 at eni-0a1b 111122223333 eu-west-1 (36 flows)` */
export function alertSubject(alert: AlertData): string {
  const { severity, reason, words, scope, accountId, region } = alert;
  const service = serviceNumber(alert);
  const what = `[${severity}] ${prefixOf(reason)}${words}${service === '' ? '' : `: ${service}`}`;
  const place = region === undefined ? accountId : `${accountId} ${region}`;
  const where = (id: string) => (scope.level === 'account' ? `: ${place}` : ` at ${id} ${place}`);
  const amount = ` (${amountText(alert)})`;
  const short = shortId(scope.id);
  return firstThatFits([
    `${what}${where(scope.id)}${amount}`,
    `${what}${where(short)}${amount}`,
    ...(reason === 'grows' ? [`${what} ${place}${amount}`] : []),
    `${what}${where(short)}`,
  ]);
}

/** `[digest] 2 warning, 12 info in 111122223333 eu-west-1: public service rejected, port scan` */
export function digestSubject(alerts: readonly AlertData[]): string {
  const words = [...new Set(alerts.map((alert) => alert.words))];
  const start = `[digest] ${severitiesText(alerts)} in ${placesText(alerts)}`;
  const named = words.map((_, index) => `${start}: ${words.slice(0, words.length - index).join(', ')}`);
  return firstThatFits([...named, start]);
}

/** Where several alerts are: `111122223333 eu-west-1`, or `7 accounts`. */
export function placesText(alerts: readonly AlertData[]): string {
  const places = new Set(alerts.map(placeOf));
  const accounts = new Set(alerts.map(({ accountId }) => accountId));
  if (places.size === 1) return [...places][0]!;
  return accounts.size === 1
    ? `${[...accounts][0]}, ${places.size} Regions`
    : count(accounts.size, 'account');
}

/** `111122223333 eu-west-1` */
export function placeOf({ accountId, region }: AlertData): string {
  return region === undefined ? accountId : `${accountId} ${region}`;
}

/** `2 warning, 12 info`, the most severe first. Expects them ordered. */
export function severitiesText(alerts: readonly AlertData[]): string {
  const bySeverity = Map.groupBy(alerts, ({ severity }) => severity);
  return [...bySeverity].map(([severity, group]) => `${group.length} ${severity}`).join(', ');
}

/** How much, in a few words. */
export function amountText({ kind, counters: { episode }, firstTime, lossOfDay }: AlertData): string {
  if (kind === 'PACKET_LOSS') return count(episode.packets, 'packet');
  if (kind === 'NO_DELIVERY') return `since ${dayAndTime(firstTime).slice(0, 16)}`;
  if (kind === 'OLD_DATA') return count(episode.findings, 'finding');
  if (kind === 'SKIPDATA' && lossOfDay !== undefined) return `${lossOfDay.seconds.toLocaleString('en-US')} s`;
  return count(episode.flows, 'flow');
}

/** `tcp/5432`: the name of the service takes too much room. */
export function serviceNumber({ service }: AlertData): string {
  return service === undefined ? '' : service.text.replace(/ \(.*$/, '');
}

/** `eni-..934348`: enough to know it again. */
export function shortId(id: string): string {
  if (!isPlainId(id)) return visible(id, 20);
  const kind = id.slice(0, id.lastIndexOf('-') + 1);
  return id.length <= kind.length + 10 ? id : `${kind.slice(-12)}..${id.slice(-6)}`;
}

function firstThatFits(subjects: readonly string[]): string {
  const subject = subjects.find(({ length }) => length <= MAX_SUBJECT) ?? subjects.at(-1)!;
  return printable(subject, MAX_SUBJECT);
}
