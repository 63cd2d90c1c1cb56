import type { Situation } from './situation.ts';

/** A situation as it was read, or a new one. */
export interface StoredSituation {
  readonly key: string;
  /** Changes with every change; 0 for a situation that is not stored yet. */
  readonly version: number;
  readonly situation: Situation;
}

/** Where situations live: DynamoDB, or memory on a laptop. */
export interface SituationStore {
  /** Those of these keys that exist. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, StoredSituation>>;
  /**
   * Marks a finding as counted and stores the situations that it changed, all or nothing. `counted-before`: the finding was
   * marked already. `conflict`: one of the situations has another version by now. Nothing is changed then.
   */
  count(
    findingId: string,
    changed: readonly StoredSituation[],
  ): Promise<'counted' | 'counted-before' | 'conflict'>;
  /** Replaces a situation. False if it has another version by now, or if someone is just changing it; nothing is changed then. */
  replace(changed: StoredSituation): Promise<boolean>;
  /** Those that `isWaiting`. */
  waiting(): AsyncIterable<StoredSituation>;
  /**
   * Gives someone one of a limited number of things, such as an hour's messages. False if all are given to others. Who has
   * one and asks again, as after a crash, still has it.
   *
   * @param name of the things
   * @param taker at most 600 characters
   * @param seconds for which they are remembered at least
   */
  take(name: string, taker: string, limit: number, seconds: number): Promise<boolean>;
}

/**
 * Whether a situation may become due without a new finding: it is held for a digest, or was claimed by someone who may have
 * crashed. A crash before the claim needs no watch: then the finding comes again.
 */
export function isWaiting({ claimedUntil, heldSince }: Situation): boolean {
  return claimedUntil !== undefined || heldSince !== undefined;
}
