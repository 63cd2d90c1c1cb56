import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../shared/findings/finding.ts';
import { formatOf, observeLines, observeText } from './observe-text.ts';

const COLUMNS = [
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
  'log-status',
  'tcp-flags',
  'flow-direction',
  'vpc-id',
] as const;

const missing = fc.constant('-');
const orMissing = (values: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 9, arbitrary: values }, { weight: 1, arbitrary: missing });
const one = (...values: readonly string[]) => orMissing(fc.constantFrom(...values));
const whole = (max: number) => orMissing(fc.nat(max).map(String));

/** Records of a few interfaces, addresses and ports, so that they meet; every value may be missing. */
const record = fc.record({
  'interface-id': one('eni-1', 'eni-2', 'eni-3'),
  srcaddr: one('10.0.0.1', '10.0.0.2', '203.0.113.1', '198.51.100.1', '2600::1', '2600::2'),
  dstaddr: one('10.0.0.1', '10.0.0.2', '203.0.113.1', '198.51.100.1', '2600::1', '2600::2'),
  srcport: one('0', '443', '8080', '40000', '50000', '65535'),
  dstport: one('0', '443', '8080', '40000', '50000', '70000'),
  protocol: one('1', '6', '17', '300'),
  packets: whole(1000),
  bytes: orMissing(fc.constantFrom('0', '60', '9007199254740993', '9223372036854775807')),
  start: whole(2_000_000_000),
  end: whole(2_000_000_000),
  action: one('ACCEPT', 'REJECT', 'REJECT'),
  'log-status': one('OK', 'OK', 'OK', 'NODATA', 'SKIPDATA'),
  'tcp-flags': one('0', '1', '2', '4', '18', '19'),
  'flow-direction': one('ingress', 'egress', 'sideways'),
  'vpc-id': fc.constant('vpc-1'),
});

const records = fc.array(record, { maxLength: 40 });
/** Which columns a format has. */
const columnSet = fc.subarray([...COLUMNS], { minLength: 1 });
const withoutDirection = COLUMNS.filter((name) => name !== 'flow-direction');

type Values = { readonly [K in (typeof COLUMNS)[number]]: string };

function observe(columns: readonly (typeof COLUMNS)[number][], values: readonly Values[]) {
  const lines = values.map((row) => columns.map((name) => row[name]).join(' '));
  return observeLines(formatOf(columns.join(' ')), lines);
}

function sum(findings: readonly Finding[], kind: Finding['kind'], key: 'flows' | 'packets'): number {
  return findings
    .filter((finding) => finding.kind === kind)
    .reduce((total, finding) => total + (finding[key] ?? 0), 0);
}

describe('whatever the records and columns', () => {
  test('every rejected and every skipped record is in just one finding', () => {
    fc.assert(
      fc.property(columnSet, records, (columns, values) => {
        const { findings, counts } = observe(columns, values);
        expect(sum(findings, 'REJECT', 'flows')).toBe(counts.rejected);
        expect(sum(findings, 'SKIPDATA', 'flows')).toBe(counts.skipdata);
        const isFlow = ({ 'log-status': status }: Values) =>
          !columns.includes('log-status') || !['NODATA', 'SKIPDATA'].includes(status);
        const rejected = values.filter((row) => isFlow(row) && row.action === 'REJECT');
        expect(counts.rejected).toBe(columns.includes('action') ? rejected.length : 0);
        if (columns.includes('packets') && columns.includes('action')) {
          const packets = rejected.reduce((total, row) => total + (Number(row.packets) || 0), 0);
          expect(sum(findings, 'REJECT', 'packets')).toBe(packets);
        }
      }),
    );
  });

  test('the parts of a finding add up, and its numbers are safe integers', () => {
    fc.assert(
      fc.property(records, (values) => {
        for (const finding of observe(COLUMNS, values).findings) {
          if (finding.kind !== 'REJECT') continue;
          const { flows, top_sources = [], top_server_ports = [], protocols = [] } = finding;
          const tcp = protocols.find(({ protocol }) => protocol === 6)?.flows ?? 0;
          expect(
            (finding.tcp_with_syn ?? 0) + (finding.tcp_without_syn ?? 0) + (finding.tcp_flags_unknown ?? 0),
          ).toBe(tcp);
          expect(
            (finding.refused_requests ?? 0) + (finding.refused_replies ?? 0) + (finding.late_packets ?? 0),
          ).toBeLessThanOrEqual(flows);
          for (const list of [top_sources, protocols]) {
            expect(list.reduce((total, entry) => total + entry.flows, 0)).toBeLessThanOrEqual(flows);
          }
          for (const port of top_server_ports) {
            expect(port.refused_requests + port.refused_replies + port.late_packets).toBeLessThanOrEqual(
              port.rejected_flows,
            );
          }
          const numbers = JSON.stringify(finding).match(/(?<=:)\d+/g) ?? [];
          expect(numbers.every((number) => Number.isSafeInteger(Number(number)))).toBe(true);
        }
      }),
    );
  });

  test('the order of the records makes no difference but for the samples', () => {
    const shuffled = records.chain((values) =>
      fc.tuple(fc.constant(values), fc.shuffledSubarray(values, { minLength: values.length })),
    );
    const withoutSamples = (findings: readonly Finding[]) =>
      findings.map(({ samples, ...finding }) => finding);
    fc.assert(
      // Where directions contradict each other, as here, the first one that decides wins: so without them.
      fc.property(shuffled, ([values, others]) => {
        const first = observe(withoutDirection, values).findings;
        const second = observe(withoutDirection, others).findings;
        expect(withoutSamples(second)).toEqual(withoutSamples(first));
      }),
      { numRuns: 300 },
    );
  });

  test('the same records in the same order give the same findings, to the byte', () => {
    fc.assert(
      fc.property(columnSet, records, (columns, values) => {
        const [first, second] = [observe(columns, values), observe(columns, values)];
        expect(JSON.stringify(second)).toBe(JSON.stringify(first));
      }),
    );
  });
});

describe('formats', () => {
  test('may change within an object; what one tells of an interface serves the other', () => {
    const { findings } = observeText(`interface-id subnet-id srcaddr dstaddr srcport dstport protocol action
      eni-1 subnet-1 203.0.113.9 10.0.0.1 0 0 1 ACCEPT
      srcaddr dstaddr action srcport dstport protocol interface-id
      10.0.0.1 203.0.113.9 REJECT 0 0 1 eni-1`);
    expect(findings).toMatchObject([
      { subnet_id: 'subnet-1', path: 'internet-to-subnet', refused_replies: 1 },
    ]);
  });

  test('without an interface give one finding for each path, without a resource', () => {
    const { findings } = observeText(`srcaddr dstaddr action
      203.0.113.9 10.0.0.1 REJECT
      203.0.113.8 10.0.0.1 REJECT
      10.0.0.2 10.0.0.1 REJECT`);
    expect(findings.map(({ path, flows }) => [path, flows])).toEqual([
      ['internet-to-subnet', 2],
      ['subnet-to-subnet', 1],
    ]);
    for (const key of ['resource_id', 'resource_type', 'resources'])
      expect(findings[0]).not.toHaveProperty(key);
  });

  test('with nothing but an action give a finding of unknown path', () => {
    expect(observeText('interface-id action\neni-1 REJECT\neni-1 ACCEPT').findings).toMatchObject([
      { kind: 'REJECT', path: 'unknown', resource_id: 'eni-1', flows: 1 },
    ]);
  });

  test('an action that AWS has not invented yet is no rejection', () => {
    expect(
      observeText('interface-id action\neni-1 REJECTED\neni-1 reject\neni-1 DENIED').counts.rejected,
    ).toBe(0);
  });
});

describe('texts', () => {
  test('are cut to a bounded length without cutting a character, and samples to 512 bytes', () => {
    const long = 'ü'.repeat(5_000);
    const { findings } = observeText(
      `interface-id srcaddr dstaddr vpc-id action\nx${long} x${long} ${long} ${long} REJECT`,
    );
    const [finding] = findings;
    expect(finding?.resource_id).toBe(`x${'ü'.repeat(63)}`);
    expect(finding?.vpc_id).toBe('ü'.repeat(64));
    expect(finding?.top_sources?.[0]?.address).toBe(`x${'ü'.repeat(63)}`);
    expect(finding?.samples).toEqual([`x${'ü'.repeat(255)}`]);
  });

  test('of at most three lines are kept as samples', () => {
    const { findings } = observeText(`interface-id action\n${'eni-1 REJECT\n'.repeat(9)}`);
    expect(findings[0]?.samples).toEqual(['eni-1 REJECT', 'eni-1 REJECT', 'eni-1 REJECT']);
  });
});

test('of two addresses with the same hash each is told by its own name', () => {
  // Found by trying: the hash has no key.
  const [first, second] = ['2001:db8:bad:a::e1:97', '2001:db8:bad:b::15a:36'];
  const line = (eni: string, source: string) => `${eni} ${source} 2001:db8::1 40000 22 6 REJECT`;
  const { findings } = observeText(
    `interface-id srcaddr dstaddr srcport dstport protocol action\n${line('eni-1', first)}\n${line('eni-2', second)}`,
  );
  const sourceOf = (eni: string) =>
    findings.find(({ resource_id }) => resource_id === eni)?.top_sources?.[0]?.address;
  expect([sourceOf('eni-1'), sourceOf('eni-2')]).toEqual([first, second]);
});
