/** What the generator plants and its ordinary traffic: whose traffic it is, and what explain has to say of it. */

import { EXAMPLE_ORGANIZATION } from '../../../generator/organization.ts';
import type { ScenarioName } from '../../../generator/scenarios.ts';
import { interfaceNamed } from '../../../generator/world.ts';
import type { End } from '../../../shared/explain/observation.ts';
import { endOf, outside } from './generated-evidence.ts';

/** An end that is an interface of the example organization. */
export function inside(name: string): End {
  return endOf(interfaceNamed(EXAMPLE_ORGANIZATION, name));
}

export interface Case {
  readonly name: string;
  /** Planted by the generator; none is ordinary traffic. */
  readonly scenario?: ScenarioName;
  readonly source: End;
  readonly destination: End;
  readonly protocol?: number;
  readonly port: number;
  /** What the log shows when nothing is missing. */
  readonly verdict: string;
  /** Other verdicts that are true as well, where a degraded log shows less. */
  readonly alsoTrue?: readonly string[];
}

export const CASES: readonly Case[] = [
  {
    name: 'the database rejects a worker',
    scenario: 'internal-service-rejected',
    source: inside('worker-2'),
    destination: inside('orders-db-1'),
    port: 5432,
    verdict: 'target-rejects',
  },
  {
    name: 'the network ACL of the reports subnet drops replies',
    scenario: 'reply-rejected',
    source: inside('app-1'),
    destination: inside('reports'),
    port: 8443,
    verdict: 'target-acl-drops-replies',
    // The log of the target without its accepted records, and that of the source alone, show less.
    alsoTrue: ['target-rejects-replies'],
  },
  {
    name: 'a worker may not send telemetry',
    scenario: 'blocked-egress',
    source: inside('worker-1'),
    destination: outside('198.51.100.40'),
    port: 4317,
    verdict: 'source-rejects',
  },
  {
    name: 'late packets of a client of the load balancer',
    scenario: 'late-packets',
    source: outside('192.0.2.101'),
    destination: inside('load-balancer-a'),
    port: 443,
    verdict: 'late-packets',
    // With ACCEPT alone the late packets do not show, and nothing else happened.
    alsoTrue: ['handshake-completed'],
  },
  {
    name: 'a scanner at a closed port',
    scenario: 'port-scan',
    source: outside('198.51.100.23'),
    destination: inside('bastion'),
    port: 80,
    verdict: 'target-rejects',
  },
  {
    name: 'the same scanner at the open port',
    scenario: 'port-scan',
    source: outside('198.51.100.23'),
    destination: inside('bastion'),
    port: 22,
    verdict: 'aborted',
  },
  {
    name: 'the public API rejects for a while',
    scenario: 'public-service-rejected',
    source: outside('192.0.2.1'),
    destination: inside('public-api'),
    port: 443,
    verdict: 'target-rejects-some',
    // Each half is true for the records of that half: only one action, or only the time before.
    alsoTrue: ['target-rejects', 'handshake-completed'],
  },
  {
    name: 'the transit gateway has a blackhole route',
    scenario: 'tgw-blackhole',
    source: inside('app-4'),
    destination: outside('10.80.4.20'),
    port: 443,
    verdict: 'transit-gateway-blackhole',
  },
  {
    name: 'a brute force attack gets its answers',
    scenario: 'ssh-brute-force',
    source: outside('203.0.113.77'),
    destination: inside('bastion'),
    port: 22,
    verdict: 'handshake-completed',
  },
  {
    name: 'an upload through the NAT gateway completes',
    scenario: 'data-exfiltration',
    source: inside('worker-2'),
    destination: outside('203.0.113.200'),
    port: 443,
    verdict: 'handshake-completed',
    alsoTrue: ['existing-connection'],
  },
  {
    name: 'an app server uses the cache',
    source: inside('app-1'),
    destination: inside('cache-1'),
    port: 6379,
    verdict: 'handshake-completed',
    alsoTrue: ['late-packets', 'existing-connection'],
  },
  {
    name: 'an app server fetches from a repository beyond the transit gateway',
    source: inside('app-1'),
    destination: inside('repository-1'),
    port: 443,
    verdict: 'handshake-completed',
    alsoTrue: ['late-packets', 'existing-connection'],
  },
  {
    name: 'an app server that never asks the other database',
    source: inside('app-1'),
    destination: inside('standby-1'),
    port: 5432,
    verdict: 'not-sent',
  },
  {
    name: 'an app server that looks names up',
    source: inside('app-1'),
    destination: inside('resolver-1'),
    protocol: 17,
    port: 53,
    verdict: 'datagrams-exchanged',
  },
];
