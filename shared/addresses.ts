/** Addresses and networks that people give, as the text that records have. */

import ipaddr from 'ipaddr.js';

/** The address as AWS writes it (IPv6 compressed, lower case), so that it equals the one in a record; else undefined. */
export function canonicalAddress(text: string): string | undefined {
  // ipaddr.js also takes 10.1 and 0x0a000001 for addresses; nobody means that here.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toString();
  if (!text.includes('%') && ipaddr.IPv6.isValid(text)) return ipaddr.IPv6.parse(text).toRFC5952String();
  return undefined;
}

/** The network with its host bits cleared, a lone address with its full length: 10.1.2.3/8 is 10.0.0.0/8. */
export function canonicalNetwork(text: string): string | undefined {
  const [, addressText = text, lengthText] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = canonicalAddress(addressText);
  if (address === undefined) return undefined;
  const family = address.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
  const bits = address.includes(':') ? 128 : 32;
  const length = lengthText === undefined ? bits : Number(lengthText);
  if (length > bits) return undefined;
  const network = family.networkAddressFromCIDR(`${address}/${length}`).toString();
  return `${canonicalAddress(network)}/${length}`;
}

/** Whether an address lies in a network; both as the functions above give them. */
export function isInNetwork(address: string, network: string): boolean {
  const [range, length] = ipaddr.parseCIDR(network);
  const parsed = ipaddr.parse(address);
  return parsed.kind() === range.kind() && parsed.match(range, length);
}
