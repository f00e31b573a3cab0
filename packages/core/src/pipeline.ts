import type { Authenticated } from './exchange.ts';
import { Finish } from './finish.ts';
import type { GatewayContext } from './context.ts';
import { locate, targetOf } from './locate.ts';
import type { Place } from './locate.ts';
import { isRefusal } from './ports.ts';
import type { Ports, Refusal, Target } from './ports.ts';
import { refuseExchange as refuse } from './refuse-exchange.ts';
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
    let denied = ports.decide(x.principal, target);
    if (denied instanceof Promise) denied = await denied;
    if (denied) return await refuse(x, denied, finish);
    // How much before clean: refused traffic costs no scanning.
    let permit = ports.take?.(x.principal, target, x.credentials);
    if (permit instanceof Promise) permit = await permit;
    if (isRefusal(permit)) return await refuse(x, permit, finish);
    finish.permit = permit;
    x.reply.begin?.(permit?.headers);
    // Where after may: what is hidden answers exactly as what does not exist.
    if (place.kind === 'unknown') return await refuse(x, { refused: 'unknown-target' }, finish, place.data);
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
