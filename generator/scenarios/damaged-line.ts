import { EXAMPLE_ORGANIZATION, PRODUCTION_ACCOUNT } from '../organization.ts';
import type { Scenario } from '../scenario.ts';
import { intervalStart } from '../scenario.ts';
import { interfaceNamed } from '../world.ts';

const IDLE = interfaceNamed(EXAMPLE_ORGANIZATION, 'staging-standby');

export const damagedLine = {
  name: 'damaged-line',
  title: 'Two lines of a flow log object run into each other',
  description:
    'The line break between two lines was lost on the way. What is left has twice the values of the header and is no record: it is quarantined, and every other line of the object is kept.',
  expect: {
    accountId: PRODUCTION_ACCOUNT,
    resource: IDLE.subnet.vpc.flowLogId,
    clients: [],
    servers: [],
    serverPorts: [],
    records: 0,
  },
  plant(world, _random, start) {
    const observer = interfaceNamed(world, IDLE.name);
    return { lostLineBreaks: [{ observer, start: intervalStart(observer, start, 11) }] };
  },
} as const satisfies Scenario;
