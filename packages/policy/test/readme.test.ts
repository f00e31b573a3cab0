import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url).pathname;
const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('the snippet of the README does what it says', async () => {
  const snippet = /```ts\n([\s\S]*?)```/.exec(readme)![1]!;
  // Inside the package, so that it resolves its own name as a stranger's project would.
  const folder = mkdtempSync(join(root, 'test', 'readme-'));
  try {
    const file = join(folder, 'snippet.ts');
    writeFileSync(file, snippet);
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@sekisho/source', file]);
    expect(stdout.split('\n')).toEqual([
      'allow forbidden unknown',
      "[ 'search', 'push' ]",
      "rule 'read' allows it, given a server like 'git'",
      '',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every error code has a page and is named in the README', () => {
  const source = readFileSync(join(root, 'src/errors.ts'), 'utf8');
  const codes = [...new Set([...source.matchAll(/'(ERR_\w+)'/g)].map(([, code]) => code!))];
  expect(codes).toHaveLength(2);
  expect(readdirSync(join(root, 'docs/errors')).toSorted()).toEqual(codes.map((code) => `${code}.md`).toSorted());
  for (const code of codes) expect(readme).toContain(code);
});

test('the exports of the workspace and of the published package are the same', () => {
  const { exports, publishConfig } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(Object.keys(publishConfig.exports)).toEqual(Object.keys(exports));
  const tsup = readFileSync(join(root, 'tsup.config.ts'), 'utf8');
  for (const [path, target] of Object.entries<Record<string, string>>(exports)) {
    if (path === './package.json') continue;
    expect(tsup).toContain(`'${target['@sekisho/source']!.slice(2)}'`);
    expect(publishConfig.exports[path]).toEqual({ types: target.types, default: target.default });
  }
});
