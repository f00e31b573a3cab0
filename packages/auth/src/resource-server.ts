import { createCors, type Cors } from './cors.ts';
import { createGate, type Authenticate, type Refused } from './gate.ts';
import type { KeySourceStatus } from './issuers/key-source.ts';
import { createMetadataResponder, metadataUrl, type PlainResponse, type ResourceMetadata } from './metadata.ts';
import type { ResourceServerOptions } from './options.ts';
import type { Principal } from './principal.ts';
import { makeRefusal, refusalEvent, type ChallengeContext, type RefusalDetails } from './refusal.ts';
import type { RefusalReason } from './refusal-table.ts';
import { checkResource } from './resource.ts';
import { meetsStepUp, missingScopes, type StepUpRequirement } from './scopes.ts';
import { createSharedParts, type SharedParts } from './shared-parts.ts';
import type { Revocation } from './tokens/revocations.ts';

/** One protected MCP endpoint. */
export interface ResourceServer {
  /** The resource identifier, byte for byte as configured. */
  readonly resource: string;
  /** URL of the metadata document; `undefined` where there are API keys only and so no authorization server to name. */
  readonly metadataUrl: string | undefined;
  readonly authenticate: Authenticate;
  /**
   * Whether a principal holds all scopes of an operation. `undefined` when it does; otherwise the 403 with one challenge that names them
   * all. API keys cannot step up: they get a 403 without a challenge.
   */
  requireScopes(principal: Principal, scopes: readonly string[]): Refused | undefined;
  /** Whether the sign-in is fresh and strong enough (RFC 9470). */
  requireSignIn(principal: Principal, requirement: StepUpRequirement): Refused | undefined;
  /** A 403 that no new token would cure, for decisions of a policy. */
  deny(principal: Principal): Refused;
  /** Answers a request for the RFC 9728 document of this resource; `undefined` for any other request. */
  metadata(request: { readonly method: string; readonly url: string }): PlainResponse | undefined;
  readonly cors: Cors;
  /**
   * The same for another endpoint of the same server, such as `/mcp/github`: another resource, another audience, another
   * document. Keys of issuers, used proofs and failed attempts are shared; verified tokens are not.
   */
  forResource(resource: string): ResourceServer;
  /** Refuses from now on the access tokens that the revocation covers, at all endpoints. API keys are ended by `revokeKey`. */
  revoke(revocation: Revocation): void;
  /** Loads the keys of all issuers now and forgets every verified token. Rejects when an issuer does not answer. */
  reload(): Promise<void>;
  status(): readonly ({ readonly issuer: string } & KeySourceStatus)[];
}

/**
 * Makes the gate in front of an MCP endpoint.
 *
 * Checks who is calling, nothing else: not what the principal may do, not `Host`, not the headers that repeat body values.
 *
 * @throws TypeError when an option cannot be right, or when there is nothing to check a credential with.
 */
export function createResourceServer(options: ResourceServerOptions): ResourceServer {
  return assemble(options, checkResource(options.resource), createSharedParts(options));
}

function assemble(options: ResourceServerOptions, resource: string, shared: SharedParts): ResourceServer {
  const baseline = options.scopes?.baseline ?? [];
  checkScopes(baseline);
  checkScopes(options.scopes?.supported ?? []);
  const hasIssuers = shared.issuers.length > 0;
  const context: ChallengeContext = {
    metadataUrl: hasIssuers ? metadataUrl(resource) : undefined,
    baselineScope: baseline.join(' '),
    dpopMode: options.dpop?.mode ?? 'off',
    dpopAlgorithms: (shared.proofs?.algorithms ?? []).join(' '),
  };
  const cors = createCors(options.origins ?? [new URL(resource).origin]);
  const refuse = (reason: RefusalReason, principal: Principal, details?: RefusalDetails): Refused => ({
    ok: false,
    refusal: makeRefusal(context, reason, details),
    event: refusalEvent(reason, { principal: principal.key }),
  });

  return {
    resource,
    metadataUrl: context.metadataUrl,
    authenticate: createGate({
      resource,
      shared,
      context,
      cors,
      baseline,
      apiKeys: options.apiKeys,
      dpopRequired: options.dpop?.mode === 'required',
      mtlsRequired: options.mtls?.mode === 'required',
      onFailure: options.onFailure,
    }),
    requireScopes(principal, scopes) {
      if (missingScopes(principal, scopes).length === 0) return undefined;
      return principal.kind === 'apikey'
        ? refuse('denied', principal)
        : refuse('insufficient_scope', principal, { scopes });
    },
    requireSignIn(principal, requirement) {
      if (meetsStepUp(principal, requirement, shared.now())) return undefined;
      // Nobody stands behind a service or a key who could sign in again.
      return principal.kind === 'user' ? refuse('step_up', principal, requirement) : refuse('denied', principal);
    },
    deny: (principal) => refuse('denied', principal),
    metadata: hasIssuers ? createMetadataResponder(metadataDocument(options, resource, shared)) : () => undefined,
    cors,
    forResource: (other) => assemble(options, checkResource(other), shared),
    revoke: (revocation) => shared.revocations.add(revocation),
    async reload() {
      shared.revocations.renew();
      await Promise.all(shared.issuers.map((issuer) => issuer.keys.reload()));
    },
    status: () => shared.issuers.map((issuer) => ({ issuer: issuer.issuer, ...issuer.keys.status() })),
  };
}

function metadataDocument(options: ResourceServerOptions, resource: string, shared: SharedParts): ResourceMetadata {
  const scopes = options.scopes?.supported ?? options.scopes?.baseline ?? [];
  return {
    resource,
    authorization_servers: shared.issuers.map((issuer) => issuer.issuer),
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    ...(options.resourceName !== undefined && { resource_name: options.resourceName }),
    ...(options.documentation !== undefined && { resource_documentation: options.documentation }),
    ...(shared.proofs && { dpop_signing_alg_values_supported: shared.proofs.algorithms }),
    ...(options.dpop?.mode === 'required' && { dpop_bound_access_tokens_required: true as const }),
    ...(options.mtls?.mode === 'required' && { tls_client_certificate_bound_access_tokens: true as const }),
  };
}

/** Scope tokens of RFC 6749 section 3.3. `offline_access` is the client's business and never advertised (MCP, scope selection). */
function checkScopes(scopes: readonly string[]): void {
  for (const scope of scopes) {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
      throw new TypeError('"scopes" option must list scope tokens without spaces or quotes');
    if (scope === 'offline_access') throw new TypeError('"scopes" option must not list offline_access');
  }
}
