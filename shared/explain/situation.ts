import { POINTS, type Point, type PointState, type Question } from './observation.ts';
import type { Observation } from './observe.ts';
import type { Lateness } from './sighting.ts';
import type { TcpState } from './tcp.ts';
import type { TransitLoss } from './transit-loss.ts';

/** What the traffic is: for TCP how its connections went. */
export type Traffic = TcpState | 'udp' | 'icmp' | 'other';

/** What `reject-reason` says beyond filters: Block Public Access, or Encryption Controls. */
export type RejectReason = 'none' | 'BPA' | 'EC';

/** An observation, reduced to what verdicts depend on. Each field has few values, so all situations can be listed. */
export interface Situation extends Readonly<Record<Point, PointState>> {
  readonly traffic: Traffic;
  /** The source opens the connections; else nothing tells which of the two does. */
  readonly isOpenerKnown: boolean;
  readonly lateness: Lateness;
  readonly sameSubnet: boolean;
  readonly repliesWhereAsked: boolean;
  readonly answeredWhereSent: boolean;
  readonly rejectReason: RejectReason;
  readonly requestLoss: TransitLoss | 'none';
  readonly replyLoss: TransitLoss | 'none';
  /** Transit gateways let none of the requests pass, as far as their counters tell. */
  readonly isRequestLossTotal: boolean;
  readonly isReplyLossTotal: boolean;
  /** Some point has REJECT; follows from the points. */
  readonly rejects: boolean;
}

const TRAFFIC: Readonly<Record<number, Traffic>> = { 1: 'icmp', 17: 'udp', 58: 'icmp' };

/** The situation that an observation of a question is. */
export function situationOf(observation: Observation, { protocol }: Question): Situation {
  const { points } = observation;
  const reasons = POINTS.flatMap((point) => points[point].rejectReasons);
  return {
    P1: points.P1.state,
    P2: points.P2.state,
    P3: points.P3.state,
    P4: points.P4.state,
    traffic: observation.tcp ?? TRAFFIC[protocol] ?? 'other',
    isOpenerKnown: observation.isOpenerKnown,
    lateness: observation.lateness,
    sameSubnet: observation.sameSubnet,
    repliesWhereAsked: observation.repliesWhereAsked,
    answeredWhereSent: observation.answeredWhereSent,
    rejectReason: reasons.includes('BPA') ? 'BPA' : reasons.includes('EC') ? 'EC' : 'none',
    requestLoss: observation.requestLoss?.cause ?? 'none',
    replyLoss: observation.replyLoss?.cause ?? 'none',
    isRequestLossTotal: observation.requestLoss?.isTotal ?? false,
    isReplyLossTotal: observation.replyLoss?.isTotal ?? false,
    rejects: POINTS.some((point) => isRejecting(points[point].state)),
  };
}

/** Whether a point has REJECT. */
export function isRejecting(state: PointState): boolean {
  return state === 'reject' || state === 'both';
}
