import type { RecordView } from '../flow-log/format.ts';
import type { FindingColumns } from './columns.ts';
import { DESTINATION, SOURCE, servingEnd } from './connection.ts';
import { byText, known, plus, some } from './counting.ts';
import type { ConnectionPath, LossCause, TopAttachmentPair } from './finding.ts';
import { decodeFlow } from './flow.ts';
import { createFlowSummary } from './flow-summary.ts';
import { COUNTED, type JudgedFlow, TOP } from './judged-flow.ts';
import { type Place, pathOf, placeOfTransit } from './path.ts';
import { resourceColumn, resourceOf } from './resource.ts';
import { createSpaceSaving } from './space-saving.ts';
import { createSummaries } from './summaries.ts';
import { hashText, textOf } from './token.ts';

/** The attachments and VPCs that a flow went between. */
interface Pair {
  readonly pairAttachmentId: string | undefined;
  readonly sourceVpcId: string | undefined;
  readonly destinationVpcId: string | undefined;
}

interface PairTraffic {
  pair: Pair;
  packets: number | undefined;
}

const NO_PAIR: Pair = { pairAttachmentId: undefined, sourceVpcId: undefined, destinationVpcId: undefined };

function textOfPair({ pairAttachmentId = '', sourceVpcId = '', destinationVpcId = '' }: Pair): string {
  return [pairAttachmentId, sourceVpcId, destinationVpcId].join(' ').trim();
}

/** Starts to sum up the flows that lost packets in a transit gateway, by attachment, cause and path. */
export function createPacketLosses(placeByName: (address: string | undefined) => Place | undefined) {
  const summaries = createSummaries(createLossSummary);

  function add(record: RecordView, columns: FindingColumns): void {
    const causes = columns.losses.filter(({ column }) => record.numbers[column]! > 0);
    if (causes.length === 0) return;
    const flow = decodeFlow(record, columns);
    const pair: Pair = {
      pairAttachmentId: textOf(record, columns.pairAttachmentId),
      sourceVpcId: textOf(record, columns.sourceVpcId),
      destinationVpcId: textOf(record, columns.destinationVpcId),
    };
    const sourcePlace = placeOfTransit({
      address: flow.source,
      named: placeByName(flow.source),
      vpcId: pair.sourceVpcId,
      awsService: textOf(record, columns.sourceService),
    });
    const destinationPlace = placeOfTransit({
      address: flow.destination,
      named: placeByName(flow.destination),
      vpcId: pair.destinationVpcId,
      awsService: textOf(record, columns.destinationService),
    });
    const isReply = servingEnd(flow.sourcePort, flow.destinationPort, flow.tcpFlags) === SOURCE;
    const path = isReply ? pathOf(destinationPlace, sourcePlace) : pathOf(sourcePlace, destinationPlace);
    const column = resourceColumn(record, columns);
    const resource = column < 0 ? undefined : resourceOf(record, columns, column);
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
      const text = textOfPair(pair);
      if (text === '') return;
      const traffic = pairs.add(hashText(text));
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
