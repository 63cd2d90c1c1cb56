import { OutOfTimeError } from './sqs-batch.ts';

/** What is left of an invocation's time for reporting what is unfinished. Milliseconds. */
const RESERVE = 10_000;

/**
 * Runs `work` with a signal that aborts 10 seconds before the invocation's time is over; its reason is an
 * `OutOfTimeError`.
 */
export async function beforeDeadline<T>(
  context: { getRemainingTimeInMillis(): number },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const left = Math.max(0, context.getRemainingTimeInMillis() - RESERVE);
  const timer = setTimeout(() => controller.abort(new OutOfTimeError()), left);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** A failure's own reason: when the time is over, what a cancelled request looks like tells nothing. */
export function failureOf(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : error;
}
