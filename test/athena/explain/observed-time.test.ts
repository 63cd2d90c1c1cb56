import { describe, expect, test } from 'vitest';
import {
  LONGEST_STATEMENT,
  MOST_INTERFACES,
  MOST_ROWS,
  rowsStatement,
  stretchesStatement,
} from '../../../athena/explain/statements.ts';
import { FIVE_O_CLOCK, type LakeRecord } from '../../local/lake-fixture.ts';
import { ask, BUSY_A, BUSY_B, busy, HOUR, NOON, only, P1, P2, plant, record, useLake } from './asked-lake.ts';

useLake();

const startOf = (row: LakeRecord) => Number(row.start);
/** Records that begin in this time, in seconds from noon. */
const during = (rows: readonly LakeRecord[], from: number, until: number) =>
  rows.filter((row) => startOf(row) >= NOON + from && startOf(row) < NOON + until);
const between = (rows: readonly LakeRecord[], from: number, until: number) =>
  rows.filter((row) => !during(rows, from, until).includes(row));
const back = (row: LakeRecord, changes: LakeRecord = {}): LakeRecord => ({
  ...row,
  ...{ srcaddr: row.dstaddr!, dstaddr: row.srcaddr!, srcport: row.dstport!, dstport: row.srcport! },
  flow_direction: row.flow_direction === 'egress' ? 'ingress' : 'egress',
  ...changes,
});
/** The same packets, a reply at both ends. */
const replies = (request: LakeRecord, changes: LakeRecord = {}) => [
  back(P2(request), changes),
  back(P1(request), changes),
];
const PING = { protocol: 1, srcport: 0, dstport: 0, tcp_flags: 0 } as const;

describe('absence needs a log that was there at the time', () => {
  test.each([
    ['the log of the target has a hole', 'hole', (b: readonly LakeRecord[]) => between(b, -600, 1200)],
    ['the hole is of one object, five minutes', 'hole', (b: readonly LakeRecord[]) => between(b, -200, 100)],
    [
      'the target was terminated before',
      'not-delivered',
      (b: readonly LakeRecord[]) => during(b, -9000, -600),
    ],
    ['the target was launched later', 'not-begun', (b: readonly LakeRecord[]) => during(b, 300, 9000)],
  ])('%s', async (_, why, change) => {
    // Another interface of the same flow log is there all the time.
    const other = busy('eni-0000000c', '10.0.2.8', { subnet_id: 'subnet-b' });
    await plant([...BUSY_A, P1(), ...other, ...change(BUSY_B)]);
    const { points, outcome } = only(await ask());
    expect(points.P2).toMatchObject({ state: 'not-observed', why });
    expect(outcome).toBe('cannot-tell');
  });

  test('a source whose log begins late may have sent before', async () => {
    await plant([...during(BUSY_A, -600, 9000), ...BUSY_B]);
    expect(only(await ask()).points.P1).toMatchObject({ state: 'not-observed', why: 'not-begun' });
    // Up to its first record a log is silent for some seconds anyway.
    const { pairs, notes } = await ask({ since: NOON - 540 });
    expect(pairs[0]).toMatchObject({ window: { start: NOON - 480 }, explanation: { rule: 'not-sent' } });
    expect(notes).toContain(
      'Asked from 2026-11-20T11:51:00Z; the log of an end begins at 2026-11-20T11:52:00Z.',
    );
  });

  test('a flow log that was replaced leaves the gap between the two', async () => {
    await plant([...BUSY_A, P1()]);
    await plant(during(BUSY_B, -9000, -600), { flowLog: 'fl-0b' });
    await plant(during(BUSY_B, 600, 9000), { flowLog: 'fl-0c' });
    expect(only(await ask()).points.P2).toMatchObject({ state: 'not-observed', why: 'hole' });
  });

  test('what one flow log misses, another one over the same interface has', async () => {
    await plant([...BUSY_A, P1(), ...between(BUSY_B, -600, 1200)]);
    await plant(BUSY_B, { flowLog: 'fl-0b' });
    expect(only(await ask()).points.P2.state).toBe('absent');
  });

  test('a source whose log has a hole may have sent, and the hole is told', async () => {
    await plant([...between(BUSY_A, -1000, 1000), ...BUSY_B]);
    const { points, limits, outcome } = only(await ask());
    expect(points.P1).toMatchObject({ state: 'not-observed', why: 'hole' });
    expect(outcome).toBe('cannot-tell');
    expect(limits).toContain(
      'What came from 2026-11-20T11:41:01Z to 2026-11-20T12:19:59Z: the log of an end has a hole.',
    );
  });

  test('an address that was handed on is not looked for in the log of its former interface', async () => {
    const refusal = { start: NOON + 600, end: NOON + 605 };
    await plant([
      ...[...BUSY_A, ...during(BUSY_B, -9000, -100), P1(refusal)],
      back(P1(refusal), { tcp_flags: 4, packets: 1, bytes: 40 }),
    ]);
    expect(only(await ask({ destination: 'eni-0000000b' })).rule).not.toBe('middlebox-reset');
  });

  test('an idle interface has NODATA in every interval, which is no hole', async () => {
    const idle = BUSY_B.filter(({ action }) => action === 'ACCEPT').map(({ start, end }) => ({
      ...{ version: 5, interface_id: 'eni-0000000b', log_status: 'NODATA', start: start!, end: end! },
    }));
    await plant([...BUSY_A, P1(), ...during(BUSY_B, -9000, -3600), ...during(idle, -3600, 9000)]);
    expect(only(await ask()).points.P2.state).toBe('absent');
  });

  test.each([
    ['of ten minutes leave silences', 150, 'absent'],
    ['of one minute leave none', 60, 'not-observed'],
  ])('intervals %s', async (_, seconds, state) => {
    const sparse = Array.from({ length: 21 }, (_each, index) => NOON - HOUR + 600 * index).map((start) =>
      P2({ start, end: start + seconds, srcaddr: '10.0.9.9', dstport: 443 }),
    );
    // Another interface of the flow log shows that it holds REJECT as well.
    await plant([...BUSY_A, P1(), P2({ srcaddr: '10.0.9.8', action: 'REJECT' }), ...sparse]);
    const request = { start: NOON + 900, end: NOON + 905 };
    await plant([P1({ ...request, srcport: 40_001 })]);
    expect(only(await ask({ since: NOON + 600 })).points.P2.state).toBe(state);
  });

  test.each([
    ['records without times', false],
    ['lost records without times', true],
  ])('%s show no absence', async (_, isLost) => {
    // Records without times are filed under the hour of their object, which is five o'clock here.
    const early = (rows: readonly LakeRecord[]) =>
      rows.map((row) => ({
        ...row,
        ...{
          start: startOf(row) - NOON + FIVE_O_CLOCK + 1800,
          end: Number(row.end) - NOON + FIVE_O_CLOCK + 1800,
        },
      }));
    const untimed = BUSY_B.slice(0, 2).map(({ start: _, end: _end, ...rest }) => rest);
    const lost = { version: 5, interface_id: 'eni-0000000b', log_status: 'SKIPDATA' };
    await plant([...early([...BUSY_A, P1()]), ...(isLost ? [...early(BUSY_B), lost] : untimed)]);
    const asked = await ask({ since: FIVE_O_CLOCK, until: FIVE_O_CLOCK + HOUR });
    expect(only(asked).points.P2).toMatchObject({ state: 'not-observed' });
  });

  test('without log-status an empty record may be NODATA or SKIPDATA', async () => {
    const plain = (rows: readonly LakeRecord[]) => rows.map(({ log_status: _, ...rest }) => rest);
    const empty = during(BUSY_B, -1800, 1800).map(({ start, end }) => ({
      ...{ version: 5, interface_id: 'eni-0000000b', start: start!, end: end! },
    }));
    await plant([...plain([...BUSY_A, P1(), ...between(BUSY_B, -1800, 1800)]), ...empty]);
    expect(only(await ask()).points.P2).toMatchObject({ state: 'not-observed', why: 'skipdata' });
  });

  test('of the last quarter of an hour that has come in, more may still come', async () => {
    await plant([...during(BUSY_A, -9000, 300), P1({ start: NOON + 100, end: NOON + 105 })]);
    await plant(during(BUSY_B, -9000, 300), { flowLog: 'fl-0b' });
    const young = await ask({ now: NOON + 1000, since: NOON - 600, until: NOON + 1000 });
    expect(only(young).points.P2).toMatchObject({ state: 'not-observed', why: 'not-delivered' });
  });
});

describe('what lies at the edge of the time that is read', () => {
  test('lost records that begin before it are read', async () => {
    const lost = { version: 5, interface_id: 'eni-0000000b', log_status: 'SKIPDATA' };
    const request = P1({ start: NOON - 1790, end: NOON - 1785 });
    await plant([...BUSY_A, ...BUSY_B, request, { ...lost, start: NOON - 2405, end: NOON - 1805 }]);
    expect(only(await ask()).points.P2).toMatchObject({ state: 'not-observed', why: 'skipdata' });
  });

  test('a record of one end past it is not missed at the other end, whose record begins later', async () => {
    const open = { packets: 9, bytes: 2000, start: NOON + 1700, end: NOON + 1750 };
    const on = { ...open, tcp_flags: 0, start: NOON + 2345, end: NOON + 2399 };
    const reset = { packets: 1, bytes: 40, tcp_flags: 4, start: NOON + 2395, end: NOON + 2450 };
    const [left, arrived] = replies(reset);
    await plant([
      ...[...BUSY_A, ...BUSY_B, P1(open), P2(open), ...replies(open, { tcp_flags: 18 })],
      ...[P1(on), P2(on), ...replies(on), arrived!, { ...left!, start: NOON + 2402 }],
    ]);
    expect(only(await ask()).outcome).toBe('works');
  });
});

describe('more records than are read', () => {
  test('of a monitor that pings all day, the newest part of the day is told', async () => {
    const pings = Array.from({ length: MOST_ROWS / 4 + 100 }, (_, index) => {
      const start = NOON + HOUR / 2 - 16 * (index + 1);
      const ping = { ...PING, start, end: start + 10 };
      return [P1(ping), P2(ping), ...replies(ping)];
    });
    await plant([...pings.flat(), ...BUSY_A, ...BUSY_B]);
    const asked = await ask({ protocol: 1, port: undefined, since: NOON - 24 * HOUR });
    expect(only(asked).rule).toBe('pinged');
    expect(asked.notes.join()).toMatch(/More than 20000 records match: only /);
  });

  test('of what comes in just now, what has been delivered at both ends is told', async () => {
    const old = { start: NOON - 900, end: NOON - 895, srcport: 1024 };
    const many = Array.from({ length: MOST_ROWS + 1 }, (_, index) => {
      const start = NOON + (index % 500);
      return P1({ srcport: 20_000 + index, start, end: start });
    });
    const early = [...BUSY_A, ...BUSY_B].filter((row) => startOf(row) < NOON + 600);
    await plant([...early, ...many, P1(old), P2({ ...old, action: 'REJECT' })]);
    const { pairs } = await ask({ now: NOON + 700 });
    // The last record ends at 12:09, of which a quarter of an hour may be incomplete.
    expect(pairs[0]).toMatchObject({
      window: { start: NOON - 1800, end: NOON + 540 - 900 },
      explanation: { rule: 'target-rejects' },
    });
  });

  test('nothing is told of them if no time tells them apart', async () => {
    const many = Array.from({ length: MOST_ROWS + 1 }, (_, index) => P1({ srcport: 20_000 + index }));
    await plant([...many, ...BUSY_A, ...BUSY_B]);
    await expect(ask()).rejects.toThrow('More than 20000 records match, and no time tells them apart.');
  });

  test('a record with more bytes than a number holds is one', async () => {
    await plant([P1({ bytes: 9_007_199_254_740_993n }), P2({ action: 'REJECT' }), ...BUSY_A, ...BUSY_B]);
    expect(only(await ask()).rule).toBe('target-rejects');
  });
});

describe('networks', () => {
  const TRAFFIC = { protocol: 6, port: 443 } as const;
  const RANGE = { start: NOON - HOUR, end: NOON };
  const EVERYWHERE = { accounts: [], regions: [] };

  test('the largest ones fit into a statement', () => {
    const interfaceIds = Array.from(
      { length: MOST_INTERFACES },
      (_, index) => `eni-0${(0x10000000 + index).toString(16).padStart(16, '0')}`,
    );
    const network = { addresses: [], networks: ['10.20.0.0/16'], interfaceIds };
    const one = { addresses: ['10.0.2.7'], networks: [], interfaceIds: ['eni-0123456789abcdef0'] };
    for (const [source, destination] of [
      [network, one],
      [one, network],
    ] as const) {
      const sql = rowsStatement({ source, destination, ...TRAFFIC }, RANGE, NOON, EVERYWHERE);
      expect(sql.length).toBeLessThan(LONGEST_STATEMENT);
    }
    expect(stretchesStatement(interfaceIds, RANGE, EVERYWHERE).length).toBeLessThan(LONGEST_STATEMENT);
  });

  const hosts = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      record({
        interface_id: `eni-1${String(index).padStart(7, '0')}`,
        srcaddr: `10.4.${index >> 8}.${index & 255}`,
        dstaddr: '192.168.0.1',
      }),
    );

  test('too many interfaces are refused, each counted for every flow log', async () => {
    await plant(hosts(MOST_INTERFACES / 2 + 1));
    await plant(hosts(MOST_INTERFACES / 2 + 1), { flowLog: 'fl-0b' });
    await expect(ask({ source: '10.4.0.0/16', destination: '192.168.0.1' })).rejects.toThrow(
      'The networks have more than 5000 interfaces (each counts once for every flow log).',
    );
  });

  test('of too many pairs those with rejected and unanswered traffic are told', async () => {
    const flow = (source: number, target: number, changes: LakeRecord) => ({
      ...hosts(source + 1)[source]!,
      ...{ srcport: 40_000 + target, dstaddr: `10.4.0.${target}`, ...changes },
    });
    const answered = flow(1, 2, { tcp_flags: 3, packets: 9, bytes: 900 });
    await plant(
      [
        ...hosts(60),
        ...Array.from({ length: 50 }, (_, index) =>
          [answered, back(answered)].map((each) => ({ ...each, packets: index })),
        ),
        flow(3, 4, { action: 'REJECT' }),
        flow(5, 6, {}),
      ].flat(),
    );
    const { pairs, notes } = await ask({ source: '10.4.0.0/16', destination: '10.4.0.0/16' });
    const names = pairs.map(({ source, destination }) => `${source.name} ${destination.name}`);
    for (const pair of ['10.4.0.3 10.4.0.4', '10.4.0.5 10.4.0.6', '10.4.0.1 10.4.0.2']) {
      expect(names).toContain(pair);
    }
    expect(pairs).toHaveLength(200);
    expect(pairs.filter(({ source, destination }) => source.name === destination.name)).toEqual([]);
    expect(notes.join()).toContain('3540 pairs of hosts; 200 were explained');
  });
});

describe('transit gateways of other networks', () => {
  const { interface_id: _, vpc_id: _vpc, subnet_id: _subnet, action: _action, ...plain } = record();
  const lossOf = (from: string, to: string): LakeRecord => ({
    ...{ ...plain, version: 6, packets: 0, packets_lost_no_route: 5, tgw_id: 'tgw-1' },
    ...{ tgw_attachment_id: 'tgw-attach-1', tgw_src_vpc_id: from, tgw_dst_vpc_id: to },
  });
  const plantLosses = (...losses: readonly LakeRecord[]) =>
    plant(losses, { table: 'transit_gateway_flow_logs' });

  test('that lose packets of the same addresses lose none of these', async () => {
    await plant([...BUSY_A, P1()]);
    await plantLosses(lossOf('vpc-8', 'vpc-9'));
    expect(only(await ask()).outcome).toBe('cannot-tell');
    await plantLosses(lossOf('vpc-1', 'vpc-2'));
    expect(only(await ask()).rule).toBe('transit-gateway-no-route');
  });

  test('cannot be told from the right one where no interface is known', async () => {
    await plantLosses(lossOf('vpc-8', 'vpc-9'), lossOf('vpc-1', 'vpc-2'));
    expect(only(await ask()).outcome).toBe('cannot-tell');
    expect(only(await ask({ vpcs: ['vpc-1'] })).rule).toBe('transit-gateway-no-route');
  });
});

describe('what is asked', () => {
  test('pings over IPv6 are ICMP, too', async () => {
    const six = (rows: readonly LakeRecord[], own: string) =>
      rows.map((row) => ({
        ...row,
        srcaddr: own,
        dstaddr: `2001:db8:9::${row.action === 'ACCEPT' ? 1 : 2}`,
      }));
    const ping = { ...PING, protocol: 58, srcaddr: '2001:db8::5', dstaddr: '2001:db8::7' };
    await plant([
      ...[...six(BUSY_A, '2001:db8::5'), ...six(BUSY_B, '2001:db8::7')],
      ...[P1(ping), P2(ping), ...replies(ping)],
    ]);
    const asked = { source: '2001:db8::5', destination: '2001:db8::7', protocol: 1, port: undefined };
    expect(only(await ask(asked)).rule).toBe('pinged');
  });

  test.each([
    ['a port of a protocol without ports', { protocol: 47, port: 443 }, 'has no ports. Leave --port out.'],
    ['a time in the future', { since: NOON + 48 * HOUR, until: undefined }, 'is in the future: it is '],
    ['one host at both ends', { destination: '10.0.1.5' }, 'are the same host.'],
    ['one host at both ends by its id', { destination: 'eni-0000000a' }, 'are the same host.'],
  ])('%s is refused', async (_, asked, message) => {
    await plant([...BUSY_A, ...BUSY_B]);
    await expect(ask(asked)).rejects.toThrow(message);
  });
});
