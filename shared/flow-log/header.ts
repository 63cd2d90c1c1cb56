import { excerpt, PermanentError } from '../errors.ts';
import { columnName, DEFAULT_VPC_FORMAT, type FlowLogKind, fieldOfColumn } from './fields.ts';
import type { Column, Format } from './format.ts';

/** AWS's longest name has 26 characters. Every record repeats its names, so a huge one would make a huge object of a small one. */
const FIELD_NAME = /^[a-z][a-z0-9_-]{0,127}$/;

/**
 * The format that a header line brings, or undefined if the tokens are no header: one needs all tokens to be field
 * names and at least half of them to be known ones.
 *
 * @throws PermanentError `duplicate-column` for a header that names a column twice: nobody can say which one is meant.
 */
export function formatOfHeader(tokens: readonly string[]): Format | undefined {
  if (tokens.length === 0 || !tokens.every((token) => FIELD_NAME.test(token))) return undefined;
  const columns = tokens.map(columnName);
  const kind = kindOf(columns);
  const known = columns.filter((column) => fieldOfColumn(kind, column) !== undefined).length;
  if (known * 2 < columns.length) return undefined;
  const duplicate = firstDuplicate(columns);
  if (duplicate !== undefined) {
    throw new PermanentError(
      'duplicate-column',
      `The header names the column "${excerpt(duplicate)}" twice, so its values cannot be told apart. ` +
        'Recreate the flow log with each field once.',
    );
  }
  return { kind, columns: tokens.map((name): Column => column(kind, name)) };
}

/**
 * The format that a setting describes: `default`, or field names separated by spaces or commas, each bare or as AWS
 * writes them in a flow log's `LogFormat`: `${version} ${account-id}`.
 *
 * @throws PermanentError `wrong-format-setting`, naming what is wrong with the setting.
 */
export function formatOfSetting(setting: string): Format {
  const tokens = setting
    .replaceAll(/\$\{([^}]*)\}/g, ' $1 ')
    .split(/[\s,]+/)
    .filter((token) => token !== '');
  const names = tokens.length === 1 && tokens[0] === 'default' ? DEFAULT_VPC_FORMAT : tokens;
  const wrong = names.find((name) => !FIELD_NAME.test(name));
  if (wrong !== undefined) throw settingError(`"${excerpt(wrong)}" is not a field name`);
  let format: Format | undefined;
  try {
    format = formatOfHeader(names);
  } catch (error) {
    throw settingError(error instanceof Error ? error.message : String(error));
  }
  if (format === undefined) throw settingError('it needs field names, at least half of them known to AWS');
  return format;
}

function settingError(what: string): PermanentError {
  return new PermanentError(
    'wrong-format-setting',
    `The flow log format setting is wrong: ${what}. It takes "default" or the fields of the flow log in their order, ` +
      'for example "version account-id interface-id srcaddr dstaddr".',
  );
}

/** AWS's default format, the 14 version 2 fields. */
export const DEFAULT_FORMAT: Format = {
  kind: 'vpc',
  columns: DEFAULT_VPC_FORMAT.map((name): Column => column('vpc', name)),
};

/**
 * Whether a line without a header can only be of the default format: not just as many tokens, but a version, an
 * account, an action and a log status where the default format has them. A custom format that happens to have 14
 * columns must not be read as if it were the default one.
 */
export function fitsDefaultFormat(tokens: readonly string[]): boolean {
  const value = (name: string) => tokens[DEFAULT_VPC_FORMAT.indexOf(name)] ?? '';
  const numbersFit = DEFAULT_FORMAT.columns.every(
    ({ type }, index) => type === 'string' || /^(-|\d+)$/.test(tokens[index] ?? ''),
  );
  return (
    tokens.length === DEFAULT_VPC_FORMAT.length &&
    numbersFit &&
    value('version') === '2' &&
    /^(\d{12}|unknown)$/.test(value('account-id')) &&
    /^(ACCEPT|REJECT|-)$/.test(value('action')) &&
    /^(OK|NODATA|SKIPDATA)$/.test(value('log-status'))
  );
}

/** Whether both formats have the same columns in the same order. */
export function sameFormat(a: Format, b: Format): boolean {
  return (
    a.kind === b.kind &&
    a.columns.length === b.columns.length &&
    a.columns.every((column, index) => column.key === b.columns[index]?.key)
  );
}

/**
 * The kind of flow log that knows more of the columns; a VPC's where both know as many, because the fields that only
 * transit gateways have (`tgw-…`, `packets-lost-…`) are what tells them apart.
 */
function kindOf(columns: readonly string[]): FlowLogKind {
  const known = (kind: FlowLogKind) =>
    columns.filter((name) => fieldOfColumn(kind, name) !== undefined).length;
  return known('transit-gateway') > known('vpc') ? 'transit-gateway' : 'vpc';
}

function column(kind: FlowLogKind, name: string): Column {
  const key = columnName(name);
  const field = fieldOfColumn(kind, key);
  // The prefix keeps an unknown field apart from a column of the same name that the catalogue may get later.
  return field === undefined ? { name, key: `x_${key}`, type: 'string' } : { name, key, type: field.type };
}

function firstDuplicate(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}
