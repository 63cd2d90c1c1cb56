/** From what goes on to the findings as they arrive: flow log text, object after object, through the real observer. */

import { createLineBuffer, type LineBuffer, type LineFormat, vpcLineFormat } from '../../generator/lines.ts';
import { observe } from '../../generator/observe.ts';
import { createRandom } from '../../generator/random.ts';
import type { Recorder, VpcRecord } from '../../generator/records.ts';
import type { NetworkInterface, Vpc } from '../../generator/world.ts';
import type { Arrival } from '../../shared/alerts/replay.ts';
import type { Finding } from '../../shared/findings/finding.ts';
import { createFindingObserver, type FindingContext } from '../../shared/findings/observer.ts';
import { createTransform } from '../../shared/flow-log/transform.ts';
import { parseVpcFormat } from '../../shared/flow-log/vpc-format.ts';
import { borrowLineLoop } from '../../shared/line-loop/line-loop.ts';
import type { Condition, Place, Scene } from './scene.ts';

const SLOT = 300;
const MINUTE = 60;
const DAY = 86_400;
/** AWS delivers an object 10 to 25 minutes after its packets. Each flow log keeps to a delay of its own. Seconds. */
const DELAYS = [600, 1500] as const;

export interface Operation {
  /** In the order of their times. To be read once; what is below is complete then. */
  readonly arrivals: Iterable<Arrival>;
  readonly conditions: readonly Condition[];
  /** When the first object arrived that has a flow of a condition. Unix seconds. */
  readonly firstArrivals: ReadonlyMap<Condition, number>;
  readonly counts: Readonly<Counts>;
}

interface Counts {
  objects: number;
  records: number;
  findings: number;
}

/** Runs a scene. Everything depends on the scene alone. */
export function operate(scene: Scene, flowLogFormat = 'standard'): Operation {
  const counts: Counts = { objects: 0, records: 0, findings: 0 };
  const firstArrivals = new Map<Condition, number>();
  const format = vpcLineFormat(parseVpcFormat(flowLogFormat));
  const logs = scene.places.map((place) => createFlowLogs(place, format));

  function* arrivals(): Generator<Arrival> {
    const { start, hours } = scene;
    let waiting: Arrival[] = [];
    for (let slot = start; slot < start + hours * 3600; slot += SLOT) {
      for (const log of logs) {
        for (let minute = slot; minute < slot + SLOT; minute += MINUTE) log.record(minute);
        waiting.push(...log.take(slot).flatMap(arrivalsOf));
      }
      const complete = slot + 2 * SLOT + DELAYS[0];
      waiting.sort(byTime);
      const next = waiting.findIndex(({ at }) => at >= complete);
      yield* next < 0 ? waiting : waiting.slice(0, next);
      waiting = next < 0 ? [] : waiting.slice(next);
    }
    yield* waiting;
  }

  function arrivalsOf({ vpc, slot, lines, shown }: FlowLogObject): Arrival[] {
    const source = sourceOf(vpc, slot);
    const at = slot + SLOT + delayOf(vpc);
    counts.objects++;
    counts.records += lines.lines - 1;
    for (const condition of shown) {
      firstArrivals.set(condition, Math.min(at, firstArrivals.get(condition) ?? at));
    }
    const context = { source, accountId: vpc.accountId, region: vpc.region };
    const findings = findingsIn(lines.take(), context, slot);
    counts.findings += findings.length;
    return findings.map((finding, index) => ({ id: `${source} ${index}`, finding, at }));
  }

  const conditions = scene.places.flatMap((place) => place.conditions ?? []);
  return { arrivals: arrivals(), conditions, firstArrivals, counts };
}

/** What ingest finds in the text of an object. Its compression, its records and its receipt are left out. */
export function findingsIn(text: readonly Uint8Array[], context: FindingContext, time: number): Finding[] {
  const loop = borrowLineLoop();
  const observer = createFindingObserver(context, loop);
  const transform = createTransform({
    loop,
    headerlessFormat: undefined,
    earliest: time - 7 * DAY,
    latest: time + DAY,
    objectTime: time,
    sink: {
      formatChanged: observer.formatChanged,
      openPartition: () => true,
      records() {},
      quarantine({ reason }) {
        throw new Error(`The simulation wrote a line that is no record: ${reason}.`);
      },
    },
  });
  try {
    for (const chunk of text) transform.push(chunk);
    transform.end();
    return observer.finish();
  } finally {
    loop.release();
  }
}

export function delayOf({ flowLogId }: Vpc): number {
  return createRandom(1, flowLogId).integer(...DELAYS);
}

/** The lines of a flow log's five minutes, with the header, and the conditions that they show. */
interface FlowLogObject {
  readonly vpc: Vpc;
  readonly slot: number;
  readonly lines: LineBuffer;
  readonly shown: Set<Condition>;
  /** Interfaces with a line of their own; the others have one that says NODATA. */
  readonly seen: Set<NetworkInterface>;
}

function createFlowLogs(place: Place, format: LineFormat<VpcRecord>) {
  const {
    world,
    vpcs,
    changes = [],
    gaps = [],
    conditions = [],
    silentFrom = Number.POSITIVE_INFINITY,
  } = place;
  const interfaces = Map.groupBy(world.interfaces, ({ subnet }) => subnet.vpc);
  const objects = new Map<string, FlowLogObject>();

  function objectOf(vpc: Vpc, slot: number): FlowLogObject {
    const key = `${vpc.id} ${slot}`;
    let object = objects.get(key);
    if (object === undefined) {
      object = { vpc, slot, lines: createLineBuffer(), shown: new Set(), seen: new Set() };
      object.lines.append(format.header);
      objects.set(key, object);
    }
    return object;
  }

  const recorder: Recorder = {
    vpc(record) {
      const observer = record.status === 'OK' ? record.sighting.observer : record.observer;
      const { vpc } = observer.subnet;
      if (!vpcs.includes(vpc)) return;
      const { lines, seen, shown } = objectOf(vpc, Math.floor(record.end / SLOT) * SLOT);
      lines.append(format.line(record));
      seen.add(observer);
      if (record.status !== 'OK' || record.action === 'ACCEPT') return;
      for (const condition of conditions) if (condition.shows?.(record) === true) shown.add(condition);
    },
    transit() {},
  };

  return {
    /** Records what begins in a minute. */
    record(minute: number): void {
      for (const conversation of place.conversations(minute)) observe(world, changes, conversation, recorder);
      for (const { observer, start } of gaps) {
        if (start >= minute && start < minute + MINUTE) {
          recorder.vpc({ status: 'SKIPDATA', observer, start, end: start + MINUTE - 1 });
        }
      }
    },
    /** The objects of the five minutes from `slot` on, of which all is recorded. */
    take(slot: number): FlowLogObject[] {
      return vpcs.flatMap((vpc) => {
        const object = objectOf(vpc, slot);
        objects.delete(`${vpc.id} ${slot}`);
        if (slot >= silentFrom) return [];
        for (const observer of interfaces.get(vpc) ?? []) {
          if (object.seen.has(observer)) continue;
          object.lines.append(format.line({ status: 'NODATA', observer, start: slot, end: slot + SLOT - 1 }));
        }
        return [object];
      });
    },
  };
}

function sourceOf({ accountId, region, flowLogId }: Vpc, slot: number): string {
  const stamp = new Date(slot * 1000).toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
  return `s3://raw/AWSLogs/${accountId}/vpcflowlogs/${region}/${accountId}_vpcflowlogs_${region}_${flowLogId}_${stamp}Z.log.gz`;
}

function byTime(a: Arrival, b: Arrival): number {
  return a.at - b.at || (a.id < b.id ? -1 : 1);
}
