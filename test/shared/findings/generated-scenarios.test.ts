import { describe, expect, test } from 'vitest';
import { SCENARIOS, type ScenarioName } from '../../../generator/scenarios.ts';
import type { Finding, Meaning, Severity } from '../../../shared/findings/finding.ts';
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

/** What each scenario means. Those that are not here have nothing refused or lost. */
const MEANT: Partial<Record<ScenarioName, readonly [Severity, Meaning]>> = {
  'port-scan': ['info', 'port-scan'],
  'internal-service-rejected': ['warning', 'internal-service-rejected'],
  'reply-rejected': ['warning', 'reply-rejected'],
  'public-service-rejected': ['warning', 'public-service-rejected'],
  'blocked-egress': ['warning', 'blocked-egress'],
  'late-packets': ['info', 'late-packets'],
  skipdata: ['info', 'data-loss'],
  'tgw-blackhole': ['warning', 'blackhole'],
  'public-access-blocked': ['warning', 'block-public-access'],
  'encryption-enforced': ['warning', 'encryption-control'],
};

/** AWS's default format has no reject reasons. */
const MEANT_WITHOUT_REASONS: typeof MEANT = {
  'public-access-blocked': ['warning', 'blocked-egress'],
  'encryption-enforced': ['warning', 'internal-service-rejected'],
};

describe.each(['standard', 'full', 'default'])('in the %s format', (flowLogFormat) => {
  const meant = { ...MEANT, ...(flowLogFormat === 'default' ? MEANT_WITHOUT_REASONS : {}) };

  test('what scenarios mean, and nothing else is worth a warning', async () => {
    const findings = await findingsOfGenerated({ records: 20_000, flowLogFormat });
    const worrying = findings
      .filter(({ severity }) => severity !== 'info')
      .map(({ resource_id }) => resource_id);
    const planted = SCENARIOS.filter(({ name }) => meant[name]?.[0] === 'warning');
    expect(worrying.sort()).toEqual(planted.map(({ expect: { resource } }) => resource).sort());
    for (const { name, expect: truth } of SCENARIOS) {
      const [severity, meaning] = meant[name] ?? [];
      if (meaning === undefined) continue;
      const told = findings
        .filter(({ resource_id }) => resource_id === truth.resource)
        .flatMap((each) => each.told);
      expect(told, name).toContainEqual(expect.objectContaining({ severity, meaning }));
    }
  });

  test('ordinary traffic means nothing to worry about in any object', async () => {
    for (const seed of [1, 2]) {
      const findings = await findingsOfGenerated({ records: 30_000, scenarios: [], flowLogFormat, seed });
      expect(findings.length).toBeGreaterThan(3);
      // Of the findings of all objects each meaning keeps its highest severity.
      for (const { told } of findings)
        expect(told.map(({ severity }) => severity)).toEqual(told.map(() => 'info'));
      const meanings = new Set(findings.flatMap(({ meanings = [] }) => meanings));
      expect(meanings).toEqual(new Set(['admin-port-probe', 'background', 'late-packets']));
    }
  });
});
