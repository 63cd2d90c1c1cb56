/** `private`: an address that is only used inside networks. `unknown`: no address, or none that should be in a log. */
export type AddressRange = 'private' | 'public' | 'unknown';

const DOT = 0x2e;

/** Whether the text of an address is an IPv6 one. */
export function isIPv6(address: string): boolean {
  return address.includes(':');
}

/** The range of an address by its text: private is RFC 1918, RFC 6598, RFC 4193, link-local, loopback and multicast. */
export function rangeOf(address: string): AddressRange {
  return isIPv6(address) ? rangeOfIPv6(address) : rangeOfIPv4(ipv4Number(address));
}

/** Whether the text is the address of a group of hosts: multicast, or IPv4's broadcast to all. */
export function isGroupAddress(address: string): boolean {
  if (isIPv6(address)) return (firstGroups(address)?.[0] ?? 0) >>> 8 === 0xff;
  return isGroupIPv4(ipv4Number(address));
}

/** The same of an IPv4 address's number; false for -1. */
export function isGroupIPv4(number: number): boolean {
  return number === 0xffffffff || (number >= 0 && number >>> 28 === 0xe);
}

/** The range of an IPv4 address by its number; `unknown` for -1. */
export function rangeOfIPv4(number: number): AddressRange {
  if (number < 0) return 'unknown';
  const first = number >>> 24;
  if (isPrivateIPv4(first, (number >>> 16) & 0xff)) return 'private';
  return first === 0 ? 'unknown' : 'public';
}

/** Whether IPv4 addresses that start with these two octets are private. */
function isPrivateIPv4(first: number, second: number): boolean {
  return (
    first === 10 ||
    (first === 172 && second >>> 4 === 1) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >>> 6 === 1) || // Carrier-grade NAT; VPCs may use it, EKS does.
    (first === 169 && second === 254) ||
    first === 127 ||
    first >= 224 // Multicast and broadcast end at a router.
  );
}

function rangeOfIPv6(address: string): AddressRange {
  const groups = firstGroups(address);
  if (groups === undefined) return 'unknown';
  const first = groups[0];
  if (first >>> 13 === 1) return 'public'; // 2000::/3, the global unicast addresses.
  if (first === 0x64 && groups[1] === 0xff9b) return 'public'; // NAT64: an IPv4 host behind a NAT gateway.
  const uniqueLocal = first >>> 9 === 0xfc >>> 1;
  const linkLocal = first >>> 6 === 0xfe80 >>> 6;
  const multicast = first >>> 8 === 0xff;
  return uniqueLocal || linkLocal || multicast ? 'private' : 'unknown';
}

/** The text of an IPv4 address of this number. */
export function ipv4Text(number: number): string {
  return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
}

/** The number of an IPv4 address, or -1 if the text is none. */
function ipv4Number(address: string): number {
  let number = 0;
  let octet = -1;
  let octets = 1;
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code === DOT) {
      if (octet < 0 || octets === 4) return -1;
      number = number * 256 + octet;
      octet = -1;
      octets++;
    } else {
      const digit = code - 0x30;
      if (digit < 0 || digit > 9) return -1;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return -1;
    }
  }
  return octet < 0 || octets < 4 ? -1 : number * 256 + octet;
}

/**
 * The /56 that an IPv6 address lies in, as a key that is equal for all addresses of it; undefined for other texts. A VPC
 * gets its IPv6 addresses from Amazon as a /56.
 */
export function ipv6Network56(address: string): string | undefined {
  if (!isIPv6(address)) return undefined;
  const groups = firstGroups(address);
  if (groups === undefined) return undefined;
  const [a, b, c, d] = groups;
  return `${a.toString(16)}:${b.toString(16)}:${c.toString(16)}:${(d >>> 8).toString(16)}`;
}

type Groups = [number, number, number, number];

/** The first four groups of an IPv6 address, written in any way; undefined if the text is no IPv6 address. */
function firstGroups(address: string): Groups | undefined {
  const halves = address.split('::');
  if (halves.length > 2 || address.length > 45) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])];
  return groups.slice(0, 4) as Groups;
}

function groupsOf(half: string): number[] | undefined {
  if (half === '') return [];
  const groups: number[] = [];
  const parts = half.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      // An IPv4 address may stand for the last two groups.
      const number = index === parts.length - 1 ? ipv4Number(part) : -1;
      if (number < 0) return undefined;
      groups.push(Math.floor(number / 65536), number % 65536);
    }
  }
  return groups;
}
