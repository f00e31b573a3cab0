import type { ResponseView } from '@sekisho/protocol';
import { parseBinary } from '../wire.ts';
import { isObject, wholeResponse } from '@sekisho/protocol';
import type { JsonObject, LargeResponse } from '@sekisho/protocol';
import type { Deadline, Deadlines } from './deadlines.ts';
import { OpenError, failure } from './failure.ts';
import type { UpstreamFailure } from './failure.ts';
import { progressTokenOf, withProgressToken } from './incoming.ts';
import { ownParams } from './outgoing.ts';
import { IdRing } from './id-ring.ts';
import type { CallerFacts, Outgoing } from './outgoing.ts';
import { refuseQuestion } from './peer.ts';
import type { CallHandler, Peer, ServerRequest } from './peer.ts';
import { Unclaimed } from './unclaimed.ts';

/** A call that waits for its answer. */
export interface OpenCall {
  readonly id: number;
  readonly out: Outgoing;
  readonly handler: CallHandler;
  deadline: Deadline | undefined;
  /** Questions of the server that wait for the client. */
  questions: number;
}

/** A server that waits for a person is not late. So long an answer may take, milliseconds; the client's side ends it sooner. */
const ANSWER_MS = 3_600_000;

export interface CallTimes {
  readonly callMs: number;
  readonly maxCallMs: number;
}

/** The calls in flight on one conversation, by the ids of this hop. */
export class Calls {
  readonly #open = new IdRing<OpenCall>();
  readonly #deadlines: Deadlines;
  readonly #times: CallTimes;
  readonly #unclaimed: Unclaimed<OpenCall>;

  constructor(deadlines: Deadlines, times: CallTimes) {
    this.#deadlines = deadlines;
    this.#times = times;
    this.#unclaimed = new Unclaimed(deadlines, (call, request) => this.ask(call, request));
  }

  /** Calls of clients; the gateway's own do not count. */
  get size(): number {
    let count = 0;
    for (const call of this.#open.items()) if (!call.out.own) count++;
    return count;
  }

  /**
   * The only call of a client in flight, if there is exactly one: what a transport without correlation may be attributed
   * to. The gateway's own requests do not count, nobody waits for messages of theirs.
   */
  only(): OpenCall | undefined {
    let found: OpenCall | undefined;
    for (const call of this.#open.items()) {
      if (call.out.own) continue;
      if (found) return undefined;
      found = call;
    }
    return found;
  }

  /** @param giveUp tells the server that nobody waits any more; called when the deadline passes */
  add(out: Outgoing, handler: CallHandler, giveUp: (call: OpenCall) => void): OpenCall {
    const call: OpenCall = { id: this.#open.nextId(), out, handler, deadline: undefined, questions: 0 };
    this.#open.put(call);
    if (this.#times.callMs > 0) {
      call.deadline = this.#deadlines.add(this.#times.callMs, this.#times.maxCallMs, () => {
        if (!this.#open.take(call.id)) return;
        this.#unclaimed.gone(call);
        giveUp(call);
        handler.fail(failure('ERR_UPSTREAM_TIMEOUT', `no answer to ${out.method} in time`, true));
      });
    }
    return call;
  }

  /** A call without end of its own, such as a listen: the deadline is taken off. */
  keepOpen(call: OpenCall): void {
    if (call.deadline) this.#deadlines.remove(call.deadline);
    call.deadline = undefined;
  }

  /** Gives a message to the subscription that it names. False where there is none. */
  subscribed(id: number, method: string, text: string): boolean {
    const call = this.#open.get(id);
    if (call?.out.method !== 'subscriptions/listen') return false;
    call.handler.notify(method, text);
    return true;
  }

  /** Takes the call out without an answer. Undefined where it was answered, failed or cancelled before. */
  take(id: number): OpenCall | undefined {
    const call = this.#close(id);
    if (call) this.#unclaimed.gone(call);
    return call;
  }

  #close(id: number): OpenCall | undefined {
    const call = this.#open.take(id);
    if (call?.deadline) this.#deadlines.remove(call.deadline);
    return call;
  }

  /** A question that came without its call. */
  askUnclaimed(request: ServerRequest): void {
    this.#unclaimed.put(
      request,
      this.#open.items().filter(({ out }) => !out.own),
    );
  }

  /** Puts a question to the call it belongs to. The call's time stands still until it is answered. */
  ask(call: OpenCall, request: ServerRequest): void {
    if (!call.handler.ask) return refuseQuestion(request);
    call.questions++;
    if (call.deadline) this.#deadlines.defer(call.deadline, ANSWER_MS);
    call.handler.ask({
      method: request.method,
      text: request.text,
      idText: request.idText,
      related: request.related === true,
      respond: (body) => {
        call.questions--;
        if (call.deadline && call.questions === 0) this.#deadlines.extend(call.deadline);
        request.respond(body);
      },
    });
  }

  answer(id: number, view: ResponseView): void {
    const call = this.#close(id);
    if (!call) return;
    call.handler.answer(view);
    this.#unclaimed.answered(call);
  }

  answerLarge(id: number, large: LargeResponse): void {
    const call = this.#close(id);
    if (!call) return;
    const { handler } = call;
    const view = handler.answerLarge ? undefined : wholeResponse(large);
    if (handler.answerLarge) handler.answerLarge(large);
    else if (view) handler.answer(view);
    else handler.fail(failure('ERR_UPSTREAM_INVALID', 'the answer is no message', true));
    this.#unclaimed.answered(call);
  }

  fail(id: number, reason: UpstreamFailure): void {
    this.take(id)?.handler.fail(reason);
  }

  failAll(reason: UpstreamFailure): void {
    for (const { id } of this.#open.items()) this.fail(id, reason);
  }

  /** Gives progress to the caller whose token it bears; unknown tokens go nowhere. */
  progress(text: string): void {
    const token = progressTokenOf(text);
    const call = token === undefined ? undefined : this.#open.get(token);
    if (!call || call.out.progressToken === undefined) return;
    if (call.deadline) this.#deadlines.extend(call.deadline);
    call.handler.notify('notifications/progress', withProgressToken(text, call.out.progressToken));
  }
}

/** Asks over a peer on the gateway's own behalf. Rejects with an {@link OpenError} that says what the server did. */
export function askRaw(
  peer: Pick<Peer, 'call'>,
  method: string,
  params: JsonObject,
  facts: CallerFacts,
): Promise<ResponseView> {
  return new Promise((resolve, reject) => {
    peer.call(
      {
        own: true,
        method,
        source: ownParams(params),
        changes: {},
        caller: facts,
        progressToken: undefined,
        name: undefined,
      },
      {
        answer: resolve,
        fail: (reason) => reject(new OpenError(reason.code, `${method}: ${reason.detail}`, { status: reason.status })),
        notify: () => undefined,
      },
    );
  });
}

export async function ask(
  peer: Pick<Peer, 'call'>,
  method: string,
  params: JsonObject,
  facts: CallerFacts,
): Promise<JsonObject> {
  return resultOf(await askRaw(peer, method, params, facts), method);
}

/** The parsed result of an answer. Throws an {@link OpenError} where it is an error. */
export function resultOf(view: ResponseView, method: string): JsonObject {
  const message = parseBinary(view.text);
  const result = isObject(message) ? message['result'] : undefined;
  if (isObject(result)) return result;
  const error = isObject(message) && isObject(message['error']) ? message['error'] : {};
  throw new OpenError(
    'ERR_UPSTREAM_REFUSED',
    `${method} was answered with error ${String(error['code'])}: ${String(error['message']).slice(0, 200)}`,
  );
}
