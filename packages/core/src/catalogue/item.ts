import { applyEdits, findHeaderParams, isObject, objectMembers } from '@sekisho/protocol';
import type { Edit, HeaderParam, JsonObject } from '@sekisho/protocol';
import { publicName, publicUri } from '../names.ts';
import type { Naming } from '../names.ts';
import { encodeBinary, parseObject, toAscii } from '../wire.ts';

export type ItemKind = 'tool' | 'prompt' | 'resource' | 'template';

/** One entry of an upstream's lists: its own bytes, and the few facts that routing and decisions need. */
export interface Item {
  readonly kind: ItemKind;
  /** The configured name of the upstream. */
  readonly server: string;
  /** Its own name, URI or URI template. */
  readonly own: string;
  /** The name of a prompt or tool, the `name` member of a resource: for people. */
  readonly label: string;
  /** Raw JSON as the upstream sent it, a binary string. */
  readonly text: string;
  readonly annotations: JsonObject | undefined;
  /** Arguments that the tool wants repeated in headers. */
  readonly headerParams: readonly HeaderParam[];
  /** `outputSchema` is none that revisions before 2026-07-28 can carry. */
  readonly wrapsOutput: boolean;
}

const KEY = { tool: 'name', prompt: 'name', resource: 'uri', template: 'uriTemplate' } as const;

/** Reads one list entry. @returns a sentence saying what is wrong with it where it cannot be served */
export function readItem(kind: ItemKind, server: string, text: string): Item | string {
  const value = parseObject(text);
  const own = value[KEY[kind]];
  if (typeof own !== 'string' || own === '') return `a ${kind} without ${KEY[kind]}`;
  const headerParams = text.includes('x-mcp-header') ? findHeaderParams(value['inputSchema']) : [];
  if (typeof headerParams === 'string') return `tool "${own}": ${headerParams}`;
  const output = value['outputSchema'];
  return {
    kind,
    server,
    own,
    label: typeof value['name'] === 'string' ? value['name'] : own,
    text,
    annotations: isObject(value['annotations']) ? value['annotations'] : undefined,
    headerParams,
    wrapsOutput: output !== undefined && !(isObject(output) && output['type'] === 'object'),
  };
}

/** The name or URI under which clients know the item. */
export function publicKey(item: Item, naming: Naming): string {
  return item.kind === 'tool' || item.kind === 'prompt'
    ? publicName(item.server, item.own, naming)
    : publicUri(item.server, item.own, naming);
}

/**
 * The item's raw JSON under its public name; everything else keeps its bytes. `_meta.ui.resourceUri` names a resource and is
 * rewritten like one (MCP Apps).
 */
export function publicText(item: Item, naming: Naming): string {
  if (naming === 'none') return item.text;
  const edits: Edit[] = [];
  for (const member of objectMembers(item.text, 0) ?? []) {
    if (member.key === KEY[item.kind])
      edits.push({ start: member.start, end: member.end, text: toAscii(JSON.stringify(publicKey(item, naming))) });
    else if (member.key === '_meta' && item.kind === 'tool') edits.push(...uiEdits(item, member.start, naming));
  }
  return applyEdits(item.text, edits);
}

function uiEdits(item: Item, metaStart: number, naming: Naming): Edit[] {
  const edits: Edit[] = [];
  for (const member of objectMembers(item.text, metaStart) ?? []) {
    // The draft of MCP Apps spelt it flat; hosts still read both.
    if (member.key === 'ui/resourceUri') edits.push(...uriEdit(item, member.start, member.end, naming));
    if (member.key !== 'ui') continue;
    const uri = objectMembers(item.text, member.start)?.find((inner) => inner.key === 'resourceUri');
    if (uri) edits.push(...uriEdit(item, uri.start, uri.end, naming));
  }
  return edits;
}

function uriEdit(item: Item, start: number, end: number, naming: Naming): Edit[] {
  const rewritten = rewriteUri(item.text.slice(start, end), item.server, naming);
  return rewritten === undefined ? [] : [{ start, end, text: rewritten }];
}

/** The raw JSON of a URI, as a binary string, in its public form; undefined where it is no string. */
export function rewriteUri(raw: string, server: string, naming: Naming): string | undefined {
  if (!raw.startsWith('"')) return undefined;
  const uri = JSON.parse(Buffer.from(raw, 'latin1').toString('utf8')) as string;
  return encodeBinary(JSON.stringify(publicUri(server, uri, naming)));
}
