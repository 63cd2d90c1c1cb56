import { describe, expect, test } from 'vitest';
import type { Conversation } from '../../generator/conversation.ts';
import { TCP } from '../../generator/conversation.ts';
import { observe } from '../../generator/observe.ts';
import { EXAMPLE_ORGANIZATION } from '../../generator/organization.ts';
import type { FlowRecord } from '../../generator/records.ts';
import type { Endpoint } from '../../generator/world.ts';
import { endpointOf, interfaceNamed } from '../../generator/world.ts';

const END: Record<string, Endpoint> = {
  internet: { address: '203.0.113.5' },
  'internet over IPv6': { address: '2001:db8:9abc:1def:2345:3456:4567:5678' },
  office: { address: '192.168.12.30' },
  s3: { address: '52.218.3.9', awsService: 'S3' },
};
const endpoint = (name: string): Endpoint =>
  END[name] ?? endpointOf(interfaceNamed(EXAMPLE_ORGANIZATION, name));

function sightings(client: string, server: string, serverPort: number): string[] {
  const conversation: Conversation = {
    client: endpoint(client),
    server: endpoint(server),
    protocol: TCP,
    clientPort: 40_000,
    serverPort,
    start: 1_795_150_800,
    duration: 0,
    // One packet is one record, whenever the interval of an observer begins.
    request: { packets: 1, bytes: 60 },
    reply: { packets: 1, bytes: 60 },
    ending: 'closed',
  };
  const seen: string[] = [];
  const name = (record: FlowRecord): string => record.sighting.observer.name;
  observe(EXAMPLE_ORGANIZATION, [], conversation, {
    vpc: (record) => {
      if (record.status !== 'OK') return;
      const { sighting, action, rejectReason } = record;
      seen.push([name(record), sighting.direction, action, rejectReason].filter(Boolean).join(' '));
    },
    transit: ({ sighting }) =>
      seen.push(`transit gateway ${sighting.direction} ${sighting.loss ?? 'forwards'}`),
  });
  return seen;
}

describe('who sees a connection', () => {
  test.each([
    [
      'app-1',
      'cache-1',
      6379,
      ['app-1 egress ACCEPT', 'cache-1 ingress ACCEPT', 'cache-1 egress ACCEPT', 'app-1 ingress ACCEPT'],
    ],
    ['app-1', 'cache-1', 6380, ['app-1 egress ACCEPT', 'cache-1 ingress REJECT']],
    ['internet', 'load-balancer-a', 443, ['load-balancer-a ingress ACCEPT', 'load-balancer-a egress ACCEPT']],
    ['internet', 'load-balancer-a', 22, ['load-balancer-a ingress REJECT']],
    ['worker-1', 'internet', 25, ['worker-1 egress REJECT']],
    ['worker-1', 's3', 443, ['worker-1 egress ACCEPT', 'worker-1 ingress ACCEPT']],
    [
      'worker-1',
      'internet',
      443,
      [
        'worker-1 egress ACCEPT',
        'nat-a ingress ACCEPT',
        'nat-a egress ACCEPT',
        'nat-a ingress ACCEPT',
        'nat-a egress ACCEPT',
        'worker-1 ingress ACCEPT',
      ],
    ],
    ['app-1', 'reports', 8443, ['app-1 egress ACCEPT', 'reports ingress ACCEPT', 'reports egress REJECT']],
    [
      'staging-app-1',
      'cache-2',
      6379,
      [
        'staging-app-1 egress ACCEPT',
        'cache-2 ingress ACCEPT',
        'cache-2 egress ACCEPT',
        'staging-app-1 ingress ACCEPT',
      ],
    ],
    [
      'office',
      'app-2',
      8080,
      [
        'transit gateway ingress forwards',
        'transit gateway egress forwards',
        'production-attachment-2 egress ACCEPT',
        'app-2 ingress ACCEPT',
        'app-2 egress ACCEPT',
        'production-attachment-2 ingress ACCEPT',
        'transit gateway ingress forwards',
        'transit gateway egress forwards',
      ],
    ],
    [
      // Packets stay in the zone of their sender, so both directions use attachments of different zones.
      'app-1',
      'repository-2',
      443,
      [
        'app-1 egress ACCEPT',
        'production-attachment-1 ingress ACCEPT',
        'transit gateway ingress forwards',
        'transit gateway egress forwards',
        'shared-attachment-1 egress ACCEPT',
        'repository-2 ingress ACCEPT',
        'repository-2 egress ACCEPT',
        'shared-attachment-2 ingress ACCEPT',
        'transit gateway ingress forwards',
        'transit gateway egress forwards',
        'production-attachment-2 egress ACCEPT',
        'app-1 ingress ACCEPT',
      ],
    ],
    ['staging-app-1', 'internet', 443, ['staging-app-1 egress REJECT BPA']],
    [
      // Rules judge first, and of what they reject no reason is told.
      'internet',
      'staging-app-1',
      22,
      ['staging-app-1 ingress REJECT'],
    ],
    [
      // The interfaces of the VPC encrypt between each other, whatever the port.
      'app-1',
      'ssm-endpoint-1',
      80,
      [
        'app-1 egress ACCEPT',
        'ssm-endpoint-1 ingress ACCEPT',
        'ssm-endpoint-1 egress ACCEPT',
        'app-1 ingress ACCEPT',
      ],
    ],
    [
      'office',
      'ssm-endpoint-1',
      80,
      [
        'transit gateway ingress forwards',
        'transit gateway egress forwards',
        'production-attachment-1 egress ACCEPT',
        'ssm-endpoint-1 ingress REJECT EC',
      ],
    ],
  ] as const)('from %s to %s on port %d', (client, server, port, expected) => {
    expect(sightings(client, server, port)).toEqual(expected);
  });

  test('traffic that no route leads to is a mistake', () => {
    expect(() => sightings('app-1', 'internet over IPv6', 443)).toThrow(
      'app-1 has no route to 2001:db8:9abc:1def:2345:3456:4567:5678',
    );
    expect(() => sightings('internet', 'office', 443)).toThrow('neither');
  });
});
