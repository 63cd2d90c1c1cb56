import { type Explanation, explain } from '../../../shared/explain/explain.ts';
import type {
  End,
  Evidence,
  FlowRow,
  InterfaceLog,
  Point,
  Question,
} from '../../../shared/explain/observation.ts';

/** A time in the window of all questions here. */
export const NOON = Date.UTC(2026, 10, 20, 12) / 1000;

export const A: End = { addresses: ['10.0.1.5'], interfaceIds: ['eni-a'] };
export const B: End = { addresses: ['10.0.2.7'], interfaceIds: ['eni-b'] };

export const TCP_QUESTION: Question = {
  ...{ source: A, destination: B, protocol: 6, port: 5432 },
  window: { start: NOON - 1800, end: NOON + 1800 },
};

/** A record at one of the four points: an accepted SYN, or SYN-ACK back, at noon, unless told otherwise. */
export function at(point: Point, changes: FlowRow = {}): FlowRow {
  const isRequest = point === 'P1' || point === 'P2';
  const [from, to] = isRequest ? [A, B] : [B, A];
  const [srcport, dstport] = isRequest ? [40_000, 5432] : [5432, 40_000];
  return {
    ...{ interface_id: point === 'P1' || point === 'P4' ? 'eni-a' : 'eni-b' },
    subnet_id: point === 'P1' || point === 'P4' ? 'subnet-a' : 'subnet-b',
    ...{ srcaddr: from.addresses[0]!, dstaddr: to.addresses[0]!, srcport, dstport, protocol: 6 },
    ...{ packets: 3, bytes: 180, start: NOON, end: NOON + 5, action: 'ACCEPT', log_status: 'OK' },
    tcp_flags: isRequest ? 2 : 18,
    flow_direction: point === 'P1' || point === 'P3' ? 'egress' : 'ingress',
    ...changes,
  };
}

/** A log that holds everything. */
export const WHOLE: InterfaceLog = {
  actions: new Set(['ACCEPT', 'REJECT']),
  skipped: [],
  completeUntil: NOON + 7200,
};
export const BOTH_LOGGED: Evidence['logs'] = new Map([
  ['eni-a', WHOLE],
  ['eni-b', WHOLE],
]);
export const ONLY_A_LOGGED: Evidence['logs'] = new Map([['eni-a', WHOLE]]);
export const ONLY_B_LOGGED: Evidence['logs'] = new Map([['eni-b', WHOLE]]);

export interface Given extends Partial<Evidence> {
  readonly question?: Partial<Question>;
}

/** Explains the evidence; both ends are logged unless told otherwise. */
export function explained({ question, ...evidence }: Given): Explanation {
  return explain({ ...TCP_QUESTION, ...question }, { rows: [], logs: BOTH_LOGGED, ...evidence });
}
