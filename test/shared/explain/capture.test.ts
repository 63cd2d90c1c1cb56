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
  [false, '10.0.0.2', 6, 443],
  [false, '10.0.0.53', 17, 53],
  [false, '8.8.8.2', 17, 53],
  [false, '169.254.169.100', 6, 80],
] as const)('never captured: %s for %s, protocol %d, port %d', (expected, address, protocol, port) => {
  const destination = { addresses: [address], interfaceIds: [] };
  expect(isNeverCaptured({ ...TCP_QUESTION, destination, protocol, port })).toBe(expected);
});
