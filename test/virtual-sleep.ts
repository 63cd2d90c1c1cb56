/**
 * Stands in for `node:timers/promises`, which Vitest's fake timers don't reach:
 * `vi.mock('node:timers/promises', () => import('../virtual-sleep.ts'))`.
 */
export function setTimeout<T>(
  milliseconds: number,
  value?: T,
  { signal }: { signal?: AbortSignal } = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = globalThis.setTimeout(() => resolve(value as T), milliseconds);
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException('The operation was aborted', 'AbortError'));
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
