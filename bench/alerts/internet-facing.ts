/** An account that faces the internet: the generator's example organization at work, all day. */
import { type Conversation, TCP } from '../../generator/conversation.ts';
import { internetAddress } from '../../generator/internet-addresses.ts';
import { buildOrganization, PRODUCTION_ACCOUNT } from '../../generator/organization.ts';
import { createRandom, type Random } from '../../generator/random.ts';
import type { FlowRecord } from '../../generator/records.ts';
import { attempt, type Gap, intervalStart } from '../../generator/scenario.ts';
import { createTraffic } from '../../generator/traffic.ts';
import { clientPort, latePackets, tcpVolume } from '../../generator/volumes.ts';
import {
  endpointOf,
  interfaceNamed,
  type NetworkInterface,
  type SecurityGroupChange,
  type World,
} from '../../generator/world.ts';
import type { Condition, Place, Scene } from './scene.ts';

const MINUTE = 60;
/** Makes the account's interfaces 50. */
const FLEET = 13;
const PROBES_PER_HOUR = 5000;

/** Minutes from the start at which things happen; what is left out does not. */
export interface Plan {
  readonly hours: number;
  /** The security team's own scanner tries a thousand ports of every host. */
  readonly scanner?: number;
  /** The orders database loses the rule that lets the app servers in, for 45 minutes. */
  readonly internal?: number;
  /** One of two load balancers loses the rules that let everyone in, for 30 minutes. */
  readonly public?: number;
  /** A worker tries three ports of every host in ten minutes. */
  readonly sweep?: number;
  /** AWS loses 20 minutes of records of eight interfaces. */
  readonly burst?: number;
  /** A load balancer's connections all close at once, and packets come after the close. */
  readonly closes?: readonly number[];
  /** Workers send telemetry to an address that their security group has no rule for. */
  readonly telemetry?: boolean;
}

export const DAY_OF_INCIDENTS: Plan = {
  hours: 24,
  scanner: 60,
  internal: 580,
  burst: 720,
  public: 850,
  closes: [640, 960],
  sweep: 1160,
  telemetry: true,
};

/** The scanner's address, which a policy can ignore. */
export const SCANNER = '10.20.9.70';

/** The account at work by a plan, from a time (Unix seconds) on. */
export function internetFacing(plan: Plan, start: number, seed: number): Scene {
  const world = buildOrganization(FLEET);
  const random = createRandom(seed, 'internet-facing');
  const named = (name: string) => interfaceNamed(world, name);
  const production = named('bastion').subnet.vpc;
  const hosts = world.interfaces.filter((each) => each.subnet.vpc === production && each.securityGroup);
  const at = (minutes: number) => start + minutes * MINUTE;
  const planned: Conversation[] = internetScanners(world, start, plan.hours, random.fork('scanners'));
  const changes: SecurityGroupChange[] = [];
  const conditions: Condition[] = [];
  const gaps: Gap[] = [];
  const closed = named('standby-1').securityGroup!;

  function goesDark(
    server: NetworkInterface,
    minutes: number,
    lasts: number,
  ): { from: number; until: number } {
    const period = { from: at(minutes), until: at(minutes + lasts) };
    changes.push({ interface: server, securityGroup: closed, ...period });
    return period;
  }

  if (plan.internal !== undefined) {
    const database = named('orders-db-1');
    conditions.push({
      name: 'an internal service goes dark',
      is: 'incident',
      shows: (record) => isRefused(record, database, [5432]),
      isNamedBy: ({ meaning, scope, service }) =>
        meaning === 'internal-service-rejected' && scope.id === database.id && service?.port === 5432,
      ...goesDark(database, plan.internal, 45),
    });
  }
  if (plan.public !== undefined) {
    const balancer = named('load-balancer-a');
    const period = goesDark(balancer, plan.public, 30);
    conditions.push({
      name: 'a public service goes dark',
      is: 'incident',
      shows: (record) =>
        isRefused(record, balancer, [443]) && record.start >= period.from && record.start < period.until,
      isNamedBy: ({ meaning, scope, service }) =>
        meaning === 'public-service-rejected' && scope.id === balancer.id && service?.port === 443,
      ...period,
    });
  }
  if (plan.sweep !== undefined) {
    const host = named('worker-1');
    planned.push(...sweep(host, hosts, [445, 3389, 5985], at(plan.sweep), random.fork('sweep')));
    conditions.push({
      name: 'an inside host sweeps',
      is: 'incident',
      shows: ({ sighting }) => sighting.srcaddr === host.address && sighting.dstport === 445,
      isNamedBy: ({ meaning }) => meaning === 'host-sweep',
      from: at(plan.sweep),
      until: at(plan.sweep + 15),
    });
  }
  if (plan.scanner !== undefined) {
    const scanner = named('standby-2');
    if (scanner.address !== SCANNER) throw new Error(`The scanner is at ${scanner.address}.`);
    planned.push(...scanAll(scanner, hosts, at(plan.scanner), random.fork('scanner')));
    conditions.push({
      name: "the security team's scanner",
      is: 'standing',
      isNamedBy: ({ meaning }) => meaning === 'host-sweep' || meaning === 'port-scan',
      from: at(plan.scanner),
      until: at(plan.scanner + 120),
    });
  }
  if (plan.telemetry === true) {
    const workers = ['worker-1', 'worker-2', 'order-task-1', 'order-task-2'].map(named);
    planned.push(...telemetry(workers, start, plan.hours, random.fork('telemetry')));
    conditions.push({
      name: 'telemetry that is refused all day',
      is: 'standing',
      isNamedBy: ({ meaning, service }) => meaning === 'blocked-egress' && service?.port === OTLP,
      from: start,
      until: at(plan.hours * 60),
    });
  }
  if (plan.burst !== undefined) {
    for (const observer of hosts.filter(({ role }) => role === 'app').slice(0, 8)) {
      for (let minute = 0; minute < 20; minute++) {
        gaps.push({ observer, start: intervalStart(observer, start, plan.burst + minute) });
      }
    }
    conditions.push({
      name: 'AWS loses log data for 20 minutes',
      is: 'small',
      isNamedBy: ({ meaning }) => meaning === 'data-loss',
      from: at(plan.burst),
      until: at(plan.burst + 25),
    });
  }
  for (const minutes of plan.closes ?? []) {
    planned.push(...closeAll(named('load-balancer-b'), at(minutes), random.fork(`close ${minutes}`)));
  }

  const minutes = Map.groupBy(planned, (each) => Math.floor(each.start / MINUTE));
  const traffic = createTraffic(world, random.fork('traffic'));
  const arrivals = random.fork('arrivals');
  const place: Place = {
    world,
    vpcs: world.vpcs.filter(({ accountId }) => accountId === PRODUCTION_ACCOUNT),
    changes,
    gaps,
    conditions,
    /** Ordinary traffic goes on until the minute has had its probes; then comes what is planned. */
    *conversations(minute) {
      let probes = 0;
      for (const wanted = poisson(PROBES_PER_HOUR / 60, arrivals); probes < wanted; ) {
        for (const conversation of traffic.next(minute + arrivals.integer(0, MINUTE - 1))) {
          if (isProbe(conversation)) probes++;
          yield conversation;
        }
      }
      yield* minutes.get(minute / MINUTE) ?? [];
    },
  };
  return { start, hours: plan.hours, places: [place] };
}

function isRefused({ sighting }: FlowRecord, server: NetworkInterface, ports: readonly number[]): boolean {
  return sighting.observer === server && ports.includes(sighting.dstport);
}

/** One packet from the internet to an interface of the account. */
function isProbe({ client, server, request }: Conversation): boolean {
  const isOwn = server.interface?.subnet.vpc.accountId === PRODUCTION_ACCOUNT;
  return isOwn && client.interface === undefined && request.packets === 1;
}

const OTLP = 4317;
const COLLECTORS = ['34.117.9.21', '34.117.9.22', '34.117.9.23'] as const;

/** Two workers know one collector, the others three, which they try in turn; each every quarter of a minute. */
function telemetry(
  workers: readonly NetworkInterface[],
  start: number,
  hours: number,
  random: Random,
): Conversation[] {
  return workers.flatMap((worker, index) =>
    Array.from({ length: hours * 240 }, (_, count) => {
      const address = index < 2 ? COLLECTORS[0] : COLLECTORS[count % COLLECTORS.length]!;
      return attempt(
        endpointOf(worker),
        { address },
        [clientPort(random), OTLP],
        start + count * 15 + index,
        2,
      );
    }),
  );
}

/** Each port of each host once, the hosts in an order of their own. */
function sweep(
  from: NetworkInterface,
  hosts: readonly NetworkInterface[],
  ports: readonly number[],
  start: number,
  random: Random,
): Conversation[] {
  const targets = hosts.filter((each) => each !== from);
  return targets.flatMap((host, index) =>
    ports.map((port, turn) => {
      const time = start + Math.floor(((index + turn / ports.length) * 600) / targets.length);
      return attempt(endpointOf(from), endpointOf(host), [clientPort(random), port], time, 2);
    }),
  );
}

const PORTS_SCANNED = 1000;
const HOSTS_AT_ONCE = 4;
const SECONDS_PER_HOST = 480;

/** A thousand ports of every host, some hosts at a time. */
function scanAll(
  from: NetworkInterface,
  hosts: readonly NetworkInterface[],
  start: number,
  random: Random,
): Conversation[] {
  return hosts
    .filter((each) => each !== from)
    .flatMap((host, index) => {
      const begin = start + Math.floor(index / HOSTS_AT_ONCE) * SECONDS_PER_HOST;
      return Array.from({ length: PORTS_SCANNED }, (_, count) => {
        const time = begin + Math.floor((count * SECONDS_PER_HOST) / PORTS_SCANNED);
        const port = 1 + ((count * 389) % PORTS_SCANNED);
        return attempt(endpointOf(from), endpointOf(host), [clientPort(random), port], time, 1);
      });
    });
}

/**
 * Scanners that make themselves felt, beyond the probes of many sources: each hour three that ask every public address
 * for one port, every other hour one that tries 300 ports of one address.
 */
function internetScanners(world: World, start: number, hours: number, random: Random): Conversation[] {
  const open = world.interfaces.filter(
    (each) => each.subnet.name.startsWith('public') && each.subnet.vpc.accountId === PRODUCTION_ACCOUNT,
  );
  const probe = (address: string, target: NetworkInterface, port: number, time: number): Conversation => ({
    ...attempt({ address }, endpointOf(target), [clientPort(random), port], time, 1),
    ending: target.interfaceType === 'nat_gateway' ? 'silent' : 'reset',
  });
  const found: Conversation[] = [];
  for (let hour = 0; hour < hours; hour++) {
    for (let count = 0; count < 3; count++) {
      const [address, port] = [internetAddress(random), random.pick([22, 3389, 445, 8443, 6379, 9200])];
      const begin = start + hour * 3600 + random.integer(0, 3000);
      found.push(...open.map((target, index) => probe(address, target, port, begin + index)));
    }
    if (hour % 2 === 1) continue;
    const [address, target] = [internetAddress(random), random.pick(open)];
    const begin = start + hour * 3600 + random.integer(0, 2400);
    for (let count = 0; count < 300; count++) {
      found.push(probe(address, target, random.integer(1, 10_000), begin + count * 2));
    }
  }
  return found;
}

/** Three hundred connections end within two minutes, and of each a packet comes too late. */
function closeAll(server: NetworkInterface, start: number, random: Random): Conversation[] {
  return Array.from({ length: 300 }, (): Conversation => {
    const duration = random.integer(20, 240);
    return {
      client: { address: internetAddress(random) },
      server: endpointOf(server),
      protocol: TCP,
      clientPort: clientPort(random),
      serverPort: 443,
      start: start + 240 - duration + random.integer(0, 120),
      duration,
      request: tcpVolume(900, 18_000),
      reply: tcpVolume(18_000, 900),
      ending: 'closed',
      late: { ...latePackets(random), from: 'client' },
    };
  });
}

/** How many of a number of independent events on average (below some hundreds) happen. */
export function poisson(mean: number, random: Random): number {
  let count = 0;
  for (let sum = random.exponential(1); sum < mean; sum += random.exponential(1)) count++;
  return count;
}
