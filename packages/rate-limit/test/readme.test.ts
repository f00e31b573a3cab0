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
    expect(stdout.replaceAll(/t=\d+/g, 't=_').split('\n')).toEqual([
      '1 allowed 2 "per-key";r=2;t=_',
      '2 allowed 1 "per-key";r=1;t=_',
      '3 allowed 0 "per-key";r=0;t=_',
      '4 denied per-key 429 10',
      '',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every error code has a page and is named in the README', () => {
  const source = readFileSync(join(root, 'src/errors.ts'), 'utf8');
  const codes = [...source.matchAll(/\| '(ERR_\w+)'/g)].map(([, code]) => code!);
  expect(codes.length).toBeGreaterThan(3);
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
