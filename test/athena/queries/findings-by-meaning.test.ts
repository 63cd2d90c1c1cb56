import { expect, test } from 'vitest';
import { FIVE_O_CLOCK } from '../../local/lake-fixture.ts';
import { type ObjectRow, objectLakeForEachTest } from './object-lake.ts';

const { plant, ask } = objectLakeForEachTest();
const DAY = 86_400;

function finding(fields: ObjectRow = {}): ObjectRow {
  return {
    kind: 'REJECT',
    severity: 'warning',
    meanings: ['internal-service-rejected', 'late-packets'],
    path: 'subnet-to-subnet',
    aws_account_id: '123456789010',
    resource_id: 'eni-1',
    first_time: FIVE_O_CLOCK,
    last_time: FIVE_O_CLOCK + 60,
    flows: 3,
    packets: 4,
    ...fields,
  };
}

test('a finding counts under each of its meanings, and tells which one made its severity', async () => {
  await plant('findings', FIVE_O_CLOCK, [
    finding(),
    finding({ resource_id: 'eni-2', aws_account_id: '210987654321', last_time: FIVE_O_CLOCK + 600 }),
    finding({ severity: 'critical', meanings: ['host-sweep'], flows: 1 }),
    finding({ severity: 'info', meanings: ['late-packets'] }),
  ]);
  const rows = await ask('findings-by-meaning');
  expect(rows.map((row) => [row.severity, row.meaning, row.findings, row.most_severe])).toEqual([
    ['critical', 'host-sweep', 1, 1],
    ['warning', 'internal-service-rejected', 2, 2],
    ['warning', 'late-packets', 2, 0],
    ['info', 'late-packets', 1, 1],
  ]);
  expect(rows[1]).toMatchObject({
    day: '2026-11-20',
    kind: 'REJECT',
    path: 'subnet-to-subnet',
    accounts: 2,
    resources: 2,
    flows: 6,
    packets: 8,
    first_seen: '2026-11-20T05:00:00Z',
    last_seen: '2026-11-20T05:10:00Z',
  });
});

test('days are told apart, the last one first', async () => {
  await plant('findings', FIVE_O_CLOCK, [finding({ severity: 'critical', meanings: ['port-scan'] })]);
  const next = { first_time: FIVE_O_CLOCK + DAY, last_time: FIVE_O_CLOCK + DAY };
  await plant('findings', FIVE_O_CLOCK + DAY, [finding({ ...next, meanings: ['reply-rejected'] })]);
  const rows = await ask('findings-by-meaning');
  expect(rows.map((row) => [row.day, row.meaning])).toEqual([
    ['2026-11-21', 'reply-rejected'],
    ['2026-11-20', 'port-scan'],
  ]);
  expect(await ask('findings-by-meaning', { since: '2026-11-21' })).toHaveLength(1);
});

test('findings of older versions are not judged, and not lost', async () => {
  const { severity, meanings, ...older } = finding();
  await plant('findings', FIVE_O_CLOCK, [older, finding({ severity: 'info', meanings: ['background'] })]);
  const rows = await ask('findings-by-meaning');
  expect(rows.map((row) => [row.severity, row.meaning, row.flows])).toEqual([
    ['info', 'background', 3],
    [null, 'not judged', 3],
  ]);
});
