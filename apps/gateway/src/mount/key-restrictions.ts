import { permitsTarget } from '@sekisho/auth/keys';
import type { GatewayOptions, Principal, Refusal, Target } from '@sekisho/core';

type Rules = Required<Pick<GatewayOptions, 'decide' | 'sees' | 'knows' | 'viewKey'>>;

const OUTSIDE: Refusal = {
  refused: 'forbidden',
  event: 'authz.denied',
  detail: 'outside of what the key is restricted to',
};

/**
 * Puts the restrictions of API keys in front of the rules, whatever those are: a key narrows its holder with and without a
 * policy. What it does not reach is answered like what does not exist.
 */
export function restrictKeys({ decide, sees, knows, viewKey }: Rules): Rules {
  return {
    decide: (principal, target, address, note) =>
      reaches(principal, target) ? decide(principal, target, address, note) : OUTSIDE,
    sees: (principal, targets, address) => {
      const seen = sees(principal, targets, address);
      if (principal.restrictions === undefined) return seen;
      const narrow = (all: readonly boolean[]): boolean[] =>
        all.map((one, i) => one && reaches(principal, targets[i]!));
      return seen instanceof Promise ? seen.then(narrow) : narrow(seen);
    },
    knows: (principal, server) =>
      (principal.restrictions === undefined ||
        permitsTarget({ restrictions: { servers: principal.restrictions.servers ?? [] } }, { server })) &&
      knows(principal, server),
    viewKey: (principal) => {
      const key = viewKey(principal);
      return principal.restrictions === undefined || key === undefined
        ? key
        : JSON.stringify([key, principal.restrictions.servers, principal.restrictions.tools]);
    },
  };
}

/** Things of no server are the gateway's own: lists, sessions. What is in them is asked one by one. */
function reaches({ restrictions }: Principal, { kind, names, server, name }: Target): boolean {
  if (restrictions === undefined) return true;
  const { servers = [], tools = [] } = restrictions;
  if (server === undefined) return true;
  if (!permitsTarget({ restrictions: { servers } }, { server })) return false;
  if (tools.length === 0 || kind === 'list' || kind === 'session' || kind === 'logging' || kind === 'question')
    return true;
  // A key for some tools reaches no prompt and no resource.
  const tool = kind === 'tool' || names === 'tool' ? name : undefined;
  return permitsTarget({ restrictions: { tools } }, tool === undefined ? {} : { tool });
}
