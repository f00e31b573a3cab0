import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { COLUMNS, METHODS, rightOutcome, situationsOf, titleOf, type Method, type Situation } from './cells.ts';
import { createTheatre } from './play.ts';
import { renderEras, type Outcomes } from './render.ts';

const page = new URL('../../../../docs/eras.md', import.meta.url);
const outcomes: Outcomes = new Map();

describe.each(COLUMNS.map((column) => ({ title: titleOf(column), column })))('$title', ({ column, title }) => {
  const theatre = createTheatre(column);
  afterAll(() => theatre.close());
  const plays = METHODS.flatMap((method) => situationsOf(method).map((situation) => ({ method, situation })));
  test.each<{ method: Method; situation: Situation }>(plays)('$method: $situation', async ({ method, situation }) => {
    const { outcome, leaks } = await theatre.play(method, situation);
    outcomes.set(`${title} | ${method} | ${situation}`, outcome);
    expect(leaks).toEqual([]);
    expect(outcome).toBe(rightOutcome(column, method, situation));
  });
});

describe('docs/eras.md', () => {
  test('says what this run found', ({ skip }) => {
    // A run of some of the cells cannot speak for all.
    const all = COLUMNS.length * METHODS.flatMap((method) => situationsOf(method)).length;
    if (outcomes.size < all) skip();
    const found = renderEras(outcomes);
    if (process.env['SEKISHO_WRITE_ERAS'] === '1') writeFileSync(page, found);
    expect(readFileSync(page, 'utf8')).toBe(found);
  });
});
