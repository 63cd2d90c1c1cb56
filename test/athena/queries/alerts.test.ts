import { expect, test } from 'vitest';
import { FIVE_O_CLOCK } from '../../local/lake-fixture.ts';
import { type ObjectRow, objectLakeForEachTest } from './object-lake.ts';

const DAY = 86_400;

const { plant, ask } = objectLakeForEachTest();

function finding(fields: ObjectRow = {}): ObjectRow {
  return {
    ...{ kind: 'REJECT', severity: 'warning', meanings: ['internal-service-rejected', 'late-packets'] },
    ...{ path: 'subnet-to-subnet', aws_account_id: '123456789010', aws_region: 'eu-west-1' },
    ...{ resource_id: 'eni-1', resource_type: 'interface', vpc_id: 'vpc-1', source: 's3://raw/1.log.gz' },
    ...{ first_time: FIVE_O_CLOCK, last_time: FIVE_O_CLOCK + 60, flows: 3, packets: 4 },
    ...fields,
  };
}

function alert(fields: ObjectRow = {}): ObjectRow {
  return {
    ...{ sent_at: FIVE_O_CLOCK + 900, message_id: 'm1', subject: '…', reason: 'opens' },
    ...{ kind: 'REJECT', severity: 'warning', meaning: 'internal-service-rejected' },
    ...{ path: 'subnet-to-subnet', aws_account_id: '123456789010', aws_region: 'eu-west-1', vpc_id: 'vpc-1' },
    ...{ scope: 'resource', scope_id: 'eni-1', protocol: 6, port: 5432 },
    ...{ first_time: FIVE_O_CLOCK, last_time: FIVE_O_CLOCK + 60 },
    ...{ findings: 1, flows: 3, packets: 4, new_findings: 1, new_flows: 3 },
    ...fields,
  };
}

test('alerts-sent counts messages by what they told and why', async () => {
  await plant('alerts', FIVE_O_CLOCK, [
    alert(),
    alert({ message_id: 'm2', reason: 'grows', new_findings: 9, new_flows: 40 }),
    alert({ message_id: 'm3', scope_id: 'eni-2' }),
    // A digest.
    ...['eni-1', 'eni-2'].map((scope_id) =>
      alert({ message_id: 'm4', scope_id, severity: 'info', meaning: 'background', reason: 'goes-on' }),
    ),
  ]);
  expect(await ask('alerts-sent')).toMatchObject([
    {
      ...{ severity: 'warning', meaning: 'internal-service-rejected', messages: 3, scopes: 2 },
      ...{ opened: 2, grew: 1, went_on: 0, findings: 11, flows: 46, first_sent: '2026-11-20T05:15:00Z' },
    },
    { severity: 'info', meaning: 'background', messages: 1, scopes: 2, opened: 0, went_on: 2 },
  ]);
  expect(await ask('alerts-sent', { until: '2026-11-20T05:00' })).toEqual([]);
});

test('findings-not-told lists what is in no situation that was told', async () => {
  await plant('findings', FIVE_O_CLOCK, [
    finding(),
    finding({ resource_id: 'eni-2', source: 's3://raw/2.log.gz', flows: 5 }),
    // In a situation of the VPC, and a day after the end of one that was told.
    finding({ resource_id: 'eni-3', meanings: ['host-sweep'], severity: 'critical' }),
    finding({
      first_time: FIVE_O_CLOCK + DAY + 61,
      last_time: FIVE_O_CLOCK + DAY + 70,
      source: 's3://raw/3.log.gz',
    }),
  ]);
  await plant('alerts', FIVE_O_CLOCK, [
    alert(),
    alert({ message_id: 'm2', meaning: 'host-sweep', scope: 'vpc', scope_id: 'vpc-1' }),
    alert({ message_id: 'm3', aws_account_id: '999999999999', scope_id: 'eni-2' }),
  ]);
  const rows = await ask('findings-not-told');
  expect(rows.map((row) => [row.meaning, row.not_told, row.told, row.resources, row.flows])).toEqual([
    ['late-packets', 3, 0, 2, 11],
    ['internal-service-rejected', 2, 1, 2, 8],
  ]);
});

test('findings-not-told: what was told before and after does not hide what was not told between', async () => {
  const during = (start: number) => ({ first_time: start, last_time: start + 60 });
  const [first, tenth, last] = [FIVE_O_CLOCK - 19 * DAY, FIVE_O_CLOCK - 10 * DAY, FIVE_O_CLOCK];
  await plant('findings', tenth, [finding({ ...during(tenth), meanings: ['internal-service-rejected'] })]);
  for (const at of [first, last]) await plant('alerts', at, [alert({ ...during(at), sent_at: at + 900 })]);
  const times = { since: '2026-11-01', until: '2026-11-21' };
  expect(await ask('findings-not-told', times)).toMatchObject([{ not_told: 1, told: 0 }]);

  await plant('alerts', tenth, [alert({ ...during(tenth - 3600), sent_at: tenth - 600 })]);
  expect(await ask('findings-not-told', times)).toEqual([]);
});

test('findings-not-told looks at the alerts of its time range, and no further', async () => {
  await plant('findings', FIVE_O_CLOCK, [finding({ meanings: ['internal-service-rejected'] })]);
  await plant('alerts', FIVE_O_CLOCK - DAY, [
    alert({
      first_time: FIVE_O_CLOCK - DAY,
      last_time: FIVE_O_CLOCK - DAY,
      sent_at: FIVE_O_CLOCK - DAY + 900,
    }),
  ]);
  expect(await ask('findings-not-told', { since: '2026-11-20' })).toMatchObject([{ not_told: 1 }]);
  expect(await ask('findings-not-told', { since: '2026-11-19' })).toEqual([]);
});

test('noisiest-interfaces ranks by severity and number, with the messages that each caused', async () => {
  await plant('findings', FIVE_O_CLOCK, [
    finding(),
    finding({ source: 's3://raw/2.log.gz', meanings: ['background'], severity: 'info' }),
    finding({ resource_id: 'eni-2', meanings: ['port-scan'], severity: 'critical' }),
    finding({ resource_id: 'eni-3', aws_account_id: '999999999999' }),
    finding({ resource_id: undefined }),
  ]);
  await plant('alerts', FIVE_O_CLOCK, [alert(), alert({ message_id: 'm2', reason: 'grows' })]);
  const rows = await ask('noisiest-interfaces');
  expect(
    rows.map((row) => [row.resource_id, row.findings, row.critical, row.messages, row.meanings]),
  ).toEqual([
    ['eni-2', 1, 1, 0, 'port-scan'],
    ['eni-1', 2, 0, 2, 'background internal-service-rejected late-packets'],
    ['eni-3', 1, 0, 0, 'internal-service-rejected late-packets'],
  ]);
  expect(await ask('noisiest-interfaces', { params: { severity: 'info' } })).toMatchObject([
    { resource_id: 'eni-1', findings: 1 },
  ]);
});
