import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();
const table = 'transit_gateway_flow_logs';

function passing(fields: LakeRecord): LakeRecord {
  return {
    tgw_id: 'tgw-1',
    tgw_attachment_id: 'tgw-attach-a',
    tgw_pair_attachment_id: 'tgw-attach-b',
    srcaddr: '10.0.0.1',
    dstaddr: '10.1.0.1',
    protocol: 6,
    packets: 100,
    start: FIVE_O_CLOCK,
    end: FIVE_O_CLOCK + 60,
    packets_lost_no_route: 0,
    packets_lost_blackhole: 0,
    packets_lost_mtu_exceeded: 0,
    packets_lost_ttl_expired: 0,
    ...fields,
  };
}

test('adds up lost packets by cause and attachments, the most first', async () => {
  await plant(
    [
      passing({ packets_lost_no_route: 3 }),
      passing({ packets_lost_no_route: 8, dstaddr: '10.1.0.9', packets_lost_blackhole: 1 }),
      passing({ packets_lost_no_route: 2, start: FIVE_O_CLOCK + 3600, end: FIVE_O_CLOCK + 3660 }),
      passing({ packets_lost_mtu_exceeded: 20, tgw_pair_attachment_id: 'tgw-attach-c' }),
      passing({ packets_lost_ttl_expired: 4 }),
      passing({}),
    ],
    { table },
  );
  const rows = await ask('transit-gateway-loss');
  expect(rows.map((row) => [row.cause, row.tgw_pair_attachment_id, row.lost_packets, row.flows])).toEqual([
    ['mtu-exceeded', 'tgw-attach-c', 20, 1],
    ['no-route', 'tgw-attach-b', 13, 3],
    ['ttl-expired', 'tgw-attach-b', 4, 1],
    ['blackhole', 'tgw-attach-b', 1, 1],
  ]);
  expect(rows[1]).toMatchObject({
    tgw_id: 'tgw-1',
    tgw_attachment_id: 'tgw-attach-a',
    largest_source: '10.0.0.1',
    largest_destination: '10.1.0.9',
    first_lost: '2026-11-20T05:00:00Z',
    last_lost: '2026-11-20T06:01:00Z',
  });
});

test('two flow logs over one attachment count once', async () => {
  await plant([passing({ packets_lost_blackhole: 7 })], { table, ...objectOf('fl-0a') });
  await plant([passing({ packets_lost_blackhole: 7 })], { table, ...objectOf('fl-0b') });
  expect(await ask('transit-gateway-loss')).toMatchObject([{ lost_packets: 7, flows: 1 }]);
});

test('is empty when nothing was lost, or the format does not say', async () => {
  const { packets_lost_no_route: _, packets_lost_blackhole: __, ...short } = passing({});
  await plant([passing({}), short], { table });
  expect(await ask('transit-gateway-loss')).toEqual([]);
});
