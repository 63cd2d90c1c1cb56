import type { End, Question, TransitRow } from './observation.ts';
import { isAt, isOfProtocol, overlaps } from './sighting.ts';

/** Why a transit gateway dropped packets: its four counters. */
export const TRANSIT_LOSSES = ['no-route', 'blackhole', 'mtu-exceeded', 'ttl-expired'] as const;
export type TransitLoss = (typeof TRANSIT_LOSSES)[number];

/** The columns of the counters, in the same order. */
const LOSS_COLUMNS = [
  'packets_lost_no_route',
  'packets_lost_blackhole',
  'packets_lost_mtu_exceeded',
  'packets_lost_ttl_expired',
] as const;

/** What transit gateways dropped in one direction. */
export interface CountedLoss {
  /** The counter that counts most. */
  readonly cause: TransitLoss;
  /** No record shows that packets passed, or leaves it open. */
  readonly isTotal: boolean;
}

/**
 * What the counters of transit gateways say that was dropped in one direction. Records of another network that has the
 * same addresses do not count; none do if several networks fit and nothing tells which of them is meant.
 */
export function transitLoss(
  rows: readonly TransitRow[],
  question: Question,
  isReply: boolean,
): CountedLoss | undefined {
  const { source, destination, protocol, port, window } = question;
  const [from, to] = isReply ? [destination, source] : [source, destination];
  const own = rows.filter((row) => {
    const serverPort = isReply ? row.srcport : row.dstport;
    const isPort = port === undefined || serverPort === port;
    return (
      isPort &&
      isOfProtocol(row, protocol) &&
      isAt(from, row.srcaddr) &&
      isAt(to, row.dstaddr) &&
      mayBeIn(from, row.tgw_src_vpc_id) &&
      mayBeIn(to, row.tgw_dst_vpc_id) &&
      overlaps(row, window)
    );
  });
  const isOneNetwork = hasOneVpc(from, own, 'tgw_src_vpc_id') && hasOneVpc(to, own, 'tgw_dst_vpc_id');
  if (!isOneNetwork) return undefined;
  const lost = LOSS_COLUMNS.map((column) => own.reduce((total, row) => total + (row[column] ?? 0), 0));
  const most = Math.max(...lost);
  const cause = TRANSIT_LOSSES[lost.indexOf(most)];
  if (most === 0 || cause === undefined) return undefined;
  return { cause, isTotal: !own.some(mayHavePassed) };
}

/** Whether packets of a record passed, or may have: AWS does not say whether `packets` counts those that were lost. */
function mayHavePassed(row: TransitRow): boolean {
  const lost = LOSS_COLUMNS.reduce((sum, column) => sum + (row[column] ?? 0), 0);
  return row.packets == null || (row.packets > 0 && row.packets !== lost);
}

/** Whether nobody has to guess which of several networks with the end's address is meant. */
function hasOneVpc(
  { vpcIds = [] }: End,
  rows: readonly TransitRow[],
  column: 'tgw_src_vpc_id' | 'tgw_dst_vpc_id',
): boolean {
  return vpcIds.length > 0 || new Set(rows.flatMap((row) => row[column] ?? [])).size < 2;
}

/** Whether a VPC of a record may be that of an end. */
function mayBeIn({ vpcIds = [] }: End, vpcId: string | null | undefined): boolean {
  return vpcId == null || vpcIds.length === 0 || vpcIds.includes(vpcId);
}
