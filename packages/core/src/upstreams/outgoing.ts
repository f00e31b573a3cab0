import { META, changeMembers, changeObject, isHopKey, objectMembers, skipSpace } from '@sekisho/protocol';
import type { ArgumentsSource, Era, HeaderParam, JsonObject, LogLevel, Member, MemberChanges } from '@sekisho/protocol';

import type { Trace } from '../trace.ts';

/** Where the `params` of a message stand, and their members. */
export interface ParamsSource {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly members: readonly Member[];
}

/** The `params` of a request that the gateway makes itself. */
export function ownParams(params: JsonObject): ParamsSource {
  const text = JSON.stringify(params);
  return { text, start: 0, end: text.length, members: objectMembers(text, 0) ?? [] };
}

/** A request on its way to an upstream: the caller's own text, and what has to change in it. */
export interface Outgoing {
  /** Made by the gateway for itself and not for a client. */
  readonly own?: boolean;
  readonly method: string;
  /** The caller's message and where its `params` begin; undefined for the gateway's own requests. */
  readonly source: ParamsSource | undefined;
  /** Raw JSON of members of `params` to replace, add or (undefined) take out. */
  readonly changes: MemberChanges;
  readonly caller: CallerFacts;
  /** The revision whose envelope the caller's own `_meta` already is, where nothing in it has to change. */
  readonly keepsMeta?: string | undefined;
  /** The caller asked for progress: raw JSON of its token. */
  readonly progressToken: string | undefined;
  /** What `Mcp-Name` says on the upstream hop: the upstream's own name or URI. */
  readonly name: string | undefined;
  readonly headerParams?: readonly HeaderParam[] | undefined;
  /** The arguments as they are sent, for the headers that repeat them. */
  readonly arguments?: ArgumentsSource | undefined;
  /** The caller's trace context. */
  readonly trace?: Trace | undefined;
}

/** What is passed on about a caller. */
export interface CallerFacts {
  readonly era: Era;
  /** The client's capabilities as far as the gateway can relay them. */
  readonly capabilities: JsonObject;
  readonly clientInfo: JsonObject | undefined;
  readonly logLevel: LogLevel | undefined;
}

/** Who the gateway says it is where it speaks for itself. */
export interface Identity {
  readonly name: string;
  readonly version: string;
}

/**
 * The request's JSON for one hop. Members that are not named in `changes` keep their very bytes; the members of `_meta` that
 * describe the client's hop come off and the gateway's own go on.
 */
export function renderRequest(out: Outgoing, id: number, era: Era, revision: string): string {
  const params = renderParams(out, id, era, revision);
  const body = params === undefined ? '' : `,"params":${params}`;
  return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(out.method)}${body}}`;
}

function renderParams(out: Outgoing, id: number, era: Era, revision: string): string | undefined {
  const { source, changes } = out;
  const oldMeta = source?.members.find((member) => member.key === '_meta');
  const metaText = oldMeta && source ? source.text.slice(oldMeta.start, oldMeta.end) : undefined;
  // A modern client's envelope says to a modern server just what the gateway would say: it goes on as it came.
  if (metaText !== undefined && out.keepsMeta === revision && out.progressToken === undefined) {
    return isEmpty(changes)
      ? source!.text.slice(source!.start, source!.end)
      : changeMembers(source!.text, source!.members, changes);
  }
  const hasMeta =
    era === 'modern' || metaText !== undefined || out.progressToken !== undefined || out.trace?.meta !== undefined;
  if (!hasMeta) {
    if (!source || isEmpty(changes)) return source && source.text.slice(source.start, source.end);
    return changeMembers(source.text, source.members, changes);
  }
  const meta = renderMeta(metaText ?? '{}', out, id, era, revision);
  return changeMembers(source?.text ?? '', source?.members ?? [], { ...changes, _meta: meta });
}

function isEmpty(changes: MemberChanges): boolean {
  for (const _ in changes) return false;
  return true;
}

/** Raw JSON of the hop's `_meta`, or undefined where none is needed. */
function renderMeta(
  text: string,
  out: Pick<Outgoing, 'caller' | 'progressToken' | 'trace'>,
  id: number,
  era: Era,
  revision: string,
): string | undefined {
  const changes: Record<string, string | undefined> = { ...out.trace?.meta };
  for (const member of objectMembers(text, skipSpace(text, 0)) ?? []) {
    if (isHopKey(member.key)) changes[member.key] = undefined;
  }
  changes['progressToken'] = out.progressToken === undefined ? undefined : String(id);
  if (era === 'modern') {
    const { capabilities, clientInfo, logLevel } = out.caller;
    changes[META.revision] = JSON.stringify(revision);
    changes[META.capabilities] = JSON.stringify(capabilities);
    changes[META.client] = clientInfo ? JSON.stringify(clientInfo) : undefined;
    changes[META.logLevel] = logLevel ? JSON.stringify(logLevel) : undefined;
  }
  const meta = changeObject(text, skipSpace(text, 0), changes);
  return meta === '{}' ? undefined : meta;
}
