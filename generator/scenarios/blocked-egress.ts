import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { attempt, intervalStart } from '../scenario.ts';
import { clientPort } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const CLIENT = interfaceNamed(EXAMPLE_ORGANIZATION, 'worker-1');
const TELEMETRY = '198.51.100.40';
const TELEMETRY_PORT = 4317;
const ATTEMPTS = 32;

export const blockedEgress = {
  name: 'blocked-egress',
  title: 'A worker may not send its telemetry out',
  description:
    'A worker sends telemetry to a supplier on port 4317 twice a minute. The outbound rules of its security group do not allow that port, so its own interface rejects each SYN on its way out.',
  expect: {
    finding: 'REJECT',
    path: 'subnet-to-internet',
    accountId: PRODUCTION_ACCOUNT,
    resource: CLIENT.id,
    clients: [CLIENT.address],
    servers: [TELEMETRY],
    serverPorts: [TELEMETRY_PORT],
    action: 'REJECT',
    records: ATTEMPTS,
  },
  plant(world, random, start) {
    const client = interfaceNamed(world, CLIENT.name);
    const conversations = Array.from({ length: ATTEMPTS }, (_, i) =>
      attempt(
        endpointOf(client),
        { address: TELEMETRY },
        [clientPort(random), TELEMETRY_PORT],
        intervalStart(client, start, 1 + Math.floor(i / 2)) + (i % 2) * 30,
        3,
      ),
    );
    return { conversations };
  },
} as const satisfies Scenario;
