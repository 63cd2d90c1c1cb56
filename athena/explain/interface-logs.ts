/** From when to when the logs of interfaces are complete, and where they have gaps. */

import { flowLogsOf, type Inventory } from '../../shared/explain/inventory.ts';
import type { InterfaceLog, Interval } from '../../shared/explain/observation.ts';
import type { QueryResult } from '../query-engine.ts';
import { rowObjects } from '../row-objects.ts';
import type { FoundInterface } from './hosts.ts';

/** A time in which a flow log has records of an interface without a gap, or in which AWS lost them. */
export interface Stretch extends Interval {
  readonly interfaceId: string;
  /** As in the survey. */
  readonly flowLogId: string;
  /** SKIPDATA, or a record that may be one: without `log-status` and `action` nothing tells it from NODATA. */
  readonly isLost: boolean;
}

/** AWS delivers 10 to 25 minutes after the packets, and one interval in several objects, of which some come later. */
const DELIVERY_SPREAD = 900;
/** What is older than this has been delivered, if it ever will be. */
const SURELY_DELIVERED = 3600;
/** What a log covers of which no record tells its time. */
const ALWAYS: Interval = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };

/** Reads the answer to `stretchesStatement`. Without times nothing tells when there are records, nor when none are lost. */
export function stretchesOf(result: QueryResult): Stretch[] {
  return rowObjects(result).flatMap((row) => {
    const [isLost, isTimed] = [row.is_lost === true, row.first !== null];
    if (!isLost && !isTimed) return [];
    return [
      {
        interfaceId: String(row.interface_id),
        flowLogId: String(row.flow_log),
        isLost,
        ...(isTimed ? { start: Number(row.first), end: Number(row.last) } : ALWAYS),
      },
    ];
  });
}

/**
 * What the logs of these interfaces hold, and when. Interfaces without records in the window are left out: AWS writes
 * NODATA records for idle ones, so no flow log records them.
 *
 * @param now Unix seconds
 */
export function interfaceLogs(
  interfaces: Iterable<FoundInterface>,
  inventory: Inventory,
  stretches: readonly Stretch[],
  now: number,
): Map<string, InterfaceLog> {
  const byInterface = Map.groupBy(stretches, ({ interfaceId }) => interfaceId);
  const logs = new Map<string, InterfaceLog>();
  for (const { interfaceId, survey, known } of interfaces) {
    if (survey?.isInWindow !== true) continue;
    const types = new Map(
      (known === undefined ? [] : flowLogsOf(inventory, known)).map((each) => [
        each.flowLogId,
        each.trafficType,
      ]),
    );
    const flowLogs = survey.flowLogs.map((each) => ({
      ...each,
      actions: types.get(each.flowLogId) === 'ALL' ? (['ACCEPT', 'REJECT'] as const) : each.actions,
    }));
    const actions = new Set(flowLogs.flatMap((each) => each.actions));
    const own = byInterface.get(interfaceId) ?? [];
    const coveredBy = (ids: readonly string[]) =>
      joined(own.filter(({ flowLogId, isLost }) => !isLost && ids.includes(flowLogId)));
    // Two flow logs may hold one action each: the interface's log is complete where both are.
    const covered =
      actions.size === 0
        ? coveredBy(flowLogs.map(({ flowLogId }) => flowLogId))
        : [...actions]
            .map((action) => flowLogs.filter((each) => each.actions.includes(action)))
            .map((holding) => coveredBy(holding.map(({ flowLogId }) => flowLogId)))
            .reduce(common);
    logs.set(interfaceId, {
      actions,
      skipped: own.filter(({ isLost }) => isLost),
      ...spanOf(covered, now),
    });
  }
  return logs;
}

function spanOf(
  covered: readonly Interval[],
  now: number,
): Pick<InterfaceLog, 'holes' | 'completeFrom' | 'completeUntil'> {
  const [first, last] = [covered[0], covered.at(-1)];
  if (first === undefined || last === undefined) return { holes: [ALWAYS], completeUntil: ALWAYS.end };
  const isYoung = last.end > now - SURELY_DELIVERED;
  return {
    holes: covered.slice(1).map(({ start }, index) => ({ start: covered[index]!.end + 1, end: start - 1 })),
    completeFrom: first.start,
    completeUntil: isYoung ? last.end - DELIVERY_SPREAD : last.end,
  };
}

/** Intervals in order, those that touch as one. */
function joined(intervals: readonly Interval[]): Interval[] {
  const all: Interval[] = [];
  for (const { start, end } of intervals.toSorted((a, b) => a.start - b.start)) {
    const before = all.at(-1);
    if (before === undefined || start > before.end + 1) all.push({ start, end });
    else all[all.length - 1] = { start: before.start, end: Math.max(before.end, end) };
  }
  return all;
}

/** What lies in both, each in order and without overlap. */
function common(some: readonly Interval[], others: readonly Interval[]): Interval[] {
  return some
    .flatMap((a) => others.map((b) => ({ start: Math.max(a.start, b.start), end: Math.min(a.end, b.end) })))
    .filter(({ start, end }) => start <= end);
}
