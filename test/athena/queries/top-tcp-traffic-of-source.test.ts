import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();
const params = { source: '10.0.0.1' };

async function traffic(): Promise<unknown[]> {
  const rows = await ask('top-tcp-traffic-of-source', { params });
  return rows.map((row) => [row.destination, row.source_is, row.port, row.bytes]);
}

test('adds up what the source sends by destination and port, as client and as server, the most first', async () => {
  await plant([
    flow({ bytes: 100, packets: 2 }),
    flow({ bytes: 50, srcport: 40_001, start: FIVE_O_CLOCK + 86_400 }),
    flow({ srcport: 22, dstport: 50_000, bytes: 700 }),
    flow({ dstaddr: '10.0.0.3', dstport: 5432, bytes: 60 }),
    flow({ srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', srcport: 443, dstport: 40_000, bytes: 9000 }),
    flow({ protocol: 17, bytes: 9000 }),
    flow({ action: 'REJECT', bytes: 9000 }),
  ]);
  expect(await ask('top-tcp-traffic-of-source', { params })).toEqual([
    {
      destination: '10.0.0.2',
      source_is: 'server',
      port: 22,
      service: 'ssh',
      bytes: 700,
      packets: 1,
      connections: 1,
    },
    {
      destination: '10.0.0.2',
      source_is: 'client',
      port: 443,
      service: 'https',
      bytes: 150,
      packets: 3,
      connections: 2,
    },
    expect.objectContaining({ destination: '10.0.0.3', service: 'postgresql', bytes: 60 }),
  ]);
});

test.each<[string, LakeRecord, LakeRecord]>([
  ['with flow-direction', { flow_direction: 'egress' }, { flow_direction: 'ingress' }],
  ['in the default format', {}, {}],
])('what both ends record counts once %s, hour by hour', async (_, egress, ingress) => {
  const nextHour = { start: FIVE_O_CLOCK + 3600 };
  await plant([
    flow({ interface_id: 'eni-1', ...egress, bytes: 100 }),
    flow({ interface_id: 'eni-1', ...egress, bytes: 11, ...nextHour }),
    flow({ interface_id: 'eni-2', ...ingress, bytes: 100 }),
    flow({ interface_id: 'eni-2', ...ingress, bytes: 11, ...nextHour }),
  ]);
  expect(await traffic()).toEqual([['10.0.0.2', 'client', 443, 111]]);
});

test('two flow logs over one interface count once', async () => {
  await plant([flow({})], objectOf('fl-0a'));
  await plant([flow({})], objectOf('fl-0b'));
  expect(await traffic()).toEqual([['10.0.0.2', 'client', 443, 100]]);
});

test('through a NAT gateway the true destination counts once', async () => {
  const ends = { pkt_srcaddr: '10.0.0.1', pkt_dstaddr: '203.0.113.5' };
  await plant([
    flow({ dstaddr: '203.0.113.5', ...ends }),
    flow({ dstaddr: '10.0.0.220', ...ends, interface_id: 'eni-nat' }),
  ]);
  expect(await traffic()).toEqual([['203.0.113.5', 'client', 443, 100]]);
});

test('says nothing about an address that sent nothing', async () => {
  await plant([flow({ srcaddr: '10.0.0.9', dstaddr: '10.0.0.1' })]);
  expect(await traffic()).toEqual([]);
});
