import { type Delivery, KEPT_HOURS } from '../shared/alerts/delivery-store.ts';
import { type Arrival, arrivalsOf, DELIVERY_DELAY } from '../shared/alerts/replay.ts';
import { byText } from '../shared/findings/counting.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { type FindingWithId, findingsOfObject } from '../shared/findings/parse-findings.ts';
import type { ObjectStore } from '../shared/lake/object-store.ts';
import { delivererOf } from '../shared/lake/source-key.ts';

/**
 * The findings of a lake as they would have come to the alert function, a day at a time.
 *
 * @param keys of findings objects, in any order
 * @throws PermanentError `not-a-finding` for an object that ingest did not write
 */
export async function* arrivals(
  lake: Pick<ObjectStore, 'get'>,
  keys: readonly string[],
  isWanted: (finding: Finding) => boolean = () => true,
): AsyncGenerator<Arrival> {
  const byFolder = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf('/')));
  const days = [...byFolder].sort(([a], [b]) => byText(a, b));
  for (const [, ofDay] of days) {
    const findings: FindingWithId[] = [];
    for (const key of ofDay.sort()) {
      for await (const each of findingsOfObject(key, (await lake.get(key))!)) {
        if (isWanted(each.finding)) findings.push(each);
      }
    }
    yield* arrivalsOf(findings);
  }
}

/**
 * Who had delivered when, told from the receipts of a lake: their names have the time of the source object. After the last
 * of all nothing is known.
 *
 * @param keys of receipts
 */
export function deliveriesOf(keys: Iterable<string>): (at: number) => readonly Delivery[] {
  const deliverers = new Map<string, Deliverer>();
  let end = 0;
  for (const key of keys) {
    const { accountId, region, stamp } = delivererOf(key) ?? {};
    if (accountId === undefined || region === undefined || stamp === undefined) continue;
    const name = `${accountId} ${region}`;
    const known = deliverers.get(name) ?? { accountId, region, times: [], next: 0, hours: [] };
    known.times.push(stamp + DELIVERY_DELAY);
    deliverers.set(name, known);
    end = Math.max(end, stamp + DELIVERY_DELAY);
  }
  for (const { times } of deliverers.values()) times.sort((a, b) => a - b);
  return (at) => (at > end ? [] : [...deliverers.values()].flatMap((deliverer) => until(at, deliverer)));
}

interface Deliverer {
  readonly accountId: string;
  readonly region: string;
  /** In order, and the first that was not looked at: time only goes on. */
  readonly times: number[];
  next: number;
  /** Of those that were looked at, each once. */
  readonly hours: number[];
}

function until(at: number, deliverer: Deliverer): Delivery[] {
  const { accountId, region, times, hours } = deliverer;
  for (; deliverer.next < times.length && times[deliverer.next]! <= at; deliverer.next++) {
    const hour = Math.floor(times[deliverer.next]! / 3600);
    if (hours.at(-1) !== hour) hours.push(hour);
  }
  return deliverer.next === 0
    ? []
    : [{ accountId, region, last: times[deliverer.next - 1]!, hours: hours.slice(-KEPT_HOURS) }];
}
