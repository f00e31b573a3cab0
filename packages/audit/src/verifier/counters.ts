/** Edges of ranges of counter values: at `at` the number of open ranges changes by `by`. */
type Edge = { at: number; seen: number; excused: number };

/** Every stream of a run counts its records; a value that never comes and is not accounted for is a missing record. */
export class Counters {
  readonly #streams = new Map<string, { first: number; next: number; edges: Edge[] }>();
  readonly #fromZero: boolean;

  constructor(fromZero: boolean) {
    this.#fromZero = fromZero;
  }

  #stream(name: string, n: number): { first: number; next: number; edges: Edge[] } {
    let stream = this.#streams.get(name);
    if (!stream)
      this.#streams.set(name, (stream = { first: this.#fromZero ? 0 : n, next: this.#fromZero ? 0 : n, edges: [] }));
    return stream;
  }

  /** False when the counter went back. */
  count(name: string, n: number): boolean {
    const stream = this.#stream(name, n);
    if (n < stream.next) return false;
    // Only jumps are noted: from `next` up to before `n` nothing was seen.
    if (n > stream.next) stream.edges.push({ at: stream.next, seen: 1, excused: 0 }, { at: n, seen: -1, excused: 0 });
    stream.next = n + 1;
    return true;
  }

  account(name: string, from: number, to: number): void {
    this.#stream(name, from).edges.push({ at: from, seen: 0, excused: 1 }, { at: to + 1, seen: 0, excused: -1 });
  }

  missing(): string[] {
    const texts: string[] = [];
    for (const [name, { edges }] of this.#streams) {
      let [skipped, excused, lost, first, last] = [0, 0, 0, -1, 0];
      for (const edge of edges.sort((a, b) => a.at - b.at)) {
        if (skipped > 0 && excused === 0 && edge.at > last) {
          lost += edge.at - last;
          if (first < 0) first = last;
        }
        skipped += edge.seen;
        excused += edge.excused;
        last = edge.at;
      }
      if (lost > 0) texts.push(`${lost} values of counter ${name} are missing, from ${first} on`);
    }
    return texts;
  }
}
