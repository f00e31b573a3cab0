import type { Awaitable } from '../ports.ts';
import { StateSeal } from './seal.ts';

export interface ParkedOptions {
  /**
   * Seals what clients bring back: at least 32 bytes, the same for all processes that serve one endpoint. A parked call itself
   * lives in one process. Default: random for each gateway, which lives through reloads.
   */
  readonly key?: Uint8Array;
  /** How long a call waits for its client, milliseconds. Default 600,000 (10 minutes); range 100 to 3,600,000. */
  readonly ttlMs?: number;
  /** Calls that wait at once, in all. Default 2,000; range 0 to 100,000. */
  readonly maxCalls?: number;
  /** The same for one principal. Default 100. */
  readonly maxPerPrincipal?: number;
  /** Milliseconds since 1970, for the expiry of states that outlive this process. Default: the system's clock. */
  readonly wallNow?: () => number;
}

/** Something that waits for a client. */
export interface Parkable {
  readonly handle: string;
  readonly principalId: string;
  /** The client did not come back in time. */
  expired(): Awaitable<void>;
}

interface Entry {
  readonly parked: Parkable;
  /** When it ends, by the gateway's clock; undefined while its client is there. */
  dueMs: number | undefined;
}

/** How often expiry is looked at, milliseconds. */
const TICK_MS = 250;

/** All calls that have asked something and are not over: bounded in all and per principal, and in time. */
export class ParkedCalls {
  readonly ttlMs: number;
  readonly seal: StateSeal;
  readonly wallNow: () => number;
  readonly #maxCalls: number;
  readonly #maxPerPrincipal: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #perPrincipal = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ParkedOptions, now: () => number) {
    this.ttlMs = options.ttlMs ?? 600_000;
    this.seal = new StateSeal(options.key);
    this.wallNow = options.wallNow ?? Date.now;
    this.#maxCalls = options.maxCalls ?? 2_000;
    this.#maxPerPrincipal = options.maxPerPrincipal ?? 100;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Makes a call wait for its client. False where there are too many. */
  park(parked: Parkable): boolean {
    const dueMs = this.#now() + this.ttlMs;
    const known = this.#entries.get(parked.handle);
    if (known) {
      known.dueMs = dueMs;
      return true;
    }
    const mine = this.#perPrincipal.get(parked.principalId) ?? 0;
    if (this.#entries.size >= this.#maxCalls || mine >= this.#maxPerPrincipal) return false;
    this.#entries.set(parked.handle, { parked, dueMs });
    this.#perPrincipal.set(parked.principalId, mine + 1);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
    return true;
  }

  /** The call of that handle, if it is not over. */
  find(handle: string): Parkable | undefined {
    const entry = this.#entries.get(handle);
    if (entry?.dueMs !== undefined && entry.dueMs <= this.#now()) {
      this.#expire(entry);
      return undefined;
    }
    return entry?.parked;
  }

  /** The client is back: time stands still until the call is parked again. */
  hold(handle: string): void {
    const entry = this.#entries.get(handle);
    if (entry) entry.dueMs = undefined;
  }

  /** The call is over. */
  forget(handle: string): void {
    const entry = this.#entries.get(handle);
    if (!entry) return;
    this.#entries.delete(handle);
    const { principalId } = entry.parked;
    const left = (this.#perPrincipal.get(principalId) ?? 1) - 1;
    if (left > 0) this.#perPrincipal.set(principalId, left);
    else this.#perPrincipal.delete(principalId);
    if (this.#entries.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ends all that wait: the gateway closes. */
  close(): void {
    for (const entry of this.#entries.values()) this.#expire(entry);
  }

  #tick(): void {
    const now = this.#now();
    for (const entry of this.#entries.values())
      if (entry.dueMs !== undefined && entry.dueMs <= now) this.#expire(entry);
  }

  #expire(entry: Entry): void {
    this.forget(entry.parked.handle);
    void entry.parked.expired();
  }
}
