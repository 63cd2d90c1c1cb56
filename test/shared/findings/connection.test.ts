import { describe, expect, test } from 'vitest';
import {
  certainlyAsks,
  DESTINATION,
  type Refusal,
  type RefusedFlow,
  refusalOf,
  SOURCE,
  servingEndByPorts,
  servingEndOfRefused,
} from '../../../shared/findings/connection.ts';

const UDP = 17;
const ICMP = 1;
const TCP = 6;
const NO = { requestAccepted: false, alsoAccepted: false };
const REQUEST = { requestAccepted: true, alsoAccepted: false };
const SAME = { requestAccepted: false, alsoAccepted: true };
const BOTH = { requestAccepted: true, alsoAccepted: true };

const ROWS: readonly {
  why: string;
  protocol: number;
  ports: [number, number];
  flags?: number;
  accepted?: typeof NO;
  server: 'source' | 'destination';
  refusal: Refusal;
}[] = [
  {
    why: 'a SYN asks',
    protocol: TCP,
    ports: [40000, 22],
    flags: 2,
    server: 'destination',
    refusal: 'request',
  },
  {
    why: 'a SYN asks, also from a service port: scanners borrow them',
    protocol: TCP,
    ports: [443, 50123],
    flags: 2,
    server: 'destination',
    refusal: 'request',
  },
  {
    why: 'SYN and RST of an interval together are still a request',
    protocol: TCP,
    ports: [40000, 8443],
    flags: 6,
    server: 'destination',
    refusal: 'request',
  },
  {
    why: 'a SYN-ACK answers a request that was accepted',
    protocol: TCP,
    ports: [50123, 40000],
    flags: 18,
    accepted: REQUEST,
    server: 'source',
    refusal: 'reply',
  },
  {
    why: 'a SYN-ACK nobody asked for echoes forged packets, or its request is elsewhere',
    protocol: TCP,
    ports: [443, 40000],
    flags: 18,
    server: 'source',
    refusal: 'unclear',
  },
  {
    why: 'TCP without SYN comes in a connection that was open: from the server',
    protocol: TCP,
    ports: [443, 40000],
    flags: 4,
    accepted: BOTH,
    server: 'source',
    refusal: 'late',
  },
  {
    why: '… or from the client',
    protocol: TCP,
    ports: [40000, 443],
    flags: 1,
    server: 'destination',
    refusal: 'late',
  },
  {
    why: '… with ports that look alike the lower one serves',
    protocol: TCP,
    ports: [40000, 50000],
    flags: 0,
    server: 'source',
    refusal: 'late',
  },
  {
    why: 'without flags a flow to a service port asks',
    protocol: TCP,
    ports: [40000, 5432],
    server: 'destination',
    refusal: 'request',
  },
  {
    why: 'without flags it is late if this direction was accepted',
    protocol: TCP,
    ports: [40000, 5432],
    accepted: SAME,
    server: 'destination',
    refusal: 'late',
  },
  {
    why: 'without flags it is late if the server was heard before',
    protocol: TCP,
    ports: [40000, 5432],
    accepted: REQUEST,
    server: 'destination',
    refusal: 'late',
  },
  {
    why: 'without flags a flow from the service port is a reply if only its request was accepted',
    protocol: TCP,
    ports: [8080, 40000],
    accepted: REQUEST,
    server: 'source',
    refusal: 'reply',
  },
  {
    why: '… late if it was accepted itself',
    protocol: TCP,
    ports: [8080, 40000],
    accepted: BOTH,
    server: 'source',
    refusal: 'late',
  },
  {
    why: '… and unclear if nothing was',
    protocol: TCP,
    ports: [8080, 40000],
    server: 'source',
    refusal: 'unclear',
  },
  {
    why: 'ports that look alike are no sign: what is refused is mostly a request',
    protocol: TCP,
    ports: [40000, 50000],
    server: 'destination',
    refusal: 'request',
  },
  {
    why: '… unless its opposite was accepted and it never was',
    protocol: UDP,
    ports: [40000, 50000],
    accepted: REQUEST,
    server: 'source',
    refusal: 'reply',
  },
  {
    why: '… whatever the ports: the client chose one that looks like a service',
    protocol: UDP,
    ports: [5060, 80],
    accepted: REQUEST,
    server: 'source',
    refusal: 'reply',
  },
  {
    why: 'a DNS answer whose question was accepted',
    protocol: UDP,
    ports: [53, 40000],
    accepted: REQUEST,
    server: 'source',
    refusal: 'reply',
  },
  {
    why: 'a DNS answer after the firewall forgot the question',
    protocol: UDP,
    ports: [53, 40000],
    accepted: BOTH,
    server: 'source',
    refusal: 'late',
  },
  {
    why: 'UDP has no close, so a request is no late packet',
    protocol: UDP,
    ports: [40000, 53],
    accepted: BOTH,
    server: 'destination',
    refusal: 'request',
  },
  {
    why: 'equal ports: NTP between servers',
    protocol: UDP,
    ports: [123, 123],
    server: 'destination',
    refusal: 'request',
  },
  {
    why: 'a ping is refused',
    protocol: ICMP,
    ports: [0, 0],
    server: 'destination',
    refusal: 'request',
  },
  {
    why: "AWS's example: the ping was accepted, its answer is refused",
    protocol: ICMP,
    ports: [0, 0],
    accepted: REQUEST,
    server: 'source',
    refusal: 'reply',
  },
  {
    why: 'a format without ports',
    protocol: TCP,
    ports: [-1, -1],
    server: 'destination',
    refusal: 'request',
  },
];

describe('a refused flow', () => {
  test.each(ROWS)(
    '$why',
    ({ protocol, ports: [sourcePort, destinationPort], flags, accepted, server, refusal }) => {
      const flow = { protocol, sourcePort, destinationPort, tcpFlags: flags ?? -1, ...(accepted ?? NO) };
      const serving = servingEndOfRefused(flow);
      expect(serving).toBe(server === 'source' ? SOURCE : DESTINATION);
      expect(refusalOf(flow, serving)).toBe(refusal);
    },
  );
});

test.each<[string, boolean, Partial<RefusedFlow>]>([
  [
    'a SYN, from whatever port to whatever port',
    true,
    { tcpFlags: 2, sourcePort: 80, destinationPort: 60_000 },
  ],
  ['a server’s packet to a client’s port', false, { tcpFlags: 1, sourcePort: 443 }],
  ['without flags what goes from a client’s port to a service’s', true, {}],
  ['… what goes from a port that may be a server’s', false, { sourcePort: 9999 }],
  ['… what goes to a port that may be a client’s', false, { destinationPort: 50_000 }],
  ['… what may be the answer to what was accepted', false, { protocol: UDP, requestAccepted: true }],
  ['ICMP, which has no ports', true, { protocol: ICMP, sourcePort: 0, destinationPort: 0 }],
  ['TCP of a format that has no ports', false, { sourcePort: -1, destinationPort: -1 }],
])('whether it certainly asks: %s: %s', (_, asks, more) => {
  const flow = { protocol: TCP, sourcePort: 40_000, destinationPort: 443, tcpFlags: -1, ...NO, ...more };
  expect(certainlyAsks(flow, refusalOf(flow, servingEndOfRefused(flow)))).toBe(asks);
});

test('both directions of an accepted conversation agree on the server', () => {
  const ports = [0, 1, 22, 443, 1023, 1024, 5432, 8080, 32767, 32768, 40000, 65535];
  for (const a of ports) {
    for (const b of ports) {
      if (a === b) expect(servingEndByPorts(a, b)).toBe(DESTINATION);
      else expect(servingEndByPorts(a, b)).not.toBe(servingEndByPorts(b, a));
    }
  }
  expect(servingEndByPorts(443, 40000)).toBe(SOURCE);
  expect(servingEndByPorts(6000, 5432)).toBe(DESTINATION);
  expect(servingEndByPorts(40000, 50000)).toBe(SOURCE);
});
