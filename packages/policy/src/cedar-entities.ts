import { isIP } from 'node:net';
import type { CedarCall, CedarEntity, CedarUid } from './cedar-engine.ts';
import type { PolicyRequest, Principal, Target } from './request.ts';

const uid = (type: string, id: string): CedarUid => ({ type: `Mcp::${type}`, id });

/** Who asks, what, of which thing: the three names of a Cedar request, with what is known of each. */
export function callOf(
  { principal, target }: Pick<PolicyRequest, 'principal' | 'target'>,
  context: Readonly<Record<string, unknown>>,
): CedarCall {
  const who = principalOf(principal);
  const what = resourceOf(target);
  return {
    principal: who.uid,
    action: uid('Action', target.method),
    resource: what.uid,
    context,
    entities: who.uid.type === what.uid.type ? [who] : [who, what],
  };
}

function principalOf(principal: Principal): CedarEntity {
  const { key, kind, clientId, tenant, keyId, authTime, claims } = principal;
  const lists = {
    scopes: [...(principal.scopes ?? [])],
    groups: [...(principal.groups ?? [])],
    roles: [...(principal.roles ?? [])],
  };
  return {
    uid: uid('Principal', key),
    attrs: { key, ...lists, ...record({ kind, clientId, tenant, keyId, authTime }), claims: record(claims ?? {}) },
    parents: [
      ...lists.roles.map((role) => uid('Role', role)),
      ...lists.groups.map((group) => uid('Group', group)),
      ...(tenant === undefined ? [] : [uid('Tenant', tenant)]),
    ],
  };
}

function resourceOf(target: Target): CedarEntity {
  const { server, tool, prompt, resource, annotations } = target;
  const place = server === undefined ? uid('Gateway', 'gateway') : uid('Server', server);
  const name = tool ?? prompt ?? resource;
  if (name === undefined) return { uid: place, attrs: record({ server }), parents: [] };
  const type = tool !== undefined ? 'Tool' : prompt !== undefined ? 'Prompt' : 'Resource';
  return {
    // Names of servers have no slash that could be taken for this one: the first slash ends them.
    uid: uid(type, `${encodeURIComponent(server ?? '')}/${name}`),
    attrs: { ...record({ server }), name, annotations: record({ ...annotations }) },
    parents: [place],
  };
}

/** What Cedar calls unknown: partial evaluation leaves what depends on it open. */
export function unknown(name: string): unknown {
  return { __extn: { fn: 'unknown', arg: name } };
}

export function contextOf(request: Omit<PolicyRequest, 'target'>, nowMs: number): Record<string, unknown> {
  const { address = '' } = request;
  return {
    args: record(request.arguments ?? {}),
    address,
    ...(isIP(address) === 0 ? {} : { ip: { __extn: { fn: 'ip', arg: address } } }),
    now: { __extn: { fn: 'datetime', arg: new Date(nowMs).toISOString() } },
  };
}

/** Members as Cedar knows values: no null, whole numbers, and nothing that could pass for an escape of its JSON format. */
function record(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, member]) => {
      const known = value(member);
      // Cedar's own words for entities and extensions must not come out of what a caller sent.
      return known === undefined || name.startsWith('__') ? [] : [[name, known]];
    }),
  );
}

/** Undefined for what Cedar has no value for: null, and numbers that are neither whole nor of up to four decimals. */
function value(member: unknown): unknown {
  if (typeof member === 'string' || typeof member === 'boolean') return member;
  if (typeof member === 'number') {
    if (Number.isSafeInteger(member)) return member;
    const text = member.toFixed(4);
    return Math.abs(member) < 1e11 && Number(text) === member ? { __extn: { fn: 'decimal', arg: text } } : undefined;
  }
  if (Array.isArray(member)) {
    const items = member.map(value);
    return items.includes(undefined) ? undefined : items;
  }
  return typeof member === 'object' && member !== null ? record(member as Record<string, unknown>) : undefined;
}
