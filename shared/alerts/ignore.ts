import ipaddr from 'ipaddr.js';
import { isInNetwork } from '../addresses.ts';
import type { Finding, TopDestination, TopSource } from '../findings/finding.ts';
import type { Signal } from '../findings/meaning.ts';
import type { IgnoreRule } from './policy.ts';

/**
 * Whether a rule ignores what a signal says. A rule about sources holds if all of the signal's sources are listed and
 * meant: of what a finding does not name nobody knows whether it is meant. The same goes for destinations.
 */
export function ignores(rules: readonly IgnoreRule[], signal: Signal, finding: Finding): boolean {
  return rules.some((rule) => {
    const { meanings, paths, ports, interfaces, accounts, sources, destinations } = rule;
    return (
      has(meanings, signal.meaning) &&
      has(paths, finding.path) &&
      has(ports, signal.service?.port) &&
      has(interfaces, finding.resource_id) &&
      has(accounts, finding.aws_account_id) &&
      (sources === undefined || areWithin(sourcesOf(signal, finding), sources)) &&
      (destinations === undefined || areWithin(destinationsOf(signal, finding), destinations))
    );
  });
}

function has<T>(meant: readonly T[] | undefined, value: T | undefined): boolean {
  return meant === undefined || (value !== undefined && meant.includes(value));
}

/** Undefined if not all are known. */
function sourcesOf({ source }: Signal, { flows, top_sources: sources = [] }: Finding): string[] | undefined {
  return source === undefined ? allOf(sources, flows) : [source.address];
}

function destinationsOf(
  { service, destination }: Signal,
  { flows, top_destinations: destinations = [] }: Finding,
): string[] | undefined {
  const address = destination?.address ?? service?.server;
  return address === undefined ? allOf(destinations, flows) : [address];
}

/** The addresses of a list that is complete: whose entries account for all flows, none of them guessed. */
function allOf(entries: readonly (TopSource | TopDestination)[], flows: number): string[] | undefined {
  const isComplete =
    entries.every(({ error }) => error === 0) &&
    entries.reduce((sum, entry) => sum + entry.flows, 0) >= flows;
  return isComplete ? entries.map(({ address }) => address) : undefined;
}

function areWithin(addresses: readonly string[] | undefined, networks: readonly string[]): boolean {
  return addresses?.every((address) => networks.some((cidr) => isWithin(address, cidr))) ?? false;
}

/** What stands in a log for an address can be anything. */
function isWithin(text: string, cidr: string): boolean {
  return ipaddr.isValid(text) && isInNetwork(text, cidr);
}
