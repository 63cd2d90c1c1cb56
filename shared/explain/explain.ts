import { POINTS, type Point, type PointObservation, type Question, UNOBSERVED } from './observation.ts';
import { type Evidence, type Observation, observe } from './observe.ts';
import { CONFIDENCES, type Confidence, type Rule, ruleFor } from './rules.ts';
import { situationOf } from './situation.ts';

/** The answer to "why can't A reach B?", with everything that it rests on. */
export interface Explanation {
  /** Id of the row of the rule table. */
  readonly rule: Rule['id'];
  readonly outcome: Rule['outcome'];
  readonly verdict: string;
  readonly confidence: Confidence;
  readonly next: readonly string[];
  /** What flow logs cannot show, and what these ones did not show. */
  readonly limits: readonly string[];
  readonly reason: string;
  readonly source: string;
  /** The four points with their records: the evidence. */
  readonly points: Readonly<Record<Point, PointObservation>>;
  readonly tcp: Observation['tcp'];
}

const POINT_NAMES: Readonly<Record<Point, string>> = {
  P1: 'P1, the request leaves the source',
  P2: 'P2, the request reaches the target',
  P3: 'P3, the reply leaves the target',
  P4: 'P4, the reply reaches the source',
};
const NO_FLAGS =
  'The records have no TCP flags: a packet that belongs to an older connection looks like a new request.';

/**
 * Explains what became of the traffic in question.
 *
 * The verdict claims nothing about points that are not observed. Its confidence is the rule's, one step less where
 * records lack TCP flags. Both ends have to be one host each: find out with `interfacesOf` first.
 */
export function explain(question: Question, evidence: Evidence): Explanation {
  const observation = observe(question, evidence);
  const rule = ruleFor(situationOf(observation, question));
  const { points, tcp, lacksFlags } = observation;
  const hasRecords = POINTS.some((point) => points[point].records.length > 0);
  const isUncertain = lacksFlags && hasRecords;
  const notDelivered = undeliveredFrom(question, evidence);
  return {
    rule: rule.id,
    outcome: rule.outcome,
    verdict: rule.verdict,
    confidence: isUncertain ? oneLess(rule.confidence) : rule.confidence,
    next: rule.next,
    limits: [
      ...rule.hidden,
      ...(isUncertain ? [NO_FLAGS] : []),
      ...(notDelivered === undefined
        ? []
        : [`What came after ${new Date(notDelivered * 1000).toISOString()}: not delivered yet.`]),
      ...POINTS.flatMap((point) => {
        const { why } = points[point];
        return why === undefined ? [] : [`${POINT_NAMES[point]}: ${UNOBSERVED[why]}.`];
      }),
    ],
    reason: rule.reason,
    source: rule.source,
    points,
    tcp,
  };
}

function oneLess(confidence: Confidence): Confidence {
  return CONFIDENCES[Math.max(0, CONFIDENCES.indexOf(confidence) - 1)]!;
}

/** Up to when the logs of both ends are complete, if that is before the end of the window; Unix seconds. */
function undeliveredFrom({ source, destination, window }: Question, { logs }: Evidence): number | undefined {
  const times = [...source.interfaceIds, ...destination.interfaceIds].flatMap(
    (id) => logs.get(id)?.completeUntil ?? [],
  );
  const earliest = Math.min(...times);
  return earliest < window.end ? earliest : undefined;
}
