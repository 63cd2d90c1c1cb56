import { expect, test } from 'vitest';
import { type Alerting, takeParts } from '../../../shared/alerts/alerting.ts';
import { memorySituations } from '../../../shared/alerts/memory-situations.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/alerts/policy.ts';
import { type Part, type Subject, together } from '../../../shared/alerts/situation.ts';
import { NOON, part } from './parts.ts';

function world(policy: Partial<Policy> = {}) {
  const { store, situations } = memorySituations();
  const clock = { now: NOON + 120 };
  const alerting: Alerting = {
    store,
    policy: { ...DEFAULT_POLICY, messagesPerHour: 1000, ...policy },
    publish: async () => {},
    now: () => clock.now,
  };
  let number = 0;
  return {
    alerting,
    clock,
    take: (...parts: Part[]) => takeParts(`finding ${number++}`, parts, alerting),
    /** Findings by the scope and service where they were counted. */
    counted: () =>
      [...situations.values()].map(({ situation: { subject, total } }) => [
        `${subject.scope.level} ${subject.scope.id} ${subject.service?.port ?? ''}`.trim(),
        total.findings,
      ]),
  };
}

const of = (id: string, subject: Partial<Subject> = {}, rest: Partial<Part> = {}) =>
  part({
    ...rest,
    subject: { vpcId: 'vpc-1', scope: { level: 'resource', id }, ...subject },
  });

test('beyond so many openings of a VPC in an hour, one situation of the VPC takes the others', async () => {
  const { take, counted } = world({ openingsPerHour: 2 });
  for (const id of ['eni-a', 'eni-b', 'eni-c', 'eni-d', 'eni-a', 'eni-c']) await take(of(id));
  expect(counted()).toEqual([
    ['resource eni-a 5432', 2],
    ['resource eni-b 5432', 1],
    ['vpc vpc-1', 3],
  ]);
});

test('beyond so many VPCs, or without a VPC, one of the account', async () => {
  const { take, counted } = world({ openingsPerHour: 1 });
  for (const vpcId of ['vpc-1', 'vpc-2']) {
    for (const id of ['a', 'b']) await take(of(`${vpcId}-${id}`, { vpcId }));
  }
  const nowhere = part({ subject: { scope: { level: 'resource', id: 'eni-x' } } });
  const nowhereElse = part({ subject: { scope: { level: 'resource', id: 'eni-y' } } });
  await take(nowhere);
  await take(nowhereElse);
  expect(counted()).toEqual([
    ['resource vpc-1-a 5432', 1],
    ['vpc vpc-1', 1],
    ['resource vpc-2-a 5432', 1],
    ['account 111122223333', 2],
    // Of unknown VPCs these are the first.
    ['resource eni-x 5432', 1],
  ]);
});

test('what was counted in the wider one goes on there; what is new has its own once there is room', async () => {
  const { take, counted, clock } = world({ openingsPerHour: 1 });
  await take(of('eni-a'), of('eni-b'));
  clock.now += 3600;
  const later = { firstTime: NOON + 3000, lastTime: NOON + 3060 };
  await take(of('eni-b', {}, later));
  await take(of('eni-c', {}, later));
  await take(of('eni-d', {}, later));
  expect(counted()).toEqual([
    ['resource eni-a 5432', 1],
    ['vpc vpc-1', 3],
    ['resource eni-c 5432', 1],
  ]);
});

test('a storm of one meaning leaves room for another', async () => {
  const { take, counted } = world({ openingsPerHour: 1 });
  await take(of('eni-a'), of('eni-b'));
  await take(of('eni-c', { meaning: 'reply-rejected' }));
  expect(counted()).toContainEqual(['resource eni-c 5432', 1]);
});

test('old data uses up nothing and opens nothing of its own', async () => {
  const { take, counted } = world({ openingsPerHour: 1 });
  const old = { firstTime: NOON - 90_000, lastTime: NOON - 80_000 };
  for (const id of ['a', 'b', 'c']) await take(of(`eni-${id}`, { service: { protocol: 6, port: 9 } }, old));
  await take(of('eni-d'));
  expect(counted()).toEqual([
    ['resource eni-a', 1],
    ['resource eni-b', 1],
    ['resource eni-c', 1],
    ['resource eni-d 5432', 1],
  ]);
});

const asking = (server: string, resourceId = 'eni-a') =>
  part({
    resourceId,
    subject: {
      meaning: 'blocked-egress',
      vpcId: 'vpc-1',
      scope: { level: 'vpc', id: 'vpc-1' },
      service: { protocol: 6, port: 443, server },
    },
  });

test('a server that many ask is one situation of the VPC; many servers that one asks are one of the resource', async () => {
  const { take, counted } = world();
  for (const id of ['eni-a', 'eni-b']) await take(asking('198.51.100.1', id));
  for (let last = 2; last <= 9; last++) await take(asking(`198.51.100.${last}`));
  expect(counted()).toEqual([
    ['vpc vpc-1 443', 2],
    ['vpc vpc-1 443', 1],
    ['vpc vpc-1 443', 1],
    ['resource eni-a 443', 6],
  ]);
});

test('info never rises: it is one line of a digest', async () => {
  const { take, counted } = world({ openingsPerHour: 1 });
  for (const id of ['eni-a', 'eni-b', 'eni-c']) await take(of(id, {}, { severity: 'info' }));
  expect(counted()).toHaveLength(3);
});

test('beyond 32 services of a scope the others are one situation', async () => {
  const { take, counted } = world({ openingsPerHour: 1000 });
  for (let port = 1; port <= 40; port++) await take(of('eni-a', { service: { protocol: 6, port } }));
  await take(
    of('eni-a', { service: { protocol: 6, port: 7 } }),
    of('eni-a', { service: { protocol: 6, port: 40 } }),
  );
  expect(counted()).toHaveLength(33);
  expect(counted()).toContainEqual(['resource eni-a 7', 2]);
  expect(counted()).toContainEqual(['resource eni-a', 9]);
});

test('a finding given again is not counted again, wherever it was placed', async () => {
  const { alerting, counted } = world({ openingsPerHour: 1 });
  for (const id of ['a', 'b', 'a', 'b']) await takeParts(id, [of(`eni-${id}`)], alerting);
  expect(counted()).toEqual([
    ['resource eni-a 5432', 1],
    ['vpc vpc-1', 1],
  ]);
});

test('parts that meet in one situation count each packet once', () => {
  const ports = [1, 2].map((port) => of('eni-a', { service: { protocol: 6, port } }, { flows: 3 }));
  const flows = 5;
  const moved = ports.map((each) => {
    const { service: _, ...subject } = each.subject;
    return { ...each, subject, finding: { ...each.finding!, flows } };
  });
  expect(together(moved)).toMatchObject([{ flows: 5 }]);
});
