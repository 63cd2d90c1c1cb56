import { expect, test } from 'vitest';
import { flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();

/** Both directions of a connection of a client to SSH, with payload, at a time in UTC. 2026-11-20 is a Friday. */
function session(
  time: string,
  fields: LakeRecord & { client?: string; clientPort?: number; port?: number } = {},
): LakeRecord[] {
  const { client = '10.0.0.1', clientPort = 40_000, port = 22, ...rest } = fields;
  const start = Date.parse(`${time}Z`) / 1000;
  const both = { start, end: start + 60, packets: 10, ...rest };
  return [
    flow({ ...both, srcaddr: client, dstaddr: '10.0.0.2', srcport: clientPort, dstport: port, bytes: 2000 }),
    flow({ ...both, srcaddr: '10.0.0.2', dstaddr: client, srcport: port, dstport: clientPort, bytes: 8000 }),
  ];
}

test('finds who was logged in at night, from the internet first, then on most days', async () => {
  await plant([
    ...session('2026-11-19T22:00'),
    ...session('2026-11-20T03:00'),
    ...session('2026-11-20T12:00'),
    ...session('2026-11-19T23:00', { client: '10.0.0.9' }),
    ...session('2026-11-20T23:00', { client: '10.0.0.9', clientPort: 40_001 }),
    ...session('2026-11-20T20:00', { client: '203.0.113.9', port: 3389 }),
  ]);
  expect(await ask('off-hours')).toEqual([
    expect.objectContaining({ client: '203.0.113.9', port: 3389, from_internet: true, connections: 1 }),
    expect.objectContaining({ client: '10.0.0.9', from_internet: false, days: 2 }),
    {
      client: '10.0.0.1',
      server: '10.0.0.2',
      port: 22,
      from_internet: false,
      // One port of the client is one connection.
      connections: 1,
      days: 1,
      bytes_to_server: 4000,
      bytes_to_client: 16_000,
      first_seen: '2026-11-19T22:00:00Z',
      last_seen: '2026-11-20T03:01:00Z',
    },
  ]);
  expect(await ask('off-hours', { params: { network: '203.0.113.0/24' } })).toHaveLength(1);
});

test.each([
  ['Friday before work', '2026-11-20T06:59:59', {}, true],
  ['Friday at the beginning', '2026-11-20T07:00', {}, false],
  ['Friday before the end', '2026-11-20T18:59:59', {}, false],
  ['Friday at the end', '2026-11-20T19:00', {}, true],
  ['Saturday at noon', '2026-11-21T12:00', {}, true],
  ['Sunday at noon', '2026-11-22T12:00', {}, true],
  ['Monday at noon', '2026-11-23T12:00', {}, false],
  ['Sunday at noon, a workday', '2026-11-22T12:00', { workdays: '71234' }, false],
  ['Friday at noon, a day off', '2026-11-20T12:00', { workdays: '71234' }, true],
  ['Friday at noon, no workday at all', '2026-11-20T12:00', { workdays: '0' }, true],
  [
    'Saturday at 01:00, when Friday ends at 02:00',
    '2026-11-21T01:00',
    { work_begins: '14', work_ends: '2' },
    false,
  ],
  [
    'Saturday at 02:00, when Friday ends at 02:00',
    '2026-11-21T02:00',
    { work_begins: '14', work_ends: '2' },
    true,
  ],
  ['Monday at 01:00, when Sunday is off', '2026-11-23T01:00', { work_begins: '14', work_ends: '2' }, true],
  ['Friday at 03:00, when work never ends', '2026-11-20T03:00', { work_begins: '0', work_ends: '0' }, false],
  ['Saturday at 03:00, when work never ends', '2026-11-21T03:00', { work_begins: '0', work_ends: '0' }, true],
  ['Friday at 23:00, until midnight', '2026-11-20T23:00', { work_begins: '7', work_ends: '24' }, false],
])('%s', async (_, time, params, isOff) => {
  await plant(session(time));
  expect(await ask('off-hours', { params })).toHaveLength(isOff ? 1 : 0);
});

test('a session that began in the afternoon counts for its records of the night', async () => {
  await plant([...session('2026-11-20T18:50'), ...session('2026-11-20T19:30')]);
  expect(await ask('off-hours')).toMatchObject([
    { bytes_to_client: 8000, first_seen: '2026-11-20T19:30:00Z' },
  ]);
});

test('another port than those of administration can be asked for', async () => {
  await plant([...session('2026-11-20T23:00', { port: 1194 }), ...session('2026-11-20T23:00')]);
  expect(await ask('off-hours', { params: { port: '1194' } })).toMatchObject([{ port: 1194 }]);
  expect(await ask('off-hours')).toMatchObject([{ port: 22 }]);
});

test('what both ends record counts once', async () => {
  await plant([...session('2026-11-20T23:00'), ...session('2026-11-20T23:00', { interface_id: 'eni-b' })]);
  expect(await ask('off-hours')).toMatchObject([
    { connections: 1, bytes_to_server: 2000, bytes_to_client: 8000 },
  ]);
});

test('a person who only types is at work', async () => {
  await plant(
    session('2026-11-20T23:00').map((record) => ({ ...record, packets: 20, bytes: 1400, tcp_flags: 0 })),
  );
  expect(await ask('off-hours')).toHaveLength(1);
  expect(await ask('off-hours', { params: { min_bytes: '1401' } })).toEqual([]);
});

test('leaves out knocking in vain, and other ports', async () => {
  const knocking = session('2026-11-20T23:00', { client: '203.0.113.9' });
  const [request = {}, reply = {}] = knocking;
  await plant([
    // Refused, without answer, and a port that was only found open.
    { ...request, action: 'REJECT', srcport: 40_001 },
    { ...request, srcport: 40_002 },
    { ...request, srcport: 40_003, bytes: 60, tcp_flags: 2 },
    { ...reply, dstport: 40_003, bytes: 60, tcp_flags: 18 },
    ...session('2026-11-20T23:00', { port: 443 }),
  ]);
  expect(await ask('off-hours')).toEqual([]);
});
