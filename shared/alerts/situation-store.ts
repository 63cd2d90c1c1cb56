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
  /** Replaces a situation. False if it has another version by now; nothing is changed then. */
  replace(changed: StoredSituation): Promise<boolean>;
  /** Those that may be due without a new finding: claimed, held, or not told of yet. */
  waiting(): AsyncIterable<StoredSituation>;
  /**
   * Takes one of a limited number of things, such as an hour's messages. False if all are taken.
   *
   * @param name of the things; a name that ends in a time is forgotten some days later
   */
  take(name: string, limit: number): Promise<boolean>;
}
