import { describe, expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

/** Bytes by `source > destination`, in the order of the answer. */
async function bytesByPair(params: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const rows = await ask('total-bytes-by-pair', { params });
  return Object.fromEntries(rows.map((row) => [`${row.source} > ${row.destination}`, row.bytes]));
}

const HOUR = 3600;
const away = { srcaddr: '10.0.0.1', dstaddr: '203.0.113.9', bytes: 100 };

test('both directions are pairs of their own, the largest first', async () => {
  await plant([
    flow({ srcaddr: '10.0.0.1', dstaddr: '203.0.113.9', bytes: 5, packets: 2 }),
    flow({
      srcaddr: '203.0.113.9',
      dstaddr: '10.0.0.1',
      srcport: 443,
      dstport: 40_000,
      bytes: 7,
      packets: 1,
    }),
    flow({
      srcaddr: '203.0.113.9',
      dstaddr: '10.0.0.1',
      srcport: 443,
      dstport: 40_001,
      bytes: 20,
      packets: 1,
    }),
  ]);
  expect(await ask('total-bytes-by-pair')).toEqual([
    { source: '203.0.113.9', destination: '10.0.0.1', bytes: 27, packets: 2, days: 1 },
    { source: '10.0.0.1', destination: '203.0.113.9', bytes: 5, packets: 2, days: 1 },
  ]);
});

describe.each([
  ['with flow-direction', true],
  ['in the default format', false],
])('%s', (_, withDirection) => {
  const at = (interface_id: string, flow_direction: string, record: LakeRecord) =>
    flow({ ...record, interface_id, ...(withDirection && { flow_direction }) });

  test('what both ends record counts once, also if one has no peer but the other', async () => {
    const record = { srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 1000 };
    await plant([
      at('eni-1', 'egress', record),
      at('eni-2', 'ingress', record),
      at('eni-1', 'egress', { srcaddr: '10.0.0.1', dstaddr: '10.0.0.3', bytes: 1 }),
    ]);
    expect(await bytesByPair()).toEqual({ '10.0.0.1 > 10.0.0.2': 1000, '10.0.0.1 > 10.0.0.3': 1 });
  });

  test('two flow logs over both ends count once', async () => {
    const record = { srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 1000 };
    const others = [
      at('eni-1', 'egress', { srcaddr: '10.0.0.1', dstaddr: '10.0.0.3', bytes: 1 }),
      at('eni-2', 'ingress', { srcaddr: '10.0.0.4', dstaddr: '10.0.0.2', bytes: 2 }),
    ];
    const all = [at('eni-1', 'egress', record), at('eni-2', 'ingress', record), ...others];
    await plant(all, objectOf('fl-0a'));
    await plant(all, objectOf('fl-0b'));
    expect(await bytesByPair()).toEqual({
      '10.0.0.1 > 10.0.0.2': 1000,
      '10.0.0.4 > 10.0.0.2': 2,
      '10.0.0.1 > 10.0.0.3': 1,
    });
  });
});

describe('two flow logs over one interface', () => {
  test('count once, although their intervals and objects differ', async () => {
    await plant([flow({ ...away, bytes: 60 })], objectOf('fl-0a', '1'));
    await plant([flow({ ...away, bytes: 40, start: FIVE_O_CLOCK + 60 })], objectOf('fl-0a', '2'));
    await plant([flow({ ...away, end: FIVE_O_CLOCK + 600 })], objectOf('fl-0b'));
    expect(await bytesByPair()).toEqual({ '10.0.0.1 > 203.0.113.9': 100 });
  });

  test('count once for the true ends, if one has them and the other has not', async () => {
    // The inside of a NAT gateway, to which the default format gives the gateway as the receiver.
    const inside = { interface_id: 'eni-nat', srcaddr: '10.0.1.5', dstaddr: '10.0.0.220' };
    await plant([flow({ ...inside, bytes: 101 })], objectOf('fl-0a'));
    await plant(
      [flow({ ...inside, bytes: 100, pkt_srcaddr: '10.0.1.5', pkt_dstaddr: '203.0.113.9' })],
      objectOf('fl-0b'),
    );
    expect(await bytesByPair()).toEqual({ '10.0.1.5 > 203.0.113.9': 100 });
  });

  test('that replace each other add up, hour by hour', async () => {
    await plant([flow(away)], objectOf('fl-0b'));
    await plant([flow({ ...away, bytes: 11, start: FIVE_O_CLOCK + HOUR })], objectOf('fl-0a'));
    expect(await bytesByPair()).toEqual({ '10.0.0.1 > 203.0.113.9': 111 });
  });

  test('add up if one logs what was accepted and the other what was rejected', async () => {
    await plant([flow(away)], objectOf('fl-0a'));
    await plant([flow({ ...away, action: 'REJECT', bytes: 9000 })], objectOf('fl-0b'));
    expect(await bytesByPair()).toEqual({ '10.0.0.1 > 203.0.113.9': 100 });
  });

  test('cannot be told from flow logs of two VPCs in a format without interfaces, so nothing is left out', async () => {
    const { interface_id: _, ...record } = flow(away);
    await plant([record], objectOf('fl-0a'));
    await plant([{ ...record, srcaddr: '10.7.0.1' }], objectOf('fl-0b'));
    expect(await bytesByPair()).toEqual({ '10.0.0.1 > 203.0.113.9': 100, '10.7.0.1 > 203.0.113.9': 100 });
  });
});

describe.each([
  ['with flow-direction', { flow_direction: 'egress' }, { flow_direction: 'ingress' }],
  ['in the default format', {}, {}],
])('%s, a flow log that covers a part of the day', (_, leaves, arrives) => {
  const between = { srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 1000 };
  const inHours = (hours: readonly number[], record: LakeRecord) =>
    hours.map((hour) => flow({ ...record, start: FIVE_O_CLOCK + hour * HOUR }));
  const ALL = [0, 1, 2, 3, 4, 5];
  const atSource = (hours: readonly number[]) => [
    ...inHours(hours, { ...between, ...leaves, interface_id: 'eni-1' }),
    ...inHours(hours, {
      ...leaves,
      interface_id: 'eni-1',
      srcaddr: '10.0.0.1',
      dstaddr: '10.0.0.3',
      bytes: 1,
    }),
  ];
  const atTarget = (hours: readonly number[]) => [
    ...inHours(hours, { ...between, ...arrives, interface_id: 'eni-2' }),
    ...inHours(hours, {
      ...arrives,
      interface_id: 'eni-2',
      srcaddr: '10.0.0.4',
      dstaddr: '10.0.0.2',
      bytes: 1,
    }),
  ];

  test('at the source leaves the other hours to that of the target', async () => {
    await plant(atSource([4]), objectOf('fl-0a'));
    await plant(atTarget(ALL), objectOf('fl-0b'));
    expect(await bytesByPair()).toMatchObject({ '10.0.0.1 > 10.0.0.2': 6000 });
  });

  test('at the target adds nothing where the source is logged', async () => {
    await plant(atSource(ALL), objectOf('fl-0a'));
    await plant(atTarget([4]), objectOf('fl-0b'));
    expect(await bytesByPair()).toMatchObject({ '10.0.0.1 > 10.0.0.2': 6000 });
  });

  test('counts once what the ends begin in different hours', async () => {
    await plant(atSource(ALL).slice(1), objectOf('fl-0a'));
    await plant([...atTarget([2]), ...atTarget([0])], objectOf('fl-0b'));
    // The source is logged in the hour in which the target alone has a record: it has recorded that flow in another.
    expect(await bytesByPair()).toMatchObject({ '10.0.0.1 > 10.0.0.2': 5000 });
  });
});

test('flow logs of different interfaces add up', async () => {
  await plant([flow(away)], objectOf('fl-0a'));
  await plant([flow({ ...away, interface_id: 'eni-other-vpc' })], objectOf('fl-0b'));
  expect(await bytesByPair()).toEqual({ '10.0.0.1 > 203.0.113.9': 200 });
});

test('through a NAT gateway the true ends count once, whichever of its sides and ends are logged', async () => {
  const ends = (srcaddr: string, dstaddr: string, pkt_srcaddr: string, pkt_dstaddr: string) =>
    flow({ srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr, bytes: 10 });
  const gateway = [
    { ...ends('10.0.1.5', '10.0.0.220', '10.0.1.5', '203.0.113.5'), interface_id: 'eni-nat' },
    { ...ends('10.0.0.220', '203.0.113.5', '10.0.0.220', '203.0.113.5'), interface_id: 'eni-nat' },
  ];
  await plant(gateway);
  expect(await bytesByPair()).toEqual({ '10.0.1.5 > 203.0.113.5': 10 });
  await plant([{ ...ends('10.0.1.5', '203.0.113.5', '10.0.1.5', '203.0.113.5'), interface_id: 'eni-i' }]);
  expect(await bytesByPair()).toEqual({ '10.0.1.5 > 203.0.113.5': 10 });
});

test('a network narrows the list to pairs with an end in it', async () => {
  await plant([
    flow({ srcaddr: '10.0.0.1', dstaddr: '203.0.113.9', bytes: 5 }),
    flow({ srcaddr: '198.51.100.7', dstaddr: '10.0.0.1', bytes: 6 }),
  ]);
  expect(await bytesByPair({ network: '203.0.113.0/24' })).toEqual({ '10.0.0.1 > 203.0.113.9': 5 });
  expect(Object.keys(await bytesByPair({ network: '10.0.0.0/8' }))).toHaveLength(2);
});

test('nothing is there when nothing got through', async () => {
  await plant([flow({ action: 'REJECT' })]);
  expect(await ask('total-bytes-by-pair')).toEqual([]);
});
