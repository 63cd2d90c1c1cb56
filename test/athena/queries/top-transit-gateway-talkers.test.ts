import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();
const table = 'transit_gateway_flow_logs';

/** A flow from attachment a to attachment b as the gateway takes it in. */
function ingress(fields: LakeRecord = {}): LakeRecord {
  return {
    tgw_id: 'tgw-1',
    tgw_attachment_id: 'tgw-attach-a',
    tgw_pair_attachment_id: 'tgw-attach-b',
    srcaddr: '10.0.0.1',
    dstaddr: '10.1.0.1',
    protocol: 6,
    packets: 2,
    bytes: 100,
    start: FIVE_O_CLOCK,
    end: FIVE_O_CLOCK + 60,
    flow_direction: 'ingress',
    ...fields,
  };
}

/** The same flow as the gateway lets it out. */
function egress(fields: LakeRecord = {}): LakeRecord {
  return ingress({
    tgw_attachment_id: 'tgw-attach-b',
    tgw_pair_attachment_id: 'tgw-attach-a',
    flow_direction: 'egress',
    ...fields,
  });
}

/** `source attachment > destination attachment: bytes of these, source > destination: bytes` of each row. */
async function talkers(params: Record<string, string> = {}): Promise<string[]> {
  const rows = await ask('top-transit-gateway-talkers', { params });
  const short = (id: unknown) => String(id).replace('tgw-attach-', '');
  return rows.map(
    (row) =>
      `${short(row.source_attachment)} > ${short(row.destination_attachment)}: ${row.attachment_bytes}, ` +
      `${row.source} > ${row.destination}: ${row.bytes}`,
  );
}

test('a flow counts once although the gateway records it coming in and going out', async () => {
  await plant([ingress(), egress(), ingress({ start: FIVE_O_CLOCK + 3600, bytes: 11 })], { table });
  expect(await ask('top-transit-gateway-talkers')).toEqual([
    {
      tgw_id: 'tgw-1',
      source_attachment: 'tgw-attach-a',
      destination_attachment: 'tgw-attach-b',
      attachment_bytes: 111,
      address_pairs: 1,
      source: '10.0.0.1',
      destination: '10.1.0.1',
      bytes: 111,
      packets: 4,
    },
  ]);
});

test('lists attachments by their bytes and for each its largest address pairs', async () => {
  await plant(
    [
      ingress({ bytes: 60 }),
      ingress({ bytes: 70, srcaddr: '10.0.0.2' }),
      ingress({ bytes: 1, srcaddr: '10.0.0.3' }),
      ingress({ bytes: 130, tgw_pair_attachment_id: 'tgw-attach-c', dstaddr: '10.2.0.1' }),
      // The way back.
      ingress({
        bytes: 5,
        tgw_attachment_id: 'tgw-attach-b',
        tgw_pair_attachment_id: 'tgw-attach-a',
        srcaddr: '10.1.0.1',
        dstaddr: '10.0.0.1',
      }),
    ],
    { table },
  );
  expect(await talkers({ pairs_of_attachments: '2' })).toEqual([
    'a > b: 131, 10.0.0.2 > 10.1.0.1: 70',
    'a > b: 131, 10.0.0.1 > 10.1.0.1: 60',
    'a > c: 130, 10.0.0.1 > 10.2.0.1: 130',
    'b > a: 5, 10.1.0.1 > 10.0.0.1: 5',
  ]);
  expect(await talkers({ network: '10.2.0.0/16' })).toEqual(['a > c: 130, 10.0.0.1 > 10.2.0.1: 130']);
});

test('what only one attachment’s flow log records counts there', async () => {
  await plant([egress({ bytes: 40 })], { table });
  expect(await talkers()).toEqual(['a > b: 40, 10.0.0.1 > 10.1.0.1: 40']);
});

test('two flow logs over one attachment count once', async () => {
  await plant([ingress(), egress()], { table, ...objectOf('fl-0a') });
  await plant([ingress({ bytes: 60 }), ingress({ bytes: 40 })], { table, ...objectOf('fl-0b') });
  expect(await talkers()).toEqual(['a > b: 100, 10.0.0.1 > 10.1.0.1: 100']);
});

test('what passes two gateways has a row for each', async () => {
  await plant([ingress(), ingress({ tgw_id: 'tgw-2', tgw_attachment_id: 'tgw-attach-peering' })], { table });
  expect(await talkers()).toHaveLength(2);
});

test('what has no route is shown without destination', async () => {
  const { tgw_pair_attachment_id: _, ...lost } = ingress({ packets_lost_no_route: 2 });
  await plant([lost], { table });
  expect(await talkers()).toEqual(['a > null: 100, 10.0.0.1 > 10.1.0.1: 100']);
});

test('is empty without traffic, and in formats that do not tell direction or bytes', async () => {
  const { flow_direction: _, ...noDirection } = ingress();
  const { bytes: __, ...noBytes } = ingress();
  const { srcaddr: ___, dstaddr: ____, ...noData } = ingress({ log_status: 'NODATA' });
  await plant([noDirection, noBytes, noData], { table });
  expect(await talkers()).toEqual([]);
});
