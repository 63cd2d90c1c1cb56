const MiB = 1024 * 1024;

/**
 * Memory that objects in flight may take together: what 1,769 MB leave when the runtime, the code and a reserve for
 * hostile objects are taken off.
 */
export const MEMORY_BUDGET = 1_000 * MiB;
/** What AWS closes a file at; for notifications that don't tell the size. */
const LARGEST_USUAL_OBJECT = 75 * MiB;

/**
 * What reading an object takes at its peak, in bytes: it grows with the object, as buffers fill, up to the core's own
 * budgets. Measured, see `bench/README.md`.
 *
 * @param size of the object as stored.
 */
export function memoryOf(size: number | undefined): number {
  return Math.min(5 * MiB + 20 * (size ?? LARGEST_USUAL_OBJECT), 100 * MiB);
}
