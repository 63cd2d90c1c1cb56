/**
 * What a query needs and the logs do not have. A flow log has the fields of its format only; a column that no format
 * has is NULL everywhere, and an answer that is computed from it is empty or means nothing, without an error.
 */

import { type FlowLogKind, fieldOfColumn } from '../shared/flow-log/fields.ts';
import { columnIndex } from '../shared/flow-log/format.ts';
import { formatOfHeader } from '../shared/flow-log/header.ts';
import type { SavedQuery } from './query-file.ts';
import { splitSql } from './sql-text.ts';
import { type TimeRange, timeRangePredicate } from './time-range.ts';

/** Tables and views by the flow logs that they hold. The other tables have all their columns always. */
const KIND_OF_RELATION: Readonly<Record<string, FlowLogKind>> = {
  flow_logs: 'vpc',
  flows: 'vpc',
  transit_gateway_flow_logs: 'transit-gateway',
  transit_flows: 'transit-gateway',
};

const NAME_OF_KIND: Readonly<Record<FlowLogKind, string>> = {
  vpc: 'VPC flow logs',
  'transit-gateway': 'transit gateway flow logs',
};

/** Objects come after their records, AWS's deliveries within half an hour. */
const DELIVERY_SECONDS = 1800;

/** More than any lake has; that a query has a limit is a rule. */
const MAX_FORMATS = 1000;

/** The statement that asks which formats the objects of a time range have: one column, `format`, field names as in a header. */
export function formatsStatement({ since, until }: TimeRange): string {
  const range = { since, until: until === undefined ? undefined : until + DELIVERY_SECONDS };
  return `SELECT DISTINCT format
FROM (SELECT *, object_time AS start, date_format(from_unixtime(object_time), '%H') AS hour FROM receipts)
CROSS JOIN UNNEST(formats) AS listed (format)
WHERE ${timeRangePredicate(range)}
ORDER BY format
LIMIT ${MAX_FORMATS}`;
}

/** Which kinds of flow logs a query reads: none if it reads receipts, findings or quarantine only. */
export function kindsOf(sql: string): FlowLogKind[] {
  const code = splitSql(sql)
    .map(({ kind, text }) => (kind === 'code' ? text : ' '))
    .join('');
  const relations = [...code.matchAll(/\b(?:FROM|JOIN)\s+(\w+)/gi)].map(([, name = '']) =>
    name.toLowerCase(),
  );
  const kinds = relations.map((name) =>
    Object.hasOwn(KIND_OF_RELATION, name) ? KIND_OF_RELATION[name] : undefined,
  );
  return [...new Set(kinds.filter((kind) => kind !== undefined))];
}

/**
 * What to tell who asks a query of logs in these formats: the fields that none of them has, and what to do; undefined if
 * nothing is missing, or if there are no formats to judge by.
 *
 * @param formats field names as in a header, separated by spaces, one format each
 */
export function missingFieldsNote(
  { fields, sql }: Pick<SavedQuery, 'fields' | 'sql'>,
  formats: readonly string[],
): string | undefined {
  const kinds = kindsOf(sql);
  const all = formats
    .map((names) => formatOfHeader(names.split(' ')))
    .filter((format) => format !== undefined);
  if (kinds.length === 0 || all.length === 0) return undefined;
  const own = all.filter(({ kind }) => kinds.includes(kind));
  if (own.length === 0) {
    const names = kinds.map((kind) => NAME_OF_KIND[kind]).join(' or ');
    return `This time range has no ${names}, which the query is about.`;
  }
  const missing = fields
    .filter((field) => !own.some((format) => columnIndex(format, field) >= 0))
    .map((field) => kinds.map((kind) => fieldOfColumn(kind, field)?.name).find((name) => name !== undefined))
    .filter((name) => name !== undefined);
  if (missing.length === 0) return undefined;
  const [what, them] = missing.length === 1 ? ['the field', 'it'] : ['the fields', 'them'];
  return (
    `No flow log in this time range has ${what} ${list(missing)}: the answer lacks what depends on ${them}. ` +
    `Add ${them} to the format of the flow log (flowLogs.format of the stage, see docs/deploy.md); what AWS delivers from ` +
    `then on has ${them}.`
  );
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
