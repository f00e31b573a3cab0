/** Where the messages of one stream go while a connection is there to take them. */
export interface Outlet {
  /** Sends one message, a binary string on one line. `id` makes it resumable. */
  send(text: string, id?: string): void;
  /** An event without a message: its id lets the client resume from there, and says how soon (2025-11-25, SEP-1699). */
  prime(id: string, retryMs: number): void;
  /** A line that readers ignore, to keep the connection open. */
  comment(): void;
  end(): void;
}

interface Kept {
  readonly seq: number;
  readonly text: string;
}

/** What is kept of a stream for a client that comes back, in messages and in characters. */
const MAX_KEPT = 256;
const MAX_KEPT_LENGTH = 1_048_576;

/**
 * One SSE stream of a legacy session: it outlives its connection, so a client that lost it can take it up again from the
 * last event it saw (2025-11-25, basic/transports, "Resumability"). Events of one stream are never replayed on another.
 */
export class EventStream {
  readonly id: string;
  #outlet: Outlet | undefined;
  #seq = 0;
  /** The last event that a connection was there for. */
  #delivered = 0;
  readonly #kept: Kept[] = [];
  #length = 0;
  #done = false;

  constructor(id: string) {
    this.id = id;
  }

  /** True once the last message was sent and nobody can be waiting for more. */
  get done(): boolean {
    return this.#done;
  }

  get attached(): boolean {
    return this.#outlet !== undefined;
  }

  /** Gives the stream a connection; an older one is ended. With `after`, what came later is sent again first; without it, what nobody was there for. */
  attach(outlet: Outlet, after?: number): void {
    if (this.#outlet && this.#outlet !== outlet) this.#outlet.end();
    this.#outlet = outlet;
    const from = after ?? this.#delivered;
    for (const { seq, text } of this.#kept) if (seq > from) outlet.send(text, this.#idOf(seq));
    this.#delivered = this.#seq;
    if (this.#done) outlet.end();
  }

  /** The connection is gone; the stream goes on. */
  detach(outlet: Outlet): void {
    if (this.#outlet === outlet) this.#outlet = undefined;
  }

  /** An event without a message, whose id lets the client resume from the very start (2025-11-25). */
  prime(): string {
    return this.#idOf(this.#seq);
  }

  send(text: string): void {
    const seq = ++this.#seq;
    if (this.#outlet) {
      this.#outlet.send(text, this.#idOf(seq));
      this.#delivered = seq;
    }
    this.#kept.push({ seq, text });
    this.#length += text.length;
    while (this.#kept.length > MAX_KEPT || (this.#length > MAX_KEPT_LENGTH && this.#kept.length > 1)) {
      this.#length -= this.#kept.shift()!.text.length;
    }
  }

  finish(): void {
    this.#done = true;
    this.#outlet?.end();
  }

  #idOf(seq: number): string {
    return `${this.id}.${seq}`;
  }
}

/** The stream and place that an event id names; undefined for one that is none of ours. */
export function readEventId(id: string): { stream: string; seq: number } | undefined {
  const match = /^([a-z0-9]{1,16})\.(\d{1,15})$/.exec(id);
  return match ? { stream: match[1]!, seq: Number(match[2]) } : undefined;
}
