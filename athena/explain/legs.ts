/** Where traffic is handed on: legs end at load balancers, NAT gateways, endpoints and transit gateways. */

import type { FlowRow, Interval, TransitRow } from '../../shared/explain/observation.ts';
import { intervalOf } from '../../shared/explain/sighting.ts';
import type { QueryValue } from '../query-engine.ts';
import type { FoundInterface, Host } from './hosts.ts';

/** Something on the way that takes packets and sends them on, or answers in the place of others. */
export interface Leg {
  readonly kind: 'load-balancer' | 'nat-gateway' | 'vpc-endpoint' | 'transit-gateway';
  /** What it is called. */
  readonly name: string;
  /** What is known of the traffic there, in a sentence or two. */
  readonly text: string;
}

/** What an interface is, by the words of flow logs (`interface-type`) and of the inventory. */
const KINDS: Readonly<Record<string, Leg['kind']>> = {
  network_load_balancer: 'load-balancer',
  'load-balancer': 'load-balancer',
  nat_gateway: 'nat-gateway',
  regional_nat_gateway: 'nat-gateway',
  'nat-gateway': 'nat-gateway',
  vpc_endpoint: 'vpc-endpoint',
  'vpc-endpoint': 'vpc-endpoint',
  transit_gateway: 'transit-gateway',
  'transit-gateway': 'transit-gateway',
};

/** What hands traffic on, by the kind of its interface; undefined for what is an end itself. */
export function legKindOf(kind: string | null | undefined): Leg['kind'] | undefined {
  return KINDS[kind ?? ''];
}

const AT_THE_END: Readonly<Record<Leg['kind'], string>> = {
  'load-balancer':
    'It answers for its targets and asks them by connections of its own. Explain its way to a target next.',
  'nat-gateway':
    'It carries the packets on with its own address, and logs ACCEPT also for what it drops. Explain its way to the far ' +
    'end next.',
  'vpc-endpoint': 'The service behind it keeps its own logs.',
  'transit-gateway': 'It carries the packets on. Explain the way to the far end next.',
};

/** What stands in for an end: the packets of this leg stop there, and others go on from there. */
export function legsOfHost({ interfaces }: Host): Leg[] {
  return interfaces.flatMap(({ interfaceId, kind, name }) => {
    const known = legKindOf(kind);
    if (known === undefined) return [];
    return [{ kind: known, name: named(interfaceId, name), text: AT_THE_END[known] }];
  });
}

/** The NAT gateways that recorded the traffic of the ends: their interfaces, or the ids of regional ones, which have none. */
export function natGatewaysOf(
  rows: readonly FlowRow[],
  found: ReadonlyMap<string, FoundInterface>,
  ends: readonly Host[],
): string[] {
  const own = new Set(ends.flatMap(({ end }) => end.interfaceIds));
  const ids = rows.flatMap((row) => {
    const id = row.interface_id ?? row.resource_id;
    if (id == null || own.has(id)) return [];
    const kind = legKindOf(found.get(id)?.kind ?? row.interface_type);
    return kind === 'nat-gateway' ? [id] : [];
  });
  return [...new Set(ids)];
}

/**
 * The NAT gateways on the way. What they exchanged with the far end on their outside is joined by time alone, because
 * they change addresses and ports: other hosts behind them may be meant.
 *
 * @param rows records of the traffic between the ends; `outside` the answer to `outsideOfNatStatement`, as objects
 */
export function natLegs(
  natIds: readonly string[],
  rows: readonly FlowRow[],
  outside: readonly Readonly<Record<string, QueryValue>>[],
  found: ReadonlyMap<string, FoundInterface>,
): Leg[] {
  return natIds.map((id) => {
    const inside = rows.filter((row) => (row.interface_id ?? row.resource_id) === id);
    const span = spanOf(inside);
    const same = outside.filter(
      ({ gateway, first, last }) =>
        gateway === id &&
        (span === undefined || first == null || (Number(first) <= span.end && Number(last) >= span.start)),
    );
    const counted = (leaves: boolean) =>
      same
        .filter((row) => row.leaves === leaves)
        .map(({ records, action }) => `${records} ${action}`)
        .join(', ') || 'none';
    return {
      kind: 'nat-gateway' as const,
      name: named(id, found.get(id)?.name),
      text:
        `On its inside it has ${inside.length} records of this traffic. At that time it has on its outside, to the ` +
        `destination: ${counted(true)}; from there: ${counted(false)}. Low confidence: other hosts behind it may be meant.`,
    };
  });
}

/** The transit gateways that recorded the traffic, with the attachments on either side. */
export function transitLegs(rows: readonly TransitRow[]): Leg[] {
  const ways = Map.groupBy(rows, (row) =>
    [row.tgw_id, row.tgw_attachment_id, row.tgw_pair_attachment_id].map((each) => each ?? '-').join(' '),
  );
  return [...ways].map(([way, own]) => {
    const [gateway, attachment, pair] = way.split(' ');
    const sum = (column: keyof TransitRow) => own.reduce((total, row) => total + Number(row[column] ?? 0), 0);
    const lost =
      sum('packets_lost_no_route') +
      sum('packets_lost_blackhole') +
      sum('packets_lost_mtu_exceeded') +
      sum('packets_lost_ttl_expired');
    return {
      kind: 'transit-gateway' as const,
      name: gateway === '-' ? 'transit gateway' : gateway!,
      text: `Attachment ${attachment}, other side ${pair}: ${sum('packets')} packets passed, ${lost} lost.`,
    };
  });
}

function spanOf(rows: readonly FlowRow[]): Interval | undefined {
  const intervals = rows.flatMap((row) => intervalOf(row) ?? []);
  if (intervals.length === 0) return undefined;
  return {
    start: intervals.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY),
    end: intervals.reduce((most, { end }) => Math.max(most, end), 0),
  };
}

function named(interfaceId: string, name: string | undefined): string {
  return name === undefined ? interfaceId : `${name} (${interfaceId})`;
}
