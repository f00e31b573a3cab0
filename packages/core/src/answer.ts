import {
  META,
  arrayElements,
  changeMembers,
  isHopKey,
  objectMembers,
  withChanges,
  withFront,
  withId,
} from '@sekisho/protocol';
import type { LargeResponse, Member, MemberChanges, ResponseView } from '@sekisho/protocol';
import type { Answer, AnswerContext } from './answer-context.ts';
import { errorToClient, refuse } from './answer-errors.ts';
import { rewriteUris } from './answer-uris.ts';
import { taskToModern } from './tasks/task-answer.ts';
import { parseObject } from './wire.ts';

/** A server's answer as the client's era and names want it. What need not change keeps its bytes. */
export function toClient(view: ResponseView, context: AnswerContext): Answer {
  if (!view.ok) return errorToClient(view, context);
  const answer = context.naming === 'prefix' ? rewriteUris(view, context) : view;
  const text = context.clientEra === 'modern' ? toModern(answer, context) : toLegacy(answer, context);
  return typeof text === 'string' ? { text, code: undefined } : text;
}

/**
 * The same for a large answer, as a head and the rest of the bytes as they came. Only where nothing has to change behind the
 * head; undefined where something does, and the answer has to be looked into.
 */
export function largeToClient(
  large: LargeResponse,
  context: AnswerContext,
): { readonly head: string; readonly tail: readonly Buffer[] } | undefined {
  const { bytes, idStart, idEnd, bodyStart, keys } = large;
  if (context.naming === 'prefix' && (large.mentionsResources || context.method === 'resources/read')) return undefined;
  let front = '';
  // The id of a task stands somewhere in it.
  if (context.taskId !== undefined) return undefined;
  if (context.clientEra === 'modern') {
    const typed = keys.includes('resultType');
    if (
      keys.includes('_meta') ||
      context.cacheable ||
      (typed && (context.upstreamEra === 'legacy' || large.resultType !== 'complete'))
    )
      return undefined;
    if (!typed) front = '"resultType":"complete",';
    front += `"_meta":{"${META.server}":${context.serverInfo}}${keys.length > 0 ? ',' : ''}`;
  } else if (context.upstreamEra === 'modern') return undefined;
  if (idStart < bodyStart) {
    const head =
      bytes.toString('latin1', 0, idStart) + context.idText + bytes.toString('latin1', idEnd, bodyStart + 1) + front;
    return { head, tail: [bytes.subarray(bodyStart + 1)] };
  }
  const end = Buffer.from(context.idText + bytes.toString('latin1', idEnd), 'latin1');
  return {
    head: bytes.toString('latin1', 0, bodyStart + 1) + front,
    tail: [bytes.subarray(bodyStart + 1, idStart), end],
  };
}

function member(view: ResponseView, key: string): Member | undefined {
  return view.body.find((one) => one.key === key);
}

function toModern(view: ResponseView, context: AnswerContext): string | Answer {
  const { idText, serverInfo, cacheable, upstreamEra } = context;
  const type = upstreamEra === 'modern' ? resultType(view) : undefined;
  if (type === 'task' || context.taskId !== undefined)
    return taskToModern(view, type, context, metaFor(view, serverInfo));
  if (type !== undefined && type !== 'complete' && !(type === 'input_required' && context.interactive)) {
    return refuse(context, -32603, 'The server answered with a kind of result that this gateway does not carry.');
  }
  const hasHints = cacheable && (type === undefined || type === 'complete');
  const old = member(view, '_meta');
  const addsHints = hasHints && (upstreamEra === 'legacy' || !member(view, 'ttlMs') || !member(view, 'cacheScope'));
  const addsType = type === undefined;
  if (
    !old &&
    !(addsHints && (member(view, 'ttlMs') || member(view, 'cacheScope'))) &&
    !(addsType && member(view, 'resultType'))
  ) {
    // The common case: nothing to take out, so everything that is added stands in front.
    return withFront(
      view,
      idText,
      `${addsType ? '"resultType":"complete",' : ''}${addsHints ? '"ttlMs":0,"cacheScope":"private",' : ''}"_meta":{"${META.server}":${serverInfo}}`,
    );
  }
  const changes: Record<string, string | undefined> = { _meta: metaFor(view, serverInfo) };
  if (addsType) changes['resultType'] = '"complete"';
  if (addsHints && (upstreamEra === 'legacy' || !member(view, 'ttlMs'))) changes['ttlMs'] = '0';
  if (addsHints && (upstreamEra === 'legacy' || !member(view, 'cacheScope'))) changes['cacheScope'] = '"private"';
  return withChanges(view, idText, changes);
}

function toLegacy(view: ResponseView, context: AnswerContext): string | Answer {
  if (context.upstreamEra === 'legacy') return withId(view, context.idText);
  const type = resultType(view);
  if (type === 'input_required')
    return refuse(context, -32603, 'The server asks for input where nobody can be asked for it.');
  if (type !== undefined && type !== 'complete')
    return refuse(context, -32603, 'The server answered with a kind of result that this client cannot carry.');
  const changes: Record<string, string | undefined> = {
    resultType: undefined,
    ttlMs: undefined,
    cacheScope: undefined,
    _meta: metaFor(view, undefined),
  };
  if (context.method === 'tools/call') Object.assign(changes, wrapStructured(view, context.wrapsOutput));
  return withChanges(view, context.idText, changes);
}

/** Legacy revisions carry objects only: another value is wrapped, and shown as text where the server gave no text. */
function wrapStructured(view: ResponseView, wrapsOutput: boolean): MemberChanges {
  const structured = member(view, 'structuredContent');
  if (!structured) return {};
  const raw = view.text.slice(structured.start, structured.end);
  const isObjectValue = raw.startsWith('{');
  const changes: Record<string, string> = {};
  if (wrapsOutput || !isObjectValue) changes['structuredContent'] = `{"result":${raw}}`;
  const content = member(view, 'content');
  const elements = content ? (arrayElements(view.text, content.start) ?? []) : [];
  const hasText = elements.some(({ start, end }) => parseObject(view.text.slice(start, end))['type'] === 'text');
  if (!isObjectValue && !hasText) {
    const block = `{"type":"text","text":${JSON.stringify(raw)}}`;
    changes['content'] = `[${[...elements.map(({ start, end }) => view.text.slice(start, end)), block].join(',')}]`;
  }
  return changes;
}

function resultType(view: ResponseView): string | undefined {
  const type = member(view, 'resultType');
  return type && view.text.slice(type.start + 1, type.end - 1);
}

/** The result's `_meta` without the upstream's hop members, with the gateway's identity where there is one to state. */
function metaFor(view: ResponseView, serverInfo: string | undefined): string | undefined {
  const { text } = view;
  const old = member(view, '_meta');
  const inner = old ? (objectMembers(text, old.start) ?? []) : [];
  const changes: Record<string, string | undefined> = {};
  let stripped = false;
  for (const one of inner) {
    if (!isHopKey(one.key)) continue;
    changes[one.key] = undefined;
    stripped = true;
  }
  if (serverInfo !== undefined) changes[META.server] = serverInfo;
  const meta = changeMembers(text, inner, changes);
  // An empty object that the server sent stays; one that only held what was taken off goes.
  return meta === '{}' && (!old || stripped) ? undefined : meta;
}
