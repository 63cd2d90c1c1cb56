/**
 * Decides what happens next in a simulated world. Code runs as it is; whenever it asks the world for something (an effect)
 * it waits until the scheduler lets that happen, at a virtual time drawn from one seeded random. An effect begins only
 * when all code is at rest, and effects that came up together are put in an order of their own, so that nothing depends
 * on how fast the machine is: the same seed gives the same run.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Random } from '../../generator/random.ts';

/** Code that can be stopped dead, as a Lambda invocation can: nothing of it goes on, not even its `finally`. */
export interface Process {
  readonly name: string;
  readonly isAlive: boolean;
  stop(why: string): void;
}

/** How an effect ends. Whoever asked hears nothing if it was stopped meanwhile. */
export interface Ending<T> {
  readonly process: Process;
  /** Whether it has ended, or nobody waits for it any more. */
  isOver(): boolean;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export interface Scheduler {
  readonly random: Random;
  /** Virtual time, milliseconds since 1970. */
  now(): number;
  /** What happened so far, a line each. */
  readonly trace: readonly string[];
  tell(what: string): void;
  /** Runs something after so many virtual milliseconds; the result takes it back. */
  later(milliseconds: number, run: () => void): () => void;
  /**
   * Starts a process.
   *
   * @param ended is told how it ended: not at all if it was stopped, but then `stopped` is.
   */
  start<T>(
    name: string,
    work: () => Promise<T>,
    ended: { done(value: T): void; failed(error: unknown): void; stopped(): void },
  ): Process;
  /** Runs part of a process beside its other parts. */
  beside<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Work that waits for others of its process, not for the world. */
  waiting<T>(work: (goOn: () => void) => Promise<T>): Promise<T>;
  /** Asks the world for something. `name` tells apart what one part of a process asks for at the same time. */
  effect<T>(name: string, begin: (ending: Ending<T>) => void): Promise<T>;
  /** Lets everything happen until nothing is left to happen. */
  settle(): Promise<void>;
}

/** A part of a process that does one thing after the other, or waits for its parts. */
interface Fiber {
  readonly name: string;
  readonly process: Process;
  /** Effects, timers and parts that it waits for. */
  waitsFor: number;
  isDone: boolean;
}

interface Event {
  readonly time: number;
  readonly number: number;
  readonly run: () => void;
}

/** Real time that code may take until it asks the world for something; far more than it takes. */
const LONGEST_COMPUTATION_MS = 20_000;
/** Events after which a world is taken to go on for ever. */
const MOST_EVENTS = 200_000;

const fibers = new AsyncLocalStorage<Fiber>();

export function createScheduler(random: Random, start: number): Scheduler {
  const events: Event[] = [];
  const active = new Set<Fiber>();
  const trace: string[] = [];
  let arrivals: { id: string; begin: () => void }[] = [];
  /** Whether code went on since it was last at rest. */
  let isAwake = false;
  let time = start;
  let numbers = 0;

  function tell(what: string): void {
    trace.push(`${((time - start) / 1000).toFixed(3).padStart(11)} s  ${what}`);
  }

  function later(milliseconds: number, run: () => void): () => void {
    const event = { time: time + Math.max(0, milliseconds), number: ++numbers, run };
    // What is later is earlier in the list: the next one is taken from its end.
    const place = events.findLastIndex((other) => other.time > event.time);
    events.splice(place + 1, 0, event);
    return () => {
      const at = events.indexOf(event);
      if (at >= 0) events.splice(at, 1);
    };
  }

  async function run<T>(name: string, process: Process, work: () => Promise<T>): Promise<T> {
    const fiber: Fiber = { name, process, waitsFor: 0, isDone: false };
    active.add(fiber);
    try {
      return await fibers.run(fiber, work);
    } finally {
      fiber.isDone = true;
      active.delete(fiber);
    }
  }

  function current(): Fiber {
    const fiber = fibers.getStore();
    if (fiber === undefined) throw new Error('Only a process can ask the world for something.');
    return fiber;
  }

  /** Waits until every part of every process waits for something. */
  async function rest(): Promise<void> {
    // Most of what happens in queues and services wakes nobody.
    if (!isAwake && active.size === 0) return;
    isAwake = false;
    const started = performance.now();
    do {
      await new Promise((resolve) => setImmediate(resolve));
      if (performance.now() - started > LONGEST_COMPUTATION_MS) {
        const busy = [...active].filter(isBusy).map(({ name }) => name);
        throw new Error(`Something that the simulation does not know goes on in: ${busy.join(', ')}`);
      }
    } while ([...active].some(isBusy));
  }

  const isBusy = ({ process, waitsFor }: Fiber) => process.isAlive && waitsFor === 0;

  return {
    random,
    trace,
    later,
    now: () => time,
    tell,

    start(name, work, ended) {
      let isAlive = true;
      const process: Process = {
        name,
        get isAlive() {
          return isAlive;
        },
        stop(why) {
          if (!isAlive) return;
          isAlive = false;
          tell(`${name} stops: ${why}`);
          for (const fiber of active) if (fiber.process === process) active.delete(fiber);
          ended.stopped();
        },
      };
      const end = (tell: () => void) => {
        if (!isAlive) return;
        isAlive = false;
        tell();
      };
      isAwake = true;
      run(name, process, work).then(
        (value) => end(() => ended.done(value)),
        (error) => end(() => ended.failed(error)),
      );
      return process;
    },

    async beside(name, work) {
      const parent = current();
      parent.waitsFor++;
      try {
        return await run(`${parent.name}/${name}`, parent.process, work);
      } finally {
        parent.waitsFor--;
      }
    },

    async waiting(work) {
      const fiber = current();
      let waits = true;
      fiber.waitsFor++;
      const goOn = () => {
        if (waits) fiber.waitsFor--;
        waits = false;
      };
      try {
        return await work(goOn);
      } finally {
        goOn();
      }
    },

    effect(name, begin) {
      const fiber = current();
      return new Promise((resolve, reject) => {
        if (!fiber.process.isAlive) return;
        let hasEnded = false;
        const isOver = () => hasEnded || !fiber.process.isAlive;
        const end = (settle: () => void) => {
          if (isOver()) return;
          hasEnded = true;
          isAwake = true;
          fiber.waitsFor--;
          settle();
        };
        fiber.waitsFor++;
        const { process } = fiber;
        arrivals.push({
          id: `${fiber.name} ${name}`,
          begin: () =>
            begin({
              process,
              isOver,
              resolve: (value) => end(() => resolve(value)),
              reject: (error) => end(() => reject(error)),
            }),
        });
      });
    },

    async settle() {
      for (let count = 0; ; count++) {
        await rest();
        const begun = arrivals.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
        arrivals = [];
        for (const { begin } of begun) begin();
        const next = events.pop();
        if (next === undefined) return;
        if (count > MOST_EVENTS) throw new Error('The world does not come to rest.');
        time = next.time;
        next.run();
      }
    },
  };
}
