/** Renders records as the lines of a flow log. Each field is one entry of a table; a format picks from it. */

import { fieldsOf, TRANSIT_GATEWAY_FIELDS } from '../shared/flow-log/fields.ts';
import { isIPv6 } from './addresses.ts';
import { TCP } from './conversation.ts';
import type { FlowRecord, GapRecord, TransitRecord, VpcRecord } from './records.ts';
import type { NetworkInterface, World } from './world.ts';

const MISSING = '-';
type Value = string | number;

/** How a format's records become lines, without line ends. */
export interface LineFormat<Record> {
  readonly header: string;
  line(record: Record): string;
}

/** The lines of VPC flow logs with these fields, in this order. The fields must be known (see `parseVpcFormat`). */
export function vpcLineFormat(fields: readonly string[]): LineFormat<VpcRecord> {
  const known = fieldsOf('vpc');
  const version = Math.max(...fields.map((name) => known.find((field) => field.name === name)?.version ?? 2));
  const ofFlow = fields.map((name) => (name === 'version' ? () => version : FLOW_VALUES[name]!));
  const ofGap = fields.map((name) => (name === 'version' ? () => version : (GAP_VALUES[name] ?? missing)));
  return {
    header: fields.join(' '),
    line: (record) => (record.status === 'OK' ? join(ofFlow, record) : join(ofGap, record)),
  };
}

/** The lines of transit gateway flow logs in their default format: all 36 fields. */
export function transitLineFormat(world: World): LineFormat<TransitRecord> {
  const values = transitValues(world);
  const columns = TRANSIT_GATEWAY_FIELDS.map((field) => values[field.name]!);
  return {
    header: TRANSIT_GATEWAY_FIELDS.map((field) => field.name).join(' '),
    line: (record) => join(columns, record),
  };
}

function join<Record>(columns: readonly ((record: Record) => Value)[], record: Record): string {
  let line = String(columns[0]!(record));
  // Adding strings up beats an array and a join: the engine keeps the pieces as a rope until they are written.
  for (let i = 1; i < columns.length; i++) line += ` ${columns[i]!(record)}`;
  return line;
}

const missing = (): Value => MISSING;

type Values<Record> = { readonly [field: string]: (record: Record) => Value };

/** What a record of an interval without flows says: only where and when. */
const GAP_VALUES: Values<GapRecord> = {
  'account-id': (r) => r.observer.loggedAccountId,
  'interface-id': (r) => r.observer.id,
  start: (r) => r.start,
  end: (r) => r.end,
  'log-status': (r) => r.status,
};

const FLOW_VALUES: Values<FlowRecord> = {
  'account-id': (r) => r.sighting.observer.loggedAccountId,
  'interface-id': (r) => r.sighting.observer.id,
  srcaddr: (r) => r.sighting.srcaddr,
  dstaddr: (r) => r.sighting.dstaddr,
  srcport: (r) => r.sighting.srcport,
  dstport: (r) => r.sighting.dstport,
  protocol: (r) => r.protocol,
  packets: (r) => r.packets,
  // AWS gives no bytes for what Block Public Access rejects.
  bytes: (r) => (r.rejectReason === 'BPA' ? MISSING : r.bytes),
  start: (r) => r.start,
  end: (r) => r.end,
  action: (r) => r.action,
  'log-status': (r) => r.status,
  'vpc-id': (r) => r.sighting.observer.subnet.vpc.id,
  'subnet-id': (r) => r.sighting.observer.subnet.id,
  'instance-id': (r) => r.sighting.observer.instanceId,
  'tcp-flags': (r) => (r.protocol === TCP ? r.tcpFlags : 0),
  type: (r) => addressFamily(r.sighting.srcaddr),
  'pkt-srcaddr': (r) => r.sighting.pktSrcaddr,
  'pkt-dstaddr': (r) => r.sighting.pktDstaddr,
  region: (r) => r.sighting.observer.subnet.vpc.region,
  'az-id': (r) => r.sighting.observer.subnet.azId,
  'sublocation-type': missing,
  'sublocation-id': missing,
  'pkt-src-aws-service': (r) => r.sighting.pktSrcService ?? MISSING,
  'pkt-dst-aws-service': (r) => r.sighting.pktDstService ?? MISSING,
  'flow-direction': (r) => r.sighting.direction,
  'traffic-path': (r) => r.sighting.trafficPath ?? MISSING,
  'ecs-cluster-arn': ecs((task, arn) => `${arn}:cluster/${task.clusterName}`),
  'ecs-cluster-name': ecs((task) => task.clusterName),
  // The tasks run on Fargate, which has no container instances.
  'ecs-container-instance-arn': missing,
  'ecs-container-instance-id': missing,
  'ecs-container-id': ecs((task) => task.containerId),
  'ecs-second-container-id': missing,
  'ecs-service-name': ecs((task) => task.serviceName),
  'ecs-task-definition-arn': ecs((task, arn) => `${arn}:task-definition/${task.serviceName}:7`),
  'ecs-task-arn': ecs((task, arn) => `${arn}:task/${task.clusterName}/${task.taskId}`),
  'ecs-task-id': ecs((task) => task.taskId),
  'reject-reason': (r) => r.rejectReason ?? MISSING,
  'resource-id': missing,
  'encryption-status': (r) => r.sighting.encryption,
  // Percent-encoded, as AWS does with every special character of a tag's value.
  'instance-tag': (r) =>
    r.sighting.observer.instanceId === MISSING ? MISSING : tagValue(r.sighting.observer.name),
  'instance-tag-2': missing,
  'interface-tag': (r) => tagValue(`${r.sighting.observer.subnet.vpc.name}/${r.sighting.observer.role}`),
  'interface-tag-2': missing,
  'asg-tag': (r) => (r.sighting.observer.role === 'app' ? tagValue('app fleet') : MISSING),
  'asg-tag-2': missing,
  'interface-type': (r) => r.sighting.observer.interfaceType,
  'next-hop-interface-id': nextHop((hop) => hop.id),
  'next-hop-subnet-id': nextHop((hop) => hop.subnet.id),
  'next-hop-az-id': (r) => r.sighting.nextHop?.subnet.azId ?? MISSING,
  'next-hop-vpc-id': nextHop((hop) => hop.subnet.vpc.id),
  'next-hop-interface-type': nextHop((hop) => hop.interfaceType),
};

function ecs(
  value: (task: NonNullable<NetworkInterface['ecsTask']>, arnPrefix: string) => string,
): (record: FlowRecord) => Value {
  return ({ sighting: { observer } }) => {
    if (!observer.ecsTask) return MISSING;
    const { region, accountId } = observer.subnet.vpc;
    return value(observer.ecsTask, `arn:aws:ecs:${region}:${accountId}`);
  };
}

/** Of next hops that belong to someone else, AWS tells the zone and nothing more. */
function nextHop(value: (hop: NetworkInterface) => string): (record: FlowRecord) => Value {
  return ({ sighting: { nextHop: hop, observer } }) =>
    hop && hop.subnet.vpc.accountId === observer.subnet.vpc.accountId ? value(hop) : MISSING;
}

function tagValue(text: string): string {
  return encodeURIComponent(text).replaceAll('-', '%2D');
}

function addressFamily(address: string): 'IPv4' | 'IPv6' {
  return isIPv6(address) ? 'IPv6' : 'IPv4';
}

function transitValues(world: World): Values<TransitRecord> {
  const { transitGateway } = world;
  const attachment = (r: TransitRecord, own: boolean): string => {
    const { direction, source, destination } = r.sighting;
    const end = (direction === 'ingress') === own ? source : destination;
    return end?.attachment.id ?? MISSING;
  };
  const lost = (cause: string) => (r: TransitRecord) => (r.sighting.loss === cause ? r.packets : 0);
  return {
    version: () => 6,
    'resource-type': () => 'TransitGateway',
    'account-id': () => transitGateway.accountId,
    'tgw-id': () => transitGateway.id,
    'tgw-attachment-id': (r) => attachment(r, true),
    'tgw-src-vpc-account-id': (r) => r.sighting.source.attachment.accountId,
    'tgw-dst-vpc-account-id': (r) => r.sighting.destination?.attachment.accountId ?? MISSING,
    'tgw-src-vpc-id': (r) => r.sighting.source.attachment.vpc?.id ?? MISSING,
    'tgw-dst-vpc-id': (r) => r.sighting.destination?.attachment.vpc?.id ?? MISSING,
    'tgw-src-subnet-id': (r) => r.sighting.source.interface?.subnet.id ?? MISSING,
    'tgw-dst-subnet-id': (r) => r.sighting.destination?.interface?.subnet.id ?? MISSING,
    'tgw-src-eni': (r) => r.sighting.source.interface?.id ?? MISSING,
    'tgw-dst-eni': (r) => r.sighting.destination?.interface?.id ?? MISSING,
    'tgw-src-az-id': (r) => r.sighting.source.interface?.subnet.azId ?? MISSING,
    'tgw-dst-az-id': (r) => r.sighting.destination?.interface?.subnet.azId ?? MISSING,
    'tgw-pair-attachment-id': (r) => attachment(r, false),
    srcaddr: (r) => r.sighting.srcaddr,
    dstaddr: (r) => r.sighting.dstaddr,
    srcport: (r) => r.sighting.srcport,
    dstport: (r) => r.sighting.dstport,
    protocol: (r) => r.protocol,
    packets: (r) => r.packets,
    bytes: (r) => r.bytes,
    start: (r) => r.start,
    end: (r) => r.end,
    'log-status': () => 'OK',
    type: (r) => addressFamily(r.sighting.srcaddr),
    'packets-lost-no-route': lost('no-route'),
    'packets-lost-blackhole': lost('blackhole'),
    'packets-lost-mtu-exceeded': lost('mtu-exceeded'),
    'packets-lost-ttl-expired': lost('ttl-expired'),
    'tcp-flags': (r) => (r.protocol === TCP ? r.tcpFlags : 0),
    region: () => transitGateway.region,
    'flow-direction': (r) => r.sighting.direction,
    'pkt-src-aws-service': missing,
    'pkt-dst-aws-service': missing,
  };
}

/** Collects lines as bytes. A slot's worth of lines is a few megabytes; as strings it would be several times that. */
export interface LineBuffer {
  readonly lines: number;
  append(line: string): void;
  /** Hands out the bytes so far and starts over. */
  take(): Uint8Array[];
}

const BATCH_CHARACTERS = 256 * 1024;

/** An empty line buffer. Lines must be ASCII, as all of a flow log is. */
export function createLineBuffer(): LineBuffer {
  let chunks: Uint8Array[] = [];
  let batch = '';
  let lines = 0;
  const flush = (): void => {
    if (batch.length > 0) chunks.push(Buffer.from(batch, 'latin1'));
    batch = '';
  };
  return {
    get lines() {
      return lines;
    },
    append(line) {
      batch += line;
      batch += '\n';
      lines++;
      if (batch.length >= BATCH_CHARACTERS) flush();
    },
    take() {
      flush();
      const taken = chunks;
      chunks = [];
      return taken;
    },
  };
}
