import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();
const GATEWAY = '10.0.0.220';

/** The four records of an exchange through a NAT gateway at its interface: two inside, two outside. */
function exchange(inside: string, far: string, up: number, down: number, service?: string): LakeRecord[] {
  const at = (srcaddr: string, dstaddr: string, pkt_srcaddr: string, pkt_dstaddr: string, bytes: number) =>
    flow({
      interface_id: 'eni-nat',
      interface_type: 'nat_gateway',
      srcaddr,
      dstaddr,
      pkt_srcaddr,
      pkt_dstaddr,
      bytes,
    });
  const sent = service === undefined ? {} : { pkt_dst_aws_service: service };
  const received = service === undefined ? {} : { pkt_src_aws_service: service };
  return [
    { ...at(inside, GATEWAY, inside, far, up), ...sent },
    { ...at(GATEWAY, far, GATEWAY, far, up), ...sent },
    { ...at(far, GATEWAY, far, GATEWAY, down), ...received },
    { ...at(GATEWAY, inside, far, inside, down), ...received },
  ];
}

test('adds up both directions by inside address and AWS service, the most first', async () => {
  await plant([
    ...exchange('10.0.1.5', '52.216.0.1', 10, 900, 'S3'),
    ...exchange('10.0.1.5', '203.0.113.5', 20, 30),
    ...exchange('10.0.1.6', '52.216.0.1', 1, 2, 'S3'),
    ...exchange('10.0.1.7', '203.0.113.5', 8000, 8000).map((record) => ({ ...record, action: 'REJECT' })),
    flow({ srcaddr: '10.0.1.5', dstaddr: '203.0.113.5', bytes: 9000, interface_id: 'eni-instance' }),
  ]);
  expect(await ask('nat-gateway-bytes')).toEqual([
    {
      gateway: 'eni-nat',
      inside_address: '10.0.1.5',
      aws_service: 'S3',
      bytes: 910,
      bytes_uploaded: 10,
      bytes_downloaded: 900,
    },
    {
      gateway: 'eni-nat',
      inside_address: '10.0.1.5',
      aws_service: 'other',
      bytes: 50,
      bytes_uploaded: 20,
      bytes_downloaded: 30,
    },
    {
      gateway: 'eni-nat',
      inside_address: '10.0.1.6',
      aws_service: 'S3',
      bytes: 3,
      bytes_uploaded: 1,
      bytes_downloaded: 2,
    },
  ]);
});

test('two flow logs over one gateway count once, hours add up', async () => {
  const records = exchange('10.0.1.5', '203.0.113.5', 10, 20);
  const later = records.map((record) => ({ ...record, start: FIVE_O_CLOCK + 3600 }));
  await plant([...records, ...later], objectOf('fl-0a'));
  await plant(records, objectOf('fl-0b'));
  expect(await ask('nat-gateway-bytes')).toMatchObject([{ bytes: 60 }]);
});

test('a format without interface-type needs the gateway named', async () => {
  await plant(exchange('10.0.1.5', '203.0.113.5', 10, 20).map(({ interface_type: _, ...record }) => record));
  expect(await ask('nat-gateway-bytes')).toEqual([]);
  await plant(
    exchange('10.0.1.6', '203.0.113.5', 1, 2).map((record) => ({ ...record, interface_id: 'eni-other' })),
  );
  expect(await ask('nat-gateway-bytes', { params: { gateway: 'eni-nat' } })).toMatchObject([{ bytes: 30 }]);
});

test('of a regional NAT gateway, which has no interface, the side with a private end counts', async () => {
  const { interface_id: _, ...record } = flow({ resource_id: 'nat-1', dstaddr: '203.0.113.5', bytes: 10 });
  const far = { ...record, srcaddr: '203.0.113.5' };
  await plant([
    { ...record, srcaddr: '10.0.1.5' },
    { ...record, srcaddr: '198.51.100.1' },
    { ...far, dstaddr: '198.51.100.1', bytes: 70 },
    { ...far, dstaddr: '10.0.1.5', bytes: 70 },
  ]);
  expect(await ask('nat-gateway-bytes')).toMatchObject([
    { gateway: 'nat-1', inside_address: '10.0.1.5', bytes_uploaded: 10, bytes_downloaded: 70 },
  ]);
});
