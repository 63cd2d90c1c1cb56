import { describe, expect, test } from 'vitest';
import { flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

describe.each([
  ['admin-port-traffic', 22],
  ['database-ports-from-internet', 5432],
])('%s', (name, port) => {
  const request = (fields: LakeRecord = {}) =>
    flow({ srcaddr: '203.0.113.9', dstaddr: '10.0.0.2', dstport: port, bytes: 60, ...fields });
  const reply = (fields: LakeRecord = {}) =>
    flow({
      srcaddr: '10.0.0.2',
      dstaddr: '203.0.113.9',
      srcport: port,
      dstport: 40_000,
      bytes: 60,
      ...fields,
    });
  const counts = async () =>
    (await ask(name)).map((row) => [row.client, row.answered, row.unanswered, row.rejected]);

  test('answered, unanswered and rejected connections are counted apart, the answered first', async () => {
    await plant([
      request({ srcaddr: '198.51.100.1', tcp_flags: 2 }),
      request({ tcp_flags: 2 }),
      reply({ tcp_flags: 18, bytes: 120 }),
      request({ srcport: 40_001, tcp_flags: 2 }),
      request({ srcport: 40_002, tcp_flags: 2, action: 'REJECT' }),
    ]);
    const rows = await ask(name);
    expect(rows).toMatchObject([
      {
        client: '203.0.113.9',
        server: '10.0.0.2',
        port,
        answered: 1,
        unanswered: 1,
        rejected: 1,
        bytes_to_server: 180,
        bytes_to_client: 120,
        first_seen: '2026-11-20T05:00:00Z',
        last_seen: '2026-11-20T05:01:00Z',
      },
      { client: '198.51.100.1', answered: 0, unanswered: 1, rejected: 0 },
    ]);
  });

  test('without TCP flags payload both ways is an answer', async () => {
    await plant([request({ bytes: 2000, packets: 9 }), reply({ bytes: 4000, packets: 9 })]);
    expect(await counts()).toEqual([['203.0.113.9', 1, 0, 0]]);
  });

  test.each([
    [99, 0],
    [101, 1],
  ])('over IPv6 headers take up to 100 bytes: with %i a packet, %i is answered', async (bytes, answered) => {
    const [client, server] = ['2a00:1450::9', '2600:1f18:1::2'];
    const out = { traffic_path: 8, flow_direction: 'egress' };
    await plant([
      request({ srcaddr: client, dstaddr: server, bytes: bytes * 4, packets: 4, flow_direction: 'ingress' }),
      reply({ srcaddr: server, dstaddr: client, bytes: bytes * 4, packets: 4, ...out }),
    ]);
    expect(await counts()).toEqual([[client, answered, 1 - answered, 0]]);
  });

  test('a reply that leaves by another way than the request came is an answer', async () => {
    await plant([
      request({ tcp_flags: 2 }),
      reply({ tcp_flags: 18, flow_direction: 'egress', traffic_path: 3 }),
    ]);
    expect(await counts()).toEqual([['203.0.113.9', 1, 0, 0]]);
  });

  test('a reset is no answer, with flags and without', async () => {
    await plant([request({ tcp_flags: 2 }), reply({ tcp_flags: 4, bytes: 40 })]);
    await plant([request({ srcport: 40_001 }), reply({ dstport: 40_001, bytes: 40 })]);
    expect(await counts()).toEqual([['203.0.113.9', 0, 2, 0]]);
  });

  test('two flow logs over one interface count once', async () => {
    const both = [request({ tcp_flags: 2 }), reply({ tcp_flags: 18, bytes: 500 })];
    await plant(both, objectOf('fl-0a'));
    await plant(both, objectOf('fl-0b'));
    expect(await ask(name)).toMatchObject([{ answered: 1, bytes_to_server: 60, bytes_to_client: 500 }]);
  });

  test('NAT gateways are left out, and so are other ports and UDP', async () => {
    await plant([
      request({ interface_type: 'nat_gateway' }),
      request({ interface_type: 'regional_nat_gateway' }),
      request({ resource_id: 'nat-0a' }),
      request({ dstport: 443 }),
      request({ protocol: 17 }),
    ]);
    expect(await counts()).toEqual([]);
  });
});

test('databases are shown for clients on the internet only', async () => {
  await plant([flow({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', dstport: 5432 })]);
  expect(await ask('database-ports-from-internet')).toEqual([]);
});

test('admin ports are shown for inside clients too, after those on the internet, or for one network', async () => {
  const both = { tcp_flags: 18, srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', srcport: 22, dstport: 40_000 };
  await plant([
    flow({ srcaddr: '10.0.0.1', dstport: 22, tcp_flags: 2 }),
    flow(both),
    flow({ srcaddr: '203.0.113.9', dstport: 3389, tcp_flags: 2 }),
  ]);
  expect(await ask('admin-port-traffic')).toMatchObject([
    { client: '203.0.113.9', port: 3389, from_internet: true, answered: 0 },
    { client: '10.0.0.1', port: 22, from_internet: false, answered: 1 },
  ]);
  expect(await ask('admin-port-traffic', { params: { network: '10.0.0.0/8' } })).toHaveLength(1);
});
