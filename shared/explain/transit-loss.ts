import type { Question, TransitRow } from './observation.ts';
import { isAt, overlaps } from './sighting.ts';

/** Why a transit gateway dropped packets: its four counters. */
export const TRANSIT_LOSSES = ['no-route', 'blackhole', 'mtu-exceeded', 'ttl-expired'] as const;
export type TransitLoss = (typeof TRANSIT_LOSSES)[number];

/** The counter that counts most of what transit gateways dropped in one direction. */
export function transitLoss(
  rows: readonly TransitRow[],
  question: Question,
  isReply: boolean,
): TransitLoss | undefined {
  const { source, destination, protocol, port, window } = question;
  const [from, to] = isReply ? [destination, source] : [source, destination];
  const own = rows.filter((row) => {
    const serverPort = isReply ? row.srcport : row.dstport;
    const isPort = port === undefined || serverPort === port;
    return (
      isPort &&
      row.protocol === protocol &&
      isAt(from, row.srcaddr) &&
      isAt(to, row.dstaddr) &&
      overlaps(row, window)
    );
  });
  const lost: Record<TransitLoss, number> = {
    'no-route': sumOf(own, 'packets_lost_no_route'),
    blackhole: sumOf(own, 'packets_lost_blackhole'),
    'mtu-exceeded': sumOf(own, 'packets_lost_mtu_exceeded'),
    'ttl-expired': sumOf(own, 'packets_lost_ttl_expired'),
  };
  const most = Math.max(...TRANSIT_LOSSES.map((each) => lost[each]));
  return most === 0 ? undefined : TRANSIT_LOSSES.find((each) => lost[each] === most);
}

function sumOf(
  rows: readonly TransitRow[],
  column: Extract<keyof TransitRow, `packets_lost_${string}`>,
): number {
  return rows.reduce((total, row) => total + (row[column] ?? 0), 0);
}
