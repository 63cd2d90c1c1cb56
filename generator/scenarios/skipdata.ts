import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { intervalStart } from '../scenario.ts';
import { interfaceNamed } from '../world.ts';

const INTERFACE = interfaceNamed(EXAMPLE_ORGANIZATION, 'load-balancer-b');
const INTERVALS = 4;

export const skipdata = {
  name: 'skipdata',
  title: "AWS loses part of a load balancer's log",
  description:
    'In four intervals AWS could not record everything that passed a load balancer. Each has a SKIPDATA record beside the records that survived.',
  expect: {
    finding: 'SKIPDATA',
    accountId: PRODUCTION_ACCOUNT,
    resource: INTERFACE.id,
    clients: [],
    servers: [],
    serverPorts: [],
    records: INTERVALS,
  },
  plant(world, _random, start) {
    const observer = interfaceNamed(world, INTERFACE.name);
    return {
      gaps: Array.from({ length: INTERVALS }, (_, i) => ({
        observer,
        start: intervalStart(observer, start, 5 + 2 * i),
      })),
    };
  },
} as const satisfies Scenario;
