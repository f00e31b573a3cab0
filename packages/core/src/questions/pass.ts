import { randomUUID } from 'node:crypto';
import type { GatewayContext } from '../context.ts';
import { isRefusal } from '../ports.ts';
import type { Credentials, ExchangeRecord, FilterContext, Outcome, Principal, Refusal, Target } from '../ports.ts';
import type { Era } from '@sekisho/protocol';
import type { Question, QuestionMethod } from './question.ts';

/** Whom a server asks: the sender of the call in which it does. */
export interface Asked {
  readonly principal: Principal;
  readonly credentials: Credentials;
  readonly era: Era;
}

/**
 * The one place where what a server asks, and what the client answers, pass the ports: decided, limited, filtered and
 * recorded like any message, in the order of the pipeline and for its reasons. Every cell of the era bridge goes through it.
 *
 * @param server the asking server, by its configured name
 * @returns the question as it may be put, or the refusal of a port. A port that throws refuses.
 */
export async function passQuestion(
  asked: Asked,
  server: string,
  question: Question,
  context: GatewayContext,
): Promise<PassedQuestion | Refusal> {
  const { ports } = context;
  const target: Target = {
    method: question.method,
    kind: 'question',
    server,
    name: undefined,
    arguments: question.parsed,
  };
  const exchange: ExchangeRecord = {
    id: randomUUID(),
    principal: asked.principal,
    target,
    era: asked.era,
    startedMs: context.now(),
  };
  const passed = new PassedQuestion(exchange, { principal: asked.principal, target }, context);
  try {
    const denied = await ports.decide(asked.principal, target, asked.credentials.remoteAddress);
    if (denied) return await passed.refuse(denied);
    const permit = await ports.take?.(asked.principal, target, asked.credentials);
    if (isRefusal(permit)) return await passed.refuse(permit);
    // A question is no work of a server: it counts, but nothing is held while the user thinks.
    permit?.settle({ result: 'answered', durationMs: 0 });
    const cleaned = await passed.clean(question.params, 'outbound');
    if (isRefusal(cleaned)) return await passed.refuse(cleaned);
    passed.params = cleaned;
    await ports.record?.intent?.(exchange);
    return passed;
  } catch (error) {
    context.log.error({ error: String(error) }, 'a question was withheld because a check failed');
    return { refused: 'content' };
  }
}

/**
 * The answer to a question of which nothing was kept, because a modern server keeps it itself.
 *
 * @param result raw JSON
 */
export function passAnswer(
  asked: Asked,
  server: string,
  method: QuestionMethod,
  result: string,
  context: GatewayContext,
): Promise<string | Refusal> {
  const target: Target = { method, kind: 'question', server, name: undefined };
  const exchange = { id: '', principal: asked.principal, target, era: asked.era, startedMs: 0 };
  const passed = new PassedQuestion(exchange, { principal: asked.principal, target }, context, true);
  return passed.answer(result);
}

/** A question that may be put. Its end is recorded exactly once. */
export class PassedQuestion {
  /** Raw JSON of its `params` as the filters left them. */
  params = '';
  readonly #exchange: ExchangeRecord;
  readonly #filterContext: FilterContext;
  readonly #context: GatewayContext;
  #ended: boolean;

  /** @param ended whether its end is on record already */
  constructor(exchange: ExchangeRecord, filterContext: FilterContext, context: GatewayContext, ended = false) {
    this.#exchange = exchange;
    this.#filterContext = filterContext;
    this.#context = context;
    this.#ended = ended;
  }

  /**
   * The client's answer on its way to the server.
   *
   * @param result raw JSON of the result
   * @returns what may be sent, or a refusal; then the question is still open
   */
  async answer(result: string): Promise<string | Refusal> {
    try {
      const cleaned = await this.clean(result, 'inbound');
      if (!isRefusal(cleaned)) await this.end('answered');
      return cleaned;
    } catch (error) {
      this.#context.log.error({ error: String(error) }, 'an answer was withheld because a check failed');
      return { refused: 'content' };
    }
  }

  /** Records how the question ended; does nothing where it has. */
  async end(result: Outcome['result'], reason?: string): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const durationMs = this.#context.now() - this.#exchange.startedMs;
    await this.#context.ports.record?.outcome?.(this.#exchange, {
      result,
      durationMs,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** The same for who does not wait: what fails is on the log. */
  drop(result: Outcome['result'], reason?: string): void {
    this.end(result, reason).catch((error: unknown) =>
      this.#context.log.error({ error: String(error) }, 'the record refused the outcome of a question'),
    );
  }

  /** @internal */
  async refuse(refusal: Refusal): Promise<Refusal> {
    await this.end('refused', refusal.refused);
    return refusal;
  }

  /** @internal */
  async clean(text: string, way: 'inbound' | 'outbound'): Promise<string | Refusal> {
    let clean = text;
    for (const filter of this.#context.ports.filters) {
      const result = await filter[way]?.(clean, this.#filterContext);
      if (isRefusal(result)) return result;
      clean = result ?? clean;
    }
    return clean;
  }
}
