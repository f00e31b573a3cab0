import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rootSettingsSchema, serverSettingsSchema } from '../../src/config/settings-schema.ts';
import { baseEnv, errorsOf, folderOf, loadGood, warningsOf } from './load-fixture.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const example = new URL('../../sekisho.example.jsonc', import.meta.url).pathname;

test('the configuration of the README loads', async () => {
  const text = /```jsonc\n(?<text>[^]*?)```/.exec(readme)!.groups!['text']!;
  const folder = await folderOf({ 'sekisho.jsonc': text, 'secrets.json': { notes: 'a secret' } });
  const config = await loadGood(join(folder, 'sekisho.jsonc'), {
    env: { ...baseEnv, TICKETS_TOKEN: 'token' },
    secretsFile: join(folder, 'secrets.json'),
  });
  expect(errorsOf(config)).toEqual([]);
  expect(warningsOf(config)).toEqual([]);
  expect(config.servers).toHaveLength(2);
});

test('the example loads without a word', async () => {
  const config = await loadGood(example);
  expect(config.problems).toEqual([]);
  expect(config.servers.map(({ name }) => name)).toEqual(['everything', 'files', 'memory']);
});

test('the README tells every setting and every code of an error', async () => {
  for (const name of [...Object.keys(rootSettingsSchema.shape), ...Object.keys(serverSettingsSchema.shape)])
    expect(readme).toMatch(new RegExp(`\`${name}[.\`]`));
  const codes = await readFile(new URL('../../src/config/problem.ts', import.meta.url), 'utf8');
  for (const [code] of codes.matchAll(/ERR_CONFIG_\w+/g)) expect(readme).toContain(`\`${code}\``);
});
