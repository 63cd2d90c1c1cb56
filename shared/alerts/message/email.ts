/** The text of e-mails: for a tired person who has a minute. */

import { byText } from '../../findings/counting.ts';
import type { ConnectionPath } from '../../findings/finding.ts';
import { count } from '../../findings/wording.ts';
import { wrapped } from './safe-text.ts';
import type { AlertData, EvidenceData, MessageData } from './schema.ts';
import { amountText, placeOf, placesText, serviceNumber, severitiesText, shortId } from './subject.ts';
import { dayAndTime, spanText } from './times.ts';

const COLUMNS = 76;

const PATHS: Readonly<Record<ConnectionPath, string>> = {
  'internet-to-subnet': 'from the internet to a subnet',
  'subnet-to-subnet': 'from subnet to subnet, inside the network',
  'subnet-to-internet': 'from a subnet to the internet',
  'on-premises': 'from or to on-premises',
  'aws-service': 'from or to an AWS service',
  unknown: 'unknown: the log does not tell where an end is',
};

export interface TextContext {
  /** The stack's stage, whose file has the policy. */
  readonly stage?: string;
  /** The database in Athena. */
  readonly database?: string;
}

/** The text of a message about one situation. */
export function alertText(alert: AlertData, context: TextContext): string {
  const { severity, words, service, next = [], mayMean = '' } = alert;
  return sections([
    `${severity.toUpperCase()}: ${words}${service === undefined ? '' : `, ${service.text}`}`,
    rows([
      ['What', alert.what],
      ['When', whenText(alert)],
      ['How much', howMuchText(alert)],
      ...evidenceRows(alert),
      ['Path', alert.path && PATHS[alert.path]],
      ['Where', whereText(alert)],
    ]),
    section('What it may mean', wrapped(mayMean, COLUMNS)),
    stepsSection(next),
    section('To see more', seeMore(alert, context)),
    section('Why you get this', `${wrapped(alert.why, COLUMNS)}\n${tellLess(alert, context)}`),
    ...(alert.source === undefined ? [] : [section('Source object', alert.source)]),
  ]);
}

function sections(texts: readonly string[]): string {
  return `${texts.join('\n\n')}\n`;
}

function section(title: string, body: string): string {
  return `${title.toUpperCase()}\n${body}`;
}

function stepsSection(steps: readonly string[]): string {
  const [first, second] = steps;
  const body = second === undefined ? wrapped(first ?? '', COLUMNS) : steps.map(numbered).join('\n');
  return section('What to do', body);
}

function numbered(step: string, index: number): string {
  return item(`${index + 1}.`, step);
}

const LABEL = 10;

/** Labels and texts; what has no text is left out. */
function rows(entries: readonly Row[]): string {
  return entries
    .filter(([, text]) => text !== undefined)
    .map(([label, text]) => item(label.padEnd(LABEL), text!))
    .join('\n');
}

/** A text behind a mark, its further lines as far to the right. */
function item(mark: string, text: string): string {
  const indent = ' '.repeat(mark.length + 1);
  return `${mark} ${wrapped(text, COLUMNS, indent)}`;
}

function whenText({ kind, firstTime, lastTime, covers }: AlertData): string {
  if (kind === 'NO_DELIVERY') return `last object ${dayAndTime(firstTime)} UTC`;
  if (covers !== undefined) return `${spanText(covers.from, covers.until)}, arrived ${dayAndTime(lastTime)}`;
  return `${spanText(firstTime, lastTime)} (delivered 10-25 min later)`;
}

function howMuchText(alert: AlertData): string | undefined {
  const { kind, counters, firstTime, everSince, lastMessage, lossOfDay, reason } = alert;
  if (kind === 'NO_DELIVERY') return undefined;
  const { episode, sinceLastMessage, total } = counters;
  const isTold = lastMessage !== undefined && reason !== 'opens' && reason !== 'first';
  const hasBefore = total.findings > episode.findings && everSince < firstTime;
  return [
    countersText(kind, episode),
    ...(lossOfDay === undefined ? [] : [`${count(lossOfDay.seconds, 'second')} on ${lossOfDay.day}`]),
    ...(isTold
      ? [`${countersText(kind, sinceLastMessage)} since the last message, ${dayAndTime(lastMessage)}`]
      : []),
    ...(hasBefore
      ? [`with what was before, ${countersText(kind, total)} since ${dayAndTime(everSince)}`]
      : []),
  ].join('; ');
}

function countersText(kind: AlertData['kind'], counters: AlertData['counters']['total']): string {
  const { findings, flows, packets } = counters;
  if (kind === 'PACKET_LOSS') return `${count(packets, 'packet')} of ${count(flows, 'flow')}`;
  if (kind === 'SKIPDATA') return count(flows, 'interval');
  return kind === 'OLD_DATA' ? count(findings, 'finding') : count(flows, 'flow');
}

type Row = readonly [label: string, text: string | undefined];

function evidenceRows({ evidence, kind, counters, scope, exampleResourceId }: AlertData): Row[] {
  if (evidence === undefined || kind === 'SKIPDATA') return [];
  const { sources, destinations, ports, attachmentPairs, rejectReasons } = evidence;
  const list = <T>(entries: readonly T[] | undefined, text: (entry: T) => string) =>
    entries?.map(text).join('; ');
  const ends = (entries: EvidenceData['destinations']) =>
    list(entries, ({ address, inside, flows }) => `${address}${insideText(inside)}: ${numberText(flows)}`);
  const rows: Row[] = [
    ['From', ends(sources)],
    ['To', ends(destinations)],
    [
      'Ports',
      list(ports, ({ text, flows, accepted, clients }) => {
        const refused = kind === 'REJECT' ? `${numberText(flows)} refused` : count(flows, 'flow');
        const also = accepted > 0 ? `, ${numberText(accepted)} accepted` : '';
        return `${text}: ${refused}${also}, ${clients} ${clients === '1' ? 'client' : 'clients'}`;
      }),
    ],
    ['Reasons', list(rejectReasons, ({ reason, flows }) => `reject-reason ${reason}: ${numberText(flows)}`)],
    ['Attached', list(attachmentPairs, pairText)],
  ];
  const hasRows = rows.some(([, text]) => text !== undefined);
  if (!hasRows || counters.episode.findings === 1) return rows;
  // Of the others no more than their numbers are known.
  const most =
    scope.level === 'resource'
      ? 'In the object with most of it:'
      : `At ${exampleResourceId ?? 'the one with most of it'}:`;
  return [['', most], ...rows];
}

function numberText(number: number): string {
  return number.toLocaleString('en-US');
}

function insideText(inside: boolean | undefined): string {
  return inside === undefined ? '' : inside ? ' (inside)' : ' (outside)';
}

function pairText(pair: NonNullable<EvidenceData['attachmentPairs']>[number]): string {
  const { pairAttachmentId, sourceVpcId, destinationVpcId, packets } = pair;
  const texts = [
    sourceVpcId && `from ${sourceVpcId}`,
    pairAttachmentId && `by ${pairAttachmentId}`,
    destinationVpcId && `to ${destinationVpcId}`,
  ].filter((text) => text !== undefined);
  return `${texts.join(' ') || 'unknown'}${packets === undefined ? '' : `, ${count(packets, 'packet')}`}`;
}

function whereText(alert: AlertData): string {
  const { scope, resourceId, exampleResourceId, instanceId, interfaceType, subnetId, vpcId } = alert;
  const { transitGatewayId, accountId, region } = alert;
  const resource = resourceId ?? exampleResourceId;
  const behind = instanceId ?? interfaceType;
  const named = resource === undefined || behind === undefined ? resource : `${resource} (${behind})`;
  const places = [
    ...(scope.level === 'vpc' ? [`all of ${scope.id}`] : []),
    ...(named === undefined ? [] : [resourceId === undefined ? `for example ${named}` : named]),
    ...[subnetId, transitGatewayId, scope.level === 'vpc' ? undefined : vpcId],
    `account ${accountId}`,
    region,
  ];
  return places.filter((place) => place !== undefined).join(', ');
}

function seeMore(
  { commands = [], sql }: Pick<MessageData, 'commands' | 'sql'>,
  { database }: TextContext,
): string {
  const athena = `In Athena${database === undefined ? '' : `, database ${database}`}:`;
  return [
    ...commands.map(commandLines),
    ...(sql === undefined ? [] : [`\n${athena}\n${indented(sql)}`]),
  ].join('\n');
}

/** A command, continued on further lines where it is too long; a shell takes it as it is. */
function commandLines(command: string): string {
  const words = command.split(/ (?=--)/);
  const lines: string[] = [];
  let line = `  ${words[0]}`;
  for (const word of words.slice(1)) {
    if (line.length + 1 + word.length > COLUMNS - 2) {
      lines.push(`${line} \\`);
      line = `    ${word}`;
    } else {
      line += ` ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function tellLess({ ignoreRule }: AlertData, context: TextContext): string {
  const sentence = `To be told less, change ${policyText(context)} (docs/alerts.md).`;
  if (ignoreRule === undefined) return wrapped(sentence, COLUMNS);
  const rule = `  ignore:\n    - ${JSON.stringify(ignoreRule)}`;
  return `${wrapped(`${sentence} This ignores it:`, COLUMNS)}\n${rule}`;
}

function policyText({ stage }: TextContext): string {
  return stage === undefined ? 'the policy' : `alerts.policy in stages/${stage}.yml`;
}

/** Rows of a digest's table. */
const MOST_ROWS = 40;

/** The text of a message about several situations, of which the message has the first in full. */
export function digestText(message: MessageData, all: readonly AlertData[], context: TextContext): string {
  const shown = message.alerts.slice(0, MOST_ROWS);
  const hidden = all.length - shown.length;
  const first = all.map(({ firstTime }) => firstTime).sort(byText)[0]!;
  const last = all
    .map(({ lastTime }) => lastTime)
    .sort(byText)
    .at(-1)!;
  const { meanings = [] } = message;
  const [meaning, another] = meanings;
  return sections([
    `DIGEST: ${count(all.length, 'situation')} in ${placesText(all)}\n${severitiesText(all)}; ${spanText(first, last)}`,
    `${table(shown)}${hidden > 0 ? `\n… and ${count(hidden, 'other')}, no more severe than these` : ''}`,
    section(
      'What it may mean',
      meanings.map(({ words, mayMean }) => item('-', `${words}: ${mayMean}`)).join('\n'),
    ),
    ...(meaning !== undefined && another === undefined ? [stepsSection(meaning.next)] : []),
    section('To see more', seeMore(message, context)),
    section(
      'Why you get this',
      wrapped(
        'What is no more than info comes together, every few hours for an account and Region; so does what an hour had ' +
          `no room for, at its end. To be told less, change ${policyText(context)} (docs/alerts.md).`,
        COLUMNS,
      ),
    ),
  ]);
}

/** Severity, what, where, how much: a line each. What is new has a star. */
function table(alerts: readonly AlertData[]): string {
  const isWide = widthsOf(alerts.map((alert) => cellsOf(alert))).reduce((a, b) => a + b) > COLUMNS;
  const rows = alerts.map((alert) => ({ alert, cells: cellsOf(alert, isWide) }));
  const widths = widthsOf(rows.map(({ cells }) => cells));
  const places = Map.groupBy(rows, ({ alert }) => placeOf(alert));
  const hasHeadings = places.size > 1 && alerts.some(({ scope }) => scope.level !== 'account');
  const line = ({ cells }: (typeof rows)[number]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('')
      .trimEnd();
  return [
    ...(hasHeadings
      ? [...places].flatMap(([place, group]) => [`${place}:`, ...group.map(line)])
      : rows.map(line)),
    ...(alerts.some(({ reason }) => reason === 'opens') ? ['(* new)'] : []),
  ].join('\n');
}

function cellsOf(alert: AlertData, isShort = false): readonly string[] {
  const { severity, reason, words, scope } = alert;
  const id = isShort ? shortId(scope.id) : scope.id;
  return [
    `${severity}${reason === 'opens' ? ' *' : ''}`,
    `${words} ${serviceNumber(alert)}`.trimEnd(),
    scope.level === 'account' ? placeOf(alert) : id,
    amountText(alert),
  ];
}

/** Of each column, with two blanks behind it. */
function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return [0, 1, 2, 3].map((column) =>
    rows.reduce((width, row) => Math.max(width, row[column]!.length + 2), 0),
  );
}
