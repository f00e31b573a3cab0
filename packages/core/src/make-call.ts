import type { MemberChanges } from '@sekisho/protocol';
import type { Item } from './catalogue/item.ts';
import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import type { Finish } from './finish.ts';
import type { UpstreamPlace } from './locate.ts';
import { ParkableCall } from './parked/parkable-call.ts';
import type { Seat } from './parked/seat.ts';
import { affinityOf, isRetry, takeUp } from './parked/take-up.ts';
import { Rounds } from './rounds/rounds.ts';
import { UNCHANGED, outgoing } from './outgoing-call.ts';
import { answersToTask } from './tasks/task-calls.ts';
import type { Refusal, Target } from './ports.ts';
import { refuseExchange } from './refuse-exchange.ts';
import { throughGate } from './through-gate.ts';
import type { Outgoing } from './upstreams/outgoing.ts';
import { CALL_MS } from './upstreams/come-up.ts';
import { Call } from './call.ts';
import type { Making } from './call.ts';

/** Makes the call and brings what comes of it to the caller: messages on the way, then the answer or an honest error. */
export function callUpstream(
  x: Authenticated,
  place: UpstreamPlace,
  target: Target,
  cleaned: string | undefined,
  context: GatewayContext,
  finish: Finish,
): void {
  const making: Making = { x, place, target, cleaned, context, finish, rounds: undefined, refreshed: false };
  const { session } = x.caller;
  // Modern servers ask by answering; what becomes of that is worked out only where it can happen.
  if (!session || x.method.interactive !== true || place.upstream.opened?.era === 'legacy')
    return makeCall(making, UNCHANGED);
  const again = (changes: MemberChanges): void => goOn({ ...making, rounds }, changes);
  const rounds = new Rounds(x, session, place.upstream.spec.name, finish, context, again);
  makeCall({ ...making, rounds }, UNCHANGED);
}

/** A further round, perhaps minutes later: rules may have changed since, and another server may stand in the place of the first. */
function goOn(making: Making, changes: MemberChanges): void {
  const { x, place, target, context, finish } = making;
  const { name } = place.upstream.spec;
  const upstream = x.endpoint.view.upstreams.find(({ spec }) => spec.name === name) ?? place.upstream;
  const after = (denied: Refusal | undefined): void => {
    if (finish.ended) return;
    if (denied) refuseExchange(x, denied, finish);
    else makeCall({ ...making, place: { ...place, upstream } }, changes);
  };
  const failed = (error: unknown): void => {
    context.log.error({ error: String(error) }, 'the rules could not be asked; the call was not made again');
    finish.fail(-32603, 'Internal error.');
  };
  try {
    const denied = context.ports.decide(x.principal, target, x.credentials.remoteAddress);
    if (denied instanceof Promise) denied.then(after, failed);
    else after(denied);
  } catch (error) {
    failed(error);
  }
}

function makeCall(making: Making, first: MemberChanges): void {
  const { x, place, target, cleaned, context, finish } = making;
  const { upstream } = place;
  const level = x.caller.era === 'modern' ? x.caller.logLevel : undefined;
  const deadlineMs = upstream.spec.timeouts?.callMs ?? CALL_MS;
  throughGate(x, target, deadlineMs, context, finish, (slot) => {
    const redo = (item: Item): void => makeCall({ ...making, place: { ...place, item }, refreshed: true }, first);
    const call = new Call(making, slot, redo);
    const seat = { x, finish, hears: call };
    const begin = (changes: MemberChanges) => {
      const start = () => startCall(seat, call, place, outgoing(x, place, cleaned, changes), context);
      // What a call says of its client depends on the era of the server: one that never ran has to be met first.
      const pending = upstream.opened ? level && upstream.wantLogLevel(level) : upstream.start();
      if (!pending) return start();
      if (!upstream.opened) call.cancelWith(() => undefined);
      // A server that does not take the level says less in its log; the call is made all the same.
      void pending.then(start, start);
    };
    if (x.method.name === 'tasks/update') answersToTask(seat, upstream.spec.name, context, begin);
    else if (isRetry(x)) takeUp(seat, upstream, context, begin);
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
