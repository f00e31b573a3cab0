import { META, arrayElements, changeObject, isHopKey, objectMembers, onOneLine, valueEnd, withChanges, withFront, withId } from '@sekisho/protocol';
import type { Era, MemberChanges, ResponseView, Span } from '@sekisho/protocol';
import { errorText, isObject } from '@sekisho/protocol';
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
  /** The message for the client, a binary string on one line. */
  readonly text: string;
  /** JSON-RPC error code, or undefined for a result. */
  readonly code: number | undefined;
}

/** A server's answer as the client's era and names want it. What need not change keeps its bytes. */
export function toClient(view: ResponseView, context: AnswerContext): Answer {
  if (!view.ok) return errorToClient(view, context);
  const needsUris = context.naming === 'prefix' && mentionsResources(view.text, context.method);
  const answer = needsUris ? rewriteUris(view, context) : view;
  const text = context.clientEra === 'modern' ? toModern(answer, context) : toLegacy(answer, context);
  if (typeof text !== 'string') return text;
  return { text: onOneLine(text), code: undefined };
}

function refuse(context: AnswerContext, code: number, message: string, data?: unknown): Answer {
  return { text: errorText(context.idText, code, message, data), code };
}

function toModern(view: ResponseView, context: AnswerContext): string | Answer {
  const { idText, serverInfo, cacheable } = context;
  const hints = cacheable ? ',"ttlMs":0,"cacheScope":"private"' : '';
  const hasMeta = view.text.includes('"_meta"');
  if (context.upstreamEra === 'legacy') {
    if (!hasMeta && !view.text.includes('"resultType"') && !(cacheable && view.text.includes('"ttlMs"'))) {
      return withFront(view, idText, `"resultType":"complete"${hints},"_meta":{"${META.server}":${serverInfo}}`);
    }
    const changes: Record<string, string | undefined> = { resultType: '"complete"', _meta: metaFor(view, serverInfo) };
    if (cacheable) Object.assign(changes, { ttlMs: '0', cacheScope: '"private"' });
    return withChanges(view, idText, changes);
  }
  const type = resultType(view);
  if (type !== undefined && type !== 'complete' && !(type === 'input_required' && context.interactive)) {
    return refuse(context, -32603, 'The server answered with a kind of result that this gateway does not carry.');
  }
  const changes: Record<string, string | undefined> = { _meta: metaFor(view, serverInfo) };
  if (type === undefined) changes['resultType'] = '"complete"';
  if (type === undefined || type === 'complete') {
    if (cacheable && !view.text.includes('"ttlMs"')) changes['ttlMs'] = '0';
    if (cacheable && !view.text.includes('"cacheScope"')) changes['cacheScope'] = '"private"';
    if (!hasMeta && Object.keys(changes).length === 1) return withFront(view, idText, `"_meta":${changes['_meta']!}`);
  }
  return withChanges(view, idText, changes);
}

function toLegacy(view: ResponseView, context: AnswerContext): string | Answer {
  if (context.upstreamEra === 'legacy') return withId(view, context.idText);
  const type = resultType(view);
  if (type === 'input_required') return refuse(context, -32603, 'The server asks for input in a way that this client cannot be asked yet.');
  if (type !== undefined && type !== 'complete') return refuse(context, -32603, 'The server answered with a kind of result that this client cannot carry.');
  const changes: Record<string, string | undefined> = { resultType: undefined, ttlMs: undefined, cacheScope: undefined, _meta: metaFor(view, undefined) };
  if (context.method === 'tools/call') Object.assign(changes, wrapStructured(view, context.wrapsOutput));
  return withChanges(view, context.idText, changes);
}

/** Legacy revisions carry objects only: another value is wrapped, and shown as text where the server gave no text. */
function wrapStructured(view: ResponseView, wrapsOutput: boolean): MemberChanges {
  const members = objectMembers(view.text, view.bodyStart) ?? [];
  const structured = members.find((member) => member.key === 'structuredContent');
  if (!structured) return {};
  const raw = view.text.slice(structured.start, structured.end);
  const isObjectValue = raw.startsWith('{');
  const changes: Record<string, string> = {};
  if (wrapsOutput || !isObjectValue) changes['structuredContent'] = `{"result":${raw}}`;
  const content = members.find((member) => member.key === 'content');
  const elements = content ? (arrayElements(view.text, content.start) ?? []) : [];
  const hasText = elements.some(({ start, end }) => parseObject(view.text.slice(start, end))['type'] === 'text');
  if (!isObjectValue && !hasText) {
    const block = `{"type":"text","text":${JSON.stringify(raw)}}`;
    changes['content'] = `[${[...elements.map(({ start, end }) => view.text.slice(start, end)), block].join(',')}]`;
  }
  return changes;
}

function resultType(view: ResponseView): string | undefined {
  if (!view.text.includes('"resultType"')) return undefined;
  const member = objectMembers(view.text, view.bodyStart)?.find((one) => one.key === 'resultType');
  if (!member) return undefined;
  return view.text.slice(member.start + 1, member.end - 1);
}

/** The result's `_meta` without the upstream's hop members, with the gateway's identity where there is one to state. */
function metaFor(view: ResponseView, serverInfo: string | undefined): string | undefined {
  const { text } = view;
  const member = text.includes('"_meta"') ? objectMembers(text, view.bodyStart)?.find((one) => one.key === '_meta') : undefined;
  const changes: Record<string, string | undefined> = {};
  if (member) for (const inner of objectMembers(text, member.start) ?? []) if (isHopKey(inner.key)) changes[inner.key] = undefined;
  if (serverInfo !== undefined) changes[META.server] = serverInfo;
  const meta = member ? changeObject(text, member.start, changes) : changeObject('{}', 0, changes);
  return meta === '{}' && (serverInfo === undefined && Object.keys(changes).length > 0 || !member) ? undefined : meta;
}

function mentionsResources(text: string, method: string): boolean {
  if (method === 'resources/read') return true;
  return text.includes('"resource') || text.includes('\\u00') || text.includes('ui/resourceUri') || text.includes('"ui"');
}

/** The answer with every URI that names a resource in its public form. */
function rewriteUris(view: ResponseView, context: AnswerContext): ResponseView {
  const edits: { start: number; end: number; text: string }[] = [];
  const { text, bodyStart } = view;
  for (const member of objectMembers(text, bodyStart) ?? []) {
    if (member.key === 'content' || member.key === 'contents') for (const block of arrayElements(text, member.start) ?? []) edits.push(...blockEdits(text, block, context));
    if (member.key === 'messages') {
      for (const message of arrayElements(text, member.start) ?? []) {
        const content = objectMembers(text, message.start)?.find((one) => one.key === 'content');
        if (!content) continue;
        const blocks = arrayElements(text, content.start) ?? [content];
        for (const block of blocks) edits.push(...blockEdits(text, block, context));
      }
    }
    if (member.key === '_meta') edits.push(...uiEdits(text, member.start, context));
  }
  if (edits.length === 0) return view;
  return respan(view, edits);
}

/** A block names a resource where it is a link, an embedded resource, or one of `resources/read`; other members are data. */
function blockEdits(text: string, block: Span, context: AnswerContext): { start: number; end: number; text: string }[] {
  const edits: { start: number; end: number; text: string }[] = [];
  const members = objectMembers(text, block.start) ?? [];
  const typeOf = members.find((member) => member.key === 'type');
  const type = typeOf ? parseBinary(text.slice(typeOf.start, typeOf.end)) : undefined;
  const isContents = context.method === 'resources/read';
  for (const member of members) {
    if (member.key === 'uri' && (isContents || type === 'resource_link')) edits.push(...uriEdit(text, member, context));
    else if (member.key === 'resource' && type === 'resource') {
      const uri = objectMembers(text, member.start)?.find((one) => one.key === 'uri');
      if (uri) edits.push(...uriEdit(text, uri, context));
    } else if (member.key === '_meta') edits.push(...uiEdits(text, member.start, context));
  }
  return edits;
}

function uiEdits(text: string, at: number, context: AnswerContext): { start: number; end: number; text: string }[] {
  return (objectMembers(text, at) ?? []).flatMap((member) => {
    if (member.key === 'ui/resourceUri') return uriEdit(text, member, context);
    if (member.key !== 'ui') return [];
    const uri = objectMembers(text, member.start)?.find((one) => one.key === 'resourceUri');
    return uri ? uriEdit(text, uri, context) : [];
  });
}

function uriEdit(text: string, span: Span, context: AnswerContext): { start: number; end: number; text: string }[] {
  const rewritten = rewriteUri(text.slice(span.start, span.end), context.server, context.naming);
  return rewritten === undefined ? [] : [{ start: span.start, end: span.end, text: rewritten }];
}

function respan(view: ResponseView, edits: readonly { start: number; end: number; text: string }[]): ResponseView {
  const bodyEnd = valueEnd(view.text, view.bodyStart);
  const ordered = [...edits].sort((a, b) => a.start - b.start);
  let body = '';
  let at = view.bodyStart;
  for (const edit of ordered) {
    body += view.text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  body += view.text.slice(at, bodyEnd);
  const shift = body.length - (bodyEnd - view.bodyStart);
  const text = view.text.slice(0, view.bodyStart) + body + view.text.slice(bodyEnd);
  const moved = view.idStart > view.bodyStart ? shift : 0;
  return { ...view, text, idStart: view.idStart + moved, idEnd: view.idEnd + moved };
}

/** Errors that speak about the gateway's own hop are translated; all others are the server's word to the client. */
function errorToClient(view: ResponseView, context: AnswerContext): Answer {
  const { clientEra, upstreamEra } = context;
  const error = parseObject(view.text.slice(view.bodyStart, valueEnd(view.text, view.bodyStart)));
  const code = typeof error['code'] === 'number' ? error['code'] : -32603;
  if (upstreamEra === 'modern' && code === -32021) return capabilityError(error, context);
  if (upstreamEra === 'modern' && (code === -32020 || code === -32022)) return refuse(context, -32603, 'The gateway and the server disagree about the protocol.');
  if (upstreamEra === 'legacy' && clientEra === 'modern') {
    if (code === -32002) return refuse(context, -32602, String(error['message'] ?? 'Resource not found'), { uri: context.publicUri });
    if (code === -32042) return refuse(context, -32603, 'The server asks the user to open a page, which this gateway cannot pass on to this client yet.');
  }
  if (code === -32602 && context.method === 'resources/read' && isObject(error['data']) && typeof error['data']['uri'] === 'string') {
    const data = { ...error['data'], uri: publicUri(context.server, error['data']['uri'], context.naming) };
    return { text: encodeBinary(errorText(context.idText, code, String(error['message'] ?? ''), data)), code };
  }
  return { text: onOneLine(withId(view, context.idText)), code };
}

/** `-32021` tells what the gateway did not declare: either the client did not declare it, or it cannot be passed on. */
function capabilityError(error: Readonly<Record<string, unknown>>, context: AnswerContext): Answer {
  const data = isObject(error['data']) ? error['data'] : {};
  const required = isObject(data['requiredCapabilities']) ? data['requiredCapabilities'] : {};
  const missing = Object.fromEntries(Object.entries(required).filter(([key]) => !Object.hasOwn(context.clientCapabilities, key)));
  if (context.clientEra === 'modern' && Object.keys(missing).length > 0) {
    return refuse(context, -32021, 'The server needs a capability that the client did not declare.', { requiredCapabilities: missing });
  }
  return refuse(context, -32603, `The server needs a capability that cannot be passed on to it: ${asciiJson(Object.keys(required))}.`);
}
