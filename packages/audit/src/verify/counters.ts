import type { GapFields } from '../event.ts';

export interface UnaccountedGap {
  stream: string;
  from: number;
  to: number;
}

interface StreamState {
  next: number;
  missing: [number, number][];
  accounted: [number, number][];
}

/** Follows the counters of the streams within one run and tells which values are missing without an explanation. */
export class StreamCounters {
  readonly #streams = new Map<string, StreamState>();
  /** False after retention cut the beginning of the run away: then the first value seen is taken as the start. */
  #fromStart: boolean;

  constructor(fromStart: boolean) {
    this.#fromStart = fromStart;
  }

  /** A new run begins, all counters start at 0 again. */
  reset(): void {
    this.#streams.clear();
    this.#fromStart = true;
  }

  /** False when the counter went back, which no run of the writer can cause. */
  see(stream: string, n: number): boolean {
    const state = this.#state(stream, n);
    if (n < state.next) return false;
    if (n > state.next) state.missing.push([state.next, n - 1]);
    state.next = n + 1;
    return true;
  }

  account(gap: GapFields): void {
    const state = this.#state(gap.stream, gap.ranges[0]?.[0] ?? 0);
    state.accounted.push(...gap.ranges);
  }

  #state(stream: string, n: number): StreamState {
    let state = this.#streams.get(stream);
    if (!state) {
      state = { next: this.#fromStart ? 0 : n, missing: [], accounted: [] };
      this.#streams.set(stream, state);
    }
    return state;
  }

  unaccounted(): UnaccountedGap[] {
    const found: UnaccountedGap[] = [];
    for (const [stream, { missing, accounted }] of this.#streams) {
      const known = accounted.toSorted((a, b) => a[0] - b[0]);
      let i = 0;
      for (const [from, to] of missing) {
        let at = from;
        while (i < known.length && known[i]![1] < at) i += 1;
        for (let j = i; j < known.length && at <= to && known[j]![0] <= at; j += 1) at = Math.max(at, known[j]![1] + 1);
        if (at <= to) found.push({ stream, from: at, to });
      }
    }
    return found;
  }
}
