/** Accounts whose whole bucket of old objects is read within hours. */
import { createRandom } from '../../generator/random.ts';
import { attempt } from '../../generator/scenario.ts';
import { clientPort } from '../../generator/volumes.ts';
import { endpointOf } from '../../generator/world.ts';
import type { Arrival } from '../../shared/alerts/replay.ts';
import { type Operation, operate } from './operation.ts';
import type { Place } from './scene.ts';
import { smallAccount, trafficOf } from './small-account.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

export interface Backfill {
  /** So few that their digests are not joined: more accounts get fewer messages. */
  readonly accounts: number;
  readonly days: number;
  /** All is read in so many hours. */
  readonly readingHours: number;
}

export const NINETY_DAYS: Backfill = { accounts: 4, days: 90, readingHours: 4 };

/**
 * The findings of old objects, which are read from now (Unix seconds) on in the order of their times, as a listing of a
 * bucket has them. The youngest is a day old. In every account a host sweeps each Sunday, and an app is refused all the time.
 */
export function backfill({ accounts, days, readingHours }: Backfill, now: number, seed: number): Operation {
  const random = createRandom(seed, 'backfill');
  const start = now - (days + 1) * DAY;
  const places = Array.from({ length: accounts }, (_, index): Place => {
    const account = smallAccount(1000 + index, 12);
    const own = random.fork(account.id);
    const traffic = trafficOf(account, { probes: 10, visits: 2, queries: 1, calls: 1 }, start, own);
    const [app] = account.apps as [(typeof account.apps)[number]];
    return {
      world: account.world,
      vpcs: [account.vpc],
      *conversations(minute) {
        yield* traffic(minute, MINUTE);
        if (minute % (15 * MINUTE) === 0) {
          const collector = { address: '34.117.9.21' };
          yield attempt(endpointOf(app), collector, [clientPort(own), 4317], minute, 3);
        }
        if (new Date(minute * 1000).getUTCDay() === 0 && minute % DAY === 2 * HOUR) {
          for (const target of account.world.interfaces) {
            if (target !== app) yield attempt(endpointOf(app), endpointOf(target), [40_000, 445], minute, 2);
          }
        }
      },
    };
  });
  const operation = operate({ start, hours: days * 24, places });

  function* arrivals(): Generator<Arrival> {
    for (const arrival of operation.arrivals) {
      const share = (arrival.at - start) / (days * DAY);
      yield { ...arrival, at: now + Math.floor(share * readingHours * HOUR) };
    }
  }
  return { ...operation, arrivals: arrivals() };
}
