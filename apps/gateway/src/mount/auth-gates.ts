import {
  allowLoopbackHttp,
  createFailureLimiter,
  createNonceSource,
  createResourceServer,
  memoryReplayStore,
  scopeExpander,
  type FailureLimiter,
  type NonceSource,
  type ReplayStore,
  type ResourceServer,
  type ResourceServerOptions,
} from '@sekisho/auth';
import { createApiKeyVerifier, type KeyAdministration } from '@sekisho/auth/keys';
import type { Log } from '../cli/log.ts';
import type { AuthSection } from './auth-section.ts';

/** What outlives a reload: what was tried, used and handed out must not be forgotten because a setting changed. */
export type LastingParts = {
  readonly administration: KeyAdministration;
  readonly failures: FailureLimiter;
  readonly replay: ReplayStore;
  readonly nonces: NonceSource;
  readonly now: () => number;
  readonly log: Log;
  /** For tests with an issuer on this computer; no configuration can say this. */
  readonly [allowLoopbackHttp]?: boolean;
};

export type GateSettings = {
  readonly section: AuthSection | undefined;
  /** Where the gateway is when the section does not say. */
  readonly resource: string;
  readonly origins: readonly string[];
  /** Paths of the servers' endpoints below the merged one, as URLs spell them. */
  readonly servers: readonly string[];
};

/** The gates of all endpoints: each is a resource of its own, with its own audience and metadata. */
export type Gates = {
  readonly merged: ResourceServer;
  /** By the exact path of the request. A path of no server has a gate all the same: it must not answer unlike one that has. */
  at(path: string): ResourceServer;
  /** The gate whose metadata document a path names. */
  described(path: string): ResourceServer | undefined;
  /** The owner's way in, for programs of this computer: API keys and nothing else. */
  readonly keysOnly: ResourceServer;
};

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
export const ENDPOINT = '/mcp';

export function lastingParts(
  administration: KeyAdministration,
  { now, log }: { readonly now: () => number; readonly log: Log },
  failures: AuthSection['failures'] = {},
): LastingParts {
  const given = Object.fromEntries(Object.entries(failures).filter(([, value]) => value !== undefined));
  return {
    administration,
    now,
    log,
    failures: createFailureLimiter({ now, ...given }),
    replay: memoryReplayStore({ now }),
    nonces: createNonceSource({ now }),
  };
}

/** @throws TypeError for a section that cannot be right, or that has nothing to check a credential with */
export function createGates({ section, resource, origins, servers }: GateSettings, parts: LastingParts): Gates {
  const { administration, failures, replay, nonces, now, log } = parts;
  const {
    apiKeys,
    authorizationServers = [],
    dpop,
    failures: _own,
    resource: said,
    ...rest
  } = section ?? { apiKeys: {} };
  const onFailure: ResourceServerOptions['onFailure'] = ({ source, issuer, error }) =>
    log.warn({ source, issuer, error: String(error) }, 'a part that authentication depends on failed');
  const verifier = createApiKeyVerifier(
    present({
      store: administration.store,
      peppers: administration.peppers,
      environment: apiKeys?.environment,
      recheckMs: apiKeys?.recheckMs,
      expandScopes: scopeExpander(rest.scopes?.implies),
      now,
      onTouchFailure: (error: unknown) => onFailure?.({ source: 'key-store', error }),
    }) as Parameters<typeof createApiKeyVerifier>[0],
  );
  const common = { resource: said ?? resource, failures, origins, now, onFailure };
  const merged = createResourceServer(
    present({
      ...rest,
      ...common,
      authorizationServers: authorizationServers.map((server) => ({
        ...server,
        ...(parts[allowLoopbackHttp] ? { [allowLoopbackHttp]: true } : {}),
      })),
      apiKeys: apiKeys && verifier,
      dpop: dpop && { ...dpop, replay, nonce: dpop.nonce === true && nonces },
    }) as ResourceServerOptions,
  );
  const make = (name: string): ResourceServer | undefined => {
    try {
      return merged.forResource(`${merged.resource}/${name}`);
    } catch (thrown) {
      // No URL is written like that, so nothing can be for it.
      if (thrown instanceof TypeError) return undefined;
      throw thrown;
    }
  };
  const known = new Map<string, ResourceServer>();
  for (const name of servers) {
    const gate = make(name);
    if (gate) known.set(name, gate);
  }
  const named = (name: string): ResourceServer | undefined => known.get(name) ?? make(name);
  const document = WELL_KNOWN + new URL(merged.resource).pathname.replace(/^\/$/, '');
  return {
    merged,
    at: (path) => (path.startsWith(`${ENDPOINT}/`) ? (named(path.slice(ENDPOINT.length + 1)) ?? merged) : merged),
    described: (path) => {
      if (path === document) return merged;
      return path.startsWith(`${document}/`) ? named(path.slice(document.length + 1)) : undefined;
    },
    keysOnly: createResourceServer({ ...common, apiKeys: verifier }),
  };
}

/** Settings have what was left out as `undefined`; options have it absent. At every depth, since schemas are nested. */
function present(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.assign(
    Object.fromEntries(
      kept.map(([name, member]) => [name, Array.isArray(member) ? member.map(present) : present(member)]),
    ),
    Object.fromEntries(
      Object.getOwnPropertySymbols(value).map((key) => [key, (value as Record<symbol, unknown>)[key]]),
    ),
  );
}
