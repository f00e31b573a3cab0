import { applyEdits, arrayElements, objectMembers, readMembers, readResponse, skipSpace } from '@sekisho/protocol';
import type { Edit, Member, ResponseView, Span } from '@sekisho/protocol';
import type { AnswerContext } from './answer-context.ts';
import { rewriteUri } from './catalogue/item.ts';
import { parseBinary } from './wire.ts';

/** The answer with every URI that names a resource in its public form. */
export function rewriteUris(view: ResponseView, context: AnswerContext): ResponseView {
  const { text } = view;
  // Most answers speak of no resource at all; an escape could spell one.
  const silent = !text.includes('"resource') && !text.includes('"ui') && !text.includes('\\u00');
  if (silent && context.method !== 'resources/read') return view;
  const edits: Edit[] = [];
  const all = view.body;
  // A task that is over shows the result of its tool.
  const inner = context.taskId === undefined ? undefined : all.find(({ key }) => key === 'result');
  for (const { key, start } of inner ? [...all, ...(objectMembers(text, inner.start) ?? [])] : all) {
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
