import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

const MEGABYTE = 1_000_000;

/** Megabytes that an instance sends to the internet, one day after the other; undefined for a day without any record. */
function days(megabytes: readonly (number | undefined)[], fields: LakeRecord = {}): LakeRecord[] {
  return megabytes.flatMap((sent, day) =>
    sent === undefined
      ? []
      : [
          flow({
            instance_id: 'i-0a',
            dstaddr: '203.0.113.9',
            bytes: sent * MEGABYTE,
            start: FIVE_O_CLOCK + day * 86_400,
            end: FIVE_O_CLOCK + day * 86_400 + 60,
            ...fields,
          }),
        ],
  );
}

const summary = async (params: Record<string, string> = {}) =>
  (await ask('egress-against-history', { params })).map((row) => [
    row.host,
    String(row.period_start).slice(0, 13),
    row.history,
    Number(row.bytes) / MEGABYTE,
    row.usual_bytes === null ? null : Number(row.usual_bytes) / MEGABYTE,
  ]);

test('finds the day on which an instance sent far more than it usually does', async () => {
  await plant(days([100, 110, 90, 900, 120]));
  await plant(days([4000, 4100, 5000, 4200, 4300], { instance_id: 'i-0b', interface_id: 'eni-b' }));
  expect(await ask('egress-against-history')).toEqual([
    {
      host: 'i-0a',
      period_start: '2026-11-23T00:00:00Z',
      history: 'known',
      bytes: 900 * MEGABYTE,
      // The other days' 90, 100, 110 and 120 have no middle: the lower of the two.
      usual_bytes: 100 * MEGABYTE,
      bytes_above_usual: 800 * MEGABYTE,
      times_usual: 9,
      other_periods: 4,
    },
  ]);
  expect(await summary({ min_times: '10' })).toEqual([]);
  expect(await summary({ min_megabytes: '901' })).toEqual([]);
  // Beyond 32 and 64 bits.
  expect(await summary({ min_megabytes: '3000' })).toEqual([]);
  expect(await summary({ min_megabytes: '9007199254740991' })).toEqual([]);
});

test('the largest excess comes first, and interfaces without an instance have a history, too', async () => {
  await plant(days([10, 10, 500]));
  await plant(
    days([10, 10, 10, 700], { interface_id: 'eni-lb' }).map(({ instance_id: _, ...record }) => record),
  );
  expect(await summary()).toEqual([
    ['eni-lb', '2026-11-23T00', 'known', 700, 10],
    ['i-0a', '2026-11-22T00', 'known', 500, 10],
  ]);
});

test('a host that sends nothing as a rule is quiet, with records on those days or without', async () => {
  await plant(days([0, 0, 0, 200]));
  await plant(days([5, undefined, undefined, 300], { instance_id: 'i-0b', interface_id: 'eni-b' }));
  expect(await summary()).toEqual([
    ['i-0b', '2026-11-23T00', 'quiet', 300, 0],
    ['i-0a', '2026-11-23T00', 'quiet', 200, 0],
  ]);
});

test('a host that came later is new in its first period only', async () => {
  await plant(days([5, 5, 5, 5, 5]));
  await plant(days([undefined, undefined, 200, 210, 190], { instance_id: 'i-0b', interface_id: 'eni-b' }));
  expect(await summary()).toEqual([['i-0b', '2026-11-22T00', 'new', 200, null]]);
});

test('hours can be compared instead of days', async () => {
  await plant([10, 10, 10, 400].flatMap((sent, hour) => days([sent], { start: FIVE_O_CLOCK + hour * 3600 })));
  expect(await summary()).toEqual([]);
  expect(await summary({ hours: '1' })).toEqual([['i-0a', '2026-11-20T08', 'known', 400, 10]]);
});

test("an instance's interfaces add up, two flow logs over one of them do not", async () => {
  const twice = days([10, 10, 10, 200]);
  await plant(twice, objectOf('fl-0a'));
  await plant(twice, objectOf('fl-0b'));
  await plant(days([10, 10, 10, 200], { interface_id: 'eni-b' }), objectOf('fl-0a', '2'));
  expect(await summary()).toEqual([['i-0a', '2026-11-23T00', 'known', 400, 20]]);
});

test.each([
  ['a download', { srcaddr: '203.0.113.9', dstaddr: '10.0.0.1' }],
  ['what was refused', { action: 'REJECT' }],
  ['traffic within the network', { dstaddr: '10.0.0.2', flow_direction: 'egress' }],
  ['what a NAT gateway relays', { interface_type: 'nat_gateway' }],
])('leaves out %s', async (_, fields) => {
  await plant([...days([10, 10, 10]), ...days([undefined, undefined, undefined, 900], fields)]);
  expect(await summary()).toEqual([]);
});

test('a single period tells nothing', async () => {
  await plant(days([900]));
  expect(await summary()).toEqual([]);
});
