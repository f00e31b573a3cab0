import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SETTING_RANGES } from '../src/log-options.ts';
import { makeDirectory } from './kit.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');

test('the snippet of the README runs and prints what it says', () => {
  const code = /## Use\n\n```ts\n([^]*?)```/.exec(readme)![1]!;
  // In a folder of the package, so that its own name resolves; the log goes to a folder of its own.
  const file = join(packageFolder, 'test', `readme-snippet-${process.pid}.mts`);
  writeFileSync(file, code);
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@sekisho/source', file], {
      encoding: 'utf8',
      cwd: makeDirectory(),
    });
    expect(stderr).not.toMatch(/Error/);
    expect(stdout.trim()).toBe(/console\.log\(.*\); \/\/ (.*)/.exec(code)![1]);
    expect(status).toBe(0);
  } finally {
    spawnSync('rm', [file]);
  }
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(18);
});

test('the README has the seven headings, every setting, and a page for every error code', () => {
  expect([...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
    'What it is',
    'Install',
    'Use',
    'Options',
    'What it refuses',
    'What it does not do',
    'Errors',
  ]);
  for (const name of Object.keys(SETTING_RANGES)) expect(readme).toContain(`\`${name}\``);
  const source = readFileSync(join(packageFolder, 'src', 'audit-error.ts'), 'utf8');
  const codes = [...new Set([...source.matchAll(/'(ERR_AUDIT_[A-Z_]+)'/g)].map(([, code]) => code!))].toSorted();
  expect(readdirSync(join(packageFolder, 'docs', 'errors')).toSorted()).toEqual(codes.map((code) => `${code}.md`));
  for (const code of codes) {
    expect(readme).toContain(`docs/errors/${code}.md`);
    expect(readFileSync(join(packageFolder, 'docs', 'errors', `${code}.md`), 'utf8')).toMatch(
      new RegExp(`^# ${code}\n`),
    );
  }
});
