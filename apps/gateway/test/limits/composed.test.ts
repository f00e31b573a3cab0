import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { compose } from '../../src/compose.ts';
import { folderOf, loadGood } from '../config/load-fixture.ts';
import { clientOf, errorOf, ONCE, rules } from './client.ts';
import { modern } from './house.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The program itself, from its file. */
async function composed(section: object | undefined) {
  const folder = await folderOf({
    'sekisho.jsonc': { mcpServers: {}, 'x-sekisho': section === undefined ? {} : { rateLimit: section } },
  });
  const config = await loadGood(join(folder, 'sekisho.jsonc'));
  const composition = await compose(config, {
    version: '0',
    log: quiet,
    cacheFolder: join(folder, 'cache'),
    stateFolder: join(folder, 'state'),
    now: Date.now,
  });
  composition.server.listen(0, '127.0.0.1');
  await once(composition.server, 'listening');
  onTestFinished(() => composition.close());
  const { port } = composition.server.address() as AddressInfo;
  return { ...composition, folder, port, key: composition.newLocalKey };
}

test('CHK-15: what the file asks for is in force in the program', async () => {
  const { port, key } = await composed(rules({ name: 'once', by: ['principal'], allow: ONCE }));
  const client = clientOf({ port }, key);
  expect((await client.send(modern('tools/list'))).status).toBe(200);
  const second = await client.send(modern('tools/list'));
  expect([second.status, errorOf(second.text)?.data?.policy]).toEqual([429, 'once']);
  const status = await client.send({ method: 'GET', path: '/status' });
  expect(JSON.parse(status.text)).toMatchObject({
    limits: { store: 'memory', state: 'ok', rules: [{ name: 'once' }], refused: { 'limit.exceeded': 1 } },
  });
});

test('without a section failed sign-ins and streams are limited', async () => {
  const { port, key } = await composed(undefined);
  const status = await clientOf({ port }, key).send({ method: 'GET', path: '/status' });
  expect(JSON.parse(status.text)).toMatchObject({
    limits: { rules: [], streams: [{ rule: 'streams-per-principal' }, { rule: 'streams-per-address' }] },
  });
});

test('a changed file changes them', async () => {
  const { port, key, folder, reload } = await composed(rules({ name: 'once', by: ['principal'], allow: ONCE }));
  const client = clientOf({ port }, key);
  await client.send(modern('tools/list'));
  expect((await client.send(modern('tools/list'))).status).toBe(429);
  const next = await folderOf({ 'sekisho.jsonc': { mcpServers: {} } });
  expect(next).not.toBe(folder);
  await reload(await loadGood(join(next, 'sekisho.jsonc')));
  expect((await client.send(modern('tools/list'))).status).toBe(200);
});

test('the built program finds the modules of Node that exist under their prefix alone', async () => {
  const [{ build }, { default: config }] = await Promise.all([import('tsup'), import('../../tsup.config.ts')]);
  const folder = await folderOf({});
  const outDir = join(folder, 'dist');
  const entry = [fileURLToPath(new URL('../../src/main.ts', import.meta.url))];
  await build({ ...(config as object), entry, silent: true, outDir, sourcemap: false, config: false });
  const files = await readdir(outDir);
  const texts = await Promise.all(files.map((file) => readFile(join(outDir, file), 'utf8')));
  const names = texts.flatMap((text) => [...text.matchAll(/(?:import\(|from )"(?<name>[^"]*sqlite)"/g)]);
  const imported = new Set(names.map(({ groups }) => groups!['name']));
  expect(imported).toContain('node:sqlite');
  expect(imported).not.toContain('sqlite');
});
