import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();
const back = { srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', srcport: 443, dstport: 40_000 };

test('both directions are one connection, the most frequent first', async () => {
  await plant([
    flow({ bytes: 100 }),
    flow({ ...back, bytes: 900, end: FIVE_O_CLOCK + 90 }),
    flow({ dstport: 22, bytes: 5000 }),
    flow({ action: 'REJECT', dstport: 23 }),
  ]);
  expect(await ask('accepted-traffic')).toEqual([
    {
      client: '10.0.0.1',
      server: '10.0.0.2',
      port: 443,
      protocol: 'tcp',
      service: 'https',
      interface_id: 'eni-a',
      flows: 2,
      bytes_to_server: 100,
      bytes_to_client: 900,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:30Z',
    },
    expect.objectContaining({
      port: 22,
      service: 'ssh',
      flows: 1,
      bytes_to_server: 5000,
      bytes_to_client: 0,
    }),
  ]);
});

test('two flow logs over one interface count once, two ends have a row each', async () => {
  const both = [flow({}), flow({ ...back, bytes: 900 })];
  await plant(both, objectOf('fl-0a'));
  await plant(both, objectOf('fl-0b'));
  await plant([flow({ interface_id: 'eni-b' })], objectOf('fl-0b', '2'));
  const rows = await ask('accepted-traffic');
  expect(rows.map((row) => [row.interface_id, row.flows, row.bytes_to_server, row.bytes_to_client])).toEqual([
    ['eni-a', 2, 100, 900],
    ['eni-b', 1, 100, 0],
  ]);
});

test('ICMP has a row for each direction', async () => {
  const ping = { protocol: 1, srcport: 0, dstport: 0 };
  await plant([flow({ ...ping, bytes: 84 }), flow({ ...back, ...ping, bytes: 168 })]);
  const rows = await ask('accepted-traffic');
  expect(rows.map((row) => [row.client, row.port, row.protocol, row.bytes_to_server])).toEqual([
    ['10.0.0.2', null, 'icmp', 168],
    ['10.0.0.1', null, 'icmp', 84],
  ]);
});

test('a network narrows it to connections with an end there, and nothing accepted is no row', async () => {
  await plant([flow({}), flow({ dstaddr: '192.168.0.9', action: 'REJECT' })]);
  expect(await ask('accepted-traffic', { params: { network: '10.0.0.2/32' } })).toHaveLength(1);
  expect(await ask('accepted-traffic', { params: { network: '192.168.0.0/16' } })).toEqual([]);
});
