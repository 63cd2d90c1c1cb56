import { describe, expect, test } from 'vitest';
import type { Evidence, FlowRow, Question } from '../../../shared/explain/observation.ts';
import { observe } from '../../../shared/explain/observe.ts';
import { A, at, B, BOTH_LOGGED, NOON, TCP_QUESTION, WHOLE } from './plain-traffic.ts';

const observed = (evidence: Partial<Evidence>, question: Partial<Question> = {}) =>
  observe({ ...TCP_QUESTION, ...question }, { rows: [], logs: BOTH_LOGGED, ...evidence });
/** States of the four points; for one that is not observed, why. */
const states = (evidence: Partial<Evidence>, question: Partial<Question> = {}) =>
  Object.values(observed(evidence, question).points).map(({ state, why }) => why ?? state);
const bLog = (changes: object): Evidence['logs'] =>
  new Map([...BOTH_LOGGED, ['eni-b', { ...WHOLE, ...changes }]]);
const REJECT = { action: 'REJECT' } as const;

describe('a record is put at its point', () => {
  const all = [at('P1'), at('P2'), at('P3'), at('P4')];
  const version2 = (row: FlowRow): FlowRow => ({
    ...row,
    flow_direction: null,
    subnet_id: null,
    tcp_flags: null,
  });

  test('by its direction', () =>
    expect(states({ rows: all })).toEqual(['accept', 'accept', 'accept', 'accept']));

  test('without a direction by its addresses', () => {
    for (const [i, row] of all.entries()) {
      const { points } = observed({ rows: [version2(row)] });
      expect(Object.values(points).map(({ records }) => records.length)).toEqual(
        [0, 1, 2, 3].map((n) => Number(n === i)),
      );
    }
  });

  test('by the addresses of the packets where the interface shows its primary one', () => {
    const pod = { addresses: ['10.0.1.99'], interfaceIds: ['eni-a'] };
    const row = at('P1', { pkt_srcaddr: '10.0.1.99', pkt_dstaddr: '10.0.2.7' });
    expect(states({ rows: [row] }, { source: pod })[0]).toBe('accept');
    expect(observed({ rows: [row] }).points.P1.records).toEqual([]);
  });

  test.each<[string, FlowRow]>([
    ['another port', at('P1', { dstport: 443 })],
    ['another protocol', at('P1', { protocol: 17 })],
    ['another peer', at('P1', { dstaddr: '10.0.9.9' })],
    ['another interface with the same addresses', at('P1', { interface_id: 'eni-decoy' })],
    ['no traffic', at('P1', { action: null, log_status: 'NODATA' })],
    ['a time outside of the window', at('P1', { start: NOON - 4000, end: NOON - 3990 })],
    ['the way back, with A as the server', at('P1', { srcport: 5432, dstport: 40_000 })],
  ])('%s is left alone', (_, row) => {
    const { points } = observed({ rows: [row] });
    expect(Object.values(points).flatMap(({ records }) => records)).toEqual([]);
  });

  test('a record past the window counts if its connection began in it', () => {
    const { end } = TCP_QUESTION.window;
    const rows = [at('P1', { start: end - 2, end }), at('P4', { start: end + 60, end: end + 61 })];
    expect(states({ rows })[3]).toBe('accept');
  });

  test('any port counts where none is asked for', () => {
    const { port: _, ...anyPort } = TCP_QUESTION;
    const { points } = observe(anyPort, { rows: [at('P1'), at('P1', { dstport: 443 })], logs: BOTH_LOGGED });
    expect(points.P1.accepted.records).toBe(2);
  });
});

describe('silence is absence only where a record would be', () => {
  const sent = [at('P1')];
  test('the request left while the log of the target was whole', () => {
    expect(states({ rows: sent })).toEqual(['accept', 'absent', 'absent', 'absent']);
  });
  test.each<[string, string, Evidence['logs']]>([
    ['no record of the interface', 'no-flow-log', new Map([['eni-a', WHOLE]])],
    ['ACCEPT only', 'one-action', bLog({ actions: new Set(['ACCEPT']) })],
    ['REJECT only', 'one-action', bLog({ actions: new Set(['REJECT']) })],
    ['records lost at the time', 'skipdata', bLog({ skipped: [{ start: NOON - 60, end: NOON - 1 }] })],
    ['not delivered up to the time', 'not-delivered', bLog({ completeUntil: NOON + 30 })],
    ['begun after the time', 'not-begun', bLog({ completeFrom: NOON + 30 })],
    ['a hole at the time', 'hole', bLog({ holes: [{ start: NOON + 60, end: NOON + 300 }] })],
  ])('%s', (_, why, logs) => {
    expect(states({ rows: sent, logs }).slice(1, 3)).toEqual([why, why]);
  });
  test('what lies at the edge of the time that was read is not observed', () => {
    const read = (end: number) => states({ rows: sent, fetched: { start: NOON - 2400, end } });
    expect(read(NOON + 65)[1]).toBe('absent');
    expect(read(NOON + 64).slice(1)).toEqual(['not-read', 'not-read', 'not-read']);
  });
  test('records lost at another time do not matter', () => {
    expect(states({ rows: sent, logs: bLog({ skipped: [{ start: NOON + 300, end: NOON + 360 }] }) })[1]).toBe(
      'absent',
    );
  });
  test('one request in a time that is whole is enough', () => {
    const rows = [at('P1', { srcport: 40_001, start: NOON + 600, end: NOON + 601 }), at('P1')];
    expect(states({ rows, logs: bLog({ completeUntil: NOON + 300 }) })[1]).toBe('absent');
  });
  test('without any record the whole window has to be delivered', () => {
    expect(states({ logs: bLog({ completeUntil: NOON }) })).toEqual([
      'absent',
      'not-delivered',
      'not-delivered',
      'absent',
    ]);
  });
  test('an end without known interfaces is not observed', () => {
    const outside = { addresses: ['203.0.113.9'], interfaceIds: [] };
    expect(states({}, { destination: outside }).slice(1, 3)).toEqual(['no-flow-log', 'no-flow-log']);
  });
  test('all interfaces of an end have to be logged', () => {
    const two = { ...B, interfaceIds: ['eni-b', 'eni-b2'] };
    expect(states({ rows: sent }, { destination: two })[1]).toBe('no-flow-log');
  });
  test('traffic to the Amazon DNS server is never captured', () => {
    const dns = { addresses: ['169.254.169.253'], interfaceIds: ['eni-b'] };
    expect(states({}, { destination: dns, protocol: 17, port: 53 })[0]).toBe('never-captured');
  });
});

describe('NAT between the two', () => {
  const fromNat = (changes: FlowRow = {}) => at('P2', { srcaddr: '10.0.9.220', srcport: 2000, ...changes });
  test.each<[string, readonly FlowRow[]]>([
    ['the target sees such a request from another address', [at('P1'), fromNat()]],
    ['also without flags', [at('P1', { tcp_flags: null }), fromNat({ tcp_flags: null })]],
    [
      'the NAT gateway has logged it',
      [
        at('P1'),
        at('P1', { interface_id: 'eni-nat', interface_type: 'nat_gateway', flow_direction: 'ingress' }),
      ],
    ],
    ['the next hop is a NAT gateway', [at('P1', { next_hop_interface_type: 'nat_gateway' })]],
  ])('the target is not observed: %s', (_, rows) => expect(states({ rows })[1]).toBe('translated'));

  test.each<[string, readonly FlowRow[]]>([
    ['others have been served at another time', [at('P1'), fromNat({ start: NOON + 300, end: NOON + 301 })]],
    ['others began before', [at('P1'), fromNat({ start: NOON - 300 })]],
    ['others have sent more', [at('P1'), fromNat({ packets: 12 })]],
    ['others have closed their connection', [at('P1'), fromNat({ tcp_flags: 3 })]],
    ['both are in one subnet', [at('P1', { subnet_id: 'subnet-b' }), fromNat()]],
    ['both are in peered VPCs', [at('P1', { traffic_path: 4 }), fromNat()]],
    [
      'some requests have no counterpart',
      [at('P1'), at('P1', { srcport: 3, start: NOON + 900, end: NOON + 901 }), fromNat()],
    ],
  ])('the request is absent at the target: %s', (_, rows) => expect(states({ rows })[1]).toBe('absent'));
});

describe('what is counted at a point', () => {
  test('records, times and flags, by interface and zone', () => {
    const two = { ...B, addresses: [...B.addresses, '10.0.3.7'], interfaceIds: ['eni-b', 'eni-b2'] };
    const rows = [
      at('P2', { az_id: 'use1-az1' }),
      at('P2', {
        ...REJECT,
        interface_id: 'eni-b2',
        az_id: 'use1-az2',
        dstaddr: '10.0.3.7',
        srcport: 7,
        end: NOON + 50,
      }),
    ];
    const { P2 } = observed({ rows }, { destination: two }).points;
    expect(P2).toMatchObject({ state: 'both', flags: 2 });
    const none = { records: 0, first: undefined, last: undefined };
    expect(P2.interfaces).toEqual([
      {
        interfaceId: 'eni-b',
        azId: 'use1-az1',
        accepted: { records: 1, first: NOON, last: NOON + 5 },
        rejected: none,
      },
      {
        interfaceId: 'eni-b2',
        azId: 'use1-az2',
        accepted: none,
        rejected: { records: 1, first: NOON, last: NOON + 50 },
      },
    ]);
  });

  test('what two flow logs have written twice counts once, and the richer record is kept', () => {
    const [rich, poor] = [at('P2'), at('P2', { tcp_flags: null })];
    const { P2 } = observed({ rows: [poor, rich, rich, poor] }).points;
    expect(P2.records).toEqual([rich]);
  });

  test('reject reasons are named once', () => {
    const bpa = { ...REJECT, reject_reason: 'BPA' };
    const { P2 } = observed({
      rows: [at('P2', bpa), at('P2', { ...bpa, srcport: 9 }), at('P2', { ...REJECT, srcport: 8 })],
    }).points;
    expect(P2.rejectReasons).toEqual(['BPA']);
  });
});

describe('a rejected packet', () => {
  const served = at('P2', { tcp_flags: 3, packets: 9, bytes: 900 });
  const after = { ...REJECT, tcp_flags: 1, start: NOON + 20, end: NOON + 20 } as const;
  test.each<[string, string, readonly FlowRow[]]>([
    ['seen', 'comes late after FIN', [served, at('P2', after)]],
    ['possible', 'may be late where no close was seen', [at('P2'), at('P2', after)]],
    [
      'possible',
      'may be late without flags',
      [{ ...served, tcp_flags: null }, at('P2', { ...after, tcp_flags: null })],
    ],
    ['none', 'is not late with a SYN', [served, at('P2', { ...after, tcp_flags: 2 })]],
    ['none', 'is not late in another connection', [served, at('P2', { ...after, srcport: 9 })]],
    ['none', 'is not late at another interface', [served, at('P1', after)]],
    [
      'none',
      'is not late before anything was accepted',
      [{ ...served, start: NOON + 30, end: NOON + 31 }, at('P2', after)],
    ],
    [
      'none',
      'is not late the other way: an ACL drops replies',
      [at('P2'), at('P3', { ...after, tcp_flags: 4 })],
    ],
  ])('%s: %s', (lateness, _, rows) => {
    const observation = observed({ rows });
    expect(observation.lateness).toBe(lateness);
    const { accepted, rejected, late } = observation.points.P2;
    if (lateness !== 'none')
      expect([accepted, rejected, late].map(({ records }) => records)).toEqual([1, 0, 1]);
  });
});

describe('transit gateways', () => {
  const lost = (changes: object) => ({
    ...{ srcaddr: A.addresses[0]!, dstaddr: B.addresses[0]!, srcport: 40_000, dstport: 5432, protocol: 6 },
    ...{ start: NOON, end: NOON + 5, ...changes },
  });
  const back = { srcaddr: B.addresses[0]!, dstaddr: A.addresses[0]!, srcport: 5432, dstport: 40_000 };
  test('the counter that counts most names the loss, each direction by itself', () => {
    const transitRows = [
      lost({ packets: 5, packets_lost_no_route: 2, packets_lost_blackhole: 3 }),
      lost({ ...back, packets: 1_000_000, packets_lost_ttl_expired: 1 }),
    ];
    expect(observed({ transitRows })).toMatchObject({
      requestLoss: { cause: 'blackhole', isTotal: true },
      replyLoss: { cause: 'ttl-expired', isTotal: false },
    });
  });
  test.each([
    ['none is counted', [{ packets: 0 }], true],
    ['as many as were lost', [{ packets: 3 }], true],
    ['more than were lost', [{ packets: 4 }], false],
    ['fewer than were lost, so they are others', [{ packets: 2 }], false],
    ['their number is not in the records', [{}], false],
    ['other records have them', [{ packets: 0 }, { packets: 9, packets_lost_blackhole: 0 }], false],
  ])('whether any packets passed: %s', (_, rows, isTotal) => {
    const transitRows = rows.map((each) => lost({ packets_lost_blackhole: 3, ...each }));
    expect(observed({ transitRows }).requestLoss).toEqual({ cause: 'blackhole', isTotal });
  });
  test.each([
    ['no loss', {}],
    ['another port', { packets_lost_blackhole: 3, dstport: 443 }],
    ['another time', { packets_lost_blackhole: 3, start: NOON + 9000, end: NOON + 9001 }],
    ['another peer', { packets_lost_blackhole: 3, dstaddr: '10.0.9.9' }],
    ['another VPC', { packets_lost_blackhole: 3, tgw_src_vpc_id: 'vpc-9' }],
  ])('%s is no loss', (_, changes) => {
    const source = { ...A, vpcIds: ['vpc-1'] };
    expect(observed({ transitRows: [lost(changes)] }, { source }).requestLoss).toBeUndefined();
  });
});
