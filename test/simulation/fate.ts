import type { Ending, Scheduler } from './scheduler.ts';

/**
 * What becomes of a request. `refused`: the service does nothing and says so. `lost`: it does what it was asked, and the
 * answer never comes. `stopped-before`, `stopped-after`: whoever asks ends just before, or just after, it is done.
 */
export type Fate = 'fine' | 'slow' | 'refused' | 'lost' | 'stopped-before' | 'stopped-after';

/** How bad a world is. */
export interface Weather {
  /** How many of a thousand requests meet each fate. */
  readonly perMille: Readonly<Record<Exclude<Fate, 'fine'>, number>>;
  /** Notifications that come twice, that are lost, and reads that break, of a thousand. */
  readonly doubled: number;
  readonly missing: number;
  readonly broken: number;
}

/** Nothing goes wrong. */
export const CALM: Weather = {
  perMille: { slow: 0, refused: 0, lost: 0, 'stopped-before': 0, 'stopped-after': 0 },
  doubled: 0,
  missing: 0,
  broken: 0,
};

/** Weather of a world: most are bad in some ways and not in others, so that rare faults meet each other. */
export function drawWeather({ random }: Scheduler): Weather {
  const level = () => (random.chance(0.3) ? 0 : random.integer(0, random.pick([30, 100, 300])));
  return {
    perMille: {
      slow: random.chance(0.7) ? 0 : random.integer(0, 30),
      refused: level(),
      lost: level(),
      'stopped-before': Math.ceil(level() / 3),
      'stopped-after': Math.ceil(level() / 3),
    },
    doubled: 3 * level(),
    missing: level(),
    broken: 2 * level(),
  };
}

/** Milliseconds that a slow request takes at most: longer than a message stays hidden, and than an invocation may last. */
const SLOWEST = 1_200_000;
/** A request whose asker is gone may still reach the service. */
const ARRIVES_WITHOUT_ASKER = 0.5;

export interface Request<T> {
  /** For the trace. */
  readonly what: string;
  /** Does it; throws what the service answers if it can't. */
  readonly apply: () => T;
  /** What the service says if it refuses; drawn anew for each. */
  readonly refusal: () => unknown;
  /** What the asker sees if no answer comes. */
  readonly silence: () => unknown;
  /** Aborts the request. */
  readonly signal: AbortSignal | undefined;
  /** Whether a slow request may still arrive when its asker is long gone. */
  readonly outlivesAsker?: boolean;
}

/** Lets a request meet its fate. */
export function meetFate<T>(
  scheduler: Scheduler,
  { perMille }: Weather,
  { what, apply, refusal, silence, signal, outlivesAsker = false }: Request<T>,
  ending: Ending<T>,
): void {
  const { random, later, tell } = scheduler;
  const { process } = ending;
  const fate = drawFate();
  const usual = 5 + random.exponential(40);
  const there = fate === 'slow' ? random.integer(1000, SLOWEST) : usual;
  const back = 5 + random.exponential(20);
  const say = (result: string) => tell(`${process.name}: ${what} → ${result}`);

  const giveUp = () => {
    if (ending.isOver()) return;
    say('given up');
    ending.reject(new DOMException('The operation was aborted', 'AbortError'));
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) {
    giveUp();
    return;
  }

  later(there, () => {
    const isAlone = !process.isAlive || signal?.aborted === true;
    if (isAlone && ((fate === 'slow' && !outlivesAsker) || !random.chance(ARRIVES_WITHOUT_ASKER))) return;
    if (fate === 'stopped-before') return process.stop(`before ${what}`);
    if (fate === 'refused') {
      const error = refusal();
      say(`refused: ${nameOf(error)}`);
      later(back, () => ending.reject(error));
      return;
    }
    let answer: () => void;
    try {
      const value = apply();
      say(fate);
      answer = () => ending.resolve(value);
    } catch (error) {
      say(nameOf(error));
      answer = () => ending.reject(error);
    }
    if (fate === 'stopped-after') process.stop(`after ${what}`);
    else if (fate === 'lost') later(back, () => ending.reject(silence()));
    else later(back, answer);
  });

  function drawFate(): Fate {
    let number = random.integer(0, 999);
    for (const [name, share] of Object.entries(perMille)) {
      if (number < share) return name as Fate;
      number -= share;
    }
    return 'fine';
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
