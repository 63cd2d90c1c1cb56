import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { savedQueries } from '../../athena/saved-queries.ts';
import { DLQ_USAGE, registerDlq } from '../../cli/commands/dlq.ts';
import { DOCTOR_USAGE, registerDoctor } from '../../cli/commands/doctor.ts';
import { RECONCILE_USAGE, registerReconcile } from '../../cli/commands/reconcile.ts';
import { REPLAY_USAGE, registerReplay } from '../../cli/commands/replay.ts';
import { REPROCESS_USAGE, registerReprocess } from '../../cli/commands/reprocess.ts';
import { registerStatus, STATUS_USAGE } from '../../cli/commands/status.ts';
import { type AlarmText, operatePage } from '../../docs/operate-page.ts';
import { RUNBOOK } from '../../docs/runbook.ts';
import { alarmResources } from '../../infrastructure/alarms.ts';
import { parseStageParameters } from '../../infrastructure/parameters.ts';

/** With every alarm that there is. */
const STAGE = {
  ...parseStageParameters({ region: 'eu-west-1', operations: { silenceAlarmMinutes: 60 } }, 'test'),
  stage: 'prod',
};
const ALARMS = Object.values(alarmResources(STAGE)).map(
  ({ Properties }) => Properties as unknown as AlarmText,
);

const PAGE = operatePage(ALARMS, {
  status: STATUS_USAGE,
  doctor: DOCTOR_USAGE,
  dlq: DLQ_USAGE,
  replay: REPLAY_USAGE,
  reprocess: REPROCESS_USAGE,
  reconcile: RECONCILE_USAGE,
});

test('docs/operate.md says what to do (renew it with: npx vitest run test/docs --update)', async () => {
  await expect(PAGE).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/operate.md'));
});

describe('docs/operate.md', () => {
  test('has a section for every alarm of the template, and for no other', () => {
    const [, runbook = ''] = PAGE.split('\n## When an alarm goes off\n');
    const headings = [...runbook.matchAll(/^### (.*)$/gm)].map(([, heading]) => `flowlogs-prod-${heading}`);
    expect(headings).toEqual(ALARMS.map(({ AlarmName }) => AlarmName));
    expect(Object.keys(RUNBOOK).toSorted()).toEqual(
      ALARMS.map(({ AlarmName }) => AlarmName.replace('flowlogs-prod-', '')).toSorted(),
    );
  });

  test('names only queries and functions that there are', async () => {
    const names = (await savedQueries()).map(({ name }) => name);
    const named = [...PAGE.matchAll(/flowlogs query ([a-z-]+) /g)].map(([, name]) => name);
    expect(new Set(named).size).toBeGreaterThan(5);
    for (const name of named) expect(names.concat('-')).toContain(name);
  });

  test('links to sections that there are', () => {
    const sections = [...PAGE.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...PAGE.matchAll(/\]\(#([^)]+)\)/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(30);
    for (const link of links) expect(sections).toContain(link);
  });

  test('gives commands only options that they have', () => {
    const program = new Command();
    for (const register of [
      ...[registerDlq, registerDoctor, registerReconcile, registerReplay, registerReprocess, registerStatus],
    ]) {
      register(program);
    }
    const commands = new Map(
      program.commands.flatMap((command) => [
        [command.name(), command] as const,
        ...command.commands.map((sub) => [`${command.name()} ${sub.name()}`, sub] as const),
      ]),
    );
    const lines = [...PAGE.matchAll(/flowlogs ((?:dlq )?[a-z]+)((?: (?!\|)[^\n`|]*)?)/g)].filter(
      ([, name]) => commands.has(name!) && name !== 'dlq',
    );
    expect(lines.length).toBeGreaterThan(40);
    for (const [line, name, rest] of lines) {
      const options = commands.get(name!)!.options.flatMap(({ long, short }) => [long, short]);
      for (const [option] of rest!.matchAll(/(?<= )--?[a-z][a-z-]*/g))
        expect(options, line).toContain(option);
    }
  });
});
