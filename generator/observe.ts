/** From a conversation to the records that every flow log on its way makes of it. */
import type { Conversation, OneWay, Volume } from './conversation.ts';
import { cutIntoIntervals, FIN, RST, SYN, SYN_ACK, TCP } from './conversation.ts';
import type { InterfaceSighting, Sighting } from './path.ts';
import { tracePath } from './path.ts';
import type { RejectReason } from './policy.ts';
import { permits, refusalByAws } from './policy.ts';
import type { Recorder } from './records.ts';
import type { SecurityGroupChange, World } from './world.ts';

/** Linux retries a SYN after 1, 3, 7, 15 and 31 seconds: the time that this many attempts take. */
const SECONDS_OF_ATTEMPTS = [0, 0, 1, 3, 7, 15, 31] as const;
const SYN_BYTES = 60;
const RST_BYTES = 40;

/**
 * Records a conversation wherever its packets pass a logged interface or the transit gateway: each direction by
 * itself, in each aggregation interval of each observer, as far as filters and routes let the packets go.
 *
 * A TCP client whose SYN or whose SYN-ACK gets lost tries again, up to `request.packets` and six times, so the
 * conversation's own volumes do not apply.
 */
export function observe(
  world: World,
  changes: readonly SecurityGroupChange[],
  conversation: Conversation,
  recorder: Recorder,
): void {
  const { protocol, start } = conversation;
  const path = tracePath(world, conversation);
  const stopOf = (sightings: readonly Sighting[], isReply: boolean): Stop | undefined => {
    for (const [at, sighting] of sightings.entries()) {
      if (sighting.at !== 'interface') continue;
      if (!permits(sighting, protocol, isReply, start, changes)) return { at };
      const reason = refusalByAws(sighting);
      if (reason) return { at, reason };
    }
    return undefined;
  };

  const requestStop = stopOf(path.request, false);
  const arrives = requestStop === undefined && !path.request.some(isLoss);
  const answers = arrives && conversation.ending !== 'silent' && conversation.reply.packets > 0;
  const replyStop = answers ? stopOf(path.reply, true) : undefined;
  const replyArrives = answers && replyStop === undefined && !path.reply.some(isLoss);

  const [request, reply] = streams(conversation, arrives, replyArrives);
  record(path.request, requestStop, request, protocol, recorder);
  if (answers) record(path.reply, replyStop, reply, protocol, recorder);
  if (replyArrives && conversation.late) recordLatePackets(path, conversation, recorder);
}

/** Where packets are rejected: at which sighting, and why if rules let them pass. */
interface Stop {
  readonly at: number;
  readonly reason?: RejectReason;
}

function isLoss(sighting: Sighting): boolean {
  return sighting.at === 'transit-gateway' && sighting.loss !== undefined;
}

/** The packets of both directions. */
function streams(
  conversation: Conversation,
  arrives: boolean,
  replyArrives: boolean,
): readonly [request: OneWay, reply: OneWay] {
  const { protocol, start, duration, ending, request, reply } = conversation;
  const stream = (volume: Volume, openingFlags = 0, closingFlags = 0, everyFlags = 0): OneWay => ({
    ...volume,
    start,
    duration,
    openingFlags,
    closingFlags,
    everyFlags,
  });
  if (protocol !== TCP) return [stream(request), stream(reply)];

  if (arrives && ending === 'refused') {
    const attempt = { ...stream({ packets: 1, bytes: SYN_BYTES }, SYN), duration: 0 };
    return [attempt, { ...attempt, bytes: RST_BYTES, openingFlags: RST }];
  }
  if (!replyArrives) {
    const packets = Math.min(request.packets, SECONDS_OF_ATTEMPTS.length - 1);
    // A scanner's bare SYN is smaller than that of an operating system with its options.
    const size = Math.min(SYN_BYTES, Math.floor(request.bytes / request.packets));
    const attempts = stream({ packets, bytes: packets * size }, 0, 0, SYN);
    const spread = { ...attempts, duration: SECONDS_OF_ATTEMPTS[packets]! };
    return [spread, { ...spread, everyFlags: SYN_ACK }];
  }
  const reset = ending === 'reset';
  return [stream(request, SYN, reset ? RST : FIN), stream(reply, SYN_ACK, reset ? 0 : FIN)];
}

/** Records one direction up to the point where it is rejected or lost. */
function record(
  sightings: readonly Sighting[],
  stop: Stop | undefined,
  stream: OneWay,
  protocol: number,
  recorder: Recorder,
): void {
  const reached = stop ? stop.at + 1 : sightings.length;
  for (let i = 0; i < reached; i++) {
    const sighting = sightings[i]!;
    if (sighting.at === 'transit-gateway') {
      const end = sighting.direction === 'ingress' ? sighting.source : sighting.destination!;
      const offset = end.attachment.intervalOffset;
      cutIntoIntervals(stream, offset, (start, end, packets, bytes, tcpFlags) =>
        recorder.transit({ sighting, protocol, start, end, packets, bytes, tcpFlags }),
      );
    } else {
      const isRejected = i === stop?.at;
      const action = isRejected ? 'REJECT' : 'ACCEPT';
      const rejectReason = isRejected ? stop.reason : undefined;
      // Rejected packets never take a route, so no code of the traffic path applies to them.
      const seen = isRejected ? { ...sighting, trafficPath: undefined } : sighting;
      cutIntoIntervals(stream, sighting.observer.intervalOffset, (start, end, packets, bytes, tcpFlags) =>
        recorder.vpc({
          status: 'OK',
          sighting: seen,
          protocol,
          start,
          end,
          packets,
          bytes,
          tcpFlags,
          action,
          rejectReason,
        }),
      );
    }
  }
}

/** Packets that arrive after the close: the receiving interface no longer tracks the connection and rejects them. */
function recordLatePackets(
  path: { readonly request: readonly Sighting[]; readonly reply: readonly Sighting[] },
  { late, protocol, start, duration }: Conversation,
  recorder: Recorder,
): void {
  const sightings = late!.from === 'client' ? path.request : path.reply;
  const last = sightings.at(-1);
  if (last?.at !== 'interface' || last.direction !== 'ingress' || last.observer.securityGroup === undefined)
    return;
  const sighting: InterfaceSighting = last;
  const begin = start + duration + late!.after;
  recorder.vpc({
    status: 'OK',
    sighting,
    protocol,
    start: begin,
    end: begin,
    packets: late!.packets,
    bytes: late!.bytes,
    tcpFlags: late!.tcpFlags,
    action: 'REJECT',
  });
}
