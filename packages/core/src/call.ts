import { findMember, isObject, reachesLevel } from '@sekisho/protocol';
import { toClient } from './answer.ts';
import type { AnswerContext } from './answer.ts';
import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import type { Finish } from './finish.ts';
import type { UpstreamPlace } from './locate.ts';
import { cleanOutbound } from './outbound.ts';
import type { Target } from './ports.ts';
import { registerCancel } from './cancel.ts';
import type { UpstreamFailure } from './upstreams/failure.ts';
import { relayable } from './upstreams/outgoing.ts';
import type { Outgoing } from './upstreams/outgoing.ts';
import type { CallHandler } from './upstreams/peer.ts';
import { parseObject, toAscii } from './wire.ts';

/** Makes the call and brings what comes of it to the caller: messages on the way, then the answer or an honest error. */
export function callUpstream(x: Authenticated, place: UpstreamPlace, target: Target, cleaned: string | undefined, context: GatewayContext, finish: Finish): void {
  const level = x.caller.era === 'modern' ? x.caller.logLevel : undefined;
  const pending = level && place.upstream.wantLogLevel(level);
  if (pending) void pending.then(() => start(x, place, target, cleaned, context, finish), () => start(x, place, target, cleaned, context, finish));
  else start(x, place, target, cleaned, context, finish);
}

function start(x: Authenticated, place: UpstreamPlace, target: Target, cleaned: string | undefined, context: GatewayContext, finish: Finish): void {
  const { upstream } = place;
  const answers = answerContext(x, place, context);
  const { caller } = x;
  let unregister: () => void = () => undefined;
  const handler: CallHandler = {
    answer: (view) => {
      unregister();
      const answer = toClient(view, answers());
      if (context.ports.filters.length > 0) {
        void cleanOutbound(x, target, answer.text, context).then((text) => finish.end(outcomeOf(answer.code, text.length), text));
      } else if (answer.code === -32021 && caller.era === 'modern') {
        void finish.record(outcomeOf(answer.code, answer.text.length));
        x.reply.refuse(400, answer.text);
      } else finish.end(outcomeOf(answer.code, answer.text.length), answer.text);
    },
    fail: (reason) => {
      unregister();
      context.log.warn({ upstream: upstream.spec.name, code: reason.code, detail: reason.detail }, 'a call got no answer');
      finish.fail(...publicFailure(reason, upstream.spec.name));
    },
    notify: (method, text) => {
      if (finish.ended || (method === 'notifications/message' && !wantsLog(x, text))) return;
      if (context.ports.filters.length > 0) void cleanOutbound(x, target, text, context).then((clean) => !finish.ended && x.reply.send(clean));
      else x.reply.send(text);
    },
    pause: () => x.reply.pause?.(),
    ...(caller.session?.canBeAsked ? { ask: (request) => caller.session!.ask(request, (text) => x.reply.send(text)) } : {}),
  };
  const cancel = upstream.call(outgoing(x, place, cleaned), handler, caller.affinity());
  if (finish.ended) return;
  unregister = registerCancel(x, () => {
    unregister();
    cancel();
    void finish.record({ result: 'cancelled' });
  });
}

function outcomeOf(code: number | undefined, bytes: number) {
  return code === undefined ? { result: 'answered' as const, bytes } : { result: 'error' as const, code, bytes };
}

function outgoing(x: Authenticated, place: UpstreamPlace, cleaned: string | undefined): Outgoing {
  const { message, caller } = x;
  const params = message.members.get('params');
  const upstreamEra = place.upstream.opened?.era ?? 'legacy';
  const changes: Record<string, string | undefined> = { ...place.changes };
  if (cleaned !== undefined) changes['arguments'] = cleaned;
  if (upstreamEra !== caller.era) {
    // Members of the other era would mislead: answers resume nothing there, and nobody asked for a task.
    if (caller.era === 'modern') Object.assign(changes, { inputResponses: undefined, requestState: undefined });
    else changes['task'] = undefined;
  }
  const meta = params && isObject(message.params?.['_meta']) ? findMember(message.text, params.start, '_meta') : undefined;
  const token = meta && findMember(message.text, meta.start, 'progressToken');
  return {
    method: message.method,
    source: params && { text: message.text, paramsStart: params.start },
    changes,
    caller: {
      era: caller.era,
      capabilities: relayable(caller.capabilities, caller.era, upstreamEra),
      clientInfo: caller.clientInfo,
      logLevel: caller.logLevel,
    },
    progressToken: token && toAscii(message.text.slice(token.start, token.end)),
    name: x.method.nameParam === undefined ? undefined : place.own,
    ...(place.item && place.item.headerParams.length > 0 ? { headerParams: place.item.headerParams, arguments: message.params?.['arguments'] } : {}),
  };
}

/** Made when the answer is there: a server's era may become known only while it starts. */
function answerContext(x: Authenticated, place: UpstreamPlace, context: GatewayContext): () => AnswerContext {
  return () => ({
    method: x.method.name,
    idText: x.message.idText,
    clientEra: x.caller.era,
    upstreamEra: place.upstream.opened?.era ?? 'legacy',
    server: place.upstream.spec.name,
    naming: x.endpoint.view.naming,
    cacheable: x.method.cacheable === true,
    interactive: x.method.interactive === true,
    wrapsOutput: place.item?.wrapsOutput === true,
    serverInfo: context.serverInfo,
    clientCapabilities: x.caller.capabilities,
    publicUri: typeof x.message.params?.['uri'] === 'string' ? x.message.params['uri'] : undefined,
  });
}

function wantsLog(x: Authenticated, text: string): boolean {
  const params = parseObject(text)['params'];
  const level = isObject(params) ? String(params['level']) : '';
  if (x.caller.session) return x.caller.session.wantsLog(level);
  return x.caller.logLevel !== undefined && reachesLevel(level, x.caller.logLevel);
}

/** What a caller is told when a server gave no answer: which server, and whether the call may have run. Nothing of the inside. */
function publicFailure(reason: UpstreamFailure, server: string): [code: number, message: string, data: unknown, reason: string] {
  const sentence = {
    ERR_UPSTREAM_TIMEOUT: `The server "${server}" did not answer in time.`,
    ERR_UPSTREAM_CRASHED: `The server "${server}" ended in the middle of the call.`,
    ERR_UPSTREAM_CLOSED: `The server "${server}" closed the connection before it answered.`,
    ERR_UPSTREAM_REFUSED: `The server "${server}" does not accept the gateway's credentials.`,
    ERR_UPSTREAM_TOO_LARGE: `The answer of the server "${server}" is too large.`,
  }[reason.code as string] ?? `The server "${server}" is not available.`;
  return [-31503, sentence, { server, mayHaveRun: reason.sent }, reason.code];
}
