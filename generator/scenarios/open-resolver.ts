import { UDP } from '../conversation.ts';
import { BASTION_WITH_OPEN_DNS, EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { intervalStart } from '../scenario.ts';
import { clientPort } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

/** Whose address the forged questions carry, and who therefore gets the answers. */
const VICTIM = '203.0.113.150';
const SERVER = interfaceNamed(EXAMPLE_ORGANIZATION, 'bastion');
const FROM_MINUTE = 7;
const MINUTES = 10;
/** In a minute: 1,500 questions of 64 bytes, and answers of 3,000 bytes in three fragments. */
const QUESTIONS = { packets: 1_500, bytes: 1_500 * 64 };
const ANSWERS = { packets: 1_500 * 3, bytes: 1_500 * 3_000 };

export const openResolver = {
  name: 'open-resolver',
  title: 'A forgotten name server on the bastion helps to flood a stranger',
  description:
    'For a test the security group of the bastion lets everyone ask its name server. Questions under a forged address get answers 47 times as large, which flood whoever has that address.',
  expect: {
    accountId: PRODUCTION_ACCOUNT,
    resource: SERVER.id,
    clients: [VICTIM],
    servers: [SERVER.address],
    serverPorts: [53],
    action: 'ACCEPT',
    records: 2 * MINUTES,
    bytes: MINUTES * QUESTIONS.bytes,
    packets: MINUTES * QUESTIONS.packets,
  },
  plant(world, random, start) {
    const server = interfaceNamed(world, SERVER.name);
    const conversations = Array.from({ length: MINUTES }, (_, i) => ({
      client: { address: VICTIM },
      server: endpointOf(server),
      protocol: UDP,
      clientPort: clientPort(random),
      serverPort: 53,
      start: intervalStart(server, start, FROM_MINUTE + i),
      duration: 59,
      request: QUESTIONS,
      reply: ANSWERS,
      ending: 'closed' as const,
    }));
    const from = intervalStart(server, start, FROM_MINUTE);
    const change = {
      ...{ interface: server, securityGroup: BASTION_WITH_OPEN_DNS },
      ...{ from, until: from + MINUTES * 60 },
    };
    return { conversations, changes: [change] };
  },
} as const satisfies Scenario;
