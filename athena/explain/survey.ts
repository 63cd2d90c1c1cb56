/** What flow logs tell of interfaces: where they are, whose addresses they have, and which flow logs record them. */

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
  /** Its records have pkt-srcaddr and pkt-dstaddr, so they tell its addresses apart. */
  readonly showsEnds: boolean;
}

/** A flow log, as far as it records a surveyed interface. */
export interface SurveyedFlowLog {
  /** `fl-…`; where the object's name does not tell, the interface's id. */
  readonly flowLogId: string;
  /** What it holds, on any of its interfaces. */
  readonly actions: readonly ('ACCEPT' | 'REJECT')[];
}

/** Reads the answer to `surveyStatement`. */
export function surveyedInterfaces(result: QueryResult): SurveyedInterface[] {
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
      flowLogs: rows.map(flowLogOf),
      showsEnds: rows.every((row) => row.shows_ends === true),
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

function flowLogOf(row: Row): SurveyedFlowLog {
  return {
    flowLogId: String(row.flow_log),
    actions: [
      ...(row.log_accepts === true ? (['ACCEPT'] as const) : []),
      ...(row.log_rejects === true ? (['REJECT'] as const) : []),
    ],
  };
}

function textOf(value: QueryValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
