import { isoTime } from './iso-time.ts';
import {
  type Evidence,
  type InterfaceLog,
  POINTS,
  type Point,
  type PointObservation,
  type Question,
} from './observation.ts';
import { type Observation, observe } from './observe.ts';
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
  /** What flow logs cannot show, and what these ones did not show. Points that are not observed say so themselves. */
  readonly limits: readonly string[];
  readonly reason: string;
  readonly source: string;
  /** The four points with their records: the evidence. */
  readonly points: Readonly<Record<Point, PointObservation>>;
  readonly tcp: Observation['tcp'];
}

const NO_FLAGS =
  'The records have no TCP flags: a packet that belongs to an older connection looks like a new request.';

/**
 * Explains what became of the traffic in question.
 *
 * The verdict claims nothing about points that are not observed. Its confidence is the rule's, one step less where
 * records lack TCP flags. Both ends have to be one host each.
 */
export function explain(question: Question, evidence: Evidence): Explanation {
  const observation = observe(question, evidence);
  const rule = ruleFor(situationOf(observation, question));
  const { points, tcp, lacksFlags } = observation;
  const hasRecords = POINTS.some((point) => points[point].records.length > 0);
  const isUncertain = lacksFlags && hasRecords;
  const { completeFrom, completeUntil } = completeSpan(question, evidence);
  return {
    rule: rule.id,
    outcome: rule.outcome,
    verdict: rule.verdict,
    confidence: isUncertain ? oneLess(rule.confidence) : rule.confidence,
    next: rule.next,
    limits: [
      ...rule.hidden,
      ...(isUncertain ? [NO_FLAGS] : []),
      ...(completeFrom > question.window.start
        ? [`What came before ${isoTime(completeFrom)}: a log of the two ends begins only then.`]
        : []),
      ...(completeUntil < question.window.end
        ? [
            `What came after ${isoTime(completeUntil)}: the log of an end stops there, or is not delivered yet.`,
          ]
        : []),
      ...holeLimits(question, evidence),
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

/** From when to when the logs of both ends are complete, Unix seconds; unbounded where nothing limits them. */
function completeSpan(
  { source, destination }: Question,
  { logs }: Evidence,
): Required<Pick<InterfaceLog, 'completeFrom' | 'completeUntil'>> {
  const known = [...source.interfaceIds, ...destination.interfaceIds].flatMap((id) => logs.get(id) ?? []);
  return {
    completeFrom: known.reduce(
      (latest, { completeFrom }) => Math.max(latest, completeFrom ?? Number.NEGATIVE_INFINITY),
      Number.NEGATIVE_INFINITY,
    ),
    completeUntil: known.reduce(
      (earliest, { completeUntil }) => Math.min(earliest, completeUntil),
      Number.POSITIVE_INFINITY,
    ),
  };
}

/** Names the first hole in the logs of both ends, and how many there are. */
function holeLimits({ source, destination, window }: Question, { logs }: Evidence): string[] {
  const holes = [...source.interfaceIds, ...destination.interfaceIds]
    .flatMap((id) => logs.get(id)?.holes ?? [])
    .filter(({ start, end }) => Number.isFinite(start) && end >= window.start && start <= window.end)
    .sort((a, b) => a.start - b.start);
  const [first] = holes;
  if (first === undefined) return [];
  const all = holes.length === 1 ? '' : ` Holes in all: ${holes.length}.`;
  return [
    `What came from ${isoTime(first.start)} to ${isoTime(first.end)}: the log of an end has a hole.${all}`,
  ];
}
