/** A simulated world: the functions as they are deployed, between queues, buckets, a catalogue and a topic that fail. */

import type { SQSBatchResponse } from 'aws-lambda';
import { alertMessage } from '../../functions/alert/alert-message.ts';
import { tellOnSchedule } from '../../functions/alert-schedule/tell-on-schedule.ts';
import { ingestMessage } from '../../functions/ingest/ingest-message.ts';
import type { IngestReport } from '../../functions/ingest/report.ts';
import { noteDeliveries } from '../../functions/note-deliveries/note-deliveries.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { recentPartitions } from '../../functions/register-partitions/recent-partitions.ts';
import { registerMessages } from '../../functions/register-partitions/register-messages.ts';
import { createRandom, type Random } from '../../generator/random.ts';
import type { Alerting } from '../../shared/alerts/alerting.ts';
import type { DeliveryStore } from '../../shared/alerts/delivery-store.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/alerts/policy.ts';
import { athenaPartitionCatalogue } from '../../shared/aws/athena-partition-catalogue.ts';
import { sqsFailedMessages } from '../../shared/aws/failed-messages.ts';
import { s3Store } from '../../shared/aws/s3-store.ts';
import type { CompressionHistory, CompressionSince } from '../../shared/lake/compression-history.ts';
import type { IngestSettings } from '../../shared/lake/ingest.ts';
import { type Compression, RECORD_TABLES } from '../../shared/lake/layout.ts';
import type { ObjectStore } from '../../shared/lake/object-store.ts';
import type { PartitionCatalogue } from '../../shared/lake/partition-catalogue.ts';
import { parseSourceKey } from '../../shared/lake/source-key.ts';
import { createBudget } from '../../shared/lambda/budget.ts';
import { beforeDeadline } from '../../shared/lambda/deadline.ts';
import type { Observability } from '../../shared/lambda/observability.ts';
import { processBatch } from '../../shared/lambda/sqs-batch.ts';
import { SETTINGS } from '../shared/lake/ingest-text.ts';
import { CALM, drawWeather } from './fate.ts';
import { type Announced, notificationBody } from './notifications.ts';
import { OBJECTS_BY_KIND, type RawObject } from './objects.ts';
import { otherBuild } from './other-build.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { simulatedAlerts } from './simulated-alerts.ts';
import { simulatedAthena } from './simulated-athena.ts';
import { type SimulatedQueue, simulatedQueues } from './simulated-queue.ts';
import { type StoredObject, simulatedS3 } from './simulated-s3.ts';
import { inVirtualTime } from './virtual-time.ts';

/** So often people send back what failed. */
const MOST_REDRIVES = 10;

/** When worlds begin, milliseconds since 1970: shortly after the time that most objects are of. */
export const START = Date.UTC(2026, 10, 20, 5, 20);

const MINUTES = 60_000;
const HOURS = 60 * MINUTES;
const MiB = 1024 * 1024;
/** How often digests and what was left untold are looked for, and how long that may last. */
const SCHEDULE = 5 * MINUTES;
const TIME_OF_SCHEDULED = 60_000;

/** Every situation has room for messages of its own: which of many gets it may depend on their order. */
export const POLICY: Policy = { ...DEFAULT_POLICY, messagesPerHour: 1_000_000, openingsPerHour: 1_000_000 };

/** What a broken variant of flowlogs does otherwise. The simulator has to notice. */
export interface Variant {
  readonly lake?: (lake: ObjectStore, random: Random) => ObjectStore;
  readonly history?: (history: CompressionSince[]) => CompressionHistory;
  readonly body?: (body: string) => string;
  readonly ingest?: (ingest: () => Promise<void>) => Promise<void>;
  readonly response?: (response: SQSBatchResponse) => SQSBatchResponse;
  readonly catalogue?: (catalogue: PartitionCatalogue) => PartitionCatalogue;
  readonly alerting?: (alerting: Alerting) => Alerting;
}

/** A world after the dust has settled. */
export interface World {
  readonly scheduler: Scheduler;
  readonly objects: readonly RawObject[];
  readonly lake: ReadonlyMap<string, Buffer>;
  readonly compression: Compression;
  /** Whether outputs may be of two builds. */
  readonly isUpgraded: boolean;
  readonly deadLetters: Readonly<
    Record<
      'ingest' | 'partition' | 'finding' | 'receipt',
      readonly { body: string; reason: string | undefined }[]
    >
  >;
  readonly registered: ReadonlySet<string>;
  readonly alerts: ReturnType<typeof simulatedAlerts>;
}

/** The objects of a world: few, so that a world is small; all kinds come in some worlds. */
function drawObjects(random: Random): RawObject[] {
  const wanted = random.pick([1, 1, 2, 3, 3, 5, 8]);
  const drawn = new Set<RawObject>();
  while (drawn.size < wanted) {
    const object = random.pick(random.pick(OBJECTS_BY_KIND));
    if (!object.isLarge || random.chance(0.05)) drawn.add(object);
  }
  return [...drawn];
}

/** The scheduler of a seed's world; its trace tells what happens there. */
export function schedulerOf(seed: number): Scheduler {
  return createScheduler(createRandom(seed, 'world'), START);
}

/** Runs a world to its end. Schedulers of the same seed give the same world. */
export function runWorld(scheduler: Scheduler, variant: Variant = {}): Promise<World> {
  return inVirtualTime(scheduler, () => run(scheduler, variant));
}

async function run(scheduler: Scheduler, variant: Variant): Promise<World> {
  const { random, later, tell } = scheduler;
  let together: Announced[] = [];
  let weather = drawWeather(scheduler);
  let lost = 0;
  const now = () => weather;
  const stormEnds = random.integer(1, 40) * MINUTES;
  const objects = drawObjects(random);
  const compression: Compression = random.chance(0.3) ? 'gzip' : 'zstd';
  const other: Compression = compression === 'zstd' ? 'gzip' : 'zstd';
  const missing = new Set(objects.flatMap(({ key, isMissing }) => (isMissing ? [key] : [])));
  const changesCompression = random.chance(0.5);
  const upgradeAt = random.chance(0.4) ? random.integer(0, stormEnds) : Number.POSITIVE_INFINITY;
  tell(`objects: ${objects.map(({ name }) => name).join(', ')}`);
  tell(`weather: ${JSON.stringify(weather)} for ${stormEnds / MINUTES} minutes`);

  const s3 = simulatedS3({ scheduler, weather: now, created: announce });
  const { sqs, queue } = simulatedQueues(scheduler, now);
  const { athena, glue, registered } = simulatedAthena(scheduler, now);
  const alerts = simulatedAlerts(scheduler, now);

  const warn = (message: string, extra: { error?: Error; reason?: string } = {}) =>
    tell(`  ${message}: ${extra.reason ?? ''} ${extra.error?.message ?? ''}`);
  const observability = {
    logger: { info() {}, warn, error: warn },
    count() {},
    countReason() {},
  } as unknown as Observability;
  const report: IngestReport = {
    done: () => {},
    readAgain: (_, error) => tell(`  read again: ${error.message}`),
    failed: () => {},
    ignored: () => {},
  };

  function settings(): IngestSettings & { readonly isOther: boolean } {
    // Containers of the old build live on for a while.
    const age = scheduler.now() - START - upgradeAt;
    const isOther = age > 0 && (age > 5 * MINUTES || random.chance(0.5));
    if (!isOther || !changesCompression) return { ...SETTINGS, compression, isOther };
    const from = (START + upgradeAt + 15 * MINUTES) / 1000;
    const history = [
      { compression, from: Number.NEGATIVE_INFINITY },
      { compression: other, from },
    ];
    return { ...SETTINGS, compression: variant.history?.(history) ?? history, isOther };
  }

  const ingestQueue = queue({
    name: 'ingest',
    ...{ batch: 10, concurrency: random.integer(1, 4) },
    ...drawTimes(300_000),
    handle(records, context) {
      const { isOther, ...ofBuild } = settings();
      const budget = createBudget(random.pick([1000, 12]) * MiB);
      return beforeDeadline(context, async (signal) => {
        const store = s3Store(s3.client, 'lake', signal);
        const ours = isOther && !changesCompression ? otherBuild(store) : store;
        const job = {
          s3: s3.client,
          lake: variant.lake?.(ours, random) ?? ours,
          settings: ofBuild,
          budget: {
            admit: <T>(cost: number, work: () => Promise<T>) =>
              scheduler.waiting((goOn) =>
                budget.admit(cost, () => {
                  goOn();
                  return work();
                }),
              ),
          },
          report,
          signal,
        };
        const failed = sqsFailedMessages(sqs, ingestQueue.url, `${ingestQueue.url}/dead`);
        const process = ({ body, messageId }: { body: string; messageId: string }) =>
          scheduler.beside(messageId, () => {
            const ingest = () => ingestMessage(variant.body?.(body) ?? body, job);
            return variant.ingest?.(ingest) ?? ingest();
          });
        const response = await processBatch(records, process, failed, observability);
        return variant.response?.(response) ?? response;
      });
    },
  });

  const containers = [recentPartitions(), recentPartitions()];
  const partitionQueue = queue({
    name: 'partition',
    ...{ batch: 100, concurrency: 2 },
    ...drawTimes(120_000),
    handle: (records, context) =>
      beforeDeadline(context, async (signal) => {
        const target = { database: 'flowlogs', workgroup: 'flowlogs' };
        const catalogue = athenaPartitionCatalogue(athena, 'lake', target, () => {}, signal);
        const used = variant.catalogue?.(catalogue) ?? catalogue;
        const job = { lakeBucket: 'lake', catalogue: used, recent: random.pick(containers), count: () => {} };
        const outcomeOf = await registerMessages(records, job);
        const failed = sqsFailedMessages(sqs, partitionQueue.url, `${partitionQueue.url}/dead`);
        return processBatch(records, outcomeOf, failed, observability);
      }),
  });

  function alertingUntil(signal: AbortSignal): Alerting & { readonly deliveries: DeliveryStore } {
    const { deliveries, ...connected } = alerts.connect(signal);
    const alerting = { ...connected, policy: POLICY, now: () => scheduler.now() / 1000 };
    return { ...(variant.alerting?.(alerting) ?? alerting), deliveries };
  }

  const findingQueue = queue({
    name: 'finding',
    ...{ batch: 10, concurrency: 2 },
    ...drawTimes(60_000),
    handle: (records, context) =>
      beforeDeadline(context, (signal) => {
        const lake = s3Store(s3.client, 'lake', signal);
        const job = { lake, lakeBucket: 'lake', alerting: alertingUntil(signal), observability, signal };
        const failed = sqsFailedMessages(sqs, findingQueue.url, `${findingQueue.url}/dead`);
        const process = ({ body, messageId }: { body: string; messageId: string }) =>
          scheduler.beside(messageId, () => alertMessage(body, job));
        return processBatch(records, process, failed, observability);
      }),
  });

  const noted = new Map<string, number>();
  const receiptQueue = queue({
    name: 'receipt',
    ...{ batch: 100, concurrency: 1 },
    ...drawTimes(60_000),
    handle: (records, context) =>
      beforeDeadline(context, async (signal) => {
        const { deliveries } = alerts.connect(signal);
        const outcomeOf = await noteDeliveries(records, { lakeBucket: 'lake', deliveries, noted });
        const failed = sqsFailedMessages(sqs, receiptQueue.url, `${receiptQueue.url}/dead`);
        return processBatch(records, outcomeOf, failed, observability);
      }),
  });

  /** Milliseconds that an invocation may last, and that its messages stay hidden: sometimes not long enough. */
  function drawTimes(timeout: number): { timeout: number; hidden: number } {
    return { timeout, hidden: random.pick([6 * timeout, 6 * timeout, timeout, 20_000]) };
  }

  function announce(bucket: string, key: string, { etag, content }: StoredObject): void {
    const announced = { bucket, key, etag, size: content.length };
    const table = key.slice(0, key.indexOf('/'));
    if (bucket === 'raw') {
      // Some come together, as they do through SNS and after a redrive.
      together.push(announced);
      if (random.chance(0.85)) announceTogether();
    } else if (table === 'findings') {
      // Nothing finds a finding or a receipt again whose notification got lost.
      deliver([announced], findingQueue, false);
    } else if (table === 'receipts') {
      deliver([announced], receiptQueue, false);
    } else if (Object.values<string>(RECORD_TABLES).includes(table)) {
      // Records of long ago are not what reconcile looks at.
      deliver([announced], partitionQueue, key.includes('/day=2026-11-20/'));
    }
  }

  function announceTogether(): void {
    // Reconcile leaves alone what has no stamp in its name, and can't see what is gone.
    const isFound = ({ key }: Announced) => parseSourceKey(key).stamp !== undefined && !missing.has(key);
    deliver(together, ingestQueue, together.every(isFound));
    together = [];
  }

  function deliver(objects: readonly Announced[], to: SimulatedQueue, mayBeLost: boolean): void {
    if (objects.length === 0) return;
    if (mayBeLost && random.chance(weather.missing / 1000)) {
      lost++;
      tell(`the notification of ${objects.map(({ bucket, key }) => `${bucket}/${key}`).join(', ')} is lost`);
      return;
    }
    const body = notificationBody(objects, random);
    const times = random.chance(weather.doubled / 1000) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      later(random.exponential(random.pick([500, 500, 120_000])), () => to.send(body));
    }
  }

  for (const { name, key, content } of objects) {
    // AWS delivers what its name's time begins with some minutes later.
    const { stamp = 0 } = parseSourceKey(key);
    later(Math.max(0, stamp * 1000 + SCHEDULE - START), () => {
      const { etag } = s3.put('raw', key, content);
      tell(`${name} is raw/${key} ${etag}`);
      if (missing.has(key)) s3.bucket('raw').delete(key);
    });
  }
  later(HOURS, announceTogether);
  later(stormEnds, () => {
    tell('the weather is calm from now on');
    weather = CALM;
  });
  // In all weather; in the end it is called once more.
  for (let run = 1; run * SCHEDULE < stormEnds + 3 * SCHEDULE; run++) {
    later(run * SCHEDULE, () => {
      const context = { getRemainingTimeInMillis: () => TIME_OF_SCHEDULED };
      const process = scheduler.start(
        `alert-schedule-${run}`,
        () => beforeDeadline(context, (signal) => tellOnSchedule(alertingUntil(signal))),
        {
          done() {},
          stopped() {},
          failed: (error) => tell(`alert-schedule-${run} fails: ${error}`),
        },
      );
      later(TIME_OF_SCHEDULED, () => process.stop('its time is over'));
    });
  }
  await scheduler.settle();

  /** Runs a function that no queue calls. */
  async function invoke(name: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    let error: unknown;
    scheduler.start(name, () => beforeDeadline({ getRemainingTimeInMillis: () => 900_000 }, work), {
      done: () => {},
      failed: (cause) => {
        error = cause;
      },
      stopped: () => {},
    });
    await scheduler.settle();
    if (error !== undefined) throw error;
  }
  async function pass(milliseconds: number): Promise<void> {
    later(milliseconds, () => {});
    await scheduler.settle();
  }
  const queues = [ingestQueue, partitionQueue, findingQueue, receiptQueue];
  /** What fails for ever stays in the dead-letter queues, where the checks find it. */
  async function redrive(): Promise<void> {
    for (let time = 0; time < MOST_REDRIVES; time++) {
      if (queues.map((one) => one.redrive()).every((count) => count === 0)) return;
      await scheduler.settle();
    }
  }

  await redrive();
  if (lost > 0) {
    await pass(2.5 * HOURS);
    await invoke('reconcile', (signal) => {
      const config = { RAW_BUCKET: 'raw', RAW_PREFIX: '', LAKE_BUCKET: 'lake', ATHENA_DATABASE: 'flowlogs' };
      const queues = { partitionQueue: senderTo(partitionQueue), ingestQueue: senderTo(ingestQueue) };
      const job = { s3: s3.client, glue, config, ...queues, report: silentReport(tell), signal };
      return reconcile({ days: 2, dryRun: false }, job);
    });
    await redrive();
  }
  // Digests come at the end of a window of six hours; a claim of someone who stopped ends long before.
  for (const wait of [10 * MINUTES, 7 * HOURS, 10 * MINUTES]) {
    await pass(wait);
    await invoke('alert-schedule', (signal) => tellOnSchedule(alertingUntil(signal)));
  }

  const lake = new Map([...s3.bucket('lake')].map(([key, { content }]) => [key, content]));
  return {
    ...{ scheduler, objects, lake, compression, registered, alerts },
    isUpgraded: Number.isFinite(upgradeAt),
    deadLetters: {
      ingest: ingestQueue.deadLetters,
      partition: partitionQueue.deadLetters,
      finding: findingQueue.deadLetters,
      receipt: receiptQueue.deadLetters,
    },
  };
}

function senderTo(to: { send(body: string): void }) {
  let sent = 0;
  return {
    get sent() {
      return sent;
    },
    async send(body: string) {
      sent++;
      to.send(body);
    },
    async flush() {},
  };
}

function silentReport(tell: Scheduler['tell']) {
  return {
    missing: (what: string, source: string) => tell(`  reconcile: ${what} ${source} is missing`),
    misplaced: (folder: string) => {
      throw new Error(`${folder} is misplaced`);
    },
    requeued() {},
    stopped(what: string) {
      throw new Error(`the search for ${what} stopped`);
    },
    crowded() {},
    done() {},
  };
}
