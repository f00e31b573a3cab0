import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the example runs and asserts on all three frameworks', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@sekisho/source', 'main.ts'], {
    cwd: import.meta.dirname,
  });
  expect(stdout.match(/the tool knows the caller/g)).toHaveLength(3);
});
