/** What must hold of a world when the dust has settled: DESIGN.md, section 3. */

import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { takeObject } from '../../shared/alerts/alerting.ts';
import { dueMessage } from '../../shared/alerts/decision.ts';
import { memorySituations } from '../../shared/alerts/memory-situations.ts';
import { parseNotification } from '../../shared/aws/object-created.ts';
import { findingsOfObject } from '../../shared/findings/parse-findings.ts';
import { partitionFolder, partitionOfKey } from '../../shared/lake/partition.ts';
import type { Receipt } from '../../shared/lake/receipt.ts';
import { delivererOf } from '../../shared/lake/source-key.ts';
import { zstdDecompressFrames } from '../shared/lake/zstd-frames.ts';
import { calmOutcome } from './calm.ts';
import { POLICY, START, type World } from './world.ts';

/** @throws Error for the first thing that does not hold. */
export async function checkWorld(world: World): Promise<void> {
  const expected = new Map<string, Buffer>();
  const poison = new Map<string, string>();
  for (const object of world.objects) {
    const { lake, refused } = await calmOutcome(object, world.compression);
    for (const [key, bytes] of lake) expected.set(key, bytes);
    if (refused !== undefined) poison.set(object.key, refused);
  }
  checkLake(world, expected);
  checkDeadLetters(world, poison);
  checkPartitions(world);
  await checkDeliveries(world);
  await checkAlerts(world, expected);
}

function checkLake({ lake, isUpgraded }: World, expected: ReadonlyMap<string, Buffer>): void {
  const found = new Map([...lake].filter(([key]) => !key.startsWith('alerts/')));
  const wanted = byContent(expected);
  const there = new Map<string, { key: string; bytes: Buffer }>();
  for (const [key, bytes] of found) {
    const name = nameOf(key);
    const twin = there.get(name);
    if (twin !== undefined) throw new Error(`twice in the lake: ${twin.key} and ${key}`);
    there.set(name, { key, bytes });
    if (!wanted.has(name)) throw new Error(`nobody should have written ${key}`);
  }
  for (const [name, { key, bytes }] of wanted) {
    const stored = there.get(name);
    if (stored === undefined) throw new Error(`${key} is not in the lake`);
    if (key.startsWith('receipts/')) {
      checkReceipt(key, receiptOf(stored.bytes), receiptOf(bytes), found, isUpgraded);
    } else if (
      isUpgraded
        ? !inflated(stored.key, stored.bytes).equals(inflated(key, bytes))
        : !stored.bytes.equals(bytes)
    ) {
      throw new Error(`${stored.key} is not what a calm world has`);
    }
  }
}

function byContent(lake: ReadonlyMap<string, Buffer>): Map<string, { key: string; bytes: Buffer }> {
  return new Map([...lake].map(([key, bytes]) => [nameOf(key), { key, bytes }]));
}

/** A key without what tells how its content is compressed. */
function nameOf(key: string): string {
  return key.replace(/\.(zst|gz)$/, '');
}

/** The content of an object of the lake. */
export function inflated(key: string, bytes: Buffer): Buffer {
  if (key.endsWith('.zst')) return zstdDecompressFrames(bytes);
  return key.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

function receiptOf(bytes: Buffer): Receipt {
  return JSON.parse(bytes.toString());
}

function checkReceipt(
  key: string,
  found: Receipt,
  calm: Receipt,
  lake: ReadonlyMap<string, Buffer>,
  isUpgraded: boolean,
): void {
  if (found.lines !== found.records + found.quarantined) throw new Error(`${key}: lines are lost`);
  if (!isDeepStrictEqual(essence(found), essence(calm))) {
    throw new Error(`${key}: ${JSON.stringify(essence(found))} instead of ${JSON.stringify(essence(calm))}`);
  }
  if (!isUpgraded && found.mixed_builds > 0) throw new Error(`${key}: there is only one build`);
  for (const { key: output, bytes } of found.outputs) {
    const stored = lake.get(output);
    if (stored === undefined) throw new Error(`${key} tells of ${output}, which is not in the lake`);
    if (stored.length !== bytes && !isUpgraded)
      throw new Error(`${key} tells of ${bytes} bytes in ${output}`);
  }
}

/** A receipt without what differs from run to run, and from build to build. */
function essence(receipt: Receipt) {
  const { started: _started, finished: _finished, mixed_builds: _mixed, build: _build, ...rest } = receipt;
  const { settings: _settings, outputs, ...more } = rest;
  return { ...more, outputs: outputs.map(({ key, records }) => ({ name: nameOf(key), records })) };
}

function checkDeadLetters({ deadLetters }: World, poison: ReadonlyMap<string, string>): void {
  for (const queue of ['partition', 'finding', 'receipt'] as const) {
    const [letter] = deadLetters[queue];
    if (letter !== undefined)
      throw new Error(`in the dead-letter queue of ${queue}: ${JSON.stringify(letter)}`);
  }
  const found = new Set<string>();
  for (const { body, reason } of deadLetters.ingest) {
    const { objects } = parseNotification(body);
    // Of a message that announces several, the first bad one tells the reason.
    if (reason === undefined || !objects.some(({ key }) => poison.get(key) === reason)) {
      throw new Error(`in the dead-letter queue for ${reason}: ${objects.map(({ key }) => key).join(', ')}`);
    }
    for (const { key } of objects) found.add(key);
  }
  for (const [key, reason] of poison) {
    if (!found.has(key)) throw new Error(`not in the dead-letter queue for ${reason}: ${key}`);
  }
}

function checkPartitions({ lake, registered }: World): void {
  const folders = new Set(
    [...lake.keys()].flatMap((key) => {
      const partition = partitionOfKey(key);
      return partition === undefined ? [] : [partitionFolder(partition)];
    }),
  );
  for (const folder of folders) if (!registered.has(folder)) throw new Error(`not registered: ${folder}`);
  for (const folder of registered)
    if (!folders.has(folder)) throw new Error(`registered, but empty: ${folder}`);
}

async function checkDeliveries({ lake, alerts }: World): Promise<void> {
  const nameOf = ({ accountId, region }: { accountId: string; region: string }) => `${accountId} ${region}`;
  const noted = (await Array.fromAsync(alerts.deliveries.all())).map(nameOf);
  const delivered = [...lake.keys()].flatMap((key) => {
    const deliverer = key.startsWith('receipts/') ? delivererOf(key) : undefined;
    return deliverer === undefined ? [] : [nameOf(deliverer)];
  });
  const [found, expected] = [noted.sort(), [...new Set(delivered)].sort()];
  if (!isDeepStrictEqual(found, expected)) throw new Error(`delivered: ${found} instead of ${expected}`);
}

async function checkAlerts(
  { alerts, scheduler }: World,
  expected: ReadonlyMap<string, Buffer>,
): Promise<void> {
  const { store, situations: calm } = memorySituations();
  const alerting = { store, policy: POLICY, now: () => START / 1000, publish: async () => {} };
  for (const [key, bytes] of [...expected].filter(([name]) => name.startsWith('findings/'))) {
    const content = (async function* () {
      yield bytes;
    })();
    await takeObject(findingsOfObject(key, content), alerting);
  }
  const totals = (map: typeof calm) =>
    Object.fromEntries(
      [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { situation }]) => [key, situation.total]),
    );
  if (!isDeepStrictEqual(totals(alerts.situations), totals(calm))) {
    throw new Error(
      `situations: ${JSON.stringify(totals(alerts.situations))} instead of ${JSON.stringify(totals(calm))}`,
    );
  }
  const [unfounded] = alerts.unfounded;
  if (unfounded !== undefined) throw new Error(`people count as told of ${unfounded}, and nobody told them`);
  const openings = Map.groupBy(
    alerts.told.filter(({ isOpening }) => isOpening),
    ({ key, episode }) => `${key} ${episode}`,
  );
  for (const [name, all] of openings) {
    const again = all.slice(all.findIndex(({ isNoted }) => isNoted) + 1);
    if (all.some(({ isNoted }) => isNoted) && again.length > 0) throw new Error(`told again: ${name}`);
  }
  for (const [key, { situation }] of alerts.situations) {
    const { claimedUntil, heldSince, told } = situation;
    const due = dueMessage(situation, POLICY, scheduler.now() / 1000);
    if (due !== undefined || claimedUntil !== undefined || heldSince !== undefined) {
      throw new Error(`nobody was told of ${key}: ${JSON.stringify({ due, claimedUntil, heldSince, told })}`);
    }
    const toldAtAll = alerts.told.some((one) => one.key === key);
    if (toldAtAll !== (told !== undefined))
      throw new Error(`it is noted wrongly whether people know of ${key}`);
    const calmly = calm.get(key)!.situation.told !== undefined;
    if (calmly && told === undefined) throw new Error(`nobody was told of ${key}`);
  }
}
