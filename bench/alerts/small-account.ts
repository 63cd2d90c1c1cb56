/** A small account of a large organization: some public web servers, app servers behind them, databases. */
import { addressBlock, ipv4Text } from '../../generator/addresses.ts';
import { type Conversation, TCP } from '../../generator/conversation.ts';
import { internetAddress } from '../../generator/internet-addresses.ts';
import type { Random } from '../../generator/random.ts';
import { clientPort, latePackets, tcpVolume } from '../../generator/volumes.ts';
import {
  type Endpoint,
  endpointOf,
  hexDigits,
  type NetworkAcl,
  type NetworkInterface,
  type Role,
  type Rule,
  resourceId,
  type SecurityGroup,
  type Subnet,
  type Vpc,
  type World,
} from '../../generator/world.ts';

const HOUR = 3600;
const REGION = 'eu-west-1';
/** Organizations plan their addresses, small accounts all have the same block: nothing leads from one to another here. */
const BLOCK = '10.0.0.0/16';
const ANYWHERE = '0.0.0.0/0';

const GROUPS = {
  web: group('web', [tcp(443, ANYWHERE), tcp(80, ANYWHERE)]),
  app: group('app', [tcp(8080, BLOCK)], [tcp(443, ANYWHERE), every(BLOCK)]),
  database: group('database', [tcp(5432, BLOCK)]),
  reports: group('reports', [tcp(8443, BLOCK)]),
} as const;
/** Lets nothing in. */
export const CLOSED = group('closed', []);
/** Lets nothing out but to the own network. */
export const NO_EGRESS = group('no-egress', [tcp(8080, BLOCK)], [every(BLOCK)]);

const OPEN: NetworkAcl = acl('open', [every(ANYWHERE)]);
/** Forgets that replies go to the clients' own ports. */
const FORGETFUL: NetworkAcl = acl('forgetful', [{ ...every(BLOCK), fromPort: 0, toPort: 1023 }]);

export interface SmallAccount {
  readonly id: string;
  readonly vpc: Vpc;
  readonly world: World;
  readonly webs: readonly NetworkInterface[];
  readonly apps: readonly NetworkInterface[];
  readonly databases: readonly NetworkInterface[];
  /** In a subnet of its own whose network ACL forgets the replies. Only accounts of eight interfaces or more have one. */
  readonly reports: NetworkInterface | undefined;
}

/**
 * Builds an account.
 *
 * @param number tells it apart
 * @param size interfaces; at least 2
 */
export function smallAccount(number: number, size: number): SmallAccount {
  const id = String(200_000_000_000 + number * 1_000_003);
  const vpc: Vpc = {
    name: id,
    id: resourceId('vpc', id),
    accountId: id,
    region: REGION,
    block: addressBlock(BLOCK),
    blockV6: addressBlock('2001:db8:4321:a100::/56'),
    flowLogId: resourceId('fl', id),
    blocksPublicAccess: false,
    enforcesEncryption: false,
  };
  const front = subnet('front', 0, vpc, OPEN);
  const back = subnet('back', 1, vpc, OPEN);
  const reportsSubnet = subnet('reports', 2, vpc, FORGETFUL);
  const several = (role: Role, name: keyof typeof GROUPS, count: number, home: Subnet, first: number) =>
    Array.from({ length: count }, (_, index) =>
      networkInterface(`${id} ${name}-${index}`, role, home, first + index, GROUPS[name]),
    );

  const reports = size < 8 ? [] : several('reports', 'reports', 1, reportsSubnet, 10);
  const webs = several('load-balancer', 'web', Math.max(1, Math.floor(size / 6)), front, 10);
  const databases = several('database', 'database', size < 3 ? 0 : Math.ceil(size / 8), back, 100);
  const rest = size - reports.length - webs.length - databases.length;
  const apps = several('app', 'app', rest, back, 10);
  const interfaces = [...webs, ...apps, ...databases, ...reports];
  const transitGateway = { id: 'tgw-none', accountId: id, region: REGION, flowLogId: 'fl-none', routes: [] };
  const world: World = { vpcs: [vpc], interfaces, transitGateway };
  return { id, vpc, world, webs, apps, databases, reports: reports[0] };
}

/** How often things happen in an account, each an hour. */
export interface Rates {
  /** Of each public web server: probes from the internet, and visits. */
  readonly probes: number;
  readonly visits: number;
  /** Of each app server: requests to databases, and calls of web services in the internet. */
  readonly queries: number;
  readonly calls: number;
}

/** The conversations of an account that begin in the seconds from a time on. To be asked in order. */
export function trafficOf(account: SmallAccount, rates: Rates, start: number, random: Random) {
  const { webs, apps, databases } = account;
  const visitors = Array.from({ length: 1000 }, () => internetAddress(random));
  const suppliers = Array.from({ length: 20 }, () => internetAddress(random));
  const outside = (addresses: readonly string[]): Endpoint => ({ address: random.pickZipf(addresses) });

  const probe = (time: number): Conversation[] => {
    const web = random.pick(webs);
    const port = random.chance(0.8) ? random.pickZipf(PROBED_PORTS) : random.integer(1, 65_535);
    return [
      {
        ...{ client: { address: internetAddress(random) }, server: endpointOf(web), protocol: TCP },
        ...{ clientPort: random.integer(1024, 65_535), serverPort: port, start: time, duration: 0 },
        ...{ request: { packets: 1, bytes: 44 }, reply: { packets: 1, bytes: 44 }, ending: 'reset' },
      },
    ];
  };
  const session = (
    client: Endpoint,
    server: Endpoint,
    port: number,
    time: number,
    late = 0,
  ): Conversation => ({
    ...{ client, server, protocol: TCP, clientPort: clientPort(random), serverPort: port, start: time },
    duration: Math.min(1200, Math.floor(random.lognormal(4, 1.3))),
    request: tcpVolume(900, 18_000),
    reply: tcpVolume(18_000, 900),
    ending: random.chance(0.02) ? 'reset' : 'closed',
    ...(late > 0 && random.chance(late) && { late: latePackets(random) }),
  });
  const visit = (time: number): Conversation[] => {
    const web = endpointOf(random.pick(webs));
    const inside = session(web, endpointOf(random.pick(apps)), 8080, time);
    return [session(outside(visitors), web, 443, time, 0.03), inside];
  };
  const query = (time: number): Conversation[] =>
    databases.length === 0
      ? []
      : [session(endpointOf(random.pick(apps)), endpointOf(random.pick(databases)), 5432, time)];
  const call = (time: number): Conversation[] => [
    session(endpointOf(random.pick(apps)), outside(suppliers), 443, time, 0.02),
  ];

  const activities = [
    { make: probe, perHour: rates.probes * webs.length },
    { make: visit, perHour: rates.visits * webs.length },
    { make: query, perHour: rates.queries * apps.length },
    { make: call, perHour: rates.calls * apps.length },
  ].map((each) => ({ ...each, next: start + random.exponential(HOUR / each.perHour) }));

  return function* (from: number, seconds: number): Generator<Conversation> {
    for (const activity of activities) {
      for (; activity.next < from + seconds; activity.next += random.exponential(HOUR / activity.perHour)) {
        yield* activity.make(Math.floor(activity.next));
      }
    }
  };
}

/** What scanners look for, most wanted first. */
const PROBED_PORTS = [
  23, 22, 8080, 3389, 445, 80, 443, 8443, 6379, 1433, 2323, 5555, 3306, 8088, 81, 9200, 25,
];

function tcp(port: number, peer: string): Rule {
  return { protocol: TCP, fromPort: port, toPort: port, peer: addressBlock(peer) };
}

function every(peer: string): Rule {
  return { protocol: 'any', fromPort: 0, toPort: 65_535, peer: addressBlock(peer) };
}

function group(name: string, inbound: readonly Rule[], outbound = [every(ANYWHERE)]): SecurityGroup {
  return { id: resourceId('sg', name), name, inbound, outbound };
}

/** Lets everything in, and out what the rules say. */
function acl(name: string, outbound: readonly Rule[]): NetworkAcl {
  const inbound = [{ ...every(ANYWHERE), allow: true }];
  return {
    id: resourceId('acl', name),
    name,
    inbound,
    outbound: outbound.map((rule) => ({ ...rule, allow: true })),
  };
}

function subnet(name: string, third: number, vpc: Vpc, aclInEffect: NetworkAcl): Subnet {
  return {
    name,
    id: resourceId('subnet', `${vpc.name} ${name}`),
    vpc,
    azId: 'euw1-az1',
    block: addressBlock(`10.0.${third}.0/24`),
    prefixV6: `2001:db8:4321:a10${third}`,
    routes: [
      { destination: addressBlock(BLOCK), target: { kind: 'local' } },
      { destination: addressBlock(ANYWHERE), target: { kind: 'internet-gateway' } },
    ],
    acl: aclInEffect,
  };
}

function networkInterface(
  name: string,
  role: Role,
  home: Subnet,
  host: number,
  securityGroup: SecurityGroup,
): NetworkInterface {
  const network = home.block.text.split('.').map((part) => Number.parseInt(part, 10));
  const address = ipv4Text(network[0]! * 2 ** 24 + network[2]! * 256 + host);
  return {
    ...{ name, role, subnet: home, securityGroup, address, secondaryAddress: address },
    id: resourceId('eni', name),
    interfaceType: '-',
    loggedAccountId: home.vpc.accountId,
    addressV6: `${home.prefixV6}::${host}`,
    instanceId: resourceId('i', name),
    ecsTask: undefined,
    intervalOffset: Number.parseInt(hexDigits(`interval ${name}`, 6), 16) % 60,
  };
}
