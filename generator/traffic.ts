/**
 * Ordinary traffic: the kinds of conversations that the example organization has all day, each with its share. It
 * includes what an alert must not take for an attack: scattered scanning, health checks, late packets, refused
 * connections.
 */
import type { Conversation, Ending, Volume } from './conversation.ts';
import { ICMP, ICMPV6, TCP, UDP } from './conversation.ts';
import { internetAddress, internetAddressV6 } from './internet-addresses.ts';
import { S3_BLOCK } from './organization.ts';
import type { Random } from './random.ts';
import { clientPort, latePackets, tcpVolume } from './volumes.ts';
import type { Endpoint, NetworkInterface, Role, World } from './world.ts';
import { endpointOf, interfaceNamed } from './world.ts';

/** Makes the conversations of one kind of activity that begins at a time. */
type Activity = (start: number) => readonly Conversation[];

export interface Traffic {
  /** The conversations of one random activity that begins at `start` (Unix seconds). */
  next(start: number): readonly Conversation[];
  /** Connections that were opened before `start`, at most half an hour, and are still open. */
  alreadyOpen(start: number): readonly Conversation[];
}

/** Which activities: all, or only those whose packets cross the transit gateway. */
export type TrafficMix = 'all' | 'transit';

const HTTPS = 443;
/** No connection is longer, so what a generator must remember ahead is bounded. */
const LONGEST_SECONDS = 1800;
/** What scanners look for, most wanted first. */
const SCANNED_PORTS = [
  23, 22, 8080, 3389, 445, 80, 5060, 8443, 6379, 1433, 2323, 5555, 3306, 8088, 81, 9200, 5432, 2375, 7547,
  37215, 25, 110, 21, 5900, 8545, 27017, 11211, 1883, 161, 123,
] as const;

/** Ordinary traffic of a world, fully determined by the random numbers. */
export function createTraffic(world: World, random: Random, mix: TrafficMix = 'all'): Traffic {
  const inVpc = (vpc: string, ...roles: Role[]): NetworkInterface[] =>
    world.interfaces.filter((each) => each.subnet.vpc.name === vpc && roles.includes(each.role));
  const loadBalancers = inVpc('production', 'load-balancer');
  const apps = inVpc('production', 'app');
  const workers = inVpc('production', 'worker');
  const databases = inVpc('production', 'database');
  const caches = inVpc('production', 'cache');
  const resolvers = inVpc('production', 'resolver');
  const endpoints = inVpc('production', 'endpoint');
  const servers = [...apps, ...workers];
  const scraped = inVpc(
    'production',
    'app',
    'worker',
    'database',
    'cache',
    'resolver',
    'bastion',
    'public-api',
  );
  const stagingApps = inVpc('staging', 'app');
  const stagingCaches = inVpc('staging', 'cache');
  const runners = inVpc('shared', 'runner');
  const repositories = inVpc('shared', 'repository');
  const publicInterfaces = world.interfaces.filter(
    (each) => each.subnet.name.startsWith('public') && each.role !== 'attachment',
  );
  const monitor = interfaceNamed(world, 'monitor');
  const bastion = interfaceNamed(world, 'bastion');
  const publicApi = interfaceNamed(world, 'public-api');
  const reports = interfaceNamed(world, 'reports');
  const logCollector = interfaceNamed(world, 'log-collector');

  // Regular visitors come back, so a few addresses dominate.
  const visitors = Array.from({ length: 2000 }, () => internetAddress(random));
  const visitorsV6 = Array.from({ length: 200 }, () => internetAddressV6(random));
  const scanners = Array.from({ length: 400 }, () => internetAddress(random));
  const partners = Array.from({ length: 40 }, () => internetAddress(random));
  const suppliers = Array.from({ length: 60 }, () => internetAddress(random));
  const office = Array.from(
    { length: 30 },
    () => `192.168.${random.integer(10, 14)}.${random.integer(20, 220)}`,
  );
  const [s3First, s3Length] = S3_BLOCK.split('/') as [string, string];
  const s3Octets = s3First.split('.').slice(0, 2).join('.');
  const s3Addresses = Array.from(
    { length: 24 },
    () => `${s3Octets}.${random.integer(0, 2 ** (24 - Number(s3Length)) - 1)}.${random.integer(1, 254)}`,
  );
  const external = (addresses: readonly string[]): Endpoint => ({ address: random.pickZipf(addresses) });
  const to = (candidates: readonly NetworkInterface[]): Endpoint => endpointOf(random.pick(candidates));
  const busy = (candidates: readonly NetworkInterface[]): Endpoint => endpointOf(random.pickZipf(candidates));

  const tcp = (
    client: Endpoint,
    server: Endpoint,
    serverPort: number,
    start: number,
    size: Shape,
  ): Conversation => {
    const duration = Math.min(LONGEST_SECONDS, Math.floor(size.seconds));
    const request = tcpVolume(size.sent, size.received);
    const reply = tcpVolume(size.received, size.sent);
    const late = size.lateChance && random.chance(size.lateChance) ? latePackets(random) : undefined;
    return {
      client,
      server,
      protocol: TCP,
      clientPort: clientPort(random),
      serverPort,
      start,
      duration,
      request,
      reply,
      ending: size.ending ?? (random.chance(0.02) ? 'reset' : 'closed'),
      ...(late && { late }),
    };
  };
  const datagrams = (
    client: Endpoint,
    server: Endpoint,
    serverPort: number,
    start: number,
    request: Volume,
    reply: Volume,
  ): Conversation => ({
    client,
    server,
    protocol: UDP,
    clientPort: clientPort(random),
    serverPort,
    start,
    duration: 0,
    request,
    reply,
    ending: reply.packets === 0 ? 'silent' : 'closed',
  });
  const bytes = (median: number, sigma: number): number =>
    Math.ceil(Math.min(random.lognormal(median, sigma), 4e9));

  const visit: Activity = (start) => {
    const balancer = random.pick(loadBalancers);
    const overV6 = random.chance(0.15);
    const client: Endpoint = overV6
      ? external(visitorsV6)
      : { ...external(visitors), ...(random.chance(0.1) && { awsService: 'CLOUDFRONT' }) };
    const received = bytes(18_000, 1.8);
    const sent = bytes(900, 0.7);
    const seconds = random.lognormal(4, 1.3);
    const outside = tcp(
      client,
      endpointOf(balancer, overV6 ? balancer.addressV6 : balancer.address),
      HTTPS,
      start,
      {
        sent,
        received,
        seconds,
        lateChance: 0.03,
      },
    );
    const inside = tcp(endpointOf(balancer), to(apps), 8080, start, { sent, received, seconds: seconds / 2 });
    return [outside, inside];
  };

  const healthCheck: Activity = (start) => [
    tcp(to(loadBalancers), to(apps), 8080, start, { sent: 130, received: 240, seconds: 0, ending: 'closed' }),
  ];

  const databaseSession: Activity = (start) => [
    tcp(busy(apps), to(databases), 5432, start, {
      sent: bytes(4_000, 1.6),
      received: bytes(25_000, 2),
      seconds: random.lognormal(40, 1.8),
    }),
  ];

  const cacheSession: Activity = (start) => {
    const client = random.pickZipf(apps);
    const server = random.pick(caches);
    const overV6 = random.chance(0.25);
    return [
      tcp(
        endpointOf(client, overV6 ? client.addressV6 : client.address),
        endpointOf(server, overV6 ? server.addressV6 : server.address),
        6379,
        start,
        { sent: bytes(1_500, 1.4), received: bytes(6_000, 1.8), seconds: random.lognormal(10, 1.6) },
      ),
    ];
  };

  const lookUpName: Activity = (start) => {
    const client = random.pick(servers);
    const server = random.pick(resolvers);
    const overV6 = random.chance(0.3);
    const questions = random.integer(1, 2);
    const lookUp = datagrams(
      endpointOf(client, overV6 ? client.addressV6 : client.address),
      endpointOf(server, overV6 ? server.addressV6 : server.address),
      53,
      start,
      { packets: questions, bytes: questions * random.integer(56, 90) },
      { packets: questions, bytes: questions * random.integer(90, 420) },
    );
    if (random.chance(0.7)) return [lookUp];
    // Not in the resolver's cache: it asks an authoritative server, through the NAT gateway.
    const forwarded = datagrams(
      endpointOf(server),
      external(suppliers),
      53,
      start,
      { packets: 1, bytes: random.integer(60, 95) },
      { packets: 1, bytes: random.integer(100, 480) },
    );
    return [lookUp, forwarded];
  };

  const objectStore: Activity = (start) => {
    const upload = random.chance(0.3);
    const large = bytes(400_000, 2.2);
    const worker = random.pick(workers);
    // Some workers are pods with an address of their own behind the interface's primary one.
    const address = random.chance(0.3) ? worker.secondaryAddress : worker.address;
    return [
      tcp(
        endpointOf(worker, address),
        { address: random.pick(s3Addresses), awsService: 'S3' },
        HTTPS,
        start,
        {
          sent: upload ? large : 2_000,
          received: upload ? 1_500 : large,
          seconds: 1 + large / 20_000_000 + random.lognormal(3, 1),
        },
      ),
    ];
  };

  const callSupplier: Activity = (start) => [
    tcp(to(random.chance(0.7) ? workers : apps), external(suppliers), HTTPS, start, {
      sent: bytes(3_000, 1.2),
      received: bytes(9_000, 1.7),
      seconds: random.lognormal(6, 1.4),
      lateChance: 0.02,
    }),
  ];

  const manageInstance: Activity = (start) => [
    tcp(to(apps), to(endpoints), HTTPS, start, {
      sent: bytes(2_500, 0.5),
      received: bytes(4_000, 0.6),
      seconds: random.lognormal(60, 1),
    }),
  ];

  const scrape: Activity = (start) => [
    tcp(endpointOf(monitor), to(random.chance(0.9) ? scraped : stagingApps), 9100, start, {
      sent: 420,
      received: bytes(32_000, 0.4),
      seconds: 0,
    }),
  ];

  const ping: Activity = (start) => {
    const target = random.pick(scraped);
    const overV6 = random.chance(0.2);
    const packets = { packets: 3, bytes: 252 };
    return [
      {
        client: endpointOf(monitor, overV6 ? monitor.addressV6 : monitor.address),
        server: endpointOf(target, overV6 ? target.addressV6 : target.address),
        protocol: overV6 ? ICMPV6 : ICMP,
        clientPort: 0,
        serverPort: 0,
        start,
        duration: 2,
        request: packets,
        reply: packets,
        ending: 'closed',
      },
    ];
  };

  const setClock: Activity = (start) => {
    const packet = { packets: 1, bytes: 76 };
    return [datagrams(to(workers), external(suppliers), 123, start, packet, packet)];
  };

  const partnerCall: Activity = (start) => [
    tcp(external(partners), endpointOf(publicApi), HTTPS, start, {
      sent: bytes(5_000, 1.3),
      received: bytes(7_000, 1.5),
      seconds: random.lognormal(5, 1.2),
      lateChance: 0.05,
    }),
  ];

  const administer: Activity = (start) => {
    const seconds = random.lognormal(300, 1);
    const shape = { sent: bytes(20_000, 1), received: bytes(60_000, 1.2), seconds };
    return [
      tcp(external(partners), endpointOf(bastion), 22, start, shape),
      tcp(endpointOf(bastion), to(apps), 22, start, { ...shape, seconds: seconds * 0.8 }),
    ];
  };

  const refusedConnection: Activity = (start) => [
    tcp(to(apps), to(resolvers), 53, start, { sent: 60, received: 40, seconds: 0, ending: 'refused' }),
  ];

  /** One probe by one of many sources: what every public address sees all day. */
  const scan: Activity = (start) => {
    const target = random.pick(publicInterfaces);
    const port = random.chance(0.8) ? random.pickZipf(SCANNED_PORTS) : random.integer(1, 65535);
    const address = random.chance(0.5) ? random.pick(scanners) : internetAddress(random);
    const udp = port === 5060 || port === 161 || port === 123 || port === 1883;
    const probe: Conversation = {
      client: { address },
      server: endpointOf(target),
      protocol: udp ? UDP : TCP,
      clientPort: random.integer(1024, 65535),
      serverPort: port,
      start,
      duration: 0,
      request: { packets: 1, bytes: udp ? random.integer(60, 450) : random.pick([40, 44, 60]) },
      reply: { packets: 1, bytes: 44 },
      // A NAT gateway accepts what nobody asked for and drops it without an answer.
      ending: target.interfaceType === 'nat_gateway' ? 'silent' : 'reset',
    };
    return [probe];
  };

  const fetchArtifact: Activity = (start) => [
    tcp(to(random.chance(0.6) ? servers : runners), to(repositories), HTTPS, start, {
      sent: bytes(1_800, 0.6),
      received: bytes(90_000, 2),
      seconds: random.lognormal(3, 1.2),
    }),
  ];

  const shipLogs: Activity = (start) => {
    if (random.chance(0.5)) {
      return [
        tcp(to(servers), endpointOf(logCollector), 9200, start, {
          sent: bytes(40_000, 1.3),
          received: bytes(2_000, 0.5),
          seconds: random.lognormal(20, 1.2),
        }),
      ];
    }
    const packets = random.integer(1, 30);
    const messages = { packets, bytes: packets * random.integer(180, 900) };
    return [datagrams(to(servers), endpointOf(logCollector), 514, start, messages, { packets: 0, bytes: 0 })];
  };

  const useFromOffice: Activity = (start) => {
    const [server, port]: readonly [Endpoint, number] = random.chance(0.6)
      ? [to(apps), 8080]
      : [to(repositories), HTTPS];
    return [
      tcp(external(office), server, port, start, {
        sent: bytes(3_000, 1),
        received: bytes(45_000, 1.6),
        seconds: random.lognormal(15, 1.3),
      }),
    ];
  };

  const build: Activity = (start) => [
    tcp(to(runners), external(suppliers), HTTPS, start, {
      sent: bytes(4_000, 0.8),
      received: bytes(600_000, 2),
      seconds: random.lognormal(8, 1.2),
    }),
  ];

  const testInStaging: Activity = (start) => [
    tcp(to(stagingApps), random.chance(0.6) ? to(stagingCaches) : to(caches), 6379, start, {
      sent: bytes(1_000, 1),
      received: bytes(3_000, 1.2),
      seconds: random.lognormal(8, 1.3),
    }),
  ];

  /** The reports server sends its own statistics; who calls it is a scenario. */
  const sendStatistics: Activity = (start) => [
    tcp(endpointOf(reports), to(repositories), HTTPS, start, {
      sent: bytes(6_000, 0.6),
      received: bytes(1_200, 0.4),
      seconds: random.lognormal(2, 0.8),
    }),
  ];

  const crossingTransitGateway: readonly Share[] = [
    [6, fetchArtifact],
    [6, shipLogs],
    [5, useFromOffice],
    [1, sendStatistics],
  ];
  const shares: readonly Share[] =
    mix === 'transit'
      ? crossingTransitGateway
      : [
          ...crossingTransitGateway,
          [19, visit],
          [8, healthCheck],
          [9, databaseSession],
          [9, cacheSession],
          [13, lookUpName],
          [7, objectStore],
          [8, callSupplier],
          [2, manageInstance],
          [5, scrape],
          [2, ping],
          [2, setClock],
          [6, partnerCall],
          [0.3, administer],
          [1, refusedConnection],
          [110, scan],
          [3, build],
          [4, testInStaging],
        ];
  const choose = weightedChoice(shares, random);

  return {
    next: (start) => choose()(start),
    alreadyOpen(start) {
      const sessions = [databaseSession, cacheSession, administer, shipLogs, manageInstance];
      const candidates = mix === 'transit' ? [shipLogs] : sessions;
      const opened = Array.from({ length: 24 * candidates.length }, (_, i) => {
        const activity = candidates[i % candidates.length]!;
        return activity(start - random.integer(1, LONGEST_SECONDS));
      });
      return opened.flat().filter((each) => each.start + each.duration >= start);
    },
  };
}

type Share = readonly [weight: number, activity: Activity];

function weightedChoice(shares: readonly Share[], random: Random): () => Activity {
  const total = shares.reduce((sum, [weight]) => sum + weight, 0);
  return () => {
    let point = random.next() * total;
    for (const [weight, activity] of shares) {
      point -= weight;
      if (point < 0) return activity;
    }
    return shares.at(-1)![1];
  };
}

/** Payload of a TCP connection both ways, in bytes, and how long it takes. */
interface Shape {
  readonly sent: number;
  readonly received: number;
  readonly seconds: number;
  readonly ending?: Ending;
  readonly lateChance?: number;
}
