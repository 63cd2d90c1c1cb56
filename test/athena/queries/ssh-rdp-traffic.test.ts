import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

const request = (fields: LakeRecord = {}) => flow({ dstport: 22, tcp_flags: 2, ...fields });
const reply = ({ dstport = 22, srcport = 40_000, ...fields }: LakeRecord = {}) =>
  flow({
    srcaddr: '10.0.0.2',
    dstaddr: '10.0.0.1',
    srcport: dstport,
    dstport: srcport,
    tcp_flags: 18,
    ...fields,
  });

async function results(): Promise<unknown[]> {
  const rows = await ask('ssh-rdp-traffic');
  return rows.map((row) => [row.service, row.result]);
}

test('shows each connection with its time, length, result and bytes, the latest first', async () => {
  const later = { start: FIVE_O_CLOCK + 600, end: FIVE_O_CLOCK + 660 };
  await plant([
    request({ bytes: 2000 }),
    reply({ bytes: 3000 }),
    request({ ...later, tcp_flags: 0, bytes: 500 }),
    request({ ...later, srcaddr: '203.0.113.9', dstport: 3389, action: 'REJECT' }),
  ]);
  expect(await ask('ssh-rdp-traffic')).toEqual([
    expect.objectContaining({
      first_seen: '2026-11-20T05:10:00Z',
      client: '203.0.113.9',
      service: 'rdp',
      from_internet: true,
      result: 'rejected',
    }),
    {
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:11:00Z',
      seconds: 660,
      client: '10.0.0.1',
      client_port: 40_000,
      server: '10.0.0.2',
      service: 'ssh',
      from_internet: false,
      result: 'answered',
      bytes_to_server: 2500,
      bytes_to_client: 3000,
    },
  ]);
});

test.each<[string, LakeRecord[], string]>([
  ['a SYN alone', [request()], 'unanswered'],
  ['a reset', [request(), reply({ tcp_flags: 4, bytes: 40 })], 'unanswered'],
  ['a refused request', [request({ action: 'REJECT' })], 'rejected'],
  [
    'a session with late packets',
    [request(), reply(), request({ tcp_flags: 1, action: 'REJECT' })],
    'answered',
  ],
  [
    'payload both ways, without the opening',
    [request({ tcp_flags: 0, bytes: 900 }), reply({ tcp_flags: 0, bytes: 900 })],
    'answered',
  ],
])('%s is %s', async (_, records, result) => {
  await plant(records);
  expect(await results()).toEqual([['ssh', result]]);
});

test('a connection that both ends and two flow logs record counts once', async () => {
  const records = (interface_id: string) => [request({ interface_id }), reply({ interface_id, bytes: 700 })];
  await plant([...records('eni-1'), ...records('eni-2')], objectOf('fl-0a'));
  await plant([...records('eni-1'), ...records('eni-2')], objectOf('fl-0b'));
  expect(await ask('ssh-rdp-traffic')).toMatchObject([{ bytes_to_server: 100, bytes_to_client: 700 }]);
});

test('a network narrows it to connections with an end there', async () => {
  await plant([request(), request({ dstaddr: '192.168.0.9' })]);
  expect(await ask('ssh-rdp-traffic', { params: { network: '192.168.0.0/16' } })).toHaveLength(1);
});

test('other ports, UDP and what a NAT gateway drops are left out', async () => {
  await plant([
    request({ dstport: 443 }),
    request({ protocol: 17 }),
    request({ interface_type: 'nat_gateway' }),
    reply({ srcport: 22, dstport: 443, tcp_flags: 18 }),
  ]);
  expect(await results()).toEqual([]);
});
