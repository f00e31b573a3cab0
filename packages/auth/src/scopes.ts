import type { Principal } from './principal.ts';

/** Which scopes each scope implies, for example `{ 'mcp:admin': ['mcp:read', 'mcp:call'] }`. Followed to any depth. */
export type ScopeHierarchy = Readonly<Record<string, readonly string[]>>;

/**
 * Makes a function that adds to a list of granted scopes all that they imply. Cycles are harmless. Scopes are compared
 * as whole strings: `tools:call` is not part of `tools:calls`.
 */
export function scopeExpander(implies: ScopeHierarchy = {}): (granted: readonly string[]) => readonly string[] {
  const graph = new Map(Object.entries(implies));
  return (granted) => {
    const reached = new Set<string>();
    const queue = [...granted];
    for (let scope = queue.pop(); scope !== undefined; scope = queue.pop()) {
      if (reached.has(scope)) continue;
      reached.add(scope);
      queue.push(...(graph.get(scope) ?? []));
    }
    return [...reached];
  };
}

/** The scopes of `needed` that the principal does not hold. Assumes that `principal.scopes` is already expanded. */
export function missingScopes(principal: Principal, needed: readonly string[]): readonly string[] {
  return needed.filter((scope) => !principal.scopes.includes(scope));
}

/** How fresh and how strong a sign-in an operation asks for (RFC 9470). */
export interface StepUpRequirement {
  /** Accepted `acr` values; any one suffices. */
  readonly acrValues?: readonly string[];
  /** Greatest age of `auth_time`, in seconds. */
  readonly maxAgeSeconds?: number;
}

/**
 * Whether the sign-in behind a principal is strong and fresh enough. A token that does not say is never enough, and
 * neither is an API key: nobody signed in.
 */
export function meetsStepUp(principal: Principal, requirement: StepUpRequirement, nowMs: number): boolean {
  const { acrValues, maxAgeSeconds } = requirement;
  if (acrValues !== undefined && (principal.acr === undefined || !acrValues.includes(principal.acr))) return false;
  if (maxAgeSeconds === undefined) return true;
  if (principal.authTimeSeconds === undefined) return false;
  const ageSeconds = nowMs / 1000 - principal.authTimeSeconds;
  // An `auth_time` in the future would stay fresh for ever; a minute is allowed for clocks that disagree.
  return ageSeconds <= maxAgeSeconds && ageSeconds >= -60;
}
