import { describe, expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

const refused = { action: 'REJECT', tcp_flags: 2 };
const opened = { tcp_flags: 2 };
const back = { srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', srcport: 443, dstport: 40_000 };

/** `path port rejected unanswered accepted` of each row. */
async function failures(params: Record<string, string> = {}): Promise<string[]> {
  const rows = await ask('failures-by-port', { params });
  return rows.map((row) => [row.path, row.port, row.rejected, row.unanswered, row.accepted].join(' '));
}

test('counts rejected, unanswered and accepted connections by path and port, and names the worst pair', async () => {
  await plant([
    flow({ ...refused, dstport: 5432 }),
    flow({
      ...refused,
      dstport: 5432,
      srcport: 40_001,
      start: FIVE_O_CLOCK + 3600,
      end: FIVE_O_CLOCK + 3660,
    }),
    flow({ ...opened, dstport: 5432, srcaddr: '10.0.0.3' }),
    flow({ ...opened, dstport: 5432, srcaddr: '10.0.0.4', start: FIVE_O_CLOCK + 7200 }),
    flow({ ...back, srcport: 5432, dstaddr: '10.0.0.4', tcp_flags: 18, start: FIVE_O_CLOCK + 7200 }),
    flow({ ...refused, dstport: 22 }),
  ]);
  expect(await ask('failures-by-port')).toEqual([
    {
      path: 'subnet-to-subnet',
      port: 5432,
      protocol: 'tcp',
      service: 'postgresql',
      rejected: 2,
      unanswered: 1,
      accepted: 1,
      clients: 2,
      servers: 1,
      top_client: '10.0.0.1',
      top_server: '10.0.0.2',
      top_pair_failures: 2,
      first_failed: '2026-11-20T05:00:00Z',
      last_failed: '2026-11-20T06:01:00Z',
    },
    expect.objectContaining({ port: 22, service: 'ssh', rejected: 1, unanswered: 0, accepted: 0 }),
  ]);
});

test('each path has its own list, and one can be asked for', async () => {
  const outside = { dstaddr: '203.0.113.9' };
  await plant([
    flow({ ...refused, ...outside, dstport: 25 }),
    flow({ ...refused, ...outside, dstport: 25, srcport: 40_001 }),
    flow({ ...refused, ...outside, dstport: 80 }),
    flow({ ...refused, srcaddr: '203.0.113.9', dstport: 23 }),
    flow({ ...refused, dstport: 5432 }),
  ]);
  expect(await failures()).toEqual([
    'internet-to-subnet 23 1 0 0',
    'subnet-to-internet 25 2 0 0',
    'subnet-to-internet 80 1 0 0',
    'subnet-to-subnet 5432 1 0 0',
  ]);
  expect(await failures({ path: 'subnet-to-internet' })).toHaveLength(2);
  expect(await failures({ ports_of_path: '1' })).toEqual([
    'internet-to-subnet 23 1 0 0',
    'subnet-to-internet 25 2 0 0',
    'subnet-to-subnet 5432 1 0 0',
  ]);
});

describe('a failure counts once', () => {
  test('although the client let the request out and the server refused it', async () => {
    await plant([
      flow({ ...opened, interface_id: 'eni-1', flow_direction: 'egress' }),
      flow({ ...refused, interface_id: 'eni-2', flow_direction: 'ingress' }),
    ]);
    expect(await failures()).toEqual(['subnet-to-subnet 443 1 0 0']);
  });

  test('although both ends record that nobody answered', async () => {
    await plant([flow({ ...opened, interface_id: 'eni-1' }), flow({ ...opened, interface_id: 'eni-2' })]);
    expect(await failures()).toEqual(['subnet-to-subnet 443 0 1 0']);
  });

  test('although two flow logs record it', async () => {
    await plant([flow(refused)], objectOf('fl-0a'));
    await plant([flow(refused)], objectOf('fl-0b'));
    expect(await failures()).toEqual(['subnet-to-subnet 443 1 0 0']);
  });

  test('although it passes a NAT gateway, for its true ends', async () => {
    const far = { dstaddr: '203.0.113.9', ...opened };
    const nat = { interface_id: 'eni-nat', interface_type: 'nat_gateway' };
    await plant([
      flow({ ...far, flow_direction: 'egress' }),
      flow({ ...far, ...nat, dstaddr: '10.0.0.220', pkt_srcaddr: '10.0.0.1', pkt_dstaddr: '203.0.113.9' }),
      flow({ ...far, ...nat, srcaddr: '10.0.0.220', srcport: 1025 }),
    ]);
    expect(await failures()).toEqual(['subnet-to-internet 443 0 1 0']);
  });
});

test.each<[string, LakeRecord[]]>([
  [
    'a reply that the network ACL refuses',
    [flow(opened), flow({ ...back, action: 'REJECT', tcp_flags: 18 })],
  ],
  [
    'a reply that leaves its server and is refused at the client',
    [
      flow({ ...opened, interface_id: 'eni-1' }),
      flow({ ...opened, interface_id: 'eni-2' }),
      flow({ ...back, tcp_flags: 18, interface_id: 'eni-2' }),
      flow({ ...back, tcp_flags: 18, interface_id: 'eni-1', action: 'REJECT' }),
    ],
  ],
  ['a request without TCP flags', [flow({ action: 'REJECT' })]],
  ['a refused reply without TCP flags', [flow({}), flow({ ...back, action: 'REJECT' })]],
])('%s is rejected', async (_, records) => {
  await plant(records);
  expect(await failures()).toEqual(['subnet-to-subnet 443 1 0 0']);
});

test('without TCP flags a request that no packet came back for is unanswered', async () => {
  await plant([flow({}), flow({ srcport: 40_001 }), flow({ ...back, dstport: 40_001 })]);
  expect(await failures()).toEqual(['subnet-to-subnet 443 0 1 1']);
});

test('a refused query over UDP is rejected', async () => {
  await plant([flow({ action: 'REJECT', protocol: 17, dstport: 53 })]);
  expect(await failures()).toEqual(['subnet-to-subnet 53 1 0 0']);
});

test('over IPv6 the end that knows the route tells the path', async () => {
  const six = { srcaddr: '2001:db8:1::1', dstaddr: '2001:db8:2::1', ...opened };
  // Several, because either end may come first in a group.
  const records = Array.from({ length: 8 }, (_, index) => [
    flow({ ...six, srcport: 40_000 + index, interface_id: 'eni-2', flow_direction: 'ingress' }),
    flow({
      ...six,
      srcport: 40_000 + index,
      interface_id: 'eni-1',
      flow_direction: 'egress',
      traffic_path: 1,
    }),
  ]);
  await plant(records.flat());
  expect(await failures()).toEqual(['subnet-to-subnet 443 0 8 0']);
});

test.each([
  ['with TCP flags', opened],
  ['without', {}],
])('over IPv6 what both ends record is inside %s, though neither knows the route', async (_, flags) => {
  const six = { srcaddr: '2001:db8:1::1', dstaddr: '2001:db8:2::1', ...flags };
  await plant([
    flow({ ...six, interface_id: 'eni-1', flow_direction: 'egress' }),
    flow({ ...six, interface_id: 'eni-2', flow_direction: 'ingress' }),
  ]);
  expect(await failures()).toEqual(['subnet-to-subnet 443 0 1 0']);
});

test.each<[string, LakeRecord[]]>([
  ['an answered connection', [flow(opened), flow({ ...back, tcp_flags: 18 })]],
  ['a reset', [flow(opened), flow({ ...back, tcp_flags: 4 })]],
  [
    'a reset from a high port to a lower one',
    [flow({ ...opened, dstport: 50_051 }), flow({ ...back, srcport: 50_051, tcp_flags: 4 })],
  ],
  ['an answer at another interface', [flow(opened), flow({ ...back, tcp_flags: 18, interface_id: 'eni-b' })]],
  ['late packets with TCP flags', [flow({ action: 'REJECT', tcp_flags: 1 })]],
  ['late packets without TCP flags', [flow({}), flow(back), flow({ action: 'REJECT' })]],
  ['late packets of a connection that was open before', [flow(back), flow({ action: 'REJECT' })]],
  ['a connection that was open before', [flow({ tcp_flags: 0 })]],
  ['an echo of forged packets', [flow({ ...back, action: 'REJECT', tcp_flags: 18 })]],
  ['silence over UDP', [flow({ protocol: 17, dstport: 514 })]],
  ['a refused ping', [flow({ action: 'REJECT', protocol: 1, srcport: 0, dstport: 0 })]],
  [
    'what a NAT gateway drops',
    [flow({ ...opened, srcaddr: '203.0.113.9', flow_direction: 'ingress', interface_type: 'nat_gateway' })],
  ],
])('%s is no failure', async (_, records) => {
  await plant(records);
  expect(await failures()).toEqual([]);
});

test('a source port that is used again is another connection', async () => {
  const later = { start: FIVE_O_CLOCK + 3600, end: FIVE_O_CLOCK + 3605 };
  await plant([
    flow({ ...opened, tcp_flags: 3 }),
    flow({ ...back, tcp_flags: 19 }),
    flow({ ...opened, ...later }),
    flow({ ...opened, ...later, interface_id: 'eni-b' }),
  ]);
  expect(await failures()).toEqual(['subnet-to-subnet 443 0 1 1']);
});
