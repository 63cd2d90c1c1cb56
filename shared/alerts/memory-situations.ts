import { isWaiting, type SituationStore, type StoredSituation } from './situation-store.ts';

/** Situations in memory: on a laptop, in a dry run, and in tests. Versions decide who was first, as in a database. */
export function memorySituations() {
  const situations = new Map<string, StoredSituation>();
  const waiting = new Set<string>();
  const counted = new Set<string>();
  const taken = new Map<string, Set<string>>();
  const isCurrent = ({ key, version }: StoredSituation) => (situations.get(key)?.version ?? 0) === version;
  function put(stored: StoredSituation): void {
    const { key, version, situation } = stored;
    situations.set(key, { key, version: version + 1, situation });
    if (isWaiting(situation)) waiting.add(key);
    else waiting.delete(key);
  }

  const store: SituationStore = {
    async read(keys) {
      return new Map(keys.flatMap((key) => (situations.has(key) ? [[key, situations.get(key)!]] : [])));
    },
    async count(findingId, changed) {
      if (counted.has(findingId)) return 'counted-before';
      if (!changed.every(isCurrent)) return 'conflict';
      counted.add(findingId);
      changed.forEach(put);
      return 'counted';
    },
    async replace(changed) {
      if (!isCurrent(changed)) return false;
      put(changed);
      return true;
    },
    async *waiting() {
      for (const key of [...waiting]) yield situations.get(key)!;
    },
    async take(name, taker, limit) {
      const takers = taken.get(name) ?? new Set();
      if (takers.size >= limit && !takers.has(taker)) return false;
      taken.set(name, takers.add(taker));
      return true;
    },
  };
  return { store, situations };
}
