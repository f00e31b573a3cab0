import { errorText } from '@sekisho/protocol';
import type { GatewayContext } from './context.ts';
import { afterEnd } from './entry.ts';
import type { Ending, Entry } from './entry.ts';
import type { Authenticated } from './exchange.ts';
import type { HeaderFields, Outcome, Permit, Refusal } from './ports.ts';
import { publicRefusal } from './refusals.ts';

/** The one end of an exchange: its outcome is recorded exactly once, before the last reply leaves. */
export class Finish {
  permit: Permit | undefined;
  /** Whether anything was given to a server; undefined where none was to be asked. */
  sent: boolean | undefined;
  /** Bytes sent to the caller before the answer. */
  bytesBefore = 0;
  readonly #x: Authenticated;
  readonly #entry: Entry | undefined;
  readonly #context: GatewayContext;
  #ended = false;

  constructor(x: Authenticated, context: GatewayContext) {
    this.#x = x;
    this.#entry = x.entry;
    this.#context = context;
  }

  get ended(): boolean {
    return this.#ended || this.#entry?.ended === true;
  }

  /** Ends without an answer, where nobody waits for one any more. */
  record(ending: Ending): void {
    const full = this.#settle(ending);
    if (full && this.#entry) void this.#entry.end(full);
  }

  /** Records and sends the answer that ends the exchange; does nothing where it has ended. */
  end(ending: Ending, text: string, tail?: readonly Buffer[]): void {
    const full = this.#settle(ending);
    if (!full) return;
    if (!this.#entry) return this.#x.reply.end(text, tail);
    full.answer = text;
    if (tail) full.answerTail = tail;
    this.#afterEnd(full, () => this.#x.reply.end(text, tail));
  }

  /** Records and sends a refusal, with its HTTP status where the transport has one. */
  refuse(ending: Ending, status: number, text: string, headers?: HeaderFields): void {
    const full = this.#settle(ending);
    if (full) this.#afterEnd(full, () => this.#x.reply.refuse(status, text, headers));
  }

  fail(code: number, message: string, data?: unknown, reason?: string): void {
    this.end(
      { result: 'failed', code, ...(reason === undefined ? {} : { reason }) },
      errorText(this.#x.message.idText, code, message, data),
    );
  }

  /** Tells the permit. Undefined where the exchange has ended before. */
  #settle(ending: Ending): { -readonly [K in keyof Outcome]: Outcome[K] } | undefined {
    if (this.#ended) return undefined;
    this.#ended = true;
    this.#x.stream?.close();
    const outcome: { -readonly [K in keyof Outcome]: Outcome[K] } = {
      ...ending,
      durationMs: this.permit || this.#entry ? this.#context.now() - this.#x.startedMs : 0,
    };
    if (this.sent !== undefined) outcome.sent = this.sent;
    if (this.bytesBefore > 0) outcome.bytes = this.bytesBefore + (ending.bytes ?? 0);
    this.permit?.settle(outcome);
    return outcome;
  }

  #afterEnd(ending: Ending, send: () => void): void {
    const late = afterEnd(this.#entry, ending, send, (refusal) => this.#withhold(refusal));
    if (late)
      late.catch((error: unknown) => this.#context.log.error({ error: String(error) }, 'an answer could not be sent'));
  }

  /** What cannot be recorded is not told: the answer is withheld. */
  #withhold(refusal: Refusal): void {
    const { status, text, headers } = publicRefusal(refusal, this.#x.message.idText);
    this.#x.reply.refuse(status, text, headers);
  }
}
