import { periodAt, periodEndMs, type CalendarKind } from './calendar.ts';
import type { WallClock } from './clock.ts';
import type { Level } from './store.ts';

/** One counter of a calendar period. */
export interface BudgetEntry {
  /** Number of the day or month, see {@link BudgetBook}. */
  readonly period: number;
  /** Units used in it. */
  readonly used: number;
  /** Milliseconds since 1970 at which it is worthless. */
  readonly endsAtMs: number;
}

/**
 * Keeps counters beyond the life of the process. Both calls are synchronous: a decision must not be made on a counter
 * that is still being read. They throw when the book cannot be read or written; the limiter then does what the rule says.
 */
export interface BudgetBook {
  load(key: string): BudgetEntry | undefined;
  /** Writes all of them or none. */
  save(entries: readonly (readonly [key: string, entry: BudgetEntry])[]): void;
}

export interface BudgetWrite {
  readonly key: string;
  readonly kind: CalendarKind;
  readonly period: number;
  /** The new count, not the difference. */
  readonly used: number;
}

export interface BudgetCounters {
  /** The counter now. `fits` is true and means nothing: the caller knows the limit. */
  read(key: string, kind: CalendarKind): Level;
  write(writes: readonly BudgetWrite[]): void;
  adjust(key: string, kind: CalendarKind, period: number, delta: number): void;
}

/** Day and month counters in memory, in front of a book if there is one. */
export function memoryBudgets(options: {
  readonly maxBudgets: number;
  readonly wallNow: WallClock;
  readonly book: BudgetBook | undefined;
  /** Told when a counter is forgotten, which is harmless only if there is a book. */
  readonly onEvicted: () => void;
}): BudgetCounters {
  const { maxBudgets, wallNow, book, onEvicted } = options;
  const entries = new Map<string, BudgetEntry>();

  const keep = (key: string, entry: BudgetEntry): void => {
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size <= maxBudgets) return;
    // A Map iterates in the order of insertion, so its first key is the one that was used least recently.
    const [oldest, lost] = entries.entries().next().value!;
    entries.delete(oldest);
    if (book === undefined && lost.endsAtMs > wallNow()) onEvicted();
  };

  const load = (key: string): BudgetEntry | undefined => {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const saved = book?.load(key);
    if (saved !== undefined) keep(key, saved);
    return saved;
  };

  const read = (key: string, kind: CalendarKind): Level => {
    const wall = wallNow();
    const entry = load(key);
    const today = periodAt(kind, wall);
    // A period never goes back: setting the clock back to yesterday must not open yesterday's or a fresh counter.
    const period = entry !== undefined && entry.period > today ? entry.period : today;
    const used = entry !== undefined && entry.period === period ? entry.used : 0;
    return { fits: true, used, period, endsInMs: periodEndMs(kind, period) - wall };
  };

  const write = (writes: readonly BudgetWrite[]): void => {
    const dated = writes.map(
      ({ key, kind, period, used }) => [key, { period, used, endsAtMs: periodEndMs(kind, period) }] as const,
    );
    // The book first: if it cannot take the entries, the call is not charged here either, and fails.
    book?.save(dated);
    for (const [key, entry] of dated) keep(key, entry);
  };

  return {
    read,
    write,
    adjust: (key, kind, period, delta) => {
      const level = read(key, kind);
      // What was used late counts today; what would be given back to a day that is over is of no use to anybody.
      if (delta < 0 && level.period !== period) return;
      write([{ key, kind, period: level.period, used: Math.max(level.used + delta, 0) }]);
    },
  };
}
