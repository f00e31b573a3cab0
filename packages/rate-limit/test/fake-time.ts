import type { Schedule } from '../src/clock.ts';

/** Time that passes when it is told to, with its timers. */
export class FakeTime {
  at = 1000;
  readonly #timers = new Set<{ readonly due: number; readonly run: () => void }>();
  readonly now = (): number => this.at;
  readonly schedule: Schedule = (run, delayMs) => {
    const timer = { due: this.at + delayMs, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };
  get pending(): number {
    return this.#timers.size;
  }
  /** Lets time pass, fires what falls due in order, and lets promises follow. */
  async pass(ms: number): Promise<void> {
    const until = this.at + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ due }) => due <= until).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.at = Math.max(this.at, next.due);
      next.run();
      await settled();
    }
    this.at = until;
    await settled();
  }
}

/** Everything that was waiting for a promise has run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
