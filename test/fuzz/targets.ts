import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { checkKey, checkMessage, messageBody, objectKeyText } from './message-case.ts';
import { checkObject, objectCase, type Written } from './object-case.ts';
import { emptyTallies, type Tallies } from './rows.ts';
import { checkTransform, transformCase } from './transform-case.ts';

/** What an input made the lake hold, and how many rows. */
export interface Effect {
  readonly written: Written;
  readonly tallies: Tallies;
}

/** A part of flowlogs with the inputs that are tried on it. */
export interface Target {
  /** Makes inputs, each of which JSON can hold. */
  readonly inputs: fc.Arbitrary<unknown>;
  /** @throws whatever is wrong. */
  check(input: unknown): Promise<Effect | undefined>;
  /** Of a hundred inputs so many are for this target. */
  readonly share: number;
}

export type TargetName = 'transform' | 'object' | 'message' | 'key';

function target<T>(
  share: number,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => Promise<Effect | undefined>,
): Target {
  return { share, inputs, check: (input) => check(input as T) };
}

/** A check of what writes nothing. */
function pure<T>(check: (input: T) => unknown): (input: T) => Promise<undefined> {
  return async (input) => {
    await check(input);
    return undefined;
  };
}

/** Everything that is fuzzed. */
export const TARGETS: Readonly<Record<TargetName, Target>> = {
  transform: target(40, transformCase, pure(checkTransform)),
  object: target(40, objectCase, async (input) => {
    const tallies = emptyTallies();
    return { written: await checkObject(input, tallies), tallies };
  }),
  message: target(12, messageBody, pure(checkMessage)),
  key: target(8, objectKeyText, pure(checkKey)),
};

/** An input that failed, as a file keeps it. */
export interface KeptInput {
  readonly target: TargetName;
  /** What was wrong when it was found. */
  readonly why: string;
  readonly input: unknown;
}

/** Inputs as files: JSON, compressed, because many hold long runs of something. */
export const encodeKept = (kept: KeptInput): Buffer => gzipSync(JSON.stringify(kept));
export const decodeKept = (bytes: Uint8Array): KeptInput => JSON.parse(gunzipSync(bytes).toString());

/** What a number stands for: the input that fast-check makes of it. */
export function inputOf(name: TargetName, seed: number): unknown {
  return fc.sample(TARGETS[name].inputs, { seed, numRuns: 1 })[0];
}

/** Tries the input that a number stands for; one that fails is made as small as can be. */
export async function tryInput(
  name: TargetName,
  seed: number,
  started: () => void,
): Promise<{ readonly effect: Effect | undefined } | { readonly failed: KeptInput }> {
  let effect: Effect | undefined;
  const property = fc.asyncProperty(TARGETS[name].inputs, async (input) => {
    started();
    effect = await TARGETS[name].check(input);
  });
  const tried = await fc.check(property, { seed, numRuns: 1, interruptAfterTimeLimit: MINIMISING_MS });
  if (!tried.failed || tried.counterexample === null) return { effect };
  return { failed: { target: name, why: String(tried.errorInstance), input: tried.counterexample[0] } };
}

const MINIMISING_MS = 60_000;
