import { GRE } from '../conversation.ts';
import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { intervalStart } from '../scenario.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const CLIENT = interfaceNamed(EXAMPLE_ORGANIZATION, 'public-api');
const FAR_END = '203.0.113.47';
const MINUTES = 12;
const SENT = { packets: 10_800, bytes: 13_200_000 };

export const greTunnel = {
  name: 'gre-tunnel',
  title: 'A GRE tunnel leads from the public API to an unknown host',
  description:
    'The security group of the public API lets everything out, so nothing stops a tunnel. What it carries no flow log shows: only protocol 47 between its two ends.',
  expect: {
    accountId: PRODUCTION_ACCOUNT,
    resource: CLIENT.id,
    clients: [CLIENT.address],
    servers: [FAR_END],
    serverPorts: [0],
    action: 'ACCEPT',
    // One record a minute in each direction.
    records: 2 * MINUTES,
    bytes: SENT.bytes,
    packets: SENT.packets,
  },
  plant(world, _random, start) {
    const client = interfaceNamed(world, CLIENT.name);
    const tunnel = {
      client: endpointOf(client),
      server: { address: FAR_END },
      protocol: GRE,
      clientPort: 0,
      serverPort: 0,
      start: intervalStart(client, start, 5),
      duration: MINUTES * 60 - 1,
      request: SENT,
      reply: { packets: 4_800, bytes: 720_000 },
      ending: 'closed' as const,
    };
    return { conversations: [tunnel] };
  },
} as const satisfies Scenario;
