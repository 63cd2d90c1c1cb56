import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

function at(host: number, flow_direction: string, bytes: number, fields: LakeRecord = {}): LakeRecord {
  return flow({
    interface_id: `eni-${host}`,
    instance_id: `i-${host}`,
    vpc_id: 'vpc-1',
    subnet_id: `subnet-${host}`,
    flow_direction,
    bytes,
    ...fields,
  });
}

test('what two instances exchange counts once for each, the largest first', async () => {
  await plant([
    at(1, 'egress', 100),
    at(2, 'ingress', 100),
    at(2, 'egress', 7),
    at(1, 'ingress', 7),
    at(2, 'egress', 500, { start: FIVE_O_CLOCK + 3600 }),
    at(1, 'egress', 9000, { action: 'REJECT' }),
  ]);
  expect(await ask('top-instances')).toEqual([
    { instance_id: 'i-2', interfaces: 1, bytes: 607, bytes_sent: 507, bytes_received: 100 },
    { instance_id: 'i-1', interfaces: 1, bytes: 107, bytes_sent: 100, bytes_received: 7 },
  ]);
  expect(await ask('top-subnets')).toEqual([
    { vpc_id: 'vpc-1', subnet_id: 'subnet-2', interfaces: 1, bytes_sent: 507, bytes_received: 100 },
    { vpc_id: 'vpc-1', subnet_id: 'subnet-1', interfaces: 1, bytes_sent: 100, bytes_received: 7 },
  ]);
});

test('interfaces add up, two flow logs over one of them do not', async () => {
  const records = [
    at(1, 'egress', 10),
    at(1, 'ingress', 3),
    at(1, 'egress', 5, { interface_id: 'eni-more' }),
  ];
  await plant(records, objectOf('fl-0a'));
  await plant(records, objectOf('fl-0b'));
  expect(await ask('top-instances')).toMatchObject([{ instance_id: 'i-1', interfaces: 2, bytes: 18 }]);
  expect(await ask('top-subnets')).toMatchObject([
    { subnet_id: 'subnet-1', interfaces: 2, bytes_sent: 15, bytes_received: 3 },
  ]);
});

test('without flow-direction an instance has bytes, neither sent nor received', async () => {
  const { flow_direction: _, ...record } = at(1, '', 10);
  await plant([record]);
  expect(await ask('top-instances')).toMatchObject([{ bytes: 10, bytes_sent: 0, bytes_received: 0 }]);
});

test.each(['top-instances', 'top-subnets'])(
  '%s says nothing about a format without its field',
  async (name) => {
    await plant([flow({})]);
    expect(await ask(name)).toEqual([]);
  },
);
