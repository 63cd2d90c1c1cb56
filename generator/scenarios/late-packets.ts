import { FIN, RST, TCP } from '../conversation.ts';
import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { intervalStart } from '../scenario.ts';
import { clientPort, tcpVolume } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const SERVER = interfaceNamed(EXAMPLE_ORGANIZATION, 'load-balancer-a');
const CLIENTS = Array.from({ length: 50 }, (_, i) => `192.0.2.${i + 101}`);
const CLIENTS_PER_MINUTE = 10;

export const latePackets = {
  name: 'late-packets',
  title: "A busy load balancer's clients send packets after the close",
  description:
    'Fifty served clients send a FIN, a RST or an ACK after their connection was closed. AWS logs such packets as REJECT although nothing is wrong; none of them carries a SYN.',
  expect: {
    finding: 'REJECT',
    path: 'internet-to-subnet',
    accountId: PRODUCTION_ACCOUNT,
    resource: SERVER.id,
    clients: CLIENTS,
    servers: [SERVER.address],
    serverPorts: [443],
    action: 'REJECT',
    records: CLIENTS.length,
  },
  plant(world, random, start) {
    const server = interfaceNamed(world, SERVER.name);
    const conversations = CLIENTS.map((address, i) => ({
      client: { address },
      server: endpointOf(server),
      protocol: TCP,
      clientPort: clientPort(random),
      serverPort: 443,
      start:
        intervalStart(server, start, 6 + Math.floor(i / CLIENTS_PER_MINUTE)) + (i % CLIENTS_PER_MINUTE) * 3,
      duration: random.integer(1, 8),
      request: tcpVolume(random.integer(700, 3_000), 30_000),
      reply: tcpVolume(random.integer(8_000, 60_000), 2_000),
      ending: 'closed' as const,
      late: {
        from: 'client' as const,
        after: random.integer(2, 15),
        packets: 1,
        bytes: 40,
        tcpFlags: [FIN, RST, 0][i % 3]!,
      },
    }));
    return { conversations };
  },
} as const satisfies Scenario;
