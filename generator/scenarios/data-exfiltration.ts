import { TCP } from '../conversation.ts';
import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { intervalStart } from '../scenario.ts';
import { clientPort, tcpVolume } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const CLIENT = interfaceNamed(EXAMPLE_ORGANIZATION, 'worker-2');
const DROP_SITE = '203.0.113.200';
const MINUTES = 12;
const UPLOAD = tcpVolume(8_000_000_000, 400_000);

export const dataExfiltration = {
  name: 'data-exfiltration',
  title: 'A worker uploads 8 GB to a host it has never talked to',
  description:
    'One HTTPS connection through the NAT gateway carries 8 GB out in twelve minutes. Everything is accepted; only the volume and the unknown host give it away. The NAT gateway logs it again under its own address.',
  expect: {
    accountId: PRODUCTION_ACCOUNT,
    resource: CLIENT.id,
    clients: [CLIENT.address],
    servers: [DROP_SITE],
    serverPorts: [443],
    action: 'ACCEPT',
    // One record a minute in each direction.
    records: 2 * MINUTES,
    bytes: UPLOAD.bytes,
    packets: UPLOAD.packets,
  },
  plant(world, random, start) {
    const client = interfaceNamed(world, CLIENT.name);
    const upload = {
      client: endpointOf(client),
      server: { address: DROP_SITE },
      protocol: TCP,
      clientPort: clientPort(random),
      serverPort: 443,
      start: intervalStart(client, start, 4),
      duration: MINUTES * 60 - 1,
      request: UPLOAD,
      reply: tcpVolume(400_000, 1_000_000_000),
      ending: 'closed' as const,
    };
    return { conversations: [upload] };
  },
} as const satisfies Scenario;
