import { expect, test } from 'vitest';
import { runFlowlogs } from './run-flowlogs.ts';

/** Commands about a deployed stack, where there is none to be reached. What they do to one is in test/integration. */

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runFlowlogs(import.meta.dirname, args, {
    env: { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...env },
  });

const COMMANDS = [
  ['status'],
  ['doctor'],
  ['dlq', 'list'],
  ['dlq', 'show', 'id'],
  ['dlq', 'redrive', '--all'],
  ['replay', '--prefix', ''],
  ['reprocess', 's3://b/k'],
  ['reconcile'],
] as const;

test.each(COMMANDS.map((args) => [args]))('%s asks for the stage', async (args) => {
  const { status, stdout, stderr } = await run(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('Which stack? Name the stage that was deployed, or set FLOWLOGS_STAGE.');
});

test.each([
  ['no Region', {}, /Region is missing.*add --region NAME, or set AWS_REGION/s],
  ['no credentials', { AWS_REGION: 'eu-west-1' }, /Sign in to AWS first/],
  [
    'no network',
    {
      ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
      ...{ AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' },
    },
    /AWS could not be reached/,
  ],
])('%s is said with what to do', async (_, env, message) => {
  const { status, stdout, stderr } = await run(['status', '--stage', 'prod'], env);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(message);
});

test.each([
  ['--days', ['reconcile', '--days', '0'], /1 to 366/],
  ['--days', ['reconcile', '--days', '1e9'], /1 to 366/],
  ['--rate', ['replay', '--prefix', '', '--rate', '0'], /whole number above 0/],
  ['--wait', ['reprocess', 's3://b/k', '--wait', '-1'], /number of seconds/],
  ['--since', ['replay', '--prefix', '', '--since', 'yesterday'], /is no time/],
])('a wrong %s is wrong usage', async (_, args, message) => {
  const { status, stderr } = await run(args, { FLOWLOGS_STAGE: 'prod' });
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

test.each(
  [['dlq'], ['dlq', 'redrive'], ['replay'], ['reprocess'], ['reconcile'], ['status'], ['doctor']].map(
    (args) => [args],
  ),
)('%s --help has examples', async (args) => {
  const { status, stdout } = await run([...args, '--help']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/Examples:\n {2}flowlogs /);
});
