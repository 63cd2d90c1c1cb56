import type { QueryResult } from '../athena/query-engine.ts';
import type { Expectation } from '../generator/scenario.ts';
import { SCENARIOS, type ScenarioName } from '../generator/scenarios.ts';
import { describeEvidence } from '../shared/findings/describe.ts';
import type { Finding, Meaning, TopServerPort } from '../shared/findings/finding.ts';
import { ruleOf } from '../shared/findings/meaning.ts';
import type { MergedFinding } from '../shared/findings/merge.ts';

/** Where a planted scenario shows, judged by its ground truth; undefined: it does not. */
export interface Sighting {
  readonly scenario: ScenarioName;
  readonly where: string | undefined;
  readonly evidence: string | undefined;
}

/** How a scenario shows: in a finding that means it, with the evidence, or in a saved query's answer. */
type Sign =
  | { readonly meaning: Meaning; readonly shows: (finding: Finding, truth: Expectation) => boolean }
  | { readonly query: string };

const MANY_PORTS = 64;

const SIGNS: Readonly<Record<ScenarioName, Sign>> = {
  'port-scan': {
    meaning: 'port-scan',
    shows: ({ top_sources: sources = [] }, { clients }) =>
      sources.some(
        ({ address, server_ports: ports }) =>
          clients.includes(address) && Number.parseInt(ports, 10) >= MANY_PORTS,
      ),
  },
  // Nothing is refused or lost here, so that no finding tells of it.
  'ssh-brute-force': { query: 'ssh-brute-force' },
  'data-exfiltration': { query: 'large-egress' },
  'internal-service-rejected': {
    meaning: 'internal-service-rejected',
    shows: (finding, { serverPorts, records }) =>
      serviceOf(finding, serverPorts, 'own').refused_requests >= records,
  },
  'reply-rejected': {
    meaning: 'reply-rejected',
    shows: ({ refused_replies: replies = 0 }, { records }) => replies >= records,
  },
  'public-service-rejected': {
    meaning: 'public-service-rejected',
    shows(finding, { serverPorts, records }) {
      const service = serviceOf(finding, serverPorts, 'own');
      return service.refused_requests >= records && service.accepted_flows > 0;
    },
  },
  'blocked-egress': {
    meaning: 'blocked-egress',
    shows: (finding, { serverPorts, records }) =>
      serviceOf(finding, serverPorts, 'peer').refused_requests >= records,
  },
  'late-packets': {
    meaning: 'late-packets',
    shows: ({ late_packets: late = 0 }, { records }) => late >= records,
  },
  skipdata: { meaning: 'data-loss', shows: ({ flows }, { records }) => flows >= records },
  'tgw-blackhole': { meaning: 'blackhole', shows: ({ flows }, { records }) => flows >= records },
  'open-resolver': { query: 'amplification-ports' },
  'gre-tunnel': { query: 'unusual-protocols' },
  'ipv6-egress': { query: 'ipv6-egress' },
  'public-access-blocked': {
    meaning: 'block-public-access',
    shows: (finding, { serverPorts, records }) =>
      serviceOf(finding, serverPorts, 'peer').refused_requests >= records,
  },
  'encryption-enforced': {
    meaning: 'encryption-control',
    shows: (finding, { serverPorts, records }) =>
      serviceOf(finding, serverPorts, 'own').refused_requests >= records,
  },
  'logged-twice': { query: 'logged-twice' },
  'damaged-line': { query: 'quarantine-overview' },
};

/** Looks for every scenario in the findings, or in the answers of the query that should show it. */
export function findPlanted(
  findings: readonly MergedFinding[],
  answers: ReadonlyMap<string, QueryResult>,
): Sighting[] {
  return SCENARIOS.map(({ name, expect: truth }) => {
    const sign = SIGNS[name];
    if ('query' in sign) {
      const row = rowOf(truth, answers.get(sign.query));
      return { scenario: name, where: row && `query ${sign.query}`, evidence: row };
    }
    const { meaning, shows } = sign;
    const finding = findings.find(
      (candidate) =>
        isAbout(candidate, truth) && candidate.meanings?.includes(meaning) && shows(candidate, truth),
    );
    const { kind, path, cause } = finding ?? {};
    return {
      scenario: name,
      where: kind && ['finding', kind, cause ?? path].filter(Boolean).join(' '),
      evidence: finding && evidenceOf(meaning, finding),
    };
  });
}

function evidenceOf(meaning: Meaning, finding: MergedFinding): string | undefined {
  const { words } = ruleOf(meaning);
  return describeEvidence(finding, finding.told).find((text) => text.startsWith(words));
}

function isAbout(finding: Finding, truth: Expectation): boolean {
  return (
    finding.kind === truth.finding &&
    finding.resource_id === truth.resource &&
    (truth.path === undefined || finding.path === truth.path)
  );
}

const NO_SERVICE = { refused_requests: 0, accepted_flows: 0 };

function serviceOf(
  { top_server_ports: services = [] }: Finding,
  ports: readonly number[],
  side: TopServerPort['side'],
): Pick<TopServerPort, 'refused_requests' | 'accepted_flows'> {
  return services.find((service) => ports.includes(service.port) && service.side === side) ?? NO_SERVICE;
}

/** The row of an answer that names both ends, or the resource where the answer is about resources, as text. */
function rowOf(
  { clients, servers, resource }: Expectation,
  answer: QueryResult | undefined,
): string | undefined {
  const row = answer?.rows.find((cells) => {
    const texts = cells.map(String);
    const names = (addresses: readonly string[]) => addresses.some((address) => texts.includes(address));
    return texts.includes(resource) || (names(clients) && names(servers));
  });
  const columns = answer?.columns.slice(0, 4) ?? [];
  return row && columns.map(({ name }, index) => `${name} ${String(row[index])}`).join(', ');
}
