import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../cli/fake-io.ts';
import { folderOf } from '../config/load-fixture.ts';

const page = await readFile(new URL('../../docs/policy.md', import.meta.url), 'utf8');
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)![1]!;

test('the policy of the page loads without a word, and its table comes out as written', async () => {
  const folder = await folderOf({ 'sekisho.jsonc': block('jsonc'), 'cases.json': block('json') });
  const config = ['--config', join(folder, 'sekisho.jsonc')];
  const checked = await runCommand(['config', 'check', ...config], { cwd: folder });
  expect([checked.code, checked.out]).toEqual([
    0,
    `${join(folder, 'sekisho.jsonc')}: 2 of 2 servers can be started.\n`,
  ]);
  const tested = await runCommand(['policy', 'test', 'cases.json', ...config], { cwd: folder });
  expect([tested.code, tested.out]).toEqual([0, expect.stringContaining('5 of 5 decisions are as expected.')]);
});

test('the command of the page explains', async () => {
  const folder = await folderOf({ 'sekisho.jsonc': block('jsonc') });
  const [, who, what, group, args] = /sekisho policy explain (\S+) (\S+) --group (\S+) --arguments '([^']*)'/.exec(
    page,
  )!;
  const words = ['policy', 'explain', who!, what!, '--group', group!, '--arguments', args!];
  const { code, out } = await runCommand([...words, '--config', join(folder, 'sekisho.jsonc')], { cwd: folder });
  expect(code).toBe(0);
  expect(out).toContain(`rule 'push' allows it, given the scopes 'git:write'`);
});
