import type { FlowLogKind } from '../shared/flow-log/fields.ts';
import { parseVpcFormat } from '../shared/flow-log/vpc-format.ts';
import { DEFAULT_START } from './generate.ts';
import { createLineBuffer, transitLineFormat, vpcLineFormat } from './lines.ts';
import { buildOrganization } from './organization.ts';
import { createRandom } from './random.ts';
import { simulate } from './simulation.ts';
import { createTraffic } from './traffic.ts';
import { interfaceNamed } from './world.ts';

export interface SingleObjectOptions {
  /** Exactly how many. */
  readonly records: number;
  /** Any whole number; 1 unless given. */
  readonly seed?: number;
  /** For VPC records, as `parseVpcFormat` reads it; `default` unless given. Transit gateways keep their default. */
  readonly flowLogFormat?: string;
  /** `vpc` unless given. */
  readonly kind?: FlowLogKind;
}

const SLOT_MINUTES = 5;
/** A busy interface has about as many records in five minutes. */
const RECORDS_PER_INTERFACE = 400;
const LARGEST_FLEET = 5000;
/** Far more than gzip can look back, 32 KiB. */
const LINES_MIXED = 8192;

/**
 * Generates one large flow log object for benchmarks: a slot's records of one VPC (or of the transit gateway), in an
 * estate as large as so many records need.
 *
 * Yields chunks of the plain text, header line first. The same options give the same bytes. Memory does not grow with
 * the number of records. Throws a `FlowLogFormatError` for a format that cannot be used.
 */
export function* generateSingleObject(options: SingleObjectOptions): Generator<Uint8Array, void, void> {
  const { records, seed = 1, flowLogFormat = 'default', kind = 'vpc' } = options;
  const world = buildOrganization(Math.min(LARGEST_FLEET, Math.floor(records / RECORDS_PER_INTERFACE)));
  const random = createRandom(seed, 'single object');
  const { vpc } = interfaceNamed(world, 'app-1').subnet;
  const vpcFormat = vpcLineFormat(parseVpcFormat(flowLogFormat));
  const transitFormat = transitLineFormat(world);

  const lines = createLineBuffer();
  lines.append(kind === 'vpc' ? vpcFormat.header : transitFormat.header);
  // The lines of a conversation arise together, which gzip would exploit: real objects have them far apart.
  const mixing = random.fork('order');
  const waiting: string[] = [];
  let made = 0;
  const append = (line: () => string): void => {
    if (made === records) return;
    made++;
    if (waiting.length < LINES_MIXED) {
      waiting.push(line());
    } else {
      const place = mixing.integer(0, LINES_MIXED - 1);
      lines.append(waiting[place]!);
      waiting[place] = line();
    }
  };
  const simulation = simulate(
    {
      world,
      traffic: createTraffic(world, random.fork('traffic'), kind === 'vpc' ? 'all' : 'transit'),
      random: random.fork('simulation'),
      start: DEFAULT_START.getTime() / 1000,
      minutes: SLOT_MINUTES,
      // A little more than wanted: what is too much is cut off.
      records: Math.ceil(records * 1.01) + 10,
      lossRate: 0.002,
      counts: (observer) =>
        observer === 'transit-gateway'
          ? kind === 'transit-gateway'
          : kind === 'vpc' && observer.subnet.vpc === vpc,
    },
    {
      vpc(record) {
        const observer = record.status === 'OK' ? record.sighting.observer : record.observer;
        if (kind === 'vpc' && observer.subnet.vpc === vpc) append(() => vpcFormat.line(record));
      },
      transit(record) {
        if (kind === 'transit-gateway') append(() => transitFormat.line(record));
      },
    },
  );
  for (const _ of simulation) {
    yield* lines.take();
    if (made === records) break;
  }
  for (const line of waiting) lines.append(line);
  yield* lines.take();
}
