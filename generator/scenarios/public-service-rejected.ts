import { TCP } from '../conversation.ts';
import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT, PUBLIC_API_WITHOUT_HTTPS } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { attempt, intervalStart } from '../scenario.ts';
import { clientPort, tcpVolume } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const SERVER = interfaceNamed(EXAMPLE_ORGANIZATION, 'public-api');
/** Enough sources that nobody can take them for one curious stranger. */
const CLIENTS = Array.from({ length: 60 }, (_, i) => `192.0.2.${i + 1}`);
const DARK_FROM_MINUTE = 8;
const DARK_MINUTES = 6;

export const publicServiceRejected = {
  name: 'public-service-rejected',
  title: 'The public API goes dark for six minutes',
  description:
    'A wrong security group is attached to the public API. Its port 443, which served these 60 clients before, rejects them until the group is put back.',
  expect: {
    finding: 'REJECT',
    path: 'internet-to-subnet',
    accountId: PRODUCTION_ACCOUNT,
    resource: SERVER.id,
    clients: CLIENTS,
    servers: [SERVER.address],
    serverPorts: [443],
    action: 'REJECT',
    records: 2 * CLIENTS.length,
  },
  plant(world, random, start) {
    const server = interfaceNamed(world, SERVER.name);
    const darkFrom = intervalStart(server, start, DARK_FROM_MINUTE);
    const served = (address: string, time: number) => ({
      client: { address },
      server: endpointOf(server),
      protocol: TCP,
      clientPort: clientPort(random),
      serverPort: 443,
      start: time,
      duration: random.integer(0, 4),
      request: tcpVolume(random.integer(600, 4_000), 8_000),
      reply: tcpVolume(random.integer(5_000, 20_000), 2_000),
      ending: 'closed' as const,
    });
    const before = CLIENTS.map((address, i) => served(address, darkFrom - 240 + i * 3));
    // Every client tries twice while the service is dark: one in three minutes, again in the next three.
    const during = [...CLIENTS, ...CLIENTS].map((address, i) => {
      const time = darkFrom + Math.floor(i / 20) * 60 + (i % 20) * 2;
      return attempt({ address }, endpointOf(server), [clientPort(random), 443], time, 3);
    });
    const change = {
      interface: server,
      securityGroup: PUBLIC_API_WITHOUT_HTTPS,
      from: darkFrom,
      until: darkFrom + DARK_MINUTES * 60,
    };
    return { conversations: [...before, ...during], changes: [change] };
  },
} as const satisfies Scenario;
