import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();

function connections(count: number, record: LakeRecord = {}): LakeRecord[] {
  return Array.from({ length: count }, (_, index) =>
    flow({
      srcaddr: '203.0.113.77',
      dstaddr: '10.0.0.2',
      srcport: 30_000 + index,
      dstport: 22,
      bytes: 2000 + index,
      start: FIVE_O_CLOCK + index,
      end: FIVE_O_CLOCK + index + 3,
      ...record,
    }),
  );
}

test('finds a source with many connections to one target, and tells how many were let in', async () => {
  await plant([
    ...connections(40),
    ...connections(5, { action: 'REJECT' }).map((r) => ({ ...r, srcport: 99 + Number(r.srcport) })),
  ]);
  expect(await ask('ssh-brute-force')).toEqual([
    {
      source: '203.0.113.77',
      target: '10.0.0.2',
      connections: 45,
      accepted: 40,
      median_bytes: 2017,
      largest_bytes: 2039,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:00:42Z',
    },
  ]);
  expect(await ask('ssh-brute-force', { params: { min_connections: '46' } })).toEqual([]);
});

test('a connection that is recorded twice, or cut into intervals, counts once', async () => {
  await plant([
    ...connections(20),
    ...connections(20, { interface_id: 'eni-b' }),
    ...connections(20, { start: FIVE_O_CLOCK + 99 }),
  ]);
  expect(await ask('ssh-brute-force')).toEqual([]);
  expect(await ask('ssh-brute-force', { params: { min_connections: '20' } })).toMatchObject([
    { connections: 20 },
  ]);
});

test.each<[string, LakeRecord]>([
  ['many connections to another port', { dstport: 443 }],
  ['UDP', { protocol: 17 }],
  [
    'the replies of the server',
    { srcaddr: '10.0.0.2', dstaddr: '203.0.113.77', srcport: 22, dstport: 40_000 },
  ],
])('does not take %s for it', async (_, record) => {
  await plant(connections(100, record));
  expect(await ask('ssh-brute-force')).toEqual([]);
});
