/** What lies in the raw buckets of simulated worlds: real objects, bad ones, and what is no flow log at all. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { generateSingleObject } from '../../generator/single-object.ts';
import { flowLogText } from '../fuzz/texts.ts';

export interface RawObject {
  readonly name: string;
  readonly key: string;
  readonly content: Buffer;
  /** Costs much; few worlds have it. */
  readonly isLarge?: boolean;
  /** It is announced and not there. */
  readonly isMissing?: boolean;
}

const GOLDEN = join(import.meta.dirname, '../fixtures/golden');
const ACCOUNT = '123456789010';
const HEADER = 'srcaddr dstaddr dstport protocol start end action log-status';
const TIME = Date.UTC(2026, 10, 20, 5, 2) / 1000;
const LINE = `10.0.0.1 10.0.0.2 443 6 ${TIME} ${TIME + 50} ACCEPT OK`;

/** Keys in the layouts that AWS has, and such that people make. */
function keyOf(number: number): string {
  const stamp = `20261120T05${String((number % 12) * 5).padStart(2, '0')}Z`;
  const file = `${ACCOUNT}_vpcflowlogs_eu-west-1_fl-1234abcd_${stamp}_${String(number).padStart(8, '0')}.log.gz`;
  return [
    `AWSLogs/${ACCOUNT}/vpcflowlogs/eu-west-1/2026/11/20/${file}`,
    `AWSLogs/aws-account-id=${ACCOUNT}/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=11/day=20/hour=05/${file}`,
    `AWSLogs/${ACCOUNT}/vpcflowlogs/eu-west-1/2026/11/20/${file}`,
    `exports of a+b/flow log+${number} é%2B.log.gz`,
  ][number % 4]!;
}

function textOf(options: Parameters<typeof generateSingleObject>[0]): string {
  return Buffer.concat([...generateSingleObject(options)]).toString('latin1');
}

/** Requests from inside to one server that are refused: what people are told of at once. */
function refused(flows: number, minute: number, portOf: (flow: number) => number = () => 5432): string {
  const start = Date.UTC(2026, 10, 20, 5, minute) / 1000;
  const lines = Array.from({ length: flows }, (_, flow) => {
    const ends = `10.0.1.5 10.0.2.7 ${40_000 + flow} ${portOf(flow)}`;
    return `2 ${ACCOUNT} eni-0123456789abcdef0 ${ends} 6 1 60 ${start} ${start + 50} REJECT OK\n`;
  });
  return `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n${lines.join('')}`;
}

function makeObjects(): readonly RawObject[] {
  const texts: [string, string][] = [
    ...readdirSync(GOLDEN).map((name): [string, string] => [
      `golden ${name}`,
      readFileSync(join(GOLDEN, name, 'input.log'), 'latin1'),
    ]),
    ...[1, 5, 40].flatMap((records): [string, string][] => [
      [`${records} records`, textOf({ records })],
      [`${records} records of every field`, textOf({ records, seed: 2, flowLogFormat: 'full' })],
      [`${records} records of a transit gateway`, textOf({ records, seed: 3, kind: 'transit-gateway' })],
    ]),
    [
      'two formats',
      `${textOf({ records: 6 })}${HEADER}\n${LINE}\n${textOf({ records: 3, kind: 'transit-gateway' })}`,
    ],
    ...[0, 5, 10, 15].map((minute): [string, string] => [`refused at ${minute}`, refused(3, minute)]),
    ['refused much', refused(60, 20)],
    ['a scan from inside', refused(60, 10, (flow) => 1000 + flow)],
    ['a bad line', `${HEADER}\n${LINE}\n${LINE} too many tokens\n${LINE}\n`],
    ['only bad lines', `${HEADER}\nx\ny z\n`],
    ['only a header', `${HEADER}\n`],
    ['a blank line', '\n'],
    ['no header', `${LINE}\n${LINE}\n`],
    ['a column twice', 'srcaddr dstaddr srcaddr\n1 2 3\n'],
    ...fc
      .sample(flowLogText, { seed: 1, numRuns: 60 })
      .filter((text) => text.length < 6000)
      .map((text, index): [string, string] => [`made up ${index}`, text]),
  ];
  const whole = texts.map(([name, text], number): RawObject => {
    const content = gzipSync(Buffer.from(text, 'latin1'));
    return { name, key: keyOf(number), content };
  });
  const from = whole.length;
  const packed = gzipSync(textOf({ records: 30, seed: 7 }));
  const odd: Omit<RawObject, 'key'>[] = [
    { name: 'cut gzip', content: packed.subarray(0, packed.length - 9) },
    { name: 'gzip and more', content: Buffer.concat([packed, Buffer.from('more')]) },
    { name: 'damaged gzip', content: Buffer.from(packed).fill(7, 200, 210) },
    { name: 'two members', content: Buffer.concat([packed, gzipSync(`${LINE}\n`)]) },
    { name: 'gzip within gzip', content: gzipSync(packed) },
    { name: 'plain text', content: Buffer.from(textOf({ records: 20, seed: 8 }), 'latin1') },
    { name: 'noise', content: Buffer.from('\x00\x01\x02 not a log \xff', 'latin1') },
    { name: 'nothing', content: Buffer.alloc(0) },
    { name: 'gone', content: Buffer.from('x'), isMissing: true },
    { name: 'large', content: gzipSync(textOf({ records: 12_000, seed: 9 })), isLarge: true },
    {
      name: 'large and cut',
      content: gzipSync(textOf({ records: 12_000, seed: 10 })).subarray(0, 200_000),
      isLarge: true,
    },
  ];
  return [
    ...whole,
    ...odd.map((object, index) => ({ ...object, key: keyOf(from + index) })),
    {
      name: 'CloudTrail',
      key: `AWSLogs/${ACCOUNT}/CloudTrail/eu-west-1/2026/11/20/x.json.gz`,
      content: packed,
    },
    { name: 'Parquet', key: keyOf(1).replace('.log.gz', '.log.parquet'), content: Buffer.from('PAR1') },
    { name: 'marker', key: 'exports/', content: Buffer.from('x') },
  ];
}

const RAW_OBJECTS = makeObjects();

/** Made once: what an object becomes in a calm world is the same in every world. Each kind comes equally often. */
export const OBJECTS_BY_KIND: readonly (readonly RawObject[])[] = [
  ...Map.groupBy(RAW_OBJECTS, ({ name }) => /^(?:made up|golden|refused)/.exec(name)?.[0]).values(),
];
