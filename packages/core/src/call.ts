import { wholeResponse } from '@sekisho/protocol';
import type { LargeResponse, ResponseView } from '@sekisho/protocol';
import { largeToClient, toClient } from './answer.ts';
import { answerContextOf } from './answer-context-of.ts';
import type { Item } from './catalogue/item.ts';
import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import type { Finish } from './finish.ts';
import type { UpstreamPlace } from './locate.ts';
import { cleanOutbound } from './outbound.ts';
import type { Cleaned } from './outbound.ts';
import { endingOf, isDoubtful, isMismatch, needsCapability, outcomeOf } from './call-ends.ts';
import { askingAnswer } from './parked/asking-answer.ts';
import { asksForInput } from './parked/relay.ts';
import { askLegacy } from './questions/ask-legacy.ts';
import { rises } from './rounds/rounds.ts';
import type { Rounds } from './rounds/rounds.ts';
import { taskAsks } from './tasks/task-calls.ts';
import { hasQuestions } from './tasks/task-questions.ts';
import type { Principal, Slot, SlotEnding, Target } from './ports.ts';
import { INTERRUPTED } from './under-way.ts';
import type { UnderWay } from './under-way.ts';
import { isToolError } from './answer-errors.ts';
import { refusalEnding } from './refusals.ts';
import { wantsLog } from './wants-log.ts';
import { publicFailure } from './public-failure.ts';
import { registerCancel, unregisterCancel } from './cancel.ts';
import { failure } from './upstreams/failure.ts';
import type { UpstreamFailure } from './upstreams/failure.ts';
import { refuseQuestion } from './upstreams/peer.ts';
import type { CallHandler, ServerRequest } from './upstreams/peer.ts';

/** A call as it is made, once or in rounds. */
export interface Making {
  readonly x: Authenticated;
  readonly place: UpstreamPlace;
  readonly target: Target;
  readonly cleaned: string | undefined;
  readonly context: GatewayContext;
  readonly finish: Finish;
  readonly rounds: Rounds | undefined;
  /** The tool's definition was read anew for this call. */
  readonly refreshed: boolean;
}

/** One call to a server, as its caller hears of it. */
export class Call implements CallHandler, UnderWay {
  slot = -1;
  readonly #x: Authenticated;
  readonly #place: UpstreamPlace;
  readonly #target: Target;
  readonly #context: GatewayContext;
  readonly #finish: Finish;
  #slot: Slot | undefined;
  readonly #rounds: Rounds | undefined;
  #last: Promise<void> | undefined;
  /** Takes back the questions that the server has open. */
  readonly #withdrawals: (() => void)[] = [];
  readonly ask: ((request: ServerRequest) => void) | undefined;
  readonly party: object | undefined;

  readonly #redo: ((item: Item) => void) | undefined;

  constructor(
    { x, place, target, context, finish, rounds, refreshed }: Making,
    slot: Slot | undefined,
    redo: (item: Item) => void,
  ) {
    this.#rounds = rounds;
    this.#x = x;
    this.#place = place;
    this.#target = target;
    this.#context = context;
    this.#finish = finish;
    this.#slot = slot;
    context.underWay.add(this);
    this.#redo = refreshed ? undefined : redo;
    finish.sent = false;
    const { session, era } = x.caller;
    this.party = session;
    this.ask =
      era === 'legacy' && session?.canBeAsked
        ? (request) => {
            // Without a place for its stream the question could not be put: better no answer now than none ever.
            if (x.stream?.take()) return refuseQuestion(request);
            const { principal, credentials } = x;
            const send = (text: string) => x.reply.send(text);
            const server = place.upstream.spec.name;
            this.#withdrawals.push(askLegacy({ session, principal, credentials, server, send }, request, context));
          }
        : undefined;
  }

  sending(): void {
    this.#finish.sent = true;
  }

  cancelWith(cancel: () => void): void {
    registerCancel(this.#x, () => {
      this.#over('cancelled');
      cancel();
      this.#finish.record({ result: 'cancelled' });
    });
  }

  /** The call has ended at its server, or is ended there: its slot is free, and what it asked is of no use any more. */
  #over(ending: SlotEnding): void {
    unregisterCancel(this.#x);
    this.#context.underWay.remove(this);
    for (const withdraw of this.#withdrawals) withdraw();
    this.#slot?.leave(ending);
    this.#slot = undefined;
  }

  get principal(): Principal {
    return this.#x.principal;
  }

  get server(): string {
    return this.#place.upstream.spec.name;
  }

  interrupt(): void {
    const { cancel } = this.#x;
    this.#finish.fail(-31503, INTERRUPTED, undefined, 'interrupted');
    cancel?.();
    this.release();
  }

  /** Nobody waits for it any more, and nothing is under way for it. */
  release(): void {
    this.#over('done');
  }

  answer(view: ResponseView): void {
    const x = this.#x;
    const asking =
      x.caller.era === 'modern' && x.method.interactive === true ? askingAnswer(view, this.#place.upstream) : undefined;
    if (asking) {
      this.release();
      void asking(view, { x, finish: this.#finish, hears: this }, this.#place.upstream, this.#context);
      return;
    }
    if (this.#rounds && this.#place.upstream.opened?.era === 'modern' && asksForInput(view)) {
      this.release();
      return this.#rounds.take(view);
    }
    if (isMismatch(view) && this.#refreshed()) return;
    const { task } = this.#place;
    if (task && hasQuestions(view)) {
      void taskAsks(view, task, { x, finish: this.#finish, hears: this }, this.#context, (asking) =>
        this.#answered(asking),
      );
    } else this.#answered(view);
  }

  /**
   * A modern server found headers that do not repeat the arguments: the tool wants others than it did. Nothing has run, so its
   * definition is read anew and the call made once more (MCP 2026-07-28, streamable HTTP, "Server Validation").
   */
  #refreshed(): boolean {
    const { upstream, item, own } = this.#place;
    const redo = this.#redo;
    if (!redo || item?.kind !== 'tool' || upstream.opened?.era !== 'modern') return false;
    this.release();
    // Who leaves now has made no call.
    this.cancelWith(() => undefined);
    void upstream.refresh('tool').then(() => {
      if (!this.#finish.ended) redo(upstream.lists.tool.items.find((one) => one.own === own) ?? item);
    });
    return true;
  }

  #answered(view: ResponseView): void {
    const x = this.#x;
    this.#over('done');
    const answer = toClient(view, answerContextOf(x, this.#place, this.#context));
    const { text, code } = answer;
    if (code !== undefined && isDoubtful(view)) this.#place.upstream.doubtEra();
    if (x.entry && isToolError(view)) x.entry.note({ 'tool.is_error': true });
    if (this.#context.ports.looksOutward) {
      this.#inOrder(cleanOutbound(x, this.#target, text, this.#context), (clean) => {
        const { refusal } = clean;
        const { length } = clean.text;
        if (!refusal && needsCapability(code, x)) this.#finish.refuse(outcomeOf(code, length), 400, clean.text);
        else this.#finish.end(refusal ? refusalEnding(refusal, -31422) : outcomeOf(code, length), clean.text);
      });
    } else if (needsCapability(code, x)) {
      this.#finish.refuse(outcomeOf(code, text.length), 400, text);
    } else this.#finish.end(outcomeOf(code, text.length), text);
  }

  /** What filters look at leaves in the order in which it came, however long they look at each. */
  #inOrder(cleaned: Promise<Cleaned>, send: (clean: Cleaned) => void): void {
    this.#last = Promise.all([cleaned, this.#last]).then(([clean]) => send(clean));
  }

  answerLarge(large: LargeResponse): void {
    const changed = this.#context.ports.looksOutward
      ? undefined
      : largeToClient(large, answerContextOf(this.#x, this.#place, this.#context));
    if (changed) {
      this.#over('done');
      this.#finish.end({ result: 'answered', bytes: large.bytes.length }, changed.head, changed.tail);
      return;
    }
    const view = wholeResponse(large);
    if (view) this.answer(view);
    else this.fail(failure('ERR_UPSTREAM_INVALID', 'the answer is no message', true));
  }

  fail(reason: UpstreamFailure): void {
    this.#over(endingOf(reason));
    this.#finish.sent = reason.sent;
    const server = this.#place.upstream.spec.name;
    if (reason.code === 'ERR_UPSTREAM_INVALID' || reason.code === 'ERR_UPSTREAM_SESSION')
      this.#place.upstream.doubtEra();
    this.#context.log.warn({ upstream: server, code: reason.code, detail: reason.detail }, 'a call got no answer');
    this.#finish.fail(...publicFailure(reason, server));
  }

  notify(method: string, text: string): void {
    const x = this.#x;
    if (this.#finish.ended || (method === 'notifications/message' && !wantsLog(x, text))) return;
    if (this.#rounds && method === 'notifications/progress' && !rises(this.#rounds, text)) return;
    if (!this.#context.ports.looksOutward) return this.#send(text);
    this.#inOrder(cleanOutbound(x, this.#target, text, this.#context), (clean) => {
      if (!this.#finish.ended) this.#send(clean.text);
    });
  }

  #send(text: string): void {
    this.#finish.bytesBefore += text.length;
    this.#x.reply.send(text);
  }

  pause(): void {
    this.#x.reply.pause?.();
  }
}
