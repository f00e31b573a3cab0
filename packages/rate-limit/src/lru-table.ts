/** Index of a slot that does not exist. */
const NONE = -1;

/**
 * Numbers by string key, bounded, with the least recently used first in line to go.
 *
 * The order is a doubly linked list in typed arrays: eight bytes per key and nothing for the garbage collector to
 * walk, where a Map that is reordered by delete-and-set rehashes itself again and again.
 */
export class LruTable {
  readonly #index = new Map<string, number>();
  readonly #maxKeys: number;
  readonly #mayGo: (value: number) => boolean;
  readonly #onEvictedInUse: () => void;
  #keys: string[] = [];
  #values: Float64Array;
  #newer: Int32Array;
  #older: Int32Array;
  #newest = NONE;
  #oldest = NONE;

  /**
   * @param maxKeys How many keys are kept.
   * @param mayGo Whether a value is worthless by now. Such keys are preferred when room is needed.
   * @param onEvictedInUse Told when a key had to go although its value still mattered.
   */
  constructor(maxKeys: number, mayGo: (value: number) => boolean, onEvictedInUse: () => void) {
    this.#maxKeys = maxKeys;
    this.#mayGo = mayGo;
    this.#onEvictedInUse = onEvictedInUse;
    const room = Math.min(1024, maxKeys);
    this.#values = new Float64Array(room);
    this.#newer = new Int32Array(room);
    this.#older = new Int32Array(room);
  }

  get size(): number {
    return this.#index.size;
  }

  /** The slot of a key, which becomes the most recently used; -1 when absent. Valid until the next `insert`. */
  find(key: string): number {
    const slot = this.#index.get(key);
    if (slot === undefined) return NONE;
    if (slot !== this.#newest) {
      this.#unlink(slot);
      this.#link(slot);
    }
    return slot;
  }

  valueAt(slot: number): number {
    return this.#values[slot]!;
  }

  setAt(slot: number, value: number): void {
    this.#values[slot] = value;
  }

  /** Adds a key that `find` did not know. */
  insert(key: string, value: number): void {
    let slot = this.#index.size;
    if (slot >= this.#maxKeys) slot = this.#evict();
    else if (slot >= this.#values.length) this.#grow();
    const kept = compact(key);
    this.#keys[slot] = kept;
    this.#values[slot] = value;
    this.#index.set(kept, slot);
    this.#link(slot);
  }

  /** Frees the slot of the first worthless key among the eight least recently used, or else of the very oldest. */
  #evict(): number {
    const slot = this.#worthless() ?? this.#oldest;
    if (!this.#mayGo(this.#values[slot]!)) this.#onEvictedInUse();
    this.#unlink(slot);
    this.#index.delete(this.#keys[slot]!);
    return slot;
  }

  #worthless(): number | undefined {
    let slot = this.#oldest;
    for (let tried = 0; tried < 8 && slot !== NONE; tried++) {
      if (this.#mayGo(this.#values[slot]!)) return slot;
      slot = this.#newer[slot]!;
    }
    return undefined;
  }

  #grow(): void {
    const room = Math.min(this.#values.length * 2, this.#maxKeys);
    const values = new Float64Array(room);
    const newer = new Int32Array(room);
    const older = new Int32Array(room);
    values.set(this.#values);
    newer.set(this.#newer);
    older.set(this.#older);
    this.#values = values;
    this.#newer = newer;
    this.#older = older;
  }

  #link(slot: number): void {
    this.#older[slot] = this.#newest;
    this.#newer[slot] = NONE;
    if (this.#newest === NONE) this.#oldest = slot;
    else this.#newer[this.#newest] = slot;
    this.#newest = slot;
  }

  #unlink(slot: number): void {
    const newer = this.#newer[slot]!;
    const older = this.#older[slot]!;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
  }
}

/**
 * A string that was put together from parts keeps the parts alive for as long as it lives. A key that is kept is
 * written out once, which saves some 60 bytes for each.
 */
function compact(key: string): string {
  const copy = Buffer.from(key, 'latin1').toString('latin1');
  return copy === key ? copy : key;
}
