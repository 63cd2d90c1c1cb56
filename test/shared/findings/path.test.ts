import { describe, expect, test } from 'vitest';
import { addressOfText } from '../../../shared/findings/address-book.ts';
import type { ConnectionPath } from '../../../shared/findings/finding.ts';
import { type EndFacts, type Place, pathOf, placeOf, placeOfTransit } from '../../../shared/findings/path.ts';

const address = (text: string) => addressOfText(text, 0);

const PLACES: readonly { why: string; end: Partial<EndFacts>; place: Place }[] = [
  {
    why: 'an own address is inside, whatever its range',
    end: { address: address('203.0.113.9'), isOwn: true },
    place: 'inside',
  },
  { why: 'own beats the route', end: { isOwn: true, trafficPath: 8 }, place: 'inside' },
  {
    why: 'own IPv6 addresses lie in ranges that AWS names',
    end: { isOwn: true, awsService: 'AMAZON' },
    place: 'inside',
  },
  {
    why: 'route 1 to an IPv6 address: the VPC itself',
    end: { address: address('2600::1'), trafficPath: 1 },
    place: 'inside',
  },
  {
    why: 'route 1 to a public IPv4 address: a NAT gateway',
    end: { address: address('8.8.8.8'), trafficPath: 1 },
    place: 'internet',
  },
  {
    why: 'route 1 to a private IPv4 address',
    end: { address: address('10.1.1.1'), trafficPath: 1 },
    place: 'inside',
  },
  {
    why: 'route 2 with the name S3: a gateway endpoint',
    end: { trafficPath: 2, awsService: 'S3' },
    place: 'aws-service',
  },
  { why: 'route 2 with another name', end: { trafficPath: 2, awsService: 'AMAZON' }, place: 'internet' },
  { why: 'route 2 without a name', end: { trafficPath: 2 }, place: 'internet' },
  {
    why: 'route 3: a VPN gateway',
    end: { address: address('192.168.0.1'), trafficPath: 3 },
    place: 'on-premises',
  },
  {
    why: 'route 4: a peered VPC, which may use public addresses',
    end: { address: address('52.1.1.1'), trafficPath: 4 },
    place: 'inside',
  },
  {
    why: 'route 5: a peered VPC of another Region',
    end: { address: address('2600::1'), trafficPath: 5 },
    place: 'inside',
  },
  {
    why: 'route 6 has changed its meaning: the range decides',
    end: { address: address('8.8.8.8'), trafficPath: 6 },
    place: 'internet',
  },
  {
    why: 'route 7: a gateway endpoint',
    end: { address: address('52.218.0.1'), trafficPath: 7 },
    place: 'aws-service',
  },
  {
    why: 'route 8: an internet gateway, even to S3',
    end: { trafficPath: 8, awsService: 'S3' },
    place: 'internet',
  },
  { why: 'a route not known yet', end: { address: address('10.0.0.1'), trafficPath: 9 }, place: 'inside' },
  {
    why: "a service of AWS's own",
    end: { address: address('52.95.128.179'), awsService: 'S3' },
    place: 'aws-service',
  },
  {
    why: 'a service not known yet',
    end: { address: address('52.95.128.179'), awsService: 'NEW_ONE' },
    place: 'aws-service',
  },
  {
    why: "EC2 is other customers' instances",
    end: { address: address('52.1.1.1'), awsService: 'EC2' },
    place: 'internet',
  },
  { why: "CloudFront is the internet's visitors", end: { awsService: 'CLOUDFRONT' }, place: 'internet' },
  { why: 'private IPv4', end: { address: address('10.0.0.1') }, place: 'inside' },
  { why: 'public IPv4', end: { address: address('203.0.113.1') }, place: 'internet' },
  { why: 'global IPv6', end: { address: address('2001:db8::1') }, place: 'internet' },
  { why: 'unique local IPv6', end: { address: address('fd00::1') }, place: 'inside' },
  { why: 'no address', end: {}, place: 'unknown' },
  { why: 'no real address', end: { address: address('localhost') }, place: 'unknown' },
];

describe('the place of an end', () => {
  test.each(PLACES)('$why: $place', ({ end, place }) => {
    expect(
      placeOf({ address: undefined, isOwn: false, trafficPath: -1, awsService: undefined, ...end }),
    ).toBe(place);
  });
});

const TRANSIT_PLACES: readonly { why: string; end: Parameters<typeof placeOfTransit>[0]; place: Place }[] = [
  { why: 'an attached VPC', end: transit('10.0.0.1', 'vpc-1'), place: 'inside' },
  { why: 'a private address in no attached VPC', end: transit('10.80.0.1'), place: 'on-premises' },
  { why: 'a public address', end: transit('203.0.113.1'), place: 'internet' },
  {
    why: 'a public address by way of an egress VPC',
    end: transit('203.0.113.1', 'vpc-1'),
    place: 'internet',
  },
  {
    why: 'a service by way of an egress VPC',
    end: transit('52.218.0.1', 'vpc-1', 'S3'),
    place: 'aws-service',
  },
  { why: 'a global IPv6 address of a VPC', end: transit('2001:db8::1', 'vpc-1'), place: 'inside' },
  { why: 'a global IPv6 address of no VPC', end: transit('2001:db8::1'), place: 'internet' },
  { why: 'a VPC without an address', end: transit(undefined, 'vpc-1'), place: 'inside' },
  { why: 'nothing', end: transit(undefined), place: 'unknown' },
];

function transit(text: string | undefined, vpcId?: string, awsService?: string) {
  return { address: text === undefined ? undefined : address(text), vpcId, awsService };
}

describe('the place of an end in a transit gateway log', () => {
  test.each(TRANSIT_PLACES)('$why: $place', ({ end, place }) => {
    expect(placeOfTransit(end)).toBe(place);
  });
});

const PATHS: readonly [Place, Place, ConnectionPath][] = [
  ['internet', 'inside', 'internet-to-subnet'],
  ['inside', 'inside', 'subnet-to-subnet'],
  ['inside', 'internet', 'subnet-to-internet'],
  ['on-premises', 'inside', 'on-premises'],
  ['inside', 'on-premises', 'on-premises'],
  ['internet', 'on-premises', 'on-premises'],
  ['on-premises', 'on-premises', 'on-premises'],
  ['inside', 'aws-service', 'aws-service'],
  ['aws-service', 'inside', 'aws-service'],
  ['on-premises', 'aws-service', 'aws-service'],
  ['internet', 'internet', 'unknown'],
  ['unknown', 'inside', 'unknown'],
  ['inside', 'unknown', 'unknown'],
  ['unknown', 'aws-service', 'unknown'],
];

test.each(PATHS)('a connection from %s to %s is %s', (client, server, path) => {
  expect(pathOf(client, server)).toBe(path);
});
