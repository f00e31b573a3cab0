import type { AuditEvent, Durability, Receipt } from './event.ts';
import type { Recorder } from './writer/recorder.ts';

/** What both records of an exchange say. */
export type ExchangeContext<E extends string = never> = Pick<
  AuditEvent<E>,
  'actor' | 'source' | 'target' | 'trace' | 'stream'
>;

export interface ExchangeOptions<E extends string = never> extends ExchangeContext<E> {
  /** Default: that of the log; `strict` when `destructive` is true. */
  durability?: Durability;
  /** The tool announced `destructiveHint`. */
  destructive?: boolean;
}

type ExchangeEvent<E extends string> = Omit<AuditEvent<E>, 'exchange'>;

/** One exchange: at most one intent, exactly one terminal record, whatever happens. */
export interface Exchange<E extends string = never> extends AsyncDisposable {
  readonly id: string;
  /** True once a terminal record has been handed in. */
  readonly finished: boolean;
  /** Sets what becomes known later, for example the actor once authenticated. */
  add(context: ExchangeContext<E>): void;
  /**
   * States what is about to be done. In `strict` mode resolves when that is on disk; do not touch the upstream before.
   * Otherwise resolves at once, and the record shares the next write.
   */
  intent(event: ExchangeEvent<E>): Promise<void>;
  /**
   * States how it ended; resolves when that is on disk (at once in `relaxed` mode). Only the first call counts, later ones
   * return its promise, so a `finally` may call it again. When the disk refuses, the terminal record is owed: it is written,
   * marked `late`, as soon as the disk takes records again.
   */
  finish(event: ExchangeEvent<E>): Promise<Receipt>;
}

interface Owed {
  event: AuditEvent<string>;
}

/** Terminal records kept for later at most; beyond it only the gap record tells of them. */
const MAX_OWED = 10_000;

/** Makes exchanges and keeps the terminal records that the disk refused. */
export class Exchanges {
  readonly #recorder: Recorder;
  readonly #newId: () => string;
  readonly #durability: Durability;
  readonly #now: () => number;
  #owed: Owed[] = [];

  constructor(recorder: Recorder, newId: () => string, durability: Durability, now: () => number) {
    this.#recorder = recorder;
    this.#newId = newId;
    this.#durability = durability;
    this.#now = now;
  }

  get owed(): number {
    return this.#owed.length;
  }

  /** Hands in what is owed; what fails again stays owed. */
  payOwed(): void {
    const owed = this.#owed.splice(0, 256);
    for (const { event } of owed) void this.#recorder.record(event, 'relaxed', () => this.#owe(event));
  }

  #owe(event: AuditEvent<string>): void {
    if (this.#owed.length >= MAX_OWED) return;
    // Captured content is not kept in memory for an unknown time.
    const { capture: _capture, ...rest } = event;
    this.#owed.push({ event: { ...rest, detail: { ...rest.detail, late: true } } });
  }

  open<E extends string>(options: ExchangeOptions<E>): Exchange<E> {
    const {
      durability = options.destructive === true ? 'strict' : this.#durability,
      destructive: _d,
      ...context
    } = options;
    const id = this.#newId();
    const openedAtMs = this.#now();
    let known: ExchangeContext<E> = context;
    let terminal: Promise<Receipt> | undefined;
    let preparing: Promise<unknown> | undefined;
    const complete = (event: ExchangeEvent<E>, phase: 'intent' | 'terminal'): AuditEvent<string> => ({
      ...known,
      ...event,
      stream: event.stream ?? known.stream ?? 'exchange',
      exchange: { id, phase },
    });
    const finish = (event: ExchangeEvent<E>): Promise<Receipt> => {
      if (terminal) return terminal;
      const response = { ...event.response, durationMs: event.response?.durationMs ?? this.#now() - openedAtMs };
      const record = { ...complete(event, 'terminal'), response };
      const write = (): Promise<Receipt> => this.#recorder.record(record, durability, () => this.#owe(record));
      // An intent that still waits for the key of a new identity goes first: behind its own end it would never be closed.
      terminal = preparing ? preparing.then(write, write) : write();
      return terminal;
    };
    return {
      id,
      get finished() {
        return terminal !== undefined;
      },
      add(more) {
        known = { ...known, ...more };
      },
      intent: async (event) => {
        const record = complete(event, 'intent');
        const before = this.#recorder.preparing;
        const written = this.#recorder.record(record, durability === 'strict' ? 'strict' : 'relaxed');
        if (this.#recorder.preparing > before) preparing = written;
        if (durability === 'strict') await written;
      },
      finish,
      [Symbol.asyncDispose]: async () => {
        if (!terminal)
          await finish({ type: 'mcp.cancelled', outcome: 'unknown', detail: { reason: 'left without an outcome' } });
      },
    };
  }
}
