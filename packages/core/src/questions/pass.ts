import type { Era } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import { openEntry } from '../entry.ts';
import type { Entry } from '../entry.ts';
import { isRefusal } from '../ports.ts';
import type { Credentials, FilterContext, Outcome, Principal, Refusal, Target } from '../ports.ts';
import { refusalEnding } from '../refusals.ts';
import { encodeBinary } from '../wire.ts';
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
  const { principal, credentials } = asked;
  const target: Target = {
    method: question.method,
    kind: 'question',
    server,
    name: undefined,
    arguments: question.parsed,
  };
  const entry = openEntry(context, credentials);
  const passed = new PassedQuestion(entry, { principal, target, ...noted(entry) }, context);
  if (entry) {
    Object.assign(entry, { principal, target, era: asked.era, method: question.method });
    // It is answered by another request: that one's client may leave without its end.
    entry.outlivesClient = true;
  }
  try {
    const denied = await ports.decide(principal, target, credentials.remoteAddress, entry?.noted);
    if (denied) return await passed.refuse(denied);
    const permit = await ports.take?.(principal, target, credentials);
    if (isRefusal(permit)) return await passed.refuse(permit);
    // A question is no work of a server: it counts, but nothing is held while the user thinks.
    permit?.settle({ result: 'answered', durationMs: 0 });
    const cleaned = await passed.clean(question.params, 'outbound');
    if (isRefusal(cleaned)) return await passed.refuse(cleaned);
    passed.params = cleaned;
    if (entry) entry.arguments = cleaned;
    const unrecorded = await entry?.intent();
    return unrecorded ? await passed.refuse(unrecorded) : passed;
  } catch (error) {
    context.log.error({ error: String(error) }, 'a question was withheld because a check failed');
    return await passed.refuse({ refused: 'content' });
  }
}

/**
 * The answer to a question of which nothing was kept, because a modern server keeps it itself. It is on record with the
 * request that brings it.
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
  const passed = new PassedQuestion(undefined, { principal: asked.principal, target }, context);
  return passed.answer(result);
}

function noted(entry: Entry | undefined): Pick<FilterContext, 'note'> {
  return entry ? { note: (facts) => entry.note(facts) } : {};
}

/** A question that may be put. Its end is recorded exactly once. */
export class PassedQuestion {
  /** Raw JSON of its `params` as the filters left them. */
  params = '';
  readonly #entry: Entry | undefined;
  readonly #filterContext: FilterContext;
  readonly #context: GatewayContext;

  constructor(entry: Entry | undefined, filterContext: FilterContext, context: GatewayContext) {
    this.#entry = entry;
    this.#filterContext = filterContext;
    this.#context = context;
  }

  /**
   * The client's answer on its way to the server.
   *
   * @param result raw JSON of the result
   * @returns what may be sent, or a refusal; after a refusal by a filter the question is still open
   */
  async answer(result: string): Promise<string | Refusal> {
    try {
      const cleaned = await this.clean(result, 'inbound');
      if (isRefusal(cleaned)) return cleaned;
      const answer = encodeBinary(cleaned);
      return (await this.#entry?.end({ result: 'answered', bytes: answer.length, answer })) ?? cleaned;
    } catch (error) {
      this.#context.log.error({ error: String(error) }, 'an answer was withheld because a check failed');
      return { refused: 'content' };
    }
  }

  /** Records how the question ended; does nothing where it has. What comes back is a refusal of the record. */
  async end(result: Outcome['result'], reason?: string): Promise<Refusal | undefined> {
    return await this.#entry?.end({ result, ...(reason === undefined ? {} : { reason }) });
  }

  /** The same for who has nothing to withhold any more. */
  drop(result: Outcome['result'], reason?: string): void {
    void this.end(result, reason);
  }

  /** @internal */
  async refuse(refusal: Refusal): Promise<Refusal> {
    if (refusal.facts) this.#entry?.note(refusal.facts);
    await this.#entry?.end(refusalEnding(refusal, -32601));
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
