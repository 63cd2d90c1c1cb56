import { TCP } from '../conversation.ts';
import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { intervalStart } from '../scenario.ts';
import { clientPort, tcpVolume } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const CLIENT = interfaceNamed(EXAMPLE_ORGANIZATION, 'app-6');
const SERVER = '2001:db8:9abc:1def:2345:3456:4567:5678';
const CALLS = 24;

export const ipv6Egress = {
  name: 'ipv6-egress',
  title: 'An app server reaches the internet over IPv6, past the NAT gateway',
  description:
    "A route table of the app servers has an IPv6 route to the internet gateway. One of them calls a host directly; no NAT gateway logs it, and the servers' IPv4 rules do not apply.",
  expect: {
    accountId: PRODUCTION_ACCOUNT,
    resource: CLIENT.id,
    clients: [CLIENT.addressV6],
    servers: [SERVER],
    serverPorts: [443],
    action: 'ACCEPT',
    records: 2 * CALLS,
  },
  plant(world, random, start) {
    const client = interfaceNamed(world, CLIENT.name);
    const conversations = Array.from({ length: CALLS }, (_, i) => ({
      client: endpointOf(client, client.addressV6),
      server: { address: SERVER },
      protocol: TCP,
      clientPort: clientPort(random),
      serverPort: 443,
      start: intervalStart(client, start, 3 + Math.floor(i / 2)) + (i % 2) * 30 + random.integer(0, 9),
      duration: random.integer(1, 20),
      request: tcpVolume(random.integer(60_000, 400_000), 5_000),
      reply: tcpVolume(5_000, 200_000),
      ending: 'closed' as const,
    }));
    return { conversations };
  },
} as const satisfies Scenario;
