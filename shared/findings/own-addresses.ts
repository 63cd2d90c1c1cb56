import type { RecordView } from '../flow-log/format.ts';
import { ipv6Network56 } from './address.ts';
import { DESTINATION, type End, SOURCE, UNCLEAR } from './connection.ts';
import { hashToken, textOf } from './token.ts';

/**
 * Which address is a resource's own, for each of its two address families.
 *
 * Flow logs do not say it, but one end of every record is the interface itself, always with its primary address. So the
 * first record's two addresses are the candidates, and every record drops those that it lacks. Where the format has
 * `flow-direction`, it decides at once. If records contradict each other, nothing is claimed.
 */
export interface OwnAddresses {
  /** Whether a record of the row was seen. If not, `begin` is to be called for the next one, else `learn`. */
  isKnown(row: number): boolean;
  /** Takes the addresses in two columns of the row's first record as candidates. `ownEnd`: by its flow-direction. */
  begin(row: number, record: RecordView, sourceColumn: number, destinationColumn: number, ownEnd: End): void;
  /** Learns from a later record by the hashes of its addresses. */
  learn(row: number, sourceHash: number, destinationHash: number, ownEnd: End): void;
  /** Whether a record tells nothing new, so that none of the two above is to be called: the usual case, and fast. */
  agrees(row: number, sourceHash: number, destinationHash: number): boolean;
  /** Which end of a record of the row is the resource's own. */
  ownEnd(row: number, sourceHash: number, destinationHash: number): End;
  /** Which of the row's two candidates an address is. */
  candidate(row: number, hash: number): Candidate;
  /** The candidate that is the own address, or OTHER while that is open. */
  own(row: number): Candidate;
  /** Whether the address is one of the object's own, or an IPv6 one in the /56 of such. */
  has(address: string, hash: number): boolean;
}

export const FIRST_CANDIDATE = 0;
export const SECOND_CANDIDATE = 1;
export const OTHER = 2;
export type Candidate = typeof FIRST_CANDIDATE | typeof SECOND_CANDIDATE | typeof OTHER;

/** The row of a resource's address family. */
export function rowOf(resourceNumber: number, isIPv6: boolean): number {
  return resourceNumber * 2 + (isIPv6 ? 1 : 0);
}

/** States of a row: nothing seen, or SEEN and the candidates that are still possible. */
const FIRST_POSSIBLE = 1;
const SECOND_POSSIBLE = 2;
const SEEN = 4;
/** Rows come in order of their resources, and most objects have few: there is room for more as they come. */
const FIRST_ROWS = 64;

/** Starts to learn own addresses. */
export function createOwnAddresses(): OwnAddresses {
  let states = new Uint8Array(FIRST_ROWS);
  let firsts = new Int32Array(FIRST_ROWS);
  let seconds = new Int32Array(FIRST_ROWS);
  const firstTexts: string[] = [];
  const secondTexts: string[] = [];
  /** How many rows have an address (by its hash), and a /56, as their own: what later records refute is taken back. */
  const addresses = new Map<number, { readonly text: string; rows: number }>();
  const networks = new Map<string, number>();

  /** The state of a row, for which there is room from then on. */
  function stateOf(row: number): number {
    if (row >= states.length) makeRoom(row);
    return states[row]!;
  }

  function makeRoom(row: number): void {
    let rows = states.length;
    while (rows <= row) rows *= 2;
    states = enlarged(states, new Uint8Array(rows));
    firsts = enlarged(firsts, new Int32Array(rows));
    seconds = enlarged(seconds, new Int32Array(rows));
  }

  function learn(row: number, sourceHash: number, destinationHash: number, ownEnd: End): void {
    const state = states[row]!;
    if (ownEnd !== UNCLEAR) {
      if (own(row) === OTHER) decide(row, ownEnd === SOURCE ? sourceHash : destinationHash);
      return;
    }
    change(row, state & candidatesSeen(row, sourceHash, destinationHash));
  }

  /** SEEN and which of the row's candidates a record has; computed without branches, which nobody could predict. */
  function candidatesSeen(row: number, sourceHash: number, destinationHash: number): number {
    const first = firsts[row]!;
    const second = seconds[row]!;
    const hasFirst = isZero(sourceHash ^ first) | isZero(destinationHash ^ first);
    const hasSecond = isZero(sourceHash ^ second) | isZero(destinationHash ^ second);
    return SEEN | hasFirst | (hasSecond << 1);
  }

  function agrees(row: number, sourceHash: number, destinationHash: number): boolean {
    const state = stateOf(row);
    return state !== 0 && (state & candidatesSeen(row, sourceHash, destinationHash)) === state;
  }

  function begin(
    row: number,
    record: RecordView,
    sourceColumn: number,
    destinationColumn: number,
    ownEnd: End,
  ): void {
    firsts[row] = hashToken(record, sourceColumn);
    seconds[row] = hashToken(record, destinationColumn);
    firstTexts[row] = textOf(record, sourceColumn) ?? '';
    secondTexts[row] = textOf(record, destinationColumn) ?? '';
    const isOneAddress = firsts[row] === seconds[row];
    if (ownEnd === SOURCE || isOneAddress) change(row, SEEN | FIRST_POSSIBLE);
    else if (ownEnd === DESTINATION) change(row, SEEN | SECOND_POSSIBLE);
    else change(row, SEEN | FIRST_POSSIBLE | SECOND_POSSIBLE);
  }

  function decide(row: number, ownHash: number): void {
    if (ownHash === firsts[row]) change(row, SEEN | FIRST_POSSIBLE);
    else if (ownHash === seconds[row]) change(row, SEEN | SECOND_POSSIBLE);
  }

  function change(row: number, state: number): void {
    if (state === states[row]) return;
    countOwn(row, -1);
    states[row] = state;
    countOwn(row, 1);
  }

  function countOwn(row: number, by: 1 | -1): void {
    const candidate = own(row);
    if (candidate === OTHER) return;
    const isFirst = candidate === FIRST_CANDIDATE;
    const text = (isFirst ? firstTexts : secondTexts)[row]!;
    const hash = (isFirst ? firsts : seconds)[row]!;
    const address = addresses.get(hash) ?? { text, rows: 0 };
    address.rows += by;
    if (address.rows === 0) addresses.delete(hash);
    else addresses.set(hash, address);
    const network = ipv6Network56(text);
    if (network === undefined) return;
    const rows = (networks.get(network) ?? 0) + by;
    if (rows === 0) networks.delete(network);
    else networks.set(network, rows);
  }

  function own(row: number): Candidate {
    const state = states[row];
    if (state === (SEEN | FIRST_POSSIBLE)) return FIRST_CANDIDATE;
    return state === (SEEN | SECOND_POSSIBLE) ? SECOND_CANDIDATE : OTHER;
  }

  function candidate(row: number, hash: number): Candidate {
    const isFirst = isZero(hash ^ firsts[row]!);
    const isSecond = isZero(hash ^ seconds[row]!) & ~isFirst;
    return (OTHER - 2 * isFirst - isSecond) as Candidate;
  }

  return {
    isKnown: (row) => stateOf(row) !== 0,
    begin,
    learn,
    agrees,
    own,
    candidate,
    ownEnd(row, sourceHash, destinationHash) {
      const candidate = own(row);
      if (candidate === OTHER) return UNCLEAR;
      const hash = candidate === FIRST_CANDIDATE ? firsts[row] : seconds[row];
      if (sourceHash === hash) return SOURCE;
      return destinationHash === hash ? DESTINATION : UNCLEAR;
    },
    has(address, hash) {
      if (addresses.get(hash)?.text === address) return true;
      if (networks.size === 0) return false;
      const network = ipv6Network56(address);
      return network !== undefined && networks.has(network);
    },
  };
}

function enlarged<T extends Uint8Array | Int32Array>(values: T, larger: T): T {
  larger.set(values);
  return larger;
}

/** 1 for 0 and 0 for every other 32-bit number. */
function isZero(word: number): number {
  return ((word | -word) >>> 31) ^ 1;
}
