import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { QueryEngine, QueryResult } from '../../../athena/query-engine.ts';
import { renderQuery } from '../../../athena/query-file.ts';
import { savedQueries, savedQuery } from '../../../athena/saved-queries.ts';
import { DEMO_LOGS } from '../../../cli/commands/demo.ts';
import { writeFlowLogs } from '../../../cli/commands/generate.ts';
import { ingestWithReport } from '../../../cli/commands/ingest.ts';
import { EXAMPLE_ORGANIZATION } from '../../../generator/organization.ts';
import { SCENARIOS, type ScenarioName } from '../../../generator/scenarios.ts';
import { interfaceNamed } from '../../../generator/world.ts';
import { openLake } from '../../../local/duckdb.ts';
import { findSourceFiles } from '../../../local/source-files.ts';
import { DEFAULT_MAX_INFLATED_BYTES } from '../../../shared/lake/ingest.ts';
import { emptyLake } from '../../local/lake-fixture.ts';

const QUERIES = await savedQueries();
/** The hour in which everything was planted, Unix seconds. */
const SINCE = DEMO_LOGS.start.getTime() / 1000;
const UNTIL = SINCE + 3600;
/** They compare that hour with those before it. */
const NEED_HISTORY = ['reject-ratio', 'egress-against-history'];

const inside = (name: string) => interfaceNamed(EXAMPLE_ORGANIZATION, name);
const truthOf = (name: ScenarioName) => SCENARIOS.find((scenario) => scenario.name === name)!.expect;

/** Parameters that a query must be given. */
const GIVEN: Readonly<Record<string, string>> = {
  address: inside('worker-2').address,
  source: inside('app-1').address,
  destination: inside('orders-db-1').address,
};

let folder: Awaited<ReturnType<typeof emptyLake>>;
let engine: QueryEngine;
const answers = new Map<string, Promise<QueryResult>>();

beforeAll(async () => {
  folder = await emptyLake();
  const [logs, lake] = [join(folder.folder, 'logs'), join(folder.folder, 'lake')];
  await writeFlowLogs(logs, DEMO_LOGS);
  const files = await Array.fromAsync(findSourceFiles([logs], lake));
  await ingestWithReport(files, lake, {
    ...{ compression: 'zstd', headerlessFormat: undefined, build: 'test' },
    maxInflatedBytes: DEFAULT_MAX_INFLATED_BYTES,
  });
  engine = await openLake(lake);
});
afterAll(async () => {
  engine?.close();
  await folder?.remove();
});

/** The answer of a saved query about the hour of the incidents, asked once. */
function answerOf(name: string): Promise<QueryResult> {
  const answer = answers.get(name) ?? ask(name);
  answers.set(name, answer);
  return answer;
}

async function ask(name: string): Promise<QueryResult> {
  const query = await savedQuery(name);
  const required = query.parameters.filter((parameter) => parameter.default === undefined);
  const values = new Map(required.map((parameter) => [parameter.name, GIVEN[parameter.name]!]));
  const since = NEED_HISTORY.includes(name) ? undefined : SINCE;
  return engine.run(renderQuery(query, values, { since, until: UNTIL }));
}

/** The rows as text, by column name. */
async function rowsOf(name: string): Promise<Record<string, string>[]> {
  const { columns, rows } = await answerOf(name);
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column.name, String(row[index])])),
  );
}

test.each(QUERIES.map(({ name, question }) => [name, question]))('%s is answered: %s', async (name) => {
  expect((await answerOf(name)).rows.length).toBeGreaterThan(0);
});

const { address: bastion } = inside('bastion');
const database = inside('orders-db-1');
const task = inside('order-task-2');
const [upload, flood] = [truthOf('data-exfiltration'), truthOf('open-resolver')];
const uploaded = { source: upload.clients[0], destination: upload.servers[0], bytes: String(upload.bytes) };
const atLeast = (least: number) => expect.toSatisfy((text: string) => Number(text) >= least);

type Row = Readonly<Record<string, unknown>>;

/** What was planted, and the questions whose answers begin with it. */
const FIRST: readonly (readonly [ScenarioName, query: string, Row])[] = [
  ['port-scan', 'port-scan', { source: '198.51.100.23', target: bastion, ports_in_an_hour: '300' }],
  ['port-scan', 'top-rejected-sources', { source: '198.51.100.23', flows: '299', targets: '1' }],
  ['ssh-brute-force', 'ssh-brute-force', { source: '203.0.113.77', target: bastion, connections: '180' }],
  ['ssh-brute-force', 'off-hours', { client: '203.0.113.77', server: bastion, port: '22' }],
  [
    'internal-service-rejected',
    'internal-services-rejected',
    { server: database.address, port: '5432', rejected: '12', rejected_at: database.id },
  ],
  [
    'reply-rejected',
    'replies-dropped',
    { server: inside('reports').address, port: '8443', reply_direction: 'egress', connections: '10' },
  ],
  ['public-service-rejected', 'top-rejected-ports', { port: '443', flows: atLeast(120) }],
  [
    'public-service-rejected',
    'failures-by-port',
    {
      path: 'internet-to-subnet',
      port: '443',
      rejected: atLeast(120),
      top_server: inside('public-api').address,
    },
  ],
  [
    'blocked-egress',
    'rejected-traffic',
    { client: inside('worker-1').address, server: '198.51.100.40', port: '4317', flows: '32' },
  ],
  ['blocked-egress', 'beaconing', { server: '198.51.100.40', rejected: '32', interval_seconds: '30' }],
  ['blocked-egress', 'findings-by-meaning', { meaning: 'blocked-egress', severity: 'warning', flows: '32' }],
  ['late-packets', 'findings-overview', { path_or_cause: 'internet-to-subnet', late_packets: atLeast(50) }],
  ['data-exfiltration', 'large-egress', uploaded],
  ['data-exfiltration', 'total-bytes-by-pair', uploaded],
  ['data-exfiltration', 'top-talkers', { address: uploaded.source }],
  [
    'data-exfiltration',
    'egress-against-history',
    { host: inside('worker-2').instanceId, bytes: atLeast(upload.bytes!), times_usual: atLeast(3) },
  ],
  [
    'data-exfiltration',
    'nat-gateway-bytes',
    { gateway: inside('nat-b').id, inside_address: uploaded.source, bytes_uploaded: atLeast(upload.bytes!) },
  ],
  [
    'skipdata',
    'skipdata-by-interface',
    { interface_id: inside('load-balancer-b').id, skipdata_records: '4' },
  ],
  [
    'tgw-blackhole',
    'transit-gateway-loss',
    { cause: 'blackhole', lost_packets: '80', largest_destination: '10.80.4.20' },
  ],
  ['tgw-blackhole', 'syn-without-answer', { server: '10.80.4.20', unanswered: '20', reached_target: '0' }],
  [
    'open-resolver',
    'amplification-ports',
    { server: bastion, port: '53', largest_client: '203.0.113.150', bytes_in: String(flood.bytes) },
  ],
  ['open-resolver', 'dns-to-other-resolvers', { client: '203.0.113.150', server: bastion }],
  [
    'gre-tunnel',
    'unusual-protocols',
    { protocol_name: 'gre', source: inside('public-api').address, destination: '203.0.113.47' },
  ],
  ['ipv6-egress', 'ipv6-egress', { client: inside('app-6').addressV6, servers: '1' }],
  ['logged-twice', 'logged-twice', { interface_id: task.id, records_too_many: atLeast(36) }],
  ['logged-twice', 'ecs-services', { service: 'order-worker', tasks: '1' }],
  ['logged-twice', 'unencrypted-flows', { client: task.address, server: '198.51.100.61' }],
  [
    'damaged-line',
    'quarantine-overview',
    { reason: 'column-count', flow_log_id: truthOf('damaged-line').resource, lines: '1' },
  ],
];

/** What was planted, and the questions in whose answers it is not the largest. */
const AMONG: typeof FIRST = [
  ['internal-service-rejected', 'reject-ratio', { interface_id: database.id, hour: '01', rejected: '24' }],
  [
    'public-access-blocked',
    'reject-reasons',
    { reason: 'VPC Block Public Access', direction: 'egress', flows: '14', interfaces: '1' },
  ],
  [
    'encryption-enforced',
    'reject-reasons',
    { reason: 'VPC encryption controls', direction: 'ingress', flows: '10', interfaces: '1' },
  ],
  ['damaged-line', 'conservation', { quarantined: '1', lost: '0', objects_that_differ: '0' }],
];

describe('what was planted', () => {
  test.each(FIRST)('%s is the first row of %s', async (_, query, row) => {
    expect((await rowsOf(query))[0]).toMatchObject(row);
  });

  test.each(AMONG)('%s is in a row of %s', async (_, query, row) => {
    expect(await rowsOf(query)).toContainEqual(expect.objectContaining(row));
  });

  test('is everything that the generator can plant', () => {
    const shown = new Set([...FIRST, ...AMONG].map(([name]) => name));
    expect(shown).toEqual(new Set(SCENARIOS.map(({ name }) => name)));
  });
});
