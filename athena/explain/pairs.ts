/** Which host with which, if ends are networks. */

import type { FlowRow } from '../../shared/explain/observation.ts';
import type { Host } from './hosts.ts';

/** Pairs of hosts that are explained, if an end is a network. */
export const MOST_PAIRS = 200;

/**
 * Every source with every destination but itself: how many, and the first MOST_PAIRS. Those with rejected packets come
 * first, then those with packets one way only, then other traffic, each the busiest first; silent ones last.
 */
export function pairsOf(
  sources: readonly Host[],
  destinations: readonly Host[],
  rows: readonly FlowRow[],
): { readonly first: readonly (readonly [Host, Host])[]; readonly total: number } {
  const [sourcesOf, destinationsOf] = [hostsByAddress(sources), hostsByAddress(destinations)];
  const busy = new Map<Host, Map<Host, { requests: number; replies: number; rejects: number }>>();
  for (const row of rows) {
    const [from, to] = [row.pkt_srcaddr ?? row.srcaddr ?? '', row.pkt_dstaddr ?? row.dstaddr ?? ''];
    const count = (source: Host, destination: Host, way: 'requests' | 'replies') => {
      if (isSameHost(source, destination)) return;
      const own = busy.get(source) ?? new Map();
      const counts = own.get(destination) ?? { requests: 0, replies: 0, rejects: 0 };
      busy.set(source, own.set(destination, counts));
      counts[way] += 1;
      counts.rejects += row.action === 'REJECT' ? 1 : 0;
    };
    for (const a of sourcesOf.get(from) ?? []) {
      for (const b of destinationsOf.get(to) ?? []) count(a, b, 'requests');
    }
    for (const a of sourcesOf.get(to) ?? []) {
      for (const b of destinationsOf.get(from) ?? []) count(a, b, 'replies');
    }
  }
  const ranked = [...busy]
    .flatMap(([from, own]) =>
      [...own].map(([to, { requests, replies, rejects }]) => ({
        pair: [from, to] as const,
        rank: rejects > 0 ? 0 : requests === 0 || replies === 0 ? 1 : 2,
        records: requests + replies,
      })),
    )
    .sort((a, b) => a.rank - b.rank || b.records - a.records);
  const first = ranked.slice(0, MOST_PAIRS).map(({ pair }) => pair);
  let total = 0;
  for (const from of sources) {
    for (const to of destinations) {
      if (isSameHost(from, to)) continue;
      total += 1;
      const isSilent = busy.get(from)?.has(to) !== true;
      if (isSilent && first.length < MOST_PAIRS) first.push([from, to]);
    }
  }
  return { first, total };
}

function hostsByAddress(hosts: readonly Host[]): ReadonlyMap<string, readonly Host[]> {
  const byAddress = new Map<string, Host[]>();
  for (const host of hosts) {
    for (const address of host.end.addresses) {
      byAddress.set(address, [...(byAddress.get(address) ?? []), host]);
    }
  }
  return byAddress;
}

/** Whether two ends are one host. One address in two networks is not, if the interfaces are known. */
function isSameHost({ end: a }: Host, { end: b }: Host): boolean {
  if (a.interfaceIds.length > 0 && b.interfaceIds.length > 0) {
    return a.interfaceIds.some((id) => b.interfaceIds.includes(id));
  }
  return a.addresses.some((address) => b.addresses.includes(address));
}
