import { AthenaClient, CreateWorkGroupCommand, ListQueryExecutionsCommand } from '@aws-sdk/client-athena';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { runFlowlogs } from '../cli/run-flowlogs.ts';
import { resetMoto } from './harness/moto-server.ts';

// moto runs no SQL: it takes statements in workgroups that exist, and gives results that it was told before.

const WORKGROUP = 'flowlogs-test';
const url = inject('motoUrl');
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const athena = new AthenaClient({ endpoint: url, region: 'eu-west-1', credentials });

beforeEach(() => resetMoto(url));
afterEach(() => resetMoto(url));

function ask(sql: string) {
  const args = ['query', '-', '--athena', '--stage', 'test', '--region', 'eu-west-1', '-o', 'csv'];
  const env = {
    HOME: '/nonexistent',
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return runFlowlogs(import.meta.dirname, args, { env, input: sql });
}

test('the command asks Athena and prints what it answers', async () => {
  await athena.send(new CreateWorkGroupCommand({ Name: WORKGROUP }));
  const datum = (text: string) => ({ VarCharValue: text });
  const column = (Name: string, Type: string) => ({ Name, Type });
  const planted = await fetch(`${url}/moto-api/static/athena/query-results`, {
    method: 'POST',
    body: JSON.stringify({
      region: 'eu-west-1',
      results: [
        {
          rows: [
            { Data: [datum('first_seen'), datum('bytes')] },
            { Data: [datum('2026-11-20 05:00:00.000 UTC'), datum('300')] },
          ],
          column_info: [column('first_seen', 'timestamp with time zone'), column('bytes', 'bigint')],
        },
      ],
    }),
    headers: { 'content-type': 'application/json' },
  });
  expect(planted.status).toBe(201);
  const { status, stdout } = await ask('SELECT from_unixtime(start) AS first_seen, bytes FROM flow_logs');
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: 'first_seen,bytes\r\n2026-11-20T05:00:00Z,300\r\n',
  });
  const { QueryExecutionIds } = await athena.send(new ListQueryExecutionsCommand({ WorkGroup: WORKGROUP }));
  expect(QueryExecutionIds).toHaveLength(1);
});

test('without the stack the command says what to do', async () => {
  const { status, stdout, stderr } = await ask('SELECT 1');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/WorkGroup does not exist\. Is the stack deployed, in this account and Region\?/);
});
