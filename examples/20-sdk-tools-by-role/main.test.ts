import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('runs to its end, and everything it asserts holds', async () => {
  const file = fileURLToPath(new URL('main.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@sekisho/source', file]);
  expect(stdout).toContain('release sees');
});
