import {
  META,
  applyEdits,
  arrayElements,
  changeMembers,
  errorText,
  isHopKey,
  isObject,
  objectMembers,
  readMembers,
  readResponse,
  skipSpace,
  withChanges,
  withFront,
  withId,
} from '@sekisho/protocol';
import type { Edit, Era, LargeResponse, Member, MemberChanges, ResponseView, Span } from '@sekisho/protocol';
import { rewriteUri } from './catalogue/item.ts';
import type { Naming } from './names.ts';
import { publicUri } from './names.ts';
import { asciiJson, encodeBinary, parseBinary, parseObject } from './wire.ts';

/** What has to be known to turn a server's answer into the client's. */
export interface AnswerContext {
  readonly method: string;
  readonly idText: string;
  readonly clientEra: Era;
  readonly upstreamEra: Era;
  readonly server: string;
  readonly naming: Naming;
  /** The method's complete result carries caching hints in the modern era. */
  readonly cacheable: boolean;
  /** The method may answer `input_required`. */
  readonly interactive: boolean;
  /** The tool's output schema was wrapped for legacy clients. */
  readonly wrapsOutput: boolean;
  /** The gateway's identity, raw JSON. */
  readonly serverInfo: string;
  /** What the client declared, for errors about capabilities. */
  readonly clientCapabilities: Readonly<Record<string, unknown>>;
  /** The URI the client asked for, in its own form. */
  readonly publicUri: string | undefined;
}

export interface Answer {
  /** The message for the client, a binary string. */
  readonly text: string;
  /** JSON-RPC error code, or undefined for a result. */
  readonly code: number | undefined;
}

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

function refuse(context: AnswerContext, code: number, message: string, data?: unknown): Answer {
  return { text: errorText(context.idText, code, message, data), code };
}

function member(view: ResponseView, key: string): Member | undefined {
  return view.body.find((one) => one.key === key);
}

function toModern(view: ResponseView, context: AnswerContext): string | Answer {
  const { idText, serverInfo, cacheable, upstreamEra } = context;
  const type = upstreamEra === 'modern' ? resultType(view) : undefined;
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
    return refuse(context, -32603, 'The server asks for input in a way that this client cannot be asked yet.');
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

/** The answer with every URI that names a resource in its public form. */
function rewriteUris(view: ResponseView, context: AnswerContext): ResponseView {
  const edits: Edit[] = [];
  const { text } = view;
  for (const { key, start } of view.body) {
    if (key === 'content' || key === 'contents') blocks(text, start, edits, context);
    else if (key === 'messages') {
      for (const message of arrayElements(text, start) ?? []) {
        const content = objectMembers(text, message.start)?.find((one) => one.key === 'content');
        if (!content) continue;
        if (text.charCodeAt(content.start) === 0x5b) blocks(text, content.start, edits, context);
        else blockEdits(text, objectMembers(text, content.start) ?? [], edits, context);
      }
    } else if (key === '_meta') uiEdits(text, start, edits, context);
  }
  return edits.length === 0 ? view : respan(view, edits);
}

/** Every block of an array, in one pass over it. */
function blocks(text: string, at: number, edits: Edit[], context: AnswerContext): void {
  if (text.charCodeAt(at) !== 0x5b) return;
  let i = skipSpace(text, at + 1);
  while (text.charCodeAt(i) === 0x7b) {
    const members: Member[] = [];
    const end = readMembers(text, i, members);
    if (end < 0) return;
    blockEdits(text, members, edits, context);
    i = skipSpace(text, end);
    if (text.charCodeAt(i) !== 0x2c) return;
    i = skipSpace(text, i + 1);
  }
}

/** A block names a resource where it is a link, an embedded resource, or one of `resources/read`; other members are data. */
function blockEdits(text: string, members: readonly Member[], edits: Edit[], context: AnswerContext): void {
  const isContents = context.method === 'resources/read';
  for (const one of members) {
    if (one.key === 'uri' && (isContents || typeOf(text, members) === 'resource_link'))
      uriEdit(text, one, edits, context);
    else if (one.key === 'resource' && typeOf(text, members) === 'resource') {
      const uri = objectMembers(text, one.start)?.find((inner) => inner.key === 'uri');
      if (uri) uriEdit(text, uri, edits, context);
    } else if (one.key === '_meta') uiEdits(text, one.start, edits, context);
  }
}

function typeOf(text: string, members: readonly Member[]): unknown {
  const type = members.find((one) => one.key === 'type');
  return type && parseBinary(text.slice(type.start, type.end));
}

function uiEdits(text: string, at: number, edits: Edit[], context: AnswerContext): void {
  for (const one of objectMembers(text, at) ?? []) {
    if (one.key === 'ui/resourceUri') uriEdit(text, one, edits, context);
    if (one.key !== 'ui') continue;
    const uri = objectMembers(text, one.start)?.find((inner) => inner.key === 'resourceUri');
    if (uri) uriEdit(text, uri, edits, context);
  }
}

function uriEdit(text: string, span: Span, edits: Edit[], context: AnswerContext): void {
  const rewritten = rewriteUri(text.slice(span.start, span.end), context.server, context.naming);
  if (rewritten !== undefined) edits.push({ start: span.start, end: span.end, text: rewritten });
}

/** The same answer, read anew after its URIs have changed. */
function respan(view: ResponseView, edits: readonly Edit[]): ResponseView {
  return readResponse(applyEdits(view.text, edits)) ?? view;
}

/** Errors that speak about the gateway's own hop are translated; all others are the server's word to the client. */
function errorToClient(view: ResponseView, context: AnswerContext): Answer {
  const { clientEra, upstreamEra } = context;
  const error = parseObject(view.text.slice(view.bodyStart, view.bodyEnd));
  const code = typeof error['code'] === 'number' ? error['code'] : -32603;
  if (upstreamEra === 'modern' && code === -32021) return capabilityError(error, context);
  if (upstreamEra === 'modern' && (code === -32020 || code === -32022))
    return refuse(context, -32603, 'The gateway and the server disagree about the protocol.');
  if (upstreamEra === 'legacy' && clientEra === 'modern') {
    if (code === -32002)
      return refuse(context, -32602, String(error['message'] ?? 'Resource not found'), { uri: context.publicUri });
    if (code === -32042)
      return refuse(
        context,
        -32603,
        'The server asks the user to open a page, which this gateway cannot pass on to this client yet.',
      );
  }
  if (
    code === -32602 &&
    context.method === 'resources/read' &&
    isObject(error['data']) &&
    typeof error['data']['uri'] === 'string'
  ) {
    const data = { ...error['data'], uri: publicUri(context.server, error['data']['uri'], context.naming) };
    return { text: encodeBinary(errorText(context.idText, code, String(error['message'] ?? ''), data)), code };
  }
  return { text: withId(view, context.idText), code };
}

/** `-32021` tells what the gateway did not declare: either the client did not declare it, or it cannot be passed on. */
function capabilityError(error: Readonly<Record<string, unknown>>, context: AnswerContext): Answer {
  const data = isObject(error['data']) ? error['data'] : {};
  const required = isObject(data['requiredCapabilities']) ? data['requiredCapabilities'] : {};
  const missing = Object.fromEntries(
    Object.entries(required).filter(([key]) => !Object.hasOwn(context.clientCapabilities, key)),
  );
  if (context.clientEra === 'modern' && Object.keys(missing).length > 0) {
    return refuse(context, -32021, 'The server needs a capability that the client did not declare.', {
      requiredCapabilities: missing,
    });
  }
  return refuse(
    context,
    -32603,
    `The server needs a capability that cannot be passed on to it: ${asciiJson(Object.keys(required))}.`,
  );
}
