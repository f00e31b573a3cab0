import type { MonotonicClock, Schedule } from '../clock.ts';
import type { MaybePromise } from '../store.ts';
import { FairQueue } from './fair-queue.ts';
import type { GradientLimit } from './gradient.ts';

/** How a call ended: `done`, or `overloaded` when it timed out or the upstream said it was too busy. */
export type Ending = 'done' | 'overloaded' | 'cancelled';

/** Why there was no slot: the queue was full, the wait would outlast or did outlast the deadline, or the caller left. */
export type ShedReason = 'queue-full' | 'deadline' | 'aborted';

export type Slot = { readonly free: (ending: Ending) => void } | { readonly shed: ShedReason };

export interface GateOptions {
  readonly limit: number | GradientLimit;
  readonly maxQueuedPerCaller: number;
  readonly maxQueued: number;
  readonly now: MonotonicClock;
  readonly schedule: Schedule;
}

interface Waiter {
  readonly caller: string;
  resolve(slot: Slot): void;
  /** Calls off the deadline and the abort listener. */
  release(): void;
}

/** One thing of which only so many may be under way at once. */
export class Gate {
  readonly #options: GateOptions;
  readonly #queue: FairQueue<Waiter>;
  #underWay = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#queue = new FairQueue(options.maxQueuedPerCaller, options.maxQueued);
  }

  get limit(): number {
    const { limit } = this.#options;
    return typeof limit === 'number' ? limit : limit.limit;
  }

  get underWay(): number {
    return this.#underWay;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** @param deadlineAt Instant of `now` after which a slot is of no use. */
  enter(caller: string, deadlineAt: number, signal: AbortSignal | (() => AbortSignal) | undefined): MaybePromise<Slot> {
    if (typeof signal === 'object' && signal.aborted) return { shed: 'aborted' };
    const waitMs = deadlineAt - this.#options.now();
    if (waitMs <= 0) return { shed: 'deadline' };
    if (this.#underWay < this.limit && this.#queue.size === 0) return this.#occupy();
    const leaving = typeof signal === 'function' ? signal() : signal;
    if (leaving?.aborted) return { shed: 'aborted' };
    return new Promise((resolve) => this.#wait(caller, waitMs, leaving, resolve));
  }

  #wait(caller: string, waitMs: number, signal: AbortSignal | undefined, resolve: (slot: Slot) => void): void {
    const leave = (shed: ShedReason): void => {
      this.#queue.remove(caller, waiter);
      waiter.release();
      resolve({ shed });
    };
    const onAbort = (): void => leave('aborted');
    let cancelDeadline = (): void => {};
    const waiter: Waiter = {
      caller,
      resolve,
      release: () => {
        cancelDeadline();
        signal?.removeEventListener('abort', onAbort);
      },
    };
    const pushed = this.#queue.push(caller, waiter);
    if (pushed === 'full') {
      resolve({ shed: 'queue-full' });
      return;
    }
    if (pushed !== 'queued') {
      pushed.displaced.release();
      pushed.displaced.resolve({ shed: 'queue-full' });
    }
    if (waitMs < Infinity) cancelDeadline = this.#options.schedule(() => leave('deadline'), waitMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  }

  #occupy(): Slot {
    this.#underWay++;
    const since = this.#options.now();
    let freed = false;
    return {
      free: (ending) => {
        if (freed) return;
        freed = true;
        this.#learn(ending, since);
        this.#underWay--;
        this.#admitWaiting();
      },
    };
  }

  #learn(ending: Ending, since: number): void {
    const { limit, now } = this.#options;
    if (typeof limit === 'number') return;
    if (ending === 'overloaded') limit.dropped();
    // How long a call took that was called off says when the caller lost patience, not how fast the upstream is.
    else if (ending === 'done') limit.completed(now() - since, this.#underWay);
  }

  #admitWaiting(): void {
    while (this.#underWay < this.limit) {
      const waiter = this.#queue.shift();
      if (waiter === undefined) return;
      waiter.release();
      waiter.resolve(this.#occupy());
    }
  }
}
