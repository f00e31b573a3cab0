import type { AuthEvent, Principal as Proved, Refusal as Turned } from '@sekisho/auth';
import type { HeaderFields, Principal, Refusal, RefusalReason } from '@sekisho/core';
import { OWNER } from './key-room.ts';

/** Over standard input and output there is one caller: whoever started the program. */
export const STDIO_OWNER: Principal = Object.freeze({
  id: OWNER,
  kind: 'user',
  // As with the owner's key, so that both are one person on record.
  issuer: 'urn:sekisho:keys',
  subject: OWNER,
  roles: Object.freeze(['admin']),
});

/** Principals in the words of the gateway, the same object for the same proof, and the way back. */
export function createPrincipals(): {
  of(proved: Proved): Principal;
  back(principal: Principal): Proved | undefined;
} {
  const known = new WeakMap<Proved, Principal>();
  const origins = new WeakMap<Principal, Proved>();
  return {
    of: (proved) => {
      const ready = known.get(proved);
      if (ready !== undefined) return ready;
      const made = toPrincipal(proved);
      known.set(proved, made);
      origins.set(made, proved);
      return made;
    },
    back: (principal) => origins.get(principal),
  };
}

function toPrincipal(proved: Proved): Principal {
  const { key, confirmation: _proof, actors: _actors, restrictions, claims, ...named } = proved;
  const narrows = (restrictions?.servers?.length ?? 0) + (restrictions?.tools?.length ?? 0) > 0;
  const isOwner = proved.kind === 'apikey' && proved.subject === OWNER;
  const principal = { ...named, id: isOwner ? OWNER : key, restrictions: narrows ? restrictions : undefined };
  // What an issuer says of somebody must not come into a log with the principal.
  Object.defineProperty(principal, 'claims', { value: claims, enumerable: false });
  return Object.freeze(principal);
}

/** A refusal of the gate in the words of the gateway. `event` is what the record calls it. */
export function toRefusal(turned: Turned, event: AuthEvent): Refusal {
  const { status, headers, description, reason } = turned;
  return {
    refused: reasonOf(turned),
    status,
    message: description,
    headers: grouped(headers),
    event: event.type,
    detail: reason,
    facts: {
      'auth.reason': reason,
      ...(event.issuer === undefined ? {} : { 'auth.issuer': event.issuer }),
      ...(event.keyId === undefined ? {} : { 'auth.key': event.keyId }),
    },
  };
}

function reasonOf({ status, error }: Turned): RefusalReason {
  if (status === 403) return error === 'insufficient_scope' ? 'insufficient-scope' : 'denied';
  if (status === 429) return 'limited';
  return status === 503 ? 'unavailable' : 'unauthenticated';
}

function grouped(fields: Turned['headers']): HeaderFields {
  const all: Record<string, string | string[]> = {};
  for (const [name, value] of fields) {
    const before = all[name];
    all[name] = before === undefined ? value : [before, value].flat();
  }
  return all;
}
