import { randomUUID } from 'node:crypto';
import { errorText } from '@sekisho/protocol';
import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import type { Awaitable, ExchangeRecord, Outcome, Permit, Target } from './ports.ts';

type Ending = Omit<Outcome, 'durationMs'>;

/** The one end of an exchange: its outcome is recorded exactly once, before the last reply leaves. */
export class Finish {
  permit: Permit | undefined;
  /** Whether anything was given to a server; undefined where none was to be asked. */
  sent: boolean | undefined;
  /** Bytes sent to the caller before the answer. */
  bytesBefore = 0;
  readonly #x: Authenticated;
  readonly #target: Target;
  readonly #context: GatewayContext;
  #exchange: ExchangeRecord | undefined;
  #ended = false;

  constructor(x: Authenticated, target: Target, context: GatewayContext) {
    this.#x = x;
    this.#target = target;
    this.#context = context;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What the record knows of this exchange; made when somebody records. */
  get exchange(): ExchangeRecord {
    const { principal, caller, startedMs } = this.#x;
    this.#exchange ??= { id: randomUUID(), principal, target: this.#target, era: caller.era, startedMs };
    return this.#exchange;
  }

  /** @returns a promise only where a recorder needs one */
  record(ending: Ending): Awaitable<void> {
    if (this.#ended) return undefined;
    this.#ended = true;
    this.#x.stream?.close();
    const recorder = this.#context.ports.record;
    if (!this.permit && !recorder?.outcome) return undefined;
    const outcome: { -readonly [K in keyof Outcome]: Outcome[K] } = {
      ...ending,
      durationMs: this.#context.now() - this.#x.startedMs,
    };
    if (this.sent !== undefined) outcome.sent = this.sent;
    if (this.bytesBefore > 0) outcome.bytes = this.bytesBefore + (ending.bytes ?? 0);
    this.permit?.settle(outcome);
    return recorder?.outcome?.(this.exchange, outcome);
  }

  /** Records and sends the answer that ends the exchange; does nothing where it has ended. */
  end(ending: Ending, text: string, tail?: readonly Buffer[]): void {
    if (this.#ended) return;
    const { reply, message } = this.#x;
    const recorded = this.record(ending);
    if (!recorded) return reply.end(text, tail);
    recorded.then(
      () => reply.end(text, tail),
      (error: unknown) => {
        this.#context.log.error({ error: String(error) }, 'the record refused an outcome');
        reply.end(errorText(message.idText, -31503, 'The gateway cannot record this call.'));
      },
    );
  }

  fail(code: number, message: string, data?: unknown, reason?: string): void {
    this.end(
      { result: 'failed', code, ...(reason === undefined ? {} : { reason }) },
      errorText(this.#x.message.idText, code, message, data),
    );
  }
}
