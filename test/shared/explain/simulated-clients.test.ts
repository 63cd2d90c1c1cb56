/** Clients at random that work, break, or are repaired, as flow logs with inexact times show them: no verdict is wrong. */
import { expect, test } from 'vitest';
import { createRandom } from '../../../generator/random.ts';
import type { FlowRow } from '../../../shared/explain/observation.ts';
import { at, explained, NOON } from './plain-traffic.ts';

type Interface = 'eni-a' | 'eni-b';
interface Packet {
  readonly time: number;
  readonly isRequest: boolean;
  readonly flags: number;
  readonly at: readonly Interface[];
  readonly rejectedAt?: Interface;
}
const BOTH: readonly Interface[] = ['eni-a', 'eni-b'];
const SYNS = [0, 1, 3, 7, 15, 31];

/** What one connection sends, by how it goes. */
const CONNECTIONS = {
  served: (time: number, seconds: number): Packet[] => [
    { time, isRequest: true, flags: 2, at: BOTH },
    { time, isRequest: false, flags: 18, at: BOTH },
    ...[0, seconds].flatMap((later) =>
      [true, false].map((isRequest) => ({ time: time + later, isRequest, flags: 0, at: BOTH })),
    ),
    ...[true, false].map((isRequest) => ({ time: time + seconds, isRequest, flags: 1, at: BOTH })),
  ],
  silent: (time: number): Packet[] =>
    SYNS.map((later) => ({ time: time + later, isRequest: true, flags: 2, at: BOTH })),
  lost: (time: number): Packet[] =>
    SYNS.map((later) => ({ time: time + later, isRequest: true, flags: 2, at: ['eni-a'] })),
  refused: (time: number): Packet[] => [
    { time, isRequest: true, flags: 2, at: BOTH },
    { time, isRequest: false, flags: 4, at: BOTH },
  ],
  rejected: (time: number): Packet[] =>
    SYNS.map((later) => ({ time: time + later, isRequest: true, flags: 2, at: BOTH, rejectedAt: 'eni-b' })),
};
const FAULTS = ['silent', 'lost', 'refused', 'rejected'] as const;
/** Whether a connection at a time works, and what that makes of twenty minutes around noon. */
const HISTORIES = [
  ['works', () => true],
  ['fails', () => false],
  ['fails', (seconds: number) => seconds < -700],
  ['fails', (seconds: number) => seconds > 700],
  ['intermittent', (seconds: number) => seconds < 0],
] as const;

const random = createRandom(20_261_120);

interface Log {
  /** Aggregation, seconds. */
  readonly interval: number;
  /** Up to how many seconds late the times are. */
  readonly lateBy: number;
  readonly hasFlags: boolean;
}

/** Records of packets between two ports, each direction of each interface with an interval of its own. */
function recordsOf(packets: readonly Packet[], port: number, { interval, lateBy, hasFlags }: Log): FlowRow[] {
  const flows = BOTH.flatMap((own) =>
    [true, false].flatMap((isRequest) =>
      ['ACCEPT', 'REJECT'].map((action) => ({
        own,
        isRequest,
        action,
        offset: random.integer(0, interval - 1),
      })),
    ),
  );
  return flows.flatMap(({ own, isRequest, action, offset }) => {
    const ofFlow = packets.filter(
      (each) =>
        each.at.includes(own) &&
        each.isRequest === isRequest &&
        (each.rejectedAt === own) === (action === 'REJECT'),
    );
    const point = own === 'eni-a' ? (isRequest ? 'P1' : 'P4') : isRequest ? 'P2' : 'P3';
    const ofIntervals = Map.groupBy(ofFlow, ({ time }) => Math.floor((time + offset) / interval));
    return [...ofIntervals.values()].map((all) => {
      const late = random.integer(0, lateBy);
      const size = all.some(({ flags }) => flags === 0)
        ? 400
        : all.every(({ flags }) => flags === 4)
          ? 40
          : 60;
      return at(point, {
        ...(isRequest ? { srcport: port } : { dstport: port }),
        ...{ action, packets: all.length, bytes: all.length * size },
        start: Math.min(...all.map(({ time }) => time)) + late,
        end: Math.max(...all.map(({ time }) => time)) + late,
        ...(hasFlags
          ? { tcp_flags: all.reduce((sum, { flags }) => sum | flags, 0) }
          : { tcp_flags: null, flow_direction: null }),
      });
    });
  });
}

/** The outcome of one client at random beside the truth. */
function simulated(log: Log, hasOnePort: boolean): { truth: string; told: string } {
  const [truth, isWorking] = random.pick(HISTORIES);
  const fault = random.pick(FAULTS);
  const gap = random.pick([20, 45, 60, 90, 200, 400]);
  const seconds = random.integer(0, Math.min(gap, 60) / 2);
  const times = Array.from({ length: Math.ceil(4800 / gap) }, (_, i) => i * gap - 2400);
  const connections = times.map((time) =>
    CONNECTIONS[isWorking(time) ? 'served' : fault](NOON + time, seconds),
  );
  const rows = hasOnePort
    ? recordsOf(connections.flat(), 871, log)
    : connections.flatMap((packets, i) => recordsOf(packets, 40_000 + i, log));
  const window = { start: NOON - 600, end: NOON + 600 };
  const fetched = rows.filter(({ start, end }) => end! >= window.start - 600 && start! <= window.end + 600);
  return { truth, told: explained({ rows: fetched, question: { window } }).outcome };
}

test.each<[string, Log, boolean, number]>([
  ['a port for each connection', { interval: 60, lateBy: 0, hasFlags: true }, false, 1],
  ['times that are late', { interval: 60, lateBy: 60, hasFlags: true }, false, 1],
  ['intervals of ten minutes', { interval: 600, lateBy: 60, hasFlags: true }, false, 1],
  ['no flags', { interval: 60, lateBy: 60, hasFlags: false }, false, 0.6],
  ['one port for all connections', { interval: 60, lateBy: 0, hasFlags: true }, true, 0.85],
  ['one port, and times that are late', { interval: 60, lateBy: 60, hasFlags: true }, true, 0.8],
])('%s: no verdict is wrong, and most are told', (_, log, hasOnePort, share) => {
  const all = Array.from({ length: 200 }, () => simulated(log, hasOnePort));
  expect(all.filter(({ truth, told }) => told !== truth && told !== 'cannot-tell')).toEqual([]);
  const decided = all.filter(({ told }) => told !== 'cannot-tell');
  expect(decided.length / all.length).toBeGreaterThanOrEqual(share);
});
