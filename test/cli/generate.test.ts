import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Command, CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { registerGenerate, writeFlowLogs } from '../../cli/commands/generate.ts';
import { generateFlowLogs } from '../../generator/generate.ts';
import { SCENARIOS } from '../../generator/scenarios.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowlogs-generate-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

async function run(...args: string[]): Promise<{ out: string; err: string; error?: unknown }> {
  let out = '';
  let err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
  const program = new Command('flowlogs').exitOverride();
  registerGenerate(program);
  try {
    await program.parseAsync(['generate', ...args], { from: 'user' });
    return { out, err };
  } catch (error) {
    return { out, err, error };
  } finally {
    vi.restoreAllMocks();
  }
}

describe('writeFlowLogs', () => {
  test('writes every object under its key, compressed, and nothing else', async () => {
    const options = { records: 800, seed: 3, scenarios: ['skipdata'] } as const;
    const progress: number[] = [];
    const written = await writeFlowLogs(folder, {
      ...options,
      onProgress: (records) => progress.push(records),
    });
    const objects = [...generateFlowLogs(options)];
    expect(await filesBelow(folder)).toEqual(objects.map(({ key }) => join(folder, key)).toSorted());
    for (const { key, text } of objects) {
      expect(gunzipSync(await readFile(join(folder, key))).equals(Buffer.concat(text))).toBe(true);
    }
    expect(written).toMatchObject({ objects: objects.length, scenarios: ['skipdata'] });
    expect(progress).toEqual(objects.map(({ records }) => records));
    expect(written.records).toBe(progress.reduce((sum, records) => sum + records, 0));
  });

  test('writes the same files when it runs again', async () => {
    const contents = async (): Promise<string[]> =>
      Promise.all((await filesBelow(folder)).map(async (path) => path + (await readFile(path, 'base64'))));
    await writeFlowLogs(folder, { records: 300 });
    const before = await contents();
    await writeFlowLogs(folder, { records: 300 });
    expect(await contents()).toEqual(before);
  });
});

describe('flowlogs generate', () => {
  test('tells on standard error what it wrote and what to do next', async () => {
    const { out, err } = await run(
      '--out',
      folder,
      '--records',
      '300',
      '--scenario',
      'port-scan',
      '--scenario',
      'skipdata',
    );
    expect(out).toBe('');
    expect(err).toContain('planted: port-scan, skipdata\n');
    expect(err).toContain(`Next: flowlogs ingest ${folder}\n`);
  });

  test('prints one JSON object on standard output with -o json', async () => {
    const { out } = await run('--out', folder, '--records', '300', '-o', 'json');
    const totals = JSON.parse(out);
    expect(totals.objects).toBe((await filesBelow(folder)).length);
    expect(totals.scenarios).toEqual(SCENARIOS.map(({ name }) => name));
    expect(totals.bytes).toBeGreaterThan(totals.compressed_bytes);
  });

  test.each([
    [['--scenario', 'portscan'], 'Did you mean port-scan?'],
    [['--flow-log-format', 'srcaddr dstadr'], 'Did you mean "dstaddr"?'],
    [['--records', '-5'], 'whole number above 0'],
    [['--records', '1e3'], 'whole number above 0'],
    [['--seed', 'x'], 'whole number'],
    [['--start', 'yesterday'], 'such as 2026-11-20T05:00:00Z'],
    [['--start', '2026-13-01'], 'such as 2026-11-20T05:00:00Z'],
  ])('refuses %j as wrong usage and writes nothing', async (args, message) => {
    const { err, error } = await run('--out', folder, ...args);
    expect(error).toBeInstanceOf(CommanderError);
    expect(err).toContain(message);
    expect(await filesBelow(folder)).toEqual([]);
  });
});
