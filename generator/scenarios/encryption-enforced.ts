import { EXAMPLE_ORGANIZATION } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { attempt, intervalStart } from '../scenario.ts';
import { clientPort } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const CLIENT = '192.168.30.44';
const ENDPOINT = interfaceNamed(EXAMPLE_ORGANIZATION, 'ssm-endpoint-1');
const ATTEMPTS = 10;

export const encryptionEnforced = {
  name: 'encryption-enforced',
  title: 'An endpoint refuses an office host that does not encrypt',
  description:
    "An old agent on the own premises calls an endpoint over plain HTTP. The endpoint's security group allows it; the encryption controls of the VPC do not.",
  expect: {
    finding: 'REJECT',
    // Addresses of the own premises are private, and count as inside.
    path: 'subnet-to-subnet',
    accountId: ENDPOINT.loggedAccountId,
    resource: ENDPOINT.id,
    clients: [CLIENT],
    servers: [ENDPOINT.address],
    serverPorts: [80],
    action: 'REJECT',
    records: ATTEMPTS,
  },
  plant(world, random, start) {
    const endpoint = interfaceNamed(world, ENDPOINT.name);
    const conversations = Array.from({ length: ATTEMPTS }, (_, i) =>
      attempt(
        { address: CLIENT },
        endpointOf(endpoint),
        [clientPort(random), 80],
        intervalStart(endpoint, start, 2 + i),
        4,
      ),
    );
    return { conversations };
  },
} as const satisfies Scenario;
