import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { attempt, intervalStart } from '../scenario.ts';
import { clientPort } from '../volumes.ts';
import { endpointOf, interfaceNamed } from '../world.ts';

const SCANNER = '198.51.100.23';
const OPEN_PORT = 22;
const PORTS = Array.from({ length: 300 }, (_, i) => i + 1).filter((port) => port !== OPEN_PORT);
const TARGET = interfaceNamed(EXAMPLE_ORGANIZATION, 'bastion');
const PORTS_PER_MINUTE = 60;

export const portScan = {
  name: 'port-scan',
  title: 'One internet host tries 300 ports of the bastion',
  description:
    'A scanner walks through the ports 1 to 300, one SYN each, within five minutes. All but SSH are rejected.',
  expect: {
    finding: 'REJECT',
    path: 'internet-to-subnet',
    accountId: PRODUCTION_ACCOUNT,
    resource: TARGET.id,
    clients: [SCANNER],
    servers: [TARGET.address],
    serverPorts: PORTS,
    action: 'REJECT',
    records: PORTS.length,
  },
  plant(world, random, start) {
    const target = interfaceNamed(world, 'bastion');
    const scan = [...PORTS, OPEN_PORT].map((port, i) => {
      const time =
        intervalStart(target, start, 2 + Math.floor(i / PORTS_PER_MINUTE)) + (i % PORTS_PER_MINUTE);
      return attempt({ address: SCANNER }, endpointOf(target), [clientPort(random), port], time, 1);
    });
    return {
      conversations: scan.map((each) => ({ ...each, request: { packets: 1, bytes: 44 }, ending: 'reset' })),
    };
  },
} as const satisfies Scenario;
