import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

const egress = (fields: LakeRecord = {}) => flow({ flow_direction: 'egress', ...fields });
const ingress = (fields: LakeRecord = {}) =>
  flow({ srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', flow_direction: 'ingress', ...fields });

test('adds up what each interface sends and receives, the most first', async () => {
  const a = { vpc_id: 'vpc-1', subnet_id: 'subnet-1', instance_id: 'i-a' };
  const nat = {
    interface_id: 'eni-nat',
    interface_type: 'nat_gateway',
    srcaddr: '10.0.0.220',
    dstaddr: '1.1.1.1',
  };
  await plant([
    egress({ ...a, bytes: 10 }),
    egress({ ...a, bytes: 20, start: FIVE_O_CLOCK + 3600 }),
    ingress({ ...a, bytes: 7, packets: 5 }),
    egress({ ...a, bytes: 9000, action: 'REJECT' }),
    egress({ ...nat, bytes: 600 }),
  ]);
  expect(await ask('talkers-by-interface')).toEqual([
    expect.objectContaining({
      interface_id: 'eni-nat',
      interface_type: 'nat_gateway',
      instance_id: null,
      address: '10.0.0.220',
      bytes: 600,
    }),
    {
      interface_id: 'eni-a',
      interface_type: null,
      instance_id: 'i-a',
      vpc_id: 'vpc-1',
      subnet_id: 'subnet-1',
      address: '10.0.0.1',
      bytes: 37,
      bytes_sent: 30,
      bytes_received: 7,
      packets: 7,
    },
  ]);
});

test('two flow logs over one interface count once, hour by hour, and both ends have a row', async () => {
  await plant([egress({ bytes: 60 }), egress({ bytes: 40 })], objectOf('fl-0a'));
  await plant([egress({ bytes: 99 }), ingress({ interface_id: 'eni-b', bytes: 100 })], objectOf('fl-0b'));
  const rows = await ask('talkers-by-interface');
  expect(rows.map((row) => [row.interface_id, row.bytes])).toEqual([
    ['eni-a', 100],
    ['eni-b', 100],
  ]);
});

test('an interface with both families is named by its IPv4 address', async () => {
  await plant([egress({ srcaddr: '2001:db8::1', dstaddr: '2001:db8::2' }), egress()]);
  expect(await ask('talkers-by-interface')).toMatchObject([{ address: '10.0.0.1', bytes: 200 }]);
});

test('a regional NAT gateway is listed by its id', async () => {
  const { interface_id: _, ...atGateway } = flow({ resource_id: 'nat-1', bytes: 80 });
  await plant([atGateway]);
  expect(await ask('talkers-by-interface')).toMatchObject([{ interface_id: 'nat-1', bytes: 80 }]);
});

test('the default format tells neither sent nor received between private addresses, nor whose is whose', async () => {
  await plant([flow({ bytes: 5 })]);
  expect(await ask('talkers-by-interface')).toMatchObject([
    { interface_id: 'eni-a', address: null, bytes: 5, bytes_sent: 0, bytes_received: 0 },
  ]);
});

test('is empty without traffic, and in a format without interfaces', async () => {
  const { srcaddr: _, dstaddr: __, bytes: ___, ...noData } = flow({ log_status: 'NODATA' });
  const { interface_id: ____, ...noInterface } = flow({});
  await plant([noData, noInterface, flow({ action: 'REJECT' })]);
  expect(await ask('talkers-by-interface')).toEqual([]);
});
