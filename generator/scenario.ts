/** What a scenario is: something that went wrong in the example organization, and what its logs must show of it. */
import type { Conversation } from './conversation.ts';
import { TCP } from './conversation.ts';
import type { Random } from './random.ts';
import type { Endpoint, NetworkInterface, SecurityGroupChange, World } from './world.ts';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What happens, in a sentence or two. */
  readonly description: string;
  readonly expect: Expectation;
  /** Plants the scenario at `start` (Unix seconds). All traffic of it is over 19 minutes later. */
  plant(world: World, random: Random, start: number): Planted;
}

export interface Planted {
  readonly conversations?: readonly Conversation[];
  readonly changes?: readonly SecurityGroupChange[];
  readonly gaps?: readonly Gap[];
  readonly flowLogs?: readonly InterfaceFlowLog[];
  readonly lostLineBreaks?: readonly LostLineBreak[];
}

/** A flow log of one interface, beside that of its VPC, for as long as the logs reach. */
export interface InterfaceFlowLog {
  readonly id: string;
  readonly observer: NetworkInterface;
  /** Its own fields, whatever the VPCs' flow logs have. */
  readonly fields: readonly string[];
}

/** The records of two idle intervals of an interface that became one damaged line in its VPC's flow log. */
export interface LostLineBreak {
  readonly observer: NetworkInterface;
  /** First second of the first interval. */
  readonly start: number;
}

/** An aggregation interval whose records AWS lost. */
export interface Gap {
  readonly observer: NetworkInterface;
  /** First second of the interval. */
  readonly start: number;
}

/** The ground truth: what should be found, the same for every seed. */
export interface Expectation {
  /** Kind of finding, or absent if only a query can find it. */
  readonly finding?: 'REJECT' | 'SKIPDATA' | 'PACKET_LOSS';
  /** The connection's path as findings name it. */
  readonly path?: 'internet-to-subnet' | 'subnet-to-subnet' | 'subnet-to-internet';
  readonly accountId: string;
  /** Id of the interface, attachment or flow log where it shows. */
  readonly resource: string;
  /** The ends of the connections: who opens them, who should answer, on which ports. Empty where it does not apply. */
  readonly clients: readonly string[];
  readonly servers: readonly string[];
  readonly serverPorts: readonly number[];
  /** Absent where records have none: SKIPDATA and transit gateways. */
  readonly action?: 'ACCEPT' | 'REJECT';
  /**
   * How many records of the resource have this action, and these clients, servers and ports in either direction. The
   * scenario alone puts such records there.
   */
  readonly records: number;
  /** Sums over those records that the client sent, where they are the point. */
  readonly bytes?: number;
  readonly packets?: number;
}

/**
 * The first second of an observer's aggregation interval in a minute of the log. What begins there and takes less than
 * a minute is one record in each direction, whatever the seed.
 */
export function intervalStart(
  observer: { readonly intervalOffset: number },
  logStart: number,
  minute: number,
): number {
  return logStart + minute * 60 + observer.intervalOffset;
}

/** TCP to a port where nobody answers: as many SYNs as there are attempts, within less than a minute. */
export function attempt(
  client: Endpoint,
  server: Endpoint,
  [clientPort, serverPort]: readonly [client: number, server: number],
  start: number,
  attempts: number,
): Conversation {
  const request = { packets: attempts, bytes: attempts * 60 };
  const reply = { packets: attempts, bytes: attempts * 60 };
  return {
    client,
    server,
    protocol: TCP,
    clientPort,
    serverPort,
    start,
    duration: 0,
    request,
    reply,
    ending: 'closed',
  };
}
