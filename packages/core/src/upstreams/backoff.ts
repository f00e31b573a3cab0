/** When an upstream may be tried again. Nothing here sleeps: the caller waits, this decides how long. */
export interface BackoffOptions {
  /** A clock in milliseconds that does not jump, such as `performance.now`. */
  now: () => number;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
}

export interface Backoff {
  /**
   * Say that an attempt failed, or that an open connection was lost.
   * Returns the milliseconds to wait before the next attempt: 0 to 300,000.
   */
  failed(): number;
  /** Say that an attempt succeeded. Earlier failures are forgiven only once the connection has lasted. */
  opened(): void;
  /** Milliseconds until the attempt that `failed` allowed; 0 when one may be made now. */
  waitMs(): number;
  /** Failures counted since the last long-lived connection. */
  readonly failures: number;
}

/** How long a connection must last before its earlier failures are forgotten. */
const GOOD_AFTER_MS = 60_000;
/** The first attempt and nine retries: more than ten attempts in a minute is a storm. */
const QUICK_ATTEMPTS = 10;
const QUICK_PERIOD_MS = 60_000;
const QUICK_FIRST_MS = 500;
const QUICK_LONGEST_MS = 30_000;
const SLOW_SHORTEST_MS = 60_000;
const SLOW_LONGEST_MS = 300_000;

export function createBackoff({ now, random }: BackoffOptions): Backoff {
  let failures = 0;
  let firstFailureAt = 0;
  let openedAt: number | undefined;
  let nextAt = 0;

  function delayMs(at: number): number {
    if (failures === 1) return 0; // most losses are a restart of the server: it is there again at once
    if (failures < QUICK_ATTEMPTS && at - firstFailureAt < QUICK_PERIOD_MS) {
      // Full jitter: many gateways that lost one server together must not come back together.
      return random() * Math.min(QUICK_LONGEST_MS, QUICK_FIRST_MS * 2 ** (failures - 2));
    }
    // Counted, not timed: full jitter may draw short waits only, and the bound must hold for every draw.
    // The spread grows with the failures, and the shortest wait alone keeps a day below 1,440 attempts.
    const spreadMs = Math.min(SLOW_LONGEST_MS, SLOW_SHORTEST_MS * Math.max(2, failures - QUICK_ATTEMPTS + 2));
    return SLOW_SHORTEST_MS + random() * (spreadMs - SLOW_SHORTEST_MS);
  }

  return {
    failed() {
      const at = now();
      if (openedAt !== undefined && at - openedAt >= GOOD_AFTER_MS) failures = 0;
      openedAt = undefined;
      if (failures === 0) firstFailureAt = at;
      failures += 1;
      const wait = delayMs(at);
      nextAt = at + wait;
      return wait;
    },
    opened() {
      // Not a reset: a server that accepts and drops us in turn is as much of a storm as one that refuses.
      openedAt ??= now();
    },
    waitMs() {
      return failures === 0 ? 0 : Math.max(0, nextAt - now());
    },
    get failures() {
      return failures;
    },
  };
}
