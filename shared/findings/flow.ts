import type { RecordView } from '../flow-log/format.ts';
import { SAMPLE_BYTES } from '../line-loop/layout.ts';
import type { Address, AddressBook } from './address-book.ts';
import type { FindingColumns } from './columns.ts';
import { DESTINATION, type End, SOURCE, TCP, UNCLEAR } from './connection.ts';
import { decode, numberOf, textOf } from './token.ts';

/** A flow that findings tell of, decoded. Numbers are -1 and what else is missing is undefined. */
export interface Flow {
  /** The packets' own addresses, where the format has them; else as the interface sees them. */
  readonly source: Address | undefined;
  readonly destination: Address | undefined;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  /** -1 also for other protocols than TCP, where AWS writes 0. */
  readonly tcpFlags: number;
  readonly packets: number;
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
  readonly direction: string | undefined;
}

const MOST_PORTS = 65_536;
const LETTER_I = 0x69;
const LETTER_E = 0x65;

/** A place to decode a flow to: millions are decoded, few at a time. */
export type FlowPlace = { -readonly [K in keyof Flow]: Flow[K] };

/** A place that holds nothing yet. */
export function emptyFlow(): FlowPlace {
  return {
    source: undefined,
    destination: undefined,
    sourcePort: -1,
    destinationPort: -1,
    protocol: -1,
    tcpFlags: -1,
    packets: -1,
    bytes: -1,
    start: -1,
    end: -1,
    direction: undefined,
  };
}

/** Decodes a record of a flow to a place. */
export function decodeFlow(
  record: RecordView,
  columns: FindingColumns,
  addresses: AddressBook,
  to: FlowPlace,
): void {
  to.source =
    addresses.at(record, columns.packetSourceAddress) ?? addresses.at(record, columns.sourceAddress);
  to.destination =
    addresses.at(record, columns.packetDestinationAddress) ??
    addresses.at(record, columns.destinationAddress);
  to.sourcePort = portOf(record, columns.sourcePort);
  to.destinationPort = portOf(record, columns.destinationPort);
  // All of these are int columns.
  to.protocol = numberOf(record, columns.protocol) | 0;
  to.tcpFlags = to.protocol === TCP ? numberOf(record, columns.tcpFlags) | 0 : -1;
  to.packets = numberOf(record, columns.packets);
  to.bytes = numberOf(record, columns.bytes);
  to.start = numberOf(record, columns.start);
  to.end = numberOf(record, columns.end);
  to.direction = directionOf(record, columns.direction);
}

/** The line of a record as it stands in the source, cut to 512 bytes. */
export function sampleOf({ bytes, lineStart, lineEnd }: RecordView): string {
  return decode(bytes, lineStart, lineEnd, SAMPLE_BYTES);
}

/** The value of a `flow-direction` column. Both usual values are known by their first letter and length. */
function directionOf(record: RecordView, column: number): string | undefined {
  switch (endOfDirection(record, column)) {
    case SOURCE:
      return 'egress';
    case DESTINATION:
      return 'ingress';
    default:
      return textOf(record, column);
  }
}

/** The end that is the recording interface's own, by `flow-direction`: what comes in goes to it. */
export function endOfDirection({ bytes, tokenStart, tokenEnd }: RecordView, column: number): End {
  if (column < 0) return UNCLEAR;
  const start = tokenStart[column]!;
  const length = tokenEnd[column]! - start;
  const first = bytes[start];
  if (first === LETTER_I && length === 'ingress'.length) return DESTINATION;
  return first === LETTER_E && length === 'egress'.length ? SOURCE : UNCLEAR;
}

/** A port, or -1 for a number that is none. */
function portOf(record: RecordView, column: number): number {
  const port = numberOf(record, column) | 0;
  return port < MOST_PORTS ? port : -1;
}
