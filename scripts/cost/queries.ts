/** What a month of typical days of queries costs: Athena's scans, and its requests to S3. */
import { scanCost } from '../../athena/scan-cost.ts';
import type { Assumptions } from './assumptions.ts';
import { LISTED } from './counts.ts';
import { PRICES } from './prices.ts';
import { MONTH_DAYS } from './volume.ts';

/** A table as a query meets it. */
export interface Stored {
  /** In a month. */
  readonly objects: number;
  /** Bytes that a query reads of an object. */
  readonly bytes: number;
  /** Requests for an object. */
  readonly gets: number;
  /** Partitions of a day. */
  readonly partitions: number;
}

export interface Tables {
  readonly records: Stored;
  /** Where people look for findings; without a table of them, in the records. */
  readonly findings: Stored;
  readonly receipts?: Stored;
}

export interface QueryCost {
  readonly scans: number;
  readonly requests: number;
}

export function queryCost(tables: Tables, accounts: number, assumptions: Assumptions): QueryCost {
  const { shortQueries, dayQueries, monthQueries, findingQueries, receiptQueries, scans } = assumptions;
  const cost = { scans: 0, requests: 0 };

  /** @param days of all accounts that a query reads */
  function ask(queriesPerDay: number, { objects, bytes, gets, partitions }: Stored, days: number): void {
    const queries = queriesPerDay * MONTH_DAYS;
    const read = (objects / MONTH_DAYS) * days * scans;
    const lists = Math.max(partitions * days * scans, read / LISTED);
    cost.scans += queries * scanCost(read * bytes);
    cost.requests += queries * (read * gets * PRICES.s3Get.usd + lists * PRICES.s3Put.usd);
  }

  ask(shortQueries, tables.records, 2 / 24);
  ask(dayQueries, tables.records, 1);
  ask(monthQueries, tables.records, 30 / accounts);
  ask(findingQueries, tables.findings, 1);
  if (tables.receipts !== undefined) ask(receiptQueries, tables.receipts, 1);
  return cost;
}
