import { expect, test } from 'vitest';
import { isNeverCaptured } from '../../../shared/explain/capture.ts';
import { TCP_QUESTION } from './plain-traffic.ts';

test.each([
  [true, '169.254.169.254', 6, 80],
  [true, '169.254.169.123', 17, 123],
  [true, '169.254.169.253', 17, 53],
  [true, 'fd00:ec2::254', 6, 80],
  [true, '10.0.0.2', 17, 53],
  [true, '10.0.0.1', 17, 67],
  // The base address of a /25 plus two, and any port of the DNS server.
  [true, '10.0.0.130', 17, 53],
  [true, '10.0.0.2', 17, undefined],
  // The router of a subnet, by any protocol.
  [true, '10.0.1.1', 1, undefined],
  [true, '10.0.1.17', 6, 443],
  [false, '10.0.0.2', 6, 443],
  [false, '10.0.0.53', 17, 53],
  [false, '8.8.8.2', 17, 53],
  [false, '8.8.8.1', 17, 53],
  [false, '169.254.169.100', 6, 80],
] as const)('never captured: %s for %s, protocol %d, port %s', (expected, address, protocol, port) => {
  const destination = { addresses: [address], interfaceIds: [] };
  const { port: _, ...question } = { ...TCP_QUESTION, destination, protocol };
  expect(isNeverCaptured({ ...question, ...(port !== undefined && { port }) })).toBe(expected);
});

test('the address of a known interface is no reserved one', () => {
  const destination = { addresses: ['10.0.0.2'], interfaceIds: ['eni-b'] };
  expect(isNeverCaptured({ ...TCP_QUESTION, destination, protocol: 17, port: 53 })).toBe(false);
});
