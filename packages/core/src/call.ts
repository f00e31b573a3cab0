import { wholeResponse } from '@sekisho/protocol';
import type { LargeResponse, MemberChanges, ResponseView } from '@sekisho/protocol';
import { largeToClient, toClient } from './answer.ts';
import type { AnswerContext } from './answer-context.ts';
import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import type { Finish } from './finish.ts';
import type { UpstreamPlace } from './locate.ts';
import { cleanOutbound } from './outbound.ts';
import { endingOf, isDoubtful, needsCapability, outcomeOf } from './call-ends.ts';
import { askingAnswer } from './parked/asking-answer.ts';
import { ParkableCall } from './parked/parkable-call.ts';
import type { Seat } from './parked/seat.ts';
import { affinityOf, isRetry, takeUp } from './parked/take-up.ts';
import { asksForInput } from './parked/relay.ts';
import { askLegacy } from './questions/ask-legacy.ts';
import { Rounds, rises } from './rounds/rounds.ts';
import { UNCHANGED, outgoing } from './outgoing-call.ts';
import type { Principal, Slot, SlotEnding, Target } from './ports.ts';
import { INTERRUPTED } from './under-way.ts';
import type { UnderWay } from './under-way.ts';
import { isToolError } from './answer-errors.ts';
import { refusalEnding } from './refusals.ts';
import { wantsLog } from './wants-log.ts';
import { throughGate } from './through-gate.ts';
import { publicFailure } from './public-failure.ts';
import { registerCancel, unregisterCancel } from './cancel.ts';
import { failure } from './upstreams/failure.ts';
import type { UpstreamFailure } from './upstreams/failure.ts';
import type { Outgoing } from './upstreams/outgoing.ts';
import { refuseQuestion } from './upstreams/peer.ts';
import type { CallHandler, ServerRequest } from './upstreams/peer.ts';
import { CALL_MS } from './upstreams/come-up.ts';

/** Makes the call and brings what comes of it to the caller: messages on the way, then the answer or an honest error. */
export function callUpstream(
  x: Authenticated,
  place: UpstreamPlace,
  target: Target,
  cleaned: string | undefined,
  context: GatewayContext,
  finish: Finish,
): void {
  const { session } = x.caller;
  // Modern servers ask by answering; what becomes of that is worked out only where it can happen.
  if (!session || x.method.interactive !== true || place.upstream.opened?.era === 'legacy')
    return makeCall(x, place, target, cleaned, context, finish, undefined, UNCHANGED);
  const again = (changes: MemberChanges): void => makeCall(x, place, target, cleaned, context, finish, rounds, changes);
  const rounds = new Rounds(x, session, place.upstream.spec.name, finish, context, again);
  again(UNCHANGED);
}

function makeCall(
  x: Authenticated,
  place: UpstreamPlace,
  target: Target,
  cleaned: string | undefined,
  context: GatewayContext,
  finish: Finish,
  rounds: Rounds | undefined,
  first: MemberChanges,
): void {
  const level = x.caller.era === 'modern' ? x.caller.logLevel : undefined;
  const deadlineMs = place.upstream.spec.timeouts?.callMs ?? CALL_MS;
  throughGate(x, target, deadlineMs, context, finish, (slot) => {
    const call = new Call(x, place, target, context, finish, slot, rounds);
    const seat = { x, finish, hears: call };
    const begin = (changes: MemberChanges) => {
      const start = () => startCall(seat, call, place, outgoing(x, place, cleaned, changes), context);
      const pending = level && place.upstream.wantLogLevel(level);
      // A server that does not take the level says less in its log; the call is made all the same.
      if (pending) void pending.then(start, start);
      else start();
    };
    if (isRetry(x)) takeUp(seat, place.upstream, context, begin);
    else begin(first);
  });
}

function startCall(seat: Seat, call: Call, place: UpstreamPlace, out: Outgoing, context: GatewayContext): void {
  const { x, finish } = seat;
  const { upstream } = place;
  // Who left while the server was told of the log level asked for nothing any more.
  if (finish.ended) {
    finish.record({ result: 'disconnected' });
    return call.release();
  }
  // A server whose era is not known yet may turn out to ask in the middle of the call.
  if (x.caller.era === 'modern' && upstream.opened?.era !== 'modern') {
    const parkable = new ParkableCall(seat, upstream.spec.name, context);
    parkable.cancelWith(upstream.call(out, parkable, affinityOf(x)));
    if (!finish.ended) call.cancelWith(() => parkable.abandon());
    return;
  }
  const cancel = upstream.call(out, call, x.caller.affinity);
  if (!finish.ended) call.cancelWith(cancel);
}

/** One call to a server, as its caller hears of it. */
class Call implements CallHandler, UnderWay {
  slot = -1;
  readonly #x: Authenticated;
  readonly #place: UpstreamPlace;
  readonly #target: Target;
  readonly #context: GatewayContext;
  readonly #finish: Finish;
  readonly #slot: Slot | undefined;
  readonly #rounds: Rounds | undefined;
  /** Takes back the questions that the server has open. */
  readonly #withdrawals: (() => void)[] = [];
  readonly ask: ((request: ServerRequest) => void) | undefined;
  readonly party: object | undefined;

  constructor(
    x: Authenticated,
    place: UpstreamPlace,
    target: Target,
    context: GatewayContext,
    finish: Finish,
    slot: Slot | undefined,
    rounds: Rounds | undefined,
  ) {
    this.#rounds = rounds;
    this.#x = x;
    this.#place = place;
    this.#target = target;
    this.#context = context;
    this.#finish = finish;
    this.#slot = slot;
    context.underWay.add(this);
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
    this.#answered(view);
  }

  #answered(view: ResponseView): void {
    const x = this.#x;
    this.#over('done');
    const answer = toClient(view, answerContext(x, this.#place, this.#context));
    const { text, code } = answer;
    if (code !== undefined && isDoubtful(view)) this.#place.upstream.doubtEra();
    if (x.entry && isToolError(view)) x.entry.note({ 'tool.is_error': true });
    if (this.#context.ports.looksOutward) {
      void cleanOutbound(x, this.#target, text, this.#context).then((clean) => {
        const { refusal } = clean;
        const { length } = clean.text;
        if (!refusal && needsCapability(code, x)) this.#finish.refuse(outcomeOf(code, length), 400, clean.text);
        else this.#finish.end(refusal ? refusalEnding(refusal, -31422) : outcomeOf(code, length), clean.text);
      });
    } else if (needsCapability(code, x)) {
      this.#finish.refuse(outcomeOf(code, text.length), 400, text);
    } else this.#finish.end(outcomeOf(code, text.length), text);
  }

  answerLarge(large: LargeResponse): void {
    const changed = this.#context.ports.looksOutward
      ? undefined
      : largeToClient(large, answerContext(this.#x, this.#place, this.#context));
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
    void cleanOutbound(x, this.#target, text, this.#context).then((clean) => {
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

/** Made when the answer is there: a server's era may become known only while it starts. */
function answerContext(x: Authenticated, place: UpstreamPlace, context: GatewayContext): AnswerContext {
  return {
    method: x.method.name,
    idText: x.message.idText,
    clientEra: x.caller.era,
    upstreamEra: place.upstream.opened?.era ?? 'legacy',
    server: place.upstream.spec.name,
    naming: x.view.naming,
    cacheable: x.method.cacheable === true,
    interactive: x.method.interactive === true,
    wrapsOutput: place.item?.wrapsOutput === true,
    serverInfo: context.serverInfo,
    clientCapabilities: x.caller.capabilities,
    publicUri: typeof x.message.params?.['uri'] === 'string' ? x.message.params['uri'] : undefined,
  };
}
