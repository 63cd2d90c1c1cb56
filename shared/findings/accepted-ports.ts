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

/** Most objects are small, so the table starts so and doubles as it fills. */
const FIRST_PLACES_BITS = 7;
const MOST_PLACES_BITS = 15;
/** Beyond three quarters of the places probing gets slow; what is not in the largest table by then is not counted. */
const MOST_KEYS = 24_000;
const MOST_PROTOCOLS = 256;
const MOST_PORTS = 65_536;

/**
 * A place of the table: a key of 42 bits, of which the row's 16 and the port's 16 fill one word, and its count. They
 * lie together (with a word to spare), because at the speed of the hot path each cache line costs.
 */
const PLACE_WORDS = 4;
const ROW_AND_PORT = 0;
const PROTOCOL_AND_SERVER = 1;
const COUNT = 2;

/** Starts to count accepted flows, in a hash table of bounded size with linear probing. */
export function createAcceptedPorts(own: OwnAddresses): AcceptedPorts {
  let placesBits = FIRST_PLACES_BITS;
  let table = new Int32Array(PLACE_WORDS << placesBits);
  let mostKeys = mostKeysOf(placesBits);
  let keys = 0;

  /** Where the place of a key begins, or the free place where it belongs. */
  function placeOf(first: number, second: number): number {
    let place = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b) >>> (32 - placesBits);
    for (;;) {
      const at = place * PLACE_WORDS;
      if (table[at + COUNT] === 0) return at;
      if (table[at + ROW_AND_PORT] === first && table[at + PROTOCOL_AND_SERVER] === second) return at;
      place = (place + 1) & ((1 << placesBits) - 1);
    }
  }

  function grow(): void {
    const smaller = table;
    placesBits++;
    mostKeys = mostKeysOf(placesBits);
    table = new Int32Array(PLACE_WORDS << placesBits);
    for (let from = 0; from < smaller.length; from += PLACE_WORDS) {
      if (smaller[from + COUNT] === 0) continue;
      const at = placeOf(smaller[from + ROW_AND_PORT]!, smaller[from + PROTOCOL_AND_SERVER]!);
      table.set(smaller.subarray(from, from + PLACE_WORDS), at);
    }
  }

  function add(row: number, protocol: number, port: number, server: Candidate): void {
    if (protocol < 0 || protocol >= MOST_PROTOCOLS || port < 0 || port >= MOST_PORTS) return;
    const first = (row << 16) | port;
    const second = (protocol << 2) | server;
    let at = placeOf(first, second);
    if (table[at + COUNT] === 0) {
      if (keys === mostKeys) {
        if (placesBits === MOST_PLACES_BITS) return;
        grow();
        at = placeOf(first, second);
      }
      keys++;
      table[at + ROW_AND_PORT] = first;
      table[at + PROTOCOL_AND_SERVER] = second;
    }
    table[at + COUNT]!++;
  }

  function count(row: number, protocol: number, port: number, server: Candidate): number {
    return table[placeOf((row << 16) | port, (protocol << 2) | server) + COUNT]!;
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

function mostKeysOf(placesBits: number): number {
  return placesBits === MOST_PLACES_BITS ? MOST_KEYS : 3 << (placesBits - 2);
}
