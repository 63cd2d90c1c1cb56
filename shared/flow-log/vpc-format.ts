import { closest } from 'fastest-levenshtein';
import { DEFAULT_VPC_FORMAT, VPC_FIELDS } from './fields.ts';

/** A flow log format that cannot be used, with what to do about it. */
export class FlowLogFormatError extends Error {
  override readonly name = 'FlowLogFormatError';
}

/** Formats that have a name. All others are lists of fields. */
export const NAMED_VPC_FORMATS: Readonly<Record<string, readonly string[]>> = {
  /** AWS's own default: version 2. */
  default: DEFAULT_VPC_FORMAT,
  /** Versions 2 to 5 but for sublocations, and the two later fields that tell rejections and services apart. */
  standard: VPC_FIELDS.filter(
    (field) =>
      (field.version <= 5 && !field.name.startsWith('sublocation-')) ||
      field.name === 'reject-reason' ||
      field.name === 'interface-type',
  ).map((field) => field.name),
  /** Every VPC field of the catalogue. */
  full: VPC_FIELDS.map((field) => field.name),
};

/**
 * The field names of a VPC flow log format.
 *
 * Accepts `default`, `standard`, `full`, or field names separated by spaces or commas, each bare or as `${name}` (the
 * way AWS writes a log format). Throws a {@link FlowLogFormatError} for an unknown field, with the nearest known one,
 * for a field that is named twice, and for an empty list.
 */
export function parseVpcFormat(text: string): readonly string[] {
  const named = Object.hasOwn(NAMED_VPC_FORMATS, text.trim()) ? NAMED_VPC_FORMATS[text.trim()] : undefined;
  if (named) return named;

  const names = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((item) => /^\$\{(.*)\}$/.exec(item)?.[1] ?? item);
  if (names.length === 0) {
    throw new FlowLogFormatError(
      'The flow log format is empty. Name at least one field, or use default, standard or full.',
    );
  }
  const known = VPC_FIELDS.map((field) => field.name);
  const seen = new Set<string>();
  for (const name of names) {
    if (!known.includes(name)) {
      const candidates = names.length === 1 ? [...known, ...Object.keys(NAMED_VPC_FORMATS)] : known;
      throw new FlowLogFormatError(
        `Unknown flow log field "${name.slice(0, 60)}". Did you mean "${closest(name, candidates)}"?`,
      );
    }
    if (seen.has(name)) throw new FlowLogFormatError(`The flow log format names "${name}" twice.`);
    seen.add(name);
  }
  return names;
}
