import type { Notice } from '../../shared/alerts/alert-message.ts';
import type { Alerting } from '../../shared/alerts/alerting.ts';
import type { DeliveryStore } from '../../shared/alerts/delivery-store.ts';
import { memorySituations } from '../../shared/alerts/memory-situations.ts';
import { keyOf } from '../../shared/alerts/situation.ts';
import { memoryDeliveries } from '../shared/alerts/memory-deliveries.ts';
import { meetFate, type Weather } from './fate.ts';
import type { Process, Scheduler } from './scheduler.ts';

/** A message about one situation, and whether it was noted that people know. */
export interface Told {
  readonly key: string;
  readonly episode: number;
  readonly isOpening: boolean;
  isNoted: boolean;
  readonly by: Process;
}

/** A database of situations and a topic that fail as everything does. */
export function simulatedAlerts(scheduler: Scheduler, weather: () => Weather) {
  const { random } = scheduler;
  const { store, situations } = memorySituations();
  const deliveries = memoryDeliveries(() => scheduler.now() / 1000);
  const told: Told[] = [];
  const unfounded: string[] = [];

  /** A request to the database or the topic. */
  function ask<T>(what: string, signal: AbortSignal, apply: (by: Process) => T): Promise<Awaited<T>> {
    return scheduler.effect<Awaited<T>>(what, (ending) =>
      meetFate<Awaited<T>>(
        scheduler,
        weather(),
        {
          ...{ what, apply: () => apply(ending.process) as Awaited<T>, signal },
          refusal: () => Object.assign(new Error('slow down'), { name: 'ThrottlingException' }),
          silence: () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
        },
        ending,
      ),
    );
  }

  const meetsAnother = () => random.chance(weather().perMille.refused / 1000);
  /** What one invocation has of them; they end with its signal. */
  function connect(
    signal: AbortSignal,
  ): Pick<Alerting, 'store' | 'publish'> & { readonly deliveries: DeliveryStore } {
    const request = <T>(what: string, apply: (by: Process) => T) => ask(what, signal, apply);
    return {
      store: {
        read: (keys) =>
          keys.length === 0 ? store.read(keys) : request(`read ${keys.join(' ')}`, () => store.read(keys)),
        count: (id, changed) =>
          request(`count ${id}`, () => (meetsAnother() ? ('conflict' as const) : store.count(id, changed))),
        replace: (changed) =>
          request(`replace ${changed.key}`, (by) => {
            const { key, version, situation } = changed;
            const stored = situations.get(key);
            if (meetsAnother() || stored?.version !== version) return false;
            if (situation.told !== undefined && situation.told.at !== stored.situation.told?.at)
              note(key, by);
            return store.replace(changed);
          }),
        async *waiting() {
          yield* await request('waiting', () => Array.fromAsync(store.waiting()));
        },
        take: (name, taker, limit, seconds) =>
          request(`take ${name} ${taker}`, () => store.take(name, taker, limit, seconds)),
      },
      deliveries: {
        note: (accountId, region, at) =>
          request(`note ${accountId} ${region}`, () => deliveries.note(accountId, region, at)),
        async *all() {
          yield* await request('deliveries', () => Array.fromAsync(deliveries.all()));
        },
      },
      publish: (notices) =>
        request(`publish ${notices.map(keyOfNotice).join(' ')}`, (by) => {
          for (const notice of notices) {
            const isOpening = notice.reason === 'opens' || notice.reason === 'first';
            const episode = notice.situation.episode.start;
            told.push({ key: keyOfNotice(notice), episode, isOpening, isNoted: false, by });
          }
        }),
    };
  }

  /** Someone notes that people know. */
  function note(key: string, by: Process): void {
    const messages = told.filter((one) => one.by === by && one.key === key);
    if (messages.length === 0) unfounded.push(key);
    for (const message of messages) message.isNoted = true;
  }

  return {
    connect,
    situations,
    deliveries: deliveries as Pick<DeliveryStore, 'all'>,
    told: told as readonly Told[],
    /** Situations of which it was noted that people know, by someone who had not told them. */
    unfounded: unfounded as readonly string[],
  };
}

function keyOfNotice({ situation }: Notice): string {
  return keyOf(situation.subject);
}
