import { describe, expect, test } from 'vitest';
import { EXAMPLE_ORGANIZATION } from '../../generator/organization.ts';
import { SCENARIOS } from '../../generator/scenarios.ts';
import type { Line, ParsedObject } from './generated-lines.ts';
import { generated } from './generated-lines.ts';

const LOGS = [1, 2].map((seed) => generated({ records: 4000, seed }));
const WITHOUT = generated({ records: 4000, scenarios: [] });

/** The records that a scenario's ground truth speaks of, found as a query would. */
function matching(objects: readonly ParsedObject[], { expect: truth }: (typeof SCENARIOS)[number]): Line[] {
  const ports = truth.serverPorts.map(String);
  const lines = objects.flatMap(({ lines }) => lines);
  return lines.filter((line) => {
    const resource = line['interface-id'] ?? line['tgw-attachment-id'];
    if (resource !== truth.resource) return false;
    if (truth.finding === 'SKIPDATA') return line['log-status'] === 'SKIPDATA';
    if (truth.action !== line.action) return false;
    return (
      isRequest(line, truth.clients, truth.servers, ports) ||
      isReply(line, truth.clients, truth.servers, ports)
    );
  });
}

function isRequest(
  line: Line,
  clients: readonly string[],
  servers: readonly string[],
  ports: readonly string[],
): boolean {
  return clients.includes(line.srcaddr!) && servers.includes(line.dstaddr!) && ports.includes(line.dstport!);
}
function isReply(
  line: Line,
  clients: readonly string[],
  servers: readonly string[],
  ports: readonly string[],
): boolean {
  return servers.includes(line.srcaddr!) && clients.includes(line.dstaddr!) && ports.includes(line.srcport!);
}

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
  const truth = scenario.expect;

  test.each(LOGS.map((logs, i) => [i + 1, logs] as const))(
    'is in the logs of seed %d as its ground truth says',
    (_, logs) => {
      const lines = matching(logs, scenario);
      expect(lines.length).toBe(truth.records);
      for (const line of lines) expect(line['account-id']).toBe(truth.accountId);
      const requests = lines.filter((line) => truth.clients.includes(line.srcaddr!));
      const sum = (field: string): number => requests.reduce((total, line) => total + Number(line[field]), 0);
      if (truth.bytes !== undefined) expect(sum('bytes')).toBe(truth.bytes);
      if (truth.packets !== undefined) expect(sum('packets')).toBe(truth.packets);
    },
  );

  test('shows every client, server and port that it names', () => {
    const lines = matching(LOGS[0]!, scenario);
    const addresses = new Set(lines.flatMap((line) => [line.srcaddr, line.dstaddr]));
    const ports = new Set(lines.flatMap((line) => [line.srcport, line.dstport]));
    for (const address of [...truth.clients, ...truth.servers]) expect(addresses).toContain(address);
    for (const port of truth.serverPorts) expect(ports).toContain(String(port));
  });

  test('is not in logs that it is not planted in', () => {
    expect(matching(WITHOUT, scenario)).toEqual([]);
  });

  test('can be planted alone', () => {
    const logs = generated({ records: 1000, scenarios: [name] });
    expect(matching(logs, scenario).length).toBe(truth.records);
  });
});

describe('what each scenario is about', () => {
  const lines = LOGS[0]!.flatMap((object) => object.lines);
  const id = (name: string): string => EXAMPLE_ORGANIZATION.interfaces.find((each) => each.name === name)!.id;
  const expectation = (name: string) => SCENARIOS.find((scenario) => scenario.name === name)!.expect;
  const between = (client: string, server: string, port: number): Line[] =>
    lines.filter(
      (line) =>
        isRequest(line, [client], [server], [String(port)]) ||
        isReply(line, [client], [server], [String(port)]),
    );
  const shape = (line: Line): string =>
    `${line['interface-id']} ${line['flow-direction']} ${line.action} ${line['tcp-flags']}`;

  test('reply-rejected: one interface accepts the request and rejects the SYN-ACK, the client sees no reply', () => {
    const { clients, servers } = expectation('reply-rejected');
    const shapes = new Set(between(clients[0]!, servers[0]!, 8443).map(shape));
    expect(shapes).toEqual(
      new Set([
        `${id('app-1')} egress ACCEPT 2`,
        `${id('reports')} ingress ACCEPT 2`,
        `${id('reports')} egress REJECT 18`,
      ]),
    );
  });

  test('internal-service-rejected: the client may send, the server may not receive', () => {
    const { clients, servers } = expectation('internal-service-rejected');
    const shapes = new Set(between(clients[0]!, servers[0]!, 5432).map(shape));
    expect(shapes).toEqual(
      new Set([`${id('worker-2')} egress ACCEPT 2`, `${id('orders-db-1')} ingress REJECT 2`]),
    );
  });

  test('blocked-egress: nothing leaves the interface, so no NAT gateway sees it', () => {
    const { clients, servers } = expectation('blocked-egress');
    const shapes = new Set(between(clients[0]!, servers[0]!, 4317).map(shape));
    expect(shapes).toEqual(new Set([`${id('worker-1')} egress REJECT 2`]));
  });

  test('public-service-rejected: the same clients were served on that port before', () => {
    const { clients, servers } = expectation('public-service-rejected');
    const accepted = lines.filter(
      (line) =>
        line.action === 'ACCEPT' && isReply(line, clients, servers, ['443']) && line['tcp-flags'] !== '0',
    );
    expect(new Set(accepted.map((line) => line.dstaddr))).toEqual(new Set(clients));
  });

  test('late-packets: none of the rejected packets has a SYN, and each follows an accepted connection', () => {
    const { clients, servers } = expectation('late-packets');
    for (const client of clients) {
      const records = between(client, servers[0]!, 443);
      const late = records.filter((line) => line.action === 'REJECT');
      const served = records.filter((line) => line.action === 'ACCEPT');
      expect(late.length).toBe(1);
      expect(Number(late[0]!['tcp-flags']) & 2).toBe(0);
      expect(Number(late[0]!.start)).toBeGreaterThan(Math.max(...served.map((line) => Number(line.end))));
    }
  });

  test('port-scan: the one open port answers', () => {
    const answers = between('198.51.100.23', expectation('port-scan').servers[0]!, 22);
    expect(answers.map((line) => line.action)).toEqual(['ACCEPT', 'ACCEPT']);
  });

  test('open-resolver: the answers are many times as large as the questions', () => {
    const { clients, servers } = expectation('open-resolver');
    const flows = between(clients[0]!, servers[0]!, 53);
    const bytes = (from: string): number =>
      flows.filter((line) => line.srcaddr === from).reduce((sum, line) => sum + Number(line.bytes), 0);
    expect(bytes(servers[0]!) / bytes(clients[0]!)).toBeGreaterThan(40);
  });

  test('gre-tunnel: neither TCP, UDP nor ICMP, and without ports', () => {
    const { clients, servers } = expectation('gre-tunnel');
    const flows = between(clients[0]!, servers[0]!, 0);
    expect(new Set(flows.map((line) => `${line.protocol} ${line.srcport} ${line.dstport}`))).toEqual(
      new Set(['47 0 0']),
    );
  });

  test('ipv6-egress: it leaves by the internet gateway, and no NAT gateway sees it', () => {
    const { clients, servers } = expectation('ipv6-egress');
    const flows = between(clients[0]!, servers[0]!, 443);
    const egress = flows.filter((line) => line['flow-direction'] === 'egress');
    expect(new Set(egress.map((line) => line['traffic-path']))).toEqual(new Set(['8']));
    expect(new Set(flows.map((line) => line['interface-id']))).toEqual(new Set([id('app-6')]));
  });

  test('public-access-blocked: the records say so, and have packets but no bytes', () => {
    const { clients, servers } = expectation('public-access-blocked');
    const told = between(clients[0]!, servers[0]!, 443).map((line) =>
      [shape(line), line['reject-reason'], line.packets, line.bytes].join(' '),
    );
    expect(new Set(told)).toEqual(new Set([`${id('staging-app-2')} egress REJECT 2 BPA 3 -`]));
  });

  test('encryption-enforced: the attachment lets pass what the endpoint refuses', () => {
    const { servers } = expectation('encryption-enforced');
    const refused = lines.filter((line) => line['reject-reason'] === 'EC');
    expect(new Set(refused.map((line) => `${shape(line)} ${line.dstaddr}`))).toEqual(
      new Set([`${id('ssm-endpoint-1')} ingress REJECT 2 ${servers[0]}`]),
    );
  });

  test('logged-twice: each record of the interface is in both flow logs, of the same time and size', () => {
    const flowLogs = Map.groupBy(LOGS[0]!, ({ key }) => key.split('_')[3]!);
    const seen = [...flowLogs.values()].map((objects) =>
      objects
        .flatMap((object) => object.lines)
        .filter((line) => line['interface-id'] === id('order-task-2') && line['log-status'] === 'OK')
        .map((line) =>
          [line.srcaddr, line.srcport, line.dstaddr, line.dstport, line.start, line.bytes].join(' '),
        )
        .toSorted(),
    );
    const [first, second, ...others] = seen.filter((records) => records.length > 0);
    expect(others).toEqual([]);
    expect(first!.length).toBeGreaterThan(50);
    expect(second).toEqual(first);
  });

  test('damaged-line: one line of the flow log has twice the values of its header', () => {
    const { resource } = expectation('damaged-line');
    const broken = LOGS[0]!.flatMap(({ key, header, rows }) =>
      rows
        .filter((row) => row.length !== header.length)
        .map((row) => [key.includes(resource), row.length / header.length]),
    );
    expect(broken).toEqual([[true, 2]]);
  });

  test('tgw-blackhole: the instance and the attachment accept what the transit gateway then loses', () => {
    const { clients, servers } = expectation('tgw-blackhole');
    const packets = lines.filter(
      (line) => line['pkt-srcaddr'] === clients[0] && line['pkt-dstaddr'] === servers[0],
    );
    expect(new Set(packets.map((line) => line['interface-type']))).toEqual(new Set(['-', 'transit_gateway']));
    expect(new Set(packets.map((line) => line.action))).toEqual(new Set(['ACCEPT']));
  });
});
