/** What flow logs tell of interfaces: whose addresses they have, and from when to when their logs are complete. */

import { isIPv6 } from '../../shared/findings/address.ts';
import type { QueryResult, QueryValue } from '../query-engine.ts';
import { rowObjects } from '../row-objects.ts';

/** An interface that has records in the period that was surveyed. */
export interface SurveyedInterface {
  readonly interfaceId: string;
  readonly accountId: string;
  readonly region: string;
  readonly vpcId: string | undefined;
  readonly subnetId: string | undefined;
  readonly azId: string | undefined;
  readonly instanceId: string | undefined;
  /** `interface-type`, where the format has it. */
  readonly interfaceType: string | undefined;
  /** Its own addresses, as far as records tell: not its secondary IPv4 ones, nor public ones. */
  readonly addresses: readonly string[];
  /** The addresses of which one is its own and one its only peer's; nothing tells which. */
  readonly undecided: readonly string[];
  /** Addresses that were asked for and that it carries without owning them, as far as records tell. */
  readonly carries: readonly string[];
  /** It has records in the window that was asked about, be they NODATA. */
  readonly isInWindow: boolean;
  readonly flowLogs: readonly SurveyedFlowLog[];
}

/** A flow log, as far as it records a surveyed interface. */
export interface SurveyedFlowLog {
  /** `fl-…`; where the object's name does not tell, the interface's id. */
  readonly flowLogId: string;
  /** What it holds, on any of its interfaces. */
  readonly actions: readonly ('ACCEPT' | 'REJECT')[];
  /** Unix seconds; undefined for formats without times. */
  readonly completeFrom: number | undefined;
  readonly completeUntil: number | undefined;
}

/** AWS delivers 10 to 25 minutes after the packets, so one interface of a flow log may be this far behind another. */
const DELIVERY_SPREAD = 900;
/** What is older than this has been delivered, if it ever will be. */
const SURELY_DELIVERED = 3600;

/**
 * Reads the answer to `surveyStatement`.
 *
 * @param now Unix seconds
 */
export function surveyedInterfaces(result: QueryResult, now: number): SurveyedInterface[] {
  const byInterface = Map.groupBy(rowObjects(result), (row) => String(row.interface_id));
  return [...byInterface].map(([interfaceId, rows]) => {
    const first = (column: string) =>
      rows.map((row) => textOf(row[column])).find((each) => each !== undefined);
    return {
      interfaceId,
      accountId: first('aws_account_id') ?? 'unknown',
      region: first('aws_region') ?? 'unknown',
      vpcId: first('vpc_id'),
      subnetId: first('subnet_id'),
      azId: first('az_id'),
      instanceId: first('instance_id'),
      interfaceType: first('interface_type'),
      ...ownAddresses(rows),
      carries: [...addressesIn(rows, 'carried_source').union(addressesIn(rows, 'carried_destination'))],
      isInWindow: rows.some((row) => row.in_window === true),
      flowLogs: rows.map((row) => flowLogOf(row, now)),
    };
  });
}

type Row = Readonly<Record<string, QueryValue>>;

/**
 * Records with flow-direction name the interface's own address. Without it, it is the one that all records of a family
 * have; with a single peer that holds for two.
 */
function ownAddresses(rows: readonly Row[]): Pick<SurveyedInterface, 'addresses' | 'undecided'> {
  const directed = addressesIn(rows, 'directed');
  if (directed.size > 0) return { addresses: [...directed], undecided: [] };
  const shared = [...addressesIn(rows, 'shared_source').union(addressesIn(rows, 'shared_destination'))];
  const families = [...Map.groupBy(shared, isIPv6).values()];
  return {
    addresses: families.flatMap((family) => (family.length === 1 ? family : [])),
    undecided: families.flatMap((family) => (family.length > 1 ? family : [])),
  };
}

function addressesIn(rows: readonly Row[], column: string): Set<string> {
  return new Set(rows.flatMap((row) => textOf(row[column])?.split(' ') ?? []));
}

function flowLogOf(row: Row, now: number): SurveyedFlowLog {
  // The last interval may have arrived in part only.
  const interval = (numberOf(row.longest) ?? 0) <= 60 ? 60 : 600;
  const complete = (last: number, spread: number) => (last < now - SURELY_DELIVERED ? last : last - spread);
  const [last, logLast] = [numberOf(row.last), numberOf(row.log_last)];
  const until = [
    ...(last === undefined ? [] : [complete(last, interval)]),
    ...(logLast === undefined ? [] : [complete(logLast, DELIVERY_SPREAD)]),
  ];
  const from = numberOf(row.log_first);
  return {
    flowLogId: String(row.flow_log),
    actions: [
      ...(row.log_accepts === true ? (['ACCEPT'] as const) : []),
      ...(row.log_rejects === true ? (['REJECT'] as const) : []),
    ],
    completeFrom: from,
    completeUntil: until.length === 0 ? undefined : Math.max(...until),
  };
}

function textOf(value: QueryValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: QueryValue | undefined): number | undefined {
  return value == null ? undefined : Number(value);
}
