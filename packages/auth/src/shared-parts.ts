import { createFailureLimiter, type FailureLimiter } from './failure-limiter.ts';
import { createProofVerifier, type ProofVerifier } from './dpop/proof-verifier.ts';
import { createIssuer, type Issuer } from './issuers/issuer.ts';
import { checkLimits, type LimitOptions, type ResourceServerOptions } from './options.ts';
import { scopeExpander } from './scopes.ts';
import { createRevocations, type Revocations } from './tokens/revocations.ts';
import { createTokenVerifier, type TokenVerifier } from './tokens/token-verifier.ts';

/** What the endpoints of one server have in common: keys of issuers, used proofs, failed attempts. Never verified tokens. */
export interface SharedParts {
  readonly issuers: readonly Issuer[];
  readonly verifyToken: TokenVerifier;
  readonly proofs: ProofVerifier | undefined;
  readonly failures: FailureLimiter;
  readonly revocations: Revocations;
  readonly limits: Required<LimitOptions>;
  readonly now: () => number;
}

/** @throws TypeError when an option cannot be right, or when there is nothing to check a credential with. */
export function createSharedParts(options: ResourceServerOptions): SharedParts {
  const { authorizationServers = [], now = Date.now } = options;
  if (authorizationServers.length === 0 && options.apiKeys === undefined) {
    throw new TypeError(
      '"authorizationServers" or "apiKeys" option is needed: there is nothing to check a credential with',
    );
  }
  if (
    authorizationServers.filter(
      (server) => server.introspection !== undefined && server.introspection.when !== 'always',
    ).length > 1
  ) {
    throw new TypeError(
      'at most one authorization server may introspect opaque tokens: such a token does not say whose it is',
    );
  }
  if (new Set(authorizationServers.map((server) => server.issuer)).size !== authorizationServers.length) {
    throw new TypeError('"authorizationServers" option names an issuer twice');
  }
  const limits = checkLimits(options.limits);
  const revocations = createRevocations(now);
  const issuers = authorizationServers.map((server) =>
    createIssuer(server, {
      now,
      ...(options.fetch && { fetch: options.fetch }),
      ...(options.algorithms && { algorithms: options.algorithms }),
      onFailure: (issuer, error) => options.onFailure?.({ source: 'issuer', issuer, error }),
    }),
  );
  const verifyToken = createTokenVerifier({
    issuers,
    now,
    clockToleranceSeconds: limits.clockToleranceSeconds,
    maxTokenAgeSeconds: limits.maxTokenAgeSeconds,
    expandScopes: scopeExpander(options.scopes?.implies),
    revocations,
  });
  return {
    issuers,
    verifyToken,
    proofs: proofsOf(options, now),
    failures: failuresOf(options, now),
    revocations,
    limits,
    now,
  };
}

function proofsOf(options: ResourceServerOptions, now: () => number): ProofVerifier | undefined {
  const { dpop } = options;
  if (dpop === undefined || dpop.mode === 'off') return undefined;
  if (!['optional', 'required'].includes(dpop.mode))
    throw new TypeError('"dpop.mode" option must be off, optional or required');
  return createProofVerifier(dpop, now, (error) => options.onFailure?.({ source: 'replay-store', error }));
}

function failuresOf({ failures = {} }: ResourceServerOptions, now: () => number): FailureLimiter {
  return 'blockedSeconds' in failures ? failures : createFailureLimiter({ now, ...failures });
}
