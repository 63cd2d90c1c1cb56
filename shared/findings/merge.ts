import { type Told, tell, tellBoth } from './describe.ts';
import type { Finding, TopDestination, TopServerPort, TopSource } from './finding.ts';

/** A finding of several objects, with what the evidence of each said: its own adds up to nothing new. */
export interface MergedFinding extends Finding {
  readonly told: readonly Told[];
}

/** What makes findings of several objects tell of the same thing. */
function subjectOf({ kind, path, cause, aws_account_id, aws_region, resource_id }: Finding): string {
  return JSON.stringify([kind, path, cause, aws_account_id, aws_region, resource_id]);
}

/** Of each list, entries beyond these are dropped: objects may be many. */
const MAX_ENTRIES = 50;

/**
 * Adds a finding to those of other objects: findings of the same resource, path and cause become one. Counters are
 * sums; of distinct counts the largest of one object is kept, which is the least that it can be. Attachment pairs and
 * samples are those of the first.
 *
 * @param limit findings of other subjects than these are not taken in. Returns whether the finding was.
 */
export function mergeInto(
  merged: Map<string, MergedFinding>,
  finding: Finding,
  limit = Number.POSITIVE_INFINITY,
): boolean {
  const subject = subjectOf(finding);
  const before = merged.get(subject);
  if (before === undefined && merged.size >= limit) return false;
  const told = { ...finding, told: tell(finding) };
  merged.set(subject, before === undefined ? told : mergeTwo(before, told));
  return true;
}

const COUNTERS = [
  'flows',
  'packets',
  'bytes',
  'skipped_seconds',
  'refused_requests',
  'refused_replies',
  'late_packets',
  'tcp_with_syn',
  'tcp_without_syn',
  'tcp_flags_unknown',
  'reply_like',
  'request_accepted',
  'also_accepted',
] as const;

function mergeTwo(a: MergedFinding, b: MergedFinding): MergedFinding {
  const counters = COUNTERS.flatMap((name) => {
    const sum = (a[name] ?? 0) + (b[name] ?? 0);
    return a[name] === undefined && b[name] === undefined ? [] : [[name, sum] as const];
  });
  const told = tellBoth(a.told, b.told);
  return {
    ...a,
    ...Object.fromEntries(counters),
    told,
    severity: told[0]!.severity,
    meanings: told.map(({ meaning }) => meaning),
    ...optional('first_time', least(a.first_time, b.first_time)),
    ...optional('last_time', largest(a.last_time, b.last_time)),
    ...optional(
      'protocols',
      mergeLists(a.protocols, b.protocols, ({ protocol }) => `${protocol}`, sumFlows),
    ),
    ...optional(
      'directions',
      mergeLists(a.directions, b.directions, ({ direction }) => direction, sumFlows),
    ),
    ...optional(
      'reject_reasons',
      mergeLists(a.reject_reasons, b.reject_reasons, ({ reason }) => reason, sumFlows),
    ),
    ...optional('top_sources', mergeLists(a.top_sources, b.top_sources, sourceKey, mergeSources)),
    ...optional('top_destinations', mergeLists(a.top_destinations, b.top_destinations, sourceKey, addFlows)),
    ...optional('top_server_ports', mergeLists(a.top_server_ports, b.top_server_ports, portKey, mergePorts)),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

const least = (a: number | undefined, b: number | undefined) => (a === undefined || (b ?? a) < a ? b : a);
const largest = (a: number | undefined, b: number | undefined) => (a === undefined || (b ?? a) > a ? b : a);

const sourceKey = ({ address }: TopSource | TopDestination) => address;
const portKey = ({ protocol, port, side }: TopServerPort) => `${protocol}/${port}/${side}`;
const rank = (entry: { flows?: number; rejected_flows?: number }) => entry.flows ?? entry.rejected_flows ?? 0;

function mergeLists<T extends { flows?: number; rejected_flows?: number }>(
  a: readonly T[] | undefined,
  b: readonly T[] | undefined,
  key: (entry: T) => string,
  merge: (a: T, b: T) => T,
): T[] | undefined {
  if (a === undefined && b === undefined) return undefined;
  const entries = new Map<string, T>();
  for (const entry of [...(a ?? []), ...(b ?? [])]) {
    const before = entries.get(key(entry));
    entries.set(key(entry), before === undefined ? entry : merge(before, entry));
  }
  return [...entries.values()].sort((x, y) => rank(y) - rank(x)).slice(0, MAX_ENTRIES);
}

function sumFlows<T extends { readonly flows: number }>(a: T, b: T): T {
  return { ...a, flows: a.flows + b.flows };
}

function addFlows<T extends TopDestination>(a: T, b: T): T {
  return { ...sumFlows(a, b), error: a.error + b.error };
}

function mergeSources(a: TopSource, b: TopSource): TopSource {
  return {
    ...addFlows(a, b),
    server_ports: larger(a.server_ports, b.server_ports),
    destinations: larger(a.destinations, b.destinations),
    ...(a.interfaces === undefined ? {} : { interfaces: larger(a.interfaces, b.interfaces ?? '0') }),
  };
}

function mergePorts(a: TopServerPort, b: TopServerPort): TopServerPort {
  const { server, ...rest } = a;
  return {
    ...rest,
    rejected_flows: a.rejected_flows + b.rejected_flows,
    error: a.error + b.error,
    accepted_flows: a.accepted_flows + b.accepted_flows,
    refused_requests: a.refused_requests + b.refused_requests,
    refused_replies: a.refused_replies + b.refused_replies,
    late_packets: a.late_packets + b.late_packets,
    clients: larger(a.clients, b.clients),
    servers: larger(a.servers, b.servers),
    ...(server !== undefined && server === b.server ? { server } : {}),
  };
}

/** Of two distinct counts such as `17` and `64+`. */
function larger(a: string, b: string): string {
  const [x, y] = [Number.parseInt(a, 10), Number.parseInt(b, 10)];
  return y > x || (y === x && b.endsWith('+')) ? b : a;
}
