import { isIPv6, rangeOf } from '../findings/address.ts';
import type { Question } from './observation.ts';

/**
 * Addresses of services that AWS offers inside of every VPC: DNS, time, metadata, Windows activation. Source: "Flow log
 * limitations" (Amazon VPC User Guide).
 */
const LINK_LOCAL_SERVICES = /^(169\.254\.169\.(123|250|251|253|254)|fd00:ec2::(123|253|254))$/i;
const UDP = 17;
const DNS = 53;
const DHCP_PORTS = [67, 68, 546, 547];

/**
 * Whether flow logs may never capture this traffic, so that its absence tells nothing: the services above, DHCP, and the
 * Amazon DNS server. That one also answers at the VPC's base address plus two; as the VPC's range is not known here,
 * every private address that ends in 2 is taken for it on port 53.
 */
export function isNeverCaptured({ destination, protocol, port }: Question): boolean {
  if (destination.addresses.some((address) => LINK_LOCAL_SERVICES.test(address))) return true;
  if (port === undefined) return false;
  if (protocol === UDP && DHCP_PORTS.includes(port)) return true;
  return port === DNS && destination.addresses.some(isBasePlusTwo);
}

function isBasePlusTwo(address: string): boolean {
  return !isIPv6(address) && rangeOf(address) === 'private' && address.endsWith('.2');
}
