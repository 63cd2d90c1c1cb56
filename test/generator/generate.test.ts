import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateFlowLogs, minutesFor } from '../../generator/generate.ts';
import { SCENARIOS } from '../../generator/scenarios.ts';
import { fieldsOf } from '../../shared/flow-log/fields.ts';
import type { Line } from './generated-lines.ts';
import { generated, linesOf, textOf } from './generated-lines.ts';

/** All that AWS itself writes: a damaged line is none of its lines. */
const LOGS = generated({
  records: 12_000,
  flowLogFormat: 'full',
  scenarios: SCENARIOS.map(({ name }) => name).filter((name) => name !== 'damaged-line'),
});
const VPC_LINES = linesOf(LOGS, 'vpc');
const FLOWS = VPC_LINES.filter((line) => line['log-status'] === 'OK');
const TRANSIT_LINES = linesOf(LOGS, 'transit-gateway');

const wholeText = (records: number, seed: number): string =>
  [...generateFlowLogs({ records, seed })].map((each) => each.key + textOf(each.text)).join('');

describe('the whole', () => {
  test('is the same for the same seed and another for another seed', () => {
    expect(wholeText(1500, 7)).toBe(wholeText(1500, 7));
    expect(wholeText(1500, 7)).not.toBe(wholeText(1500, 8));
  });

  test('has about as many records as asked for, and counts what it has', () => {
    const property = fc.property(fc.integer({ min: 200, max: 6000 }), fc.nat(), (records, seed) => {
      const objects = generated({ records, seed, scenarios: [] });
      const total = objects.reduce((sum, object) => sum + object.records, 0);
      expect(total).toBe(objects.reduce((sum, object) => sum + object.lines.length, 0));
      expect(total).toBeGreaterThan(records * 0.97 - 20);
      expect(total).toBeLessThan(records * 1.03 + 150);
    });
    fc.assert(property, { numRuns: 12 });
  });

  test('scenarios come on top, with at most 3,000 records', () => {
    const records = (scenarios?: readonly []) =>
      generated({ records: 5000, ...(scenarios && { scenarios }) }).reduce(
        (sum, each) => sum + each.records,
        0,
      );
    expect(records() - records([])).toBeGreaterThan(1000);
    expect(records() - records([])).toBeLessThan(3000);
  });

  test.each([
    [1, 20],
    [20_000, 60],
    [200_000, 190],
    [24_000_000, 6000],
  ])('%d records cover %d minutes', (records, minutes) => expect(minutesFor(records)).toBe(minutes));

  test('planting a scenario leaves ordinary traffic as it is', () => {
    const without = new Set(linesOf(generated({ records: 3000, scenarios: [] }), 'vpc').map(ordinaryFlow));
    const planted = linesOf(generated({ records: 3000, scenarios: ['port-scan'] }), 'vpc');
    const flows = planted.filter((line) => ![line.srcaddr, line.dstaddr].includes('198.51.100.23'));
    const kept = flows.filter((line) => without.has(ordinaryFlow(line)));
    // Idle intervals differ: the bastion had a visitor.
    expect(kept.length / flows.length).toBeGreaterThan(0.9);
  });

  test('the start moves everything, rounded down to a slot', () => {
    const [first] = generateFlowLogs({ records: 300, start: new Date('2025-02-28T23:58:59Z') });
    expect(first!.key).toContain('/eu-west-1/2025/02/28/');
    expect(first!.key).toContain('_20250228T2355Z_');
  });

  test('history is ordinary traffic before the start, and part of the records', () => {
    const options = { records: 6000, start: new Date('2026-11-20T01:00:00Z'), historyHours: 2 } as const;
    const objects = generated(options);
    const begin = options.start.getTime() / 1000;
    const lines = objects.flatMap((object) => object.lines);
    const starts = lines.map((line) => Number(line.start));
    expect(Math.min(...starts)).toBeLessThan(begin - 7000);
    expect(lines.filter((line) => Number(line.start) < begin).length).toBeGreaterThan(2500);
    expect(objects.reduce((sum, each) => sum + each.records, 0)).toBeLessThan(6000 * 1.03 + 3000);
    const planted = lines.filter((line) => line.srcaddr === '198.51.100.23');
    expect(Math.min(...planted.map((line) => Number(line.start)))).toBeGreaterThanOrEqual(begin);
  });

  test('a damaged line is counted apart from the records', () => {
    const objects = generated({ records: 1000, scenarios: ['damaged-line'] });
    const damaged = objects.filter((object) => object.damaged > 0);
    expect(damaged.map((object) => object.damaged)).toEqual([1]);
    for (const { rows, records, damaged: lost } of objects) expect(rows.length).toBe(records + lost);
  });
});

const ordinaryFlow = (line: Line): string =>
  ['interface-id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'start', 'end', 'packets', 'bytes']
    .map((name) => line[name])
    .join(' ');

const KEY =
  /^AWSLogs\/(?<account>\d{12})\/vpcflowlogs\/eu-west-1\/(?<day>\d{4}\/\d\d\/\d\d)\/\k<account>_vpcflowlogs_eu-west-1_(?<flowLog>fl-[0-9a-f]{17})_(?<stamp>\d{8}T\d{4}Z)_[0-9a-f]{8}\.log\.gz$/;

describe('keys', () => {
  test.each(LOGS.map((object) => [object.key.slice(-60), object] as const))(
    '…%s is in the layout of AWS and holds the records that end in its slot',
    (_, { key, lines }) => {
      const { account, day, stamp } = KEY.exec(key)!.groups!;
      expect(stamp!.slice(0, 8)).toBe(day!.replaceAll('/', ''));
      const slot = Date.parse(stamp!.replace(/(....)(..)(..)T(..)(..)Z/, '$1-$2-$3T$4:$5:00Z')) / 1000;
      expect(slot % 300).toBe(0);
      for (const line of lines) {
        expect(Number(line.end)).toBeGreaterThanOrEqual(slot);
        expect(Number(line.end)).toBeLessThan(slot + 300);
        expect([account, 'unknown']).toContain(line['account-id']);
      }
    },
  );

  test('there is one object per flow log and slot, of two accounts and five flow logs', () => {
    const names = LOGS.map(({ key }) => KEY.exec(key)!.groups!);
    const slots = new Set(names.map(({ flowLog, stamp }) => `${flowLog} ${stamp}`));
    expect(slots.size).toBe(LOGS.length);
    expect(new Set(names.map(({ account }) => account)).size).toBe(2);
    expect(new Set(names.map(({ flowLog }) => flowLog)).size).toBe(5);
  });
});

describe('every line', () => {
  test('has exactly the columns of its header', () => {
    for (const { header, rows, kind } of LOGS) {
      expect(header).toEqual(fieldsOf(kind).map((field) => field.name));
      for (const row of rows) expect(row.length).toBe(header.length);
    }
  });

  test.each(
    [...fieldsOf('vpc'), ...fieldsOf('transit-gateway')].map((field) => [field.name, field.type] as const),
  )('%s holds a missing value or a valid %s', (name, type) => {
    const valid = FORMS[name] ?? (type === 'string' ? /^[!-~]+$/ : /^(0|[1-9]\d*)$/);
    for (const line of [...VPC_LINES, ...TRANSIT_LINES]) {
      const value = line[name];
      if (value !== undefined && value !== '-') expect(value).toMatch(valid);
    }
  });

  test('says only where and when if it has no flow', () => {
    const gaps = VPC_LINES.filter((line) => line['log-status'] !== 'OK');
    expect(gaps.filter((line) => line['log-status'] === 'NODATA').length).toBeGreaterThan(10);
    const filled = ['version', 'account-id', 'interface-id', 'start', 'end', 'log-status'];
    for (const gap of gaps) {
      expect(
        Object.keys(gap)
          .filter((name) => gap[name] !== '-')
          .toSorted(),
      ).toEqual(filled.toSorted());
    }
  });

  test('is within one minute, and has packets with their headers', () => {
    for (const line of [...FLOWS, ...TRANSIT_LINES]) {
      const [start, end, packets, bytes] = numbers(line, 'start', 'end', 'packets', 'bytes');
      expect(end! - start!).toBeGreaterThanOrEqual(0);
      expect(end! - start!).toBeLessThan(60);
      expect(packets).toBeGreaterThan(0);
      if (line.bytes === '-') {
        expect(line['reject-reason']).toBe('BPA');
        continue;
      }
      expect(bytes! / packets!).toBeGreaterThanOrEqual(28);
      expect(bytes! / packets!).toBeLessThanOrEqual(9001);
    }
  });

  test('has a traffic path only on accepted egress, and flags only for TCP', () => {
    for (const line of FLOWS) {
      if (line['flow-direction'] === 'ingress' || line.action === 'REJECT')
        expect(line['traffic-path']).toBe('-');
      if (line.protocol !== '6') expect(line['tcp-flags']).toBe('0');
      if (line.protocol === '1' || line.protocol === '58') expect(line.srcport! + line.dstport!).toBe('00');
    }
    expect(new Set(FLOWS.map((line) => line['traffic-path']))).toEqual(new Set(['-', '1', '4', '7', '8']));
  });

  test('is not in one flow log twice', () => {
    const flows = LOGS.flatMap(({ key, lines }) => {
      const { flowLog } = KEY.exec(key)!.groups!;
      const own = lines.filter((line) => line['log-status'] === 'OK');
      return own.map((line) => [flowLog, ...Object.values(line)].join(' '));
    });
    expect(flows.length - new Set(flows).size).toBe(0);
  });
});

const IP = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}|2001:db8:.*)$/;
const FORMS: Record<string, RegExp> = {
  'account-id': /^(\d{12}|unknown)$/,
  'interface-id': /^eni-[0-9a-f]{17}$/,
  'instance-id': /^i-[0-9a-f]{17}$/,
  'vpc-id': /^vpc-[0-9a-f]{17}$/,
  'subnet-id': /^subnet-[0-9a-f]{17}$/,
  'tgw-attachment-id': /^tgw-attach-[0-9a-f]{17}$/,
  srcaddr: IP,
  dstaddr: IP,
  'pkt-srcaddr': IP,
  'pkt-dstaddr': IP,
  srcport: /^\d{1,5}$/,
  dstport: /^\d{1,5}$/,
  protocol: /^(1|6|17|47|58)$/,
  action: /^(ACCEPT|REJECT)$/,
  'reject-reason': /^(BPA|EC)$/,
  'log-status': /^(OK|NODATA|SKIPDATA)$/,
  // What FIN 1, SYN 2, RST 4 and SYN-ACK 18 can add up to.
  'tcp-flags': /^(0|1|2|3|4|5|6|7|18|19|22|23)$/,
  type: /^IPv[46]$/,
  'flow-direction': /^(ingress|egress)$/,
  'traffic-path': /^[1-8]$/,
  'interface-type': /^(nat_gateway|transit_gateway|vpc_endpoint)$/,
  'next-hop-interface-type': /^(nat_gateway|transit_gateway|vpc_endpoint)$/,
  'encryption-status': /^[0-3]$/,
};

function numbers(line: Line, ...names: string[]): number[] {
  return names.map((name) => Number(line[name]));
}

describe('the mix', () => {
  const share = (of: readonly Line[], test: (line: Line) => boolean): number =>
    of.filter(test).length / of.length;
  const ordinary = linesOf(generated({ records: 20_000, scenarios: [] }), 'vpc');

  test('has 5 to 10 % rejected flows, a little NODATA, some IPv6 and DNS, and no SKIPDATA of its own', () => {
    const rejected = share(ordinary, (line) => line.action === 'REJECT');
    expect(rejected).toBeGreaterThan(0.05);
    expect(rejected).toBeLessThan(0.1);
    const idle = share(ordinary, (line) => line['log-status'] === 'NODATA');
    expect(idle).toBeGreaterThan(0.005);
    expect(idle).toBeLessThan(0.09);
    expect(share(ordinary, (line) => line.type === 'IPv6')).toBeGreaterThan(0.02);
    expect(share(ordinary, (line) => line.dstport === '53')).toBeGreaterThan(0.02);
    expect(share(ordinary, (line) => line['log-status'] === 'SKIPDATA')).toBe(0);
  });

  test('scanning is spread: no source is rejected at more than a few ports of an interface', () => {
    const ports = new Map<string, Set<string>>();
    for (const line of ordinary) {
      if (line.action !== 'REJECT' || line['flow-direction'] !== 'ingress') continue;
      const pair = `${line.srcaddr} ${line['interface-id']}`;
      if (!ports.has(pair)) ports.set(pair, new Set());
      ports.get(pair)!.add(line.dstport!);
    }
    expect(ports.size).toBeGreaterThan(300);
    expect(Math.max(...[...ports.values()].map((each) => each.size))).toBeLessThan(10);
  });

  test('has late packets without SYN among the rejected ones, as busy servers do', () => {
    const late = ordinary.filter(
      (line) =>
        line.action === 'REJECT' && line.protocol === '6' && ['0', '1', '4'].includes(line['tcp-flags']!),
    );
    expect(late.length).toBeGreaterThan(10);
  });

  test('sizes are heavy-tailed: a hundredth of the flows has most of the bytes', () => {
    const sizes = ordinary.map((line) => Number(line.bytes)).filter((size) => size > 0);
    const largest = sizes.toSorted((a, b) => b - a).slice(0, sizes.length / 100);
    const sum = (of: readonly number[]): number => of.reduce((total, each) => total + each, 0);
    expect(sum(largest) / sum(sizes)).toBeGreaterThan(0.5);
  });
});
