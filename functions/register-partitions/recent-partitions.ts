/** Remembers for a while which partitions were registered, so that a busy hour's folder is not registered every minute. */
export interface RecentPartitions {
  has(folder: string): boolean;
  add(folder: string): void;
}

const MAX_AGE_MS = 15 * 60_000;
/** A thousand accounts with ten Regions have as many folders in an hour. */
const MAX_ENTRIES = 10_000;

export function recentPartitions(now: () => number = Date.now): RecentPartitions {
  /** When each was registered, oldest first. */
  const registered = new Map<string, number>();
  return {
    has(folder) {
      const time = registered.get(folder);
      return time !== undefined && now() - time < MAX_AGE_MS;
    },
    add(folder) {
      registered.delete(folder);
      registered.set(folder, now());
      if (registered.size > MAX_ENTRIES) registered.delete(registered.keys().next().value!);
    },
  };
}
