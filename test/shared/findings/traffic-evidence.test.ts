/** What the line loop learns of an object's traffic, held against a model of Maps and Sets. */

import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { findingColumns } from '../../../shared/findings/columns.ts';
import {
  DESTINATION,
  type End,
  SOURCE,
  servingEndByPorts,
  UNCLEAR,
} from '../../../shared/findings/connection.ts';
import type { ServiceSide } from '../../../shared/findings/finding.ts';
import type { Resource } from '../../../shared/findings/resource.ts';
import { createTrafficEvidence, emptyMark } from '../../../shared/findings/traffic-evidence.ts';
import { createTransform } from '../../../shared/flow-log/transform.ts';
import * as at from '../../../shared/line-loop/layout.ts';
import { borrowLineLoop, type LineLoop } from '../../../shared/line-loop/line-loop.ts';
import { CONTEXT, formatOf, startObserving } from './observe-text.ts';

const HEADER =
  'interface-id srcaddr dstaddr srcport dstport protocol action log-status account-id region vpc-id subnet-id instance-id';

interface Flow {
  readonly eni: string;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  /** Account, Region, VPC, subnet and instance; dashes unless given. */
  readonly facts?: readonly string[];
}

const NO_FACTS = ['-', '-', '-', '-', '-'];

function lineOf(flow: Flow, action: string): string {
  const { eni, source, destination, sourcePort, destinationPort, protocol, facts = NO_FACTS } = flow;
  const tokens = [eni, source, destination, sourcePort, destinationPort, protocol, action, 'OK', ...facts];
  return `${tokens.join(' ')}\n`;
}

/** The same conversation's other direction. */
function oppositeOf(flow: Flow): Flow {
  return {
    ...flow,
    source: flow.destination,
    destination: flow.source,
    sourcePort: flow.destinationPort,
    destinationPort: flow.sourcePort,
  };
}

/** What the evidence says about a flow that is rejected now. */
interface Answer {
  readonly resource: Resource | undefined;
  readonly wasAccepted: boolean;
  readonly wasOppositeAccepted: boolean;
  readonly ownEnd: End;
  /** Accepted flows to the flow's destination port. */
  readonly accepted: Readonly<Record<ServiceSide, number>>;
}

const loops: LineLoop[] = [];

function borrowed(): LineLoop {
  const loop = borrowLineLoop();
  loops.push(loop);
  return loop;
}

afterEach(() => {
  for (const loop of loops.splice(0)) loop.release();
});

/** Traffic through the transformation, and questions in between. */
function watchTraffic(loop: LineLoop = borrowed()) {
  const evidence = createTrafficEvidence(loop);
  const columns = findingColumns(formatOf(HEADER));
  let answer: Answer | undefined;
  const transform = createTransform({
    loop,
    headerlessFormat: undefined,
    earliest: 0,
    latest: Number.POSITIVE_INFINITY,
    objectTime: 0,
    sink: {
      formatChanged: () => evidence.columnsChanged(columns),
      openPartition: () => true,
      records() {},
      quarantine: ({ reason, line }) => expect.fail(`${reason}: ${line}`),
    },
  });
  let asked: Flow | undefined;
  loop.events.noteworthy = (what) => {
    if (what !== at.REJECTED) return;
    const mark = emptyMark();
    evidence.mark(loop.view, mark);
    const accepted = (side: ServiceSide) =>
      evidence.acceptedFlows(mark.resource, asked!.protocol, asked!.destinationPort, side);
    answer = {
      resource: mark.resource,
      wasAccepted: evidence.wasAccepted(mark, asked!),
      wasOppositeAccepted: evidence.wasOppositeAccepted(mark, asked!),
      ownEnd: evidence.ownEnd(mark),
      accepted: { own: accepted('own'), peer: accepted('peer'), unknown: accepted('unknown') },
    };
  };
  transform.push(Buffer.from(`${HEADER}\n`));
  return {
    accept: (...flows: readonly Flow[]) =>
      transform.push(Buffer.from(flows.map((flow) => lineOf(flow, 'ACCEPT')).join(''))),
    /** Rejects the flow and tells what is known of it by then. */
    reject(flow: Flow): Answer {
      asked = flow;
      transform.push(Buffer.from(lineOf(flow, 'REJECT')));
      return answer!;
    },
    end: () => transform.end(),
  };
}

const ipv4 = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');

/** A flow for each number, all different. */
function flowOf(index: number): Flow {
  return {
    eni: `eni-${index % 7}`,
    source: ipv4(Math.imul(index, 0x9e3779b1)),
    destination: '10.0.0.1',
    sourcePort: 1024 + (index % 60_000),
    destinationPort: 443,
    protocol: 6,
  };
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

describe('accepted flows', () => {
  test.each([1, 1000, 2047, 2048, 2049, 4096, 5000])(
    'of %i nearly all are known, and no other is',
    (count) => {
      const traffic = watchTraffic();
      traffic.accept(...numbers(count).map(flowOf));
      const known = numbers(count).filter((index) => traffic.reject(flowOf(index)).wasAccepted);
      // In a large object a newer flow may take an older one's place: two of 2^17 places, so rarely.
      expect(known.length).toBeGreaterThanOrEqual(count < 2048 ? count : Math.floor(count * 0.97));
      for (const index of numbers(1000, count)) {
        expect(traffic.reject(flowOf(index))).toMatchObject({
          wasAccepted: false,
          wasOppositeAccepted: false,
        });
      }
    },
  );

  test('the latest one is always known, also from its opposite', () => {
    const traffic = watchTraffic();
    for (const index of numbers(6000)) {
      traffic.accept(flowOf(index));
      expect(traffic.reject(flowOf(index)).wasAccepted).toBe(true);
      expect(traffic.reject(oppositeOf(flowOf(index))).wasOppositeAccepted).toBe(true);
    }
  });

  test.each<[string, Partial<Flow>]>([
    ['interface', { eni: 'eni-9' }],
    ['source', { source: '10.9.9.9' }],
    ['destination', { destination: '10.0.0.2' }],
    ['source port', { sourcePort: 1 }],
    ['destination port', { destinationPort: 80 }],
    ['protocol', { protocol: 17 }],
  ])('a flow of another %s is another one', (_, other) => {
    const traffic = watchTraffic();
    traffic.accept(flowOf(1));
    expect(traffic.reject({ ...flowOf(1), ...other }).wasAccepted).toBe(false);
    expect(traffic.reject(flowOf(1)).wasAccepted).toBe(true);
  });
});

/** What is known of one interface. */
interface KnownInterface {
  readonly facts: (string | undefined)[];
  hasTraffic: boolean;
  readonly families: Map<'ipv4' | 'ipv6', Family>;
}

interface Family {
  /** The addresses that all records so far have in common. */
  readonly candidates: Set<string>;
  readonly accepted: { protocol: number; port: number; server: string }[];
}

/** The plainest way to learn the same. */
function createModel() {
  const interfaces = new Map<string, KnownInterface>();
  const accepted = new Set<string>();
  const keyOf = ({ facts: _, ...flow }: Flow) => JSON.stringify(Object.entries(flow).sort());

  function learn(flow: Flow): { known: KnownInterface; family: Family } {
    const known = interfaces.get(flow.eni) ?? { facts: [], hasTraffic: false, families: new Map() };
    interfaces.set(flow.eni, known);
    const name = flow.source.includes(':') ? 'ipv6' : 'ipv4';
    const ends = new Set([flow.source, flow.destination]);
    const family = known.families.get(name) ?? { candidates: ends, accepted: [] };
    known.families.set(name, { ...family, candidates: family.candidates.intersection(ends) });
    return { known, family: known.families.get(name)! };
  }

  function learnFacts(known: KnownInterface, { facts = NO_FACTS }: Flow): void {
    for (const [index, fact] of facts.entries()) {
      if (fact !== '-') known.facts[index] ??= fact;
    }
  }

  const ownOf = ({ candidates }: Family) => (candidates.size === 1 ? [...candidates][0] : undefined);

  return {
    accept(flow: Flow): void {
      const { known, family } = learn(flow);
      // Of accepted flows only the first one is looked at.
      if (!known.hasTraffic) learnFacts(known, flow);
      known.hasTraffic = true;
      accepted.add(keyOf(flow));
      const isSource = servingEndByPorts(flow.sourcePort, flow.destinationPort) === SOURCE;
      family.accepted.push({
        protocol: flow.protocol,
        port: isSource ? flow.sourcePort : flow.destinationPort,
        server: isSource ? flow.source : flow.destination,
      });
    },
    reject(flow: Flow) {
      const { known, family } = learn(flow);
      known.hasTraffic = true;
      learnFacts(known, flow);
      const count = (side: ServiceSide) =>
        [...known.families.values()].reduce((sum, each) => {
          const own = ownOf(each);
          const toPort = each.accepted.filter(
            ({ protocol, port }) => protocol === flow.protocol && port === flow.destinationPort,
          );
          const isCounted = (server: string) =>
            side === 'unknown' || own === undefined || (server === own) === (side === 'own');
          return sum + toPort.filter(({ server }) => isCounted(server)).length;
        }, 0);
      const own = ownOf(family);
      return {
        facts: Array.from({ length: 5 }, (_, index) => known.facts[index]),
        wasAccepted: accepted.has(keyOf(flow)),
        wasOppositeAccepted: accepted.has(keyOf(oppositeOf(flow))),
        ownEnd: own === undefined ? UNCLEAR : own === flow.source ? SOURCE : DESTINATION,
        accepted: { own: count('own'), peer: count('peer'), unknown: count('unknown') },
      };
    },
  };
}

describe('against the model', () => {
  // Few of everything, so that flows meet. One flow in a thousand may have the same place as another.
  const ends = fc.oneof(
    fc.tuple(
      fc.constantFrom('10.0.0.1', '10.0.0.2', '192.0.2.7'),
      fc.constantFrom('10.0.0.1', '198.51.100.255'),
    ),
    fc.tuple(fc.constantFrom('2001:db8::1', '::'), fc.constantFrom('2001:db8::2', '2001:db8::1')),
  );
  const port = fc.constantFrom(0, 53, 443, 8443, 32767, 32768, 40_000, 65_535);
  const fact = fc.constantFrom('-', '-', 'a', 'b');
  const flow = fc
    .record({
      eni: fc.constantFrom('eni-1', 'eni-2', 'eni-0123456789abcdef0'),
      ends,
      isOpposite: fc.boolean(),
      sourcePort: port,
      destinationPort: port,
      protocol: fc.constantFrom(1, 6, 17, 255),
      facts: fc.tuple(fact, fact, fact, fact, fact),
    })
    .map(({ ends: [source, destination], isOpposite, ...rest }): Flow => {
      const straight = { ...rest, source, destination };
      return isOpposite ? oppositeOf(straight) : straight;
    });
  const records = fc.array(fc.record({ flow, isRejected: fc.boolean() }), { minLength: 1, maxLength: 40 });

  test('after any records all that is asked about a rejected flow is what Maps and Sets say', () => {
    fc.assert(
      fc.property(records, (all) => {
        const loop = borrowLineLoop();
        const traffic = watchTraffic(loop);
        const model = createModel();
        for (const { flow, isRejected } of all) {
          if (!isRejected) {
            traffic.accept(flow);
            model.accept(flow);
            continue;
          }
          const { resource, ...answer } = traffic.reject(flow);
          const { accountId, region, vpcId, subnetId, instanceId } = resource!;
          const facts = [accountId, region, vpcId, subnetId, instanceId];
          expect({ ...answer, facts }).toEqual(model.reject(flow));
        }
        loop.release();
      }),
      { seed: 6, numRuns: 400 },
    );
  });

  test('accepted flows are counted by interface, port and protocol, at whatever size of the table', () => {
    const traffic = watchTraffic();
    // So many keys that the table has grown as far as it can; counts of 1 to 3.
    const keys = numbers(at.MOST_PORT_KEYS).map((index) => ({
      flow: {
        eni: `eni-${index % 16}`,
        source: '192.0.2.1',
        destination: '10.0.0.1',
        sourcePort: 65_535,
        destinationPort: 1 + ((index * 7) % 65_535),
        protocol: index % 3 === 0 ? 6 : 17,
      },
      count: 1 + (index % 3),
    }));
    const expected = new Map<string, number>();
    const keyOf = ({ eni, destinationPort, protocol }: Flow) => `${eni} ${destinationPort} ${protocol}`;
    const check = (upTo: number) => {
      for (const { flow } of keys.slice(0, upTo)) {
        expect([flow, traffic.reject(flow).accepted.unknown]).toEqual([flow, expected.get(keyOf(flow))]);
      }
    };
    for (const [index, { flow, count }] of keys.entries()) {
      traffic.accept(...numbers(count).map(() => flow));
      expected.set(keyOf(flow), (expected.get(keyOf(flow)) ?? 0) + count);
      // The table doubles when three quarters are taken: 96, 192, 384…
      const doublings = Math.log2((index + 1) / 96);
      if (doublings === 0 || doublings === 1 || doublings === 5) for (const by of [0, 1]) check(index + by);
    }
    expect(expected.size).toBe(at.MOST_PORT_KEYS);
    check(keys.length);
    // It is full now: what is in it is counted on, what is new is not.
    const [first] = keys;
    const other = { ...first!.flow, eni: 'eni-new' };
    traffic.accept(first!.flow, other);
    expect(traffic.reject(first!.flow).accepted.unknown).toBe(first!.count + 1);
    expect(traffic.reject(other).accepted.unknown).toBe(0);
  });

  test('interfaces are told apart at whatever size of their table, and up to its end', () => {
    const traffic = watchTraffic();
    const interfaceOf = (index: number): Flow => ({
      ...flowOf(1),
      eni: `eni-${index}`,
      destination: ipv4(index),
      facts: [`${index}`, '-', `vpc-${index % 100}`, '-', '-'],
    });
    const check = (index: number) => {
      const { resource, wasAccepted, accepted } = traffic.reject(interfaceOf(index));
      expect([resource?.id, resource?.number, resource?.accountId, resource?.vpcId]).toEqual([
        `eni-${index}`,
        index < at.MOST_RESOURCES ? index : -1,
        `${index}`,
        `vpc-${index % 100}`,
      ]);
      // Of those beyond the end nothing is known but what the record itself says.
      expect([wasAccepted, accepted.unknown]).toEqual(index < at.MOST_RESOURCES ? [true, 1] : [false, 0]);
    };
    const count = at.MOST_RESOURCES + 3;
    for (const index of numbers(count)) {
      traffic.accept(interfaceOf(index));
      check(index);
      // The table doubles when half of it is taken: 64, 128, 256…
      if (Number.isInteger(Math.log2(index / 64))) for (const earlier of numbers(index)) checkId(earlier);
    }
    for (const index of numbers(count)) checkId(index);

    function checkId(index: number): void {
      const { resource } = traffic.reject(interfaceOf(index));
      expect(resource?.number).toBe(index < at.MOST_RESOURCES ? index : -1);
    }
  });
});

describe('a loop that is used again', () => {
  const observed = numbers(30).flatMap((index) => [
    lineOf({ ...flowOf(index), protocol: 17 }, index % 3 === 0 ? 'REJECT' : 'ACCEPT'),
    lineOf({ ...oppositeOf(flowOf(index)), protocol: 17 }, index % 2 === 0 ? 'REJECT' : 'ACCEPT'),
  ]);

  /** A way to borrow a loop that no other test has used. Given back, it is the next to be borrowed. */
  async function freshLoops(): Promise<() => LineLoop> {
    vi.resetModules();
    const fresh: typeof import('../../../shared/line-loop/line-loop.ts') = await import(
      '../../../shared/line-loop/line-loop.ts'
    );
    return fresh.borrowLineLoop;
  }

  /** An object's way through the loop; `takeRecords` gets what it yields. */
  function watchObject(loop: LineLoop, takeRecords: (records: string) => void) {
    const observed = startObserving(loop, CONTEXT, takeRecords);
    observed.push(HEADER);
    return {
      push: (lines: readonly string[]) => observed.push(lines.join('')),
      end: () => ({ findings: observed.end().findings, times: loop.times() }),
    };
  }

  /** All that becomes of one and the same object. */
  function outcomeIn(loop: LineLoop) {
    const records: string[] = [];
    const object = watchObject(loop, (text) => records.push(text));
    object.push(observed);
    return { ...object.end(), records: records.join('') };
  }

  const traffic = (count: number) => [
    ...observed,
    ...numbers(count).flatMap((index) => [
      lineOf({ ...flowOf(index), eni: `eni-${index}`, destinationPort: 1 + (index % 60_000) }, 'ACCEPT'),
      lineOf({ ...flowOf(index), protocol: 17 }, 'ACCEPT'),
    ]),
  ];

  function expectForgotten(loop: LineLoop): void {
    for (const [from, to] of [
      [at.RESOURCES_AT, at.FLOWS_AT],
      [at.FLOWS_AT, at.FLOWS_AT + at.FLOW_PLACES * 4],
      [at.PORT_TABLE_AT, at.OLD_PORT_TABLE_AT],
    ]) {
      expect(loop.bytes.subarray(from, to).every((byte) => byte === 0)).toBe(true);
    }
  }

  test.each([0, 3, 100, 1023, 1024, 3000, 20_000])(
    'has forgotten an object of %i interfaces',
    async (count) => {
      const borrow = await freshLoops();
      const loop = borrow();
      const expected = outcomeIn(loop);
      loop.release();
      expect(borrow()).toBe(loop);
      const busy = watchObject(loop, () => {});
      busy.push(traffic(count));
      expect(busy.end().findings.length).toBeGreaterThan(0);
      loop.release();
      expectForgotten(loop);
      expect(borrow()).toBe(loop);
      expect(outcomeIn(loop)).toEqual(expected);
    },
  );

  test.each<[string, readonly string[]]>([
    ['names a column twice', [...observed, 'bytes bytes\n']],
    ['a store that fails', traffic(5000)],
  ])('has forgotten an object that failed in its middle: %s', async (why, lines) => {
    const borrow = await freshLoops();
    const loop = borrow();
    const expected = outcomeIn(loop);
    loop.release();
    expect(borrow()).toBe(loop);
    let handedOver = 0;
    const object = watchObject(loop, () => {
      if (++handedOver === 3) throw new Error('a store that fails');
    });
    expect(() => object.push(lines)).toThrow(why.includes('twice') ? 'twice' : why);
    loop.release();
    expectForgotten(loop);
    expect(borrow()).toBe(loop);
    expect(outcomeIn(loop)).toEqual(expected);
  });
});
