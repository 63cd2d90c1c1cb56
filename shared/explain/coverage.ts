import { isNeverCaptured } from './capture.ts';
import type { End, Evidence, Interval, Point, Question, Unobserved } from './observation.ts';
import { intervalOf, overlaps, type Sighting } from './sighting.ts';
import { CLOCK_SLACK, isTranslated } from './translation.ts';

/** What the logs could have seen, so that silence is never taken for absence. */
export interface Coverage {
  /** Why a point without records is not observed; undefined if it is, so that the traffic is absent. */
  missing(point: Point): Unobserved | undefined;
  /** Whether a record at this point would be there if there was traffic at the time of these records. */
  sees(point: Point, at: readonly Sighting[]): boolean;
}

/** Where to look for the traffic whose absence is in question: the point before it first. */
const NEIGHBOURS: Readonly<Record<Point, readonly Point[]>> = {
  P1: ['P2', 'P4', 'P3'],
  P2: ['P1', 'P3', 'P4'],
  P3: ['P2', 'P1', 'P4'],
  P4: ['P3', 'P1', 'P2'],
};

/**
 * Finds out what the logs of both ends could have seen. `sightings` are what the evidence shows, `beside` what it shows of
 * the same connections outside of the window: some of it may be of the packets in question, because times are not exact.
 */
export function createCoverage(
  question: Question,
  evidence: Evidence,
  sightings: readonly Sighting[],
  beside: readonly Sighting[],
): Coverage {
  const { logs, fetched } = evidence;
  const atPoint = (point: Point, { connection }: Sighting): string => `${point} ${connection}`;
  const besidePoint = Map.groupBy(beside, (each) => atPoint(each.point, each));
  const neverCaptured = isNeverCaptured(question);
  const { interfaceIds: targets } = question.destination;
  const isLogged = targets.length > 0 && targets.every((id) => logs.has(id));
  const translated = isLogged && isTranslated(question, evidence, sightings.filter(isCoveredAtTarget));

  /** What is missing at a point for all times alike. */
  function always(point: Point): Unobserved | undefined {
    const { interfaceIds } = endOf(point, question);
    const known = interfaceIds.map((id) => logs.get(id));
    if (neverCaptured) return 'never-captured';
    if (known.length === 0 || known.includes(undefined)) return 'no-flow-log';
    if (known.some((log) => !log!.actions.has('ACCEPT') || !log!.actions.has('REJECT'))) return 'one-action';
    const atDestination = point === 'P2' || point === 'P3';
    return question.blind?.[point] ?? (atDestination && translated ? 'translated' : undefined);
  }

  /** What is missing for an interval; certain only a minute away from its ends. */
  function during(point: Point, { start, end }: Interval, slack: number): Unobserved | undefined {
    const known = endOf(point, question).interfaceIds.map((id) => logs.get(id)!);
    const [from, until] = [start - slack, end + slack];
    if (known.some(({ completeUntil }) => until > completeUntil)) return 'not-delivered';
    if (known.some(({ completeFrom }) => completeFrom !== undefined && from < completeFrom)) {
      return 'not-begun';
    }
    const isGap = (gap: Interval): boolean => gap.end >= from && gap.start <= until;
    if (known.some(({ skipped }) => skipped.some(isGap))) return 'skipdata';
    if (known.some(({ holes = [] }) => holes.some(isGap))) return 'hole';
    const isRead = fetched === undefined || (from >= fetched.start && until <= fetched.end);
    return isRead ? undefined : 'not-read';
  }

  /** What is missing at the time of a record; without times, in any part of the window. */
  function duringRecord(point: Point, sighting: Sighting): Unobserved | undefined {
    const interval = intervalOf(sighting.row);
    if (interval === undefined) return during(point, question.window, 0);
    const around = { start: interval.start - CLOCK_SLACK, end: interval.end + CLOCK_SLACK };
    const maySeeIt = besidePoint.get(atPoint(point, sighting))?.some(({ row }) => overlaps(row, around));
    return maySeeIt ? 'beside' : during(point, interval, CLOCK_SLACK);
  }

  /** Where the target's log misses the time of a request, nobody can look for it there under another address. */
  function isCoveredAtTarget(sighting: Sighting): boolean {
    return sighting.point !== 'P1' || duringRecord('P2', sighting) === undefined;
  }

  return {
    missing(point) {
      const reason = always(point);
      if (reason !== undefined) return reason;
      const neighbour = NEIGHBOURS[point].find((other) => sightings.some((each) => each.point === other));
      if (neighbour === undefined) return during(point, question.window, 0);
      const traffic = sightings.filter((each) => each.point === neighbour);
      const reasons = traffic.map((each) => duringRecord(point, each));
      // One request that would have been seen, and was not, is enough.
      return reasons.includes(undefined) ? undefined : reasons[0];
    },
    sees: (point, at) =>
      always(point) === undefined && at.every((each) => duringRecord(point, each) === undefined),
  };
}

function endOf(point: Point, { source, destination }: Question): End {
  return point === 'P1' || point === 'P4' ? source : destination;
}
