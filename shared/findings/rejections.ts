import type { RecordView } from '../flow-log/format.ts';
import { isGroupAddress } from './address.ts';
import type { FindingColumns } from './columns.ts';
import {
  certainlyAsks,
  DESTINATION,
  type End,
  refusalOf,
  SOURCE,
  servingEndOfRefused,
  UNCLEAR,
} from './connection.ts';
import { some } from './counting.ts';
import { addDistinct, clearDistinct, type Distinct, emptyDistinct } from './distinct.ts';
import type { ConnectionPath, ServiceSide } from './finding.ts';
import { decodeFlow, type Flow } from './flow.ts';
import { createFlowSummary } from './flow-summary.ts';
import type { JudgedFlow } from './judged-flow.ts';
import { type Place, pathOf, placeOf } from './path.ts';
import type { Resource } from './resource.ts';
import { createSpaceSaving } from './space-saving.ts';
import { createSummaries } from './summaries.ts';
import { createTally } from './tally.ts';
import { numberOf, textOf } from './token.ts';
import type { FlowMark, TrafficEvidence } from './traffic-evidence.ts';

/** So many rejected flows wait together for what comes later in the object, whose records are in no order. */
const WAITING = 1024;
/** So many sources are followed through all resources of the object. */
const FOLLOWED_SOURCES = 1024;
const MOST_REASONS = 8;

/** A rejected flow that waits to be judged. */
interface RejectedFlow {
  readonly flow: Flow;
  readonly mark: FlowMark;
  readonly reason: string | undefined;
  readonly trafficPath: number;
  readonly sourceService: string | undefined;
  readonly destinationService: string | undefined;
  /** What was known when the flow came; in a huge object it may be forgotten by the time the flow is judged. */
  readonly requestAccepted: boolean;
  readonly alsoAccepted: boolean;
}

/** Starts to sum up rejected flows, which are judged by the evidence of the object's whole traffic. */
export function createRejections(
  evidence: TrafficEvidence,
  placeByName: (address: string | undefined) => Place | undefined,
) {
  /** By resource, so that they are judged resource by resource: a summary then stays in the cache for a while. */
  const waiting = new Map<Resource | undefined, RejectedFlow[]>();
  let waitingFlows = 0;
  const summaries = createSummaries(createRejectSummary);
  const resourcesBySource = createSpaceSaving<Distinct>(FOLLOWED_SOURCES, emptyDistinct, clearDistinct);

  function judgeWaiting(): void {
    for (const queue of waiting.values()) for (const rejected of queue) judge(rejected);
    waiting.clear();
    waitingFlows = 0;
  }

  function judge(rejected: RejectedFlow): void {
    const { flow, mark } = rejected;
    const refused = {
      protocol: flow.protocol,
      sourcePort: flow.sourcePort,
      destinationPort: flow.destinationPort,
      tcpFlags: flow.tcpFlags,
      requestAccepted: rejected.requestAccepted || evidence.wasOppositeAccepted(mark, flow),
      alsoAccepted: rejected.alsoAccepted || evidence.wasAccepted(mark, flow),
    };
    const serving = servingEndOfRefused(refused);
    const ownEnd = evidence.ownEnd(mark);
    const sourcePlace = placeOf({
      address: flow.source,
      isOwn: isOwn(flow.source, flow.sourceHash, ownEnd === SOURCE && flow.sourceHash === mark.sourceHash),
      named: placeByName(flow.source),
      trafficPath: -1,
      awsService: rejected.sourceService,
    });
    const destinationPlace = placeOf({
      address: flow.destination,
      isOwn: isOwn(
        flow.destination,
        flow.destinationHash,
        ownEnd === DESTINATION && flow.destinationHash === mark.destinationHash,
      ),
      named: placeByName(flow.destination),
      trafficPath: rejected.trafficPath,
      awsService: rejected.destinationService,
    });
    const isToGroup = flow.destination !== undefined && isGroupAddress(flow.destination);
    const refusal = isToGroup ? 'unclear' : refusalOf(refused, serving);
    const asks = certainlyAsks(refused, refusal);
    const path =
      serving === SOURCE ? pathOf(destinationPlace, sourcePlace) : pathOf(sourcePlace, destinationPlace);
    summaries.of(path, mark.resource).add(
      {
        flow,
        sourcePlace,
        destinationPlace,
        serving,
        side: sideOf(serving, ownEnd, sourcePlace, destinationPlace),
        refusal,
        asks,
        packets: flow.packets,
        bytes: flow.bytes,
      },
      refused,
      rejected.reason,
    );
    if (flow.source !== undefined && mark.resource !== undefined) {
      const resources = resourcesBySource.add(flow.sourceHash);
      if (asks) addDistinct(resources, mark.resource.hash);
    }
  }

  function isOwn(address: string | undefined, hash: number, isOwnEnd: boolean): boolean {
    return isOwnEnd || (address !== undefined && evidence.isOwn(address, hash));
  }

  return {
    /** Takes in a rejected record. */
    add(record: RecordView, columns: FindingColumns): void {
      const mark = evidence.rejected(record);
      const flow = decodeFlow(record, columns);
      const rejected: RejectedFlow = {
        flow,
        mark,
        reason: textOf(record, columns.rejectReason),
        trafficPath: numberOf(record, columns.trafficPath),
        sourceService: textOf(record, columns.sourceService),
        destinationService: textOf(record, columns.destinationService),
        requestAccepted: evidence.wasOppositeAccepted(mark, flow),
        alsoAccepted: evidence.wasAccepted(mark, flow),
      };
      const queue = waiting.get(mark.resource);
      if (queue === undefined) waiting.set(mark.resource, [rejected]);
      else queue.push(rejected);
      if (++waitingFlows === WAITING) judgeWaiting();
    },

    /** Judges what still waits and returns what has been found, under a finding's keys. To be called once. */
    finish() {
      judgeWaiting();
      return [...summaries.entries()].map(({ group, resource, resources, summary }) => ({
        path: group as ConnectionPath,
        resource,
        resources,
        evidence: summary.describe({
          acceptedFlows: (protocol, port, side) => evidence.acceptedFlows(resource, protocol, port, side),
          resourcesAsked: (sourceHash) => resourcesBySource.get(sourceHash),
        }),
      }));
    },
  };
}

/**
 * The side of the resource that a connection's service is on. An interface that only passes packets on (a NAT gateway)
 * is the destination as it sees it, but does not serve: the packet's own address tells.
 */
function sideOf(serving: End, ownEnd: End, sourcePlace: Place, destinationPlace: Place): ServiceSide {
  const isSourceInside = sourcePlace === 'inside';
  const isDestinationInside = destinationPlace === 'inside';
  const isServerInside = serving === SOURCE ? isSourceInside : isDestinationInside;
  if (ownEnd !== UNCLEAR) return serving === ownEnd && isServerInside ? 'own' : 'peer';
  // One of the ends is the resource's: if only one is inside, it is that one.
  if (isSourceInside === isDestinationInside) return 'unknown';
  return isServerInside ? 'own' : 'peer';
}

function createRejectSummary() {
  const flows = createFlowSummary();
  const refusals = { request: 0, reply: 0, late: 0, unclear: 0 };
  let requestAccepted = 0;
  let alsoAccepted = 0;
  const reasons = createTally<string>(MOST_REASONS);

  return {
    add(
      judged: JudgedFlow,
      accepted: { readonly requestAccepted: boolean; readonly alsoAccepted: boolean },
      reason: string | undefined,
    ): void {
      flows.add(judged);
      refusals[judged.refusal ?? 'unclear']++;
      if (accepted.requestAccepted) requestAccepted++;
      if (accepted.alsoAccepted) alsoAccepted++;
      if (reason !== undefined) reasons.add(reason);
    },

    describe(facts: Parameters<typeof flows.describe>[0]) {
      return {
        ...flows.describe(facts),
        refused_requests: refusals.request,
        refused_replies: refusals.reply,
        late_packets: refusals.late,
        request_accepted: requestAccepted,
        also_accepted: alsoAccepted,
        reject_reasons: some(reasons.entries().map(({ value, count }) => ({ reason: value, flows: count }))),
      };
    },
  };
}
