/** What a message offers to look further works: its commands, its SQL, its rule for the policy. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { investigate } from '../../../../athena/explain/investigate.ts';
import type { QueryEngine } from '../../../../athena/query-engine.ts';
import { renderQuery } from '../../../../athena/query-file.ts';
import { savedQuery } from '../../../../athena/saved-queries.ts';
import { parseTimeRange } from '../../../../athena/time-range.ts';
import { registerExplain } from '../../../../cli/commands/explain.ts';
import { registerQuery } from '../../../../cli/commands/query.ts';
import { openLake } from '../../../../local/duckdb.ts';
import { folderStore } from '../../../../local/folder-store.ts';
import type { AlertMessage } from '../../../../shared/alerts/alert-message.ts';
import { messageOf } from '../../../../shared/alerts/message/message.ts';
import type { AlertData, MessageData } from '../../../../shared/alerts/message/schema.ts';
import { parsePolicy } from '../../../../shared/alerts/policy-config.ts';
import { parseInventory } from '../../../../shared/explain/inventory.ts';
import { readTrino } from '../../../athena/trino-sql.ts';
import { emptyLake } from '../../../local/lake-fixture.ts';
import { CASES, CONTEXT, noticesOf } from './cases.ts';
import { generatedSituations, SIX_O_CLOCK } from './notices.ts';

let folder: Awaited<ReturnType<typeof emptyLake>>;
let engine: QueryEngine;
let messages: Map<string, AlertMessage>;
let generated: readonly AlertData[];

beforeAll(async () => {
  folder = await emptyLake();
  const [lake, temporary] = [join(folder.folder, 'lake'), join(folder.folder, 'temp')];
  await mkdir(temporary);
  const situations = await generatedSituations(folderStore(lake, temporary));
  engine = await openLake(lake);
  const notices = await noticesOf();
  messages = new Map([...notices].map(([name, each]) => [name, messageOf(each, CONTEXT)]));
  generated = situations.map((situation) => {
    const { json } = messageOf([{ situation, reason: 'opens' }], CONTEXT);
    return (JSON.parse(json) as MessageData).alerts[0]!;
  });
});
afterAll(async () => {
  engine?.close();
  await folder?.remove();
});

const dataOf = (name: string) => JSON.parse(messages.get(name)!.json) as MessageData;

/** The commands of an e-mail, as a shell reads them: a backslash at the end goes on in the next line. */
function commandsIn({ text }: AlertMessage): string[] {
  return text
    .replaceAll(/ \\\n +/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('flowlogs '));
}

/** The options of a command, as the command line takes them. */
function parsed(command: string): Command & { readonly name: () => string } {
  const [, name, ...words] = command.split(' ');
  const program = new Command();
  registerExplain(program);
  registerQuery(program);
  const found = program.commands.find((each) => each.name() === name)!.exitOverride();
  const { operands, unknown } = found.parseOptions(words);
  expect(unknown).toEqual([]);
  expect(operands).toHaveLength(name === 'query' ? 1 : 0);
  return found;
}

/** The SQL of a command's saved query. */
async function queryOf(command: string): Promise<string> {
  const options = parsed(command).opts();
  const range = parseTimeRange(options, SIX_O_CLOCK);
  return renderQuery(await savedQuery(command.split(' ')[2]!), options.param ?? new Map(), range);
}

describe.each(CASES)('%s', (name) => {
  test('offers commands that the command line takes', async () => {
    const commands = commandsIn(messages.get(name)!);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      if (command.startsWith('flowlogs query ')) expect(await queryOf(command)).toMatch(/^[\s\S]*SELECT/);
      else expect(parseTimeRange(parsed(command).opts(), SIX_O_CLOCK)).toHaveProperty('until');
    }
    expect(commands).toEqual(dataOf(name).commands ?? dataOf(name).alerts[0]?.commands);
  });

  test('offers SQL that Athena and DuckDB take', async () => {
    const { sql = dataOf(name).alerts[0]?.sql } = dataOf(name);
    expect(readTrino(sql!).problems).toEqual([]);
    await expect(engine.run(sql!)).resolves.toHaveProperty('rows');
    expect(messages.get(name)!.text).toContain(sql!.split('\n').join('\n  '));
  });

  test('reads no more partitions than it needs', () => {
    const { sql = dataOf(name).alerts[0]!.sql! } = dataOf(name);
    expect(sql).toMatch(/ day >= '2026-/);
    expect(sql).toMatch(/ day <= '2026-/);
    if (!/FROM (flows|transit_flows|flow_logs|transit_gateway_flow_logs)\n/.test(sql)) return;
    for (const predicate of [
      'aws_account_id = ',
      'aws_region = ',
      'concat(day, hour) >= ',
      'concat(day, hour) <= ',
    ]) {
      expect(sql).toContain(predicate);
    }
  });

  test('offers a rule that the policy takes', () => {
    const rules = dataOf(name).alerts.flatMap(({ ignoreRule }) => ignoreRule ?? []);
    expect(() => parsePolicy({ ignore: rules })).not.toThrow();
    for (const rule of rules) {
      // A whole meaning is switched off by `off`, on purpose and not by a line that was copied in the night.
      const { meanings: _, ...narrower } = rule;
      expect(Object.keys(narrower)).not.toEqual([]);
    }
  });
});

test('the SQL finds what the message tells', async () => {
  expect(generated.length).toBeGreaterThan(20);
  for (const { sql, words, id } of generated) {
    expect((await engine.run(sql!)).rows.length, `${words} ${id}`).toBeGreaterThan(0);
  }
});

test('the saved queries find what the message tells', async () => {
  const commands = generated.flatMap((alert) => alert.commands);
  const queries = new Set(commands.filter((command) => command.startsWith('flowlogs query ')));
  expect(queries.size).toBeGreaterThan(5);
  for (const command of queries) {
    expect((await engine.run(await queryOf(command))).rows.length, command).toBeGreaterThan(0);
  }
});

test('flowlogs explain confirms what the message tells', async () => {
  const commands = generated
    .filter(({ severity }) => severity !== 'info')
    .flatMap((alert) => alert.commands)
    .filter((command) => command.startsWith('flowlogs explain '));
  expect(commands.length).toBeGreaterThan(4);
  for (const command of commands) {
    const options = parsed(command).opts();
    const { since, until } = parseTimeRange(options, SIX_O_CLOCK);
    const { source, destination, protocol, port } = options;
    const narrowing = { accounts: [], vpcs: [], regions: [] };
    const { pairs } = await investigate(
      { source, destination, protocol, port, since, until, narrowing },
      { engine, inventory: parseInventory([]), resolve: async () => [], now: SIX_O_CLOCK },
    );
    expect(pairs[0]?.explanation.outcome, command).toBe('fails');
  }
});

test('without a stage the commands ask the lake on the laptop', async () => {
  const [notice] = (await noticesOf()).get('late-packets')!;
  const { text } = messageOf([notice!], { now: SIX_O_CLOCK });
  expect(text).not.toContain('--athena');
  expect(text).toContain('change the policy (docs/alerts.md)');
});
