import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import type { Scheduler } from './scheduler.ts';

/**
 * Runs `work` in a scheduler's time and with its chance, in place of the machine's: clock, timers, `Math.random`. Imports
 * of `node:timers/promises` follow, too.
 */
export async function inVirtualTime<T>(scheduler: Scheduler, work: () => Promise<T>): Promise<T> {
  const real = {
    now: Date.now,
    random: Math.random,
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    sleep: timersPromises.setTimeout,
  };
  const timers = new Map<number, () => void>();
  let numbers = 0;

  function setVirtualTimeout(run: () => void, milliseconds = 0): number {
    const number = ++numbers;
    const takeBack = scheduler.later(milliseconds, () => {
      timers.delete(number);
      run();
    });
    timers.set(number, takeBack);
    return number;
  }

  function sleep<T>(milliseconds: number, value: T, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
    return scheduler.effect('sleep', ({ resolve, reject }) => {
      const stop = () => reject(new DOMException('The operation was aborted', 'AbortError'));
      if (signal?.aborted) return stop();
      signal?.addEventListener('abort', stop, { once: true });
      scheduler.later(milliseconds, () => resolve(value));
    });
  }

  Date.now = scheduler.now;
  Math.random = () => scheduler.random.next();
  Object.assign(globalThis, {
    setTimeout: setVirtualTimeout,
    clearTimeout(number: number | undefined) {
      timers.get(number!)?.();
      timers.delete(number!);
    },
  });
  Object.assign(timersPromises, { setTimeout: sleep });
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    Date.now = real.now;
    Math.random = real.random;
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Object.assign(timersPromises, { setTimeout: real.sleep });
    syncBuiltinESMExports();
  }
}
