import type { Fault } from '@sekisho/protocol';
import type { Authenticated } from './exchange.ts';
import { Finish } from './finish.ts';
import type { GatewayContext } from './context.ts';
import { challenged, decided, isHiding } from './decided.ts';
import { disagreement } from './header-agreement.ts';
import { locate, targetOf, unknownData } from './locate.ts';
import type { Place } from './locate.ts';
import { isRefusal } from './ports.ts';
import type { Awaitable, Ports, Refusal, Target } from './ports.ts';
import { metered } from './metered.ts';
import { filterContext } from './outbound.ts';
import { COMPLETED } from './outgoing-call.ts';
import { refuseExchange as refuse } from './refuse-exchange.ts';
import { faultEnding, publicFault } from './refusals.ts';
import { respond } from './respond.ts';

/**
 * The way of a request from a known sender to its answer. One straight function, for all methods: its order is the security
 * model. What stands before it (reading, admission, authentication) is the edge's; see docs/lifecycle.md.
 *
 * A port is awaited only where it gave a promise: most answer at once.
 *
 * An exception never becomes an answer of a server: it ends as an internal error and is on the log.
 */
export async function runPipeline(x: Authenticated, context: GatewayContext): Promise<void> {
  const { ports } = context;
  const { entry } = x;
  const finish = new Finish(x, context);
  try {
    const place = locate(x, context.parked.seal);
    const target = targetOf(x, place);
    if (entry) {
      entry.target = target;
      entry.outlivesClient = x.caller.session !== undefined;
    }
    // May before how much: who may not call must not drain a budget that others share.
    let denied = decided(x, target, ports);
    if (denied instanceof Promise) denied = await denied;
    // Unknown and hidden are one case: the same answer, for the same share of the sender's own budget.
    if (place.kind === 'unknown' || (denied && isHiding(denied)))
      return await refuseUnknown(x, finish, context, denied);
    if (denied) return refuse(x, challenged(x, denied, ports), finish);
    // What headers repeat is compared after may: the fault would tell of a tool that is hidden.
    const wrong = disagreement(x, place);
    if (wrong) return await refuseFault(x, wrong, finish, context);
    // How much before clean: refused traffic costs no scanning.
    let permit = ports.take?.(x.principal, target, x.credentials);
    if (permit instanceof Promise) permit = await permit;
    if (isRefusal(permit)) return refuse(x, permit, finish);
    finish.permit = permit;
    x.reply.begin?.(permit?.headers);
    // Clean before note: the record must not hold what a filter removes.
    const cleaned = ports.filters.length > 0 ? await cleanInbound(x, place, target, ports) : undefined;
    if (isRefusal(cleaned)) return refuse(x, cleaned, finish);
    // Intent before do: what cannot be recorded is not done.
    if (entry) {
      entry.arguments = cleaned ?? argumentsOf(x);
      const intent = sends(x, place) ? entry.intent() : undefined;
      const unrecorded = intent instanceof Promise ? await intent : intent;
      if (unrecorded) return refuse(x, unrecorded, finish);
      // Who left while the checks ran asked for nothing any more, and its record is closed.
      if (finish.ended) return finish.record({ result: 'disconnected' });
    }
    const done = respond(x, place, target, cleaned, context, finish);
    if (done) await done;
  } catch (error) {
    context.log.error(
      { error: error instanceof Error ? error.stack : String(error), method: x.method.name },
      'a request failed inside the gateway',
    );
    finish.fail(-32603, 'Internal error.', undefined, 'internal');
  }
}

/** What nobody is told more of than that it is not there. The record knows which of the two it was. */
function refuseUnknown(
  x: Authenticated,
  finish: Finish,
  context: GatewayContext,
  denied: Refusal | undefined,
): Awaitable<void> {
  return countedForNothing(x, finish, context, () =>
    refuse(x, { refused: 'unknown-target' }, finish, unknownData(x), denied),
  );
}

function refuseFault(x: Authenticated, wrong: Fault, finish: Finish, context: GatewayContext): Awaitable<void> {
  return countedForNothing(x, finish, context, () => {
    const { status, text } = publicFault(wrong);
    finish.refuse(faultEnding(wrong), status, text);
  });
}

/** It counts for its sender, or trying names would be free; but at no server, whose budgets others share. */
function countedForNothing(
  x: Authenticated,
  finish: Finish,
  context: GatewayContext,
  tell: () => void,
): Awaitable<void> {
  const { principal, credentials, method, endpoint } = x;
  return metered(
    { principal, credentials, method: method.name, server: endpoint.server },
    context,
    (headers) => {
      x.reply.begin?.(headers);
      return tell();
    },
    (limited) => refuse(x, limited, finish),
  );
}

/** Whether something leaves for a server. What the gateway answers by itself has an outcome and no intent. */
function sends(x: Authenticated, place: Place): boolean {
  return place.kind === 'upstream' || x.method.kind === 'subscription' || x.method.kind === 'logging';
}

/** The content of a request, raw JSON: its arguments; of a completion what is to be completed, and what was filled in before. */
function argumentsOf({ message, method }: Authenticated): string | undefined {
  const raw = (wanted: string) => {
    const member = message.paramsMembers.find(({ key }) => key === wanted);
    return member && message.text.slice(member.start, member.end);
  };
  if (method.kind !== 'completion') return raw('arguments');
  const parts = COMPLETED.flatMap((key) => {
    const text = raw(key);
    return text === undefined ? [] : [`"${key}":${text}`];
  });
  return parts.length === 0 ? undefined : `{${parts.join(',')}}`;
}

async function cleanInbound(
  x: Authenticated,
  place: Place,
  target: Target,
  ports: Ports,
): Promise<string | Refusal | undefined> {
  const args = place.kind === 'upstream' ? argumentsOf(x) : undefined;
  if (args === undefined) return undefined;
  let text = args;
  for (const filter of ports.filters) {
    if (!filter.inbound) continue;
    const result = await filter.inbound(text, filterContext(x, target));
    if (isRefusal(result)) return result;
    text = result;
  }
  return text === args ? undefined : text;
}
