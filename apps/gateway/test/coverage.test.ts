import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guarantees, requirements } from './requirements.ts';

const root = resolve(import.meta.dirname, '../../..');
const rows = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`);

type KeptBy = Readonly<Record<string, readonly string[]>>;

/** @returns what is cited and is not there */
async function missing(keptBy: KeptBy): Promise<string[]> {
  const faults: string[] = [];
  for (const [file, titles] of Object.entries(keptBy)) {
    const text = await readFile(join(root, file), 'utf8').catch(() => undefined);
    if (text === undefined) faults.push(file);
    else faults.push(...titles.filter((title) => !text.includes(title)).map((title) => `${file}: ${title}`));
  }
  return faults;
}

describe('the two founding policies', () => {
  test('every row is here, once', () => {
    expect(requirements.map(({ id }) => id)).toEqual([...rows('H', 21), ...rows('O', 34)]);
  });

  test.each(requirements.flatMap((row) => ('keptBy' in row ? [[row.id, row.promise, row.keptBy] as const] : [])))(
    '%s is kept by tests that are there: %s',
    async (_id, _promise, keptBy) => {
      expect(Object.keys(keptBy)).not.toEqual([]);
      expect(await missing(keptBy)).toEqual([]);
    },
  );

  test('what is still open is told', () => {
    const open = requirements.filter((row) => 'open' in row);
    const lacking = requirements.filter((row) => 'keptBy' in row && row.lacks !== undefined);
    process.stdout.write(
      `\n${open.length} of ${requirements.length} requirements are open (${open.map(({ id }) => id).join(', ')}), ${lacking.length} are kept in part (${lacking.map(({ id }) => id).join(', ')}).\n`,
    );
    for (const row of open) expect('open' in row && row.open).toBeTruthy();
  });
});

describe('the guarantees of SECURITY.md', async () => {
  const text = await readFile(join(root, 'SECURITY.md'), 'utf8');
  const ids = [...text.matchAll(/^\| (R-\d\d) \|/gm)].map(([, id]) => id!);
  const titles: string[] = [];
  for await (const file of glob('{packages,apps}/*/{src,test}/**/*.test.ts', { cwd: root }))
    if (!file.endsWith('coverage.test.ts')) titles.push(await readFile(join(root, file), 'utf8'));

  test('have ids that are used once', () => {
    expect(ids.length).toBeGreaterThan(17);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(ids)('%s is cited by a test', async (id) => {
    const cited = guarantees[id];
    if (cited === undefined) expect(titles.some((title) => title.includes(id))).toBe(true);
    else expect(await missing(cited)).toEqual([]);
  });

  test('are all that tests cite', () => {
    const known = new Set(ids);
    const cited = new Set([...titles.flatMap((title) => title.match(/\bR-\d\d\b/g) ?? []), ...Object.keys(guarantees)]);
    expect([...cited].filter((id) => !known.has(id))).toEqual([]);
  });
});
