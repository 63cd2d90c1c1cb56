import { expect, test } from 'vitest';
import { SCENARIOS, type ScenarioName } from '../../../generator/scenarios.ts';
import type { Finding } from '../../../shared/findings/finding.ts';
import { findingsOfGenerated } from './findings-of-generated.ts';

const { 'public-service-rejected': PUBLIC, ...EXPECTED } = Object.fromEntries(
  SCENARIOS.map(({ name, expect: truth }) => [name, truth]),
) as Record<ScenarioName, (typeof SCENARIOS)[number]['expect']>;

/** What the finding of a scenario's resource and path has to say; `records` is the ground truth. */
const EVIDENCE: Partial<Record<ScenarioName, (finding: Finding, format: string) => void>> = {
  'port-scan'(finding) {
    const { clients, records } = EXPECTED['port-scan'];
    const scanner = finding.top_sources?.find(({ address }) => clients.includes(address));
    expect(scanner).toMatchObject({ server_ports: '64+', inside: false });
    expect(scanner?.flows).toBeGreaterThanOrEqual(records);
  },
  'internal-service-rejected'(finding) {
    const { records, serverPorts, clients } = EXPECTED['internal-service-rejected'];
    const port = finding.top_server_ports?.find((candidate) => serverPorts.includes(candidate.port));
    expect(port?.refused_requests).toBeGreaterThanOrEqual(records);
    expect(finding.top_sources?.find(({ address }) => clients.includes(address))).toMatchObject({
      inside: true,
    });
  },
  'reply-rejected'(finding) {
    expect(finding.refused_replies).toBe(EXPECTED['reply-rejected'].records);
    expect(finding.request_accepted).toBe(EXPECTED['reply-rejected'].records);
  },
  'public-service-rejected'(finding) {
    const port = finding.top_server_ports?.find((candidate) => PUBLIC.serverPorts.includes(candidate.port));
    expect(port).toMatchObject({ side: 'own' });
    expect(port?.refused_requests).toBeGreaterThanOrEqual(PUBLIC.records);
    expect(port?.accepted_flows).toBeGreaterThan(0);
  },
  'blocked-egress'(finding) {
    const { records, serverPorts } = EXPECTED['blocked-egress'];
    const port = finding.top_server_ports?.find((candidate) => serverPorts.includes(candidate.port));
    expect(port).toMatchObject({ side: 'peer', accepted_flows: 0 });
    expect(port?.refused_requests).toBeGreaterThanOrEqual(records);
  },
  'late-packets'(finding, format) {
    // Without TCP flags only what was accepted in the same object is known to be late, so some go unclaimed.
    const share = format === 'default' ? 0.5 : 1;
    expect(finding.late_packets).toBeGreaterThanOrEqual(EXPECTED['late-packets'].records * share);
  },
  skipdata(finding) {
    expect(finding.flows).toBe(EXPECTED.skipdata.records);
    expect(finding.skipped_seconds).toBeGreaterThan(0);
  },
  'tgw-blackhole'(finding) {
    expect(finding).toMatchObject({ cause: 'blackhole', flows: EXPECTED['tgw-blackhole'].records });
    expect(finding.packets).toBe(EXPECTED['tgw-blackhole'].packets);
  },
};

const CASES = Object.keys(EVIDENCE).flatMap((name) =>
  ['standard', 'default'].map((format) => [name as ScenarioName, format] as const),
);

test.each(CASES)('%s in the %s format is told by the finding of its resource', async (name, format) => {
  const truth = SCENARIOS.find((scenario) => scenario.name === name)!.expect;
  const findings = await findingsOfGenerated({
    records: 4000,
    scenarios: [name],
    flowLogFormat: format,
  });
  const finding = findings.find(
    (candidate) =>
      candidate.kind === truth.finding &&
      candidate.resource_id === truth.resource &&
      (truth.path === undefined || candidate.path === truth.path),
  );
  expect(finding).toBeDefined();
  EVIDENCE[name]!(finding!, format);
});
