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
import { refuseExchange as refuse } from './refuse-exchange.ts';
import { publicFault } from './refusals.ts';
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
  const place = locate(x);
  const target = targetOf(x, place);
  const finish = new Finish(x, target, context);
  try {
    // May before how much: who may not call must not drain a budget that others share.
    let denied = decided(x, target, ports);
    if (denied instanceof Promise) denied = await denied;
    // Unknown and hidden are one case: the same answer, for the same share of the sender's own budget.
    if (place.kind === 'unknown' || (denied && isHiding(denied))) return await refuseUnknown(x, finish, context);
    if (denied) return await refuse(x, challenged(x, denied, ports), finish);
    // What headers repeat is compared after may: the fault would tell of a tool that is hidden.
    const wrong = disagreement(x, place);
    if (wrong) return await refuseFault(x, wrong, finish, context);
    // How much before clean: refused traffic costs no scanning.
    let permit = ports.take?.(x.principal, target, x.credentials);
    if (permit instanceof Promise) permit = await permit;
    if (isRefusal(permit)) return await refuse(x, permit, finish);
    finish.permit = permit;
    x.reply.begin?.(permit?.headers);
    // Clean before note: the record must not hold what a filter removes.
    const cleaned = ports.filters.length > 0 ? await cleanInbound(x, place, target, ports) : undefined;
    if (isRefusal(cleaned)) return await refuse(x, cleaned, finish);
    // Intent before do: what cannot be recorded is not done.
    const unrecorded = ports.record?.intent && (await noteIntent(finish, context));
    if (unrecorded) return await refuse(x, unrecorded, finish);
    const done = respond(x, place, target, cleaned, context, finish);
    if (done) await done;
  } catch (error) {
    context.log.error(
      { error: error instanceof Error ? error.stack : String(error), method: x.method.name },
      'a request failed inside the gateway',
    );
    finish.fail(-32603, 'Internal error.');
  }
}

/** What nobody is told more of than that it is not there. */
function refuseUnknown(x: Authenticated, finish: Finish, context: GatewayContext): Awaitable<void> {
  return countedForNothing(x, finish, context, () => refuse(x, { refused: 'unknown-target' }, finish, unknownData(x)));
}

function refuseFault(x: Authenticated, wrong: Fault, finish: Finish, context: GatewayContext): Awaitable<void> {
  return countedForNothing(x, finish, context, async () => {
    const { status, text, code } = publicFault(wrong);
    await finish.record({ result: 'refused', reason: wrong.reason, code });
    x.reply.refuse(status, text);
  });
}

/** It counts for its sender, or trying names would be free; but at no server, whose budgets others share. */
function countedForNothing(
  x: Authenticated,
  finish: Finish,
  context: GatewayContext,
  tell: () => Promise<void>,
): Awaitable<void> {
  const { principal, credentials, method, endpoint } = x;
  return metered(
    { principal, credentials, method: method.name, server: endpoint.server },
    context,
    (headers) => {
      x.reply.begin?.(headers);
      return tell();
    },
    (limited) => void refuse(x, limited, finish),
  );
}

async function noteIntent(finish: Finish, context: GatewayContext): Promise<Refusal | undefined> {
  try {
    await context.ports.record!.intent!(finish.exchange);
    return undefined;
  } catch (error) {
    context.log.error({ error: String(error) }, 'the record refused an intent');
    return { refused: 'record-failed' };
  }
}

async function cleanInbound(
  x: Authenticated,
  place: Place,
  target: Target,
  ports: Ports,
): Promise<string | Refusal | undefined> {
  const member = place.kind === 'upstream' ? x.message.paramsMembers.find(({ key }) => key === 'arguments') : undefined;
  const args = member && x.message.text.slice(member.start, member.end);
  if (args === undefined) return undefined;
  let text = args;
  for (const filter of ports.filters) {
    if (!filter.inbound) continue;
    const result = await filter.inbound(text, { principal: x.principal, target });
    if (isRefusal(result)) return result;
    text = result;
  }
  return text === args ? undefined : text;
}
