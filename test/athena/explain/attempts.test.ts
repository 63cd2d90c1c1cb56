/** What counts: the connections that the source opens in the time in question, each by itself. */
import { describe, expect, test } from 'vitest';
import type { LakeRecord } from '../../local/lake-fixture.ts';
import { ask, BUSY_A, BUSY_B, HOUR, NOON, only, P1, P2, plant, useLake } from './asked-lake.ts';

useLake();

/** The same packets on their way back: as they leave the target, and as they reach the source. */
function replies(request: LakeRecord, changes: LakeRecord = {}): LakeRecord[] {
  const { srcport = 40_000, dstport = 5432, ...rest } = request;
  const back = {
    ...{ ...rest, srcaddr: '10.0.2.7', dstaddr: '10.0.1.5', srcport: dstport, dstport: srcport },
    ...changes,
  };
  return [P2({ ...back, flow_direction: 'egress' }), P1({ ...back, flow_direction: 'ingress' })];
}

const SERVED = { tcp_flags: 3, packets: 9, bytes: 900 };
const served = (time: LakeRecord): LakeRecord[] => {
  const request = { ...SERVED, ...time };
  return [P1(request), P2(request), ...replies(request, { tcp_flags: 19 })];
};
const silent = (time: LakeRecord): LakeRecord[] => [P1(time), P2(time)];

test('client ports that are used again do not hide that the target is silent since', async () => {
  const all = Array.from({ length: 300 }, (_, index) => {
    const before = { srcport: 32_768 + index, start: NOON - 1500 + index * 4, end: NOON - 1497 + index * 4 };
    const after = { ...before, start: before.start + 1500, end: before.end + 1500 };
    return [...served(before), ...silent(after)];
  });
  await plant([...all.flat(), ...BUSY_A, ...BUSY_B]);
  expect(only(await ask())).toMatchObject({ outcome: 'intermittent', tcp: 'mixed' });
  expect(only(await ask({ since: NOON })).rule).toBe('target-silent');
});

test('what was repaired before the time in question is no failure in it', async () => {
  const minutes = Array.from({ length: 50 }, (_, index) => NOON - 1200 + 60 * index);
  const pings = minutes.flatMap((start) => {
    const ping = { protocol: 1, srcport: 0, dstport: 0, tcp_flags: 0, start, end: start + 50 };
    const request = { ...ping, action: start < NOON ? 'REJECT' : 'ACCEPT' };
    return [P1(ping), P2(request), ...(start < NOON ? [] : replies({ ...ping, srcport: 0, dstport: 0 }))];
  });
  await plant([...pings, ...BUSY_A, ...BUSY_B]);
  const icmp = { protocol: 1, port: undefined, until: NOON + 1200 };
  expect(only(await ask({ ...icmp, since: NOON + 60 })).rule).toBe('pinged');
  expect(only(await ask({ ...icmp, since: NOON - 600 })).rule).toBe('target-rejects-some');
});

test('what the target opens is another question', async () => {
  const fromTarget = { srcport: 443, dstport: 50_000, tcp_flags: 18, packets: 9, bytes: 900 };
  await plant([
    ...[P1(fromTarget), P2(fromTarget), ...replies(fromTarget, { tcp_flags: 6 })],
    ...[...BUSY_A, ...BUSY_B],
  ]);
  for (const port of [undefined, 50_000]) expect(only(await ask({ port })).rule).toBe('not-sent');
});

test('without --port each port that the source asks is explained by itself', async () => {
  const refused = { srcport: 40_001, dstport: 8080 };
  await plant([
    ...served({}),
    ...[P1(refused), P2(refused), ...replies(refused, { tcp_flags: 4, packets: 1, bytes: 40 })],
    ...[P1({ dstport: 22 }), P2({ dstport: 22, action: 'REJECT' })],
    ...[...BUSY_A, ...BUSY_B],
  ]);
  const { pairs, notes } = await ask({ port: undefined });
  expect(new Map(pairs.map(({ port, explanation }) => [port, explanation.rule]))).toEqual(
    new Map([
      [22, 'target-rejects'],
      [8080, 'refused'],
      [5432, 'handshake-completed'],
    ]),
  );
  expect(pairs.at(-1)).toMatchObject({ port: 5432 });
  expect(notes).toEqual([]);
});

test('more ports than are explained are said', async () => {
  const scan = Array.from({ length: 300 }, (_, index) => {
    const request = { srcport: 40_000 + index, dstport: 1 + index };
    return [P1(request), P2({ ...request, action: 'REJECT' })];
  });
  await plant([...scan.flat(), ...BUSY_A, ...BUSY_B]);
  const { pairs, notes } = await ask({ port: undefined });
  expect(pairs).toHaveLength(200);
  expect(notes.join()).toContain('300 ports are asked for; 200 were explained');
});

describe('what AWS names counts for the time that it names', () => {
  test('a rejection by Block Public Access before an exclusion is no failure for good', async () => {
    const before = { start: NOON - 1200, end: NOON - 1195, srcport: 40_001 };
    await plant([
      P1({ ...before, action: 'REJECT', reject_reason: 'BPA' }),
      ...[...served({}), ...BUSY_A, ...BUSY_B],
    ]);
    expect(only(await ask()).rule).toBe('block-public-access-some');
    expect(only(await ask({ since: NOON - 300 })).rule).toBe('handshake-completed');
    expect(only(await ask({ until: NOON - 900 })).rule).toBe('block-public-access');
  });

  test.each([
    [0, 'transit-gateway-ttl-expired'],
    [1_000_000, 'transit-gateway-may-ttl-expired'],
  ])('of a transit gateway that passed %i packets and lost one', async (packets, rule) => {
    const { interface_id: _, action: __, vpc_id: ___, subnet_id: ____, ...flow } = P1({ protocol: 17 });
    const transit = { tgw_id: 'tgw-1', tgw_attachment_id: 'tgw-attach-1', packets_lost_ttl_expired: 1 };
    await plant([{ ...flow, ...transit, version: 6, packets }], { table: 'transit_gateway_flow_logs' });
    expect(only(await ask({ protocol: 17 })).rule).toBe(rule);
  });
});

test('repeated SYNs with all the options of TCP and their refusals are no data, without flags', async () => {
  const request = { packets: 4, bytes: 256 };
  const plain = [P1(request), P2(request), ...replies(request, { bytes: 160 })].map(
    ({ tcp_flags: _, flow_direction: __, ...row }) => ({ ...row, version: 2 }),
  );
  await plant([...plain, ...BUSY_A, ...BUSY_B]);
  expect(only(await ask({ since: NOON - HOUR / 2 })).rule).toBe('answered-or-refused');
});
