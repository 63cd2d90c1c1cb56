import { createHash } from 'node:crypto';
import { parseVpcFormat } from '../shared/flow-log/vpc-format.ts';
import type { LineBuffer, LineFormat } from './lines.ts';
import { createLineBuffer, transitLineFormat, vpcLineFormat } from './lines.ts';
import { EXAMPLE_ORGANIZATION } from './organization.ts';
import { createRandom } from './random.ts';
import type { Recorder, TransitRecord, VpcRecord } from './records.ts';
import type { InterfaceFlowLog, LostLineBreak } from './scenario.ts';
import type { ScenarioName } from './scenarios.ts';
import { SCENARIOS } from './scenarios.ts';
import { simulate } from './simulation.ts';
import { createTraffic } from './traffic.ts';

export interface GenerateOptions {
  /** About how many records of ordinary traffic, over all objects. Scenarios add up to about 3,000. */
  readonly records: number;
  /** Any whole number; 1 unless given. */
  readonly seed?: number;
  /** For the VPC flow logs, as `parseVpcFormat` reads it; `standard` unless given. Transit gateways keep their default. */
  readonly flowLogFormat?: string;
  /** Which to plant; all unless given. */
  readonly scenarios?: readonly ScenarioName[];
  /** Begin of the logs, rounded down to a 5-minute slot. A fixed time unless given, so that output does not change. */
  readonly start?: Date;
  /** Hours of ordinary traffic before `start`, which `records` includes; none unless given. */
  readonly historyHours?: number;
}

/** One flow log object as AWS would deliver it, but not compressed yet. */
export interface GeneratedObject {
  /** In AWS's own layout, ending in `.log.gz`. */
  readonly key: string;
  /** Plain text: the header line and one line per record. */
  readonly text: readonly Uint8Array[];
  readonly records: number;
  /** Lines that a scenario damaged: no records any more. */
  readonly damaged: number;
}

export const DEFAULT_SEED = 1;
export const DEFAULT_FORMAT = 'standard';
export const DEFAULT_START = new Date('2026-11-20T05:00:00Z');

const SLOT_SECONDS = 300;
/** Scenarios take up to 19 minutes. */
const SHORTEST_MINUTES = 20;

/**
 * Generates the flow logs of the example organization: three VPCs in two accounts, and a transit gateway.
 *
 * Yields one object per flow log and 5-minute slot in which the flow log has records, slot after slot; a slot's records
 * are those whose `end` lies in it. The same options give the same bytes. Memory holds about one slot: the logs grow
 * longer rather than denser with `records` (see {@link minutesFor}).
 *
 * Throws a `FlowLogFormatError` for a format that cannot be used.
 */
export function* generateFlowLogs(options: GenerateOptions): Generator<GeneratedObject, void, void> {
  const seed = options.seed ?? DEFAULT_SEED;
  const formatText = options.flowLogFormat ?? DEFAULT_FORMAT;
  const fields = parseVpcFormat(formatText);
  const start = slotOf(Math.floor((options.start ?? DEFAULT_START).getTime() / 1000));
  const chosen = SCENARIOS.filter((each) => !options.scenarios || options.scenarios.includes(each.name));
  const world = EXAMPLE_ORGANIZATION;
  const random = createRandom(seed);
  const planted = chosen.map((scenario) => scenario.plant(world, random.fork(scenario.name), start));
  const historyMinutes = (options.historyHours ?? 0) * 60;

  const interfaceFlowLogs = planted.flatMap((each) => each.flowLogs ?? []);
  const log = createSlottedLog(
    vpcLineFormat(fields),
    interfaceFlowLogs,
    transitLineFormat(world),
    world.transitGateway.flowLogId,
  );
  for (const each of planted.flatMap(({ lostLineBreaks = [] }) => lostLineBreaks)) log.loseLineBreak(each);
  const simulation = simulate(
    {
      world,
      traffic: createTraffic(world, random.fork('traffic')),
      random: random.fork('simulation'),
      start: start - historyMinutes * 60,
      minutes: historyMinutes + minutesFor(options.records),
      records: options.records,
      planted,
    },
    log.recorder,
  );
  const owners = [
    ...world.vpcs.map((vpc) => ({ flowLogId: vpc.flowLogId, accountId: vpc.accountId, region: vpc.region })),
    ...interfaceFlowLogs.map(({ id, observer }) => ({ ...observer.subnet.vpc, flowLogId: id })),
    world.transitGateway,
  ];
  let slot = start - historyMinutes * 60;
  for (const complete of simulation) {
    for (; slot + SLOT_SECONDS <= complete; slot += SLOT_SECONDS) {
      for (const owner of owners) {
        const taken = log.take(owner.flowLogId, slot);
        if (!taken) continue;
        const { lines, damaged } = taken;
        const hash = hashOf(`${seed} ${formatText} ${owner.flowLogId} ${slot}`);
        const records = lines.lines - 1 - damaged;
        yield { key: objectKey(owner, slot, hash), text: lines.take(), records, damaged };
      }
    }
  }
}

/**
 * How many minutes a log of about this many records covers, in whole slots: an hour for 20,000, growing with the square
 * root so that larger logs are both longer and denser, but never denser than 20,000 records a slot.
 */
export function minutesFor(records: number): number {
  const hours = Math.max(Math.sqrt(records / 20_000), records / 240_000);
  return Math.max(SHORTEST_MINUTES, Math.round(hours * 12) * 5);
}

/** The lines of a flow log's slot, header line included, and how many of them are damaged. */
interface Slot {
  readonly lines: LineBuffer;
  damaged: number;
}

interface SlottedLog {
  readonly recorder: Recorder;
  loseLineBreak(where: LostLineBreak): void;
  /** Hands out a flow log's slot and forgets it. */
  take(flowLogId: string, slot: number): Slot | undefined;
}

/** Sorts records into the slots of their flow logs and keeps them as text. */
function createSlottedLog(
  vpcFormat: LineFormat<VpcRecord>,
  interfaceFlowLogs: readonly InterfaceFlowLog[],
  transitFormat: LineFormat<TransitRecord>,
  transitFlowLogId: string,
): SlottedLog {
  const slots = new Map<string, Slot>();
  const ofInterfaces = interfaceFlowLogs.map((each) => ({ ...each, format: vpcLineFormat(each.fields) }));
  const nameOf = (flowLogId: string, slot: number): string => `${flowLogId} ${slot}`;
  const append = (flowLogId: string, end: number, header: string, line: string): Slot => {
    const name = nameOf(flowLogId, slotOf(end));
    let slot = slots.get(name);
    if (!slot) {
      slot = { lines: createLineBuffer(), damaged: 0 };
      slot.lines.append(header);
      slots.set(name, slot);
    }
    slot.lines.append(line);
    return slot;
  };
  return {
    recorder: {
      vpc(record) {
        const observer = record.status === 'OK' ? record.sighting.observer : record.observer;
        append(observer.subnet.vpc.flowLogId, record.end, vpcFormat.header, vpcFormat.line(record));
        for (const { id, format, observer: own } of ofInterfaces) {
          if (own === observer) append(id, record.end, format.header, format.line(record));
        }
      },
      transit(record) {
        append(transitFlowLogId, record.end, transitFormat.header, transitFormat.line(record));
      },
    },
    loseLineBreak({ observer, start }) {
      const lines = [start, start + 60].map((begin) =>
        vpcFormat.line({ status: 'NODATA', observer, start: begin, end: begin + 59 }),
      );
      append(observer.subnet.vpc.flowLogId, start + 59, vpcFormat.header, lines.join(' ')).damaged++;
    },
    take(flowLogId, slot) {
      const name = nameOf(flowLogId, slot);
      const taken = slots.get(name);
      slots.delete(name);
      return taken;
    },
  };
}

function slotOf(seconds: number): number {
  return Math.floor(seconds / SLOT_SECONDS) * SLOT_SECONDS;
}

function objectKey(
  { flowLogId, accountId, region }: { flowLogId: string; accountId: string; region: string },
  slot: number,
  hash: string,
): string {
  const time = new Date(slot * 1000).toISOString();
  const day = time.slice(0, 10).replaceAll('-', '/');
  const stamp = `${time.slice(0, 10).replaceAll('-', '')}T${time.slice(11, 13)}${time.slice(14, 16)}Z`;
  const name = `${accountId}_vpcflowlogs_${region}_${flowLogId}_${stamp}_${hash}.log.gz`;
  return `AWSLogs/${accountId}/vpcflowlogs/${region}/${day}/${name}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
