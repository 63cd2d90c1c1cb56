import { describe, expect, test } from 'vitest';
import { EXAMPLE_ORGANIZATION } from '../../../generator/organization.ts';
import { isNeverCaptured } from '../../../shared/explain/capture.ts';
import { interfacesOf } from '../../../shared/explain/locate.ts';
import type { FlowRow } from '../../../shared/explain/observation.ts';
import { generatedLogs } from './generated-evidence.ts';
import { at, TCP_QUESTION } from './plain-traffic.ts';

describe('the interfaces of an address', () => {
  const { rows } = generatedLogs({ records: 3000, scenarios: [] });
  const withoutDirection = rows.map(({ flow_direction: _, ...row }) => row);
  const ids = (address: string, of: readonly FlowRow[]) =>
    interfacesOf(address, of).map((each) => each.interfaceId);
  /** Those that have several peers. */
  const talking = EXAMPLE_ORGANIZATION.interfaces.filter(
    ({ role, subnet }) => ['app', 'load-balancer', 'nat'].includes(role) && subnet.vpc.name === 'production',
  );

  test.each(talking.map((each) => [each.name, each] as const))('%s is found', (_, { address, id }) => {
    expect(ids(address, rows)).toEqual([id]);
    expect(ids(address, withoutDirection)).toEqual([id]);
  });

  test('each comes with its VPC and subnet', () => {
    const [app] = talking;
    expect(interfacesOf(app!.address, rows)).toEqual([
      { interfaceId: app!.id, vpcId: app!.subnet.vpc.id, subnetId: app!.subnet.id, azId: app!.subnet.azId },
    ]);
  });

  test('an address that is used in two VPCs has two, and nobody chooses', () => {
    const decoy = rows.map((row) => ({
      ...row,
      interface_id: `${row.interface_id}-decoy`,
      vpc_id: 'vpc-decoy',
    }));
    const [app] = talking;
    expect(ids(app!.address, [...rows, ...decoy])).toEqual([app!.id, `${app!.id}-decoy`]);
  });

  test('without a direction two ends that talk to each other alone cannot be told apart', () => {
    const plain = [at('P1'), at('P2'), at('P3'), at('P4')].map((row) => ({ ...row, flow_direction: null }));
    expect(ids('10.0.1.5', plain)).toEqual([]);
    expect(ids('10.0.1.5', [...plain, at('P1', { flow_direction: null, dstaddr: '10.0.2.8' })])).toEqual([
      'eni-a',
    ]);
  });

  test('an address outside has none', () => {
    expect(ids('203.0.113.200', rows)).toEqual([]);
    expect(ids('203.0.113.200', withoutDirection)).toEqual([]);
  });
});

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
