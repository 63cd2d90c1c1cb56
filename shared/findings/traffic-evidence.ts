import type { RecordView } from '../flow-log/format.ts';
import { createAcceptedFlows } from './accepted-flows.ts';
import { createAcceptedPorts } from './accepted-ports.ts';
import { isIPv6Token, isPrivateIPv4Token } from './address.ts';
import type { FindingColumns } from './columns.ts';
import { DESTINATION, type End, servingEndByPorts, UNCLEAR } from './connection.ts';
import type { ServiceSide } from './finding.ts';
import { endOfDirection } from './flow.ts';
import { createOwnAddresses, rowOf } from './own-addresses.ts';
import { createResourceTable, type Resource, resourceColumn, resourceOf } from './resource.ts';
import { hashBytes, hashToken, isMissing } from './token.ts';

/** A rejected flow's place in the evidence: what is needed to ask about it later, when more is known. */
export interface FlowMark {
  /** Undefined where the flow names none. */
  readonly resource: Resource | undefined;
  /** Row of the own addresses; -1 where the resource or an address is missing. Then nothing can be asked. */
  readonly row: number;
  /** The resource's end by the flow's own direction, where the format has it. */
  readonly ownEnd: End;
  /** Hashes of the addresses as the interface sees them; 0 where they are missing. */
  readonly sourceHash: number;
  readonly destinationHash: number;
}

/** What tells a resource's flows between the same addresses apart. */
export interface FlowPorts {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
}

/**
 * What the whole traffic of an object tells about the rejected part of it. Accepted records are nine of ten and only
 * leave marks here: no object, array or string is made for them, except for a resource's first.
 */
export interface TrafficEvidence {
  /** Takes in an accepted flow. HOT PATH. */
  accepted(record: RecordView): void;
  /** Takes in a rejected flow. */
  rejected(record: RecordView): FlowMark;
  /** The resource of a record that is no flow. */
  resource(record: RecordView): Resource | undefined;
  wasAccepted(mark: FlowMark, ports: FlowPorts): boolean;
  wasOppositeAccepted(mark: FlowMark, ports: FlowPorts): boolean;
  /** The end of the flow that is the resource's own address. */
  ownEnd(mark: FlowMark): End;
  /** Whether an address is an own one in this object, or an IPv6 one in the /56 of such. */
  isOwn(address: string, hash: number): boolean;
  /** Flows to a port that a resource accepted, as far as they were counted. */
  acceptedFlows(resource: Resource | undefined, protocol: number, port: number, side: ServiceSide): number;
}

/** Starts to gather evidence; `columns` gives those of the current format. */
export function createTrafficEvidence(columns: () => FindingColumns): TrafficEvidence {
  const resources = createResourceTable(columns);
  const own = createOwnAddresses();
  const acceptedPorts = createAcceptedPorts(own);
  const acceptedFlows = createAcceptedFlows();

  /** The number of the resource that recorded traffic. */
  function recorderOf(record: RecordView, column: number): number {
    const number = resources.numberOf(record, column);
    if (number >= 0 && resources.isBare(number)) resources.describe(number, record);
    return number;
  }

  /** Learns from an address pair which one is the resource's own, if it tells anything new. */
  function learnOwn(
    record: RecordView,
    recorder: number,
    row: number,
    sourceHash: number,
    destinationHash: number,
  ): void {
    const { sourceAddress, destinationAddress, direction, resourceId } = columns();
    // On its private side a regional NAT gateway is recorded with the original addresses, neither of them its own.
    if (recorder === resourceId && hasPrivateEnd(record)) return;
    const ownEnd = endOfDirection(record, direction);
    if (own.isKnown(row)) own.learn(row, sourceHash, destinationHash, ownEnd);
    else own.begin(row, record, sourceAddress, destinationAddress, ownEnd);
  }

  function hasPrivateEnd({ bytes, tokenStart, tokenEnd }: RecordView): boolean {
    const { sourceAddress, destinationAddress } = columns();
    return (
      isPrivateIPv4Token(bytes, tokenStart[sourceAddress]!, tokenEnd[sourceAddress]!) ||
      isPrivateIPv4Token(bytes, tokenStart[destinationAddress]!, tokenEnd[destinationAddress]!)
    );
  }

  function accepted(record: RecordView): void {
    const at = columns();
    const { data, tokenStart, tokenEnd, numbers } = record;
    const { sourceAddress, destinationAddress } = at;
    const recorder = resourceColumn(record, at);
    if (recorder < 0 || sourceAddress < 0 || destinationAddress < 0) return;
    const sourceStart = tokenStart[sourceAddress]!;
    const sourceEnd = tokenEnd[sourceAddress]!;
    const destinationStart = tokenStart[destinationAddress]!;
    const destinationEnd = tokenEnd[destinationAddress]!;
    // No address has one byte only: it is the dash of a missing one.
    if (sourceEnd - sourceStart === 1 || destinationEnd - destinationStart === 1) return;
    const number = recorderOf(record, recorder);
    if (number < 0) return;

    const sourceHash = hashBytes(data, sourceStart, sourceEnd);
    const destinationHash = hashBytes(data, destinationStart, destinationEnd);
    const row = rowOf(number, isIPv6Token(data, sourceStart, sourceEnd));
    if (!own.agrees(row, sourceHash, destinationHash)) {
      learnOwn(record, recorder, row, sourceHash, destinationHash);
    }

    const sourcePort = at.sourcePort < 0 ? -1 : numbers[at.sourcePort]! | 0;
    const destinationPort = at.destinationPort < 0 ? -1 : numbers[at.destinationPort]! | 0;
    const protocol = at.protocol < 0 ? -1 : numbers[at.protocol]! | 0;
    acceptedFlows.add(number, sourceHash, destinationHash, sourcePort, destinationPort, protocol);

    // All bits set if the source serves, to choose without branching: which end it is nobody can predict.
    const isSourceServing = servingEndByPorts(sourcePort, destinationPort) - DESTINATION;
    const serverPort = destinationPort ^ ((sourcePort ^ destinationPort) & isSourceServing);
    const serverHash = destinationHash ^ ((sourceHash ^ destinationHash) & isSourceServing);
    acceptedPorts.add(row, protocol, serverPort, own.candidate(row, serverHash));
  }

  function resourceAt(record: RecordView, column: number, number: number): Resource | undefined {
    if (number >= 0) return resources.at(number);
    return column < 0 ? undefined : resourceOf(record, columns(), column);
  }

  function rejected(record: RecordView): FlowMark {
    const at = columns();
    const column = resourceColumn(record, at);
    const number = column < 0 ? -1 : recorderOf(record, column);
    if (number >= 0) resources.describe(number, record);
    const hasEnds = !isMissing(record, at.sourceAddress) && !isMissing(record, at.destinationAddress);
    const sourceHash = hasEnds ? hashToken(record, at.sourceAddress) : 0;
    const destinationHash = hasEnds ? hashToken(record, at.destinationAddress) : 0;
    let row = -1;
    if (number >= 0 && hasEnds) {
      const start = record.tokenStart[at.sourceAddress]!;
      row = rowOf(number, isIPv6Token(record.data, start, record.tokenEnd[at.sourceAddress]!));
      learnOwn(record, column, row, sourceHash, destinationHash);
    }
    return {
      resource: resourceAt(record, column, number),
      row,
      ownEnd: endOfDirection(record, at.direction),
      sourceHash,
      destinationHash,
    };
  }

  return {
    accepted,
    rejected,
    resource(record) {
      const column = resourceColumn(record, columns());
      return resourceAt(record, column, column < 0 ? -1 : resources.numberOf(record, column));
    },
    wasAccepted: (mark, ports) =>
      mark.row >= 0 &&
      acceptedFlows.has(
        mark.resource!.number,
        mark.sourceHash,
        mark.destinationHash,
        ports.sourcePort,
        ports.destinationPort,
        ports.protocol,
      ),
    wasOppositeAccepted: (mark, ports) =>
      mark.row >= 0 &&
      acceptedFlows.has(
        mark.resource!.number,
        mark.destinationHash,
        mark.sourceHash,
        ports.destinationPort,
        ports.sourcePort,
        ports.protocol,
      ),
    ownEnd({ ownEnd, row, sourceHash, destinationHash }) {
      return ownEnd !== UNCLEAR || row < 0 ? ownEnd : own.ownEnd(row, sourceHash, destinationHash);
    },
    isOwn: own.has,
    acceptedFlows(resource, protocol, port, side) {
      if (resource === undefined || resource.number < 0) return 0;
      return acceptedPorts.flows(resource.number, protocol, port, side);
    },
  };
}
