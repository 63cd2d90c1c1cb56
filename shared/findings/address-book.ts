import type { RecordView } from '../flow-log/format.ts';
import { type AddressRange, ipv4Text, isGroupAddress, isGroupIPv4, rangeOf, rangeOfIPv4 } from './address.ts';
import type { Place } from './path.ts';
import { isMissing, textOf } from './token.ts';

/** An address of a flow, with what it tells by itself. */
export interface Address {
  /** Of the token, to count addresses. */
  readonly hash: number;
  readonly isIPv4: boolean;
  readonly range: AddressRange;
  /** The address of a group of hosts. */
  readonly isGroup: boolean;
  /** What the operator says of its network. */
  readonly named: Place | undefined;
  /** The address as the log has it. */
  readonly text: string;
}

/** The addresses that an object's noteworthy records have named lately. */
export interface AddressBook {
  /** The address in a column of the record, or undefined where it is missing. */
  at(record: RecordView, column: number): Address | undefined;
}

/** So many addresses are remembered; a newer one takes the place of an older one. */
const PLACES = 1024;

/** Starts a book; `placeByName` tells an address's place by the operator's networks, if there are any. */
export function createAddressBook(placeByName: PlaceByName | undefined): AddressBook {
  const known = new Array<KnownAddress | undefined>(PLACES);

  return {
    at(record, column) {
      if (isMissing(record, column)) return undefined;
      const hash = record.hashOf(column);
      const place = hash & (PLACES - 1);
      const ipv4 = record.ipv4Of(column);
      const found = known[place];
      const isSame = found !== undefined && found.hash === hash && found.ipv4 === ipv4;
      if (isSame && ipv4 !== NO_IPV4) return found;
      // Of other addresses the text decides: two of them can have the same hash, by accident or on purpose.
      const text = ipv4 === NO_IPV4 ? textOf(record, column)! : undefined;
      if (isSame && found.text === text) return found;
      const address = new KnownAddress(hash, ipv4, text, placeByName);
      known[place] = address;
      return address;
    },
  };
}

type PlaceByName = (address: string | undefined) => Place | undefined;

/** What is no IPv4 address in the only way of writing one that AWS uses. */
const NO_IPV4 = -1;

/** An address that is known by its text. */
export function addressOfText(text: string, hash: number, placeByName?: PlaceByName): Address {
  return new KnownAddress(hash, NO_IPV4, text, placeByName);
}

/** An address with what is told by its number or text; one of both is given. */
class KnownAddress implements Address {
  readonly hash: number;
  readonly ipv4: number;
  readonly isIPv4: boolean;
  readonly range: AddressRange;
  readonly isGroup: boolean;
  readonly named: Place | undefined;
  #text: string | undefined;

  constructor(hash: number, ipv4: number, text: string | undefined, placeByName: PlaceByName | undefined) {
    this.hash = hash;
    this.ipv4 = ipv4;
    this.isIPv4 = ipv4 !== NO_IPV4;
    this.#text = text;
    this.range = text === undefined ? rangeOfIPv4(ipv4) : rangeOf(text);
    this.isGroup = text === undefined ? isGroupIPv4(ipv4) : isGroupAddress(text);
    this.named = placeByName?.(this.text);
  }

  /** Most addresses are never shown, so an IPv4 one is written only when somebody asks. */
  get text(): string {
    this.#text ??= ipv4Text(this.ipv4);
    return this.#text;
  }
}
