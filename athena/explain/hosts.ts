/** From what people call an end, to hosts: their addresses, their interfaces, and what is known of the logs of these. */

import { flowLogsOf, type Inventory, type KnownInterface } from '../../shared/explain/inventory.ts';
import type { End, InterfaceLog, Interval } from '../../shared/explain/observation.ts';
import { isInNetwork } from '../addresses.ts';
import { QueryError } from '../query-error.ts';
import type { NamedEnd } from './named-end.ts';
import type { Scope } from './statements.ts';
import type { SurveyedInterface } from './survey.ts';

/** An interface of an end: what flow logs and the inventory know of it together. */
export interface FoundInterface {
  readonly interfaceId: string;
  readonly name: string | undefined;
  readonly kind: string | undefined;
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  readonly vpcId: string | undefined;
  readonly subnetId: string | undefined;
  readonly azId: string | undefined;
  readonly instanceId: string | undefined;
  /** Every address that its packets may show. */
  readonly addresses: readonly string[];
  /** Undefined if no flow log has a record of it. */
  readonly survey: SurveyedInterface | undefined;
  readonly known: KnownInterface | undefined;
}

/** One host: an end of traffic that must not be mixed with others. */
export interface Host {
  /** What it is called: what was typed, or the address within a network. */
  readonly name: string;
  readonly end: End;
  readonly interfaces: readonly FoundInterface[];
}

/** How the candidates for an address are narrowed. */
export interface Narrowing extends Scope {
  readonly vpcs: readonly string[];
}

/** An address that several interfaces have: whoever asks has to choose. */
export class AmbiguousEndError extends QueryError {}

/** All that is known of interfaces that the ends may mean. */
export function foundInterfaces(
  surveyed: readonly SurveyedInterface[],
  inventory: Inventory,
): ReadonlyMap<string, FoundInterface> {
  const surveys = new Map(surveyed.map((each) => [each.interfaceId, each]));
  const ids = new Set([...surveys.keys(), ...inventory.interfaces.keys()]);
  return new Map(
    [...ids].map((id) => [id, foundInterface(id, surveys.get(id), inventory.interfaces.get(id))]),
  );
}

function foundInterface(
  interfaceId: string,
  survey: SurveyedInterface | undefined,
  known: KnownInterface | undefined,
): FoundInterface {
  return {
    interfaceId,
    name: known?.name,
    kind: known?.kind ?? survey?.interfaceType,
    accountId: known?.accountId ?? survey?.accountId,
    region: survey?.region,
    vpcId: known?.vpcId ?? survey?.vpcId,
    subnetId: known?.subnetId ?? survey?.subnetId,
    azId: known?.azId ?? survey?.azId,
    instanceId: known?.instanceId ?? survey?.instanceId,
    addresses: [
      ...new Set([
        ...(survey?.addresses ?? []),
        ...(known?.addresses ?? []),
        ...(known?.publicAddresses ?? []),
      ]),
    ],
    survey,
    known,
  };
}

/**
 * The hosts that an end means: one, or for a network each one in it.
 *
 * @throws AmbiguousEndError if an address belongs to several interfaces; QueryError if nothing is known of an interface
 *   or instance.
 */
export function hostsOf(
  option: string,
  named: NamedEnd,
  found: ReadonlyMap<string, FoundInterface>,
  narrowing: Narrowing,
): Host[] {
  const all = [...found.values()];
  if (named.kind === 'interface') {
    const only = found.get(named.id);
    if (only === undefined) throw unknownError(option, named.text, 'no flow log has a record of it');
    return [hostOf(option, named.text, [only], [])];
  }
  if (named.kind === 'instance') {
    const own = all.filter(({ instanceId }) => instanceId === named.id);
    if (own.length === 0) {
      throw unknownError(option, named.text, 'no flow log with the field instance-id has a record of it');
    }
    return [hostOf(option, named.text, own, [])];
  }
  if (named.kind === 'network') {
    const addresses = all.flatMap((each) =>
      each.addresses.filter((address) => isInNetwork(address, named.network)),
    );
    return [...new Set(addresses)].map((address) =>
      hostOf(option, address, ownersOf(option, address, found, narrowing), [address]),
    );
  }
  const owners = named.addresses.flatMap((address) => ownersOf(option, address, found, narrowing));
  return [hostOf(option, named.text, [...new Set(owners)], named.addresses)];
}

/** The interface that has an address, if any is known. */
function ownersOf(
  option: string,
  address: string,
  found: ReadonlyMap<string, FoundInterface>,
  narrowing: Narrowing,
): readonly FoundInterface[] {
  const all = [...found.values()].filter(({ addresses }) => addresses.includes(address));
  const chosen = narrowed(all, narrowing);
  // An address that was handed on belongs to whoever has records at the time; an inventory only knows today's owner.
  const present = chosen.filter(({ survey }) => survey?.isInWindow === true);
  const candidates = present.length > 0 ? present : chosen;
  if (candidates.length > 1) throw ambiguousError(option, address, candidates);
  return candidates;
}

function narrowed(
  all: readonly FoundInterface[],
  { accounts, regions, vpcs }: Narrowing,
): readonly FoundInterface[] {
  const fits = (wanted: readonly string[], value: string | undefined) =>
    wanted.length === 0 || value === undefined || wanted.includes(value);
  return all.filter(
    ({ accountId, region, vpcId }) => fits(accounts, accountId) && fits(regions, region) && fits(vpcs, vpcId),
  );
}

function ambiguousError(option: string, address: string, candidates: readonly FoundInterface[]): Error {
  const lines = candidates.map(({ interfaceId, name, accountId, region, vpcId, subnetId }) =>
    ['  ', interfaceId, name, vpcId, subnetId, region, accountId]
      .filter((each) => each !== undefined)
      .join('  '),
  );
  return new AmbiguousEndError(
    `${option} ${address} is an address of ${candidates.length} interfaces:\n${lines.join('\n')}\n` +
      `Choose one with ${option} eni-…, or narrow with --vpc, --account or --region.`,
  );
}

function unknownError(option: string, text: string, reason: string): Error {
  return new QueryError(
    `${option} ${text}: ${reason} in the time around the question. Check the id, ask about another time with --since ` +
      'and --until, give its address, or the output of "aws ec2 describe-network-interfaces" with --inventory FILE.',
  );
}

function hostOf(
  option: string,
  name: string,
  interfaces: readonly FoundInterface[],
  asked: readonly string[],
): Host {
  const addresses = [...new Set([...asked, ...interfaces.flatMap((each) => each.addresses)])];
  if (addresses.length === 0) {
    throw unknownError(
      option,
      name,
      'its records do not tell its own address (one peer only, no flow-direction)',
    );
  }
  const subnets = interfaces.flatMap(({ subnetId }) => subnetId ?? []);
  return {
    name,
    end: {
      addresses,
      interfaceIds: interfaces.map(({ interfaceId }) => interfaceId),
      ...(interfaces.length > 0 &&
        subnets.length === interfaces.length && { subnetIds: [...new Set(subnets)] }),
    },
    interfaces,
  };
}

/**
 * What the logs of these interfaces hold. Interfaces without records in the window are left out: AWS writes NODATA
 * records for idle ones, so no flow log records them.
 *
 * @param gaps where AWS lost records, by interface
 */
export function interfaceLogs(
  interfaces: Iterable<FoundInterface>,
  inventory: Inventory,
  gaps: ReadonlyMap<string, readonly Interval[]>,
): Map<string, InterfaceLog> {
  const logs = new Map<string, InterfaceLog>();
  for (const { interfaceId, survey, known } of interfaces) {
    if (survey?.isInWindow !== true) continue;
    const types = new Map(
      (known === undefined ? [] : flowLogsOf(inventory, known)).map((each) => [
        each.flowLogId,
        each.trafficType,
      ]),
    );
    const flowLogs = survey.flowLogs.map((each) => ({
      ...each,
      actions: types.get(each.flowLogId) === 'ALL' ? (['ACCEPT', 'REJECT'] as const) : each.actions,
    }));
    const actions = new Set(flowLogs.flatMap((each) => each.actions));
    // Two flow logs may hold one action each: the interface's log is complete where both are.
    const spans = [...actions].map((action) => flowLogs.filter((each) => each.actions.includes(action)));
    const all = spans.length === 0 ? [flowLogs] : spans;
    logs.set(interfaceId, {
      actions,
      skipped: gaps.get(interfaceId) ?? [],
      completeFrom: Math.max(
        ...all.map((own) => Math.min(...own.map((each) => each.completeFrom ?? Number.NEGATIVE_INFINITY))),
      ),
      completeUntil: Math.min(
        ...all.map((own) => Math.max(...own.map((each) => each.completeUntil ?? Number.POSITIVE_INFINITY))),
      ),
    });
  }
  return logs;
}

/** Hosts of a network of which only the traffic tells: addresses in it that no known interface has. */
export function hostsInTraffic(network: string, addresses: Iterable<string>, known: readonly Host[]): Host[] {
  const taken = new Set(known.flatMap(({ end }) => end.addresses));
  return [...new Set(addresses)]
    .filter((each) => !taken.has(each) && isInNetwork(each, network))
    .map((each) => ({ name: each, end: { addresses: [each], interfaceIds: [] }, interfaces: [] }));
}
