import { META, findMember, isHopKey, objectMembers, skipSpace } from '@sekisho/protocol';
import type { JsonObject, MemberChanges, RequestMessage } from '@sekisho/protocol';
import type { Authenticated, Caller } from './exchange.ts';
import type { UpstreamPlace } from './locate.ts';
import { argumentsIn } from './header-agreement.ts';
import { traceOf } from './trace.ts';
import { relayable } from './relayable.ts';
import type { CallerFacts, Outgoing } from './upstreams/outgoing.ts';
import { toAscii } from './wire.ts';

const ROUND: MemberChanges = { inputResponses: undefined, requestState: undefined };

/** Changes of `params` where there are none. */
export const UNCHANGED: MemberChanges = {};

/** The members of a completion's `params` that are content. */
export const COMPLETED = ['argument', 'context'] as const;

function completed(cleaned: string): MemberChanges {
  const members = objectMembers(cleaned, 0) ?? [];
  return Object.fromEntries(
    COMPLETED.flatMap((wanted) => {
      const member = members.find(({ key }) => key === wanted);
      return member ? [[wanted, cleaned.slice(member.start, member.end)]] : [];
    }),
  );
}

/**
 * A client's call as it goes to its server.
 *
 * @param cleaned raw JSON of the arguments where a filter changed them
 * @param more raw JSON of further members of `params` that change
 */
export function outgoing(
  x: Authenticated,
  place: UpstreamPlace,
  cleaned: string | undefined,
  more: MemberChanges,
): Outgoing {
  const { message, caller } = x;
  const upstreamEra = place.upstream.opened?.era ?? 'legacy';
  let { changes } = place;
  if (cleaned !== undefined)
    changes = { ...changes, ...(x.method.kind === 'completion' ? completed(cleaned) : { arguments: cleaned }) };
  // Members of the other era would mislead: answers resume nothing there, and nobody asked for a task. Nor do those of a
  // legacy client answer what a modern server asked: nobody has looked at them.
  if (upstreamEra !== caller.era)
    changes = { ...changes, ...ROUND, ...(caller.era === 'legacy' ? { task: undefined } : {}) };
  if (more !== UNCHANGED && !(caller.era === 'modern' && upstreamEra === 'legacy')) changes = { ...changes, ...more };
  const facts = upstreamEra === 'modern' ? factsFor(caller) : LEGACY_FACTS;
  const params = message.members.get('params');
  const trace = traceOf(x);
  const headerParams = place.item && place.item.headerParams.length > 0 ? place.item.headerParams : undefined;
  return {
    method: message.method,
    source: params && { text: message.text, start: params.start, end: params.end, members: message.paramsMembers },
    changes,
    caller: facts,
    keepsMeta:
      upstreamEra === 'modern' && trace?.meta === undefined && keepsMeta(message, caller, facts)
        ? caller.revision.id
        : undefined,
    progressToken: progressToken(message),
    name: x.method.nameParam === undefined ? undefined : place.own,
    headerParams,
    // As they are sent: what a filter has changed would not agree with what the caller wrote.
    arguments:
      headerParams && (cleaned === undefined ? argumentsIn(message) : { text: cleaned, start: skipSpace(cleaned, 0) }),
    trace,
  };
}

/** A legacy server was told about its client once, when its session was opened. */
const LEGACY_FACTS: CallerFacts = { era: 'legacy', capabilities: {}, clientInfo: undefined, logLevel: undefined };

function factsFor(caller: Caller): CallerFacts {
  const logLevel = caller.session ? caller.session.logLevel : caller.logLevel;
  return {
    era: caller.era,
    capabilities: relayable(caller.capabilities, caller.revision),
    clientInfo: caller.clientInfo,
    logLevel,
  };
}

const ENVELOPE = new Set<string>(Object.values(META));

/** Whether a modern client's `_meta` can go on as it is: its capabilities are all relayed and it has no other hop members. */
function keepsMeta(message: RequestMessage, caller: Caller, facts: CallerFacts): boolean {
  if (caller.era !== 'modern' || facts.capabilities !== caller.capabilities) return false;
  const meta = message.params?.['_meta'] as JsonObject;
  for (const key in meta)
    if (isHopKey(key) && (!ENVELOPE.has(key) || key === META.server || key === META.subscription)) return false;
  return true;
}

/** Raw JSON of the caller's progress token: its digits and type come back to it as they are. */
function progressToken(message: RequestMessage): string | undefined {
  if (message.params?.['_meta'] === undefined) return undefined;
  const meta = message.paramsMembers.find((member) => member.key === '_meta');
  const token = meta && findMember(message.text, meta.start, 'progressToken');
  return token && toAscii(message.text.slice(token.start, token.end));
}
