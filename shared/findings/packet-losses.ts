import type { RecordView } from '../flow-log/format.ts';
import type { AddressBook } from './address-book.ts';
import type { FindingColumns } from './columns.ts';
import { DESTINATION, SOURCE, servingEnd } from './connection.ts';
import { byText, known, plus, some } from './counting.ts';
import type { ConnectionPath, LossCause, TopAttachmentPair } from './finding.ts';
import { decodeFlow, emptyFlow, sampleOf } from './flow.ts';
import { createFlowSummary } from './flow-summary.ts';
import { COUNTED, type JudgedFlow, TOP } from './judged-flow.ts';
import { pathOf, placeOfTransit } from './path.ts';
import { createSpaceSaving } from './space-saving.ts';
import { createSummaries } from './summaries.ts';
import { isMissing, textOf } from './token.ts';
import type { TrafficEvidence } from './traffic-evidence.ts';

/** The attachments and VPCs that a flow went between. */
interface Pair {
  /** To count it; 0 if nothing of it is known. */
  readonly hash: number;
  readonly pairAttachmentId: string | undefined;
  readonly sourceVpcId: string | undefined;
  readonly destinationVpcId: string | undefined;
}

interface PairTraffic {
  pair: Pair;
  packets: number | undefined;
}

const NO_PAIR: Pair = {
  hash: 0,
  pairAttachmentId: undefined,
  sourceVpcId: undefined,
  destinationVpcId: undefined,
};

function textOfPair({ pairAttachmentId = '', sourceVpcId = '', destinationVpcId = '' }: Pair): string {
  return [pairAttachmentId, sourceVpcId, destinationVpcId].join(' ').trim();
}

function hashOfPair(record: RecordView, columns: FindingColumns): number {
  let hash = 0;
  for (const column of [columns.pairAttachmentId, columns.sourceVpcId, columns.destinationVpcId]) {
    const word = isMissing(record, column) ? 0 : record.hashOf(column);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

/** Starts to sum up the flows that lost packets in a transit gateway, by attachment, cause and path. */
export function createPacketLosses(evidence: TrafficEvidence, addresses: AddressBook) {
  const summaries = createSummaries(createLossSummary);

  function add(record: RecordView, columns: FindingColumns): void {
    const causes = columns.losses.filter(({ column }) => record.numbers[column]! > 0);
    if (causes.length === 0) return;
    const flow = emptyFlow();
    decodeFlow(record, columns, addresses, flow);
    const pair: Pair = {
      hash: hashOfPair(record, columns),
      pairAttachmentId: textOf(record, columns.pairAttachmentId),
      sourceVpcId: textOf(record, columns.sourceVpcId),
      destinationVpcId: textOf(record, columns.destinationVpcId),
    };
    const sourcePlace = placeOfTransit({
      address: flow.source,
      vpcId: pair.sourceVpcId,
      awsService: textOf(record, columns.sourceService),
    });
    const destinationPlace = placeOfTransit({
      address: flow.destination,
      vpcId: pair.destinationVpcId,
      awsService: textOf(record, columns.destinationService),
    });
    const isReply = servingEnd(flow.sourcePort, flow.destinationPort, flow.tcpFlags) === SOURCE;
    const path = isReply ? pathOf(destinationPlace, sourcePlace) : pathOf(sourcePlace, destinationPlace);
    const resource = evidence.resource(record);
    for (const { cause, column } of causes) {
      summaries.of(groupOf(cause, path), resource).add(
        {
          flow,
          sourcePlace,
          destinationPlace,
          serving: isReply ? SOURCE : DESTINATION,
          side: 'unknown',
          refusal: undefined,
          asks: !isReply,
          packets: record.numbers[column]!,
          // The log tells how many packets were lost, not how large they were.
          bytes: -1,
          sample: () => sampleOf(record),
        },
        pair,
      );
    }
  }

  return {
    /** Takes in a record; those that lost nothing are passed over. */
    add,

    /** What has been found, under a finding's keys. */
    finish() {
      return [...summaries.entries()].map(({ group, resource, resources, summary }) => ({
        ...partsOfGroup(group),
        resource,
        resources,
        evidence: summary.describe(),
      }));
    },
  };
}

function groupOf(cause: LossCause, path: ConnectionPath): string {
  return `${cause} ${path}`;
}

function partsOfGroup(group: string): { cause: LossCause; path: ConnectionPath } {
  const [cause, path] = group.split(' ') as [LossCause, ConnectionPath];
  return { cause, path };
}

function createLossSummary() {
  const flows = createFlowSummary();
  const pairs = createSpaceSaving<PairTraffic>(
    COUNTED,
    () => ({ pair: NO_PAIR, packets: undefined }),
    (traffic) => {
      traffic.packets = undefined;
    },
  );

  return {
    add(judged: JudgedFlow, pair: Pair): void {
      flows.add(judged);
      if (pair.hash === 0) return;
      const traffic = pairs.add(pair.hash);
      traffic.pair = pair;
      traffic.packets = plus(traffic.packets, judged.packets);
    },

    describe() {
      return {
        ...flows.describe({ acceptedFlows: () => 0, resourcesAsked: () => undefined }),
        top_attachment_pairs: some(
          pairs
            .top((a, b) => byText(textOfPair(a.detail.pair), textOfPair(b.detail.pair)))
            .slice(0, TOP)
            .map(
              ({ count, error, detail }): TopAttachmentPair =>
                known({
                  pair_attachment_id: detail.pair.pairAttachmentId,
                  source_vpc_id: detail.pair.sourceVpcId,
                  destination_vpc_id: detail.pair.destinationVpcId,
                  flows: count,
                  packets: detail.packets,
                  error,
                }),
            ),
        ),
      };
    },
  };
}
