import { describe, expect, test } from 'vitest';
import { VIEWS } from '../../../athena/views.ts';
import { ipv6Network56 as network56Of } from '../../../shared/findings/address.ts';
import { addressOfText } from '../../../shared/findings/address-book.ts';
import {
  DESTINATION,
  SOURCE,
  servingEnd,
  servingEndByPorts,
  servingEndOfRefused,
  UNCLEAR,
} from '../../../shared/findings/connection.ts';
import { pathOf, placeOf } from '../../../shared/findings/path.ts';
import { protocolName, SERVICE_NAMES } from '../../../shared/flow-log/names.ts';
import { flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { type Row, rowsOf } from './rows-of.ts';

const network56 = (address: string | undefined) => (address === undefined ? undefined : network56Of(address));

interface Case {
  readonly why: string;
  readonly record: LakeRecord;
  readonly is: Row;
}

/** A record without some of the default format's fields. */
function without(record: LakeRecord, ...names: readonly string[]): LakeRecord {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

const ends = (
  srcaddr: string,
  dstaddr: string,
  pkt_srcaddr = srcaddr,
  pkt_dstaddr = dstaddr,
): LakeRecord => ({
  srcaddr,
  dstaddr,
  pkt_srcaddr,
  pkt_dstaddr,
});
const PUBLIC = '203.0.113.9';

/** What the view computes of the record's fields. */
const ADDED = VIEWS[0]!.added.map(({ name }) => name).filter((name) => name !== 'source_object');

const CASES: readonly Case[] = [
  {
    why: 'times are timestamps in UTC',
    record: flow({}),
    is: {
      start_time: '2026-11-20T05:00:00Z',
      end_time: '2026-11-20T05:01:00Z',
      day: '2026-11-20',
      hour: '05',
    },
  },
  {
    why: 'an end beyond the calendar is no time, and everything else stays',
    record: flow({ end: 9_223_372_036_854_775_807n }),
    is: { start_time: '2026-11-20T05:00:00Z', end_time: null, server_port: 443 },
  },
  {
    why: 'a record without fields has nothing to tell',
    record: {},
    is: Object.fromEntries(ADDED.map((name) => [name, null])),
  },
  {
    why: 'an idle interface has no traffic to describe',
    record: {
      ...without(flow({}), 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'action'),
      log_status: 'NODATA',
    },
    is: { path: null, direction: null, observed_at: null, client_address: null, log_status: 'NODATA' },
  },
  // Names.
  { why: 'protocol 6', record: flow({}), is: { protocol_name: 'tcp' } },
  { why: 'protocol 17', record: flow({ protocol: 17 }), is: { protocol_name: 'udp' } },
  {
    why: 'a protocol without a common name',
    record: flow({ protocol: 99 }),
    is: { protocol_name: protocolName(99) },
  },
  { why: 'a SYN', record: flow({ tcp_flags: 2 }), is: { tcp_flag_names: 'SYN' } },
  { why: 'a SYN-ACK', record: flow({ tcp_flags: 18 }), is: { tcp_flag_names: 'SYN ACK' } },
  {
    why: 'flags of a whole connection',
    record: flow({ tcp_flags: 23 }),
    is: { tcp_flag_names: 'FIN SYN RST ACK' },
  },
  { why: 'no flags', record: flow({ tcp_flags: 0 }), is: { tcp_flag_names: '' } },
  { why: 'UDP has no flags', record: flow({ protocol: 17, tcp_flags: 0 }), is: { tcp_flag_names: null } },
  { why: 'a format without flags', record: flow({}), is: { tcp_flag_names: null } },
  // Direction.
  {
    why: 'the format says it',
    record: flow({ ...ends(PUBLIC, '10.0.0.1'), flow_direction: 'egress' }),
    is: { direction: 'egress' },
  },
  { why: 'only egress has a route', record: flow({ traffic_path: 8 }), is: { direction: 'egress' } },
  {
    why: 'what leaves a NAT gateway has its address in place of the sender',
    record: flow(ends('10.0.0.220', '10.0.1.5', PUBLIC, '10.0.1.5')),
    is: { direction: 'egress' },
  },
  {
    why: 'what comes to a NAT gateway has its address in place of the receiver',
    record: flow(ends('10.0.1.5', '10.0.0.220', '10.0.1.5', PUBLIC)),
    is: { direction: 'ingress' },
  },
  { why: 'to a public address', record: flow({ dstaddr: PUBLIC }), is: { direction: 'egress' } },
  { why: 'from a public address', record: flow({ srcaddr: PUBLIC }), is: { direction: 'ingress' } },
  { why: 'between private addresses', record: flow({}), is: { direction: null } },
  {
    why: 'IPv6 addresses are public on both sides',
    record: flow({ srcaddr: 'fd00::1', dstaddr: '2001:db8::1' }),
    is: { direction: null },
  },
  {
    why: 'a regional NAT gateway receives what goes to a public address, too',
    record: { ...without(flow(ends('10.0.1.5', PUBLIC)), 'interface_id'), resource_id: 'nat-1' },
    is: { direction: null, observed_at: 'middle' },
  },
  {
    why: 'a format that names no interface',
    record: without(flow({ dstaddr: PUBLIC }), 'interface_id'),
    is: { direction: null, observed_at: null },
  },
  {
    why: 'a format with one of the packet addresses only',
    record: flow({ srcaddr: '10.0.1.5', dstaddr: '10.0.0.220', pkt_dstaddr: PUBLIC }),
    is: { direction: null, observed_at: null, destination_address: PUBLIC },
  },
  // Place of observation.
  {
    why: 'at the source',
    record: flow({ ...ends('10.0.0.1', '10.0.0.2'), flow_direction: 'egress' }),
    is: { observed_at: 'source' },
  },
  {
    why: 'at the target',
    record: flow({ ...ends('10.0.0.1', '10.0.0.2'), flow_direction: 'ingress' }),
    is: { observed_at: 'target' },
  },
  {
    why: 'without packet addresses by direction',
    record: flow({ dstaddr: PUBLIC }),
    is: { observed_at: 'source' },
  },
  { why: 'default format, private addresses', record: flow({}), is: { observed_at: null } },
  {
    why: 'a reply inside a NAT gateway',
    record: flow({ ...ends('10.0.0.220', '10.0.1.5', PUBLIC, '10.0.1.5'), flow_direction: 'egress' }),
    is: { observed_at: 'middle', source_address: PUBLIC },
  },
  {
    why: 'a request inside a NAT gateway',
    record: flow({ ...ends('10.0.1.5', '10.0.0.220', '10.0.1.5', PUBLIC), flow_direction: 'ingress' }),
    is: { observed_at: 'middle', destination_address: PUBLIC },
  },
  {
    why: 'outside at a NAT gateway that says what it is',
    record: flow({ ...ends('10.0.0.220', PUBLIC), flow_direction: 'egress', interface_type: 'nat_gateway' }),
    is: { observed_at: 'middle', direction: 'egress' },
  },
  {
    why: 'at the attachment of a transit gateway that says what it is',
    record: flow({
      ...ends('10.40.1.175', '10.40.2.236', '10.20.33.164', '10.40.2.236'),
      flow_direction: 'egress',
      interface_type: 'transit_gateway',
    }),
    is: { observed_at: 'middle', source_address: '10.20.33.164' },
  },
  {
    why: 'a private sender other than the interface: a pod of it, or somebody far away',
    record: flow({
      ...ends('10.0.0.1', '10.0.0.2', '10.0.0.77', '10.0.0.2'),
      flow_direction: 'egress',
      instance_id: 'i-1',
    }),
    is: { observed_at: null, source_address: '10.0.0.77' },
  },
  {
    why: 'a service behind an interface is an end, no middle',
    record: flow({
      ...ends('10.0.0.1', '10.0.0.2'),
      flow_direction: 'ingress',
      interface_type: 'vpc_endpoint',
    }),
    is: { observed_at: 'target' },
  },
  // Client and server.
  {
    why: 'a request by its ports',
    record: flow({}),
    is: { client_address: '10.0.0.1', server_address: '10.0.0.2', server_port: 443, service: 'https' },
  },
  {
    why: 'its reply',
    record: flow({ srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', srcport: 443, dstport: 40_000 }),
    is: { client_address: '10.0.0.1', server_address: '10.0.0.2', server_port: 443, service: 'https' },
  },
  {
    why: 'a SYN knows better than ports',
    record: flow({ srcport: 443, dstport: 50_123, tcp_flags: 2 }),
    is: { client_address: '10.0.0.1', server_port: 50_123, service: null },
  },
  {
    why: 'the true ends serve and ask',
    record: flow(ends('10.0.0.220', '10.0.1.5', PUBLIC, '10.0.1.5')),
    is: { client_address: PUBLIC, server_address: '10.0.1.5' },
  },
  {
    why: 'NTP between servers: the service is known, its side is not',
    record: flow({ protocol: 17, srcport: 123, dstport: 123 }),
    is: { client_address: null, server_address: null, server_port: 123, service: 'ntp' },
  },
  {
    why: 'an accepted ping may be a request or a reply',
    record: flow({ protocol: 1, srcport: 0, dstport: 0, dstaddr: PUBLIC }),
    is: { client_address: null, server_port: null, service: null, path: 'unknown' },
  },
  {
    why: 'a refused ping is taken for a request',
    record: flow({ protocol: 1, srcport: 0, dstport: 0, dstaddr: PUBLIC, action: 'REJECT' }),
    is: { client_address: '10.0.0.1', server_address: PUBLIC, server_port: null, path: 'subnet-to-internet' },
  },
  {
    why: 'a format without ports',
    record: without(flow({}), 'srcport', 'dstport'),
    is: { client_address: null, server_port: null, service: null, path: 'subnet-to-subnet' },
  },
  // Path.
  { why: 'inside', record: flow({}), is: { path: 'subnet-to-subnet' } },
  { why: 'from outside', record: flow({ srcaddr: PUBLIC }), is: { path: 'internet-to-subnet' } },
  {
    why: 'the reply to outside has the path of its connection',
    record: flow({ srcaddr: '10.0.0.2', dstaddr: PUBLIC, srcport: 443, dstport: 40_000 }),
    is: { path: 'internet-to-subnet' },
  },
  { why: 'to outside', record: flow({ dstaddr: PUBLIC }), is: { path: 'subnet-to-internet' } },
  { why: 'by a VPN gateway', record: flow({ traffic_path: 3 }), is: { path: 'on-premises' } },
  {
    why: 'to S3',
    record: flow({ dstaddr: '52.218.0.1', pkt_dst_aws_service: 'S3' }),
    is: { path: 'aws-service' },
  },
  {
    why: 'IPv6 within a VPC: its addresses share a /56',
    record: flow({
      srcaddr: '2600:1f18:abc:de01::5',
      dstaddr: '2600:1f18:abc:de02::6',
      flow_direction: 'egress',
    }),
    is: { path: 'subnet-to-subnet' },
  },
  {
    why: 'IPv6 out of a VPC',
    record: flow({
      srcaddr: '2600:1f18:abc:de01::5',
      dstaddr: '2600:1f18:abc:df02::6',
      flow_direction: 'egress',
    }),
    is: { path: 'subnet-to-internet' },
  },
  {
    why: 'IPv6 in the default format: which end is inside, nobody knows',
    record: flow({ srcaddr: '2600:1f18:abc:de01::5', dstaddr: '2600:1f18:abc:de02::6' }),
    is: { path: 'unknown' },
  },
];

describe('a flow', async () => {
  const rows = await rowsOf(
    'flows',
    CASES.map(({ record }) => record),
  );

  test.each(CASES.map((row, index) => ({ ...row, index })))('$why', ({ index, is }) => {
    expect(rows[index]).toMatchObject(is);
  });
});

test('the object of a record tells its flow log and the name of its receipt', async () => {
  const id = '123456789010-vpcflowlogs-eu-west-1-fl-0123456789abcdef0-20261120T0500Z-fe1-0f';
  expect(await rowsOf('flows', [flow({})], { name: id })).toMatchObject([
    { flow_log_id: 'fl-0123456789abcdef0', source_object: id },
  ]);
  expect(await rowsOf('flows', [flow({})], { name: 'mine-fl-0a-0f', suffix: '.json.gz' })).toMatchObject([
    { flow_log_id: null, source_object: 'mine-fl-0a-0f' },
  ]);
});

/** Each combination of one item of every list. */
function combinations<T extends object>(lists: { readonly [K in keyof T]: readonly T[K][] }): T[] {
  return Object.entries(lists).reduce<object[]>(
    (all, [key, values]) =>
      all.flatMap((one) => (values as readonly unknown[]).map((value) => ({ ...one, [key]: value }))),
    [{}],
  ) as T[];
}

/** A record without what is undefined. */
const present = (record: object): LakeRecord =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

const FAR = [
  '10.1.2.3',
  '100.64.0.1',
  '100.128.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.15.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '172.32.0.1',
  '192.168.0.1',
  '192.169.0.1',
  '1.1.1.1',
  '224.0.0.251',
  '239.255.255.250',
  '255.255.255.255',
  '0.0.0.0',
  '64:ff9b::101:101',
  '::1',
  'fd00::1',
  'fe80::1',
  'ff02::fb',
  '2001:db8::1',
  '2001:db8:0:ab::1',
  '2600:1f18:abc:de01::5',
  'localhost',
  undefined,
];

test('the path of an accepted flow is the one that findings give to a refused one', async () => {
  const cases = combinations<{
    srcaddr: string | undefined;
    dstaddr: string | undefined;
    flow_direction: string | undefined;
    traffic_path: number | undefined;
    pkt_dst_aws_service: string | undefined;
  }>({
    srcaddr: ['10.0.0.1', '2001:db8::2', ...FAR],
    dstaddr: ['10.0.0.1', '2001:db8::2', ...FAR],
    flow_direction: ['egress', 'ingress'],
    traffic_path: [undefined, 1, 2, 3, 5, 6, 7, 8],
    pkt_dst_aws_service: [undefined, 'S3', 'EC2', 'AMAZON'],
  }).filter(({ flow_direction, traffic_path }) => traffic_path === undefined || flow_direction === 'egress');
  const rows = await rowsOf(
    'flows',
    cases.map((record) =>
      present({ ...record, srcport: 40_000, dstport: 443, protocol: 6, action: 'ACCEPT' }),
    ),
  );
  const expected = cases.map((record) => {
    const isEgress = record.flow_direction === 'egress';
    const own = isEgress ? record.srcaddr : record.dstaddr;
    const isOwn = (address: string | undefined, isOwnEnd: boolean) =>
      address !== undefined &&
      (isOwnEnd ||
        address === own ||
        (network56(address) !== undefined && network56(address) === network56(own)));
    if (record.srcaddr === undefined && record.dstaddr === undefined) return null;
    return pathOf(
      placeOf({
        address: record.srcaddr === undefined ? undefined : addressOfText(record.srcaddr, 0),
        isOwn: isOwn(record.srcaddr, isEgress),
        trafficPath: -1,
        awsService: undefined,
      }),
      placeOf({
        address: record.dstaddr === undefined ? undefined : addressOfText(record.dstaddr, 0),
        isOwn: isOwn(record.dstaddr, !isEgress),
        trafficPath: record.traffic_path ?? -1,
        awsService: record.pkt_dst_aws_service,
      }),
    );
  });
  expect(rows).toHaveLength(cases.length);
  const wrong = cases
    .map((record, index) => ({ ...record, path: rows[index]?.path, expected: expected[index] }))
    .filter(({ path, expected }) => path !== expected);
  expect(wrong).toEqual([]);
});

test('the end that serves is the one that findings take', async () => {
  const ports = [undefined, 0, 1, 22, 443, 1023, 1024, 5432, 6000, 8080, 32_767, 32_768, 40_000, 65_535];
  const cases = combinations<{
    srcport: number | undefined;
    dstport: number | undefined;
    protocol: number;
    tcp_flags: number | undefined;
    action: string;
  }>({
    srcport: ports,
    dstport: ports,
    protocol: [6, 17],
    tcp_flags: [undefined, 0, 1, 2, 3, 4, 18, 19, 22],
    action: ['ACCEPT', 'REJECT'],
    // With one of the ports only there is no telling; findings take the end without one.
  }).filter(({ srcport, dstport }) => (srcport === undefined) === (dstport === undefined));
  const rows = await rowsOf(
    'flows',
    cases.map((record) => present({ ...record, srcaddr: '10.0.0.1', dstaddr: '10.0.0.2' })),
  );
  const wrong = cases
    .map((record, index) => ({ ...record, server: rows[index]?.server_address, expected: serverOf(record) }))
    .filter(({ server, expected }) => server !== expected);
  expect(wrong).toEqual([]);
});

function serverOf(record: {
  srcport: number | undefined;
  dstport: number | undefined;
  protocol: number;
  tcp_flags: number | undefined;
  action: string;
}): string | null {
  const sourcePort = record.srcport ?? -1;
  const destinationPort = record.dstport ?? -1;
  const tcpFlags = record.protocol === 6 ? (record.tcp_flags ?? -1) : -1;
  let end: number = servingEnd(sourcePort, destinationPort, tcpFlags);
  if (record.action === 'REJECT') {
    const nothingElse = { requestAccepted: false, alsoAccepted: false };
    end = servingEndOfRefused({
      protocol: record.protocol,
      sourcePort,
      destinationPort,
      tcpFlags,
      ...nothingElse,
    });
  } else if (end === UNCLEAR && sourcePort >= 0 && destinationPort >= 0 && sourcePort !== destinationPort) {
    end = servingEndByPorts(sourcePort, destinationPort);
  }
  return end === SOURCE ? '10.0.0.1' : end === DESTINATION ? '10.0.0.2' : null;
}

test('each service has its name, at either end', async () => {
  const ports = [...SERVICE_NAMES.keys()];
  const rows = await rowsOf('flows', [
    ...ports.map((dstport) => flow({ dstport })),
    ...ports.map((srcport) => flow({ srcport, dstport: 50_000 })),
  ]);
  expect(rows.map(({ service }) => service)).toEqual([...SERVICE_NAMES.values(), ...SERVICE_NAMES.values()]);
});
