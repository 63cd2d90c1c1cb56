import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { formatOfSetting } from '../../shared/flow-log/header.ts';
import {
  type PlainOptions,
  type PlainOutcome,
  type PlainPartition,
  plainTransform,
} from '../oracle/plain-transform.ts';
import { outcomeOf, realTransform } from '../oracle/real-transform.ts';
import { type Cutting, chunksOf, cutting, flowLogText, HOUR } from './texts.ts';

/** A text to be transformed, as JSON can hold it. */
export interface TransformCase {
  /** One character for each byte. */
  readonly text: string;
  readonly cutting: Cutting;
  readonly earliest: number;
  /** Absent: nothing is too late. */
  readonly latest?: number | undefined;
  readonly objectTime: number;
  readonly maxPartitions: number;
  /** The setting for objects without a header. */
  readonly headerless?: string | undefined;
}

const DAY = 86_400;

export const transformCase: fc.Arbitrary<TransformCase> = fc.record({
  text: flowLogText,
  cutting,
  earliest: fc.constantFrom(0, HOUR - 7 * DAY, HOUR - 7 * DAY, HOUR, HOUR + 0.5),
  latest: fc.constantFrom(undefined, HOUR + DAY, HOUR + DAY, HOUR + 3600, HOUR + 3600.5),
  objectTime: fc.constantFrom(HOUR, HOUR + 12.75, HOUR + 3599.999, 0),
  maxPartitions: fc.constantFrom(1, 2, 3, 256),
  headerless: fc.constantFrom(
    undefined,
    undefined,
    'default',
    'srcaddr bytes start',
    'account-id log-status action',
  ),
});

/**
 * Holds the real transformation of a text, cut into chunks, against the plain one.
 *
 * @throws Error that says where they differ.
 */
export function checkTransform({ text, cutting, headerless, latest, ...limits }: TransformCase): void {
  const object = Buffer.from(text, 'latin1');
  const options: PlainOptions = {
    ...limits,
    latest: latest ?? Number.POSITIVE_INFINITY,
    headerlessFormat: headerless === undefined ? undefined : formatOfSetting(headerless),
  };
  const plain = outcomeOf(() => plainTransform(object, options));
  const real = outcomeOf(() => realTransform(chunksOf(object, cutting), options));
  const difference = differenceOf(real, plain);
  if (difference !== undefined)
    throw new Error(`The real transformation is not the plain one: ${difference}`);
}

type Outcome = PlainOutcome | { readonly failed: string };

/** Where two outcomes differ, in words, or undefined. Objects are large, so it is only the first place. */
function differenceOf(real: Outcome, plain: Outcome): string | undefined {
  if ('failed' in real || 'failed' in plain) return differ('outcome', reasonOf(real), reasonOf(plain));
  const { partitions: realPartitions, quarantined: realQuarantined, ...realRest } = real;
  const { partitions: plainPartitions, quarantined: plainQuarantined, ...plainRest } = plain;
  const placeOf = ({ kind, hour }: PlainPartition) => `${kind} ${hour}`;
  const places = differ('partitions', realPartitions.map(placeOf), plainPartitions.map(placeOf));
  if (places !== undefined) return places;
  for (const [index, { bytes, ...rest }] of realPartitions.entries()) {
    const { bytes: plainBytes, ...plainRest } = plainPartitions[index]!;
    const place = placeOf(plainPartitions[index]!);
    const difference = differBytes(place, bytes, plainBytes) ?? differ(place, rest, plainRest);
    if (difference !== undefined) return difference;
  }
  for (const [index, line] of plainQuarantined.entries()) {
    const difference = differ(`quarantined line ${index}`, realQuarantined[index], line);
    if (difference !== undefined) return difference;
  }
  return (
    differ('quarantined lines', realQuarantined.length, plainQuarantined.length) ??
    differ('counts', realRest, plainRest)
  );
}

function reasonOf(outcome: Outcome): string {
  return 'failed' in outcome ? outcome.failed : 'done';
}

function differ(what: string, real: unknown, plain: unknown): string | undefined {
  if (isDeepStrictEqual(real, plain)) return undefined;
  return `${what}: ${excerpt(JSON.stringify(real))} instead of ${excerpt(JSON.stringify(plain))}`;
}

function differBytes(what: string, real: Buffer, plain: Buffer): string | undefined {
  if (real.equals(plain)) return undefined;
  let at = 0;
  while (real[at] === plain[at]) at++;
  const around = (bytes: Buffer) => JSON.stringify(bytes.toString('latin1', Math.max(0, at - 80), at + 80));
  return `${what}, byte ${at} of ${real.length} and ${plain.length}: ${around(real)} instead of ${around(plain)}`;
}

function excerpt(text: string | undefined): string {
  return text !== undefined && text.length > 2000 ? `${text.slice(0, 2000)}…` : String(text);
}
