/**
 * The one place where this package touches the process clock. Everything else is handed a function, so that tests
 * and hosts with another clock decide what time is.
 */

/** A clock that never runs backwards: milliseconds since some fixed instant, with a fraction. */
export type MonotonicClock = () => number;

/** A calendar clock: milliseconds since 1970-01-01T00:00:00Z. It may be set back or forward by an administrator. */
export type WallClock = () => number;

export const processClock: MonotonicClock = () => performance.now();

export const systemTime: WallClock = () => Date.now();

/** Calls `run` after `delayMs`; the returned function calls it off. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

// setTimeout keeps its delay in 32 bits and fires at once when it does not fit, which turns a month into a millisecond.
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const processSchedule: Schedule = (run, delayMs) => {
  const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), LONGEST_DELAY_MS));
  return () => clearTimeout(timer);
};
