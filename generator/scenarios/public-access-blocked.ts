import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { attempt, intervalStart } from '../scenario.ts';
import { clientPort } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const CLIENT = interfaceNamed(EXAMPLE_ORGANIZATION, 'staging-app-2');
const REGISTRY = '198.51.100.88';
const ATTEMPTS = 14;

export const publicAccessBlocked = {
  name: 'public-access-blocked',
  title: 'Block Public Access keeps a staging server from the internet',
  description:
    'A staging server has a public address, a route to the internet gateway and rules that let it out. VPC Block Public Access of the account rejects it all the same; such records say so, and have no byte count.',
  expect: {
    finding: 'REJECT',
    path: 'subnet-to-internet',
    accountId: PRODUCTION_ACCOUNT,
    resource: CLIENT.id,
    clients: [CLIENT.address],
    servers: [REGISTRY],
    serverPorts: [443],
    action: 'REJECT',
    records: ATTEMPTS,
    packets: ATTEMPTS * 3,
  },
  plant(world, random, start) {
    const client = interfaceNamed(world, CLIENT.name);
    const conversations = Array.from({ length: ATTEMPTS }, (_, i) =>
      attempt(
        endpointOf(client),
        { address: REGISTRY },
        [clientPort(random), 443],
        intervalStart(client, start, 2 + i) + random.integer(0, 50),
        3,
      ),
    );
    return { conversations };
  },
} as const satisfies Scenario;
