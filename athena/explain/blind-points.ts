/** Where silence tells nothing, because of what is not known of the ends themselves. */

import type { FlowRow, Point, TransitRow, Unobserved } from '../../shared/explain/observation.ts';
import { isAt, isOwn } from '../../shared/explain/sighting.ts';
import type { Host } from './hosts.ts';

/** `traffic-path` of packets that leave for a peered VPC, in the same Region or in another. */
const PEERED: readonly unknown[] = [4, 5];

/**
 * The points between two hosts at which no record does not mean no packet, and why: an end has addresses that
 * nobody knows, or an interface has the right address, but perhaps in another network.
 *
 * @param rows records between the ends
 */
export function blindPoints(
  source: Host,
  destination: Host,
  rows: readonly FlowRow[],
  transitRows: readonly TransitRow[],
): Partial<Record<Point, Unobserved>> {
  const areOneNetwork =
    haveOneVpc(source, destination) || transitRows.some((row) => connects(row, source, destination));
  const sent = rows.filter((row) => isExchanged(row, source, destination));
  // Where nothing is known of the destination, the source is taken for what has its address, and `guessNote` says so.
  const isSourceConfirmed = areOneNetwork || sent.length > 0 || destination.interfaces.length === 0;
  const atSource =
    ownDoubt(source, isSourceConfirmed) ??
    (destination.doubts.lacksAddresses && sent.length === 0 ? 'other-addresses' : undefined);
  const atDestination = ownDoubt(
    destination,
    areOneNetwork ||
      sent.some((row) => PEERED.includes(row.traffic_path)) ||
      rows.some((row) => isExchanged(row, destination, source)),
  );
  return {
    ...(atSource !== undefined && { P1: atSource, P4: atSource }),
    ...(atDestination !== undefined && { P2: atDestination, P3: atDestination }),
  };
}

/** Says whom a source without any traffic is taken for; undefined where that is certain. */
export function guessNote(source: Host, destination: Host): string | undefined {
  if (!source.doubts.isGuessed || destination.interfaces.length > 0) return undefined;
  const taken = source.interfaces.map(
    ({ interfaceId, vpcId }) => `${interfaceId} in ${vpcId ?? 'an unknown VPC'}`,
  );
  return (
    `${source.name} is taken for ${taken.join(' and ')}: no other interface in the records has this address. If a host of ` +
    'another network is meant, name its VPC (--vpc), or give --inventory.'
  );
}

/** @param isConfirmed something shows that its interfaces are in the network of the other end */
function ownDoubt({ doubts, interfaces }: Host, isConfirmed: boolean): Unobserved | undefined {
  if (interfaces.length === 0) return undefined;
  if (doubts.hidesAddress) return 'hidden-address';
  return doubts.isGuessed && !isConfirmed ? 'other-network' : undefined;
}

function haveOneVpc({ end: { vpcIds: own = [] } }: Host, { end: { vpcIds: others = [] } }: Host): boolean {
  return own.some((each) => others.includes(each));
}

/** Whether a record of a host's interfaces is of traffic with another host. */
function isExchanged(row: FlowRow, { end: own }: Host, { end: other }: Host): boolean {
  const [from, to] = [row.pkt_srcaddr ?? row.srcaddr, row.pkt_dstaddr ?? row.dstaddr];
  return (
    own.interfaceIds.includes(row.interface_id ?? '') &&
    ((isOwn(own, from) && isAt(other, to)) || (isAt(other, from) && isOwn(own, to)))
  );
}

/** Whether a transit gateway carried packets from the VPC of one host to that of the other. */
function connects(row: TransitRow, a: Host, b: Host): boolean {
  const isIn = ({ end }: Host, address: TransitRow['srcaddr'], vpc: TransitRow['tgw_src_vpc_id']) =>
    isAt(end, address) && vpc != null && end.vpcIds?.includes(vpc) === true;
  const isOneWay = (from: Host, to: Host) =>
    isIn(from, row.srcaddr, row.tgw_src_vpc_id) && isIn(to, row.dstaddr, row.tgw_dst_vpc_id);
  return isOneWay(a, b) || isOneWay(b, a);
}
