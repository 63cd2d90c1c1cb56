import type { RecordView } from '../flow-log/format.ts';
import {
  FIRST_CANDIDATE,
  FIRST_CANDIDATE_HASH,
  FIRST_POSSIBLE,
  OTHER_CANDIDATE,
  RESOURCE_BYTES,
  RESOURCES_AT,
  ROW_BYTES,
  ROW_STATE,
  ROWS,
  SECOND_CANDIDATE,
  SECOND_CANDIDATE_HASH,
  SECOND_POSSIBLE,
  SEEN,
} from '../line-loop/layout.ts';
import type { LineLoop } from '../line-loop/line-loop.ts';
import { ipv6Network56 } from './address.ts';
import type { Address } from './address-book.ts';
import { DESTINATION, type End, SOURCE, UNCLEAR } from './connection.ts';
import { textOf } from './token.ts';

/**
 * Which address is a resource's own, for each of its two address families.
 *
 * Flow logs do not say it, but one end of every record is the interface itself, always with its primary address. So the
 * first record's two addresses are the candidates, and every record drops those that it lacks. Where the format has
 * `flow-direction`, it decides at once. If records contradict each other, nothing is claimed.
 *
 * A row's state lies in the line loop's memory: the loop asks for every record whether it tells anything new.
 */
export interface OwnAddresses {
  /** Learns from a record of the row, whose addresses are in two columns. `ownEnd`: by its flow-direction. */
  learn(row: number, record: RecordView, sourceColumn: number, destinationColumn: number, ownEnd: End): void;
  /** Which end of a record of the row is the resource's own. */
  ownEnd(row: number, sourceHash: number, destinationHash: number): End;
  /** The candidate that is the own address, or OTHER_CANDIDATE while that is open. */
  own(row: number): number;
  /** Whether the address is one of the object's own, or an IPv6 one in the /56 of such. */
  has(address: Address): boolean;
}

/** Starts to learn own addresses. */
export function createOwnAddresses({ bytes, data }: LineLoop): OwnAddresses {
  const firstTexts: string[] = [];
  const secondTexts: string[] = [];
  /** How many rows have an address (by its hash), and a /56, as their own: what later records refute is taken back. */
  const addresses = new Map<number, { readonly text: string; rows: number }>();
  const networks = new Map<string, number>();

  const stateOf = (row: number) => bytes[rowAddress(row) + ROW_STATE]!;
  const firstOf = (row: number) => data.getInt32(rowAddress(row) + FIRST_CANDIDATE_HASH, true);
  const secondOf = (row: number) => data.getInt32(rowAddress(row) + SECOND_CANDIDATE_HASH, true);

  function learn(
    row: number,
    record: RecordView,
    sourceColumn: number,
    destinationColumn: number,
    ownEnd: End,
  ): void {
    const sourceHash = record.hashOf(sourceColumn);
    const destinationHash = record.hashOf(destinationColumn);
    if (stateOf(row) === 0) {
      data.setInt32(rowAddress(row) + FIRST_CANDIDATE_HASH, sourceHash, true);
      data.setInt32(rowAddress(row) + SECOND_CANDIDATE_HASH, destinationHash, true);
      firstTexts[row] = textOf(record, sourceColumn) ?? '';
      secondTexts[row] = textOf(record, destinationColumn) ?? '';
      const isOneAddress = sourceHash === destinationHash;
      if (ownEnd === SOURCE || isOneAddress) change(row, SEEN | FIRST_POSSIBLE);
      else if (ownEnd === DESTINATION) change(row, SEEN | SECOND_POSSIBLE);
      else change(row, SEEN | FIRST_POSSIBLE | SECOND_POSSIBLE);
    } else if (ownEnd !== UNCLEAR) {
      if (own(row) === OTHER_CANDIDATE) decide(row, ownEnd === SOURCE ? sourceHash : destinationHash);
    } else {
      const has = (hash: number) => sourceHash === hash || destinationHash === hash;
      const seen = (has(firstOf(row)) ? FIRST_POSSIBLE : 0) | (has(secondOf(row)) ? SECOND_POSSIBLE : 0);
      change(row, stateOf(row) & (SEEN | seen));
    }
  }

  function decide(row: number, ownHash: number): void {
    if (ownHash === firstOf(row)) change(row, SEEN | FIRST_POSSIBLE);
    else if (ownHash === secondOf(row)) change(row, SEEN | SECOND_POSSIBLE);
  }

  function change(row: number, state: number): void {
    if (state === stateOf(row)) return;
    countOwn(row, -1);
    bytes[rowAddress(row) + ROW_STATE] = state;
    countOwn(row, 1);
  }

  function countOwn(row: number, by: 1 | -1): void {
    const candidate = own(row);
    if (candidate === OTHER_CANDIDATE) return;
    const isFirst = candidate === FIRST_CANDIDATE;
    const text = (isFirst ? firstTexts : secondTexts)[row]!;
    const hash = isFirst ? firstOf(row) : secondOf(row);
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

  function own(row: number): number {
    const state = stateOf(row);
    if (state === (SEEN | FIRST_POSSIBLE)) return FIRST_CANDIDATE;
    return state === (SEEN | SECOND_POSSIBLE) ? SECOND_CANDIDATE : OTHER_CANDIDATE;
  }

  return {
    learn,
    own,
    ownEnd(row, sourceHash, destinationHash) {
      const candidate = own(row);
      if (candidate === OTHER_CANDIDATE) return UNCLEAR;
      const hash = candidate === FIRST_CANDIDATE ? firstOf(row) : secondOf(row);
      if (sourceHash === hash) return SOURCE;
      return destinationHash === hash ? DESTINATION : UNCLEAR;
    },
    has(address) {
      const same = addresses.get(address.hash);
      if (same !== undefined && same.text === address.text) return true;
      if (networks.size === 0 || address.isIPv4) return false;
      const network = ipv6Network56(address.text);
      return network !== undefined && networks.has(network);
    },
  };
}

/** Where the line loop keeps what it knows of a row. */
function rowAddress(row: number): number {
  return RESOURCES_AT + (row >> 1) * RESOURCE_BYTES + ROWS + (row & 1) * ROW_BYTES;
}
