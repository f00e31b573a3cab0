import type { MemberChanges } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import type { Authenticated } from '../exchange.ts';
import type { Affinity } from '../upstreams/sessions.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { questionCapabilities } from '../questions/question.ts';
import { bindingOf } from './binding.ts';
import { ParkableCall } from './parkable-call.ts';
import type { Seat } from './seat.ts';
import { WantedPages } from './pages.ts';
import { refuseRetry } from './refuse-retry.ts';
import { relayAnswers } from './relay.ts';
import { readResponses } from './responses.ts';

/** True for a request of a modern client that goes on with one it sent before. */
export function isRetry({ caller, method, message }: Authenticated): boolean {
  if (caller.era !== 'modern' || method.interactive !== true || !message.params) return false;
  return Object.hasOwn(message.params, 'requestState') || Object.hasOwn(message.params, 'inputResponses');
}

/**
 * A retry: it takes up the call that waits for it, or goes on to a modern server under the server's own state. What does not
 * open for this sender, endpoint, method and parameters, has expired or was used, is refused.
 *
 * @param begin makes the call, for the first time or anew
 */
export function takeUp(
  seat: Seat,
  upstream: Upstream,
  context: GatewayContext,
  begin: (changes: MemberChanges) => void,
): void {
  goOn(seat, upstream, context, begin).catch((error: unknown) => {
    context.log.error({ error: String(error) }, 'a retry failed inside the gateway');
    seat.hears.release();
    seat.finish.fail(-32603, 'Internal error.');
  });
}

async function goOn(
  seat: Seat,
  upstream: Upstream,
  context: GatewayContext,
  begin: (changes: MemberChanges) => void,
): Promise<void> {
  const { x, finish, hears } = seat;
  const { parked } = context;
  const { params } = x.message;
  const server = upstream.spec.name;
  let own: string | undefined;
  if (params && Object.hasOwn(params, 'requestState')) {
    const given = params['requestState'];
    const state = typeof given === 'string' ? parked.seal.open(given, bindingOf(x)) : undefined;
    if (!state) return refuseRetry(seat, 'foreign');
    if (state.kind === 'parked') return takeUpParked(seat, state, context, begin);
    if (state.kind !== 'relay' || state.server !== server) return refuseRetry(seat, 'foreign');
    if (state.expiresMs <= parked.wallNow()) return refuseRetry(seat, 'expired');
    own = state.state;
  }
  if (upstream.opened?.era !== 'modern') {
    // Answers without a state resume nothing: a first call, which asks again (conformance: missing-input-response).
    return own === undefined ? begin({}) : refuseRetry(seat, 'foreign');
  }
  hears.cancelWith(() => undefined);
  const changes = await relayAnswers(seat, server, own, context);
  if (changes && !finish.ended) begin(changes);
}

async function takeUpParked(
  seat: Seat,
  { handle, round }: { readonly handle: string; readonly round: number },
  { parked }: GatewayContext,
  begin: (changes: MemberChanges) => void,
): Promise<void> {
  const found = parked.find(handle);
  if (!found) return refuseRetry(seat, 'expired');
  const responses = readResponses(seat.x.message);
  if (!responses) return refuseRetry(seat, 'malformed', '"inputResponses" must be an object.');
  if (found instanceof WantedPages) {
    if (found.resume(seat, round, responses)) begin({});
  } else if (found instanceof ParkableCall) {
    seat.hears.cancelWith(() => found.abandon());
    await found.resume(seat, round, responses);
  }
}

/**
 * The conversation with a legacy server that a modern client's calls belong to: its capabilities are fixed when it is opened,
 * so clients that can be asked different things, and different principals, do not share one.
 */
export function affinityOf({ caller, principal }: Authenticated): Affinity {
  const capabilities = caller.era === 'modern' ? questionCapabilities(caller.capabilities) : undefined;
  if (!capabilities) return caller.affinity;
  return { key: `asked ${JSON.stringify([principal.id, capabilities])}`, capabilities };
}
