const PRIMITIVES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  bigint: 'BIGINT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
};

/**
 * The DuckDB type of an Athena column type: `array<struct<address:string,flows:bigint>>` becomes
 * `STRUCT("address" VARCHAR, "flows" BIGINT)[]`.
 *
 * @throws Error for a type that the lake does not use.
 */
export function duckdbType(athenaType: string): string {
  const type = athenaType.trim();
  const nested = /^(array|map|struct)<(.*)>$/s.exec(type);
  if (nested === null) {
    const primitive = PRIMITIVES[type];
    if (primitive === undefined) throw new Error(`The Athena type "${athenaType}" has no DuckDB type here.`);
    return primitive;
  }
  const [, kind, inner = ''] = nested;
  const parts = splitTopLevel(inner);
  if (kind === 'array') return `${duckdbType(inner)}[]`;
  if (kind === 'map') return `MAP(${parts.map(duckdbType).join(', ')})`;
  return `STRUCT(${parts.map(structField).join(', ')})`;
}

function structField(field: string): string {
  const colon = field.indexOf(':');
  return `"${field.slice(0, colon).trim()}" ${duckdbType(field.slice(colon + 1))}`;
}

/** Splits at the commas that are not inside angle brackets. */
function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (char === '<') depth += 1;
    else if (char === '>') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}
