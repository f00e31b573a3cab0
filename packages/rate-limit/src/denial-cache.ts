/** What is known about a bucket that denied. All instants are of the monotonic clock, in milliseconds. */
export interface Denial {
  /** Until then the store need not be asked. */
  readonly until: number;
  /** When the charge would fit. */
  readonly fitsAt: number;
  /** The charge that was denied, in units. One that costs as much or more is denied too. */
  readonly cost: number;
  /** Units in use at `seenAt`. */
  readonly used: number;
  readonly seenAt: number;
}

/**
 * Remembers who was denied, so that a caller far above his limit costs this process a look-up and the store nothing.
 * A bucket only drains with time, so a denial stays right until `fitsAt`, unless something is given back elsewhere;
 * entries are short-lived for that reason.
 */
export class DenialCache {
  readonly #rules = new Map<string, Map<string, Denial>>();
  readonly #maxKeys: number;

  /** @param maxKeys Denials remembered for each rule; the one written longest ago goes first. */
  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** The denial that answers for a charge of `cost` now. */
  find(rule: string, key: string, cost: number, now: number): Denial | undefined {
    const denial = this.#rules.get(rule)?.get(key);
    return denial !== undefined && now < denial.until && cost >= denial.cost ? denial : undefined;
  }

  put(rule: string, key: string, denial: Denial): void {
    let entries = this.#rules.get(rule);
    if (entries === undefined) this.#rules.set(rule, (entries = new Map()));
    entries.delete(key);
    entries.set(key, denial);
    if (entries.size > this.#maxKeys) entries.delete(entries.keys().next().value!);
  }

  forget(rule: string, key: string): void {
    this.#rules.get(rule)?.delete(key);
  }
}
