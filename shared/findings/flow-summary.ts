import { hasSyn, SOURCE, TCP } from './connection.ts';
import { plus, some } from './counting.ts';
import type { JudgedFlow, ObjectFacts } from './judged-flow.ts';
import { createTally } from './tally.ts';
import { describeSpan, emptySpan, widen } from './time-span.ts';
import { createTopDestinations, createTopSources } from './top-ends.ts';
import { createTopServerPorts } from './top-server-ports.ts';

const MOST_PROTOCOLS = 16;
const MOST_DIRECTIONS = 4;
/** A few lines show a person more than any summary. */
export const MOST_SAMPLES = 3;

/** Starts the evidence of one finding about flows, to be gathered flow by flow in bounded memory. */
export function createFlowSummary() {
  const span = emptySpan();
  let flows = 0;
  let packets: number | undefined;
  let bytes: number | undefined;
  let withSyn = 0;
  let withoutSyn = 0;
  let flagsUnknown = 0;
  let replyLike = 0;
  const protocols = createTally<number>(MOST_PROTOCOLS);
  const directions = createTally<string>(MOST_DIRECTIONS);
  const sources = createTopSources();
  const destinations = createTopDestinations();
  const serverPorts = createTopServerPorts();
  const samples: string[] = [];

  return {
    /** Takes in a flow. */
    add(judged: JudgedFlow): void {
      const { flow } = judged;
      flows++;
      packets = plus(packets, judged.packets);
      bytes = plus(bytes, judged.bytes);
      widen(span, flow.start, flow.end);
      if (flow.protocol === TCP) {
        if (flow.tcpFlags < 0) flagsUnknown++;
        else if (hasSyn(flow.tcpFlags)) withSyn++;
        else withoutSyn++;
      }
      if (judged.serving === SOURCE) replyLike++;
      if (flow.protocol >= 0) protocols.add(flow.protocol);
      if (flow.direction !== undefined) directions.add(flow.direction);
      sources.add(judged);
      destinations.add(judged);
      serverPorts.add(judged);
      if (samples.length < MOST_SAMPLES) samples.push(judged.sample());
    },

    /** The evidence under a finding's keys; undefined where the log does not say. */
    describe(facts: ObjectFacts) {
      return {
        ...describeSpan(span),
        flows,
        packets,
        bytes,
        tcp_with_syn: withSyn,
        tcp_without_syn: withoutSyn,
        tcp_flags_unknown: flagsUnknown,
        reply_like: replyLike,
        protocols: some(protocols.entries().map(({ value, count }) => ({ protocol: value, flows: count }))),
        directions: some(
          directions.entries().map(({ value, count }) => ({ direction: value, flows: count })),
        ),
        top_sources: some(sources.top(facts)),
        top_destinations: some(destinations.top()),
        top_server_ports: some(serverPorts.top(facts)),
        samples,
      };
    },
  };
}
