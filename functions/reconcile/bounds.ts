/** UTC days that a run looks at, at most. */
export const MAX_DAYS = 366;

/** Why a run ended before it had looked at everything. */
export type StoppedAt = 'time' | 'messages' | 'listed';

/** A run is at one of its bounds; what it found so far counts. */
export class StoppedShort extends Error {
  override readonly name = 'StoppedShort';
  readonly at: StoppedAt;

  constructor(at: StoppedAt) {
    super(`stopped at the bound of ${at}`);
    this.at = at;
  }
}

/** Counts up to a bound. */
export function boundedCount(bound: number, at: StoppedAt): (more: number) => void {
  let counted = 0;
  return (more) => {
    if (counted + more > bound) throw new StoppedShort(at);
    counted += more;
  };
}

/** Does the work, as far as bounds and time let it; the answer tells which of them ended it. */
export async function untilStopped(
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<StoppedAt | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (signal.aborted) return 'time';
    if (error instanceof StoppedShort) return error.at;
    throw error;
  }
}
