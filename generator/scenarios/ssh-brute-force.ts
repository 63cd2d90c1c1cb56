import { TCP } from '../conversation.ts';
import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { intervalStart } from '../scenario.ts';
import { clientPort, tcpVolume } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const ATTACKER = '203.0.113.77';
const TARGET = interfaceNamed(EXAMPLE_ORGANIZATION, 'bastion');
const ATTEMPTS = 180;
const ATTEMPTS_PER_MINUTE = 12;

export const sshBruteForce = {
  name: 'ssh-brute-force',
  title: 'One internet host tries passwords over SSH',
  description:
    'The bastion accepts SSH from anywhere. A host opens 180 short SSH connections to it in 15 minutes, all accepted.',
  expect: {
    accountId: PRODUCTION_ACCOUNT,
    resource: TARGET.id,
    clients: [ATTACKER],
    servers: [TARGET.address],
    serverPorts: [22],
    action: 'ACCEPT',
    records: 2 * ATTEMPTS,
  },
  plant(world, random, start) {
    const target = interfaceNamed(world, 'bastion');
    const conversations = Array.from({ length: ATTEMPTS }, (_, i) => ({
      client: { address: ATTACKER },
      server: endpointOf(target),
      protocol: TCP,
      clientPort: clientPort(random),
      serverPort: 22,
      start:
        intervalStart(target, start, 2 + Math.floor(i / ATTEMPTS_PER_MINUTE)) + (i % ATTEMPTS_PER_MINUTE) * 4,
      duration: random.integer(1, 3),
      request: tcpVolume(random.integer(1_900, 2_400), 2_600),
      reply: tcpVolume(random.integer(2_500, 2_700), 2_200),
      ending: 'closed' as const,
    }));
    return { conversations };
  },
} as const satisfies Scenario;
