import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('H21: says where to report, when one is answered, and which versions are mended', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../../SECURITY.md'), 'utf8');
  expect(text).toMatch(/\*\*security@[\w.]+\*\*/);
  expect(text).toMatch(/answer within \d+ working days/);
  expect(text).toMatch(/^\| version \| supported \|$/m);
  // What is mounted is not told to be missing.
  expect(text).not.toMatch(/is not mounted|not yet mounted|does not yet ask who/);
});
