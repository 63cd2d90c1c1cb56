import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();

function sweep(targets: number, fields: LakeRecord = {}): LakeRecord[] {
  return Array.from({ length: targets }, (_, index) =>
    flow({ srcaddr: '203.0.113.9', dstaddr: `10.0.1.${index + 1}`, dstport: 22, tcp_flags: 2, ...fields }),
  );
}

test('finds a source that tries one port at many targets in an hour, the widest first', async () => {
  await plant([
    ...sweep(20),
    ...sweep(20),
    ...sweep(30, { srcaddr: '198.51.100.7', action: 'REJECT' }),
    ...sweep(19, { srcaddr: '198.51.100.8' }),
  ]);
  expect(await ask('host-sweep')).toEqual([
    {
      source: '198.51.100.7',
      port: 22,
      protocol: 'tcp',
      unanswered_in_an_hour: 30,
      targets_in_an_hour: 30,
      answered_targets: 0,
      rejected_targets: 30,
      one_target: '10.0.1.1',
      hours: 1,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:00Z',
    },
    expect.objectContaining({ source: '203.0.113.9', targets_in_an_hour: 20, rejected_targets: 0 }),
  ]);
  expect(await ask('host-sweep', { params: { min_targets: '30' } })).toHaveLength(1);
});

/** The same targets' SYN-ACKs. */
function answers(records: readonly LakeRecord[]): LakeRecord[] {
  return records.map(({ srcaddr = '', dstaddr = '', srcport = 0, dstport = 0, ...record }) => ({
    ...record,
    srcaddr: dstaddr,
    dstaddr: srcaddr,
    srcport: dstport,
    dstport: srcport,
    tcp_flags: 18,
  }));
}

test('a client of services that answer comes after a smaller sweep that nobody answers', async () => {
  const client = sweep(40, { srcaddr: '10.0.0.1', dstport: 443 });
  const swept = sweep(20);
  await plant([...client, ...answers(client), ...swept, ...answers(swept.slice(0, 2))]);
  expect(await ask('host-sweep')).toMatchObject([
    { source: '203.0.113.9', unanswered_in_an_hour: 18, answered_targets: 2 },
    { source: '10.0.0.1', unanswered_in_an_hour: 0, answered_targets: 40 },
  ]);
});

test('without TCP flags a source of few packets to each target sweeps, too', async () => {
  await plant(sweep(20).map(({ tcp_flags: _, ...record }) => record));
  expect(await ask('host-sweep')).toMatchObject([{ targets_in_an_hour: 20 }]);
});

test.each([
  ['replies of a busy server', sweep(20, { srcport: 443, dstport: 40_000, tcp_flags: 18 })],
  ['connections that were open before', sweep(20, { tcp_flags: 0 })],
  [
    'many ports of one target',
    sweep(20).map((record, index) => ({ ...record, dstaddr: '10.0.1.1', dstport: index + 1 })),
  ],
  [
    'targets spread over hours',
    sweep(20).map((record, index) => ({ ...record, start: FIVE_O_CLOCK + index * 3600 })),
  ],
])('leaves out %s', async (_, records) => {
  await plant(records);
  expect(await ask('host-sweep')).toEqual([]);
});
