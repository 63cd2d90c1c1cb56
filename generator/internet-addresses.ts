import { ipv4Text } from './addresses.ts';
import type { Random } from './random.ts';

/** Any address that belongs to nobody's private or special range. */
export function internetAddress(random: Random): string {
  for (;;) {
    const number = Math.floor(random.next() * 4294967296);
    const first = Math.floor(number / 16777216);
    const second = Math.floor(number / 65536) % 256;
    const special =
      first === 0 ||
      first === 10 ||
      first === 127 ||
      first >= 224 ||
      (first === 52 && second === 218) ||
      (first === 100 && second >= 64 && second < 128) ||
      (first === 169 && second === 254) ||
      (first === 172 && second >= 16 && second < 32) ||
      (first === 192 && (second === 168 || second === 0 || second === 88)) ||
      (first === 198 && (second === 18 || second === 19 || second === 51)) ||
      (first === 203 && second === 0);
    if (!special) return ipv4Text(number);
  }
}

/** An IPv6 address outside of the example organization, from the documentation range. */
export function internetAddressV6(random: Random): string {
  const group = (low: number): string => random.integer(low, 0xffff).toString(16);
  return `2001:db8:${group(0x8000)}:${group(0x1000)}:${group(1)}:${group(1)}:${group(1)}:${group(1)}`;
}
