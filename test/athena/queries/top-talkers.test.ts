import { describe, expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();

async function bytesByAddress(params: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const rows = await ask('top-talkers', { params });
  return Object.fromEntries(rows.map((row) => [row.address, [row.bytes_sent, row.bytes_received]]));
}

/** The same flow as two interfaces in logged subnets see it. */
function bothEnds(record: LakeRecord, source: string, target: string, withDirection: boolean): LakeRecord[] {
  const direction = (value: string) => (withDirection ? { flow_direction: value } : {});
  return [
    flow({ ...record, interface_id: source, ...direction('egress') }),
    flow({ ...record, interface_id: target, ...direction('ingress') }),
  ];
}

describe.each([
  ['with flow-direction', true],
  ['in the default format, without flow-direction', false],
])('%s', (_, withDirection) => {
  test('a flow that is recorded at both ends counts once', async () => {
    await plant([
      ...bothEnds({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 1000 }, 'eni-1', 'eni-2', withDirection),
      ...bothEnds({ srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', bytes: 70 }, 'eni-2', 'eni-1', withDirection),
      ...bothEnds({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.3', bytes: 200 }, 'eni-1', 'eni-3', withDirection),
      ...bothEnds({ srcaddr: '10.0.0.3', dstaddr: '10.0.0.2', bytes: 5 }, 'eni-3', 'eni-2', withDirection),
    ]);
    expect(await bytesByAddress()).toEqual({
      '10.0.0.1': [1200, 70],
      '10.0.0.2': [70, 1005],
      '10.0.0.3': [5, 200],
    });
  });

  test('a flow from outside counts where it arrives', async () => {
    await plant([
      flow({
        srcaddr: '203.0.113.9',
        dstaddr: '10.0.0.2',
        bytes: 40,
        ...(withDirection && { flow_direction: 'ingress' }),
      }),
      flow({
        srcaddr: '10.0.0.2',
        dstaddr: '203.0.113.9',
        bytes: 900,
        ...(withDirection && { flow_direction: 'egress' }),
      }),
    ]);
    expect(await bytesByAddress()).toEqual({ '10.0.0.2': [900, 40], '203.0.113.9': [40, 900] });
  });

  test('equal addresses in two separate VPCs add up instead of hiding each other', async () => {
    const traffic = (vpc: string) => [
      ...bothEnds(
        { srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 100 },
        `eni-${vpc}1`,
        `eni-${vpc}2`,
        withDirection,
      ),
      ...bothEnds(
        { srcaddr: '10.0.0.1', dstaddr: '10.0.0.3', bytes: 1 },
        `eni-${vpc}1`,
        `eni-${vpc}3`,
        withDirection,
      ),
      // A second family at the same interface must not hide which address is its own.
      ...bothEnds(
        { srcaddr: '2001:db8::1', dstaddr: `2001:db8:${vpc}::2`, bytes: 8 },
        `eni-${vpc}1`,
        `eni-${vpc}2`,
        withDirection,
      ),
    ];
    await plant([...traffic('a'), ...traffic('b')]);
    expect(await bytesByAddress()).toEqual({
      '10.0.0.1': [202, 0],
      '10.0.0.2': [0, 200],
      '10.0.0.3': [0, 2],
      '2001:db8::1': [16, 0],
      '2001:db8:a::2': [0, 8],
      '2001:db8:b::2': [0, 8],
    });
  });

  test('traffic through a NAT gateway counts once, for its true ends', async () => {
    // Example E of the format reference with bytes: the gateway's four records, then the instance's two.
    const gateway = { interface_id: 'eni-nat' };
    const instance = { interface_id: 'eni-i', instance_id: 'i-1' };
    const out = withDirection ? { flow_direction: 'egress' } : {};
    const into = withDirection ? { flow_direction: 'ingress' } : {};
    const up = { bytes: 10 };
    const down = { bytes: 5000 };
    const ends = (srcaddr: string, dstaddr: string, pkt_srcaddr: string, pkt_dstaddr: string) => ({
      srcaddr,
      dstaddr,
      pkt_srcaddr,
      pkt_dstaddr,
    });
    await plant([
      flow({ ...gateway, ...into, ...up, ...ends('10.0.1.5', '10.0.0.220', '10.0.1.5', '203.0.113.5') }),
      flow({ ...gateway, ...out, ...up, ...ends('10.0.0.220', '203.0.113.5', '10.0.0.220', '203.0.113.5') }),
      flow({
        ...gateway,
        ...into,
        ...down,
        ...ends('203.0.113.5', '10.0.0.220', '203.0.113.5', '10.0.0.220'),
      }),
      flow({ ...gateway, ...out, ...down, ...ends('10.0.0.220', '10.0.1.5', '203.0.113.5', '10.0.1.5') }),
      flow({ ...instance, ...out, ...up, ...ends('10.0.1.5', '203.0.113.5', '10.0.1.5', '203.0.113.5') }),
      flow({ ...instance, ...into, ...down, ...ends('203.0.113.5', '10.0.1.5', '203.0.113.5', '10.0.1.5') }),
    ]);
    expect(await bytesByAddress()).toEqual({ '10.0.1.5': [10, 5000], '203.0.113.5': [5000, 10] });
  });

  test('without pkt-* fields a NAT gateway is a talker, but the instances behind it count once', async () => {
    const record = (
      interface_id: string,
      flow_direction: string,
      srcaddr: string,
      dstaddr: string,
      bytes: number,
    ) => flow({ interface_id, srcaddr, dstaddr, bytes, ...(withDirection && { flow_direction }) });
    const throughGateway = (instance: string, host: string, up: number, down: number) => [
      record(`eni-${instance}`, 'egress', instance, host, up),
      record('eni-nat', 'ingress', instance, '10.0.0.220', up),
      record('eni-nat', 'egress', '10.0.0.220', host, up),
      record('eni-nat', 'ingress', host, '10.0.0.220', down),
      record('eni-nat', 'egress', '10.0.0.220', instance, down),
      record(`eni-${instance}`, 'ingress', host, instance, down),
    ];
    const direct = (source: string, target: string, bytes: number) =>
      bothEnds({ srcaddr: source, dstaddr: target, bytes }, `eni-${source}`, `eni-${target}`, withDirection);
    await plant([
      ...throughGateway('10.0.1.5', '203.0.113.5', 10, 5000),
      ...throughGateway('10.0.1.6', '203.0.113.7', 300, 20),
      ...direct('10.0.1.5', '10.0.1.6', 4),
      // This subnet has no flow log: the gateway's record is all there is.
      record('eni-nat', 'ingress', '10.0.2.9', '10.0.0.220', 7),
      // Sent and recorded, but the target rejects it: still sent by 10.0.1.5.
      record('eni-10.0.1.5', 'egress', '10.0.1.5', '10.0.1.8', 1),
      ...direct('10.0.1.8', '10.0.1.6', 60),
      ...direct('10.0.1.8', '10.0.1.7', 600),
    ]);
    expect(await bytesByAddress()).toEqual({
      '10.0.1.5': [10 + 4 + 1, 5000],
      '10.0.1.6': [300, 20 + 4 + 60],
      '10.0.1.7': [0, 600],
      '10.0.1.8': [660, 1],
      '10.0.2.9': [7, 0],
      '10.0.0.220': [10 + 300, 5000 + 20 + 7],
      '203.0.113.5': [2 * 5000, 2 * 10],
      '203.0.113.7': [2 * 20, 2 * 300],
    });
  });

  test('IPv6 addresses count like others', async () => {
    await plant([
      ...bothEnds(
        { srcaddr: '2001:db8::1', dstaddr: '2001:db8::2', bytes: 300 },
        'eni-1',
        'eni-2',
        withDirection,
      ),
      ...bothEnds(
        { srcaddr: '2001:db8::1', dstaddr: '2001:db8::3', bytes: 7 },
        'eni-1',
        'eni-3',
        withDirection,
      ),
      // The same interfaces speak IPv4, too.
      ...bothEnds({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 11 }, 'eni-1', 'eni-2', withDirection),
    ]);
    expect(await bytesByAddress()).toEqual({
      '2001:db8::1': [307, 0],
      '2001:db8::2': [0, 300],
      '2001:db8::3': [0, 7],
      '10.0.0.1': [11, 0],
      '10.0.0.2': [0, 11],
    });
  });
});

test('two interfaces that only see each other count their traffic once', async () => {
  await plant([
    ...bothEnds({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 1000 }, 'eni-1', 'eni-2', false),
    ...bothEnds({ srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', bytes: 70 }, 'eni-2', 'eni-1', false),
  ]);
  expect(await bytesByAddress()).toEqual({ '10.0.0.1': [1000, 70], '10.0.0.2': [70, 1000] });
});

test('traffic across a transit gateway counts once although the attachments record it, too', async () => {
  // Example G of the format reference, and the client's own interface.
  const ends = { pkt_srcaddr: '10.20.33.164', pkt_dstaddr: '10.40.2.236', bytes: 500 };
  await plant([
    flow({
      interface_id: 'eni-c',
      srcaddr: '10.20.33.164',
      dstaddr: '10.40.2.236',
      ...ends,
      flow_direction: 'egress',
    }),
    flow({
      interface_id: 'eni-a1',
      srcaddr: '10.40.1.175',
      dstaddr: '10.40.2.236',
      ...ends,
      flow_direction: 'egress',
    }),
    flow({
      interface_id: 'eni-s',
      srcaddr: '10.20.33.164',
      dstaddr: '10.40.2.236',
      ...ends,
      flow_direction: 'ingress',
    }),
  ]);
  expect(await bytesByAddress()).toEqual({ '10.20.33.164': [500, 0], '10.40.2.236': [0, 500] });
});

test('a regional NAT gateway is no talker of its own', async () => {
  // Example F of the format reference, outward: inside and public side at the gateway, then the instance.
  const through = (srcaddr: string) => ({
    srcaddr,
    dstaddr: '203.0.113.5',
    pkt_srcaddr: srcaddr,
    pkt_dstaddr: '203.0.113.5',
  });
  const { interface_id: _, ...atGateway } = flow({ resource_id: 'nat-1', bytes: 80 });
  await plant([
    { ...atGateway, ...through('10.0.1.5') },
    { ...atGateway, ...through('107.22.182.139') },
    flow({ ...through('10.0.1.5'), interface_id: 'eni-i', bytes: 80, flow_direction: 'egress' }),
  ]);
  expect(await bytesByAddress()).toEqual({ '10.0.1.5': [80, 0], '203.0.113.5': [0, 80] });
});

test('with pkt-* fields what a logged source lost counts where it arrives', async () => {
  const record = (srcaddr: string, dstaddr: string) => ({
    srcaddr,
    dstaddr,
    pkt_srcaddr: srcaddr,
    pkt_dstaddr: dstaddr,
    bytes: 30,
  });
  await plant([
    ...bothEnds(record('10.0.0.1', '10.0.0.2'), 'eni-1', 'eni-2', true),
    flow({ ...record('10.0.0.1', '10.0.0.3'), interface_id: 'eni-3', flow_direction: 'ingress' }),
  ]);
  expect(await bytesByAddress()).toEqual({
    '10.0.0.1': [60, 0],
    '10.0.0.2': [0, 30],
    '10.0.0.3': [0, 30],
  });
});

test('each day picks its own best place, so a flow log that starts late hides nothing', async () => {
  const nextDay = FIVE_O_CLOCK + 86_400;
  const record = { srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 100 };
  await plant([
    flow({ ...record, interface_id: 'eni-2', flow_direction: 'ingress' }),
    flow({ ...record, interface_id: 'eni-2', flow_direction: 'ingress', start: nextDay }),
    flow({ ...record, interface_id: 'eni-1', flow_direction: 'egress', start: nextDay }),
  ]);
  expect(await bytesByAddress()).toEqual({ '10.0.0.1': [200, 0], '10.0.0.2': [0, 200] });
});

test('the most bytes come first, exact beyond 2^53, up to the limit', async () => {
  await plant([
    flow({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.9', bytes: 5, packets: 2, flow_direction: 'egress' }),
    flow({
      srcaddr: '10.0.0.2',
      dstaddr: '10.0.0.9',
      bytes: 9_007_199_254_740_993n,
      packets: 3,
      flow_direction: 'ingress',
    }),
  ]);
  expect(await ask('top-talkers', { params: { limit: '2' } })).toEqual([
    {
      address: '10.0.0.9',
      bytes: 9_007_199_254_740_998n,
      bytes_sent: 0,
      bytes_received: 9_007_199_254_740_998n,
      packets: 5,
      peers: 2,
    },
    {
      address: '10.0.0.2',
      bytes: 9_007_199_254_740_993n,
      bytes_sent: 9_007_199_254_740_993n,
      bytes_received: 0,
      packets: 3,
      peers: 1,
    },
  ]);
});

test('a network narrows the list without changing the sums', async () => {
  await plant([
    flow({ srcaddr: '10.0.0.1', dstaddr: '203.0.113.9', bytes: 5 }),
    flow({ srcaddr: '10.0.0.1', dstaddr: '2001:db8::1' }),
  ]);
  expect(await bytesByAddress({ network: '203.0.113.0/24' })).toEqual({ '203.0.113.9': [0, 5] });
});

test('rejected traffic, lost data and idle interfaces are no talkers', async () => {
  const { srcaddr: _, dstaddr: __, ...noAddresses } = flow({});
  await plant([
    flow({ action: 'REJECT' }),
    { ...noAddresses, log_status: 'NODATA' },
    { ...noAddresses, log_status: 'SKIPDATA' },
  ]);
  expect(await ask('top-talkers')).toEqual([]);
});

test('a format without bytes gives talkers without bytes', async () => {
  await plant([{ srcaddr: '10.0.0.1', dstaddr: '10.0.0.2' }]);
  expect(await ask('top-talkers')).toMatchObject([
    { address: '10.0.0.1', bytes: null, packets: null, peers: 1 },
    { address: '10.0.0.2', bytes: null, packets: null, peers: 1 },
  ]);
});
