/** Leads from an index of a changed text to the index in the text it was made from. */
export interface Offsets {
  at(index: number): number;
}

/** Remembers only where the distance between the two texts changes, so a long text with one odd character costs little. */
export class SparseOffsets implements Offsets {
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  /** From index `from` of the changed text on, indices run in step with the original from `to` on. */
  mark(from: number, to: number): void {
    this.#from.push(from);
    this.#to.push(to);
  }

  get empty(): boolean {
    return this.#from.length === 0;
  }

  at(index: number): number {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#from[middle]! <= index) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? index : this.#to[low - 1]! + index - this.#from[low - 1]!;
  }
}

/** One map after another. */
export const chain = (outer: Offsets | undefined, inner: Offsets | undefined): Offsets | undefined =>
  outer === undefined ? inner : inner === undefined ? outer : { at: (index) => inner.at(outer.at(index)) };
