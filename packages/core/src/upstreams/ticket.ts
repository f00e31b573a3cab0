import type { LargeResponse, ResponseView } from '@sekisho/protocol';
import type { UpstreamFailure } from './failure.ts';
import type { Habits } from './habits.ts';
import type { Outgoing } from './outgoing.ts';
import type { CallHandler, Peer, ServerRequest } from './peer.ts';
import type { Affinity } from './sessions.ts';

/** A conversation, and the calls on it in whose middle a question may come. */
export interface Lane {
  /** Whom it was opened for; undefined for the one that all share. */
  readonly key: string | undefined;
  readonly peer: () => Peer | Promise<Peer>;
  readonly tickets: Set<Ticket>;
  usedMs: number;
}

export interface TicketOffice {
  readonly habits: Habits;
  /** Gives the ticket a lane, or keeps it waiting for one. */
  seat(ticket: Ticket): void;
  /** Something changed: who waits may have a lane now. */
  changed(ticket: Ticket): void;
}

/** A call in whose middle a question may come, from its place in a lane to its answer. */
export class Ticket implements CallHandler {
  readonly out: Outgoing;
  readonly affinity: Affinity;
  readonly party: object;
  /** Whether it has asked, or its kind is known to ask. */
  asking: boolean;
  lane: Lane | undefined;
  timer: NodeJS.Timeout | undefined;
  /** It has waited long enough to see what the others do. */
  impatient = false;
  readonly #handler: CallHandler;
  readonly #office: TicketOffice;
  readonly answerLarge: ((large: LargeResponse) => void) | undefined;
  #asked = false;
  #over = false;
  #cancel: (() => void) | undefined;

  constructor(out: Outgoing, handler: CallHandler, affinity: Affinity, office: TicketOffice) {
    this.out = out;
    this.affinity = affinity;
    this.#handler = handler;
    this.#office = office;
    this.party = handler.party ?? handler;
    this.asking = office.habits.asks(out);
    this.answerLarge = handler.answerLarge
      ? (large) => {
          this.#answered(true);
          handler.answerLarge?.(large);
        }
      : undefined;
  }

  get over(): boolean {
    return this.#over;
  }

  /** The lane's conversation takes the call. */
  go(call: (handler: CallHandler) => () => void): void {
    const cancel = call(this);
    if (!this.#over) this.#cancel = cancel;
  }

  /** The caller does not wait any more. */
  readonly cancel = (): void => {
    if (this.#over) return;
    this.#leave();
    this.#cancel?.();
  };

  sending(): void {
    this.#handler.sending?.();
  }

  answer(view: ResponseView): void {
    this.#answered(view.ok);
    this.#handler.answer(view);
  }

  fail(reason: UpstreamFailure): void {
    if (this.#over) return;
    this.#leave();
    this.#handler.fail(reason);
  }

  notify(method: string, text: string): void {
    this.#handler.notify(method, text);
  }

  pause(): void {
    this.#handler.pause?.();
  }

  readonly ask = (request: ServerRequest): void => {
    this.#asked = true;
    this.asking = true;
    this.#office.habits.asked(this.out, request.related === true);
    this.#office.changed(this);
    this.#handler.ask?.(request);
  };

  /** @param fully an error says nothing of what the call does when it goes well */
  #answered(fully: boolean): void {
    if (fully && !this.#asked) this.#office.habits.answered(this.out);
    this.#leave();
  }

  #leave(): void {
    this.#over = true;
    clearTimeout(this.timer);
    this.lane?.tickets.delete(this);
    this.#office.changed(this);
  }
}
