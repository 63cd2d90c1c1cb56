/** Runs the example organization for a while and records everything that its flow logs see. */
import type { Conversation } from './conversation.ts';
import { observe } from './observe.ts';
import type { Random } from './random.ts';
import type { Recorder } from './records.ts';
import type { Planted } from './scenario.ts';
import type { Traffic } from './traffic.ts';
import type { NetworkInterface, SecurityGroupChange, World } from './world.ts';

export interface SimulationOptions {
  readonly world: World;
  readonly traffic: Traffic;
  readonly random: Random;
  /** Unix seconds, a whole number of minutes. */
  readonly start: number;
  readonly minutes: number;
  /** About how many records ordinary traffic and idle interfaces leave; what is planted comes on top. */
  readonly records: number;
  readonly planted?: readonly Planted[];
  /** Probability that an interface's interval has a SKIPDATA record, beyond those planted. */
  readonly lossRate?: number;
  /** Counts towards `records`; without it every record does. */
  readonly counts?: (observer: NetworkInterface | 'transit-gateway') => boolean;
}

const INTERVAL_SECONDS = 60;
/** As a share of all records. */
const MOST_NODATA = 0.08;
/** Lets a consumer take what there is before it grows large. */
const CONVERSATIONS_PER_STEP = 256;

/**
 * Records the simulation minute by minute, lazily, and yields the time (Unix seconds) up to which all records are out:
 * those that come later end later.
 *
 * Records that end outside of the simulated time are not recorded, as if the flow logs were created and deleted then.
 */
export function* simulate(options: SimulationOptions, recorder: Recorder): Generator<number, void, void> {
  const { world, traffic, random, start, minutes, planted = [], lossRate = 0, counts = () => true } = options;
  const end = start + minutes * INTERVAL_SECONDS;
  const changes: SecurityGroupChange[] = planted.flatMap((each) => each.changes ?? []);
  const gaps = planted.flatMap((each) => each.gaps ?? []);
  const conversationsByMinute = Map.groupBy(
    planted.flatMap((each) => each.conversations ?? []),
    (each) => Math.floor((each.start - start) / INTERVAL_SECONDS),
  );

  const activity = createActivity(world.interfaces);
  let recorded = 0;
  const during: Recorder = {
    vpc(record) {
      if (record.end < start || record.end >= end) return;
      const observer = record.status === 'OK' ? record.sighting.observer : record.observer;
      if (record.status !== 'NODATA') activity.mark(observer, record.end);
      if (counts(observer)) recorded++;
      recorder.vpc(record);
    },
    transit(record) {
      if (record.end < start || record.end >= end) return;
      if (counts('transit-gateway')) recorded++;
      recorder.transit(record);
    },
  };
  const observeAll = (conversations: readonly Conversation[]): void => {
    for (const conversation of conversations) observe(world, changes, conversation, during);
  };

  for (let minute = 0; minute < minutes; minute++) {
    const now = start + minute * INTERVAL_SECONDS;
    // What is planted does not use up the share of ordinary traffic.
    const before = recorded;
    observeAll(conversationsByMinute.get(minute) ?? []);
    for (const gap of gaps) {
      if (gap.start >= now && gap.start < now + INTERVAL_SECONDS) {
        const interval = { start: gap.start, end: gap.start + INTERVAL_SECONDS - 1 };
        during.vpc({ status: 'SKIPDATA', observer: gap.observer, ...interval });
      }
    }
    recorded = before;

    const quota = recorded + Math.ceil((options.records - recorded) / (minutes - minute));
    if (minute === 0) {
      for (const open of traffic.alreadyOpen(start)) {
        if (recorded < quota / 2) observe(world, changes, open, during);
      }
    }
    for (let i = 1; recorded < quota; i++) {
      observeAll(traffic.next(now + random.integer(0, INTERVAL_SECONDS - 1)));
      if (i % CONVERSATIONS_PER_STEP === 0) yield now;
    }

    // The intervals that end in this minute began in the one before. None of their traffic is still to come.
    const ending = world.interfaces
      .map((observer) => ({ observer, last: lastSecondOfInterval(observer, now) }))
      .filter(({ last }) => last - INTERVAL_SECONDS + 1 >= start);
    const idle = ending.filter(({ observer, last }) => !activity.has(observer, last));
    // In a log of few records most interfaces are idle most of the time; only a sample of them shows.
    const shown = (MOST_NODATA * options.records) / minutes / idle.length;
    for (const { observer, last } of idle) {
      if (!random.chance(shown)) continue;
      during.vpc({ status: 'NODATA', observer, start: last - INTERVAL_SECONDS + 1, end: last });
    }
    for (const { observer, last } of lossRate > 0 ? ending : []) {
      if (!random.chance(lossRate) || idle.some((each) => each.observer === observer)) continue;
      during.vpc({ status: 'SKIPDATA', observer, start: last - INTERVAL_SECONDS + 1, end: last });
    }
    yield now + INTERVAL_SECONDS;
  }
}

/** The last second of the interface's interval that ends in the minute that begins at `minute`. */
function lastSecondOfInterval(observer: NetworkInterface, minute: number): number {
  return minute + ((observer.intervalOffset + INTERVAL_SECONDS - 1) % INTERVAL_SECONDS);
}

function intervalNumber(observer: NetworkInterface, time: number): number {
  return Math.floor((time - observer.intervalOffset) / INTERVAL_SECONDS);
}

/** Remembers in which intervals interfaces had traffic, as far ahead as the longest connection reaches. */
function createActivity(interfaces: readonly NetworkInterface[]): {
  mark(observer: NetworkInterface, time: number): void;
  has(observer: NetworkInterface, time: number): boolean;
} {
  const ring = 64;
  const seen = new Map(interfaces.map((each) => [each, new Int32Array(ring).fill(-1)]));
  return {
    mark(observer, time) {
      const interval = intervalNumber(observer, time);
      seen.get(observer)![interval % ring] = interval;
    },
    has(observer, time) {
      const interval = intervalNumber(observer, time);
      return seen.get(observer)![interval % ring] === interval;
    },
  };
}
