import { parseVpcFormat } from '../../shared/flow-log/vpc-format.ts';
import { TCP } from '../conversation.ts';
import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { intervalStart } from '../scenario.ts';
import { clientPort, tcpVolume } from '../volumes.ts';
import { endpointOf, interfaceNamed, resourceId } from '../world.ts';

const CLIENT = interfaceNamed(EXAMPLE_ORGANIZATION, 'order-task-2');
const CARRIER = '198.51.100.61';
const CALLS = 18;

export const loggedTwice = {
  name: 'logged-twice',
  title: "A second flow log records an ECS task's interface again",
  description:
    "The team of the ECS service keeps a flow log of its own on a task's interface, with every field that there is. The flow log of the VPC records the same packets, so a plain sum counts them double.",
  expect: {
    accountId: PRODUCTION_ACCOUNT,
    resource: CLIENT.id,
    clients: [CLIENT.address],
    servers: [CARRIER],
    serverPorts: [443],
    action: 'ACCEPT',
    // Both directions, in both flow logs.
    records: 4 * CALLS,
  },
  plant(world, random, start) {
    const client = interfaceNamed(world, CLIENT.name);
    const conversations = Array.from({ length: CALLS }, (_, i) => ({
      client: endpointOf(client),
      server: { address: CARRIER },
      protocol: TCP,
      clientPort: clientPort(random),
      serverPort: 443,
      start: intervalStart(client, start, 1 + i) + random.integer(0, 35),
      duration: random.integer(0, 20),
      request: tcpVolume(random.integer(2_000, 9_000), 4_000),
      reply: tcpVolume(4_000, 6_000),
      ending: 'closed' as const,
    }));
    const flowLog = {
      id: resourceId('fl', 'order-worker'),
      observer: client,
      fields: parseVpcFormat('full'),
    };
    return { conversations, flowLogs: [flowLog] };
  },
} as const satisfies Scenario;
