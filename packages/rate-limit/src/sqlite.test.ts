import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Decision } from './decision.ts';
import { createRateLimiter } from './limiter.ts';
import { memoryStore } from './memory-store.ts';
import { sqliteBudgets } from './sqlite.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sekisho-budgets-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(wall: { at: number }) {
  const database = new DatabaseSync(join(folder, 'budgets.db'));
  const wallNow = (): number => wall.at;
  const limiter = createRateLimiter({
    rules: [
      { name: 'day', by: ['principal'], allow: { kind: 'day', amount: 5 }, whenStoreFails: 'refuse' },
      {
        name: 'month',
        by: ['principal'],
        allow: { kind: 'month', amount: 8 },
        whenStoreFails: 'refuse',
        unit: 'tokens',
        cost: 1,
      },
    ],
    store: memoryStore({ wallNow, budgets: sqliteBudgets({ database, wallNow }) }),
  });
  const take = (): Decision => limiter.take({ principal: 'p' }) as Decision;
  return { database, limiter, take };
}

test('budgets survive restarts, settled costs included, and start again when their period does', () => {
  const wall = { at: Date.UTC(2026, 10, 29, 12) };
  const first = start(wall);
  for (let i = 0; i < 3; i++) first.take();
  void first.limiter.settle(first.take(), { tokens: 2 });
  first.database.close();

  const second = start(wall);
  expect(second.take().rules.map(({ remaining }) => remaining)).toEqual([0, 2]);
  expect(second.take()).toMatchObject({ allowed: false, violated: 'day', retryAfterMs: 12 * 3_600_000 });
  second.database.close();

  wall.at += 86_400_000;
  const third = start(wall);
  expect([third.take(), third.take()].map(({ allowed }) => allowed)).toEqual([true, true]);
  expect(third.take()).toMatchObject({ allowed: false, violated: 'month', retryAfterMs: 12 * 3_600_000 });
  expect(third.database.prepare('SELECT count(*) AS rows FROM sekisho_budgets').get()).toEqual({ rows: 2 });
  third.database.close();
});

test('a database that cannot be written refuses what must be exact', () => {
  const { database, take } = start({ at: Date.UTC(2026, 10, 29, 12) });
  expect(take().allowed).toBe(true);
  database.exec('PRAGMA query_only = 1');
  expect(take()).toMatchObject({ allowed: false, reason: 'unavailable' });
  database.exec('PRAGMA query_only = 0');
  expect(take()).toMatchObject({ allowed: true, remaining: 3 });
  database.close();
});

test('a counter that cannot be read is not taken for an unused one', () => {
  const { database, take } = start({ at: Date.UTC(2026, 10, 29, 12) });
  take();
  database.exec("UPDATE sekisho_budgets SET used = 'lots'");
  database.close();
  const again = start({ at: Date.UTC(2026, 10, 29, 12) });
  expect(again.take()).toMatchObject({ allowed: false, reason: 'unavailable' });
  again.database.close();
});
