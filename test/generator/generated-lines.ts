import type { GeneratedObject, GenerateOptions } from '../../generator/generate.ts';
import { generateFlowLogs } from '../../generator/generate.ts';

/** A line by its field names, as a plain split sees it. */
export type Line = Readonly<Record<string, string>>;

export interface ParsedObject {
  readonly key: string;
  readonly kind: 'vpc' | 'transit-gateway';
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly lines: readonly Line[];
  readonly records: number;
  readonly damaged: number;
}

/** All generated objects, taken apart by nothing but `split`. */
export function generated(options: GenerateOptions): ParsedObject[] {
  return [...generateFlowLogs(options)].map(parsed);
}

function parsed(object: GeneratedObject): ParsedObject {
  const [first, ...rest] = textOf(object.text).split('\n');
  // The text ends with a line feed, which leaves an empty last piece.
  if (rest.pop() !== '') throw new Error(`${object.key} does not end with a line feed`);
  const header = first!.split(' ');
  const rows = rest.map((line) => line.split(' '));
  return {
    key: object.key,
    kind: header.includes('tgw-id') ? 'transit-gateway' : 'vpc',
    header,
    rows,
    lines: rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]!]))),
    records: object.records,
    damaged: object.damaged,
  };
}

export function textOf(chunks: Iterable<Uint8Array>): string {
  return Buffer.concat([...chunks]).toString('latin1');
}

export function linesOf(objects: readonly ParsedObject[], kind: ParsedObject['kind']): Line[] {
  return objects.filter((object) => object.kind === kind).flatMap((object) => object.lines);
}
