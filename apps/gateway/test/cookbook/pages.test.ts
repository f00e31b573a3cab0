import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../cli/fake-io.ts';
import { folderOf } from '../config/load-fixture.ts';
import { readPage } from './page.ts';

const words = (line: string): string[] => line.split(' ');

test('for a team: the file of the page can be used, and without who may come it cannot', async () => {
  const page = await readPage('team');
  const folder = await folderOf({ 'sekisho.jsonc': page.block('jsonc') });
  const env = { TICKETS_TOKEN: 'a-token-of-the-tickets-server' };
  const [check] = page.commands;
  expect(check).toMatch(/^config check /);
  const good = await runCommand(words(check!), { cwd: folder, env });
  expect([good.code, good.out]).toEqual([0, expect.stringContaining('1 of 1 servers can be started')]);
  await writeFile(
    join(folder, 'sekisho.jsonc'),
    page.block('jsonc').replace('"profile": "rfc9068"', '"profil": "rfc9068"'),
  );
  const bad = await runCommand(words(check!), { cwd: folder, env });
  expect(bad.code).not.toBe(0);
  expect(bad.out + bad.err).toContain('profil');
});

test('in CI: the commands of the page do what it says', async () => {
  const page = await readPage('ci');
  const folder = await folderOf({
    'sekisho.jsonc': { mcpServers: { tickets: { url: 'https://tickets.example.com/mcp' } } },
  });
  const [create, check, query] = page.commands as [string, string, string];
  const made = await runCommand(words(create), { cwd: folder });
  expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^sks_/)]);
  expect(made.err).toMatch(/ci .*roles reader .*servers tickets .*tools get_\*/);
  expect((await runCommand(words(check), { cwd: folder })).code).toBe(0);
  // Nothing has happened here yet, and that is what it says.
  expect(words(query).slice(0, 2)).toEqual(['audit', 'query']);
  expect((await runCommand(words(query), { cwd: folder })).err).not.toMatch(/unknown|usage/i);
});
