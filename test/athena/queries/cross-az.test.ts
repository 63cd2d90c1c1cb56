import { describe, expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

/** A host: its address ends in its number, and so does its interface's id. */
const at = (host: number, zone: string, flow_direction: string, fields: LakeRecord): LakeRecord =>
  flow({ interface_id: `eni-${host}`, vpc_id: 'vpc-1', az_id: `euw1-${zone}`, flow_direction, ...fields });

const between = (source: number, destination: number) => ({
  srcaddr: `10.0.0.${source}`,
  dstaddr: `10.0.0.${destination}`,
});

/** What host 1 in az1 sends to host 2 in az2, at both. */
function bothEnds(fields: LakeRecord = {}): LakeRecord[] {
  return [
    at(1, 'az1', 'egress', { ...between(1, 2), ...fields }),
    at(2, 'az2', 'ingress', { ...between(1, 2), ...fields }),
  ];
}

/** `zone > zone: bytes of these, source > destination: bytes` of each row. */
async function crossings(params: Record<string, string> = {}): Promise<string[]> {
  const rows = await ask('cross-az', { params });
  return rows.map(
    (row) =>
      `${row.source_zone} > ${row.destination_zone}: ${row.zone_bytes}, ` +
      `${row.source} > ${row.destination}: ${row.bytes}`,
  );
}

test('both directions are counted, each byte once although both ends record it, the most first', async () => {
  await plant([
    ...bothEnds({ bytes: 100, packets: 2 }),
    ...bothEnds({ bytes: 11, packets: 1, start: FIVE_O_CLOCK + 3600 }),
    at(2, 'az2', 'egress', { ...between(2, 1), bytes: 900 }),
    at(1, 'az1', 'ingress', { ...between(2, 1), bytes: 900 }),
  ]);
  expect(await ask('cross-az')).toEqual([
    {
      source_zone: 'euw1-az2',
      destination_zone: 'euw1-az1',
      zone_bytes: 900,
      address_pairs: 1,
      source: '10.0.0.2',
      destination: '10.0.0.1',
      bytes: 900,
      packets: 1,
    },
    {
      source_zone: 'euw1-az1',
      destination_zone: 'euw1-az2',
      zone_bytes: 111,
      address_pairs: 1,
      source: '10.0.0.1',
      destination: '10.0.0.2',
      bytes: 111,
      packets: 3,
    },
  ]);
});

test('lists the largest address pairs of each pair of zones with what all of these zones exchanged', async () => {
  await plant([
    ...bothEnds({ bytes: 10 }),
    at(1, 'az1', 'egress', { ...between(1, 3), bytes: 30 }),
    at(3, 'az2', 'ingress', { ...between(1, 3), bytes: 30 }),
    at(1, 'az1', 'egress', { ...between(1, 4), bytes: 35 }),
    at(4, 'az3', 'ingress', { ...between(1, 4), bytes: 35 }),
  ]);
  expect(await crossings({ pairs_of_zones: '1' })).toEqual([
    'euw1-az1 > euw1-az2: 40, 10.0.0.1 > 10.0.0.3: 30',
    'euw1-az1 > euw1-az3: 35, 10.0.0.1 > 10.0.0.4: 35',
  ]);
});

describe('the zone of the other end', () => {
  test('comes from its other records, if it did not record this flow', async () => {
    await plant([
      at(1, 'az1', 'egress', { ...between(1, 2), bytes: 50 }),
      at(2, 'az2', 'egress', { ...between(2, 9), bytes: 1 }),
    ]);
    expect(await crossings()).toEqual(['euw1-az1 > euw1-az2: 50, 10.0.0.1 > 10.0.0.2: 50']);
  });

  test('comes from the next hop, if nothing else tells it', async () => {
    await plant([at(1, 'az1', 'egress', { ...between(1, 2), next_hop_az_id: 'euw1-az3' })]);
    expect(await crossings()).toEqual(['euw1-az1 > euw1-az3: 100, 10.0.0.1 > 10.0.0.2: 100']);
  });

  test('is that of its own VPC, where another VPC has the same address', async () => {
    await plant([
      at(1, 'az1', 'egress', between(1, 2)),
      at(2, 'az2', 'egress', { ...between(2, 9), bytes: 1 }),
      at(7, 'az1', 'egress', { ...between(2, 9), bytes: 1, vpc_id: 'vpc-other' }),
    ]);
    expect(await crossings()).toEqual(['euw1-az1 > euw1-az2: 100, 10.0.0.1 > 10.0.0.2: 100']);
  });

  test('is that of the only VPC that has the address, across a peering connection', async () => {
    const peer = { vpc_id: 'vpc-peer' };
    await plant([
      at(1, 'az1', 'egress', between(1, 2)),
      at(2, 'az2', 'ingress', { ...between(1, 2), ...peer }),
    ]);
    expect(await crossings()).toEqual(['euw1-az1 > euw1-az2: 100, 10.0.0.1 > 10.0.0.2: 100']);
  });

  test('is unknown, if two other VPCs have the address in different zones', async () => {
    await plant([
      at(1, 'az1', 'egress', between(1, 2)),
      at(7, 'az2', 'egress', { ...between(2, 9), vpc_id: 'vpc-2' }),
      at(8, 'az3', 'egress', { ...between(2, 9), vpc_id: 'vpc-3' }),
    ]);
    expect(await crossings()).toEqual([]);
  });
});

test.each([
  ['with next-hop-az-id', { next_hop_az_id: 'euw1-az2' }],
  ['without', {}],
])('the way to a NAT gateway in another zone counts once %s, for the true ends', async (_, nextHop) => {
  const far = '203.0.113.5';
  const up = { srcaddr: '10.0.0.1', bytes: 10 };
  await plant([
    at(1, 'az1', 'egress', { ...up, dstaddr: far, pkt_srcaddr: '10.0.0.1', pkt_dstaddr: far, ...nextHop }),
    at(220, 'az2', 'ingress', { ...up, dstaddr: '10.0.0.220', pkt_srcaddr: '10.0.0.1', pkt_dstaddr: far }),
    at(220, 'az2', 'egress', {
      srcaddr: '10.0.0.220',
      dstaddr: far,
      pkt_srcaddr: '10.0.0.220',
      pkt_dstaddr: far,
      bytes: 10,
    }),
  ]);
  expect(await crossings()).toEqual([`euw1-az1 > euw1-az2: 10, 10.0.0.1 > ${far}: 10`]);
});

test('what only the target or several unclear observers record counts once, hours add up', async () => {
  const pod = { pkt_srcaddr: '10.9.0.1', pkt_dstaddr: '10.9.0.2' };
  const hours = (record: LakeRecord) => [record, { ...record, start: FIVE_O_CLOCK + 3600 }];
  await plant([
    ...hours(at(1, 'az1', 'egress', { ...between(1, 2), ...pod, bytes: 100 })),
    ...hours(at(2, 'az2', 'ingress', { ...between(1, 2), ...pod, bytes: 100 })),
    at(3, 'az3', 'ingress', { ...between(1, 3), bytes: 7 }),
  ]);
  expect(await crossings()).toEqual([
    'euw1-az1 > euw1-az2: 200, 10.9.0.1 > 10.9.0.2: 200',
    'euw1-az1 > euw1-az3: 7, 10.0.0.1 > 10.0.0.3: 7',
  ]);
});

test('two flow logs over one interface count once', async () => {
  await plant(bothEnds(), objectOf('fl-0a'));
  await plant(bothEnds(), objectOf('fl-0b'));
  expect(await crossings()).toEqual(['euw1-az1 > euw1-az2: 100, 10.0.0.1 > 10.0.0.2: 100']);
});

test.each<[string, LakeRecord[]]>([
  ['traffic inside a zone', [at(1, 'az1', 'egress', between(1, 2)), at(2, 'az1', 'ingress', between(1, 2))]],
  ['traffic to the internet', [at(1, 'az1', 'egress', { srcaddr: '10.0.0.1', dstaddr: '203.0.113.5' })]],
  [
    'traffic to another Region',
    [
      at(1, 'az1', 'egress', between(1, 2)),
      at(2, 'az2', 'ingress', { ...between(1, 2), az_id: 'use1-az2', vpc_id: 'vpc-us' }),
    ],
  ],
  ['rejected traffic', bothEnds({ action: 'REJECT' })],
  ['formats without zones', [flow({ flow_direction: 'egress' })]],
])('leaves out %s', async (_, records) => {
  await plant(records);
  expect(await crossings()).toEqual([]);
});
