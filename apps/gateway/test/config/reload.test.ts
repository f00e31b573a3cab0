import { readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { digestFile } from '../../src/config/digest-file.ts';
import { diffSpecs } from '../../src/config/diff.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import type { UpstreamSpec } from '../../src/config/upstream-spec.ts';
import { watchFiles } from '../../src/config/watch.ts';
import { folderOf } from './load-fixture.ts';

test('a reload touches what was added, removed and changed, and nothing else', () => {
  const stdio = (name: string, args: string[]): UpstreamSpec => ({
    name,
    kind: 'stdio',
    command: 'x',
    args,
    env: { A: '1', B: '2' },
  });
  const reordered: UpstreamSpec = { env: { B: '2', A: '1' }, args: ['1'], command: 'x', kind: 'stdio', name: 'same' };
  expect(
    diffSpecs(
      [stdio('same', ['1']), stdio('changed', ['1']), stdio('removed', [])],
      [stdio('added', []), reordered, stdio('changed', ['2'])],
    ),
  ).toEqual({
    added: ['added'],
    removed: ['removed'],
    changed: ['changed'],
    same: ['same'],
  });
});

test('the published schema is the one that the code makes', async () => {
  const published: unknown = JSON.parse(
    await readFile(new URL('../../schema/sekisho.schema.json', import.meta.url), 'utf8'),
  );
  expect(published, 'run: pnpm --filter sekisho schema').toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});

async function watching(folder: string, names: string[]): Promise<ReturnType<typeof vi.fn>> {
  const onChange = vi.fn();
  const watcher = await watchFiles({
    files: await digests(names.map((name) => join(folder, name))),
    onChange,
    debounceMs: 10,
    pollMs: 500,
  });
  onTestFinished(() => watcher.close());
  return onChange;
}

async function digests(files: string[]): Promise<Map<string, string>> {
  return new Map(await Promise.all(files.map(async (file) => [file, await digestFile(file)] as const)));
}

const patiently = { timeout: 15_000, interval: 10 };

/** In one step, as careful editors do it; a plain write can be seen half done. */
async function replace(path: string, content: string): Promise<void> {
  await writeFile(`${path}.tmp`, content);
  await rename(`${path}.tmp`, path);
}

test('a change is noticed when a file is replaced, removed, made and written', async () => {
  const folder = await folderOf({ a: '1' });
  const onChange = await watching(folder, ['a', 'not-yet', 'no-folder/b']);
  await replace(join(folder, 'a'), '2');
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), patiently);
  await replace(join(folder, 'a'), '3');
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), patiently);
  await unlink(join(folder, 'a'));
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(3), patiently);
  await replace(join(folder, 'not-yet'), 'here');
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(4), patiently);
  await writeFile(join(folder, 'not-yet'), 'there');
  await vi.waitFor(() => expect(onChange.mock.calls.length).toBeGreaterThan(4), patiently);
});

test('a change behind a link is noticed, and the link’s own', async () => {
  const folder = await folderOf({ 'real/a': '1', 'other/a': 'x', 'conf/keep': '' });
  await symlink(join(folder, 'real/a'), join(folder, 'conf/a'));
  const onChange = await watching(folder, ['conf/a']);
  await replace(join(folder, 'real/a'), '2');
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), patiently);
  await symlink(join(folder, 'other/a'), join(folder, 'conf/new'));
  await rename(join(folder, 'conf/new'), join(folder, 'conf/a'));
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), patiently);
});

test('writing the same content again is no change', async () => {
  const folder = await folderOf({ a: '1', b: '1' });
  const onChange = await watching(folder, ['a', 'b']);
  await replace(join(folder, 'a'), '1');
  await replace(join(folder, 'b'), '2');
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), patiently);
  expect(onChange).toHaveBeenCalledTimes(1);
});

test('a change between the reading and the watching is not missed', async () => {
  const folder = await folderOf({ a: '1' });
  const files = await digests([join(folder, 'a')]);
  await replace(join(folder, 'a'), '2');
  const onChange = vi.fn();
  const watcher = await watchFiles({ files, onChange, debounceMs: 10 });
  onTestFinished(() => watcher.close());
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), patiently);
  await replace(join(folder, 'b'), '1');
  const more = await digests([join(folder, 'a'), join(folder, 'b')]);
  await replace(join(folder, 'b'), '2');
  await watcher.update(more);
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), patiently);
});
