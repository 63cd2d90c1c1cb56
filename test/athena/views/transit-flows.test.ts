import { expect, test } from 'vitest';
import { addressOfText } from '../../../shared/findings/address-book.ts';
import { pathOf, placeOfTransit } from '../../../shared/findings/path.ts';
import { FIVE_O_CLOCK, type LakeRecord } from '../../local/lake-fixture.ts';
import { type Row, rowsOf } from './rows-of.ts';

/** A record of a transit gateway, from a VPC to another. */
function transit(record: LakeRecord): LakeRecord {
  return {
    tgw_id: 'tgw-1',
    tgw_attachment_id: 'tgw-attach-1',
    tgw_src_vpc_id: 'vpc-1',
    tgw_dst_vpc_id: 'vpc-2',
    srcaddr: '10.0.0.1',
    dstaddr: '10.1.0.2',
    srcport: 40_000,
    dstport: 5432,
    protocol: 6,
    start: FIVE_O_CLOCK,
    end: FIVE_O_CLOCK + 60,
    ...record,
  };
}

const CASES: readonly { why: string; record: LakeRecord; is: Row }[] = [
  {
    why: 'a request',
    record: transit({ tcp_flags: 2, flow_direction: 'ingress' }),
    is: {
      start_time: '2026-11-20T05:00:00Z',
      end_time: '2026-11-20T05:01:00Z',
      protocol_name: 'tcp',
      tcp_flag_names: 'SYN',
      direction: 'ingress',
      path: 'subnet-to-subnet',
      source_address: '10.0.0.1',
      destination_address: '10.1.0.2',
      client_address: '10.0.0.1',
      server_address: '10.1.0.2',
      server_port: 5432,
      service: 'postgresql',
      observed_at: 'middle',
    },
  },
  {
    why: 'its reply',
    record: transit({
      srcaddr: '10.1.0.2',
      dstaddr: '10.0.0.1',
      srcport: 5432,
      dstport: 40_000,
      tcp_flags: 18,
    }),
    is: { client_address: '10.0.0.1', server_address: '10.1.0.2', server_port: 5432, direction: null },
  },
  {
    why: 'an idle gateway',
    record: { tgw_id: 'tgw-1', log_status: 'NODATA', start: FIVE_O_CLOCK },
    is: { path: null, observed_at: null, server_port: null, protocol_name: null, end_time: null },
  },
];

const rows = await rowsOf(
  'transit_flows',
  CASES.map(({ record }) => record),
  { table: 'transit_gateway_flow_logs' },
);

test.each(CASES.map((row, index) => ({ ...row, index })))('$why', ({ index, is }) => {
  expect(rows[index]).toMatchObject(is);
});

test('the path is the one that findings give', async () => {
  const addresses = ['10.0.0.1', '203.0.113.9', '2001:db8::1', '0.0.0.0', undefined];
  const vpcs = ['vpc-1', undefined];
  const services = [undefined, 'S3', 'EC2'];
  const ends = addresses.flatMap((address) =>
    vpcs.flatMap((vpcId) => services.map((awsService) => ({ address, vpcId, awsService }))),
  );
  const cases = ends.flatMap((source) => ends.map((destination) => ({ source, destination })));
  const found = await rowsOf(
    'transit_flows',
    cases.map(({ source, destination }) =>
      Object.fromEntries(
        Object.entries({
          srcaddr: source.address,
          dstaddr: destination.address,
          tgw_src_vpc_id: source.vpcId,
          tgw_dst_vpc_id: destination.vpcId,
          pkt_src_aws_service: source.awsService,
          pkt_dst_aws_service: destination.awsService,
          srcport: 40_000,
          dstport: 443,
        }).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      ),
    ),
    { table: 'transit_gateway_flow_logs' },
  );
  const wrong = cases
    .map(({ source, destination }, index) => ({
      source,
      destination,
      path: found[index]?.path,
      expected:
        source.address === undefined && destination.address === undefined
          ? null
          : pathOf(placeOfTransit(end(source)), placeOfTransit(end(destination))),
    }))
    .filter(({ path, expected }) => path !== expected);
  expect(wrong).toEqual([]);
});

function end({
  address,
  ...facts
}: {
  address: string | undefined;
  vpcId: string | undefined;
  awsService: string | undefined;
}) {
  return { address: address === undefined ? undefined : addressOfText(address, 0), ...facts };
}
