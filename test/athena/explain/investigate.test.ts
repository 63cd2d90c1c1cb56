import { beforeEach, describe, expect, test } from 'vitest';
import { MOST_ROWS } from '../../../athena/explain/statements.ts';
import type { LakeRecord } from '../../local/lake-fixture.ts';
import { ask, BUSY_A, BUSY_B, busy, HOUR, NOON, only, P1, P2, plant, rules, useLake } from './asked-lake.ts';

useLake();

describe('the four points, from the lake', () => {
  test('a rejected request is told with its records', async () => {
    await plant([P1(), P2({ action: 'REJECT' }), ...BUSY_A, ...BUSY_B]);
    const { rule, points } = only(await ask());
    expect(rule).toBe('target-rejects');
    expect(points.P1).toMatchObject({
      state: 'accept',
      records: [{ srcport: 40_000, bytes: 180, start: NOON }],
    });
    expect(points.P2).toMatchObject({ state: 'reject' });
  });

  test('what no record shows is absent where both logs are complete', async () => {
    await plant([...BUSY_A, ...BUSY_B]);
    expect(only(await ask()).rule).toBe('not-sent');
    await plant([P1()]);
    expect(only(await ask()).rule).toBe('lost-between');
  });

  test('a flow log that holds one action all day shows no absence', async () => {
    const rejects = BUSY_B.filter(({ action }) => action === 'REJECT');
    await plant([P1(), ...BUSY_A]);
    await plant(rejects, { flowLog: 'fl-0b' });
    expect(only(await ask()).points.P2).toMatchObject({ state: 'not-observed', why: 'one-action' });
  });

  test('another interface of the same flow log shows that it holds the other action, too', async () => {
    const rejects = BUSY_B.filter(({ action }) => action === 'REJECT');
    await plant([P1(), ...BUSY_A]);
    await plant([...rejects, ...busy('eni-0000000c', '10.0.2.8')], { flowLog: 'fl-0b' });
    expect(only(await ask()).points.P2.state).toBe('absent');
  });

  test('two flow logs with one action each are complete together', async () => {
    await plant([P1(), ...BUSY_A]);
    for (const action of ['ACCEPT', 'REJECT']) {
      const own = BUSY_B.filter((each) => each.action === action);
      await plant(own, { flowLog: action === 'ACCEPT' ? 'fl-0b' : 'fl-0c' });
    }
    expect(only(await ask()).points.P2.state).toBe('absent');
  });

  test('where AWS lost records, nothing is absent', async () => {
    const gap = {
      ...{ version: 5, interface_id: 'eni-0000000b', log_status: 'SKIPDATA' },
      ...{ start: NOON - 60, end: NOON + 60 },
    };
    await plant([P1(), ...BUSY_A, ...BUSY_B, gap]);
    expect(only(await ask()).points.P2).toMatchObject({ state: 'not-observed', why: 'skipdata' });
  });

  test('an interface without any record in the time has no flow log', async () => {
    const early = BUSY_B.filter(({ start }) => Number(start) < NOON - HOUR);
    await plant([P1(), ...BUSY_A, ...early]);
    expect(only(await ask()).points.P2).toMatchObject({ state: 'not-observed', why: 'no-flow-log' });
  });

  test('an idle interface has NODATA records, which show that it is logged', async () => {
    const idle = {
      version: 5,
      interface_id: 'eni-0000000b',
      log_status: 'NODATA',
      start: NOON,
      end: NOON + 60,
    };
    await plant([P1(), ...BUSY_A, idle, ...BUSY_B.filter(({ start }) => Number(start) !== NOON + 900)]);
    expect(only(await ask()).points.P2.state).toBe('absent');
  });

  test('a flow log that begins in the time shows no absence before', async () => {
    const late = busy('eni-0000000b', '10.0.2.7').map((each) => ({
      ...each,
      start: Number(each.start) + 2 * HOUR + 600,
      end: Number(each.end) + 2 * HOUR + 600,
    }));
    await plant([P1(), ...BUSY_A]);
    await plant(late, { flowLog: 'fl-0b' });
    expect(only(await ask()).points.P2).toMatchObject({ state: 'not-observed', why: 'not-begun' });
  });

  test('the question ends where the log of one end ends', async () => {
    const early = BUSY_B.filter(({ start }) => Number(start) < NOON + 300);
    await plant(BUSY_A);
    await plant([...early, P2({ srcaddr: '10.0.1.99', start: NOON + 300, end: NOON + 360 })], {
      flowLog: 'fl-0b',
    });
    const { pairs, notes, completeUntil } = await ask({ now: NOON + HOUR / 2 });
    // Of the last quarter of an hour a part may still be on its way. A day later it is not.
    expect(completeUntil.destination).toBe(NOON + 360 - 900);
    expect((await ask()).completeUntil.destination).toBe(NOON + 360);
    expect(pairs[0]).toMatchObject({ window: { end: NOON - 540 }, explanation: { rule: 'not-sent' } });
    expect(notes).toContain(
      'Asked until 2026-11-20T12:30:00Z; the log of an end stops at 2026-11-20T11:51:00Z: the rest is not delivered yet, ' +
        'or the interface is gone.',
    );
  });

  test('records beyond that keep the whole time in question, and nothing is absent there', async () => {
    const early = BUSY_B.filter(({ start }) => Number(start) < NOON + 300);
    await plant([...BUSY_A, P1({ start: NOON + 1200, end: NOON + 1210 })]);
    await plant([...early, P2({ srcaddr: '10.0.1.99', start: NOON + 300, end: NOON + 360 })], {
      flowLog: 'fl-0b',
    });
    const { pairs } = await ask();
    expect(pairs[0]).toMatchObject({
      window: { end: NOON + HOUR / 2 },
      explanation: { rule: 'sent-no-reply', points: { P2: { why: 'not-delivered' } } },
    });
  });
});

describe('who is who', () => {
  beforeEach(() => plant([P1(), P2({ action: 'REJECT' }), ...BUSY_A, ...BUSY_B]));

  test.each([
    ['eni-0000000a', 'eni-0000000b'],
    ['10.0.1.5/32', '10.0.2.7'],
    ['ENI-0000000A', '10.0.2.7'],
  ])('%s and %s', async (source, destination) => {
    expect(rules(await ask({ source, destination }))).toEqual([[source, destination, 'target-rejects']]);
  });

  test('an instance is all of its interfaces', async () => {
    await plant([
      P1({ instance_id: 'i-00000001', start: NOON + 60, end: NOON + 61 }),
      ...busy('eni-0000000d', '10.0.1.6', { instance_id: 'i-00000001' }),
    ]);
    const { pairs } = await ask({ source: 'i-00000001' });
    expect(pairs[0]).toMatchObject({
      source: { end: { interfaceIds: ['eni-0000000a', 'eni-0000000d'] } },
      explanation: { rule: 'target-rejects' },
    });
  });

  test('a host name is all of its addresses, and they are shown', async () => {
    const hosts = { 'db.internal': ['10.0.2.7', '10.0.2.8'] };
    const investigation = await ask({ destination: 'db.internal', hosts });
    expect(investigation.destination).toMatchObject({ addresses: ['10.0.2.7', '10.0.2.8'] });
    expect(only(investigation).rule).toBe('target-rejects');
  });

  test('a network is each of its hosts by itself, what fails first', async () => {
    await plant([
      ...busy('eni-0000000e', '10.0.1.6'),
      P1({ interface_id: 'eni-0000000e', srcaddr: '10.0.1.6' }),
      P2({ srcaddr: '10.0.1.6' }),
      P2({
        srcaddr: '10.0.2.7',
        dstaddr: '10.0.1.6',
        srcport: 5432,
        dstport: 40_000,
        flow_direction: 'egress',
        tcp_flags: 18,
      }),
      P1({
        ...{ interface_id: 'eni-0000000e', srcaddr: '10.0.2.7', dstaddr: '10.0.1.6', srcport: 5432 },
        ...{ dstport: 40_000, flow_direction: 'ingress', tcp_flags: 18 },
      }),
      // Seen at the target only: no flow log records it.
      P2({ srcaddr: '10.0.1.77', action: 'REJECT' }),
    ]);
    expect(rules(await ask({ source: '10.0.1.0/24' }))).toEqual([
      ['10.0.1.5', '10.0.2.7', 'target-rejects'],
      ['10.0.1.77', '10.0.2.7', 'target-rejects'],
      ['10.0.1.6', '10.0.2.7', 'handshake-completed'],
    ]);
  });

  test('an address of several interfaces is nobody until someone chooses', async () => {
    await plant(busy('eni-0000000f', '10.0.2.7', { vpc_id: 'vpc-2', subnet_id: 'subnet-f' }));
    await expect(ask()).rejects.toThrow(
      '--destination 10.0.2.7 is an address of 2 interfaces:\n' +
        '    eni-0000000b  vpc-1  subnet-b  eu-west-1  111122223333\n' +
        '    eni-0000000f  vpc-2  subnet-f  eu-west-1  111122223333\n' +
        'Choose one with --destination eni-…, or narrow with --vpc or --account.',
    );
    expect(only(await ask({ vpcs: ['vpc-1'] })).rule).toBe('target-rejects');
    expect(only(await ask({ destination: 'eni-0000000b' })).rule).toBe('target-rejects');
    // The other VPC's interface has no record of A, whatever eni-…b saw.
    expect(only(await ask({ destination: 'eni-0000000f' })).points.P2.state).not.toBe('reject');
  });

  test('an address that was handed on belongs to whoever has it at the time', async () => {
    const before = busy('eni-0000000f', '10.0.2.7').filter(({ start }) => Number(start) < NOON - HOUR);
    await plant(before);
    expect(only(await ask()).rule).toBe('target-rejects');
  });

  test.each([
    ['10.0.1', 'it takes an address'],
    ['eni-xyz!', 'it takes an address'],
    ['10.0.0.0/33', 'it takes an address'],
    ['eni-12345678', 'no flow log has a record of it'],
    ['i-12345678', 'no flow log with the field instance-id has a record of it'],
    ['nobody.internal', 'cannot be resolved here (nobody knows the name)'],
  ])('%s is refused: %s', async (source, message) => {
    await expect(ask({ source })).rejects.toThrow(message);
  });
});

describe('formats without flow-direction', () => {
  const plain = (records: readonly LakeRecord[]) =>
    records.map(
      ({ flow_direction: _, tcp_flags: _flags, vpc_id: _vpc, subnet_id: _subnet, ...rest }) => rest,
    );

  test('an interface with several peers is known by the address that all of its records have', async () => {
    await plant(plain([P1(), P2({ action: 'REJECT' }), ...BUSY_A, ...BUSY_B]));
    expect(only(await ask())).toMatchObject({ rule: 'target-rejects', confidence: 'medium' });
  });

  test('of an interface with a single peer nobody can tell, and a person is told so', async () => {
    await plant(plain([P1(), ...BUSY_A, P2({ action: 'REJECT' })]));
    const investigation = await ask();
    expect(only(investigation).points.P2).toMatchObject({ state: 'not-observed', why: 'no-flow-log' });
    expect(investigation.notes.join()).toMatch(
      /10\.0\.2\.7: nothing tells whether .* eni-0000000b .*Name the interface/,
    );
  });
});

describe('with an inventory', () => {
  const networkInterface = (id: string, changes: object = {}) => ({
    ...{ NetworkInterfaceId: id, OwnerId: '111122223333', VpcId: 'vpc-1', Description: '' },
    ...changes,
  });
  const interfaces = (...all: object[]) => ({ NetworkInterfaces: all });

  test('a secondary address is found, and the names are shown', async () => {
    await plant([
      P1({ dstaddr: '10.0.2.70' }),
      P2({ dstaddr: '10.0.2.7', pkt_dstaddr: '10.0.2.70', pkt_srcaddr: '10.0.1.5', action: 'REJECT' }),
      ...BUSY_A,
      ...BUSY_B,
    ]);
    const bare = await ask({ destination: '10.0.2.70' });
    expect(only(bare).rule).not.toBe('target-rejects');
    expect(bare.notes.join()).toMatch(
      /10\.0\.2\.70 is no interface's own address, but eni-0000000b carries it/,
    );
    const b = networkInterface('eni-0000000b', {
      Description: 'RDSNetworkInterface',
      PrivateIpAddress: '10.0.2.7',
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.2.7' }, { PrivateIpAddress: '10.0.2.70' }],
    });
    const { pairs } = await ask({ destination: '10.0.2.70', inventory: [interfaces(b)] });
    expect(pairs[0]).toMatchObject({
      destination: { interfaces: [{ interfaceId: 'eni-0000000b', kind: 'rds' }] },
      explanation: { rule: 'target-rejects' },
    });
  });

  test('an Elastic IP is the interface that has it', async () => {
    await plant([P2({ srcaddr: '198.51.100.9', action: 'REJECT' }), ...BUSY_B]);
    const b = networkInterface('eni-0000000b', {
      PrivateIpAddress: '10.0.2.7',
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.2.7', Association: { PublicIp: '203.0.113.5' } }],
    });
    const asked = { source: '198.51.100.9', destination: '203.0.113.5' };
    expect(only(await ask({ ...asked, inventory: [interfaces(b)] })).rule).toBe('target-rejects');
    expect(only(await ask(asked)).outcome).toBe('cannot-tell');
  });

  test('a flow log with all actions shows absence although it holds one of them so far', async () => {
    const accepts = BUSY_B.filter(({ action }) => action === 'ACCEPT');
    await plant([P1(), ...BUSY_A]);
    await plant(accepts, { flowLog: 'fl-0b' });
    const flowLogs = {
      FlowLogs: [{ FlowLogId: 'fl-0b', ResourceId: 'vpc-1', TrafficType: 'ALL', FlowLogStatus: 'ACTIVE' }],
    };
    const b = networkInterface('eni-0000000b', { PrivateIpAddress: '10.0.2.7' });
    expect(only(await ask({ inventory: [interfaces(b), flowLogs] })).points.P2.state).toBe('absent');
    const { notes } = await ask({ inventory: [interfaces(b), { FlowLogs: [] }] });
    expect(notes).toContain('The inventory has no flow log for eni-0000000b, its subnet or its VPC.');
  });

  test('a load balancer is named, and where to go on', async () => {
    await plant([P1(), P2({ action: 'REJECT' }), ...BUSY_A, ...BUSY_B]);
    const b = networkInterface('eni-0000000b', { Description: 'ELB app/web/0123456789abcdef' });
    const { legs } = await ask({ inventory: [interfaces(b)] });
    expect(legs).toEqual([
      {
        kind: 'load-balancer',
        name: expect.stringContaining('web'),
        text: expect.stringContaining('Explain its way to a target next'),
      },
    ]);
  });
});

describe('on the way', () => {
  test('a NAT gateway is named with its other side, which is joined by time', async () => {
    const nat = { interface_id: 'eni-0000000c', interface_type: 'nat_gateway' };
    const far = { dstaddr: '203.0.113.9', dstport: 443 };
    await plant([
      P1(far),
      P1({
        ...nat,
        srcaddr: '10.0.1.5',
        dstaddr: '10.0.0.9',
        dstport: 443,
        flow_direction: 'ingress',
        pkt_srcaddr: '10.0.1.5',
        pkt_dstaddr: '203.0.113.9',
      }),
      P1({
        ...nat,
        ...far,
        srcaddr: '10.0.0.9',
        srcport: 1234,
        pkt_srcaddr: '10.0.0.9',
        pkt_dstaddr: '203.0.113.9',
      }),
      ...BUSY_A,
    ]);
    const { legs } = await ask({ destination: '203.0.113.9', port: 443 });
    expect(legs).toEqual([
      {
        kind: 'nat-gateway',
        name: 'eni-0000000c',
        text: 'On its inside it has 1 records of this traffic. At that time it has on its outside, to the destination: 1 ACCEPT; from there: none. Low confidence: other hosts behind it may be meant.',
      },
    ]);
  });

  test('a transit gateway is named with its attachments and what it lost', async () => {
    await plant([P1(), ...BUSY_A]);
    await plant(
      [
        {
          ...{
            version: 6,
            srcaddr: '10.0.1.5',
            dstaddr: '10.0.2.7',
            srcport: 40_000,
            dstport: 5432,
            protocol: 6,
          },
          ...{
            packets: 3,
            bytes: 180,
            start: NOON,
            end: NOON + 5,
            log_status: 'OK',
            packets_lost_blackhole: 3,
          },
          ...{ tgw_id: 'tgw-1', tgw_attachment_id: 'tgw-attach-1', tgw_pair_attachment_id: 'tgw-attach-2' },
        },
      ],
      { table: 'transit_gateway_flow_logs' },
    );
    const investigation = await ask();
    expect(only(investigation).rule).toBe('transit-gateway-blackhole');
    expect(investigation.legs).toEqual([
      {
        kind: 'transit-gateway',
        name: 'tgw-1',
        text: 'Attachment tgw-attach-1, other side tgw-attach-2: 3 packets passed, 3 lost.',
      },
    ]);
  });
});

describe('too much', () => {
  test('of too many records the newest time is told whole, and that is said', async () => {
    const many = Array.from({ length: MOST_ROWS / 2 + 3000 }, (_, index) => {
      const time = { start: NOON - 1800 + Math.floor(index / 5), end: NOON - 1800 + Math.floor(index / 5) };
      const ports = { srcport: 20_000 + index };
      return [P1({ ...ports, ...time }), P2({ ...ports, ...time, action: 'REJECT' })];
    });
    // The rest of the time has none of them.
    await plant([...many.flat(), ...BUSY_A, ...BUSY_B]);
    const { pairs, notes } = await ask();
    const { window, explanation } = pairs[0]!;
    expect(explanation).toMatchObject({ rule: 'target-rejects', points: { P2: { state: 'reject' } } });
    const { P1: sent, P2: received } = explanation.points;
    expect(sent.records.length).toBe(received.records.length);
    // 600 seconds of 5 pairs of records were left out, and as much is read before the time that is told.
    expect(window).toEqual({ start: NOON - 1800 + 1200, end: NOON + HOUR / 2 });
    expect(notes).toContain(
      'More than 20000 records match: only 2026-11-20T11:50:00Z to 2026-11-20T12:30:00Z was looked at. Ask about one ' +
        'port, smaller networks or a shorter time (--since, --until) to see the rest.',
    );
  });

  test('too many other clients of the target may hide the source behind a NAT gateway', async () => {
    const others = Array.from({ length: MOST_ROWS + 10 }, (_, index) =>
      P2({ srcaddr: '10.0.3.3', srcport: 1024 + index, start: NOON - 1200, end: NOON - 1190 }),
    );
    await plant([P1(), ...others, ...BUSY_A, ...BUSY_B]);
    expect(only(await ask()).points.P2).toMatchObject({ state: 'not-observed', why: 'translated' });
  });
});

test('an empty answer says what the lake has', async () => {
  await plant([P1({ start: NOON - 48 * HOUR, end: NOON - 48 * HOUR + 5 })]);
  const { notes } = await ask();
  expect(notes[0]).toMatch(
    /^No flow log has a record of either end between 2026-11-19T12:30:00Z and 2026-11-20T13:30:00Z\./,
  );
});
