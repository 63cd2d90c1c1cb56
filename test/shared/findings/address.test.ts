import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import {
  type AddressRange,
  ipv6Network56,
  isGroupAddress,
  rangeOf,
  rangeOfIPv4,
} from '../../../shared/findings/address.ts';
import { INPUT_AT } from '../../../shared/line-loop/layout.ts';
import { borrowLineLoop } from '../../../shared/line-loop/line-loop.ts';

const ROWS: readonly [string, AddressRange][] = [
  ['10.0.0.1', 'private'],
  ['172.15.255.255', 'public'],
  ['172.16.0.0', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', 'public'],
  ['192.168.1.1', 'private'],
  ['192.169.0.1', 'public'],
  ['100.63.255.255', 'public'],
  ['100.64.0.1', 'private'],
  ['100.127.255.255', 'private'],
  ['100.128.0.0', 'public'],
  ['169.254.169.253', 'private'],
  ['224.0.0.251', 'private'],
  ['255.255.255.255', 'private'],
  ['8.8.8.8', 'public'],
  ['0.0.0.0', 'unknown'],
  ['2600:1f18::1', 'public'],
  ['fd00:ec2::253', 'private'],
  ['fe80::1', 'private'],
  ['ff02::fb', 'private'],
  ['64:ff9b::c000:201', 'public'],
  ['::1', 'unknown'],
  ['', 'unknown'],
  ['-', 'unknown'],
  ['10.0.0', 'unknown'],
  ['10.0.0.256', 'unknown'],
  ['10.0.0.0.1', 'unknown'],
  ['10..0.1', 'unknown'],
  ['2001:db8:::1', 'unknown'],
  ['2001:db8:1:2:3:4:5:6:7', 'unknown'],
  ['2001:db8:zz::1', 'unknown'],
  [':', 'unknown'],
  ['é'.repeat(64), 'unknown'],
];

describe('the range of an address', () => {
  test.each(ROWS)('%s is %s', (address, range) => {
    expect(rangeOf(address)).toBe(range);
  });

  test('agrees with ipaddr.js on all IPv4 addresses that are in use', () => {
    const privateRanges = ['private', 'carrierGradeNat', 'linkLocal', 'loopback', 'multicast', 'broadcast'];
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const range = ipaddr.parse(address).range();
        fc.pre(!['unspecified', 'reserved'].includes(range));
        expect(rangeOf(address)).toBe(privateRanges.includes(range) ? 'private' : 'public');
      }),
    );
  });
});

describe('the /56 of an IPv6 address', () => {
  test('is equal for two addresses if and only if their first 56 bits are, however they are written', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat(15), (a, b, shared) => {
        b.set(a.subarray(0, shared));
        const [first, second] = [a, b].map((address) => ipaddr.fromByteArray([...address]) as ipaddr.IPv6);
        const isSame = Buffer.from(a.subarray(0, 7)).equals(b.subarray(0, 7));
        for (const texts of [
          [first!.toString(), second!.toNormalizedString()],
          [first!.toNormalizedString().toUpperCase(), second!.toString()],
        ]) {
          expect(ipv6Network56(texts[0]!) === ipv6Network56(texts[1]!)).toBe(isSame);
          expect(ipv6Network56(texts[0]!)).toBeDefined();
        }
      }),
    );
  });

  test.each(['10.0.0.1', '', 'a:b', '1:2:3:4:5:6:7:8:9', '::1::'])('%j has none', (address) => {
    expect(ipv6Network56(address)).toBeUndefined();
  });
});

describe('addresses that are not decoded', () => {
  test('have their range told by their bytes', () => {
    const loop = borrowLineLoop();
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        loop.bytes.write(` ${address} 443 ACCEPT`, INPUT_AT);
        loop.tokenStart[0] = INPUT_AT + 1;
        loop.tokenEnd[0] = INPUT_AT + 1 + address.length;
        expect(rangeOfIPv4(loop.view.ipv4Of(0)) === 'private').toBe(rangeOf(address) === 'private');
      }),
    );
    loop.release();
  });
});

test.each([
  ['223.255.255.255', false],
  ['224.0.0.0', true],
  ['239.255.255.250', true],
  ['240.0.0.1', false],
  ['255.255.255.255', true],
  ['10.0.0.255', false],
  ['ff02::fb', true],
  ['FF05::2', true],
  ['fe80::1', false],
  ['2600:ff02::1', false],
  ['nonsense', false],
  ['', false],
])('whether %s is the address of a group: %s', (address, isGroup) => {
  expect(isGroupAddress(address)).toBe(isGroup);
});
