import { failure } from './failure.ts';
import type { Habits } from './habits.ts';
import type { Outgoing } from './outgoing.ts';
import type { CallHandler, Peer } from './peer.ts';
import type { Affinity } from './sessions.ts';
import { Ticket } from './ticket.ts';
import type { Lane, TicketOffice } from './ticket.ts';

export interface LanesOptions {
  readonly habits: Habits;
  /** True where a question can come without its call: processes, HTTP+SSE, and streams that belong to no request. */
  readonly tells: boolean;
  /** Conversations beside the shared ones, at most. */
  readonly maxSpare: number;
  /** The conversation that the calls of `affinity` share: its key, and the way to it. */
  home(affinity: Affinity): { readonly key: string; readonly peer: Peer | Promise<Peer> };
  /** Opens another one like it. */
  open(affinity: Affinity, onLost: () => void): Promise<Peer>;
}

interface Spare extends Lane {
  readonly opening: Promise<Peer>;
}

/** How long a call whose kind is not known yet waits to see what the one before it does, milliseconds. */
const PATIENCE_MS = 2_000;
const IDLE_MS = 60_000;

/**
 * On which conversation a call goes in whose middle the server may ask. Where nothing says to which call a question belongs,
 * two calls that ask must not share one conversation. Calls that were seen not to ask share one as ever, because servers keep
 * state in their process; of those that nothing is known of, one at a time is tried; those that ask have the shared
 * conversation while no other asks there, and one of their own while one does.
 */
export class Lanes implements TicketOffice {
  readonly habits: Habits;
  readonly #options: LanesOptions;
  readonly #homes = new Map<string, Lane>();
  readonly #spares = new Set<Spare>();
  readonly #waiting = new Set<Ticket>();
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.habits = options.habits;
  }

  /** Calls of clients on conversations of their own, and those that wait for one. */
  get inFlight(): number {
    let count = this.#waiting.size;
    for (const { tickets } of this.#spares) count += tickets.size;
    return count;
  }

  call(out: Outgoing, handler: CallHandler, affinity: Affinity): () => void {
    if (this.habits.isPlain(out) || (this.#options.tells && this.habits.correlated))
      return callOn(this.#options.home(affinity).peer, out, handler);
    const ticket = new Ticket(out, handler, affinity, this);
    this.seat(ticket);
    return ticket.cancel;
  }

  seat(ticket: Ticket): void {
    const lane = this.#laneFor(ticket);
    if (lane === 'later') {
      this.#waiting.add(ticket);
      ticket.timer ??= setTimeout(() => {
        ticket.impatient = true;
        this.changed(ticket);
      }, PATIENCE_MS).unref();
      return;
    }
    this.#waiting.delete(ticket);
    clearTimeout(ticket.timer);
    if (!lane) {
      ticket.fail(failure('ERR_UPSTREAM_UNAVAILABLE', 'too many calls of the server wait for their clients', false));
      return;
    }
    lane.tickets.add(ticket);
    lane.usedMs = Date.now();
    ticket.lane = lane;
    ticket.go((handler) => callOn(lane.peer(), ticket.out, handler));
  }

  changed(ticket: Ticket): void {
    if (ticket.over) this.#waiting.delete(ticket);
    const { lane } = ticket;
    if (lane?.tickets.size === 0 && lane.key !== undefined && this.#homes.get(lane.key) === lane)
      this.#homes.delete(lane.key);
    if (this.#waiting.size === 0) return;
    // Not at once: what is being told of has not been told to its own caller yet.
    queueMicrotask(() => {
      for (const one of this.#waiting) this.seat(one);
    });
  }

  /** Everything that was opened for one client ends. */
  drop(key: string): void {
    for (const spare of this.#spares) if (spare.key === key) void this.#end(spare);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    const reason = failure('ERR_UPSTREAM_CLOSED', 'closed by the gateway', false);
    for (const ticket of this.#waiting) ticket.fail(reason);
    await Promise.all([...this.#spares].map((spare) => this.#end(spare)));
  }

  #laneFor(ticket: Ticket): Lane | 'later' | undefined {
    const { key } = this.#options.home(ticket.affinity);
    const home = this.#homes.get(key) ?? {
      key,
      peer: () => this.#options.home(ticket.affinity).peer,
      tickets: new Set<Ticket>(),
      usedMs: 0,
    };
    const others = [...home.tickets].filter(({ party }) => party !== ticket.party);
    if (this.habits.isPlain(ticket.out) || others.length === 0) {
      this.#homes.set(key, home);
      return home;
    }
    if (ticket.asking || this.habits.asks(ticket.out) || others.some(({ asking }) => asking))
      return this.#spareFor(ticket.affinity);
    return ticket.impatient ? home : 'later';
  }

  #spareFor(affinity: Affinity): Lane | undefined {
    if (this.#closed) return undefined;
    const idle = [...this.#spares].filter(({ tickets }) => tickets.size === 0);
    const own = idle.find(({ key }) => key === affinity.key);
    if (own) return own;
    if (this.#spares.size >= this.#options.maxSpare) {
      const [first] = idle;
      if (!first) return undefined;
      void this.#end(first);
    }
    const opening = this.#options.open(affinity, () => void this.#end(spare));
    const spare: Spare = {
      key: affinity.key,
      opening,
      peer: () => opening,
      tickets: new Set(),
      usedMs: Date.now(),
    };
    this.#spares.add(spare);
    opening.catch(() => this.#spares.delete(spare));
    this.#sweep ??= setInterval(() => this.#dropIdle(), IDLE_MS / 4).unref();
    return spare;
  }

  #dropIdle(): void {
    const limit = Date.now() - IDLE_MS;
    for (const spare of this.#spares) if (spare.tickets.size === 0 && spare.usedMs < limit) void this.#end(spare);
  }

  /** The conversation is over, or is ended. */
  async #end(spare: Spare): Promise<void> {
    this.#spares.delete(spare);
    const peer = await spare.opening.catch(() => undefined);
    await peer?.close();
  }
}

/** Makes a call on a conversation that may still be opening. */
export function callOn(peer: Peer | Promise<Peer>, out: Outgoing, handler: CallHandler): () => void {
  if (!(peer instanceof Promise)) return peer.call(out, handler);
  let cancel: (() => void) | undefined;
  let cancelled = false;
  peer.then(
    (ready) => {
      if (!cancelled) cancel = ready.call(out, handler);
    },
    (error: unknown) => handler.fail(failure('ERR_UPSTREAM_SESSION', String(error), false)),
  );
  return () => {
    cancelled = true;
    cancel?.();
  };
}
