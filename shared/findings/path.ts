import { isIPv6 } from './address.ts';
import type { Address } from './address-book.ts';
import type { ConnectionPath } from './finding.ts';

/** Where an end of a connection is. */
export type Place = 'inside' | 'internet' | 'on-premises' | 'aws-service' | 'unknown';

/** Everything that the log tells of an end of a flow. */
export interface EndFacts {
  readonly address: Address | undefined;
  /** The address is an interface's own in this object, or lies in such a one's IPv6 /56. */
  readonly isOwn: boolean;
  /** `traffic-path`, which an egress record has for its destination; -1 elsewhere. */
  readonly trafficPath: number;
  /** `pkt-src-aws-service` or `pkt-dst-aws-service`. */
  readonly awsService: string | undefined;
}

/**
 * Ranges that AWS names although what answers there is any customer's: instances, accelerators, builds, and the sites
 * behind CloudFront. They are as foreign as the rest of the internet.
 */
export const CUSTOMERS_RANGES: ReadonlySet<string> = new Set([
  'EC2',
  'GLOBALACCELERATOR',
  'CLOUDFRONT',
  'CLOUDFRONT_ORIGIN_FACING',
  'CODEBUILD',
]);
/** The services that gateway endpoints lead to. */
export const GATEWAY_ENDPOINT_SERVICES: ReadonlySet<string> = new Set(['S3', 'DYNAMODB']);

/**
 * The place of an end of a VPC flow: by own addresses, then what the operator says, then route, then AWS's own range names,
 * then address range.
 */
export function placeOf(end: EndFacts): Place {
  if (end.isOwn) return 'inside';
  return (
    end.address?.named ?? placeOfRoute(end) ?? placeOfAwsService(end.awsService) ?? placeOfRange(end.address)
  );
}

/** What the route that an egress packet took says of its destination; undefined where it does not decide. */
function placeOfRoute({ trafficPath, awsService, address }: EndFacts): Place | undefined {
  switch (trafficPath) {
    case 1:
      // Through a resource of the VPC: the target itself, or a NAT gateway or transit gateway on the way to it. A global
      // IPv6 address needs none of these to get out, so it is the target; an IPv4 one is judged by its range.
      return address !== undefined && !address.isIPv4 && isIPv6(address.text) ? 'inside' : undefined;
    case 2: // An internet gateway or a gateway endpoint: AWS does not tell which.
      return awsService !== undefined && GATEWAY_ENDPOINT_SERVICES.has(awsService)
        ? 'aws-service'
        : 'internet';
    case 3: // A virtual private gateway.
      return 'on-premises';
    case 4: // VPC peering, also across Regions.
    case 5:
      return 'inside';
    case 7: // A gateway endpoint.
      return 'aws-service';
    case 8: // An internet gateway.
      return 'internet';
    default: // 6 has changed its meaning over the years; others are not known yet.
      return undefined;
  }
}

function placeOfAwsService(awsService: string | undefined): Place | undefined {
  if (awsService === undefined) return undefined;
  return CUSTOMERS_RANGES.has(awsService) ? 'internet' : 'aws-service';
}

function placeOfRange(address: Address | undefined): Place {
  const range = address?.range ?? 'unknown';
  return range === 'private' ? 'inside' : range === 'public' ? 'internet' : 'unknown';
}

/** What a transit gateway's log tells of an end of a flow. */
export interface TransitEndFacts {
  readonly address: Address | undefined;
  /** `tgw-src-vpc-id` or `tgw-dst-vpc-id`. */
  readonly vpcId: string | undefined;
  readonly awsService: string | undefined;
}

/**
 * The place of an end of a transit gateway flow. An attached VPC is inside, but only for addresses that can be in it:
 * what goes to the internet by a central egress VPC also has that VPC's id. A private address that is in no attached
 * VPC is beyond a VPN or Direct Connect.
 */
export function placeOfTransit({ address, vpcId, awsService }: TransitEndFacts): Place {
  if (address?.named !== undefined) return address.named;
  const range = address?.range ?? 'unknown';
  if (range === 'private') return vpcId === undefined ? 'on-premises' : 'inside';
  const service = placeOfAwsService(awsService);
  if (service !== undefined && service !== 'internet') return service;
  // VPC IPv6 addresses are global: there the id has to be believed.
  if (vpcId !== undefined && (range === 'unknown' || isIPv6(address!.text))) return 'inside';
  return range === 'public' ? 'internet' : 'unknown';
}

/** Which troubleshooting case a connection is, by the places of its ends. */
export function pathOf(client: Place, server: Place): ConnectionPath {
  if (client === 'unknown' || server === 'unknown') return 'unknown';
  if (client === 'aws-service' || server === 'aws-service') return 'aws-service';
  if (client === 'on-premises' || server === 'on-premises') return 'on-premises';
  if (client === 'internet') return server === 'inside' ? 'internet-to-subnet' : 'unknown';
  return server === 'inside' ? 'subnet-to-subnet' : 'subnet-to-internet';
}
