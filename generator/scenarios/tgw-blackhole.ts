import { EXAMPLE_ORGANIZATION, SHARED_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { attempt, intervalStart } from '../scenario.ts';
import { clientPort } from '../volumes.ts';
import { endpointOf, interfaceNamed, routeFor } from '../world.ts';

const CLIENT = interfaceNamed(EXAMPLE_ORGANIZATION, 'app-4');
const SERVER = '10.80.4.20';
const ATTEMPTS = 20;
const SYNS = 4;

const route = routeFor(CLIENT.subnet, SERVER);
if (route?.kind !== 'transit-gateway') throw new Error('tgw-blackhole needs a route to the transit gateway');
const { attachment } = route;

export const tgwBlackhole = {
  name: 'tgw-blackhole',
  title: 'The transit gateway drops packets to a deleted VPC',
  description:
    "An app server still calls a service in a deleted VPC. Its interface and the attachment's log ACCEPT; the transit gateway counts the packets as lost to a blackhole route.",
  expect: {
    finding: 'PACKET_LOSS',
    accountId: SHARED_ACCOUNT,
    resource: attachment.id,
    clients: [CLIENT.address],
    servers: [SERVER],
    serverPorts: [443],
    records: ATTEMPTS,
    packets: ATTEMPTS * SYNS,
  },
  plant(world, random, start) {
    const client = endpointOf(interfaceNamed(world, CLIENT.name));
    const conversations = Array.from({ length: ATTEMPTS }, (_, i) =>
      attempt(
        client,
        { address: SERVER },
        [clientPort(random), 443],
        intervalStart(attachment, start, 3 + Math.floor(i / 2)) + (i % 2) * 30,
        SYNS,
      ),
    );
    return { conversations };
  },
} as const satisfies Scenario;
