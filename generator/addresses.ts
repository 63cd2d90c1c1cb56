/** An IPv4 or IPv6 address range that addresses can be tested against. */
export interface AddressBlock {
  readonly text: string;
  readonly prefixLength: number;
  contains(address: string): boolean;
}

/** True for an IPv6 address. */
export function isIPv6(address: string): boolean {
  return address.includes(':');
}

/** The 32-bit number of a dotted IPv4 address. */
export function ipv4Number(address: string): number {
  let number = 0;
  let octet = 0;
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i);
    if (code === 46) {
      number = number * 256 + octet;
      octet = 0;
    } else {
      octet = octet * 10 + code - 48;
    }
  }
  return number * 256 + octet;
}

/** The dotted form of a 32-bit IPv4 number. */
export function ipv4Text(number: number): string {
  return `${(number >>> 24) & 255}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
}

/**
 * An address block from its CIDR text, as route tables and rules write it.
 *
 * IPv6 blocks are matched by their leading text, which is right only because the generator writes all its addresses
 * in one way and cuts its blocks at a hexadecimal digit (`/56` leaves off the last two digits of the fourth group).
 */
export function addressBlock(cidr: string): AddressBlock {
  const [base, length] = cidr.split('/') as [string, string];
  const prefixLength = Number(length);
  if (isIPv6(base)) {
    const prefix = ipv6Prefix(base, prefixLength);
    return {
      text: cidr,
      prefixLength,
      contains: (address) => isIPv6(address) && address.startsWith(prefix),
    };
  }
  const size = 2 ** (32 - prefixLength);
  const first = ipv4Number(base);
  return {
    text: cidr,
    prefixLength,
    contains(address) {
      if (isIPv6(address)) return false;
      const number = ipv4Number(address);
      return number >= first && number < first + size;
    },
  };
}

function ipv6Prefix(base: string, prefixLength: number): string {
  const groups = base.split('::')[0]!.split(':').filter(Boolean);
  let prefix = '';
  for (let digits = prefixLength / 4, i = 0; digits > 0; digits -= 4, i++) {
    const group = groups[i]!;
    prefix += digits >= 4 ? `${group}:` : group.slice(0, digits);
  }
  return prefix;
}
