import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { alarmResources } from '../../infrastructure/alarms.ts';
import { stackOutputs } from '../../infrastructure/outputs.ts';
import { parseStageParameters, type StackParameters } from '../../infrastructure/parameters.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { PERMANENT_REASONS } from '../../shared/errors.ts';
import { load } from '../infrastructure/load-yaml.ts';

const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');

const KEY = 'arn:aws:kms:eu-central-1:222222222222:key/1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d';

function stage(content: object): StackParameters {
  return { ...parseStageParameters({ region: 'eu-west-1', ...content }, 'test'), stage: 'prod' };
}

const STAGES = [
  stage({
    raw: { bucket: 'logs', accountId: '222222222222', region: 'eu-central-1', kmsKeyArn: KEY },
    lake: { kmsKeyArn: KEY.replace('eu-central', 'eu-west') },
  }),
  stage({ alerts: { chat: true } }),
  stage({ raw: { bucket: 'logs', events: 'sns', topicArn: 'arn:aws:sns:eu-west-1:222222222222:t' } }),
];

describe('docs/deploy.md', () => {
  test('names only outputs that there are, and all that owners of buckets need', () => {
    const outputs = new Set(STAGES.flatMap((parameters) => Object.keys(stackOutputs(parameters))));
    const named = page.match(
      /`\$?[A-Z]\w+(?:Name|Arn|Url|Statements|Notification|Template|Destination|Workgroup|Database)`/g,
    );
    expect(named!.length).toBeGreaterThan(10);
    for (const name of named!) expect(outputs).toContain(name.replaceAll(/[`$]/g, ''));
    for (const name of outputs)
      if (/^Raw(?!BucketName)|^LakeKey/.test(name)) expect(page).toContain(`\`${name}\``);
  });

  test('names only alarms and commands that there are', () => {
    const alarms = Object.values(alarmResources(STAGES[0]!)).map(({ Properties }) => Properties!.AlarmName);
    for (const [, name] of page.matchAll(/--alarm-name (\S+)/g)) expect(alarms).toContain(name);
    const scripts = [...page.matchAll(/npm run (?:-s )?(\S+)/g)].map(([, script]) =>
      script!.replace(/`$/, ''),
    );
    expect(scripts).toContain('deploy');
    for (const script of scripts) expect(Object.keys(packageJson.scripts)).toContain(script);
  });

  test('has stage files that are taken as they are', () => {
    const blocks = [...page.matchAll(/(?:^ {4}.*\n)+/gm)]
      .map(([block]) => block.replaceAll(/^ {4}/gm, ''))
      .filter((block) => /^(raw|delivery|flowLogs|alerts|region):/m.test(block));
    expect(blocks.length).toBeGreaterThanOrEqual(4);
    for (const block of blocks) stage(load(block));
  });

  test('explains every reason of a dead letter', () => {
    const rows = Object.entries(PERMANENT_REASONS).map(
      ([reason, meaning]) => `| \`${reason}\` | ${meaning} |`,
    );
    expect(page).toContain(
      `| reason | meaning |\n| --- | --- |\n${rows.join('\n')}\n`.replace('| reason', '| `reason`'),
    );
  });
});
