import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

test('the snippet of the README is the example, and prints what it says', async () => {
  const readme = await readFile(at('../README.md'), 'utf8');
  const [, snippet] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const squeeze = (text: string): string => text.replace(/^\/\/.*$/gm, '').replace(/[\s,]+/g, '');
  expect(squeeze(snippet ?? '')).toBe(squeeze(await readFile(at('../examples/readme.ts'), 'utf8')));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@sekisho/source',
    at('../examples/readme.ts'),
  ]);
  expect(readme).toContain(`// ${stdout.trim()}`);
});
