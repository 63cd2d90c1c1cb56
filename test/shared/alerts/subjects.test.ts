import { describe, expect, test } from 'vitest';
import { partsOf } from '../../../shared/alerts/parts.ts';
import { DEFAULT_POLICY, type IgnoreRule, type Policy } from '../../../shared/alerts/policy.ts';
import { keyOf } from '../../../shared/alerts/situation.ts';
import type { Finding } from '../../../shared/findings/finding.ts';
import { finding, service, source } from './findings.ts';
import { NOON } from './parts.ts';

const parts = (one: Finding, policy: Partial<Policy> = {}, now = NOON + 600) =>
  partsOf(one, { ...DEFAULT_POLICY, ...policy }, now);
const subjects = (one: Finding) => parts(one).map(({ subject }) => subject);

const scanner = source({ flows: 40, server_ports: '40' });
/** Of a sweep each interface sees a flow or two. */
const sweeper = source({ flows: 2, interfaces: '30' });

describe('what a finding is about', () => {
  test('a service of an interface: the interface and the port', () => {
    expect(parts(finding())).toMatchObject([
      {
        subject: {
          ...{ kind: 'REJECT', meaning: 'internal-service-rejected', path: 'subnet-to-subnet' },
          ...{ accountId: '111122223333', region: 'eu-west-1', vpcId: 'vpc-1' },
          scope: { level: 'resource', id: 'eni-a' },
          service: { protocol: 6, port: 5432 },
        },
        severity: 'warning',
        flows: 4,
        firstTime: NOON,
        lastTime: NOON + 59,
      },
    ]);
  });

  test('a service at the other end: equal for all interfaces of the VPC', () => {
    const egress = (resource_id: string) =>
      finding({
        path: 'subnet-to-internet',
        resource_id,
        top_server_ports: [service({ port: 4317, side: 'peer', server: '198.51.100.40' })],
      });
    const [a, b] = [subjects(egress('eni-a')), subjects(egress('eni-b'))];
    expect(a).toMatchObject([
      {
        meaning: 'blocked-egress',
        scope: { level: 'vpc', id: 'vpc-1' },
        service: { server: '198.51.100.40' },
      },
    ]);
    expect(b.map(keyOf)).toEqual(a.map(keyOf));
  });

  test('a sweep: the VPC, whichever interface recorded it; the account where the format lacks the VPC', () => {
    const sweep = finding({ flows: 2, top_sources: [sweeper] });
    expect(subjects(sweep)).toContainEqual(
      expect.objectContaining({ meaning: 'host-sweep', scope: { level: 'vpc', id: 'vpc-1' } }),
    );
    const { vpc_id: _, ...withoutVpc } = sweep;
    expect(subjects(withoutVpc)).toContainEqual(
      expect.objectContaining({ meaning: 'host-sweep', scope: { level: 'account', id: '111122223333' } }),
    );
  });

  test('whoever scans, it is one situation: of the interface, and of the VPC if it is from inside', () => {
    const scans = ['10.0.1.5', '10.0.1.6'].map((address) => ({ ...scanner, address }));
    const found = (inside: boolean) =>
      parts(finding({ flows: 80, top_sources: scans.map((scan) => ({ ...scan, inside })) })).filter(
        ({ subject }) => subject.meaning === 'port-scan',
      );
    expect(found(false)).toMatchObject([
      { severity: 'info', flows: 80, subject: { scope: { id: 'eni-a' } } },
    ]);
    expect(found(true)).toMatchObject([
      { severity: 'critical', flows: 80, subject: { scope: { id: 'vpc-1' } } },
    ]);
    expect(found(true)[0]!.subject.service).toBeUndefined();
  });

  test('hostile names make keys of bounded length, and no two equal ones', () => {
    const long = (end: string) => finding({ resource_id: `${'/é'.repeat(300)}${end}` });
    const keys = [...subjects(long('a')), ...subjects(long('b'))].map(keyOf);
    expect(new Set(keys).size).toBe(2);
    for (const key of keys) expect(key.length).toBeLessThan(600);
  });

  test('the evidence of a situation stays small', () => {
    const many = Array.from({ length: 40 }, (_, i) => source({ address: `10.0.1.${i}` }));
    const [part] = parts(finding({ top_sources: many, samples: ['x'.repeat(70_000), 'y', 'z'] }));
    expect(JSON.stringify(part).length).toBeLessThan(5000);
  });
});

test('of a long list the entry that a situation is about is kept', () => {
  const ports = Array.from({ length: 12 }, (_, i) => service({ port: 1000 + i }));
  const all = parts(finding({ flows: 48, top_server_ports: ports }));
  expect(all).toHaveLength(12);
  for (const { subject, finding: evidence } of all) {
    const kept = evidence?.top_server_ports?.map(({ port }) => port);
    expect(kept).toHaveLength(5);
    expect(kept).toContain(subject.service?.port);
  }
});

test('a lone surrogate in an id is no error', () => {
  expect(() => subjects(finding({ resource_id: 'eni-\ud800' })).map(keyOf)).not.toThrow();
});

describe('when it was', () => {
  const { first_time: _, last_time: __, ...timeless } = finding();

  test('by the stamp of the source object where the format has no times, else now', () => {
    const source =
      's3://raw/AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/20/111122223333_vpcflowlogs_eu-west-1_fl-0a_20261120T1135Z_x.log.gz';
    const stamp = Date.UTC(2026, 10, 20, 11, 35) / 1000;
    expect(parts({ ...timeless, source })).toMatchObject([{ firstTime: stamp, lastTime: stamp }]);
    expect(parts(timeless)).toMatchObject([{ firstTime: NOON + 600, lastTime: NOON + 600 }]);
  });

  test('never in the future, whatever the log says', () => {
    const late = finding({ first_time: NOON + 9e6, last_time: NOON + 9e9 });
    expect(parts(late)).toMatchObject([{ firstTime: NOON + 600, lastTime: NOON + 600 }]);
  });
});

test('packets are those of the finding only if it is about nothing else', () => {
  const mixed = finding({ flows: 10, packets: 1_000_000, refused_requests: 4 });
  expect(parts(mixed).find(({ subject }) => subject.service !== undefined)).toMatchObject({
    flows: 4,
    packets: 4,
  });
  expect(parts(finding())).toMatchObject([{ flows: 4, packets: 8 }]);
});

describe('the policy', () => {
  test.each([
    ['a kind', { off: ['REJECT'] }],
    ['a meaning', { off: ['internal-service-rejected'] }],
  ] as const)('switches off %s', (_, policy) => {
    expect(parts(finding(), policy)).toEqual([]);
  });

  const ignoring = (rule: IgnoreRule, one: Finding = finding()) => parts(one, { ignore: [rule] });
  const incomplete = finding({ flows: 9, top_sources: [source()] });

  test.each<[string, IgnoreRule]>([
    ['the meaning', { meanings: ['internal-service-rejected'] }],
    ['the path', { paths: ['subnet-to-subnet'] }],
    ['the port', { ports: [22, 5432] }],
    ['the interface', { interfaces: ['eni-a'] }],
    ['the account', { accounts: ['111122223333'] }],
    ['all of its sources', { sources: ['10.0.1.0/24'] }],
    ['its destination', { destinations: ['2001:db8::/32', '10.0.2.7/32'] }],
    ['all that a rule lists', { ports: [5432], sources: ['10.0.1.5/32'] }],
  ])('ignores %s', (_, rule) => {
    expect(ignoring(rule)).toEqual([]);
  });

  test.each<[string, IgnoreRule, Finding]>([
    ['another port', { ports: [22] }, finding()],
    ['one thing of two that a rule lists', { ports: [5432], sources: ['10.9.0.0/16'] }, finding()],
    ['a source that is meant among others', { sources: ['10.0.1.0/24'] }, incomplete],
    [
      'a source whose share is guessed',
      { sources: ['10.0.1.0/24'] },
      finding({ top_sources: [source({ error: 1 })] }),
    ],
  ])('does not ignore %s', (_, rule, one) => {
    expect(ignoring(rule, one)).not.toEqual([]);
  });

  test('ignores a scanner that is meant, and not the other one beside it', () => {
    const two = [scanner, { ...scanner, address: '10.0.1.6' }];
    const left = ignoring({ sources: ['10.0.1.5/32'] }, finding({ flows: 80, top_sources: two }));
    expect(left.filter(({ subject }) => subject.meaning === 'port-scan')).toMatchObject([{ flows: 40 }]);
  });
});
