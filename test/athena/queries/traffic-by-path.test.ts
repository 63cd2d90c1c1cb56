import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

function leaving(traffic_path: number, bytes: number, fields: LakeRecord = {}): LakeRecord {
  return flow({ flow_direction: 'egress', traffic_path, bytes, ...fields });
}

test('adds up what leaves by route, the most first, and shows the part of NAT gateways', async () => {
  const { traffic_path: _, ...transit } = leaving(0, 7);
  await plant([
    leaving(8, 100),
    leaving(8, 50, { interface_id: 'eni-nat', interface_type: 'nat_gateway', packets: 3 }),
    leaving(8, 25, { start: FIVE_O_CLOCK + 3600 }),
    leaving(1, 500),
    transit,
    leaving(1, 9000, { action: 'REJECT' }),
    flow({ flow_direction: 'ingress', bytes: 8000 }),
  ]);
  expect(await ask('traffic-by-path')).toEqual([
    { traffic_path: 1, route: 'same VPC', bytes: 500, bytes_of_nat_gateways: 0, packets: 1, interfaces: 1 },
    {
      traffic_path: 8,
      route: 'internet gateway',
      bytes: 175,
      bytes_of_nat_gateways: 50,
      packets: 5,
      interfaces: 2,
    },
    { traffic_path: null, route: 'not given', bytes: 7, bytes_of_nat_gateways: 0, packets: 1, interfaces: 1 },
  ]);
});

test('two flow logs over one interface count once', async () => {
  await plant([leaving(7, 100)], objectOf('fl-0a'));
  await plant([leaving(7, 100)], objectOf('fl-0b'));
  expect(await ask('traffic-by-path')).toMatchObject([{ route: 'gateway endpoint', bytes: 100 }]);
});

test('a format without flow-direction has no answer', async () => {
  await plant([flow({})]);
  expect(await ask('traffic-by-path')).toEqual([]);
});
