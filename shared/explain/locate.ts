import type { FlowRow } from './observation.ts';

/** An interface that has an address for its own. */
export interface Candidate {
  readonly interfaceId: string;
  readonly vpcId: string | undefined;
  readonly subnetId: string | undefined;
  readonly azId: string | undefined;
}

/**
 * The interfaces whose own address this is, by their id. More than one: the address is used in several VPCs or was
 * handed on; whoever asks has to choose, because their records must not be mixed. None: no flow log shows it.
 *
 * `rows` are all records of the interfaces in question, not only those between the two ends: without `flow-direction`
 * an interface's own address is the one that all of its records have, and two ends that talk to each other alone both
 * have both. Such an interface is not listed. A secondary address is no interface's own in the log (`srcaddr` and
 * `dstaddr` show the primary one): only an inventory can tell it from what a transit gateway passes on.
 */
export function interfacesOf(address: string, rows: readonly FlowRow[]): Candidate[] {
  const byInterface = Map.groupBy(rows.filter(hasInterface), (row) => row.interface_id!);
  return [...byInterface]
    .filter(([, own]) => isOwn(address, own))
    .map(([interfaceId, own]) => {
      const known = (column: 'vpc_id' | 'subnet_id' | 'az_id') =>
        own.find((row) => row[column] != null)?.[column] ?? undefined;
      return { interfaceId, vpcId: known('vpc_id'), subnetId: known('subnet_id'), azId: known('az_id') };
    })
    .sort((a, b) => (a.interfaceId < b.interfaceId ? -1 : 1));
}

/** NODATA and SKIPDATA records have no addresses. */
function hasInterface(row: FlowRow): boolean {
  return row.interface_id != null && row.srcaddr != null && row.dstaddr != null;
}

function isOwn(address: string, rows: readonly FlowRow[]): boolean {
  const directed = rows.filter((row) => ownByDirection(row) !== undefined);
  if (directed.length > 0) return directed.some((row) => ownByDirection(row) === address);
  const family = rows.filter((row) => row.srcaddr!.includes(':') === address.includes(':'));
  const inAll = [family[0]?.srcaddr, family[0]?.dstaddr].filter((candidate) =>
    family.every((row) => row.srcaddr === candidate || row.dstaddr === candidate),
  );
  return inAll.length === 1 && inAll[0] === address;
}

function ownByDirection({ flow_direction, srcaddr, dstaddr }: FlowRow): string | undefined {
  if (flow_direction === 'egress') return srcaddr ?? undefined;
  return flow_direction === 'ingress' ? (dstaddr ?? undefined) : undefined;
}
