import { BlockList, isIP } from 'node:net';
import type { Place } from './path.ts';

/** Networks of which the operator says where they are, because their addresses alone do not: CIDRs. */
export interface NamedNetworks {
  readonly inside: readonly string[];
  readonly onPremises: readonly string[];
}

export const NO_NAMED_NETWORKS: NamedNetworks = { inside: [], onPremises: [] };

/**
 * Tells an address's place by the operator's networks; undefined for an address in none of them. If there are no such
 * networks, nothing is there to be asked.
 */
export function createPlaceByName({
  inside,
  onPremises,
}: NamedNetworks): ((address: string | undefined) => Place | undefined) | undefined {
  if (inside.length + onPremises.length === 0) return undefined;
  const lists: readonly [Place, BlockList][] = [
    ['inside', blockList(inside)],
    ['on-premises', blockList(onPremises)],
  ];
  return (address) => {
    if (address === undefined || isIP(address) === 0) return undefined;
    return lists.find(([, list]) => list.check(address, familyOf(address)))?.[0];
  };
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, length] = network.split('/') as [string, string];
    list.addSubnet(address, Number(length), familyOf(address));
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
