import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { attempt, intervalStart } from '../scenario.ts';
import { clientPort } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const CLIENTS = ['app-1', 'app-2', 'app-3'].map((name) => interfaceNamed(EXAMPLE_ORGANIZATION, name));
const SERVER = interfaceNamed(EXAMPLE_ORGANIZATION, 'reports');
const MINUTES = 10;

export const replyRejected = {
  name: 'reply-rejected',
  title: 'A network ACL drops the replies of the reports server',
  description:
    "The network ACL of the reports subnet lets requests in but no replies to ephemeral ports out. The reports server's interface logs each request as ACCEPT and its reply as REJECT.",
  expect: {
    finding: 'REJECT',
    path: 'subnet-to-subnet',
    accountId: PRODUCTION_ACCOUNT,
    resource: SERVER.id,
    clients: CLIENTS.map((client) => client.address),
    servers: [SERVER.address],
    serverPorts: [8443],
    action: 'REJECT',
    records: CLIENTS.length * MINUTES,
  },
  plant(world, random, start) {
    const server = interfaceNamed(world, SERVER.name);
    const conversations = CLIENTS.flatMap(({ name }) =>
      Array.from({ length: MINUTES }, (_, i) =>
        attempt(
          endpointOf(interfaceNamed(world, name)),
          endpointOf(server),
          [clientPort(random), 8443],
          intervalStart(server, start, 4 + i),
          4,
        ),
      ),
    );
    return { conversations };
  },
} as const satisfies Scenario;
