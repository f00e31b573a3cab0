import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');

it('the snippet of the README runs', async () => {
  const snippet = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
  const file = `${root}test/.readme-snippet.ts`;
  writeFileSync(file, snippet);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--conditions=@sekisho/source',
      '--no-warnings',
      file,
    ]);
    expect(stdout).toMatch(/hello from inside[\s\S]*0 ENETUNREACH[\s\S]*\d\d \[\]/);
  } finally {
    rmSync(file);
  }
});

it('has its seven headings, and a page for every error', () => {
  expect([...readme.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
    'What it is',
    'Install',
    'Use',
    'Options',
    'What it refuses',
    'What it does not do',
    'Errors',
  ]);
  const codes = [...readFileSync(`${root}src/errors.ts`, 'utf8').matchAll(/'(ERR_SANDBOX_\w+)'/g)].map(
    ([, code]) => `${code}.md`,
  );
  expect(readdirSync(`${root}docs/errors`).toSorted()).toEqual(codes.toSorted());
});
