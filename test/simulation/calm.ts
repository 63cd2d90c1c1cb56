import { ingestMessage } from '../../functions/ingest/ingest-message.ts';
import { createRandom } from '../../generator/random.ts';
import { s3Store } from '../../shared/aws/s3-store.ts';
import { PermanentError } from '../../shared/errors.ts';
import type { Compression } from '../../shared/lake/layout.ts';
import { createBudget } from '../../shared/lambda/budget.ts';
import { SETTINGS } from '../shared/lake/ingest-text.ts';
import { CALM } from './fate.ts';
import { notificationBody } from './notifications.ts';
import type { RawObject } from './objects.ts';
import { createScheduler } from './scheduler.ts';
import { simulatedS3 } from './simulated-s3.ts';
import { inVirtualTime } from './virtual-time.ts';
import { START } from './world.ts';

/** What an object becomes when nothing goes wrong. */
export interface CalmOutcome {
  /** Why it is poison, if it is. */
  readonly refused: string | undefined;
  /** What the lake has of it, by key; nothing if it is ignored. */
  readonly lake: ReadonlyMap<string, Buffer>;
}

const known = new Map<string, Promise<CalmOutcome>>();

/** Ingests an object alone, once, in a world where nothing goes wrong. It is done once for all worlds. */
export function calmOutcome(object: RawObject, compression: Compression): Promise<CalmOutcome> {
  const name = `${compression} ${object.key}`;
  const outcome = known.get(name) ?? ingestAlone(object, compression);
  known.set(name, outcome);
  return outcome;
}

async function ingestAlone(object: RawObject, compression: Compression): Promise<CalmOutcome> {
  const random = createRandom(1, 'calm');
  const scheduler = createScheduler(random, START);
  return inVirtualTime(scheduler, async () => {
    const s3 = simulatedS3({ scheduler, weather: () => CALM, created: () => {} });
    const { etag } = s3.put('raw', object.key, object.content);
    if (object.isMissing) s3.bucket('raw').delete(object.key);
    const body = notificationBody(
      [{ bucket: 'raw', key: object.key, etag, size: object.content.length }],
      random,
    );
    const { signal } = new AbortController();
    const job = {
      s3: s3.client,
      lake: s3Store(s3.client, 'lake', signal),
      settings: { ...SETTINGS, compression },
      budget: createBudget(Number.POSITIVE_INFINITY),
      report: { done() {}, failed() {}, readAgain() {}, ignored() {} },
      signal,
    };
    let refused: unknown;
    scheduler.start('ingest', () => ingestMessage(body, job), {
      done: () => {},
      failed: (error) => {
        refused = error;
      },
      stopped: () => {},
    });
    await scheduler.settle();
    if (refused !== undefined && !(refused instanceof PermanentError)) throw refused;
    const lake = new Map([...s3.bucket('lake')].map(([key, { content }]) => [key, content]));
    return { refused: refused?.reason, lake };
  });
}
