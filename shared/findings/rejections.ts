import type { RecordView } from '../flow-log/format.ts';
import { MOST_KEPT_LINES } from '../line-loop/layout.ts';
import type { Address, AddressBook } from './address-book.ts';
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
import { decodeFlow, emptyFlow, type FlowPlace } from './flow.ts';
import { createFlowSummary } from './flow-summary.ts';
import type { JudgedFlow } from './judged-flow.ts';
import { type EndFacts, type Place, pathOf, placeOf } from './path.ts';
import { createSpaceSaving } from './space-saving.ts';
import { createSummaries } from './summaries.ts';
import { createTally } from './tally.ts';
import { numberOf, textOf } from './token.ts';
import { emptyMark, type FlowMark, type TrafficEvidence } from './traffic-evidence.ts';

/** So many sources are followed through all resources of the object. */
const FOLLOWED_SOURCES = 1024;
const MOST_REASONS = 8;

/** A rejected flow that waits to be judged. The places are used again and again: there may be millions of flows. */
interface RejectedFlow extends FlowPlace {
  mark: FlowMark;
  reason: string | undefined;
  trafficPath: number;
  sourceService: string | undefined;
  destinationService: string | undefined;
  /** What was known when the flow came; in a huge object it may be forgotten by the time the flow is judged. */
  requestAccepted: boolean;
  alsoAccepted: boolean;
}

/** Starts to sum up rejected flows, which are judged by the evidence of the object's whole traffic. */
export function createRejections(evidence: TrafficEvidence, addresses: AddressBook) {
  /** Flows that wait together for what comes later in the object, whose records are in no order. */
  const waiting: RejectedFlow[] = [];
  let waitingFlows = 0;
  const summaries = createSummaries(createRejectSummary);
  const resourcesBySource = createSpaceSaving<Distinct>(FOLLOWED_SOURCES, emptyDistinct, clearDistinct);
  // Filled anew for every flow: what is made for each would keep the garbage collector busy.
  const sourceEnd = noEnd();
  const destinationEnd = noEnd();
  const judged = createJudgement((place) => evidence.keptSample(place));

  function judgeWaiting(): void {
    for (let place = 0; place < waitingFlows; place++) judge(waiting[place]!, place);
    waitingFlows = 0;
  }

  function judge(flow: RejectedFlow, place: number): void {
    const { mark } = flow;
    flow.requestAccepted ||= evidence.wasOppositeAccepted(mark, flow);
    flow.alsoAccepted ||= evidence.wasAccepted(mark, flow);
    const serving = servingEndOfRefused(flow);
    const ownEnd = evidence.ownEnd(mark);
    sourceEnd.address = flow.source;
    sourceEnd.isOwn = isOwn(flow.source, ownEnd === SOURCE, mark.sourceHash);
    sourceEnd.awsService = flow.sourceService;
    destinationEnd.address = flow.destination;
    destinationEnd.isOwn = isOwn(flow.destination, ownEnd === DESTINATION, mark.destinationHash);
    destinationEnd.trafficPath = flow.trafficPath;
    destinationEnd.awsService = flow.destinationService;
    const sourcePlace = placeOf(sourceEnd);
    const destinationPlace = placeOf(destinationEnd);
    const refusal = flow.destination?.isGroup ? 'unclear' : refusalOf(flow, serving);
    judged.place = place;
    judged.flow = flow;
    judged.sourcePlace = sourcePlace;
    judged.destinationPlace = destinationPlace;
    judged.serving = serving;
    judged.side = sideOf(serving, ownEnd, sourcePlace, destinationPlace);
    judged.refusal = refusal;
    judged.asks = certainlyAsks(flow, refusal);
    judged.packets = flow.packets;
    judged.bytes = flow.bytes;
    const path =
      serving === SOURCE ? pathOf(destinationPlace, sourcePlace) : pathOf(sourcePlace, destinationPlace);
    summaries.of(path, mark.resource).add(judged, flow, flow.reason);
    if (flow.source !== undefined && mark.resource !== undefined) {
      const resources = resourcesBySource.add(flow.source.hash);
      if (judged.asks) addDistinct(resources, mark.resource.hash);
    }
  }

  /** `isOwnEnd`: the end is the resource's own, which holds for the address if it is the one that the interface sees. */
  function isOwn(address: Address | undefined, isOwnEnd: boolean, seenHash: number): boolean {
    if (address === undefined) return isOwnEnd && seenHash === 0;
    return (isOwnEnd && address.hash === seenHash) || evidence.isOwn(address);
  }

  return {
    /** Takes in a rejected record. */
    add(record: RecordView, columns: FindingColumns): void {
      if (waitingFlows === MOST_KEPT_LINES) judgeWaiting();
      const place = waitingFlows++;
      waiting[place] ??= emptyPlace();
      const flow = waiting[place]!;
      evidence.mark(record, flow.mark);
      evidence.keepSample(place);
      decodeFlow(record, columns, addresses, flow);
      flow.reason = textOf(record, columns.rejectReason);
      flow.trafficPath = numberOf(record, columns.trafficPath) | 0;
      flow.sourceService = textOf(record, columns.sourceService);
      flow.destinationService = textOf(record, columns.destinationService);
      flow.requestAccepted = evidence.wasOppositeAccepted(flow.mark, flow);
      flow.alsoAccepted = evidence.wasAccepted(flow.mark, flow);
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

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function noEnd(): Mutable<EndFacts> {
  return { address: undefined, isOwn: false, trafficPath: -1, awsService: undefined };
}

/** A judgement of no flow yet; `place` is that of the flow among those that wait. */
function createJudgement(sampleAt: (place: number) => string): Mutable<JudgedFlow> & { place: number } {
  return {
    place: 0,
    flow: emptyFlow(),
    sourcePlace: 'unknown',
    destinationPlace: 'unknown',
    serving: DESTINATION,
    side: 'unknown',
    refusal: undefined,
    asks: false,
    packets: -1,
    bytes: -1,
    sample() {
      return sampleAt(this.place);
    },
  };
}

function emptyPlace(): RejectedFlow {
  return {
    ...emptyFlow(),
    mark: emptyMark(),
    reason: undefined,
    trafficPath: -1,
    sourceService: undefined,
    destinationService: undefined,
    requestAccepted: false,
    alsoAccepted: false,
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
