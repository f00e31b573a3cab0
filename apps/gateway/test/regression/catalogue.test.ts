import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { counts, open } from './catalogue.ts';

const root = resolve(import.meta.dirname, '../../../..');
const ids = Object.entries(counts).flatMap(([part, count]) =>
  Array.from({ length: count }, (_, index) => `${part}-${String(index + 1).padStart(2, '0')}`),
);
const ID = /\b(?:GW|SDK|SRV|INC|BOX|CHK)-\d\d\b/g;

/** Ids in titles of tests, not in their comments or anywhere else. */
async function cited(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const file of glob('{packages,apps}/*/{src,test}/**/*.test.ts', { cwd: root })) {
    const text = await readFile(join(root, file), 'utf8');
    for (const [, title] of text.matchAll(
      /(?:\b(?:test|it|describe)(?:\.\w+(?:\([^)]*\))?)*|^\s*\]?\))\(\s*['"`]([^'"`\n]*)/gm,
    ))
      for (const [id] of title!.matchAll(ID)) found.set(id, file);
    // Titles that stand in tables of cases, first in their row.
    for (const [, title] of text.matchAll(/^\s*\[?\s*'((?:(?:GW|SDK|SRV|INC|BOX|CHK)-\d\d)[^'\n]*)/gm))
      for (const [id] of title!.matchAll(ID)) found.set(id, file);
  }
  return found;
}

test('every known failure is kept out by a test that bears its id, or is listed as open', async () => {
  const found = await cited();
  expect(ids.filter((id) => !found.has(id)).toSorted()).toEqual(Object.keys(open).toSorted());
  expect([...found.keys()].filter((id) => !ids.includes(id))).toEqual([]);
  process.stdout.write(
    `\n${found.size} of ${ids.length} known failures are kept out by a test; open: ${Object.keys(open).join(', ')}.\n`,
  );
});
