/**
 * The example organization: a production and a staging VPC in one account, shared services in another, joined by a
 * peering connection and a transit gateway that also leads to the own premises. It is the same in every run; a seed
 * changes only who talks when, so scenarios can state their resources and addresses as constants.
 *
 *   internet ── load-balancer-a/b ── app-* ── orders-db-*, cache-*      production 10.20.0.0/16, 111122223333
 *      │        bastion, public-api     └── S3 endpoint, NAT gateways
 *      └─────── worker-* (through nat-a/b)
 *                       ║ transit gateway ══ VPN ══ own premises 192.168.0.0/16
 *               repository-*, log-collector, runner-*                   shared     10.40.0.0/16, 444455556666
 *               staging-app-* (peered with production)                  staging    10.60.0.0/16, 111122223333
 */
import { addressBlock, ipv4Number, ipv4Text } from './addresses.ts';
import type {
  AclRule,
  EcsTask,
  InterfaceType,
  NetworkAcl,
  NetworkInterface,
  Role,
  Route,
  RouteTarget,
  Rule,
  SecurityGroup,
  Subnet,
  TransitAttachment,
  Vpc,
  World,
} from './world.ts';
import { hexDigits, resourceId } from './world.ts';

export const PRODUCTION_ACCOUNT = '111122223333';
export const SHARED_ACCOUNT = '444455556666';
export const REGION = 'eu-west-1';

const TCP = 6;
const UDP = 17;
const ANYWHERE = ['0.0.0.0/0', '::/0'];
const PRODUCTION = ['10.20.0.0/16', '2001:db8:1234:a100::/56'];
const STAGING = ['10.60.0.0/16', '2001:db8:1234:c300::/56'];
const SHARED = ['10.40.0.0/16', '2001:db8:1234:b200::/56'];
const PREMISES = ['192.168.0.0/16'];
const INSIDE = [...PRODUCTION, ...STAGING, ...SHARED, ...PREMISES];
/** A stand-in for the address range of the S3 gateway endpoint's prefix list. */
export const S3_BLOCK = '52.218.0.0/17';

function rules(
  protocol: number | 'any',
  ports: number | readonly [number, number],
  peers: readonly string[],
): Rule[] {
  const [fromPort, toPort] = typeof ports === 'number' ? [ports, ports] : ports;
  return peers.map((peer) => ({ protocol, fromPort, toPort, peer: addressBlock(peer) }));
}
const everything = (peers: readonly string[]): Rule[] => rules('any', [0, 65535], peers);

function securityGroup(
  name: string,
  inbound: Rule[],
  outbound: Rule[] = everything(ANYWHERE),
): SecurityGroup {
  return { id: resourceId('sg', name), name, inbound, outbound };
}
const scrape = rules(TCP, 9100, INSIDE);
const ping = [...rules(1, 0, INSIDE), ...rules(58, 0, INSIDE)];
const ssh = rules(TCP, 22, ['10.20.0.0/24', '192.168.0.0/16']);

const GROUPS = {
  loadBalancer: securityGroup('load-balancer', [...rules(TCP, 80, ANYWHERE), ...rules(TCP, 443, ANYWHERE)]),
  app: securityGroup('app', [...rules(TCP, 8080, INSIDE), ...scrape, ...ping, ...ssh]),
  /** Workers may call web services and what is inside, nothing else: their telemetry port is forgotten here. */
  worker: securityGroup(
    'worker',
    [...scrape, ...ping, ...ssh],
    [...rules(TCP, 443, ANYWHERE), ...rules(UDP, 123, ANYWHERE), ...everything(INSIDE)],
  ),
  /** Only the app subnets' servers may reach the orders database; workers are forgotten too. */
  database: securityGroup('orders-db', [
    ...rules(TCP, 5432, ['10.20.16.0/20', '10.20.32.0/20']),
    ...scrape,
    ...ping,
  ]),
  cache: securityGroup('cache', [...rules(TCP, 6379, [...PRODUCTION, ...STAGING]), ...scrape, ...ping]),
  resolver: securityGroup('resolver', [
    ...rules(UDP, 53, INSIDE),
    ...rules(TCP, 53, INSIDE),
    ...scrape,
    ...ping,
  ]),
  bastion: securityGroup('bastion', [...rules(TCP, 22, ANYWHERE), ...scrape, ...ping]),
  publicApi: securityGroup('public-api', [...rules(TCP, 443, ANYWHERE), ...scrape, ...ping]),
  reports: securityGroup('reports', [...rules(TCP, 8443, INSIDE), ...ping]),
  endpoint: securityGroup('endpoint', [...rules(TCP, 443, INSIDE), ...rules(TCP, 80, INSIDE), ...ping]),
  services: securityGroup('services', [
    ...rules(TCP, 443, INSIDE),
    ...rules(TCP, 9200, INSIDE),
    ...rules(UDP, 514, INSIDE),
    ...scrape,
    ...ping,
  ]),
  closed: securityGroup('closed', [...scrape, ...ping]),
} as const;

/** What `public-api` gets when someone attaches the wrong security group: its public port is no longer allowed. */
export const PUBLIC_API_WITHOUT_HTTPS = securityGroup('public-api-internal', [
  ...rules(TCP, 443, INSIDE),
  ...scrape,
  ...ping,
]);

/** What the bastion gets for a test: whoever asks may ask its name server. */
export const BASTION_WITH_OPEN_DNS = securityGroup('bastion-with-dns', [
  ...GROUPS.bastion.inbound,
  ...rules(UDP, 53, ANYWHERE),
]);

function acl(name: string, inbound: readonly Rule[], outbound: readonly Rule[]): NetworkAcl {
  const allow = (rule: Rule): AclRule => ({ ...rule, allow: true });
  return { id: resourceId('acl', name), name, inbound: inbound.map(allow), outbound: outbound.map(allow) };
}
const OPEN_ACL = acl('open', everything(ANYWHERE), everything(ANYWHERE));
/** Written as if network ACLs were stateful: requests may come in, but replies to ephemeral ports may not leave. */
const FORGETFUL_ACL = acl('reports', everything(INSIDE), [
  ...rules(TCP, [1, 1023], INSIDE),
  ...rules(UDP, [0, 65535], INSIDE),
  ...rules(1, 0, INSIDE),
]);

function vpc(
  name: string,
  accountId: string,
  [block, blockV6]: readonly string[],
  controls: Partial<Pick<Vpc, 'blocksPublicAccess' | 'enforcesEncryption'>> = {},
): Vpc {
  return {
    name,
    id: resourceId('vpc', name),
    accountId,
    region: REGION,
    block: addressBlock(block!),
    blockV6: addressBlock(blockV6!),
    flowLogId: resourceId('fl', name),
    blocksPublicAccess: false,
    enforcesEncryption: false,
    ...controls,
  };
}

function subnet(name: string, of: Vpc, zone: 1 | 2, block: string, aclInEffect = OPEN_ACL): Subnet {
  // The /64 of a subnet is the VPC's /56 with the subnet's third octet in place of its last two digits.
  const octet = Math.floor(ipv4Number(block.split('/')[0]!) / 256) % 256;
  const prefixV6 = of.blockV6.text.split('00::')[0]! + octet.toString(16).padStart(2, '0');
  return {
    name,
    id: resourceId('subnet', `${of.name} ${name}`),
    vpc: of,
    azId: `euw1-az${zone}`,
    block: addressBlock(block),
    prefixV6,
    routes: [],
    acl: aclInEffect,
  };
}

interface Placement {
  readonly role: Role;
  readonly subnet: Subnet;
  /** Number of the address in its subnet. */
  readonly host: number;
  readonly securityGroup?: SecurityGroup;
  readonly interfaceType?: InterfaceType;
  /** Managed by AWS: has no instance id. Load balancers are, without an interface type of their own. */
  readonly managed?: boolean;
  readonly ecsService?: string;
}

function networkInterface(name: string, placement: Placement): NetworkInterface {
  const { role, subnet: home, host, interfaceType = '-', managed = interfaceType !== '-' } = placement;
  const first = ipv4Number(home.block.text.split('/')[0]!);
  const digits = hexDigits(`address ${name}`, 12);
  return {
    name,
    id: resourceId('eni', name),
    role,
    interfaceType,
    loggedAccountId: interfaceType === 'vpc_endpoint' ? 'unknown' : home.vpc.accountId,
    subnet: home,
    address: ipv4Text(first + host),
    // Pods take addresses from the end of the subnet downwards.
    secondaryAddress: ipv4Text(first + 2 ** (32 - home.block.prefixLength) - 2 - host),
    // No digit group starts with zero, so that the text is already in its shortest form.
    addressV6: `${home.prefixV6}:1${digits.slice(0, 3)}:2${digits.slice(3, 6)}:3${digits.slice(6, 9)}:4${digits.slice(9)}`,
    instanceId: managed || placement.ecsService !== undefined ? '-' : resourceId('i', name),
    securityGroup: placement.securityGroup,
    ecsTask: placement.ecsService === undefined ? undefined : ecsTask(placement.ecsService, name),
    intervalOffset: Number.parseInt(hexDigits(`interval ${name}`, 6), 16) % 60,
  };
}

function ecsTask(serviceName: string, name: string): EcsTask {
  return {
    clusterName: 'production',
    serviceName,
    taskId: hexDigits(`task ${name}`, 32),
    containerId: `${hexDigits(`task ${name}`, 32)}-${Number.parseInt(hexDigits(name, 7), 16)}`,
  };
}

/**
 * Builds the example organization.
 *
 * `fleet` adds that many ordinary interfaces (app servers, workers, caches and idle ones) to the production VPC, up to
 * 8,000, for logs of a large estate. Everything else stays the same.
 */
export function buildOrganization(fleet = 0): World {
  if (!Number.isInteger(fleet) || fleet < 0 || fleet > 8000) {
    throw new RangeError(`fleet must be a whole number from 0 to 8000, not ${fleet}`);
  }
  // The account blocks public access; its production VPC is excluded.
  const production = vpc('production', PRODUCTION_ACCOUNT, PRODUCTION, { enforcesEncryption: true });
  const staging = vpc('staging', PRODUCTION_ACCOUNT, STAGING, { blocksPublicAccess: true });
  const shared = vpc('shared', SHARED_ACCOUNT, SHARED);

  const publicA = subnet('public-a', production, 1, '10.20.0.0/24');
  const publicB = subnet('public-b', production, 2, '10.20.1.0/24');
  const dataA = subnet('data-a', production, 1, '10.20.8.0/24');
  const dataB = subnet('data-b', production, 2, '10.20.9.0/24');
  const reportsA = subnet('reports-a', production, 1, '10.20.10.0/24', FORGETFUL_ACL);
  const workersA = subnet('workers-a', production, 1, '10.20.12.0/24');
  const workersB = subnet('workers-b', production, 2, '10.20.13.0/24');
  const transitA = subnet('transit-a', production, 1, '10.20.15.0/28');
  const transitB = subnet('transit-b', production, 2, '10.20.15.16/28');
  const appA = subnet('app-a', production, 1, '10.20.16.0/20');
  const appB = subnet('app-b', production, 2, '10.20.32.0/20');
  const stagingA = subnet('staging-a', staging, 1, '10.60.0.0/20');
  const servicesA = subnet('services-a', shared, 1, '10.40.16.0/20');
  const servicesB = subnet('services-b', shared, 2, '10.40.32.0/20');
  const sharedPublic = subnet('public-a', shared, 1, '10.40.0.0/24');
  const sharedTransitA = subnet('transit-a', shared, 1, '10.40.1.0/28');
  const sharedTransitB = subnet('transit-b', shared, 2, '10.40.1.16/28');

  const interfaces: NetworkInterface[] = [];
  const place = (name: string, placement: Placement): NetworkInterface => {
    const placed = networkInterface(name, placement);
    interfaces.push(placed);
    return placed;
  };
  /** `count` interfaces, in turn in each of the subnets, numbered from 1. */
  const spread = (
    name: string,
    count: number,
    subnets: readonly Subnet[],
    firstHost: number,
    rest: Omit<Placement, 'subnet' | 'host'>,
    firstNumber = 1,
  ): void => {
    for (let i = 0; i < count; i++) {
      const host = firstHost + Math.floor(i / subnets.length);
      place(`${name}-${firstNumber + i}`, { ...rest, subnet: subnets[i % subnets.length]!, host });
    }
  };

  for (const [zone, home] of [
    ['a', publicA],
    ['b', publicB],
  ] as const) {
    place(`load-balancer-${zone}`, {
      role: 'load-balancer',
      subnet: home,
      host: 41,
      securityGroup: GROUPS.loadBalancer,
      managed: true,
    });
  }
  const natA = place('nat-a', { role: 'nat', subnet: publicA, host: 220, interfaceType: 'nat_gateway' });
  const natB = place('nat-b', { role: 'nat', subnet: publicB, host: 221, interfaceType: 'nat_gateway' });
  place('bastion', { role: 'bastion', subnet: publicA, host: 12, securityGroup: GROUPS.bastion });
  place('public-api', { role: 'public-api', subnet: publicB, host: 30, securityGroup: GROUPS.publicApi });
  place('reports', { role: 'reports', subnet: reportsA, host: 17, securityGroup: GROUPS.reports });
  spread('app', 8, [appA, appB], 21, { role: 'app', securityGroup: GROUPS.app });
  spread('worker', 2, [workersA, workersB], 61, { role: 'worker', securityGroup: GROUPS.worker });
  spread('order-task', 2, [workersA, workersB], 81, {
    role: 'worker',
    securityGroup: GROUPS.worker,
    ecsService: 'order-worker',
  });
  spread('orders-db', 2, [dataA, dataB], 10, { role: 'database', securityGroup: GROUPS.database });
  spread('cache', 2, [dataA, dataB], 20, { role: 'cache', securityGroup: GROUPS.cache });
  spread('resolver', 2, [dataA, dataB], 53, { role: 'resolver', securityGroup: GROUPS.resolver });
  place('monitor', { role: 'monitor', subnet: appA, host: 90, securityGroup: GROUPS.closed });
  spread('ssm-endpoint', 2, [appA, appB], 130, {
    role: 'endpoint',
    securityGroup: GROUPS.endpoint,
    interfaceType: 'vpc_endpoint',
  });
  spread('standby', 2, [dataA, dataB], 70, { role: 'standby', securityGroup: GROUPS.closed });

  spread('staging-app', 3, [stagingA], 21, { role: 'app', securityGroup: GROUPS.app });
  place('staging-cache', { role: 'cache', subnet: stagingA, host: 80, securityGroup: GROUPS.cache });
  place('staging-standby', { role: 'standby', subnet: stagingA, host: 90, securityGroup: GROUPS.closed });

  spread('repository', 2, [servicesA, servicesB], 10, { role: 'repository', securityGroup: GROUPS.services });
  place('log-collector', {
    role: 'log-collector',
    subnet: servicesA,
    host: 30,
    securityGroup: GROUPS.services,
  });
  spread('runner', 4, [servicesA, servicesB], 40, { role: 'runner', securityGroup: GROUPS.closed });
  const sharedNat = place('shared-nat', {
    role: 'nat',
    subnet: sharedPublic,
    host: 220,
    interfaceType: 'nat_gateway',
  });

  const attachment = (name: string, of: Vpc | undefined, subnets: readonly Subnet[]): TransitAttachment => ({
    name,
    id: resourceId('tgw-attach', name),
    accountId: of?.accountId ?? '-',
    vpc: of,
    interfaces: subnets.map((home, i) =>
      place(`${name}-attachment-${i + 1}`, {
        role: 'attachment',
        subnet: home,
        host: 5 + i,
        interfaceType: 'transit_gateway',
      }),
    ),
    intervalOffset: Number.parseInt(hexDigits(`interval ${name}`, 6), 16) % 60,
  });
  const productionAttachment = attachment('production', production, [transitA, transitB]);
  const sharedAttachment = attachment('shared', shared, [sharedTransitA, sharedTransitB]);
  const vpn = attachment('vpn', undefined, []);

  const toTransit = (from: TransitAttachment, blocks: readonly string[]): Route[] =>
    routes({ kind: 'transit-gateway', attachment: from }, blocks);
  const productionInside = [
    ...routes({ kind: 'local' }, PRODUCTION),
    ...routes({ kind: 'peering' }, STAGING),
    ...toTransit(productionAttachment, ['10.40.0.0/16', '10.80.0.0/16', '192.168.0.0/16']),
    ...routes({ kind: 'gateway-endpoint' }, [S3_BLOCK]),
  ];
  const sharedInside = [
    ...routes({ kind: 'local' }, SHARED),
    ...toTransit(sharedAttachment, ['10.20.0.0/16', '10.80.0.0/16', '192.168.0.0/16']),
  ];
  for (const home of [publicA, publicB]) {
    setRoutes(home, [...productionInside, ...routes({ kind: 'internet-gateway' }, ANYWHERE)]);
  }
  for (const home of [appA, workersA]) setRoutes(home, [...productionInside, ...natRoute(natA)]);
  // One route table was given an IPv6 route to the internet gateway, past the NAT gateway.
  setRoutes(appB, [
    ...productionInside,
    ...natRoute(natB),
    ...routes({ kind: 'internet-gateway' }, ['::/0']),
  ]);
  setRoutes(workersB, [...productionInside, ...natRoute(natB)]);
  for (const home of [dataA, dataB, reportsA, transitA, transitB]) {
    setRoutes(home, [...productionInside, ...natRoute(home.azId === natA.subnet.azId ? natA : natB)]);
  }
  setRoutes(stagingA, [
    ...routes({ kind: 'local' }, STAGING),
    ...routes({ kind: 'peering' }, PRODUCTION),
    ...routes({ kind: 'internet-gateway' }, ['0.0.0.0/0']),
  ]);
  for (const home of [servicesA, servicesB, sharedTransitA, sharedTransitB]) {
    setRoutes(home, [...sharedInside, ...natRoute(sharedNat)]);
  }
  setRoutes(sharedPublic, [...sharedInside, ...routes({ kind: 'internet-gateway' }, ANYWHERE)]);

  // The fleet comes last, so that the interfaces above are the same whatever its size.
  const fleetOf = (share: number): number => Math.floor(fleet * share);
  const idle = fleetOf(0.1);
  const caches = Math.min(fleetOf(0.1), 60);
  const apps = fleet - idle - caches;
  spread('app', apps, [appA, appB], 140, { role: 'app', securityGroup: GROUPS.app }, 9);
  spread('cache', caches, [dataA, dataB], 100, { role: 'cache', securityGroup: GROUPS.cache }, 3);
  spread('standby', idle, [appA, appB], 3500, { role: 'standby', securityGroup: GROUPS.closed }, 3);

  return {
    vpcs: [production, staging, shared],
    interfaces,
    transitGateway: {
      id: resourceId('tgw', 'organization'),
      accountId: SHARED_ACCOUNT,
      region: REGION,
      flowLogId: resourceId('fl', 'transit-gateway'),
      routes: [
        { destination: addressBlock('10.20.0.0/16'), target: productionAttachment },
        { destination: addressBlock('10.40.0.0/16'), target: sharedAttachment },
        { destination: addressBlock('192.168.0.0/16'), target: vpn },
        // A VPC that was deleted: its attachment is gone, its static route was left behind.
        { destination: addressBlock('10.80.0.0/16'), target: 'blackhole' },
      ],
    },
  };
}

function routes(target: RouteTarget, blocks: readonly string[]): Route[] {
  return blocks.map((block) => ({ destination: addressBlock(block), target }));
}

function natRoute(nat: NetworkInterface): Route[] {
  return routes({ kind: 'nat-gateway', nat }, ['0.0.0.0/0']);
}

function setRoutes(of: Subnet, unsorted: readonly Route[]): void {
  of.routes.push(...unsorted.toSorted((a, b) => b.destination.prefixLength - a.destination.prefixLength));
}

/** The example organization without a fleet. Scenarios name its resources. */
export const EXAMPLE_ORGANIZATION: World = buildOrganization();
