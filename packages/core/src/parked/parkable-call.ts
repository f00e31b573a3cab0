import { randomBytes } from 'node:crypto';
import { META } from '@sekisho/protocol';
import type { JsonObject, LargeResponse, ResponseView } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import { isRefusal } from '../ports.ts';
import {
  addressed,
  answerProblem,
  answerToServer,
  isProblem,
  keyOf,
  lacking,
  readQuestionMessage,
} from '../questions/question.ts';
import type { Question } from '../questions/question.ts';
import { passQuestion } from '../questions/pass.ts';
import type { PassedQuestion } from '../questions/pass.ts';
import type { UpstreamFailure } from '../upstreams/failure.ts';
import { withProgressToken } from '../upstreams/incoming.ts';
import { refuseQuestion } from '../upstreams/peer.ts';
import type { CallHandler, ServerRequest } from '../upstreams/peer.ts';
import { toAscii } from '../wire.ts';
import { bindingOf } from './binding.ts';
import type { Seat } from './seat.ts';
import { respondError, saysError } from './server-side.ts';
import { endRefused, refuseCapability, refuseRetry } from './refuse-retry.ts';
import { progressTokenText, readResponses } from './responses.ts';
import type { Parkable } from './store.ts';

interface Open {
  readonly question: Question;
  readonly passed: PassedQuestion;
  readonly request: ServerRequest;
}

/** Questions that a server asks at one time come in one round; so long is waited for the next, milliseconds. */
const GATHER_MS = 15;
/** Questions of one call that may be open; more is a server that floods its client. */
const MAX_OPEN = 32;

/**
 * A call of a modern client to a legacy server. Such a server asks in the middle of the call, such a client is asked in the
 * answer: so the call to the server stays open, and the client's request is answered with `input_required`. A later request
 * of the client takes the seat of the first and hears how the call goes on.
 */
export class ParkableCall implements CallHandler, Parkable {
  /** 128 random bits; made when the call is parked for the first time. */
  handle = '';
  readonly principalId: string;
  readonly #server: string;
  readonly #context: GatewayContext;
  /** The last request's, also while none waits: whoever asks now asks its sender. */
  #seat: Seat;
  #seated = true;
  #over = false;
  #round = 0;
  #lastKey = 0;
  readonly #open = new Map<string, Open>();
  /** How the call ended while nobody was there to hear it. */
  #kept: ((hears: CallHandler) => void) | undefined;
  #lacking: JsonObject | undefined;
  /** Answers that came with the first request. */
  readonly #brought: Map<string, string> | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #cancelUpstream: (() => void) | undefined;

  constructor(seat: Seat, server: string, context: GatewayContext) {
    this.#seat = seat;
    this.#server = server;
    this.#context = context;
    this.principalId = seat.x.principal.id;
    this.#brought = readResponses(seat.x.message);
  }

  /** The means to give the upstream call up. */
  cancelWith(cancel: () => void): void {
    this.#cancelUpstream = cancel;
    if (this.#over) cancel();
  }

  get over(): boolean {
    return this.#over;
  }

  sending(): void {
    this.#seat.hears.sending?.();
  }

  answer(view: ResponseView): void {
    const missing = this.#lacking;
    if (missing && (!view.ok || saysError(view))) this.#end((_hears, seat) => refuseCapability(seat, missing));
    else this.#end((hears) => hears.answer(view));
  }

  answerLarge(large: LargeResponse): void {
    this.#end((hears) => hears.answerLarge?.(large));
  }

  fail(reason: UpstreamFailure): void {
    this.#end((hears) => hears.fail(reason));
  }

  notify(method: string, text: string): void {
    if (!this.#seated) return;
    if (method !== 'notifications/progress') return this.#seat.hears.notify(method, text);
    // The server goes on with the first request's token; each retry has its own, or none.
    const token = progressTokenText(this.#seat.x.message);
    if (token !== undefined) this.#seat.hears.notify(method, withProgressToken(text, toAscii(token)));
  }

  pause(): void {
    if (this.#seated) this.#seat.hears.pause?.();
  }

  readonly ask = (request: ServerRequest): void => {
    void this.#ask(request);
  };

  async #ask(request: ServerRequest): Promise<void> {
    const { x } = this.#seat;
    const question = readQuestionMessage(request.method, request.text);
    if (isProblem(question)) return respondError(request, question.code, question.message);
    // Only three methods may answer `input_required` (basic/patterns/mrtr, rule 1).
    if (x.method.interactive !== true)
      return respondError(request, -32601, 'This client cannot be asked in the middle of such a request.');
    const missing = lacking(question, x.caller.capabilities);
    if (missing) {
      this.#lacking = { ...this.#lacking, ...missing };
      const isUnknown = question.method !== 'elicitation/create' || question.parsed['mode'] !== 'url';
      return respondError(request, isUnknown ? -32601 : -32602, 'The client did not declare this capability.');
    }
    if (this.#open.size >= MAX_OPEN) return respondError(request, -32603, 'Too many questions are open.');
    const passed = await passQuestion(
      { principal: x.principal, credentials: x.credentials, era: 'modern' },
      this.#server,
      question,
      this.#context,
    );
    if (isRefusal(passed)) return refuseQuestion(request);
    if (this.#over) return passed.drop('cancelled');
    const own = keyOf(question);
    if (own !== undefined && (await this.#answersAtOnce(own, question, passed, request))) return;
    this.#open.set(this.#keyFor(own), { question, passed, request });
    if (this.#seated) this.#gather();
  }

  /**
   * A client may bring an answer with its first request, under a key that it knows from before (mrtr: `inputResponses`
   * without `requestState`). Only under the server's own word for it: a number of ours says nothing about a question.
   */
  async #answersAtOnce(
    key: string,
    question: Question,
    passed: PassedQuestion,
    request: ServerRequest,
  ): Promise<boolean> {
    const text = this.#round === 0 ? this.#brought?.get(key) : undefined;
    if (text === undefined || answerProblem(question.method, JSON.parse(text)) !== undefined) return false;
    this.#brought?.delete(key);
    const clean = await passed.answer(answerToServer(text));
    if (isRefusal(clean)) return false;
    request.respond(`"result":${clean}`);
    return true;
  }

  /** The server's own word where it gave one and it is free; else a number. */
  #keyFor(own: string | undefined): string {
    if (own !== undefined && !this.#open.has(own)) return own;
    let key: string;
    do key = `question-${++this.#lastKey}`;
    while (this.#open.has(key));
    return key;
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      if (this.#seated && !this.#over && this.#open.size > 0) this.#park();
    }, GATHER_MS);
  }

  #park(): void {
    const { parked, serverInfo } = this.#context;
    const { x, finish } = this.#seat;
    const { gone } = x.reply;
    if (gone?.aborted) return this.#abandon('cancelled');
    gone?.addEventListener('abort', this.#left, { once: true });
    this.handle ||= randomBytes(16).toString('base64url');
    if (!parked.park(this)) {
      this.#abandon('too-many');
      endRefused(this.#seat, { refused: 'limited', detail: 'too many calls wait for an answer' });
      return;
    }
    const state = { kind: 'parked', handle: this.handle, round: ++this.#round } as const;
    const questions = [...this.#open].map(([key, { question, passed }]) => {
      const hop = question.method === 'elicitation/create' ? { elicitationId: undefined } : {};
      const params = addressed(question.method, passed.params, this.#server, { ...hop, task: undefined });
      return `${JSON.stringify(key)}:{"method":"${question.method}","params":${params}}`;
    });
    const sealed = parked.seal.seal(state, bindingOf(x));
    this.#seated = false;
    this.#seat.hears.release();
    const text = toAscii(
      `{"jsonrpc":"2.0","id":${x.message.idText},"result":{"resultType":"input_required","_meta":{"${META.server}":${serverInfo}},"inputRequests":{${questions.join(',')}},"requestState":"${sealed}"}}`,
    );
    finish.end({ result: 'answered', bytes: text.length }, text);
  }

  /**
   * A request of the client that brings answers. It takes the seat where its state is the current round's and nobody else has
   * it; otherwise it is refused, and the call stays as it was.
   */
  async resume(seat: Seat, round: number, responses: ReadonlyMap<string, string>): Promise<void> {
    if (this.#seated || this.#over || round !== this.#round) return refuseRetry(seat, 'reused');
    const answered = [...this.#open].flatMap(([key, open]) => {
      const text = responses.get(key);
      return text === undefined ? [] : [{ key, open, text }];
    });
    for (const { key, open, text } of answered) {
      const problem = answerProblem(open.question.method, JSON.parse(text));
      if (problem !== undefined) return refuseRetry(seat, 'malformed', `"${key}": ${problem}.`);
    }
    // From here on the state is used: a second retry with it, also at this very moment, finds the seat taken.
    const before = this.#seat;
    this.#take(seat);
    const clean = new Map<string, string>();
    for (const { key, open, text } of answered) {
      const passed = await open.passed.answer(answerToServer(text));
      // Meanwhile the client may have gone, or the server have had its last word.
      if (this.#over) return;
      if (isRefusal(passed)) {
        this.#leave(before);
        return endRefused(seat, passed);
      }
      clean.set(key, passed);
    }
    for (const [key, text] of clean) {
      const open = this.#open.get(key);
      this.#open.delete(key);
      open?.request.respond(`"result":${text}`);
    }
    if (this.#kept) this.#tell(this.#kept);
    else if (this.#open.size > 0) this.#park();
  }

  #take(seat: Seat): void {
    this.#seat = seat;
    this.#seated = true;
    this.#context.parked.hold(this.handle);
  }

  /** The retry was refused after all: the state of this round is good again. */
  #leave(before: Seat): void {
    this.#seat = before;
    this.#seated = false;
    this.#context.parked.park(this);
  }

  /** The client did not come back. */
  expired(): void {
    this.#abandon('expired');
  }

  /** The client of the current request has gone. */
  abandon(): void {
    this.#abandon('cancelled');
  }

  readonly #left = () => this.#abandon('cancelled');

  #abandon(why: 'expired' | 'cancelled' | 'too-many'): void {
    if (this.#over) return;
    this.#close();
    for (const { passed, request, question } of this.#open.values()) {
      passed.drop('cancelled', why);
      if (question.method === 'elicitation/create') request.respond('"result":{"action":"cancel"}');
      else respondError(request, -32603, 'The client gave no answer.');
    }
    this.#open.clear();
    this.#context.log.info({ upstream: this.#server, why }, 'a call that waited for its client was given up');
    this.#cancelUpstream?.();
  }

  /** The server's last word. Kept where nobody is there to hear it. */
  #end(word: (hears: CallHandler, seat: Seat) => void): void {
    if (this.#over || this.#kept) return;
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    // A server that answers does not wait for its questions any more.
    for (const { passed } of this.#open.values()) passed.drop('cancelled', 'withdrawn');
    this.#open.clear();
    if (this.#seated) this.#tell((hears) => word(hears, this.#seat));
    else this.#kept = (hears) => word(hears, this.#seat);
  }

  #tell(word: (hears: CallHandler) => void): void {
    this.#close();
    word(this.#seat.hears);
  }

  #close(): void {
    this.#over = true;
    this.#seat.x.reply.gone?.removeEventListener('abort', this.#left);
    clearTimeout(this.#gathering);
    if (this.handle !== '') this.#context.parked.forget(this.handle);
  }
}
