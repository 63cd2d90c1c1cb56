import type { RecordView } from '../flow-log/format.ts';
import * as at from '../line-loop/layout.ts';
import type { LineLoop } from '../line-loop/line-loop.ts';
import { acceptedFlowsOf } from './accepted-ports.ts';
import { rangeOfIPv4 } from './address.ts';
import type { Address } from './address-book.ts';
import type { FindingColumns } from './columns.ts';
import { type End, SERVICE_RANKS, UNCLEAR } from './connection.ts';
import type { ServiceSide } from './finding.ts';
import { endOfDirection } from './flow.ts';
import { createOwnAddresses } from './own-addresses.ts';
import { completeResource, type Resource, resourceOf } from './resource.ts';
import { decode } from './token.ts';

/** A rejected flow's place in the evidence: what is needed to ask about it later, when more is known. */
export interface FlowMark {
  /** Undefined where the flow names none. */
  resource: Resource | undefined;
  /** Row of the own addresses; -1 where the resource or an address is missing. Then nothing can be asked. */
  row: number;
  /** The resource's end by the flow's own direction, where the format has it. */
  ownEnd: End;
  /** Hashes of the addresses as the interface sees them; 0 where they are missing. */
  sourceHash: number;
  destinationHash: number;
}

/** A mark of no flow yet. */
export function emptyMark(): FlowMark {
  return { resource: undefined, row: -1, ownEnd: UNCLEAR, sourceHash: 0, destinationHash: 0 };
}

/** What tells a resource's flows between the same addresses apart. */
export interface FlowPorts {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
}

/**
 * What the whole traffic of an object tells about the rejected part of it. Accepted records are nine of ten: the line
 * loop notes them by itself (`line-loop/assembly/traffic.ts`), and only what is new about a resource comes here.
 */
export interface TrafficEvidence {
  /** The records that follow are in a format of these columns. */
  columnsChanged(columns: FindingColumns): void;
  /** Marks a rejected flow, the line at hand. */
  mark(record: RecordView, mark: FlowMark): void;
  /** Keeps the line at hand as a sample at one of MOST_KEPT_LINES places, and reads it again, cut to 512 bytes. */
  keepSample(place: number): void;
  keptSample(place: number): string;
  /** The resource of a record that is no flow. */
  resource(record: RecordView): Resource | undefined;
  wasAccepted(mark: FlowMark, ports: FlowPorts): boolean;
  wasOppositeAccepted(mark: FlowMark, ports: FlowPorts): boolean;
  /** The end of the flow that is the resource's own address. */
  ownEnd(mark: FlowMark): End;
  /** Whether an address is an own one in this object, or an IPv6 one in the /56 of such. */
  isOwn(address: Address): boolean;
  /** Flows to a port that a resource accepted, as far as they were counted. */
  acceptedFlows(resource: Resource | undefined, protocol: number, port: number, side: ServiceSide): number;
}

/** Starts to gather evidence from the records that a line loop takes. */
export function createTrafficEvidence(loop: LineLoop): TrafficEvidence {
  const own = createOwnAddresses(loop);
  /** By number. */
  const resources: Resource[] = [];
  let columns: FindingColumns;

  loop.setServiceRanks(SERVICE_RANKS);
  loop.events.resourceNamed = (number, column) => {
    resources[number] = resourceOf(loop.view, columns, column, number);
  };
  loop.events.resourceSeen = (number) => completeResource(resources[number]!, loop.view, columns);
  loop.events.ownAddressTold = learnOwn;

  function learnOwn(): void {
    const { resourceId, sourceAddress, destinationAddress, direction } = columns;
    // On its private side a regional NAT gateway is recorded with the original addresses, neither of them its own.
    if (loop.register(at.RESOURCE_COLUMN_AT) === resourceId && hasPrivateEnd(loop.view)) return;
    const ownEnd = endOfDirection(loop.view, direction);
    own.learn(loop.register(at.ROW_AT), loop.view, sourceAddress, destinationAddress, ownEnd);
  }

  function hasPrivateEnd(record: RecordView): boolean {
    const ends = [columns.sourceAddress, columns.destinationAddress];
    return ends.some((column) => rangeOfIPv4(record.ipv4Of(column)) === 'private');
  }

  function columnsChanged(next: FindingColumns): void {
    columns = next;
    loop.setRegister(at.LOG_STATUS_COLUMN_AT, next.logStatus);
    loop.setRegister(at.ACTION_COLUMN_AT, next.action);
    loop.setRegister(at.INTERFACE_COLUMN_AT, next.interfaceId);
    loop.setRegister(at.RESOURCE_ID_COLUMN_AT, next.resourceId);
    loop.setRegister(at.ATTACHMENT_COLUMN_AT, next.attachmentId);
    loop.setRegister(at.TRANSIT_GATEWAY_COLUMN_AT, next.tgwId);
    loop.setRegister(at.SOURCE_ADDRESS_COLUMN_AT, next.sourceAddress);
    loop.setRegister(at.DESTINATION_ADDRESS_COLUMN_AT, next.destinationAddress);
    loop.setRegister(at.SOURCE_PORT_COLUMN_AT, next.sourcePort);
    loop.setRegister(at.DESTINATION_PORT_COLUMN_AT, next.destinationPort);
    loop.setRegister(at.PROTOCOL_COLUMN_AT, next.protocol);
    loop.setRegister(at.LOSS_COLUMN_COUNT_AT, next.losses.length);
    for (const [index, { column }] of next.losses.entries()) {
      loop.setRegister(at.LOSS_COLUMNS_AT + index * 4, column);
    }
    loop.setRegister(at.TRAFFIC_OFF_AT, 0);
  }

  /** The resource that the line loop has located. */
  function locatedResource(record: RecordView): Resource | undefined {
    const number = loop.register(at.RESOURCE_AT);
    if (number >= 0) return resources[number]!;
    const column = loop.register(at.RESOURCE_COLUMN_AT);
    // There are too many to tell them apart.
    return column < 0 ? undefined : resourceOf(record, columns, column);
  }

  return {
    columnsChanged,
    mark(record, mark) {
      const resource = locatedResource(record);
      if (resource !== undefined) completeResource(resource, record, columns);
      mark.resource = resource;
      mark.row = loop.register(at.ROW_AT);
      mark.ownEnd = endOfDirection(record, columns.direction);
      // The loop only tells of addresses that refute; a direction decides, too.
      if (mark.row >= 0 && mark.ownEnd !== UNCLEAR && own.own(mark.row) === at.OTHER_CANDIDATE) learnOwn();
      mark.sourceHash = loop.register(at.SOURCE_HASH_AT);
      mark.destinationHash = loop.register(at.DESTINATION_HASH_AT);
    },
    keepSample: (place) => loop.keepLine(place),
    keptSample(place) {
      const start = at.KEPT_LINES_AT + place * at.KEPT_LINE_BYTES;
      const length = loop.register(start);
      return decode(loop.bytes, start + 4, start + 4 + length, at.SAMPLE_BYTES);
    },
    resource(record) {
      loop.locate();
      return locatedResource(record);
    },
    wasAccepted: (mark, ports) =>
      mark.row >= 0 &&
      loop.wasAccepted(
        mark.sourceHash,
        mark.destinationHash,
        ports.sourcePort,
        ports.destinationPort,
        mark.row >> 1,
        ports.protocol,
      ) !== 0,
    wasOppositeAccepted: (mark, ports) =>
      mark.row >= 0 &&
      loop.wasAccepted(
        mark.destinationHash,
        mark.sourceHash,
        ports.destinationPort,
        ports.sourcePort,
        mark.row >> 1,
        ports.protocol,
      ) !== 0,
    ownEnd({ ownEnd, row, sourceHash, destinationHash }) {
      return ownEnd !== UNCLEAR || row < 0 ? ownEnd : own.ownEnd(row, sourceHash, destinationHash);
    },
    isOwn: own.has,
    acceptedFlows(resource, protocol, port, side) {
      if (resource === undefined || resource.number < 0) return 0;
      return acceptedFlowsOf(loop, own, resource.number, protocol, port, side);
    },
  };
}
