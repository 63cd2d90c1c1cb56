import type { Partition } from './partition.ts';

/** Where queries learn which partitions there are. */
export interface PartitionCatalogue {
  /**
   * Adds partitions; one that exists is fine. One that can't be added keeps no other from being added.
   *
   * @returns the partitions that were not added, and why.
   */
  add(partitions: readonly Partition[]): Promise<ReadonlyMap<Partition, unknown>>;
}
