/** A client's port is used again and again: each use is judged by itself, and only what was in the window counts. */
import { describe, expect, test } from 'vitest';
import type { FlowRow, Point } from '../../../shared/explain/observation.ts';
import { questionsByPort } from '../../../shared/explain/ports.ts';
import {
  at,
  BOTH_LOGGED,
  explained,
  type Given,
  NOON,
  ONLY_A_LOGGED,
  TCP_QUESTION,
  WHOLE,
} from './plain-traffic.ts';

const FIXED = { srcport: 871 } as const;
const SERVED = { tcp_flags: 3, packets: 12, bytes: 4000 } as const;
const SERVED_BACK = { tcp_flags: 19, packets: 10, bytes: 9000 } as const;
const OLDER = { tcp_flags: 0, packets: 9, bytes: 2000 } as const;
const NO_FLAGS = { tcp_flags: null } as const;
const REJECT = { action: 'REJECT' } as const;

const isRequest = (point: Point): boolean => point === 'P1' || point === 'P2';
/** Records of one connection from port 871, at some points, some seconds after noon. */
function use(
  seconds: number,
  points: readonly Point[],
  request: FlowRow = {},
  reply: FlowRow = {},
): FlowRow[] {
  return points.map((point) =>
    at(point, {
      ...(isRequest(point) ? { ...FIXED, ...request } : { dstport: FIXED.srcport, ...reply }),
      ...{ start: NOON + seconds, end: NOON + seconds + 5 },
    }),
  );
}
const served = (seconds: number): FlowRow[] => use(seconds, ['P1', 'P2', 'P3', 'P4'], SERVED, SERVED_BACK);
const silent = (seconds: number): FlowRow[] => use(seconds, ['P1', 'P2']);
const refused = (seconds: number): FlowRow[] =>
  use(seconds, ['P1', 'P2', 'P3', 'P4'], {}, { tcp_flags: 4, packets: 1, bytes: 40 });
const everyMinute = (from: number, until: number, rows: (seconds: number) => FlowRow[]): FlowRow[] =>
  Array.from({ length: (until - from) / 60 }, (_, i) => rows(from + 60 * i)).flat();
const since = (seconds: number, until = 1800) => ({ window: { start: NOON + seconds, end: NOON + until } });
const told = (given: Given): string => {
  const { outcome, rule } = explained(given);
  return `${outcome}: ${rule}`;
};

describe('a client port that is used again', () => {
  test.each<[string, string, FlowRow[]]>([
    ['intermittent: some-unanswered', 'the target is silent since', [...served(-1500), ...silent(0)]],
    [
      'intermittent: some-unanswered',
      'the target is silent since, and the earlier close was not seen',
      [...use(-1500, ['P1', 'P2', 'P3', 'P4']), ...silent(0)],
    ],
    ['intermittent: some-unanswered', 'requests are lost since', [...served(-1500), ...use(0, ['P1'])]],
    ['intermittent: some-unanswered', 'the target refuses since', [...served(-1500), ...refused(0)]],
    [
      'intermittent: target-rejects-some',
      'a filter rejects since',
      [...served(-1500), ...use(0, ['P1']), ...use(0, ['P2'], REJECT)],
    ],
    ['intermittent: some-unanswered', 'the target answers again', [...silent(0), ...served(600)]],
    ['works: handshake-completed', 'each time it is answered', everyMinute(-1500, 1500, served)],
    [
      'intermittent: some-unanswered',
      'every minute, at first with answers',
      [...everyMinute(-600, 0, served), ...everyMinute(0, 600, silent)],
    ],
    ['fails: target-silent', 'the SYN is repeated', everyMinute(0, 180, silent)],
    [
      'intermittent: some-unanswered',
      'without flags, the target is silent since',
      [...served(-1500), ...silent(0)].map((row) => ({ ...row, ...NO_FLAGS })),
    ],
    [
      'works: handshake-completed',
      'without flags, a connection that is idle for a while goes on',
      [...served(-1500), ...served(0)].map((row) => ({ ...row, ...NO_FLAGS })),
    ],
  ])('%s: %s', (verdict, _, rows) => expect(told({ rows })).toBe(verdict));

  test('what was before the window does not count', () => {
    const rows = [...served(-500), ...everyMinute(0, 1200, silent)];
    expect(told({ rows, question: since(0) })).toBe('fails: target-silent');
    expect(told({ rows, question: since(-600) })).toBe('intermittent: some-unanswered');
  });

  test('a connection that is open for long is no new one', () => {
    const rows = [
      ...use(-1500, ['P1', 'P2', 'P3', 'P4']),
      ...everyMinute(-1440, 1440, (t) => use(t, ['P1', 'P2', 'P3', 'P4'], OLDER, OLDER)),
    ];
    expect(told({ rows })).toBe('works: handshake-completed');
  });

  test('clocks of the two ends that differ by seconds make no other attempt', () => {
    for (const ahead of [-20, -1, 1, 20]) {
      const rows = everyMinute(-1500, 1500, served).map((row) =>
        row.interface_id === 'eni-b' ? { ...row, start: row.start! + ahead, end: row.end! + ahead } : row,
      );
      expect(told({ rows })).toBe('works: handshake-completed');
    }
  });

  test('times may be a minute off: what may have the answer of its neighbour is not called unanswered', () => {
    const rows = [...served(0), ...silent(40)];
    expect(told({ rows }).split(':')[0]).toBe('cannot-tell');
    // With the same outcome for both, it does not matter which packet belongs to which.
    expect(told({ rows: [...refused(0), ...refused(40)] })).toBe('fails: refused');
    expect(told({ rows: [...served(0), ...served(40)] })).toBe('works: handshake-completed');
  });

  test('a SYN-ACK whose SYN lies before all records answers no later SYN', () => {
    const rows = [...use(-1500, ['P4']), ...silent(0)];
    expect(told({ rows, question: since(-600) })).toBe('fails: target-silent');
  });

  test('one port to two hosts of a name is two connections', () => {
    const rows = [
      ...silent(0),
      ...use(0, ['P1', 'P2', 'P3', 'P4'], SERVED, SERVED_BACK).map(
        (row): FlowRow => ({
          ...row,
          ...(row.dstaddr === '10.0.2.7' ? { dstaddr: '10.0.2.8' } : { srcaddr: '10.0.2.8' }),
          ...(row.interface_id === 'eni-b' && { interface_id: 'eni-b2' }),
        }),
      ),
    ];
    const destination = { addresses: ['10.0.2.7', '10.0.2.8'], interfaceIds: ['eni-b', 'eni-b2'] };
    const logs = new Map([...BOTH_LOGGED, ['eni-b2', WHOLE]]);
    expect(told({ rows, logs, question: { destination } })).toBe('intermittent: some-unanswered');
  });

  test('an address that is translated on the way makes no other connection', () => {
    const destination = { addresses: ['10.0.2.7', '203.0.113.7'], interfaceIds: ['eni-b'] };
    const rows = refused(0).map(
      (row): FlowRow => ({
        ...row,
        ...(row.interface_id === 'eni-a' && row.dstaddr === '10.0.2.7' && { dstaddr: '203.0.113.7' }),
        ...(row.interface_id === 'eni-a' && row.srcaddr === '10.0.2.7' && { srcaddr: '203.0.113.7' }),
      }),
    );
    expect(told({ rows, question: { destination } })).toBe('fails: refused');
  });
});

describe('only what was in the window is accepted or rejected', () => {
  const ICMP = { protocol: 1, srcport: 0, dstport: 0, tcp_flags: null } as const;
  const ping = { protocol: 1, port: undefined! };
  const pings = (from: number, until: number, points: readonly Point[], p2: FlowRow = {}): FlowRow[] =>
    everyMinute(from, until, (seconds) =>
      points.map((point) =>
        at(point, {
          ...{ ...ICMP, start: NOON + seconds, end: NOON + seconds + 50 },
          ...(point === 'P2' && p2),
        }),
      ),
    );
  const ALL = ['P1', 'P2', 'P3', 'P4'] as const;
  const fine = (from: number, until: number): FlowRow[] => pings(from, until, ALL);
  const rejected = (from: number, until: number): FlowRow[] => pings(from, until, ['P1', 'P2'], REJECT);

  test.each<[string, string, FlowRow[], [number, number]]>([
    ['works: pinged', 'it was repaired before', [...rejected(-600, 0), ...fine(0, 1200)], [60, 1200]],
    ['works: pinged', 'it broke afterwards', [...fine(-600, 900), ...rejected(900, 1500)], [0, 890]],
    ['fails: target-rejects', 'it had worked before', [...fine(-600, 0), ...rejected(0, 900)], [0, 900]],
    [
      'intermittent: target-rejects-some',
      'it broke in the window',
      [...fine(-600, 300), ...rejected(300, 900)],
      [0, 900],
    ],
    [
      'cannot-tell: pings-unanswered',
      'answers from before',
      [...fine(-600, 0), ...pings(0, 900, ['P1', 'P2'])],
      [0, 900],
    ],
  ])('%s: %s', (verdict, _, rows, [from, until]) => {
    expect(told({ rows, question: { ...ping, ...since(from, until) } })).toBe(verdict);
  });

  test('an answer a moment after the window is neither there nor absent', () => {
    const rows = [...pings(880, 940, ['P1', 'P2']), ...pings(910, 970, ['P3', 'P4'])];
    const { points } = explained({ rows, question: { ...ping, ...since(0, 900) } });
    expect(points.P4).toMatchObject({ state: 'not-observed', why: 'beside', records: [] });
  });

  test('TCP flags of before the window tell of the connection in it', () => {
    const rows = [
      ...use(-90, ['P1', 'P2', 'P3', 'P4']),
      ...everyMinute(-30, 600, (t) => use(t, ['P1', 'P2', 'P3', 'P4'], OLDER, OLDER)),
    ];
    expect(told({ rows, question: since(0) })).toBe('works: handshake-completed');
  });

  test('a connection whose answers stopped before the window has none in it', () => {
    const rows = [
      ...use(-300, ['P1', 'P2', 'P3', 'P4']),
      ...everyMinute(0, 600, (t) => use(t, ['P1', 'P2'], { ...OLDER, bytes: 500 })),
    ];
    expect(told({ rows, question: since(0) })).toMatch(/^fails: target-silent|^cannot-tell/);
  });
});

describe('what the target opens is another question', () => {
  const FROM_B = { srcport: 50_123, dstport: 443 } as const;
  const TO_B = { srcport: 443, dstport: 50_123 } as const;
  const anyPort = { port: undefined! };
  const fromTarget = (there: FlowRow, back: FlowRow): FlowRow[] => [
    ...[at('P3', { ...FROM_B, ...there }), at('P4', { ...FROM_B, ...there })],
    ...[at('P1', { ...TO_B, ...back }), at('P2', { ...TO_B, ...back })],
  ];
  const SYN_RST = { tcp_flags: 6, packets: 9, bytes: 900 } as const;

  test.each<[string, Given]>([
    ['it works and ends with RST', { rows: fromTarget(SYN_RST, { tcp_flags: 18 }), question: anyPort }],
    [
      'from the port that is asked about',
      { rows: fromTarget(SYN_RST, { tcp_flags: 18 }), question: { port: 50_123 } },
    ],
    ['the source refuses it', { rows: fromTarget({ tcp_flags: 2 }, { tcp_flags: 4 }), question: anyPort }],
    [
      'the source rejects it, without flags',
      {
        rows: [at('P3', { ...FROM_B, ...NO_FLAGS }), at('P4', { ...FROM_B, ...NO_FLAGS, ...REJECT })],
        question: anyPort,
      },
    ],
    ['it is open since before the records', { rows: fromTarget(OLDER, OLDER), question: anyPort }],
  ])('%s: the source sends no request', (_, given) => expect(told(given)).toBe('fails: not-sent'));

  test('the connections of the source are judged without those of the target', () => {
    const rows = [...fromTarget(SYN_RST, { tcp_flags: 18 }), at('P1'), at('P2', REJECT)];
    expect(told({ rows, question: anyPort })).toBe('fails: target-rejects');
  });

  test.each<[string, number, number, FlowRow, string]>([
    ['a client of NFS', 871, 2049, OLDER, 'works: existing-connection'],
    ['a load balancer', 2000, 8080, OLDER, 'works: existing-connection'],
    ['a port that nobody knows, but that is asked about', 2000, 9999, OLDER, 'works: existing-connection'],
    ['a service among the ports for clients', 50_001, 50_000, OLDER, 'cannot-tell: opener-unknown'],
    ['equal ports', 500, 500, { protocol: 17, ...NO_FLAGS }, 'works: packets-both-ways'],
  ])('%s, %d to %d', (_, client, server, changes, verdict) => {
    const request = { ...changes, srcport: client, dstport: server };
    const reply = { ...changes, srcport: server, dstport: client };
    const rows = [at('P1', request), at('P2', request), at('P3', reply), at('P4', reply)];
    const question = { port: server, protocol: changes.protocol ?? 6 };
    expect(told({ rows, question })).toBe(verdict);
  });

  test('who alone sends is who asks, if the log would show the other one', () => {
    const UDP = { protocol: 17, srcport: 514, dstport: 514, ...NO_FLAGS } as const;
    const question = { protocol: 17, port: 514 };
    const rows = [at('P1', UDP), at('P2', { ...UDP, ...REJECT })];
    expect(told({ rows, question })).toBe('fails: target-rejects');
    const rejectOnly = new Map([['eni-b', { ...WHOLE, actions: new Set(['REJECT']) }]]);
    expect(told({ rows: rows.slice(1), question, logs: rejectOnly })).toBe('cannot-tell: opener-unknown');
  });

  test('an answer from equal ports is none if nobody saw the request arrive', () => {
    const UDP = { protocol: 17, srcport: 514, dstport: 514, ...NO_FLAGS } as const;
    const rows = [at('P1', UDP), at('P4', UDP)];
    const question = { protocol: 17, port: 514 };
    expect(told({ rows, question, logs: ONLY_A_LOGGED })).toBe('cannot-tell: opener-unknown');
  });
});

describe('a question without a port', () => {
  const { port: _, ...anyPort } = TCP_QUESTION;
  const ports = (rows: readonly FlowRow[]) =>
    questionsByPort(anyPort, { rows, logs: BOTH_LOGGED }).map(({ port }) => port);

  test('is one for each port that the source asks, what fails first, then the busiest', () => {
    const rows = [
      ...served(0),
      ...[at('P1', { dstport: 443 }), at('P4', { srcport: 443 })],
      ...[at('P1', { dstport: 22 }), at('P2', { dstport: 22, ...REJECT })],
      at('P1', { dstport: 80 }),
      // The target asks.
      ...[at('P3', { srcport: 50_000, dstport: 9090, tcp_flags: 2 })],
      // Outside of the window.
      at('P1', { dstport: 8080, start: NOON - 9000, end: NOON - 8990 }),
    ];
    expect(ports(rows)).toEqual([22, 80, 5432, 443]);
  });
  test('stays one if nobody asks', () => expect(ports([])).toEqual([undefined]));
  test('stays one if it has a port', () => {
    expect(questionsByPort(TCP_QUESTION, { rows: served(0), logs: BOTH_LOGGED })).toEqual([TCP_QUESTION]);
  });
});
