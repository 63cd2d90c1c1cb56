import { describe, expect, test } from 'vitest';
import type { LakeRecord } from '../../local/lake-fixture.ts';
import { ask, BUSY_A, BUSY_B, busy, HOUR, NOON, only, P1, P2, plant, rules, useLake } from './asked-lake.ts';

useLake();

const networkInterface = (id: string, addresses: readonly string[], changes: object = {}) => ({
  ...{ NetworkInterfaceId: id, OwnerId: '111122223333', VpcId: 'vpc-1', PrivateIpAddress: addresses[0] },
  PrivateIpAddresses: addresses.map((PrivateIpAddress) => ({ PrivateIpAddress })),
  ...changes,
});
const inventoryOf = (...NetworkInterfaces: object[]) => [{ NetworkInterfaces }];
/** The reply to P2, where it leaves. */
const P3 = (changes: LakeRecord = {}) =>
  P2({ ...turned(), flow_direction: 'egress', tcp_flags: 18, ...changes });
const P4 = (changes: LakeRecord = {}) =>
  P1({ ...turned(), flow_direction: 'ingress', tcp_flags: 18, ...changes });
function turned(): LakeRecord {
  return { srcaddr: '10.0.2.7', dstaddr: '10.0.1.5', srcport: 5432, dstport: 40_000 };
}

describe('an interface with the right address', () => {
  const elsewhere = { vpc_id: 'vpc-9', subnet_id: 'subnet-z' };
  const decoy = busy('eni-0000000d', '10.0.2.7', elsewhere);

  test('in another VPC may be another host: that it sees nothing says nothing', async () => {
    await plant([P1({ traffic_path: 1 }), ...BUSY_A, ...decoy]);
    expect(only(await ask())).toMatchObject({
      rule: 'sent-no-reply',
      points: { P2: { state: 'not-observed', why: 'other-network' }, P3: { why: 'other-network' } },
    });
  });

  test('that is the source may be another host, too', async () => {
    await plant([...busy('eni-0000000a', '10.0.1.5', elsewhere), ...BUSY_B, P2(), P3()]);
    expect(only(await ask()).points).toMatchObject({
      P1: { state: 'not-observed', why: 'other-network' },
      P4: { state: 'not-observed', why: 'other-network' },
    });
  });

  test('is taken for the source where nothing is known of the target, and that is said', async () => {
    await plant(busy('eni-0000000a', '10.0.1.5', elsewhere));
    const investigation = await ask();
    expect(only(investigation)).toMatchObject({ rule: 'not-sent', confidence: 'medium' });
    expect(investigation.notes).toContain(
      '10.0.1.5 is taken for eni-0000000a in vpc-9: no other interface in the records has this address. If a host of ' +
        'another network is meant, name its VPC (--vpc), or give --inventory.',
    );
    expect((await ask({ vpcs: ['vpc-9'] })).notes.join()).not.toContain('is taken for');
  });

  test.each<[string, object]>([
    ['its id', { destination: 'eni-0000000d' }],
    ['its VPC', { vpcs: ['vpc-1', 'vpc-9'] }],
    [
      'an inventory',
      { inventory: inventoryOf(networkInterface('eni-0000000d', ['10.0.2.7'], { VpcId: 'vpc-9' })) },
    ],
  ])('is the one that is meant if a person says so by %s', async (_, given) => {
    await plant([P1({ traffic_path: 1 }), ...BUSY_A, ...decoy]);
    expect(only(await ask(given)).rule).toBe('lost-between');
  });

  test.each<[string, readonly LakeRecord[], readonly LakeRecord[]]>([
    ['the packets go to a peered VPC', [P1({ traffic_path: 4 })], []],
    [
      'a transit gateway carried them between these VPCs',
      [P1()],
      [
        {
          ...{ version: 6, srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', srcport: 40_000, dstport: 5432 },
          ...{ protocol: 6, packets: 3, start: NOON, end: NOON + 5, log_status: 'OK', tgw_id: 'tgw-1' },
          ...{ tgw_src_vpc_id: 'vpc-1', tgw_dst_vpc_id: 'vpc-9' },
        },
      ],
    ],
    [
      'it has records of the source',
      [
        P1(),
        P2({
          ...elsewhere,
          interface_id: 'eni-0000000d',
          srcport: 40_009,
          start: NOON - 900,
          end: NOON - 890,
        }),
      ],
      [],
    ],
  ])('is the one that is meant if %s', async (_, records, transitRecords) => {
    await plant([...records, ...BUSY_A, ...decoy]);
    await plant(transitRecords, { table: 'transit_gateway_flow_logs' });
    expect(only(await ask()).points.P2.why).not.toBe('other-network');
  });

  test('and another one that is not logged are two: nobody is taken silently', async () => {
    await plant([P1({ traffic_path: 1 }), ...BUSY_A, ...decoy]);
    const inventory = inventoryOf(
      networkInterface('eni-0000000b', ['10.0.2.7']),
      networkInterface('eni-0000000d', ['10.0.2.7'], { VpcId: 'vpc-9' }),
    );
    await expect(ask({ inventory })).rejects.toThrow(/2 interfaces:\n {4}eni-0000000d .*\n {4}eni-0000000b /);
  });

  test('of an unknown VPC is not in the one that was asked for', async () => {
    const plain = decoy.map(({ vpc_id: _, subnet_id: _subnet, flow_direction: _way, ...rest }) => rest);
    await plant([P1(), ...BUSY_A, ...plain]);
    const investigation = await ask({ vpcs: ['vpc-1'] });
    expect(only(investigation).points.P2.why).toBe('no-flow-log');
    expect(investigation.notes.join()).toMatch(
      /--destination 10\.0\.2\.7: 1 interface that has it was left out by --vpc.*eni-0000000d \(VPC unknown, /,
    );
  });
});

describe('what was asked for is not mixed with its neighbours', () => {
  const nodes = inventoryOf(
    networkInterface('eni-0000000a', ['10.0.1.5', '10.0.1.50', '10.0.1.51']),
    networkInterface('eni-0000000b', ['10.0.2.7', '10.0.2.50', '10.0.2.51']),
  );
  /** As a format with pkt-* fields has it. */
  const told = (records: readonly LakeRecord[]): LakeRecord[] =>
    records.map((each) => ({ pkt_srcaddr: each.srcaddr!, pkt_dstaddr: each.dstaddr!, ...each }));
  const busyNodes = told([...BUSY_A, ...BUSY_B]);
  /** A pod that refuses A. */
  const refusal = (pod: string) => [
    P1({ dstaddr: pod }),
    P2({ pkt_dstaddr: pod }),
    P3({ pkt_srcaddr: pod, tcp_flags: 4 }),
    P4({ srcaddr: pod, tcp_flags: 4 }),
  ];

  test('a pod is not refused because the one beside it refuses', async () => {
    await plant([...busyNodes, ...told(refusal('10.0.2.51'))]);
    expect(only(await ask({ destination: '10.0.2.51', inventory: nodes })).rule).toBe('refused');
    expect(only(await ask({ destination: '10.0.2.50', inventory: nodes })).rule).toBe('not-sent');
    expect(only(await ask({ destination: '10.0.2.7', inventory: nodes })).rule).toBe('not-sent');
  });

  test('a pod has sent nothing although the one beside it is rejected', async () => {
    const rejected = [
      P1({ pkt_srcaddr: '10.0.1.50' }),
      P2({ srcaddr: '10.0.1.50', pkt_srcaddr: '10.0.1.50', action: 'REJECT' }),
    ];
    await plant([...busyNodes, ...told(rejected)]);
    expect(only(await ask({ source: '10.0.1.50', inventory: nodes })).rule).toBe('target-rejects');
    expect(only(await ask({ source: '10.0.1.51', inventory: nodes })).rule).toBe('not-sent');
  });

  test('a log without pkt-* fields does not tell the addresses of an interface apart', async () => {
    const refused = refusal('10.0.2.51').map(({ pkt_srcaddr: _, pkt_dstaddr: _to, ...rest }) => rest);
    await plant([...BUSY_A, ...BUSY_B, ...refused]);
    for (const destination of ['10.0.2.7', '10.0.2.50']) {
      expect(only(await ask({ source: 'eni-0000000a', destination, inventory: nodes })).points).toMatchObject(
        {
          P2: { state: 'not-observed', why: 'hidden-address' },
          P3: { state: 'not-observed', why: 'hidden-address' },
        },
      );
    }
    expect(
      only(await ask({ destination: 'eni-0000000b', source: 'eni-0000000a', inventory: nodes })).rule,
    ).toBe('refused');
  });

  test('an Elastic IP of a secondary address is that address', async () => {
    const b = networkInterface('eni-0000000b', ['10.0.2.7', '10.0.2.50'], {
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.0.2.7', Association: { PublicIp: '203.0.113.5' } },
        { PrivateIpAddress: '10.0.2.50', Association: { PublicIp: '203.0.113.6' } },
      ],
    });
    const rejected = P2({ srcaddr: '198.51.100.9', pkt_dstaddr: '10.0.2.50', action: 'REJECT' });
    await plant(told([...BUSY_B, rejected]));
    const asked = { source: '198.51.100.9', inventory: inventoryOf(b) };
    expect(only(await ask({ ...asked, destination: '203.0.113.6' })).rule).toBe('target-rejects');
    expect(only(await ask({ ...asked, destination: '203.0.113.5' })).rule).toBe('not-arrived');
  });

  test('of a name, addresses that nobody knows are explained apart', async () => {
    await plant([...BUSY_A, ...BUSY_B, P1({ dstaddr: '10.0.2.8' })]);
    const asked = { destination: 'db.example', hosts: { 'db.example': ['10.0.2.7', '10.0.2.8'] } };
    expect(rules(await ask(asked))).toEqual([
      ['10.0.1.5', 'db.example (10.0.2.8)', 'sent-no-reply'],
      ['10.0.1.5', 'db.example (10.0.2.7)', 'not-sent'],
    ]);
  });

  test('an instance may have been asked by its public address, which only an inventory knows', async () => {
    const b = BUSY_B.map((each) => ({ ...each, instance_id: 'i-0000000b' }));
    const outside = { dstaddr: '203.0.113.5', traffic_path: 8 };
    await plant([...BUSY_A, ...b, P1(outside)]);
    expect(only(await ask({ destination: 'i-0000000b' })).points.P1).toMatchObject({
      state: 'not-observed',
      why: 'other-addresses',
    });
    const known = networkInterface('eni-0000000b', ['10.0.2.7'], {
      ...{ Attachment: { InstanceId: 'i-0000000b' }, Association: { PublicIp: '203.0.113.5' } },
    });
    const { points } = only(await ask({ destination: 'i-0000000b', inventory: inventoryOf(known) }));
    expect(points.P1).toMatchObject({ state: 'accept', records: [{ dstaddr: '203.0.113.5' }] });
  });
});

describe('a network', () => {
  test('is answered although one of its addresses belongs to two interfaces', async () => {
    await plant([P1(), P2({ action: 'REJECT' }), P2({ srcaddr: '10.0.1.99' }), ...BUSY_A, ...BUSY_B]);
    for (const vpc of ['8', '9']) {
      await plant(busy(`eni-000000${vpc}`, '10.0.1.99', { vpc_id: `vpc-${vpc}` }), { flowLog: `fl-0${vpc}` });
    }
    const investigation = await ask({ source: '10.0.1.0/24' });
    expect(rules(investigation)).toEqual([['10.0.1.5', '10.0.2.7', 'target-rejects']]);
    expect(investigation.notes).toContain(
      '10.0.1.99 was left out: it is an address of eni-0000008 (vpc-8, 111122223333) and of eni-0000009 (vpc-9, ' +
        '111122223333). Choose one with --source eni-…, or narrow with --vpc or --account.',
    );
  });

  test('has those last who never tried', async () => {
    const silent = busy('eni-0000000e', '10.0.1.6');
    await plant([...BUSY_A, ...BUSY_B, ...silent, P1(), P2(), P3(), P4()]);
    expect(rules(await ask({ source: '10.0.1.0/24' }))).toEqual([
      ['10.0.1.5', '10.0.2.7', 'handshake-completed'],
      ['10.0.1.6', '10.0.2.7', 'not-sent'],
    ]);
  });

  test('that overlaps the other one has no pair of a host with itself', async () => {
    await plant([...BUSY_A, ...BUSY_B, P1(), P2({ action: 'REJECT' })]);
    const pairs = rules(await ask({ source: '10.0.0.0/16', destination: '10.0.2.0/23' }));
    expect(pairs).toEqual([['10.0.1.5', '10.0.2.7', 'target-rejects']]);
  });
});

test('an address that was handed on in its VPC belongs to whoever has records; in another VPC it is another', async () => {
  const before = (vpc_id: string) =>
    busy('eni-0000000f', '10.0.2.7', { vpc_id }).filter(({ start }) => Number(start) < NOON - HOUR);
  await plant([P1(), P2({ action: 'REJECT' }), ...BUSY_A, ...BUSY_B, ...before('vpc-1')]);
  const { vpc_id: _, ...unknown } = before('vpc-1')[0]!;
  await plant([{ ...unknown, interface_id: 'eni-00000011' }]);
  expect(only(await ask()).rule).toBe('target-rejects');
  await plant(before('vpc-2').map((each) => ({ ...each, interface_id: 'eni-00000010' })));
  await expect(ask()).rejects.toThrow(/is an address of 2 interfaces/);
});
