import { resultText } from '@sekisho/protocol';
import { isLogLevel } from '@sekisho/protocol';
import { listen } from './client/listen.ts';
import type { GatewayContext } from './context.ts';
import { callUpstream } from './make-call.ts';
import { LIST_METHODS, preparedList } from './catalogue/lists.ts';
import { viewFor } from './catalogue/narrow.ts';
import { decidedForEach } from './decided.ts';
import { discovery } from './discovery.ts';
import type { Authenticated } from './exchange.ts';
import type { Finish } from './finish.ts';
import type { Place, UpstreamPlace } from './locate.ts';
import type { Awaitable, Target } from './ports.ts';

/** The doing itself, by kind of method. Everything that had to be checked has been. */
export function respond(
  x: Authenticated,
  place: Place,
  target: Target,
  cleaned: string | undefined,
  context: GatewayContext,
  finish: Finish,
): Awaitable<void> {
  switch (x.method.kind) {
    case 'session':
      return x.method.name === 'server/discover'
        ? answer(x, finish, discovery(x.view, context))
        : answer(x, finish, '{}');
    case 'list':
      return answerList(x, context, finish);
    case 'logging':
      return setLevel(x, target, finish, context);
    case 'subscription':
      if (x.method.name === 'subscriptions/listen') return listen(x, context, finish);
      return subscribe(x, place as UpstreamPlace, finish, context);
    default:
      return callUpstream(x, place as UpstreamPlace, target, cleaned, context, finish);
  }
}

function answer(x: Authenticated, finish: Finish, result: string): void {
  finish.end({ result: 'answered' }, resultText(x.message.idText, result));
}

async function answerList(x: Authenticated, context: GatewayContext, finish: Finish): Promise<void> {
  await firstStarts(x, context);
  // Looked at anew: servers may have come up while it waited.
  const view = viewFor(x.endpoint.view, x.principal, context.ports.knows);
  for (const upstream of view.upstreams) upstream.refreshIfStale();
  const page = await preparedList(view, x.method.name, x.message.params?.['cursor'], {
    era: x.caller.era,
    principal: x.principal,
    address: x.credentials.remoteAddress,
    sees: context.ports.sees,
    filters: context.ports.filters,
    viewKey: context.ports.viewKey(x.principal),
    serverInfo: context.serverInfo,
    perPrincipal: context.perPrincipal,
  });
  if (!page) return finish.fail(-32602, 'Unknown cursor; begin again without one.');
  finish.end({ result: 'answered', bytes: page.length }, `{"jsonrpc":"2.0","id":${x.message.idText},"result":`, [page]);
}

/** A client that lists once should see servers that are just coming up; one slow server must not keep it waiting for long. */
async function firstStarts(x: Authenticated, context: GatewayContext): Promise<void> {
  const { kind } = LIST_METHODS[x.method.name]!;
  const coming = x.view.upstreams.filter(
    (upstream) =>
      upstream.state === 'starting' && upstream.lists[kind].atMs === 0 && upstream.lists[kind].items.length === 0,
  );
  if (coming.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, context.listWaitMs).unref();
  });
  await Promise.race([Promise.all(coming.map((upstream) => upstream.start())), enough]);
  clearTimeout(timer);
}

async function setLevel(x: Authenticated, target: Target, finish: Finish, context: GatewayContext): Promise<void> {
  const level = x.message.params?.['level'];
  if (!isLogLevel(level) || !x.caller.session) return finish.fail(-32602, 'Unknown log level.');
  x.caller.session.logLevel = level;
  const { allowed } = await decidedForEach(x, target, context.ports);
  const asked = allowed.flatMap((upstream) => upstream.wantLogLevel(level) ?? []);
  const results = await Promise.allSettled(asked);
  const refused = results.find((result) => result.status === 'rejected');
  if (refused) context.log.warn({ error: String(refused.reason) }, 'a server did not take the log level');
  answer(x, finish, '{}');
}

async function subscribe(
  x: Authenticated,
  place: UpstreamPlace,
  finish: Finish,
  context: GatewayContext,
): Promise<void> {
  const { session } = x.caller;
  const uri = x.message.params?.['uri'] as string;
  if (!session) return finish.fail(-32601, 'Method not found.');
  if (x.method.name === 'resources/unsubscribe') {
    if (session.uris.delete(uri)) place.upstream.conversation?.unsubscribe(place.own);
    return answer(x, finish, '{}');
  }
  if (!session.uris.has(uri)) {
    session.uris.add(uri);
    try {
      await (await place.upstream.up()).subscribe(place.own);
    } catch (error) {
      session.uris.delete(uri);
      context.log.info({ upstream: place.upstream.spec.name, error: String(error) }, 'a subscription was refused');
      return finish.fail(-32602, 'The server does not take subscriptions to this resource.');
    }
  }
  answer(x, finish, '{}');
}
