import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderStore } from '../../local/folder-store.ts';
import { openTempFolder } from '../../local/temp-folder.ts';

const body = (text: string) => ({ size: text.length, chunks: [Buffer.from(text)] });

const storeIn = (folder: string) => folderStore(folder, openTempFolder(folder).path);

async function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'flowlogs-store-'));
}

test('what was created can be read, has a size and is listed', async () => {
  const store = storeIn(await newFolder());
  expect(
    await store.create('a/b=1/x.json', { size: 4, chunks: [Buffer.from('on'), Buffer.from('e\n')] }),
  ).toBe('created');
  await store.create('a/c.json', body('two'));
  expect(await store.head('a/b=1/x.json')).toEqual({ size: 4 });
  const chunks = await Array.fromAsync((await store.get('a/b=1/x.json'))!);
  expect(Buffer.concat(chunks).toString()).toBe('one\n');
  expect((await Array.fromAsync(store.list('a/'))).sort()).toEqual(['a/b=1/x.json', 'a/c.json']);
  expect(await Array.fromAsync(store.list('a/b'))).toEqual(['a/b=1/x.json']);
  expect((await Array.fromAsync(store.list(''))).length).toBe(2);
  expect(await Array.fromAsync(store.list('nothing/'))).toEqual([]);
});

test('an object that exists is never replaced, whoever comes first', async () => {
  const folder = await newFolder();
  const store = storeIn(folder);
  const results = await Promise.all(['one', 'two', 'six'].map((text) => store.create('x/y', body(text))));
  expect(results.sort()).toEqual(['created', 'exists', 'exists']);
  const before = await readFile(join(folder, 'x/y'), 'utf8');
  expect(await store.create('x/y', body('new'))).toBe('exists');
  expect(await readFile(join(folder, 'x/y'), 'utf8')).toBe(before);
  const [run] = await readdir(join(folder, '.tmp'));
  expect(await readdir(join(folder, '.tmp', run!))).toEqual([]);
});

test('a body in a file is stored, and the file is left to its owner', async () => {
  const folder = await newFolder();
  const file = join(await newFolder(), 'body');
  await writeFile(file, 'content');
  expect(await storeIn(folder).create('x', { size: 7, file })).toBe('created');
  expect(await readFile(join(folder, 'x'), 'utf8')).toBe('content');
  expect(await readFile(file, 'utf8')).toBe('content');
});

test('what is not there is undefined', async () => {
  const store = storeIn(await newFolder());
  expect(await store.get('x')).toBeUndefined();
  expect(await store.head('x/y')).toBeUndefined();
});

test.each(['../x', 'a/../../x', '/etc/x', '..'])('the key %s cannot leave the folder', async (key) => {
  const folder = await newFolder();
  await mkdir(join(folder, 'lake'));
  const store = storeIn(join(folder, 'lake'));
  await expect(store.create(key, body('evil'))).rejects.toThrow(/leads out of the folder/);
  await expect(store.get(key)).rejects.toThrow(/leads out of the folder/);
  expect(await readdir(folder)).toEqual(['lake']);
});
