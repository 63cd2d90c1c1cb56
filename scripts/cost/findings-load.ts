/**
 * What findings take of DynamoDB, counted in a simulation of bench/alerts: an account with 50 interfaces in two VPCs, of which
 * one faces the internet with 5,000 probes an hour.
 */
import { internetFacing } from '../../bench/alerts/internet-facing.ts';
import { operate } from '../../bench/alerts/operation.ts';
import { SEED } from '../../bench/alerts/simulations.ts';
import { type Alerting, takeObject, tellWaiting } from '../../shared/alerts/alerting.ts';
import { memorySituations } from '../../shared/alerts/memory-situations.ts';
import { DEFAULT_POLICY } from '../../shared/alerts/policy.ts';
import type { Arrival } from '../../shared/alerts/replay.ts';
import { isWaiting, type SituationStore, type StoredSituation } from '../../shared/alerts/situation-store.ts';
import type { FindingsLoad } from './findings-figures.ts';

/** A Monday. */
const START = Date.UTC(2026, 10, 16) / 1000;
/** How often the schedule looks at what waits. Seconds. */
const TICK = 300;

/** Runs the account for so many hours without incidents and counts. The same hours give the same figures. */
export async function measureFindings(hours: number): Promise<FindingsLoad> {
  const { arrivals, counts } = operate(internetFacing({ hours }, START, SEED));
  const { store, units } = meteredSituations();
  let now = START;
  let messages = 0;
  const alerting: Alerting = {
    store,
    policy: DEFAULT_POLICY,
    now: () => now,
    async publish() {
      messages++;
    },
  };
  let objectsWithFindings = 0;
  let findingBytes = 0;
  for (const findings of byObject(arrivals)) {
    for (; now + TICK <= findings[0]!.at; now += TICK) await tellWaiting(alerting);
    now = Math.max(now, findings[0]!.at);
    objectsWithFindings++;
    for (const { finding } of findings) findingBytes += Buffer.byteLength(JSON.stringify(finding)) + 1;
    await takeObject(findings, alerting);
  }
  return {
    hours,
    objects: counts.objects,
    objectsWithFindings,
    findings: counts.findings,
    findingBytes,
    writeUnits: units.write,
    readUnits: units.read,
    messages,
  };
}

/** Findings of an object arrive together. */
function* byObject(arrivals: Iterable<Arrival>): Generator<readonly Arrival[]> {
  let findings: Arrival[] = [];
  for (const arrival of arrivals) {
    if (findings.length > 0 && findings[0]!.finding.source !== arrival.finding.source) {
      yield findings;
      findings = [];
    }
    findings.push(arrival);
  }
  if (findings.length > 0) yield findings;
}

/** Write request units of an item of so many bytes. Source: "DynamoDB read and write operations" (Developer Guide). */
export const writeUnits = (bytes: number) => Math.max(1, Math.ceil(bytes / 1024));
/** Read request units of a consistent read; others take half. */
export const readUnits = (bytes: number) => Math.max(1, Math.ceil(bytes / 4096));
/** A write in a transaction takes twice the units. */
const TRANSACTION = 2;

/** Bytes of an item besides its situation and key: the other attributes and all names. See shared/aws/dynamodb-situations.ts. */
const OTHER_BYTES = 70;

/** Situations in memory that count what they would take in DynamoDB. */
function meteredSituations() {
  const { store, situations } = memorySituations();
  const units = { write: 0, read: 0 };
  const bytesOf = ({ key, situation }: StoredSituation) =>
    Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(situation)) + OTHER_BYTES;
  /** An item that waits, or did so before, is written to the index as well, which holds all of it. */
  function write(changed: StoredSituation, before: StoredSituation | undefined, times: number): void {
    const size = writeUnits(bytesOf(changed));
    const isIndexed = isWaiting(changed.situation) || (before !== undefined && isWaiting(before.situation));
    units.write += size * times + (isIndexed ? size : 0);
  }
  const metered: SituationStore = {
    async read(keys) {
      const found = await store.read(keys);
      for (const key of new Set(keys)) units.read += readUnits(found.has(key) ? bytesOf(found.get(key)!) : 0);
      return found;
    },
    async count(findingId, changed) {
      const before = changed.map(({ key }) => situations.get(key));
      const result = await store.count(findingId, changed);
      // The mark of the finding, and the situations.
      units.write += writeUnits(0) * TRANSACTION;
      for (const [index, each] of changed.entries()) write(each, before[index], TRANSACTION);
      return result;
    },
    async replace(changed) {
      write(changed, situations.get(changed.key), 1);
      return store.replace(changed);
    },
    async *waiting() {
      let bytes = 0;
      for await (const stored of store.waiting()) {
        bytes += bytesOf(stored);
        yield stored;
      }
      units.read += readUnits(bytes) / 2;
    },
    async take(...how) {
      units.write += writeUnits(0);
      return store.take(...how);
    },
  };
  return { store: metered, units };
}
