import { Bag } from '../bag.ts';
import type { Bagged } from '../bag.ts';

/** One waiting call. */
export interface Deadline extends Bagged {
  dueMs: number;
  readonly lastMs: number;
  readonly spanMs: number;
  readonly expire: () => void;
}

/**
 * Deadlines of many calls on one coarse timer: a timer for each call costs more than the call's own routing.
 * Granularity: `tickMs`. The timer runs only while something waits and never keeps the process alive.
 */
export class Deadlines {
  readonly #open = new Bag<Deadline>();
  readonly #now: () => number;
  readonly #tickMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number, tickMs = 250) {
    this.#now = now;
    this.#tickMs = tickMs;
  }

  /**
   * @param spanMs time without progress
   * @param maxMs time in all, whatever progress is made
   */
  add(spanMs: number, maxMs: number, expire: () => void): Deadline {
    const now = this.#now();
    const deadline: Deadline = { slot: -1, dueMs: now + spanMs, lastMs: now + maxMs, spanMs, expire };
    this.#open.add(deadline);
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs).unref();
    return deadline;
  }

  /** Progress was made: the span begins anew, the maximum stays. */
  extend(deadline: Deadline): void {
    deadline.dueMs = this.#now() + deadline.spanMs;
  }

  /** Somebody else is waited for: this much time from now; the maximum stays. */
  defer(deadline: Deadline, spanMs: number): void {
    deadline.dueMs = this.#now() + spanMs;
  }

  remove(deadline: Deadline): void {
    this.#open.remove(deadline);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const deadline of this.#open.items()) this.#open.remove(deadline);
  }

  #tick(): void {
    const now = this.#now();
    for (const deadline of this.#open.items()) {
      if (now < deadline.dueMs && now < deadline.lastMs) continue;
      this.#open.remove(deadline);
      deadline.expire();
    }
    if (this.#open.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
