import { isIPv6, rangeOf } from '../findings/address.ts';
import type { End, Question } from './observation.ts';

/**
 * Addresses of services that AWS offers inside of every VPC: DNS, time, metadata, Windows activation. Source: "Flow log
 * limitations" (Amazon VPC User Guide).
 */
const LINK_LOCAL_SERVICES = /^(169\.254\.169\.(123|250|251|253|254)|fd00:ec2::(123|253|254))$/i;
const UDP = 17;
const DNS = 53;
const DHCP_PORTS = [67, 68, 546, 547];

/** The smallest subnets and VPCs have 16 addresses: every base address is a multiple of that. */
const SMALLEST_RANGE = 16;
/** Reserved addresses, counted from the base of a subnet or VPC. */
const ROUTER = 1;
const DNS_SERVER = 2;

/**
 * Whether flow logs may never capture this traffic, so that its absence tells nothing: the services above, DHCP, the
 * default VPC router at each subnet's base address plus one, and the Amazon DNS server at the VPC's base address plus two.
 * The ranges are not known here, so every private address that may be one of these and that no interface is known to have
 * is taken for it.
 */
export function isNeverCaptured({ destination, protocol, port }: Question): boolean {
  if (destination.addresses.some((address) => LINK_LOCAL_SERVICES.test(address))) return true;
  if (protocol === UDP && port !== undefined && DHCP_PORTS.includes(port)) return true;
  if (mayBeReserved(destination, ROUTER)) return true;
  return (port === undefined || port === DNS) && mayBeReserved(destination, DNS_SERVER);
}

function mayBeReserved({ addresses, interfaceIds }: End, place: number): boolean {
  return interfaceIds.length === 0 && addresses.some((address) => isAtPlace(address, place));
}

function isAtPlace(address: string, place: number): boolean {
  const last = Number(address.slice(address.lastIndexOf('.') + 1));
  return !isIPv6(address) && rangeOf(address) === 'private' && last % SMALLEST_RANGE === place;
}
