import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Asked, investigate } from '../../../athena/explain/investigate.ts';
import type { QueryEngine } from '../../../athena/query-engine.ts';
import { writeFlowLogs } from '../../../cli/commands/generate.ts';
import { ingestWithReport } from '../../../cli/commands/ingest.ts';
import { DEFAULT_START } from '../../../generator/generate.ts';
import { openLake } from '../../../local/duckdb.ts';
import { findSourceFiles } from '../../../local/source-files.ts';
import type { Explanation } from '../../../shared/explain/explain.ts';
import { parseInventory } from '../../../shared/explain/inventory.ts';
import { DEFAULT_MAX_INFLATED_BYTES } from '../../../shared/lake/ingest.ts';
import { emptyLake } from '../../local/lake-fixture.ts';
import { CASES, type Case } from '../../shared/explain/cases.ts';

const START = DEFAULT_START.getTime() / 1000;

/** The minute after five o'clock that an object's name has. */
function minuteOf(path: string): number {
  return Number(/_20261120T05(\d\d)Z_/.exec(path)?.[1]);
}

/** The whole way: flow log objects, ingest, SQL, rules. */
describe.each([
  ['in the standard format', 'standard', () => true],
  ['in the default format', 'default', () => true],
  ['of which ten minutes are delivered', 'standard', (minute: number) => minute < 10],
  ['of which five minutes are missing', 'standard', (minute: number) => minute !== 5],
] as const)('on a lake %s', (name, flowLogFormat, isThere) => {
  const isWhole = name === 'in the standard format';
  let folder: Awaited<ReturnType<typeof emptyLake>>;
  let engine: QueryEngine;

  beforeAll(async () => {
    folder = await emptyLake();
    const [logs, lake] = [join(folder.folder, 'logs'), join(folder.folder, 'lake')];
    await writeFlowLogs(logs, { records: 6000, flowLogFormat });
    const all = await Array.fromAsync(findSourceFiles([logs], lake));
    const files = all.filter(({ path }) => isThere(minuteOf(path)));
    expect(files.length).toBeGreaterThan(0);
    await ingestWithReport(files, lake, {
      ...{ compression: 'zstd', headerlessFormat: undefined, build: 'test' },
      maxInflatedBytes: DEFAULT_MAX_INFLATED_BYTES,
    });
    engine = await openLake(lake);
  });
  afterAll(async () => {
    engine.close();
    await folder.remove();
  });

  async function explained(given: Case, changes: Partial<Asked> = {}): Promise<Explanation> {
    const { pairs } = await investigate(
      {
        source: given.source.addresses[0]!,
        destination: given.destination.addresses[0]!,
        ...{ protocol: given.protocol ?? 6, port: given.port, since: START, until: START + 3600 },
        narrowing: { accounts: [], regions: [], vpcs: [] },
        ...changes,
      },
      { engine, inventory: parseInventory([]), resolve: async () => [], now: START + 86_400 },
    );
    expect(pairs).toHaveLength(1);
    return pairs[0]!.explanation;
  }
  const isTrue = (given: Case, { rule, outcome }: Explanation) =>
    outcome === 'cannot-tell' || rule === given.verdict || given.alsoTrue?.includes(rule) === true;

  test.each(CASES.map((each) => [each.name, each] as const))('%s', async (_name, given) => {
    const explanation = await explained(given);
    if (isWhole) expect(explanation.rule).toBe(given.verdict);
    else expect(isTrue(given, explanation), explanation.rule).toBe(true);
  });

  test('asked by interface, the answers are no others', async () => {
    for (const given of CASES) {
      const [source] = given.source.interfaceIds;
      const [destination] = given.destination.interfaceIds;
      const names = { ...(source && { source }), ...(destination && { destination }) };
      // Nothing but NODATA, or a single peer without flow-direction: nothing tells whose address is whose.
      const explanation = await explained(given, names).catch((error: Error) => error.message);
      if (typeof explanation === 'string') {
        expect(explanation).toMatch(/its records do not tell its own address|no flow log has a record of it/);
      } else expect(isTrue(given, explanation), `${given.name}: ${explanation.rule}`).toBe(true);
    }
  });
});
