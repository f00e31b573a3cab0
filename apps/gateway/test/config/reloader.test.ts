import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { LoadedConfig } from '../../src/config/load.ts';
import { createReloader, type ReloadEvent } from '../../src/config/reloader.ts';
import { folderOf, load, loadGood } from './load-fixture.ts';

async function reloading(first: object): Promise<{
  write: (value: object | string) => Promise<void>;
  reload: () => Promise<void>;
  events: ReloadEvent[];
  applied: string[][];
  files: string[][];
  current: () => LoadedConfig;
  folder: string;
}> {
  const folder = await folderOf({ 'sekisho.jsonc': first });
  const file = join(folder, 'sekisho.jsonc');
  const events: ReloadEvent[] = [];
  const applied: string[][] = [];
  const files: string[][] = [];
  const reloader = createReloader({
    current: await loadGood(file),
    load: async () => await load(file),
    apply: async (config) =>
      await Promise.resolve(
        applied.push(config.servers.flatMap(({ name, spec }) => (spec === undefined ? [] : [name]))),
      ),
    onEvent: (event) => events.push(event),
    onFiles: (watched) => files.push([...watched.keys()]),
  });
  const write = async (value: object | string): Promise<void> =>
    await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o600 });
  return {
    write,
    reload: async () => await reloader.reload(),
    events,
    applied,
    files,
    current: reloader.current,
    folder,
  };
}

const x = { command: 'x' };

test('an invalid file changes nothing, and is watched until it is mended', async () => {
  const { write, reload, events, applied, files, current, folder } = await reloading({ mcpServers: { a: x } });
  for (const invalid of [
    '{',
    { mcpServers: { b: x }, 'x-sekisho': { namming: 'none' } },
    { mcpServers: { b: x }, extends: 'absent.json' },
    { other: 1 },
  ]) {
    await write(invalid);
    await reload();
    expect(events.at(-1)).toMatchObject({ kind: 'refused' });
    expect(current().servers.map(({ name }) => name)).toEqual(['a']);
  }
  expect(applied).toEqual([]);
  expect(files[2]).toContain(join(folder, 'absent.json'));
  await write({ mcpServers: { b: x } });
  await reload();
  expect(applied).toEqual([['b']]);
  expect(events.at(-1)).toMatchObject({ kind: 'applied', diff: { added: ['b'], removed: ['a'] } });
});

test('a server that was good goes on when its new entry is broken; a new broken one does not start', async () => {
  const { write, reload, events, applied } = await reloading({ mcpServers: { a: x, b: x } });
  await write({ mcpServers: { a: { command: 'x', url: 'https://y' }, b: { command: 'y' }, c: {} } });
  await reload();
  expect(applied).toEqual([['a', 'b']]);
  expect(events).toMatchObject([{ kind: 'applied', kept: ['a'], diff: { changed: ['b'], same: ['a'] } }]);
  await write({ mcpServers: { a: { command: 'x', url: 'https://y' }, b: { command: 'y' } } });
  await reload();
  expect(applied.at(-1)).toEqual(['a', 'b']);
});

test('what only a start can change says so', async () => {
  const { write, reload, events } = await reloading({ mcpServers: {} });
  await write({ mcpServers: {}, 'x-sekisho': { naming: 'none', listen: { port: 1 } } });
  await reload();
  expect(events).toMatchObject([
    { kind: 'applied', problems: [{ code: 'WARN_CONFIG_RESTART' }, { code: 'WARN_CONFIG_RESTART' }] },
  ]);
});

test('changes that come during a reload are taken over after it, one at a time', async () => {
  const folder = await folderOf({ 'sekisho.jsonc': { mcpServers: {} } });
  const file = join(folder, 'sekisho.jsonc');
  let inside = 0;
  let most = 0;
  let loads = 0;
  const reloader = createReloader({
    current: await loadGood(file),
    load: async () => {
      loads++;
      return await load(file);
    },
    apply: async () => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside--;
    },
    onEvent: () => undefined,
    onFiles: () => undefined,
  });
  await Promise.all([reloader.reload(), reloader.reload(), reloader.reload()]);
  expect(most).toBe(1);
  expect(loads).toBe(2);
});

test('a gateway that cannot take the change is told, and the next change is tried again', async () => {
  const folder = await folderOf({ 'sekisho.jsonc': { mcpServers: { a: x } } });
  const file = join(folder, 'sekisho.jsonc');
  const events: ReloadEvent[] = [];
  const reloader = createReloader({
    current: await loadGood(file),
    load: async () => await load(file),
    apply: async () => await Promise.reject(new Error('no')),
    onEvent: (event) => events.push(event),
    onFiles: () => undefined,
  });
  await reloader.reload();
  await reloader.reload();
  expect(events).toMatchObject([{ kind: 'failed' }, { kind: 'failed' }]);
});
