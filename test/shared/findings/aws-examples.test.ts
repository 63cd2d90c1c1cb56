/** AWS's example records, from "Flow log record examples" (Amazon VPC User Guide). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { observeText } from './observe-text.ts';

function observeGolden(name: string) {
  return observeText(
    readFileSync(new URL(`../../fixtures/golden/${name}/input.log`, import.meta.url), 'utf8'),
  );
}

test('A: rejected RDP between two private addresses is one finding with all its evidence', () => {
  const { findings, counts } = observeGolden('a-accepted-and-rejected');
  expect(counts).toEqual({ nodata: 0, skipdata: 0, rejected: 1 });
  expect(findings).toEqual([
    {
      kind: 'REJECT',
      // One flow without TCP flags may be a late packet as well.
      severity: 'info',
      meanings: ['internal-service-rejected'],
      path: 'subnet-to-subnet',
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      resource_type: 'interface',
      resource_id: 'eni-1235b8ca123456789',
      first_time: 1418530010,
      last_time: 1418530070,
      flows: 1,
      packets: 20,
      bytes: 4249,
      refused_requests: 1,
      refused_replies: 0,
      late_packets: 0,
      tcp_with_syn: 0,
      tcp_without_syn: 0,
      tcp_flags_unknown: 1,
      reply_like: 0,
      request_accepted: 0,
      also_accepted: 0,
      protocols: [{ protocol: 6, flows: 1 }],
      top_sources: [
        {
          address: '172.31.9.69',
          inside: true,
          flows: 1,
          packets: 20,
          bytes: 4249,
          error: 0,
          server_ports: '1',
          destinations: '1',
          interfaces: '1',
        },
      ],
      top_destinations: [
        { address: '172.31.9.12', inside: true, flows: 1, packets: 20, bytes: 4249, error: 0 },
      ],
      top_server_ports: [
        {
          protocol: 6,
          port: 3389,
          side: 'unknown',
          rejected_flows: 1,
          error: 0,
          accepted_flows: 0,
          refused_requests: 1,
          refused_replies: 0,
          late_packets: 0,
          clients: '1',
          servers: '1',
          server: '172.31.9.12',
        },
      ],
      samples: [
        '2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK',
      ],
      source: 's3://raw/some.log.gz',
    },
  ]);
});

test('B: NODATA is counted, SKIPDATA is a finding that says how much of the log is missing', () => {
  const { findings, counts } = observeGolden('b-no-data-and-skipped');
  expect(counts).toEqual({ nodata: 1, skipdata: 1, rejected: 0 });
  expect(findings).toEqual([
    {
      kind: 'SKIPDATA',
      severity: 'info',
      meanings: ['data-loss'],
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      resource_type: 'interface',
      resource_id: 'eni-11111111aaaaaaaaa',
      first_time: 1431280876,
      last_time: 1431280934,
      flows: 1,
      skipped_seconds: 58,
      samples: ['2 123456789010 eni-11111111aaaaaaaaa - - - - - - - 1431280876 1431280934 - SKIPDATA'],
      source: 's3://raw/some.log.gz',
    },
  ]);
});

test('C: the dropped answer to an accepted ping is a refused reply of the connection from the internet', () => {
  const { findings } = observeGolden('c-ping-reply-dropped');
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    kind: 'REJECT',
    severity: 'warning',
    meanings: ['reply-rejected'],
    path: 'internet-to-subnet',
    flows: 1,
    refused_requests: 0,
    refused_replies: 1,
    reply_like: 1,
    request_accepted: 1,
    also_accepted: 0,
    top_sources: [{ address: '172.31.16.139', inside: true, server_ports: '0', interfaces: '0' }],
    top_destinations: [{ address: '203.0.113.12', inside: false }],
    top_server_ports: [{ protocol: 1, port: 0, side: 'own', accepted_flows: 1, server: '172.31.16.139' }],
  });
});

test.each([
  'd-tcp-flags',
  'e-zonal-nat-gateway',
  'f-regional-nat-gateway',
  'g-across-transit-gateway',
  'h-service-and-path',
  'i-encryption-status',
])('%s: accepted traffic and formats without an action are no findings', (name) => {
  expect(observeGolden(name)).toEqual({ findings: [], counts: { nodata: 0, skipdata: 0, rejected: 0 } });
});

const D_HEADER =
  'version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport pkt-srcaddr ' +
  'pkt-dstaddr protocol bytes packets start end action tcp-flags log-status';
const D_RESOURCE =
  '3 vpc-abcdefab012345678 subnet-aaaaaaaa012345678 i-01234567890123456 eni-1235b8ca123456789 123456789010';

test('D, with its server refused: flags say who asked, although neither port is a known one', () => {
  const ends = '52.213.180.42 10.0.0.62 43416 5001 52.213.180.42 10.0.0.62';
  const { findings } = observeText(
    `${D_HEADER}\n${D_RESOURCE} IPv4 ${ends} 6 568 8 1566848875 1566848933 REJECT 2 OK`,
  );
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    path: 'internet-to-subnet',
    vpc_id: 'vpc-abcdefab012345678',
    subnet_id: 'subnet-aaaaaaaa012345678',
    instance_id: 'i-01234567890123456',
    tcp_with_syn: 1,
    refused_requests: 1,
    top_server_ports: [{ port: 5001, side: 'own' }],
  });
});

test('F, with traffic refused: a regional NAT gateway is named, and its public address is inside', () => {
  const header =
    'resource-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol action';
  const nat = 'nat-1234567890abcdef -';
  const { findings } = observeText(`${header}
    ${nat} 10.0.1.5 203.0.113.5 10.0.1.5 203.0.113.5 40000 443 6 ACCEPT
    ${nat} 107.22.182.139 203.0.113.5 107.22.182.139 203.0.113.5 40000 443 6 ACCEPT
    ${nat} 203.0.113.5 107.22.182.139 203.0.113.5 107.22.182.139 443 40000 6 ACCEPT
    ${nat} 198.51.100.7 107.22.182.139 198.51.100.7 107.22.182.139 50000 22 6 REJECT`);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    resource_type: 'nat-gateway',
    resource_id: 'nat-1234567890abcdef',
    path: 'internet-to-subnet',
  });
});

test('H, with S3 refused: route 8 says internet; without a route the name S3 says AWS service', () => {
  const header =
    'srcaddr dstaddr srcport dstport protocol interface-id action pkt-dst-aws-service traffic-path flow-direction';
  const s3 = '10.0.0.71 52.95.128.179 34210 80 6 eni-1235b8ca123456789 REJECT S3';
  const paths = observeText(`${header}\n${s3} 8 egress\n${s3} - egress\n${s3} 7 egress`).findings.map(
    ({ path, flows }) => [path, flows],
  );
  expect(paths).toEqual([
    ['aws-service', 2],
    ['subnet-to-internet', 1],
  ]);
});
