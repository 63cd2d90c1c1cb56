import type { RecordView } from '../flow-log/format.ts';
import type { FindingColumns } from './columns.ts';
import { DESTINATION, type End, SOURCE, TCP, UNCLEAR } from './connection.ts';
import { decode, hashToken, isMissing, numberOf, textOf } from './token.ts';

/** A flow that findings tell of, decoded. Numbers are -1 and texts undefined where they are missing. */
export interface Flow {
  /** The packets' own addresses, where the format has them; else as the interface sees them. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  /** Hashes of these addresses, to count them. */
  readonly sourceHash: number;
  readonly destinationHash: number;
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
  /** The line, cut to 512 bytes. */
  readonly sample: string;
}

const LONGEST_SAMPLE = 512;
const MOST_PORTS = 65_536;
const LETTER_I = 0x69;
const LETTER_E = 0x65;

/** Decodes a record of a flow. */
export function decodeFlow(record: RecordView, columns: FindingColumns): Flow {
  const source = presentColumn(record, columns.packetSourceAddress, columns.sourceAddress);
  const destination = presentColumn(record, columns.packetDestinationAddress, columns.destinationAddress);
  const protocol = numberOf(record, columns.protocol);
  return {
    source: textOf(record, source),
    destination: textOf(record, destination),
    sourceHash: source < 0 ? 0 : hashToken(record, source),
    destinationHash: destination < 0 ? 0 : hashToken(record, destination),
    sourcePort: portOf(record, columns.sourcePort),
    destinationPort: portOf(record, columns.destinationPort),
    protocol,
    tcpFlags: protocol === TCP ? numberOf(record, columns.tcpFlags) : -1,
    packets: numberOf(record, columns.packets),
    bytes: numberOf(record, columns.bytes),
    start: numberOf(record, columns.start),
    end: numberOf(record, columns.end),
    direction: directionOf(record, columns.direction),
    sample: sampleOf(record),
  };
}

/** The line of a record as it stands in the source, cut to 512 bytes. */
export function sampleOf({ bytes, lineStart, lineEnd }: RecordView): string {
  return decode(bytes, lineStart, lineEnd, LONGEST_SAMPLE);
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

function presentColumn(record: RecordView, preferred: number, otherwise: number): number {
  return isMissing(record, preferred) ? otherwise : preferred;
}

/** A port, or -1 for a number that is none. */
function portOf(record: RecordView, column: number): number {
  const port = numberOf(record, column);
  return port < MOST_PORTS ? port : -1;
}
