import { TABLES, type TableName } from '../../athena/tables.ts';

/** Rows of a table: how many, and in how many of them each column has a value. */
export interface RowTally {
  rows: number;
  readonly values: Map<string, number>;
}

/** A tally for each table of the lake. */
export type Tallies = ReadonlyMap<TableName, RowTally>;

/** Tallies of no rows yet. */
export function emptyTallies(): Tallies {
  return new Map(
    TABLES.map(({ name, columns }) => [name, { rows: 0, values: new Map(columns.map((c) => [c.name, 0])) }]),
  );
}

/** JSON as it stands in a row: whole numbers keep all their digits. */
type Json = string | bigint | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * Checks that each line of an object is a row that no query can stumble over, and counts it: JSON without duplicate keys
 * or white space, every value of just its column's type. Flow logs may have columns that the table does not know.
 *
 * @returns the rows.
 * @throws Error for the first line that is not.
 */
export function checkRows(table: TableName, text: string, tally: RowTally): Record<string, Json>[] {
  const { columns } = TABLES.find(({ name }) => name === table)!;
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  if (text !== '' && !text.endsWith('\n')) throw new Error(`${table}: the last row has no line end`);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const row = parse(line);
      // What was there twice, or written in another way, is not written like this again.
      if (write(row) !== line) throw new Error(`${table}: not written as it should be: ${line}`);
      if (!isStruct(row)) throw new Error(`${table}: no row: ${line}`);
      for (const [name, value] of Object.entries(row)) {
        const type = types.get(name) ?? (/^x_[a-z0-9_]+$/.test(name) ? 'string' : undefined);
        if (type === undefined || !isOfType(type, value)) {
          throw new Error(`${table}: "${name}" is no ${type ?? 'column'}: ${line}`);
        }
        if (types.has(name)) tally.values.set(name, tally.values.get(name)! + 1);
      }
      tally.rows++;
      return row;
    });
}

function parse(line: string): Json {
  type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
  const keepDigits: Reviver = (_, value, { source = '' }) =>
    typeof value === 'number' && /^-?\d+$/.test(source) ? BigInt(source) : value;
  // The type declarations do not know the third parameter.
  return JSON.parse(line, keepDigits as (key: string, value: unknown) => unknown);
}

function write(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (!isStruct(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`);
  return `{${members.join(',')}}`;
}

function isStruct(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is one of an Athena type. A struct may lack members; nothing is ever null. */
function isOfType(type: string, value: Json): boolean {
  const [, kind, inner = ''] = /^(array|struct)<(.*)>$/.exec(type) ?? [];
  if (kind === 'array') return Array.isArray(value) && value.every((item) => isOfType(inner, item));
  if (kind === 'struct') {
    const members = new Map(membersOf(inner));
    return (
      isStruct(value) &&
      Object.entries(value).every(([name, member]) => isOfType(members.get(name) ?? '', member))
    );
  }
  switch (type) {
    case 'string':
      return typeof value === 'string' && value.isWellFormed();
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint' && BigInt.asIntN(32, value) === value;
    case 'bigint':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
    default:
      return false;
  }
}

/** The members of a struct, `a:int,b:array<string>`, with their types. */
function membersOf(inner: string): [string, string][] {
  const members: [string, string][] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= inner.length; at++) {
    if (inner[at] === '<') depth++;
    if (inner[at] === '>') depth--;
    if (depth > 0 || (at < inner.length && inner[at] !== ',')) continue;
    const member = inner.slice(from, at);
    const colon = member.indexOf(':');
    members.push([member.slice(0, colon), member.slice(colon + 1)]);
    from = at + 1;
  }
  return members;
}
