/** From what people call an end, to hosts: their addresses, their interfaces, and what is known of the logs of these. */

import { isInNetwork } from '../../shared/addresses.ts';
import type { Inventory, KnownInterface } from '../../shared/explain/inventory.ts';
import type { End } from '../../shared/explain/observation.ts';
import { isIPv6, rangeOf } from '../../shared/findings/address.ts';
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
  readonly doubts: HostDoubts;
}

/** What may be otherwise than it looks: then silence tells nothing (blind-points.ts). */
export interface HostDoubts {
  /** Only an address tells that these interfaces are meant, and another network may have the same. */
  readonly isGuessed: boolean;
  /** It was named by an id, and nothing tells its public and secondary addresses. */
  readonly lacksAddresses: boolean;
  /** The log of an interface has the primary address for all of them. */
  readonly hidesAddress: boolean;
}

const NO_DOUBTS: HostDoubts = {
  isGuessed: false,
  lacksAddresses: false,
  hidesAddress: false,
};

/** What an end means. */
export interface NamedHosts {
  /** One, or for a network each one in it; of a name, addresses without a known interface are another one. */
  readonly hosts: readonly Host[];
  /** Addresses of a network that belong to several interfaces, which must not be mixed. */
  readonly ambiguous: readonly string[];
  /** What a person should know about how they were found. */
  readonly notes: readonly string[];
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
        ...(known?.publicAddresses.keys() ?? []),
      ]),
    ],
    survey,
    known,
  };
}

/**
 * The hosts that an end means. In a network, addresses that belong to several interfaces are left out, with a note.
 *
 * @throws AmbiguousEndError if an address that was named belongs to several interfaces; QueryError if nothing is known of
 *   an interface or instance.
 */
export function hostsOf(
  option: string,
  named: NamedEnd,
  found: ReadonlyMap<string, FoundInterface>,
  narrowing: Narrowing,
): NamedHosts {
  const all = [...found.values()];
  if (named.kind === 'interface') {
    const only = found.get(named.id);
    if (only === undefined) throw unknownError(option, named.text, 'no flow log has a record of it');
    return { hosts: [hostById(option, named.text, [only])], ambiguous: [], notes: [] };
  }
  if (named.kind === 'instance') {
    const own = all.filter(({ instanceId }) => instanceId === named.id);
    if (own.length === 0) {
      throw unknownError(option, named.text, 'no flow log with the field instance-id has a record of it');
    }
    return { hosts: [hostById(option, named.text, own)], ambiguous: [], notes: [] };
  }
  const byAddress = Map.groupBy(
    all.flatMap((each) => each.addresses.map((address) => ({ address, each }))),
    ({ address }) => address,
  );
  const ownersOf = (address: string) => {
    const having = (byAddress.get(address) ?? []).map(({ each }) => each);
    return { address, having, owners: ownersAmong(having, narrowing) };
  };
  if (named.kind === 'network') {
    const inside = [...byAddress.keys()].filter((each) => isInNetwork(each, named.network)).map(ownersOf);
    const [single, several] = [
      inside.filter(({ owners }) => owners.length === 1),
      inside.filter(({ owners }) => owners.length > 1),
    ];
    return {
      hosts: single.map(({ address, owners }) => hostByAddress(address, [address], owners, narrowing)),
      ambiguous: several.map(({ address }) => address),
      notes: several.map(
        ({ address, owners }) =>
          `${address} was left out: it is an address of ${owners.map(placeOf).join(' and of ')}. Choose one with ` +
          `${option} eni-…, or narrow with --vpc or --account.`,
      ),
    };
  }
  const each = named.addresses.map(ownersOf);
  const several = each.find(({ owners }) => owners.length > 1);
  if (several !== undefined) throw ambiguousError(option, several.address, several.owners);
  const parts = [...Map.groupBy(each, ({ owners }) => owners.length > 0).values()];
  return {
    // What happens at an interface that nobody knows must not be told by one that is known.
    hosts: parts.map((part) => {
      const addresses = part.map(({ address }) => address);
      const name = parts.length === 1 ? named.text : `${named.text} (${addresses.join(', ')})`;
      return hostByAddress(name, addresses, [...new Set(part.flatMap(({ owners }) => owners))], narrowing);
    }),
    ambiguous: [],
    notes: each.flatMap((one) => narrowingNotes(option, one, narrowing)),
  };
}

/** Whose address it is now: one interface of those that have it, none, or several of which nobody has chosen one. */
function ownersAmong(having: readonly FoundInterface[], narrowing: Narrowing): readonly FoundInterface[] {
  const chosen = having.filter((each) => isChosen(each, narrowing));
  // An address that was handed on in its VPC belongs to whoever has records at the time; an inventory only knows today's
  // owner. In a VPC that is known to be another one it is another address, logged or not.
  const present = chosen.filter(isPresent);
  const isFormer = (each: FoundInterface) =>
    !isPresent(each) && present.some(({ vpcId }) => each.vpcId === undefined || each.vpcId === vpcId);
  return chosen.filter((each) => !isFormer(each));
}

function isPresent({ survey }: FoundInterface): boolean {
  return survey?.isInWindow === true;
}

/** Whether an interface is one of those that were asked for. One of an unknown VPC may be in any, so it is not. */
function isChosen({ accountId, region, vpcId }: FoundInterface, narrowing: Narrowing): boolean {
  const fits = (wanted: readonly string[], value: string | undefined) =>
    wanted.length === 0 || value === undefined || wanted.includes(value);
  return (
    fits(narrowing.accounts, accountId) &&
    fits(narrowing.regions, region) &&
    (narrowing.vpcs.length === 0 || narrowing.vpcs.includes(vpcId ?? ''))
  );
}

/** Says where an end may have got lost by --vpc, --account or --region. */
function narrowingNotes(
  option: string,
  given: { address: string; having: readonly FoundInterface[]; owners: readonly FoundInterface[] },
  { accounts, regions }: Narrowing,
): string[] {
  const { address, having, owners } = given;
  if (owners.length > 0) return [];
  if (having.length > 0) {
    const places = having.map(placeOf).join(', ');
    const of =
      having.length === 1 ? '1 interface that has it was' : `${having.length} interfaces that have it were`;
    return [
      `${option} ${address}: ${of} left out by --vpc, --account or --region: ${places}. ` +
        'Narrow to the places of both ends, or name the interface.',
    ];
  }
  const read = [
    ...(accounts.length > 0 ? [`--account ${accounts.join(' ')}`] : []),
    ...(regions.length > 0 ? [`--region ${regions.join(' ')}`] : []),
  ];
  // Without any interface it may as well be a host outside.
  if (read.length === 0 || rangeOf(address) !== 'private') return [];
  return [
    `${option} ${address}: only the flow logs of ${read.join(' and ')} were read. If it is elsewhere, name the places of ` +
      'both ends.',
  ];
}

function placeOf({ interfaceId, vpcId, accountId }: FoundInterface): string {
  return `${interfaceId} (${[vpcId ?? 'VPC unknown', accountId].filter((each) => each !== undefined).join(', ')})`;
}

function ambiguousError(option: string, address: string, candidates: readonly FoundInterface[]): Error {
  const lines = candidates.map(({ interfaceId, name, accountId, region, vpcId, subnetId }) =>
    ['  ', interfaceId, name, vpcId, subnetId, region, accountId]
      .filter((each) => each !== undefined)
      .join('  '),
  );
  return new AmbiguousEndError(
    `${option} ${address} is an address of ${candidates.length} interfaces:\n${lines.join('\n')}\n` +
      `Choose one with ${option} eni-…, or narrow with --vpc or --account.`,
  );
}

function unknownError(option: string, text: string, reason: string): Error {
  return new QueryError(
    `${option} ${text}: ${reason} in the time around the question. Check the id, ask about another time with --since ` +
      'and --until, give its address, or the output of "aws ec2 describe-network-interfaces" with --inventory FILE.',
  );
}

/** A host that was named by the ids of its interfaces: all addresses that are known of them are its own. */
function hostById(option: string, name: string, interfaces: readonly FoundInterface[]): Host {
  const addresses = [...new Set(interfaces.flatMap((each) => each.addresses))];
  if (addresses.length === 0) {
    throw unknownError(
      option,
      name,
      'its records do not tell its own address (one peer only, no flow-direction)',
    );
  }
  return {
    name,
    end: { addresses, ...endOf(interfaces) },
    interfaces,
    doubts: { ...NO_DOUBTS, lacksAddresses: interfaces.some(({ known }) => known === undefined) },
  };
}

/**
 * A host that was named by addresses. Others of its interfaces are not meant: they may be those of other hosts (pods).
 */
function hostByAddress(
  name: string,
  addresses: readonly string[],
  interfaces: readonly FoundInterface[],
  narrowing: Narrowing,
): Host {
  const ownerOf = (address: string) => interfaces.find((each) => each.addresses.includes(address));
  const hidesAddress = addresses.some((address) => isHidden(address, ownerOf(address)));
  const isCertain = (address: string) => {
    const owner = ownerOf(address);
    return (
      owner === undefined ||
      owner.known !== undefined ||
      rangeOf(address) === 'public' ||
      narrowing.vpcs.length > 0
    );
  };
  const own = addresses.flatMap((address) => {
    const known = ownerOf(address)?.known;
    const inside = known?.publicAddresses.get(address) ?? address;
    // In records that hide addresses, the primary one stands for any.
    return hidesAddress && inside === known?.primaryAddress ? [] : [inside];
  });
  return {
    name,
    end: { addresses, ownAddresses: [...new Set(own)], ...endOf(interfaces) },
    interfaces,
    doubts: {
      ...NO_DOUBTS,
      isGuessed: !addresses.every(isCertain),
      hidesAddress,
    },
  };
}

/** Whether records of the interface may show another address in place of this one: AWS writes the primary IPv4 one. */
function isHidden(address: string, owner: FoundInterface | undefined): boolean {
  const others = owner?.known?.addresses.filter((each) => !isIPv6(each)) ?? [];
  return !isIPv6(address) && others.length > 1 && owner?.survey?.showsEnds === false;
}

/** What interfaces tell of an end. */
function endOf(interfaces: readonly FoundInterface[]): Omit<End, 'addresses'> {
  const subnets = interfaces.flatMap(({ subnetId }) => subnetId ?? []);
  const vpcs = interfaces.flatMap(({ vpcId }) => vpcId ?? []);
  return {
    interfaceIds: interfaces.map(({ interfaceId }) => interfaceId),
    ...(interfaces.length > 0 &&
      subnets.length === interfaces.length && { subnetIds: [...new Set(subnets)] }),
    ...(interfaces.length > 0 && vpcs.length === interfaces.length && { vpcIds: [...new Set(vpcs)] }),
  };
}

/** Hosts of a network of which only the traffic tells: addresses in it that no known interface has. */
export function hostsInTraffic(
  network: string,
  addresses: Iterable<string>,
  { hosts, ambiguous }: NamedHosts,
): Host[] {
  const taken = new Set([...hosts.flatMap(({ end }) => end.addresses), ...ambiguous]);
  return [...new Set(addresses)]
    .filter((each) => !taken.has(each) && isInNetwork(each, network))
    .map((each) => ({
      name: each,
      end: { addresses: [each], interfaceIds: [] },
      interfaces: [],
      doubts: NO_DOUBTS,
    }));
}
