import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

/** Calls of an inside host to a server on the internet at these seconds after five, each from a port of its own. */
function calls(seconds: readonly number[], fields: LakeRecord = {}): LakeRecord[] {
  return seconds.map((second, index) =>
    flow({
      dstaddr: '203.0.113.9',
      srcport: 40_000 + index,
      start: FIVE_O_CLOCK + second,
      end: FIVE_O_CLOCK + second + 5,
      ...fields,
    }),
  );
}

const every = (interval: number, times: number) =>
  Array.from({ length: times }, (_, index) => index * interval);

/** Intervals around five minutes that differ by what the list says. */
const JITTER = [0, 10, -10, 20, -20, 0, 10, -10, 20, -20, 0, 10];
const jittered = (scale: number) => JITTER.map((jitter, index) => index * 300 + jitter * scale);

/** Intervals as a person makes them. */
const BROWSING = [0, 31, 75, 400, 431, 1900, 1935, 1980, 2900, 2931, 5000, 5033, 9000, 9100];

test('finds a host that calls a server at regular intervals, the most regular first', async () => {
  await plant([
    ...calls(jittered(1), { srcaddr: '10.0.0.5' }),
    ...calls(every(300, 12), { dstport: 8443 }),
    ...calls(BROWSING, { srcaddr: '10.0.0.7' }),
  ]);
  expect(await ask('beaconing')).toEqual([
    {
      client: '10.0.0.1',
      server: '203.0.113.9',
      port: 8443,
      protocol: 'tcp',
      calls: 12,
      rejected: 0,
      interval_seconds: 300,
      deviation_seconds: 0,
      deviation: 0,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:55:00Z',
    },
    expect.objectContaining({
      client: '10.0.0.5',
      port: 443,
      calls: 12,
      interval_seconds: 310,
      deviation_seconds: 20,
      deviation: expect.closeTo(20 / 310, 10),
    }),
  ]);
  expect(await ask('beaconing', { params: { min_calls: '13' } })).toEqual([]);
  expect(await ask('beaconing', { params: { max_deviation: '0.01' } })).toHaveLength(1);
});

test('a night without calls and a refused call do not hide a beacon', async () => {
  const evening = calls(every(300, 6), { action: 'REJECT' });
  const morning = calls(every(300, 6), { srcport: 50_000 }).map((record, index) => ({
    ...record,
    srcport: 50_000 + index,
    start: Number(record.start) + 36_000,
  }));
  await plant([...evening, ...morning]);
  expect(await ask('beaconing')).toMatchObject([
    { calls: 12, rejected: 6, interval_seconds: 300, deviation: 0 },
  ]);
});

test('connections that a call opens at once, or tries again, belong to one call', async () => {
  await plant(calls(every(300, 12).flatMap((second) => [second, second + 1, second + 20])));
  await plant(
    every(300, 12).flatMap((second, index) =>
      calls([second, second + 3, second + 63], {
        srcaddr: '10.0.0.5',
        srcport: 50_000 + index,
        tcp_flags: 2,
      }),
    ),
  );
  expect(await ask('beaconing')).toMatchObject([
    { client: '10.0.0.1', calls: 12, interval_seconds: 300 },
    { client: '10.0.0.5', calls: 12, interval_seconds: 300 },
  ]);
});

test('with TCP flags a call from a port that was used before is a call', async () => {
  await plant(calls(every(300, 12), { srcport: 40_000, tcp_flags: 3 }));
  expect(await ask('beaconing')).toMatchObject([{ calls: 12, interval_seconds: 300 }]);
});

test('calls over UDP from new ports are found, too', async () => {
  await plant(calls(every(600, 12), { protocol: 17, dstport: 53, tcp_flags: 0 }));
  expect(await ask('beaconing')).toMatchObject([{ port: 53, protocol: 'udp', calls: 12 }]);
});

test('calls count once, though interfaces and flow logs record them again', async () => {
  const own = calls(every(300, 12));
  const ends = { pkt_srcaddr: '10.0.0.1', pkt_dstaddr: '203.0.113.9' };
  await plant(own, objectOf('fl-0a'));
  await plant(own, objectOf('fl-0b'));
  await plant(
    calls(
      every(300, 12).map((second) => second + 40),
      { ...ends, dstaddr: '10.0.0.220', interface_id: 'eni-nat' },
    ),
  );
  expect(await ask('beaconing')).toMatchObject([{ client: '10.0.0.1', calls: 12, interval_seconds: 300 }]);
});

test('leaves out what is no beacon', async () => {
  const others: Record<string, LakeRecord[]> = {
    'a connection that stays open, with TCP flags': calls(every(60, 60), { srcport: 40_000, tcp_flags: 0 }),
    'a connection that stays open and is mostly idle': calls(every(300, 12), {
      srcport: 40_000,
      tcp_flags: 0,
    }),
    'a connection that stays open, without TCP flags': calls(every(60, 60), { srcport: 40_000 }),
    'a UDP flow that stays open': calls(every(60, 60), { srcport: 40_000, protocol: 17 }),
    'calls at random': calls(BROWSING),
    'jitter beyond what is allowed': calls(jittered(12)),
    'one connection after the other': calls(every(1, 600)),
    'calls to an inside server': calls(every(300, 12), { dstaddr: '10.0.0.2' }),
    'calls of an outside client': calls(every(300, 12), { srcaddr: '203.0.113.9', dstaddr: '10.0.0.1' }),
    "a NAT gateway's own side": calls(every(300, 12), {
      srcaddr: '10.0.0.220',
      interface_type: 'nat_gateway',
    }),
    'few calls': calls(every(300, 9)),
  };
  // Each has a port of its own, so that the row of one that is not left out tells which it is.
  const portOf = (index: number) => 5000 + index;
  for (const [index, records] of Object.values(others).entries()) {
    await plant(records.map((record) => ({ ...record, dstport: portOf(index) })));
  }
  const found = (await ask('beaconing')).map(({ port }) => port);
  expect(Object.keys(others).filter((_, index) => found.includes(portOf(index)))).toEqual([]);
  expect(found).toEqual([]);
});
