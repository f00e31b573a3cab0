import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the README', () => {
  test('has its seven headings in order', () => {
    const headings = [...read('README.md').matchAll(/^## (.*)$/gm)].map(([, text]) => text);
    expect(headings).toEqual([
      'What it is',
      'Install',
      'Fifteen lines',
      'Options, with units and defaults',
      'What it refuses',
      'What it does not do',
      'Errors',
    ]);
  });

  test('has a snippet that does what the text says', async () => {
    const code = /```ts\n([\s\S]*?)```/.exec(read('README.md'))![1]!;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@sekisho/source', '--input-type=module-typescript', '--eval', code],
      { cwd: root },
    );
    expect(read('README.md')).toContain(`\`${stdout.trim()}\``);
  });

  test('imports only what the package exports', () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
    for (const [, path] of read('README.md').matchAll(/from '@sekisho\/auth(\/[a-z]+)?'/g))
      expect(exports).toHaveProperty([`.${path ?? ''}`]);
  });
});

test('every code of an error has its page, and every page its code', () => {
  const codes = [...read('src/auth-error.ts').matchAll(/'(ERR_AUTH_[A-Z_]+)'/g)].map(([, code]) => `${code}.md`);
  expect(readdirSync(join(root, 'docs/errors')).toSorted()).toEqual(codes.toSorted());
});

test('every id that the table of requirements cites stands in a test', () => {
  const sources = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    // The rows of the catalogue are data that a test goes through.
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join('test', name)))
    .join('\n');
  const cited = [...read('docs/requirements.md').matchAll(/\b(?:A\d{2,3}|GW-\d\d|SDK-\d\d|CHK-\d\d|SRV-\d\d)\b/g)].map(
    ([id]) => id,
  );
  expect(cited.length).toBeGreaterThan(40);
  expect([...new Set(cited)].filter((id) => !new RegExp(`\\b${id}`).test(sources))).toEqual([]);
  const files = [...read('docs/requirements.md').matchAll(/`test\/([a-z-]+)`/g)].map(([, name]) => name);
  for (const name of new Set(files)) expect(readdirSync(join(root, 'test'))).toContain(`${name}.test.ts`);
});
