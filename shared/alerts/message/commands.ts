/** The `flowlogs` commands that show more of what a message tells. */

import { isIP } from 'node:net';
import { protocolName } from '../../flow-log/names.ts';
import type { Ends, Facts } from './facts.ts';
import { isoTime } from './times.ts';

/** A command: an explanation of what became of traffic, or a saved query. */
export type Ask =
  | { readonly ends: Ends }
  | { readonly query: string; readonly parameters?: Readonly<Record<string, string>> };

type AsksOf = (facts: Facts) => readonly Ask[];

/** A saved query without parameters. */
export function query(name: string): AsksOf {
  return () => [{ query: name }];
}

/** A saved query with the parameter `network`: the server, or the only address that was asked, if there is one. */
export function queryOfServer(name: string): AsksOf {
  return ({ port, subject: { service }, finding: { top_destinations: destinations = [] } }) => {
    const only = destinations.length === 1 ? destinations[0]?.address : undefined;
    const server = service?.server ?? port?.server ?? only ?? '';
    return [{ query: name, ...(isIP(server) > 0 && { parameters: { network: server } }) }];
  };
}

/** Where a source appeared, and a saved query about sources. */
export function queriesOfSource(name: string): AsksOf {
  return ({ signals }) => {
    const address = signals[0]?.source?.address ?? '';
    const seen = { query: 'first-and-last-seen', parameters: { address } };
    return [...(isIP(address) > 0 ? [seen] : []), { query: name }];
  };
}

/** `flowlogs explain`, if it is known who asked whom; what else shows more, if not. */
export function explainOr(otherwise: AsksOf): AsksOf {
  return (facts) => (facts.ends === undefined ? otherwise(facts) : [{ ends: facts.ends }]);
}

/** Which engine the commands ask. */
export interface CommandContext {
  /** The stack's stage; without it the commands ask the lake on the laptop. */
  readonly stage?: string;
}

/** A command as one line for a shell. All values are plain: addresses, numbers, times and names that we gave. */
export function commandText(
  ask: Ask,
  { window, wholeWindow }: Pick<Facts, 'window' | 'wholeWindow'>,
  { stage }: CommandContext,
): string {
  const { from, until } = 'ends' in ask ? window : wholeWindow;
  return [
    'flowlogs',
    ...('ends' in ask ? explainArguments(ask.ends) : queryArguments(ask)),
    `--since ${toMinute(from)}`,
    // The end is not part of a range.
    `--until ${toMinute(until + 60)}`,
    ...(stage === undefined ? [] : [`--athena --stage ${stage}`]),
  ].join(' ');
}

function explainArguments({ client, server, protocol, port }: Ends): string[] {
  const name = protocolName(protocol);
  return [
    `explain --source ${client} --destination ${server}`,
    ...(port > 0 ? [`--port ${port}`] : []),
    ...(name === 'tcp' ? [] : [`--protocol ${name}`]),
  ];
}

function queryArguments({ query: name, parameters = {} }: Extract<Ask, { query: string }>): string[] {
  return [`query ${name}`, ...Object.entries(parameters).map(([key, value]) => `--param ${key}=${value}`)];
}

/** `2026-11-20T05:03Z` */
function toMinute(seconds: number): string {
  return `${isoTime(seconds).slice(0, 16)}Z`;
}
