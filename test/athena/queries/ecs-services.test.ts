import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

/** A record at the interface of a task of a service. */
const at = (service: string, task: number, flow_direction: string, fields: LakeRecord = {}): LakeRecord =>
  flow({
    interface_id: `eni-${service}-${task}`,
    ecs_cluster_name: 'main',
    ecs_service_name: service,
    ecs_task_id: `${service}-${task}`,
    flow_direction,
    ...fields,
  });

test('adds up what the tasks of a service send and receive, and with the internet, the most first', async () => {
  const internet = { dstaddr: '203.0.113.9' };
  await plant([
    at('shop', 1, 'egress', { bytes: 100 }),
    at('shop', 1, 'egress', { bytes: 1, start: FIVE_O_CLOCK + 3600 }),
    at('shop', 2, 'egress', { ...internet, bytes: 40 }),
    at('shop', 2, 'ingress', {
      srcaddr: '203.0.113.9',
      dstaddr: '10.0.0.1',
      srcport: 443,
      dstport: 40_000,
      bytes: 9,
    }),
    at('shop', 2, 'egress', { bytes: 9000, action: 'REJECT' }),
    at('queue', 1, 'ingress', { bytes: 500 }),
    flow({ bytes: 7000 }),
  ]);
  expect(await ask('ecs-services')).toEqual([
    {
      cluster: 'main',
      service: 'queue',
      tasks: 1,
      bytes: 500,
      bytes_sent: 0,
      bytes_received: 500,
      bytes_with_internet: 0,
    },
    {
      cluster: 'main',
      service: 'shop',
      tasks: 2,
      bytes: 150,
      bytes_sent: 141,
      bytes_received: 9,
      bytes_with_internet: 49,
    },
  ]);
});

test('two flow logs over a task’s interface count once, equal names in two clusters do not', async () => {
  const records = [at('shop', 1, 'egress'), at('shop', 1, 'egress', { ecs_cluster_name: 'other' })];
  await plant(records, objectOf('fl-0a'));
  await plant(records, objectOf('fl-0b'));
  expect(await ask('ecs-services')).toMatchObject([
    { cluster: 'main', service: 'shop', bytes: 100 },
    { cluster: 'other', service: 'shop', bytes: 100 },
  ]);
});

test('tasks without a service are a row of their cluster, and interfaces count for tasks without ids', async () => {
  const { ecs_service_name: _, ecs_task_id: __, ...task } = at('batch', 1, 'egress');
  await plant([task, { ...task, interface_id: 'eni-2' }]);
  expect(await ask('ecs-services')).toMatchObject([{ cluster: 'main', service: null, tasks: 2, bytes: 200 }]);
});

test('says nothing about a format without ECS fields', async () => {
  await plant([flow({})]);
  expect(await ask('ecs-services')).toEqual([]);
});
