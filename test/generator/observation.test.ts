import { describe, expect, test } from 'vitest';
import { EXAMPLE_ORGANIZATION } from '../../generator/organization.ts';
import type { NetworkInterface } from '../../generator/world.ts';
import { interfaceNamed } from '../../generator/world.ts';
import type { Line } from './generated-lines.ts';
import { generated, linesOf } from './generated-lines.ts';

const LOGS = generated({
  records: 25_000,
  flowLogFormat: 'full',
  scenarios: ['data-exfiltration', 'tgw-blackhole'],
});
const FLOWS = linesOf(LOGS, 'vpc').filter((line) => line['log-status'] === 'OK');
const TRANSIT = linesOf(LOGS, 'transit-gateway');
const BY_ID = new Map(EXAMPLE_ORGANIZATION.interfaces.map((each) => [each.id, each]));
/** Flows near the begin and the end of the log miss the records that fall outside of it. */
const [FIRST, LAST] = [Math.min(...FLOWS.map(startOf)), Math.max(...FLOWS.map(startOf))];

function startOf(line: Line): number {
  return Number(line.start);
}
function observerOf(line: Line): NetworkInterface {
  return BY_ID.get(line['interface-id']!)!;
}
const packetFlow = (line: Line): string =>
  [line['pkt-srcaddr'], line['pkt-dstaddr'], line.srcport, line.dstport, line.protocol].join(' ');

/** Sums over the whole log by packet 5-tuple and observing interface, of tuples that live inside of it. */
const packetsAt = new Map<string, Map<string, number>>();
for (const line of FLOWS) {
  const flow = packetFlow(line);
  let at = packetsAt.get(flow);
  if (!at) {
    at = new Map();
    packetsAt.set(flow, at);
  }
  const observer = line['interface-id']!;
  at.set(observer, (at.get(observer) ?? 0) + Number(line.packets));
}
const bordering = new Set(
  FLOWS.filter((line) => startOf(line) < FIRST + 120 || startOf(line) > LAST - 120).map(packetFlow),
);

describe('both ends', () => {
  const ownerOf = new Map(
    EXAMPLE_ORGANIZATION.interfaces.flatMap((each) => [
      [each.address, each],
      [each.addressV6, each],
      [each.secondaryAddress, each],
    ]),
  );

  test('accepted traffic between two logged interfaces is logged at both, with the same totals', () => {
    let compared = 0;
    for (const line of FLOWS) {
      const to = ownerOf.get(line['pkt-dstaddr']!);
      const from = ownerOf.get(line['pkt-srcaddr']!);
      if (!to || !from || line.action === 'REJECT' || bordering.has(packetFlow(line))) continue;
      const at = packetsAt.get(packetFlow(line))!;
      expect(at.get(from.id), packetFlow(line)).toBe(at.get(to.id));
      compared++;
    }
    expect(compared).toBeGreaterThan(3000);
  });

  test('an answered conversation has records of both directions at each of its interfaces', () => {
    const seen = new Set(
      FLOWS.map((line) =>
        [line['interface-id'], line['pkt-srcaddr'], line['pkt-dstaddr'], line.srcport, line.dstport].join(
          ' ',
        ),
      ),
    );
    // The transit gateway takes each direction through the attachment of its sender's zone.
    const answers = FLOWS.filter(
      (line) =>
        (Number(line['tcp-flags']) & 18) === 18 &&
        line['interface-type'] !== 'transit_gateway' &&
        !bordering.has(packetFlow(line)),
    );
    expect(answers.length).toBeGreaterThan(1000);
    for (const line of answers) {
      const request = [
        line['interface-id'],
        line['pkt-dstaddr'],
        line['pkt-srcaddr'],
        line.dstport,
        line.srcport,
      ];
      expect(seen).toContain(request.join(' '));
    }
  });

  test("an interface's own side shows its primary address, the packet may show another", () => {
    let secondary = 0;
    for (const line of FLOWS) {
      const observer = observerOf(line);
      const [own, packet] =
        line['flow-direction'] === 'egress'
          ? [line.srcaddr, line['pkt-srcaddr']]
          : [line.dstaddr, line['pkt-dstaddr']];
      expect([observer.address, observer.addressV6]).toContain(own);
      if (packet === observer.secondaryAddress) secondary++;
    }
    expect(secondary).toBeGreaterThan(10);
  });

  test('intervals are cut at the same second of the minute all along at one interface', () => {
    for (const line of FLOWS) {
      const offset = observerOf(line).intervalOffset;
      const interval = (time: string): number => Math.floor((Number(time) - offset) / 60);
      expect(interval(line.start!)).toBe(interval(line.end!));
    }
  });
});

test('a long connection opens with SYN in its first interval, ends with FIN in its last, and has no flags between', () => {
  const client = interfaceNamed(EXAMPLE_ORGANIZATION, 'worker-2');
  const upload = FLOWS.filter(
    (line) => line['interface-id'] === client.id && line.dstaddr === '203.0.113.200',
  ).toSorted((a, b) => startOf(a) - startOf(b));
  expect(upload.map((line) => line['tcp-flags'])).toEqual(['2', ...Array<string>(10).fill('0'), '1']);
});

describe('a NAT gateway', () => {
  const nat = interfaceNamed(EXAMPLE_ORGANIZATION, 'nat-b');
  const client = interfaceNamed(EXAMPLE_ORGANIZATION, 'worker-2');
  const at = (direction: string, addresses: readonly string[]): Line[] =>
    FLOWS.filter(
      (line) =>
        line['interface-id'] === nat.id &&
        line['flow-direction'] === direction &&
        addresses.every(
          (address, i) => line[['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr'][i]!] === address,
        ),
    );

  // AWS's example E, with this organization's addresses.
  test.each([
    ['ingress', [client.address, nat.address, client.address, '203.0.113.200']],
    ['egress', [nat.address, '203.0.113.200', nat.address, '203.0.113.200']],
    ['ingress', ['203.0.113.200', nat.address, '203.0.113.200', nat.address]],
    ['egress', [nat.address, client.address, '203.0.113.200', client.address]],
  ] as const)('logs %s of %j', (direction, addresses) => {
    const lines = at(direction, addresses);
    expect(lines.length).toBeGreaterThanOrEqual(12);
    for (const line of lines) {
      expect(line['instance-id']).toBe('-');
      expect(line['interface-type']).toBe('nat_gateway');
      expect(line.action).toBe('ACCEPT');
    }
  });

  test('logs ACCEPT for what nobody asked for, and no answer', () => {
    const unsolicited = FLOWS.filter(
      (line) =>
        line['interface-type'] === 'nat_gateway' &&
        line['flow-direction'] === 'ingress' &&
        line.protocol === '6' &&
        line['tcp-flags'] === '2' &&
        !line.srcaddr!.startsWith('10.'),
    );
    expect(unsolicited.length).toBeGreaterThan(50);
    const answers = new Set(
      FLOWS.map((line) => [line['interface-id'], line.dstaddr, line.dstport, line.srcport].join(' ')),
    );
    for (const line of unsolicited) {
      expect(line.action).toBe('ACCEPT');
      expect(answers).not.toContain(
        [line['interface-id'], line.srcaddr, line.srcport, line.dstport].join(' '),
      );
    }
  });
});

describe('the transit gateway', () => {
  const attachments = FLOWS.filter((line) => line['interface-type'] === 'transit_gateway');

  test("shows its attachments' own addresses outside the packet, as in AWS's example G", () => {
    expect(attachments.length).toBeGreaterThan(500);
    for (const line of attachments) {
      const own = line['flow-direction'] === 'egress' ? line.srcaddr : line.dstaddr;
      const packet = line['flow-direction'] === 'egress' ? line['pkt-srcaddr'] : line['pkt-dstaddr'];
      expect(own).toBe(observerOf(line).address);
      expect(packet).not.toBe(own);
    }
  });

  test('logs a flow on its way in and on its way out, each with the other attachment as its pair', () => {
    const delivered = TRANSIT.filter((line) => line['packets-lost-blackhole'] === '0');
    const count = (direction: string): number =>
      delivered.filter((line) => line['flow-direction'] === direction).length;
    expect(count('ingress')).toBeGreaterThan(500);
    expect(count('egress') / count('ingress')).toBeCloseTo(1, 1);
    const pairs = new Set(
      delivered.map((line) => `${line['tgw-attachment-id']} ${line['tgw-pair-attachment-id']}`),
    );
    for (const pair of pairs) expect(pairs).toContain(pair.split(' ').reverse().join(' '));
  });

  test('counts packets to a deleted VPC as lost and has no destination for them', () => {
    const lost = TRANSIT.filter((line) => line['packets-lost-blackhole'] !== '0');
    expect(lost.length).toBeGreaterThan(0);
    for (const line of lost) {
      expect(line['packets-lost-blackhole']).toBe(line.packets);
      expect([line['tgw-dst-vpc-id'], line['tgw-pair-attachment-id'], line['flow-direction']]).toEqual([
        '-',
        '-',
        'ingress',
      ]);
    }
    expect(FLOWS.some((line) => line.srcaddr === '10.80.4.20')).toBe(false);
  });
});
