import { FIRST_CANDIDATE, OTHER_CANDIDATE, SECOND_CANDIDATE } from '../line-loop/layout.ts';
import type { LineLoop } from '../line-loop/line-loop.ts';
import type { ServiceSide } from './finding.ts';
import type { OwnAddresses } from './own-addresses.ts';

const MOST_PROTOCOLS = 256;

/**
 * Flows of a resource to a port at its own side, at its peers, or, while that is open, at both together, as far as the
 * line loop counted them. Which end is the resource's own may be known only later, so the loop notes the served end as
 * one of the row's two candidates.
 */
export function acceptedFlowsOf(
  loop: LineLoop,
  own: OwnAddresses,
  resourceNumber: number,
  protocol: number,
  port: number,
  side: ServiceSide,
): number {
  if (protocol < 0 || protocol >= MOST_PROTOCOLS) return 0;
  const flowsOfRow = (row: number): number => {
    const first = loop.acceptedFlows(row, port, protocol, FIRST_CANDIDATE);
    const second = loop.acceptedFlows(row, port, protocol, SECOND_CANDIDATE);
    const all = first + second + loop.acceptedFlows(row, port, protocol, OTHER_CANDIDATE);
    const ownCandidate = own.own(row);
    if (side === 'unknown' || ownCandidate === OTHER_CANDIDATE) return all;
    const ownFlows = ownCandidate === FIRST_CANDIDATE ? first : second;
    return side === 'own' ? ownFlows : all - ownFlows;
  };
  const ipv4Row = resourceNumber * 2;
  return flowsOfRow(ipv4Row) + flowsOfRow(ipv4Row + 1);
}
