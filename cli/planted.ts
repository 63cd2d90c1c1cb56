import type { QueryResult } from '../athena/query-engine.ts';
import type { Expectation } from '../generator/scenario.ts';
import { SCENARIOS, type ScenarioName } from '../generator/scenarios.ts';
import { describeEvidence } from '../shared/findings/describe.ts';
import type { Finding } from '../shared/findings/finding.ts';

/** The saved query that shows a scenario in which nothing is refused or lost, so that no finding tells of it. */
export const SHOWN_BY_QUERY: Readonly<Partial<Record<ScenarioName, string>>> = {
  'ssh-brute-force': 'ssh-brute-force',
  'data-exfiltration': 'large-egress',
};

/** Where a planted scenario shows, judged by its ground truth; undefined fields: it does not. */
export interface Sighting {
  readonly scenario: ScenarioName;
  readonly where: string | undefined;
  readonly evidence: string | undefined;
}

/** Looks for every scenario in the findings, or in the answers of the query that should show it. */
export function findPlanted(
  findings: readonly Finding[],
  answers: ReadonlyMap<string, QueryResult>,
): Sighting[] {
  return SCENARIOS.map(({ name, expect }) => {
    const query = SHOWN_BY_QUERY[name];
    if (query !== undefined) {
      const row = rowOf(expect, answers.get(query));
      return { scenario: name, where: row && `query ${query}`, evidence: row };
    }
    const finding = findings.find((candidate) => tellsOf(expect, candidate));
    const { kind, path, cause } = finding ?? {};
    const where = kind && ['finding', kind, cause ?? path].filter(Boolean).join(' ');
    return { scenario: name, where, evidence: finding && describeEvidence(finding).join('; ') };
  });
}

/** Whether a finding is of the resource, path, ends and ports that a scenario is expected at. */
function tellsOf(expect: Expectation, finding: Finding): boolean {
  const ends = [...(finding.top_sources ?? []), ...(finding.top_destinations ?? [])].map(
    ({ address }) => address,
  );
  const ports = (finding.top_server_ports ?? []).map(({ port }) => port);
  return (
    finding.kind === expect.finding &&
    finding.resource_id === expect.resource &&
    (expect.path === undefined || finding.path === expect.path) &&
    meets(ends, [...expect.clients, ...expect.servers]) &&
    meets(ports, expect.serverPorts)
  );
}

function meets<T>(seen: readonly T[], expected: readonly T[]): boolean {
  return expected.length === 0 || expected.some((value) => seen.includes(value));
}

/** The row of an answer that names both ends, as text. */
function rowOf({ clients, servers }: Expectation, answer: QueryResult | undefined): string | undefined {
  const row = answer?.rows.find((cells) => {
    const texts = cells.map(String);
    return meets(texts, clients) && meets(texts, servers);
  });
  return (
    row &&
    answer?.columns
      .map(({ name }, index) => `${name} ${String(row[index])}`)
      .slice(0, 4)
      .join(', ')
  );
}
