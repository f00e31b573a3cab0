import type { GapFields } from '../event.ts';

/** Remembers counter values whose records were refused or dropped, until a record in the log accounts for them. */
export class RefusalLedger {
  readonly #streams = new Map<string, { ranges: [number, number][]; count: number; reason: string }>();
  #total = 0;

  /** Records refused or dropped since the log was opened. */
  get total(): number {
    return this.#total;
  }

  get isEmpty(): boolean {
    return this.#streams.size === 0;
  }

  add(stream: string, n: number, reason: string): void {
    this.#total += 1;
    let entry = this.#streams.get(stream);
    if (!entry) {
      entry = { ranges: [], count: 0, reason };
      this.#streams.set(stream, entry);
    }
    entry.count += 1;
    const last = entry.ranges.at(-1);
    if (last && last[1] + 1 === n) last[1] = n;
    else entry.ranges.push([n, n]);
  }

  /** What is to be accounted for now, in records of bounded size. `settle` takes them off once they are durable. */
  pending(maxRanges = 200): GapFields[] {
    const gaps: GapFields[] = [];
    for (const [stream, entry] of this.#streams) {
      const ranges = entry.ranges.slice(0, maxRanges).map(([from, to]): [number, number] => [from, to]);
      const count = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
      gaps.push({ stream, ranges, count, reason: entry.reason });
    }
    return gaps.slice(0, 16);
  }

  settle(gaps: readonly GapFields[]): void {
    for (const gap of gaps) {
      const entry = this.#streams.get(gap.stream);
      if (!entry) continue;
      // More may have been refused while the batch was being written, also into the last range.
      for (const [from, to] of gap.ranges) {
        const first = entry.ranges[0];
        if (first?.[0] !== from) continue;
        if (first[1] === to) entry.ranges.shift();
        else first[0] = to + 1;
      }
      entry.count -= gap.count;
      if (entry.ranges.length === 0) this.#streams.delete(gap.stream);
    }
  }
}
