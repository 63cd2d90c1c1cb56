import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../../shared/alerts/policy.ts';
import { type Arrival, arrivalsOf, DELIVERY_DELAY, replay } from '../../../shared/alerts/replay.ts';
import type { Finding } from '../../../shared/findings/finding.ts';
import { finding, service } from './findings.ts';
import { NOON } from './parts.ts';

/** A finding of some minutes after noon. */
function at(minutes: number, more: Partial<Finding> = {}): Finding {
  const time = NOON + minutes * 60;
  return finding({ first_time: time, last_time: time + 59, source: `s3://raw/${minutes}`, ...more });
}

async function told(
  findings: readonly Finding[],
  policy: Partial<Policy> = {},
  arrivals?: readonly Arrival[],
) {
  const named = findings.map((each, index) => ({ id: String(index), finding: each }));
  const all = replay(arrivals ?? arrivalsOf(named), { ...DEFAULT_POLICY, ...policy });
  return (await Array.fromAsync(all)).map(({ at: time, notices }) => {
    const said = notices.map(({ reason, situation: { severity, subject } }) =>
      [reason, severity, subject.meaning, subject.service?.port]
        .filter((word) => word !== undefined)
        .join(' '),
    );
    return `${Math.round((time - NOON) / 60)} min: ${said.join(', ')}`;
  });
}

const probe: Partial<Finding> = {
  path: 'internet-to-subnet',
  top_sources: [],
  top_server_ports: [service({ port: 22 })],
};

describe('what would have been sent', () => {
  test('a finding is told when its object was delivered', async () => {
    expect(await told([at(0)])).toEqual([
      `${DELIVERY_DELAY / 60 + 1} min: opens warning internal-service-rejected 5432`,
    ]);
  });

  test("an account's first rejected traffic at once, the next in a digest of its six hours", async () => {
    const telnet = { ...probe, resource_id: 'eni-b', top_server_ports: [service({ port: 23 })] };
    expect(await told([at(0, probe), at(30, telnet), at(60, probe)])).toEqual([
      '16 min: first info admin-port-probe 22',
      '360 min: opens info admin-port-probe 23, goes-on info admin-port-probe 22',
    ]);
  });

  test('what a policy wants at once, in digests, or never', async () => {
    const both = [at(0), at(0, probe)];
    expect(
      await told(both, { severities: { info: 'never', warning: 'digest', critical: 'at-once' } }),
    ).toEqual(['16 min: first warning internal-service-rejected 5432']);
  });

  test('what is too small is not told until it has grown', async () => {
    const minimums = { 'internal-service-rejected': { flows: 10 } };
    const findings = [0, 5, 10].map((minutes) => at(minutes));
    expect(await told(findings, { minimums })).toEqual([
      '26 min: opens warning internal-service-rejected 5432',
    ]);
  });

  test('lost log data is info, and a warning beyond 5 % of an interface’s day', async () => {
    const lost = (minutes: number): Finding => {
      const { path: _, top_server_ports: __, refused_requests: ___, ...rest } = at(minutes);
      return { ...rest, kind: 'SKIPDATA', flows: 3, skipped_seconds: 1500 };
    };
    expect(await told([0, 30, 60].map(lost))).toEqual(['76 min: opens warning data-loss']);
    expect(await told([lost(0)])).toEqual(['360 min: opens info data-loss']);
  });

  test('of a year that is read in at once one message for each account, which says how much', async () => {
    const accounts = ['111122223333', '444455556666'];
    const findings = Array.from({ length: 200 }, (_, i) =>
      at(-i * 2000, { aws_account_id: accounts[i % 2]!, resource_id: `eni-${i % 7}` }),
    ).slice(1);
    const arrivals = findings.map((each, index) => ({
      id: `${index}`,
      finding: each,
      at: NOON + 86_400 + index * 10,
    }));
    const messages = await Array.fromAsync(replay(arrivals, DEFAULT_POLICY));
    expect(messages.map(({ notices }) => notices.length)).toEqual([1, 1]);
    const situations = messages.map(({ notices: [notice] }) => notice!.situation);
    expect(situations.map(({ subject, total }) => [subject.kind, subject.accountId, total.findings])).toEqual(
      [
        ['OLD_DATA', '444455556666', 100],
        ['OLD_DATA', '111122223333', 99],
      ],
    );
    expect(situations[0]!.covers).toEqual({
      from: findings.at(-1)!.first_time,
      until: findings[0]!.last_time,
    });
  });
});

test('findings come when the latest of their object does', () => {
  const [early, late] = [at(0, { source: 's3://raw/a' }), at(4, { source: 's3://raw/a' })];
  const { first_time: _, last_time: __, ...timeless } = at(0, { source: 's3://raw/a' });
  const times = arrivalsOf([early, late, timeless].map((each, i) => ({ id: `${i}`, finding: each }))).map(
    (each) => each.at,
  );
  expect(new Set(times)).toEqual(new Set([NOON + 4 * 60 + 59 + DELIVERY_DELAY]));
});
