import type { BudgetBook, BudgetEntry } from './budgets.ts';

/** What is used of a database: `DatabaseSync` of `node:sqlite` fits, and so does `better-sqlite3`. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
}

export interface SqliteStatement {
  get(...parameters: (string | number)[]): unknown;
  run(...parameters: (string | number)[]): unknown;
}

export interface SqliteBudgetsOptions {
  /** An open database. Two processes must not use it for budgets at once: each counts in memory and only writes. */
  readonly database: SqliteDatabase;
  /** Milliseconds since 1970: which periods are over and can be deleted at the start. */
  readonly wallNow: () => number;
}

/**
 * Day and month counters in SQLite, for `memoryStore({ budgets })`: one row per counter, written with each charge.
 *
 * Creates its table and deletes ended periods once, when it is made. A crash of the process loses nothing; whether a
 * crash of the machine does depends on the `synchronous` setting of the database, which is left as it is. Keys are
 * stored as they are: names of callers.
 */
export function sqliteBudgets(options: SqliteBudgetsOptions): BudgetBook {
  const { database, wallNow } = options;
  database.exec(`CREATE TABLE IF NOT EXISTS sekisho_budgets (
    key TEXT PRIMARY KEY, period INTEGER NOT NULL, used REAL NOT NULL, ends_at_ms INTEGER NOT NULL
  ) WITHOUT ROWID`);
  database.prepare('DELETE FROM sekisho_budgets WHERE ends_at_ms <= ?').run(wallNow());
  const select = database.prepare('SELECT period, used, ends_at_ms FROM sekisho_budgets WHERE key = ?');
  const upsert = database.prepare(
    `INSERT INTO sekisho_budgets (key, period, used, ends_at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET period = excluded.period, used = excluded.used, ends_at_ms = excluded.ends_at_ms`,
  );
  const write = ([key, { period, used, endsAtMs }]: readonly [string, BudgetEntry]): unknown =>
    upsert.run(key, period, used, endsAtMs);
  return {
    load: (key) => {
      const row = select.get(key);
      return row === undefined || row === null ? undefined : toEntry(row);
    },
    save: (entries) => {
      if (entries.length === 1) {
        write(entries[0]!);
        return;
      }
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const entry of entries) write(entry);
        database.exec('COMMIT');
      } catch (cause) {
        database.exec('ROLLBACK');
        throw cause;
      }
    },
  };
}

function toEntry(row: object): BudgetEntry {
  const { period, used, ends_at_ms: endsAtMs } = row as Readonly<Record<string, unknown>>;
  if (typeof period !== 'number' || typeof used !== 'number' || typeof endsAtMs !== 'number') {
    // A counter that cannot be read must not count as unused.
    throw new TypeError('the table sekisho_budgets holds something else than budgets');
  }
  return { period, used, endsAtMs };
}
