import * as z from 'zod/mini';
import { excerpt } from '../../shared/errors.ts';
import { MAX_DAYS } from './bounds.ts';

/** What a run is to do. */
export interface ReconcileRequest {
  /** UTC days to look at, today among them. */
  readonly days: number;
  /** Only tell what is missing. */
  readonly dryRun: boolean;
}

const ACCEPTED = `It takes {"days": 1 to ${MAX_DAYS}, "dryRun": true or false}; both may be left out.`;

/** What EventBridge sends on a schedule. */
const scheduled = z.object({ source: z.literal('aws.events') });
const byHand = z.strictObject({
  days: z.optional(z.int().check(z.minimum(1), z.maximum(MAX_DAYS))),
  dryRun: z.optional(z.boolean()),
});

/**
 * Reads the function's payload: a schedule's event, or what a person gives to `aws lambda invoke`.
 *
 * @param days that a run looks at unless the payload says otherwise.
 * @throws Error that says what is wrong with the payload and what it takes.
 */
export function parseRequest(payload: unknown, days: number): ReconcileRequest {
  if (scheduled.safeParse(payload).success) return { days, dryRun: false };
  const result = byHand.safeParse(payload ?? {});
  if (!result.success) {
    throw new Error(`The payload ${excerpt(JSON.stringify(payload))} can't be used. ${ACCEPTED}`);
  }
  return { days: result.data.days ?? days, dryRun: result.data.dryRun ?? false };
}

/** UTC days up to today, `2026-11-20`, the newest first. `now`: milliseconds. */
export function lastDays(days: number, now: number): string[] {
  return Array.from({ length: days }, (_, ago) =>
    new Date(now - ago * 86_400_000).toISOString().slice(0, 10),
  );
}
