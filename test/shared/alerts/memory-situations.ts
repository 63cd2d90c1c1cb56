import type { SituationStore, StoredSituation } from '../../../shared/alerts/situation-store.ts';

/** Situations in memory, as a database keeps them: what is read is a copy, versions decide who was first. */
export function memorySituations() {
  const situations = new Map<string, StoredSituation>();
  const counted = new Set<string>();
  const taken = new Map<string, number>();
  const isCurrent = ({ key, version }: StoredSituation) => (situations.get(key)?.version ?? 0) === version;
  const put = (stored: StoredSituation) =>
    situations.set(stored.key, structuredClone({ ...stored, version: stored.version + 1 }));

  const store: SituationStore = {
    async read(keys) {
      return structuredClone(
        new Map(keys.flatMap((key) => (situations.has(key) ? [[key, situations.get(key)!]] : []))),
      );
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
      for (const stored of [...situations.values()]) {
        const { told, claimedUntil, heldSince } = stored.situation;
        if (told === undefined || claimedUntil !== undefined || heldSince !== undefined) {
          yield structuredClone(stored);
        }
      }
    },
    async take(name, limit) {
      const before = taken.get(name) ?? 0;
      if (before >= limit) return false;
      taken.set(name, before + 1);
      return true;
    },
  };
  return { store, situations };
}
