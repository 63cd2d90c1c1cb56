import type { ServiceSide } from './finding.ts';
import {
  type Candidate,
  FIRST_CANDIDATE,
  OTHER,
  type OwnAddresses,
  SECOND_CANDIDATE,
} from './own-addresses.ts';

/**
 * Flows that each resource accepted, by protocol, server port and the end that served. Which end is the resource's own
 * may be known only later, so the served end is noted as one of the row's two candidates.
 */
export interface AcceptedPorts {
  /** Counts a flow. For every accepted record: no allocation. */
  add(row: number, protocol: number, port: number, server: Candidate): void;
  /** Flows of a resource to a port at its own side, at its peers, or, while that is open, at both together. */
  flows(resourceNumber: number, protocol: number, port: number, side: ServiceSide): number;
}

const PLACES_BITS = 16;
const PLACES = 1 << PLACES_BITS;
/** Beyond this load probing gets slow; what is not in the table by then is not counted. */
const MOST_KEYS = 40_000;
const MOST_PROTOCOLS = 256;
const MOST_PORTS = 65_536;

/** Starts to count accepted flows, in a hash table of fixed size with linear probing. */
export function createAcceptedPorts(own: OwnAddresses): AcceptedPorts {
  // A key has 42 bits: the row's 16 and the port's 16 fill one word.
  const rowAndPort = new Uint32Array(PLACES);
  const protocolAndServer = new Uint16Array(PLACES);
  const counts = new Uint32Array(PLACES);
  let keys = 0;

  /** The place of a key, or the free place where it belongs. */
  function placeOf(first: number, second: number): number {
    let place = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b) >>> (32 - PLACES_BITS);
    while (counts[place] !== 0 && (rowAndPort[place] !== first || protocolAndServer[place] !== second)) {
      place = (place + 1) & (PLACES - 1);
    }
    return place;
  }

  function add(row: number, protocol: number, port: number, server: Candidate): void {
    if (protocol < 0 || protocol >= MOST_PROTOCOLS || port < 0 || port >= MOST_PORTS) return;
    const first = ((row << 16) | port) >>> 0;
    const second = (protocol << 2) | server;
    const place = placeOf(first, second);
    if (counts[place] === 0) {
      if (keys === MOST_KEYS) return;
      keys++;
      rowAndPort[place] = first;
      protocolAndServer[place] = second;
    }
    counts[place]!++;
  }

  function count(row: number, protocol: number, port: number, server: Candidate): number {
    return counts[placeOf(((row << 16) | port) >>> 0, (protocol << 2) | server)]!;
  }

  function flowsOfRow(row: number, protocol: number, port: number, side: ServiceSide): number {
    const first = count(row, protocol, port, FIRST_CANDIDATE);
    const second = count(row, protocol, port, SECOND_CANDIDATE);
    const all = first + second + count(row, protocol, port, OTHER);
    const ownCandidate = own.own(row);
    if (side === 'unknown' || ownCandidate === OTHER) return all;
    const ownFlows = ownCandidate === FIRST_CANDIDATE ? first : second;
    return side === 'own' ? ownFlows : all - ownFlows;
  }

  return {
    add,
    flows(resourceNumber, protocol, port, side) {
      if (protocol < 0 || protocol >= MOST_PROTOCOLS) return 0;
      const rows = [resourceNumber * 2, resourceNumber * 2 + 1];
      return rows.reduce((sum, row) => sum + flowsOfRow(row, protocol, port, side), 0);
    },
  };
}
