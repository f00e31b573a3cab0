import type { Identity, Source } from '@sekisho/audit';
import type { Credentials, Principal } from '@sekisho/core';

const MAX_AGENT = 256;

/**
 * Who did it, for the envelope: the one place of a record where a person is. Objects are kept for a principal, its address
 * and its client, since the log looks them up at every event.
 */
export class Identities {
  #known = new WeakMap<Principal, Map<string, Identity>>();

  of(principal: Principal, credentials: Pick<Credentials, 'header' | 'remoteAddress'>): Identity {
    const ip = credentials.remoteAddress;
    const agent = credentials.header('user-agent');
    const key = `${ip ?? ''}\n${agent ?? ''}`;
    let mine = this.#known.get(principal);
    if (!mine) this.#known.set(principal, (mine = new Map()));
    let identity = mine.get(key);
    if (!identity) {
      // Whoever sends a new name of a client with each request must not fill the memory.
      if (mine.size >= 64) mine.clear();
      mine.set(key, (identity = identityOf(principal, ip, agent)));
    }
    return identity;
  }
}

function identityOf(principal: Principal, ip: string | undefined, agent: string | undefined): Identity {
  const { claims } = principal;
  const identity: Identity = subjectOf(principal);
  const { email, name } = claims ?? {};
  if (typeof email === 'string') identity.email = email;
  if (typeof name === 'string') identity.name = name;
  if (ip !== undefined) identity.ip = ip;
  if (agent !== undefined) identity.userAgent = agent.slice(0, MAX_AGENT);
  return identity;
}

/** What `audit erase` and `export` call a principal as well. */
function subjectOf({ id, kind, issuer, subject, keyId }: Principal): Identity {
  if (kind !== 'apikey' && issuer !== undefined && subject !== undefined) return { issuer, subject };
  // Whom a key was made for, whatever key it was: somebody who is erased is erased with all of theirs.
  return { issuer: 'sekisho', subject: subject ?? keyId ?? id };
}

/** Where somebody nameless came from. */
export function sourceOf(credentials: Credentials): Source | undefined {
  const ip = credentials.remoteAddress;
  if (ip === undefined) return undefined;
  const agent = credentials.header('user-agent');
  return agent === undefined ? { ip } : { ip, userAgent: agent.slice(0, MAX_AGENT) };
}
