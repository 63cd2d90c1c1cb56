import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { attempt, intervalStart } from '../scenario.ts';
import { clientPort } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const CLIENTS = ['worker-2', 'order-task-1'].map((name) => interfaceNamed(EXAMPLE_ORGANIZATION, name));
const SERVER = interfaceNamed(EXAMPLE_ORGANIZATION, 'orders-db-1');
const MINUTES = 12;

export const internalServiceRejected = {
  name: 'internal-service-rejected',
  title: 'Workers cannot reach the orders database',
  description:
    "A new job needs the orders database, whose security group allows the app servers only. Each SYN is accepted on its way out of the worker and rejected at the database's interface, with four attempts each time.",
  expect: {
    finding: 'REJECT',
    path: 'subnet-to-subnet',
    accountId: PRODUCTION_ACCOUNT,
    resource: SERVER.id,
    clients: CLIENTS.map((client) => client.address),
    servers: [SERVER.address],
    serverPorts: [5432],
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
          [clientPort(random), 5432],
          intervalStart(server, start, 3 + i),
          4,
        ),
      ),
    );
    return { conversations };
  },
} as const satisfies Scenario;
