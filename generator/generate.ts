import { createHash } from 'node:crypto';
import { parseVpcFormat } from '../shared/flow-log/vpc-format.ts';
import type { LineBuffer, LineFormat } from './lines.ts';
import { createLineBuffer, transitLineFormat, vpcLineFormat } from './lines.ts';
import { EXAMPLE_ORGANIZATION } from './organization.ts';
import { createRandom } from './random.ts';
import type { Recorder } from './records.ts';
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
}

/** One flow log object as AWS would deliver it, but not compressed yet. */
export interface GeneratedObject {
  /** In AWS's own layout, ending in `.log.gz`. */
  readonly key: string;
  /** Plain text: the header line and one line per record. */
  readonly text: readonly Uint8Array[];
  readonly records: number;
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

  const log = createSlottedLog(
    vpcLineFormat(fields),
    transitLineFormat(world),
    world.transitGateway.flowLogId,
  );
  const simulation = simulate(
    {
      world,
      traffic: createTraffic(world, random.fork('traffic')),
      random: random.fork('simulation'),
      start,
      minutes: minutesFor(options.records),
      records: options.records,
      planted: chosen.map((scenario) => scenario.plant(world, random.fork(scenario.name), start)),
    },
    log.recorder,
  );
  const owners = [
    ...world.vpcs.map((vpc) => ({ flowLogId: vpc.flowLogId, accountId: vpc.accountId, region: vpc.region })),
    world.transitGateway,
  ];
  let slot = start;
  for (const complete of simulation) {
    for (; slot + SLOT_SECONDS <= complete; slot += SLOT_SECONDS) {
      for (const owner of owners) {
        const lines = log.take(owner.flowLogId, slot);
        if (!lines) continue;
        const hash = hashOf(`${seed} ${formatText} ${owner.flowLogId} ${slot}`);
        yield { key: objectKey(owner, slot, hash), text: lines.take(), records: lines.lines - 1 };
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

interface SlottedLog {
  readonly recorder: Recorder;
  /** Hands out the lines of a flow log's slot, header line included, and forgets them. */
  take(flowLogId: string, slot: number): LineBuffer | undefined;
}

/** Sorts records into the slots of their flow logs and keeps them as text. */
function createSlottedLog(
  vpcFormat: LineFormat<Parameters<Recorder['vpc']>[0]>,
  transitFormat: LineFormat<Parameters<Recorder['transit']>[0]>,
  transitFlowLogId: string,
): SlottedLog {
  const buffers = new Map<string, LineBuffer>();
  const nameOf = (flowLogId: string, slot: number): string => `${flowLogId} ${slot}`;
  const append = (flowLogId: string, end: number, header: string, line: string): void => {
    const name = nameOf(flowLogId, slotOf(end));
    let lines = buffers.get(name);
    if (!lines) {
      lines = createLineBuffer();
      lines.append(header);
      buffers.set(name, lines);
    }
    lines.append(line);
  };
  return {
    recorder: {
      vpc(record) {
        const observer = record.status === 'OK' ? record.sighting.observer : record.observer;
        append(observer.subnet.vpc.flowLogId, record.end, vpcFormat.header, vpcFormat.line(record));
      },
      transit(record) {
        append(transitFlowLogId, record.end, transitFormat.header, transitFormat.line(record));
      },
    },
    take(flowLogId, slot) {
      const name = nameOf(flowLogId, slot);
      const lines = buffers.get(name);
      buffers.delete(name);
      return lines;
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
