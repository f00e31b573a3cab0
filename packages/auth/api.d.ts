// Made by `pnpm api` from the declarations of the build. Do not edit.

// dist/index.d.ts, the entry point "@sekisho/auth"

export { AuthError, type AuthErrorCode } from './auth-error.ts';
export { certificateFromField } from './certificate.ts';
export type { Cors } from './cors.ts';
export { createNonceSource, type NonceSource, type NonceSourceOptions } from './dpop/nonce-source.ts';
export type { DpopOptions } from './dpop/proof-verifier.ts';
export { redisReplayStore, type RedisCommand, type RedisReplayStoreOptions } from './dpop/redis-replay-store.ts';
export { memoryReplayStore, type ReplayStore } from './dpop/replay-store.ts';
export type { AuthEvent, AuthEventType } from './event.ts';
export { createFailureLimiter, type FailureLimiter, type FailureLimiterOptions } from './failure-limiter.ts';
export type { Allowed, Authenticate, Authentication, Refused } from './gate.ts';
export type { IntrospectionOptions, IssuerOptions } from './issuers/issuer.ts';
export type { KeySourceStatus } from './issuers/key-source.ts';
export type { ProfileName } from './issuers/profile.ts';
export type { PlainResponse, ResourceMetadata } from './metadata.ts';
export { allowLoopbackHttp, createGuardedFetch, type FetchInit, type FetchLike, type GuardedFetchOptions, type Resolve, } from './net/guarded-fetch.ts';
export { assertGuarded } from './listening.ts';
export { isLoopback, isPublicAddress } from './net/public-address.ts';
export type { DependencyFailure, LimitOptions, ResourceServerOptions, ScopeOptions } from './options.ts';
export { makePrincipal, type Confirmation, type Principal, type PrincipalFields, type PrincipalKind, type Restrictions, } from './principal.ts';
export type { Refusal } from './refusal.ts';
export type { RefusalReason } from './refusal-table.ts';
export type { AuthRequest, HeaderSource } from './request.ts';
export { createResourceServer, type ResourceServer } from './resource-server.ts';
export { meetsStepUp, missingScopes, scopeExpander, type ScopeHierarchy, type StepUpRequirement } from './scopes.ts';
export type { Revocation } from './tokens/revocations.ts';

// dist/keys/index.d.ts, the entry point "@sekisho/auth/keys"

export type { RandomBytes } from './key-format.ts';
export { memoryKeyStore, type KeyRecord, type KeyStore } from './key-store.ts';
export { createApiKeyVerifier, type ApiKeyVerifier, type ApiKeyVerifierOptions, type KeyUse, type KeyVerdict, } from './key-verifier.ts';
export { fileKeyStore, type FileKeyStoreOptions } from './file-key-store.ts';
export { ensureLocalKey, type LocalKey } from './local-key.ts';
export { createKey, listKeys, revokeKey, rotateKey, type CreatedKey, type KeyAdministration, type KeySpecification, type PublicKeyRecord, } from './manage-keys.ts';
export type { PepperRing } from './pepper.ts';
export { permitsTarget, type KeyTarget } from './permits-target.ts';

// dist/sessions/index.d.ts, the entry point "@sekisho/auth/sessions"

export { createLoginStates, type LoginStates, type LoginStatesOptions } from './login-state.ts';
export type { CsrfRequest } from './csrf.ts';
export { memorySessionStore, type SessionRecord, type SessionStore } from './session-store.ts';
export type { SessionKeyRing } from './session-token.ts';
export { createSessions, type IssuedSession, type Session, type SessionReading, type Sessions, type SessionsOptions, } from './sessions.ts';

// dist/upstream/index.d.ts, the entry point "@sekisho/auth/upstream"

export { noCredential, staticCredential, type ResolveSecret, type SecretReference, type StaticCredentialOptions, type UpstreamCredential, type UpstreamGrant, type UpstreamRequest, } from './credential.ts';

// dist/client/index.d.ts, the entry point "@sekisho/auth/client"

export { checkProtectedResource, checkResponseIssuer, checkServerMetadata, isOpenableUrl, type FlowRefusal, type RecordedFlow, } from './flow-checks.ts';

// dist/config.d.ts, the entry point "@sekisho/auth/config"

import { z } from 'zod';
/** The `auth` block of a configuration file. Unknown keys are errors: a misspelt restriction must not be ignored. */
export declare const authConfigSchema: z.ZodObject<{
    resource: z.ZodString;
    authorizationServers: z.ZodOptional<z.ZodArray<z.ZodObject<{
        issuer: z.ZodURL;
        profile: z.ZodOptional<z.ZodEnum<{
            auth0: "auth0";
            entra: "entra";
            keycloak: "keycloak";
            okta: "okta";
            rfc9068: "rfc9068";
        }>>;
        algorithms: z.ZodOptional<z.ZodArray<z.ZodEnum<{
            ES256: "ES256";
            ES384: "ES384";
            ES512: "ES512";
            Ed25519: "Ed25519";
            EdDSA: "EdDSA";
            PS256: "PS256";
            PS384: "PS384";
            PS512: "PS512";
            RS256: "RS256";
            RS384: "RS384";
            RS512: "RS512";
        }>>>;
        audiences: z.ZodOptional<z.ZodArray<z.ZodString>>;
        jwksUri: z.ZodOptional<z.ZodURL>;
        keysMaxAgeMs: z.ZodOptional<z.ZodInt>;
        keysMaxStaleMs: z.ZodOptional<z.ZodInt>;
        introspection: z.ZodOptional<z.ZodObject<{
            endpoint: z.ZodOptional<z.ZodURL>;
            clientId: z.ZodString;
            clientSecret: z.ZodObject<{
                secret: z.ZodString;
            }, z.core.$strict>;
            when: z.ZodOptional<z.ZodEnum<{
                always: "always";
                opaque: "opaque";
            }>>;
        }, z.core.$strict>>;
        privateNetworks: z.ZodOptional<z.ZodArray<z.ZodString>>;
    }, z.core.$strict>>>;
    apiKeys: z.ZodOptional<z.ZodObject<{
        environment: z.ZodOptional<z.ZodString>;
        recheckMs: z.ZodOptional<z.ZodInt>;
        peppers: z.ZodObject<{
            current: z.ZodString;
            secrets: z.ZodRecord<z.ZodString, z.ZodObject<{
                secret: z.ZodString;
            }, z.core.$strict>>;
        }, z.core.$strict>;
    }, z.core.$strict>>;
    algorithms: z.ZodOptional<z.ZodArray<z.ZodEnum<{
        ES256: "ES256";
        ES384: "ES384";
        ES512: "ES512";
        Ed25519: "Ed25519";
        EdDSA: "EdDSA";
        PS256: "PS256";
        PS384: "PS384";
        PS512: "PS512";
        RS256: "RS256";
        RS384: "RS384";
        RS512: "RS512";
    }>>>;
    scopes: z.ZodOptional<z.ZodObject<{
        baseline: z.ZodOptional<z.ZodArray<z.ZodString>>;
        supported: z.ZodOptional<z.ZodArray<z.ZodString>>;
        implies: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodArray<z.ZodString>>>;
    }, z.core.$strict>>;
    dpop: z.ZodOptional<z.ZodObject<{
        mode: z.ZodEnum<{
            off: "off";
            optional: "optional";
            required: "required";
        }>;
        algorithms: z.ZodOptional<z.ZodArray<z.ZodEnum<{
            ES256: "ES256";
            ES384: "ES384";
            ES512: "ES512";
            Ed25519: "Ed25519";
            EdDSA: "EdDSA";
            PS256: "PS256";
            PS384: "PS384";
            PS512: "PS512";
            RS256: "RS256";
            RS384: "RS384";
            RS512: "RS512";
        }>>>;
        windowSeconds: z.ZodOptional<z.ZodNumber>;
        nonce: z.ZodOptional<z.ZodBoolean>;
        contentDigest: z.ZodOptional<z.ZodEnum<{
            "if-present": "if-present";
            required: "required";
        }>>;
    }, z.core.$strict>>;
    mtls: z.ZodOptional<z.ZodObject<{
        mode: z.ZodEnum<{
            optional: "optional";
            required: "required";
        }>;
    }, z.core.$strict>>;
    origins: z.ZodOptional<z.ZodArray<z.ZodString>>;
    failures: z.ZodOptional<z.ZodObject<{
        failures: z.ZodOptional<z.ZodInt>;
        windowMs: z.ZodOptional<z.ZodInt>;
        addresses: z.ZodOptional<z.ZodInt>;
    }, z.core.$strict>>;
    limits: z.ZodOptional<z.ZodObject<{
        tokenBytes: z.ZodOptional<z.ZodInt>;
        clockToleranceSeconds: z.ZodOptional<z.ZodNumber>;
        maxTokenAgeSeconds: z.ZodOptional<z.ZodNumber>;
        cacheSeconds: z.ZodOptional<z.ZodNumber>;
        cacheEntries: z.ZodOptional<z.ZodInt>;
        refusedSeconds: z.ZodOptional<z.ZodNumber>;
        refusedEntries: z.ZodOptional<z.ZodInt>;
    }, z.core.$strict>>;
    resourceName: z.ZodOptional<z.ZodString>;
    documentation: z.ZodOptional<z.ZodURL>;
}, z.core.$strict>;
export type AuthConfig = z.output<typeof authConfigSchema>;
/** What configuration cannot hold: secrets, stores and the environment of the process. */
export interface AuthConfigParts {
    readonly resolveSecret: ResolveSecret;
    /** Needed when the configuration has `apiKeys`. */
    readonly keyStore?: KeyStore;
    /** Everything else that is code, such as `now`, `onFailure` or a shared failure limiter. */
    readonly options?: Pick<ResourceServerOptions, 'now' | 'fetch' | 'onFailure' | 'failures'>;
}
/**
 * Turns a checked configuration into the options of `createResourceServer`.
 *
 * @throws TypeError when API keys are configured and no store is given.
 * @throws {@link AuthError} `ERR_AUTH_SECRET_UNRESOLVED` when a secret is missing.
 */
export declare function toResourceServerOptions(config: AuthConfig, parts: AuthConfigParts): Promise<ResourceServerOptions>;
/** The peppers of a configuration, for the functions behind `keys create|rotate`. */
export declare function toPepperRing(config: NonNullable<AuthConfig['apiKeys']>, resolveSecret: ResolveSecret): Promise<PepperRing>;

// dist/sdk.d.ts, the entry point "@sekisho/auth/sdk"

/** What the official SDK hands to tools as `authInfo`. Has the shape of its `AuthInfo` type, of both lines. */
export interface SdkAuthInfo {
    /** Always empty: a tool that had the caller's token could pass it on, which MCP forbids. */
    token: '';
    clientId: string;
    scopes: string[];
    expiresAt?: number;
    resource?: URL;
    resourceMetadataUrl?: string;
    extra: {
        readonly principal: Principal;
    };
}
/** Turns a principal into the SDK's `AuthInfo`. */
export declare function toAuthInfo(principal: Principal, server?: {
    readonly resource: string;
    readonly metadataUrl: string | undefined;
}): SdkAuthInfo;

// dist/adapters/fetch.d.ts, the entry point "@sekisho/auth/fetch"

/** What the host knows of the connection of a `Request`. */
export interface FetchPeer {
    readonly remoteAddress?: string | undefined;
    readonly peerCertificate?: Uint8Array | undefined;
}
export interface FetchAdapterOptions extends AdapterOptions {
    /** Longest body that is read to compare it with a DPoP proof, in bytes. Default 4194304 (4 MiB). */
    readonly maxBodyBytes?: number;
}
export type FetchAdmission = {
    readonly ok: true;
    readonly principal: Principal;
    readonly headers: Readonly<Record<string, string>>;
} | {
    readonly ok: false;
    readonly response: Response;
};
/**
 * Makes a gate for servers that speak `Request` and `Response`. Gives the principal and the CORS fields to add to the answer, or
 * the answer itself: refusal, metadata document or preflight.
 */
export declare function createFetchGate(server: ResourceServer, options?: FetchAdapterOptions): (request: Request, peer?: FetchPeer) => Promise<FetchAdmission>;
/** Wraps a handler so that it runs for known callers only. */
export declare function protectFetch(server: ResourceServer, handler: (request: Request, principal: Principal) => Response | Promise<Response>, options?: FetchAdapterOptions): (request: Request, peer?: FetchPeer) => Promise<Response>;
/** The `Response` for a refusal that a later step makes, such as `requireScopes`. */
export declare function refusalResponse(refusal: Refusal): Response;
/** A copy of a response with more header fields; the original's may be immutable. */
export declare function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response;

// dist/adapters/hono.d.ts, the entry point "@sekisho/auth/hono"

/** The part of a Hono context that is used. */
export interface HonoContext {
    readonly req: {
        readonly raw: Request;
    };
    readonly env: unknown;
    res: Response;
    set(name: string, value: unknown): void;
}
/** Makes a Hono middleware. Later handlers find `principal` and the SDK's `authInfo` among the context's variables. */
export declare function honoAuth(server: ResourceServer, options?: FetchAdapterOptions & {
    readonly remoteAddress?: (context: HonoContext) => string | undefined;
}): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>;

// dist/adapters/express.d.ts, the entry point "@sekisho/auth/express"

/** The part of an Express request that is used beyond Node's. */
export interface ExpressRequest extends NodeRequest {
    /** Path as the client sent it; `url` loses the mount path. */
    readonly originalUrl?: string;
    /** Address by Express's own `trust proxy` setting. */
    readonly ip?: string | undefined;
}
/**
 * Makes an Express middleware. Later handlers find `request.principal`, and the official SDK its `request.auth`. For DPoP proofs
 * with a body digest, keep the raw bytes: `express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes } })` before it.
 */
export declare function expressAuth(server: ResourceServer, options?: AdapterOptions): (request: ExpressRequest, response: NodeResponse, next: (error?: unknown) => void) => void;

// dist/adapters/fastify.d.ts, the entry point "@sekisho/auth/fastify"

/** The part of a Fastify request that is used. */
export interface FastifyRequestLike {
    readonly raw: object;
    /** Address by Fastify's own `trustProxy` setting. */
    readonly ip: string;
    readonly originalUrl: string;
}
/** The part of a Fastify reply that is used. */
export interface FastifyReplyLike {
    code(status: number): unknown;
    header(name: string, value: string | string[]): unknown;
    send(payload: string): unknown;
    readonly raw: {
        setHeader(name: string, value: string): unknown;
    };
}
/**
 * Makes a Fastify `onRequest` hook (or `preValidation`, where `request.raw.rawBody` holds the bytes by then). Later handlers find
 * the principal by `principalOf(request)`, and the official SDK its `request.raw.auth`.
 */
export declare function fastifyAuth(server: ResourceServer, options?: AdapterOptions): (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>;
/** The principal that the hook found; throws where the hook did not run, so that a route outside it is noticed. */
export declare function principalOf(request: FastifyRequestLike): Principal;

// dist/adapters/node.d.ts, the entry point "@sekisho/auth/node"

/** The part of `http.IncomingMessage` that is used; Express requests and Fastify's `request.raw` have it too. */
export interface NodeRequest {
    readonly method?: string | undefined;
    readonly url?: string | undefined;
    readonly rawHeaders: readonly string[];
    readonly socket: {
        readonly remoteAddress?: string | undefined;
    };
    /** Raw bytes of the body, where the host keeps them; needed for DPoP proofs with `content_digest`. */
    rawBody?: unknown;
    auth?: unknown;
    principal?: unknown;
}
/** The part of `http.ServerResponse` that is used. */
export interface NodeResponse {
    setHeader(name: string, value: string | readonly string[]): unknown;
    getHeader(name: string): unknown;
    writeHead(status: number): unknown;
    end(body?: string): unknown;
}
/**
 * Makes the gate's view of a Node request. Headers are read from `rawHeaders`: `headers` keeps only the first of two `Authorization`
 * fields, and two are an attack.
 */
export declare function toAuthRequest(request: NodeRequest, remoteAddress?: string | undefined, url?: string | undefined): AuthRequest;
/** Lets a request through to `principal`, or answers it and gives `undefined`. Sets `request.auth` for the official SDK. */
export declare function guardNode(server: ResourceServer, request: NodeRequest, response: NodeResponse, options?: AdapterOptions & {
    readonly authRequest?: AuthRequest;
}): Promise<Principal | undefined>;
/** Writes an answer; a repeated name becomes a repeated field. */
export declare function sendAnswer(response: NodeResponse, { status, headers, body }: Answer): void;
/** Puts the principal where handlers and the official SDK look for it. */
export declare function attach(request: NodeRequest, principal: Principal, server: ResourceServer): SdkAuthInfo;

// dist/adapters/answer.d.ts

/** What all adapters can be told. */
export interface AdapterOptions {
    /** Called exactly once for each request that was judged; requests for metadata and preflights are not. */
    readonly onEvent?: (event: AuthEvent, request: AuthRequest) => void;
}
/** An answer that ends the exchange. Names may repeat. */
export interface Answer {
    readonly status: number;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: string;
}
export type Admission = {
    readonly ok: true;
    readonly principal: Principal;
    readonly headers: Readonly<Record<string, string>>;
} | {
    readonly ok: false;
    readonly answer: Answer;
};
/**
 * The one way from a request to a principal or an answer that all adapters share: metadata, preflight, gate.
 *
 * @param server - The resource whose gate this is.
 */
export declare function admit(server: ResourceServer, request: AuthRequest, options: AdapterOptions): Promise<Admission>;
/** The HTTP answer for a refusal. Its body repeats the public sentence and nothing else. */
export declare function refusalAnswer(refusal: Refusal, headers?: Readonly<Record<string, string>>): Answer;

// dist/auth-error.d.ts

/**
 * Codes of the failures this package throws. A credential that is refused is never one of these: refusals are values.
 * Each code has a page in `docs/errors/`.
 */
export type AuthErrorCode = 'ERR_AUTH_FETCH_BLOCKED' | 'ERR_AUTH_FETCH_FAILED' | 'ERR_AUTH_DISCOVERY_INVALID' | 'ERR_AUTH_JWKS_INVALID' | 'ERR_AUTH_INTROSPECTION_INVALID' | 'ERR_AUTH_KEY_NOT_FOUND' | 'ERR_AUTH_KEY_STORE' | 'ERR_AUTH_SECRET_UNRESOLVED' | 'ERR_AUTH_UPSTREAM_ORIGIN';
/**
 * Thrown when something outside a caller's credential went wrong: a network, a store, a document of an issuer.
 * Messages name the operation and the configured party, never a token, a key or a claim.
 */
export declare class AuthError extends Error {
    readonly name = "AuthError";
    readonly code: AuthErrorCode;
    constructor(code: AuthErrorCode, message: string, options?: {
        readonly cause?: unknown;
    });
}

// dist/certificate.d.ts

/** Whether a client certificate (DER bytes) is the one that a token is bound to by `cnf["x5t#S256"]` (RFC 8705 section 3.1). */
export declare function matchesCertificate(x5tS256: string, certificate: Uint8Array | undefined): boolean;
/**
 * The certificate in a `Client-Cert` field (RFC 9440 section 2.2), for hosts behind a proxy that ends TLS. Anybody can send the
 * field: read it only where the proxy is trusted and removes what came from outside.
 */
export declare function certificateFromField(value: string | undefined): Uint8Array | undefined;

// dist/client/flow-checks.d.ts

/** Why a flow towards an upstream's authorization server is given up. */
export type FlowRefusal = 'issuer_mismatch' | 'issuer_missing' | 'resource_mismatch' | 'metadata_issuer_mismatch' | 'no_authorization_server' | 'pkce_unsupported' | 'endpoint_insecure';
/** What was recorded before the browser was sent away. */
export interface RecordedFlow {
    /** The validated issuer, to which code and errors belong. */
    readonly issuer: string;
    /** `authorization_response_iss_parameter_supported` of its metadata. */
    readonly issuerParameterSupported: boolean;
}
/**
 * Checks `iss` of an authorization response before its code is sent anywhere (RFC 9207 section 2.4), for success and error
 * alike. Compared as text: no normalisation. When this refuses, neither `code` nor `error` nor `error_description` may be used or shown.
 */
export declare function checkResponseIssuer(recorded: RecordedFlow, parameters: URLSearchParams): FlowRefusal | undefined;
/** Checks that a protected resource's document speaks of the URL that was used (RFC 9728 section 3.3) and names a server. */
export declare function checkProtectedResource(url: string, document: Readonly<Record<string, unknown>>): FlowRefusal | undefined;
/** Checks an authorization server's document: it is of the issuer asked for (RFC 8414 section 3.3), offers PKCE with S256, and its endpoints can be opened. */
export declare function checkServerMetadata(issuer: string, document: Readonly<Record<string, unknown>>): FlowRefusal | undefined;
/** Whether a URL that somebody else gave us may be opened: https, or http on loopback; no user information, no control characters. */
export declare function isOpenableUrl(text: string): boolean;

// dist/cors.d.ts

/** Which web pages may talk to the resource. */
export interface Cors {
    /** Whether the request comes from no web page or from a listed one. Origins are compared whole: scheme, host and port. */
    allows(request: Pick<AuthRequest, 'headers'>): boolean;
    /** Fields to add to an answer to this request: none unless its origin is listed. */
    headers(request: Pick<AuthRequest, 'headers'>): Readonly<Record<string, string>>;
    /** The answer to a CORS preflight of a listed origin. `undefined` for everything else: the gate refuses other origins, and reports it. */
    preflight(request: Pick<AuthRequest, 'method' | 'headers'>): PlainResponse | undefined;
}
/**
 * Makes the CORS side of a resource. A listed origin is echoed exactly, never `*`, and credentials are never allowed: tokens are sent by
 * the page's own code, so that no cookie is ever needed.
 *
 * @throws TypeError when an entry is not an origin in its canonical form.
 */
export declare function createCors(origins: readonly string[]): Cors;

// dist/dpop/nonce-source.d.ts

/** Makes and recognises the nonces that a server hands out for proofs (RFC 9449 section 9). */
export interface NonceSource {
    /** The nonce to hand out now. */
    current(): string;
    /** Whether a nonce is one that was handed out lately. */
    accepts(nonce: string): boolean;
}
export interface NonceSourceOptions {
    /** At least 32 bytes, the same on all replicas. Default: random, good for a single process. */
    readonly secret?: Uint8Array;
    /** How long one nonce is handed out, in milliseconds. The one before is still accepted. Default 150000. */
    readonly periodMs?: number;
    readonly now?: () => number;
}
/**
 * Nonces without a store: the number of the period and its HMAC. Nothing is remembered, nothing can be filled up, and replicas
 * with one secret accept each other's.
 */
export declare function createNonceSource(options?: NonceSourceOptions): NonceSource;

// dist/dpop/proof-verifier.d.ts

/** How proofs of possession are handled (RFC 9449 and the MCP profile SEP-1932). */
export interface DpopOptions {
    /** `optional`: bound tokens need a proof, others may come as Bearer. `required`: only bound tokens. Default `off`. */
    readonly mode: 'off' | 'optional' | 'required';
    /** Default `ES256`, `EdDSA`, `PS256`. */
    readonly algorithms?: readonly string[];
    /** How far `iat` may be from now, in seconds, 1 to 600. Default 300. */
    readonly windowSeconds?: number;
    /** Whether every proof must carry a nonce of ours; `true` makes a source for a single process. Default `false`. */
    readonly nonce?: boolean | NonceSource;
    /** Whether a proof must cover the body. The official client 2.4 does not send a digest yet. Default `if-present`. */
    readonly contentDigest?: 'if-present' | 'required';
    /** Default: in memory, for a single process. */
    readonly replay?: ReplayStore;
}
export interface ProofRequest {
    readonly proof: string;
    readonly token: string;
    /** Thumbprint that the token is bound to. */
    readonly jkt: string;
    readonly method: string;
    readonly resource: string;
    readonly body: Uint8Array | undefined;
}
export type ProofVerdict = 'ok' | 'dpop_failed' | 'dpop_nonce' | 'dpop_replayed' | 'store_failed';
export interface ProofVerifier {
    readonly algorithms: readonly TokenAlgorithm[];
    readonly nonces: NonceSource | undefined;
    verify(request: ProofRequest): Promise<ProofVerdict>;
}
/** @throws TypeError when an option cannot be right. */
export declare function createProofVerifier(options: DpopOptions, now: () => number, onStoreFailure?: (error: unknown) => void): ProofVerifier;

// dist/dpop/redis-replay-store.d.ts

/**
 * Sends one command to Redis or Valkey and gives its reply: `(command) => ioredis.call(...command)` or
 * `(command) => nodeRedis.sendCommand(command)`.
 */
export type RedisCommand = (command: [string, ...string[]]) => Promise<unknown>;
export interface RedisReplayStoreOptions {
    /** Put before every key. Default `sekisho:proof:`. */
    readonly prefix?: string;
    /** Longest wait for a reply, in milliseconds, 10 to 5000. Default 250; then the claim fails and the request with it. */
    readonly timeoutMs?: number;
    readonly now?: () => number;
}
/** A replay store that replicas share: one command for each proof, and Redis forgets it when it has expired. */
export declare function redisReplayStore(send: RedisCommand, options?: RedisReplayStoreOptions): ReplayStore;

// dist/dpop/replay-store.d.ts

/**
 * Remembers which proofs were used. Must be shared by all replicas that accept the same tokens; with Redis that is one
 * `SET key 1 NX PX`.
 */
export interface ReplayStore {
    /**
     * Takes an id for itself until `expiresAtMs`. `true` for the first taker only; `false` for everybody after. `'full'` when the
     * store cannot promise that any more; the request is then refused as unavailable, and so it is when the call throws.
     */
    claim(id: string, expiresAtMs: number): boolean | 'full' | Promise<boolean | 'full'>;
}
/**
 * A replay store in memory, for a single process. Never forgets an id before its time: when `limit` ids are alive it answers
 * `'full'` rather than to make room for a replay.
 *
 * @param options.limit - Greatest number of live ids. Default 200000, about 25 MB.
 */
export declare function memoryReplayStore(options?: {
    readonly limit?: number;
    readonly now?: () => number;
}): ReplayStore;

// dist/event.d.ts

/** Stable dotted names of what the gate reports. */
export type AuthEventType = 'auth.ok' | 'auth.missing' | 'auth.malformed' | 'auth.invalid_token' | 'auth.token_in_query' | 'auth.token_in_body' | 'auth.key_in_query' | 'auth.duplicate_header' | 'auth.multiple_credentials' | 'auth.unsupported_scheme' | 'auth.oversized' | 'auth.alg_rejected' | 'auth.key_mismatch' | 'auth.weak_key' | 'auth.bad_signature' | 'auth.unknown_kid' | 'auth.expired' | 'auth.not_yet_valid' | 'auth.wrong_audience' | 'auth.unknown_issuer' | 'auth.wrong_token_type' | 'auth.header_param_rejected' | 'auth.crit_rejected' | 'auth.dpop_failed' | 'auth.mtls_failed' | 'auth.introspection_failed' | 'auth.lockout' | 'authz.denied' | 'authz.insufficient_scope' | 'authz.step_up' | 'apikey.created' | 'apikey.rotated' | 'apikey.deprecated_use' | 'apikey.revoked' | 'apikey.expired' | 'apikey.malformed' | 'apikey.wrong_network' | 'session.created' | 'session.refreshed' | 'session.revoked' | 'session.principal_mismatch' | 'security.origin_blocked' | 'security.replay';
/**
 * What happened, for a log or an audit trail. Holds names of configured things and of known principals only: no token, no
 * key, no claim that was not verified.
 */
export interface AuthEvent {
    readonly type: AuthEventType;
    readonly outcome: 'allowed' | 'refused' | 'changed';
    /** The exact reason, finer than `type` where several share one. */
    readonly reason?: RefusalReason;
    /** `Principal.key` of a verified principal. */
    readonly principal?: string;
    /** The configured issuer that the token named. */
    readonly issuer?: string;
    /** Public id of a known API key. */
    readonly keyId?: string;
    /** Id of a known browser session. */
    readonly sessionId?: string;
}

// dist/failure-limiter.d.ts

/** Slows down guessing: counts failed sign-ins of an address and says when it has had its share. */
export interface FailureLimiter {
    /** Seconds until the next attempt of this address is looked at; 0 when it may go ahead. */
    blockedSeconds(address: string): number;
    failed(address: string): void;
}
export interface FailureLimiterOptions {
    /** Failures of one address (IPv6: of its /64) in any window. Default 10. */
    readonly failures?: number;
    /** Window in milliseconds. Default 60000. */
    readonly windowMs?: number;
    /** Addresses remembered at once. Default 20000. */
    readonly addresses?: number;
    readonly now?: () => number;
}
/**
 * Keeps the times of the last failures of each address, so that no window of `windowMs` ever holds more than `failures` of them.
 * An IPv6 caller owns a whole /64 and is counted as one.
 */
export declare function createFailureLimiter(options?: FailureLimiterOptions): FailureLimiter;

// dist/gate.d.ts

/** The caller is known. */
export interface Allowed {
    readonly ok: true;
    readonly principal: Principal;
    readonly event: AuthEvent;
}
/** The caller is not let in; `refusal` is what to answer and `event` the one thing to record. */
export interface Refused {
    readonly ok: false;
    readonly refusal: Refusal;
    readonly event: AuthEvent;
}
export type Authentication = Allowed | Refused;
/** Finds out who is calling. Answers at once for what was verified a moment ago; otherwise with a promise, which never rejects. */
export type Authenticate = (request: AuthRequest) => Authentication | Promise<Authentication>;
export interface GateParts {
    readonly resource: string;
    readonly shared: SharedParts;
    readonly context: ChallengeContext;
    readonly cors: Cors;
    readonly baseline: readonly string[];
    readonly apiKeys: ApiKeyVerifier | undefined;
    readonly dpopRequired: boolean;
    readonly mtlsRequired: boolean;
    readonly onFailure: ResourceServerOptions['onFailure'];
}
/** Makes the gate of one resource. The order of its steps is the security model: see the comments. */
export declare function createGate(parts: GateParts): Authenticate;

// dist/issuers/algorithms.d.ts

/** Signature algorithms that may be allowed for access tokens. Symmetric ones and `none` are not among them. */
export type TokenAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519' | 'PS256' | 'PS384' | 'PS512' | 'RS256' | 'RS384' | 'RS512';
interface KeyShape {
    readonly kty: 'EC' | 'OKP' | 'RSA';
    readonly crv?: string;
}
/** The only shape of key that may verify each algorithm (RFC 7518, RFC 8037). */
export declare const keyShapes: Readonly<Record<TokenAlgorithm, KeyShape>>;
export declare const defaultTokenAlgorithms: readonly TokenAlgorithm[];
export declare function isTokenAlgorithm(value: string): value is TokenAlgorithm;
/** @throws TypeError when the list is empty or names something that is not an asymmetric signature algorithm. */
export declare function checkAlgorithms(option: string, algorithms: readonly string[]): readonly TokenAlgorithm[];
export {};

// dist/issuers/introspection.d.ts

export type IntrospectionAnswer = {
    readonly ok: true;
    readonly claims: JsonObject;
} | {
    readonly ok: false;
    readonly reason: 'inactive';
} | {
    readonly ok: false;
    readonly reason: 'introspection_failed';
    readonly retryAfterSeconds: number;
};
/** Asks an authorization server about one token (RFC 7662). Does not judge the answer beyond `active`. */
export type Introspect = (token: string) => Promise<IntrospectionAnswer>;
export interface IntrospectorOptions {
    readonly endpoint: () => Promise<string>;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly fetchDocument: DocumentFetch;
    readonly now: () => number;
    /** Called with the cause when the endpoint fails; the caller of `authenticate` only learns that it is unavailable. */
    readonly onFailure?: (error: AuthError) => void;
}
/**
 * Makes an introspector behind a breaker. After five failures in a row nothing is sent for 10 s, then one request tries
 * while the others are still refused. Every failure refuses: none of them ever reads as active.
 */
export declare function createIntrospector(options: IntrospectorOptions): Introspect;

// dist/issuers/issuer.d.ts

/** How tokens of one authorization server are checked by asking it (RFC 7662). */
export interface IntrospectionOptions {
    /** Default: `introspection_endpoint` of the issuer's metadata. */
    readonly endpoint?: string;
    readonly clientId: string;
    readonly clientSecret: string;
    /** `opaque`: tokens that are no JWT. `always`: JWTs, after their signature was checked, which notices revocation. Default `opaque`. */
    readonly when?: 'opaque' | 'always';
}
/** One authorization server whose tokens are accepted. */
export interface IssuerOptions {
    /** Exactly as it stands in `iss`; an https URL. */
    readonly issuer: string;
    /** Default `rfc9068`, the strict one. */
    readonly profile?: ProfileName;
    /** Default: those of the resource server. */
    readonly algorithms?: readonly string[];
    /**
     * Accepted `aud` values instead of the resource, for issuers that cannot put it there (`api://...` of Entra). Each entry is
     * compared byte for byte. Default: the resource alone.
     */
    readonly audiences?: readonly string[];
    /** Default: `jwks_uri` of the issuer's metadata. */
    readonly jwksUri?: string;
    /** Age from which keys are loaded again, in milliseconds, 30000 to 86400000. Default 600000. */
    readonly keysMaxAgeMs?: number;
    /** How long beyond that they may serve while the issuer does not answer, in milliseconds, 0 to 86400000. Default 3600000. */
    readonly keysMaxStaleMs?: number;
    readonly introspection?: IntrospectionOptions;
    /** Networks (CIDR) in which this issuer may live although they are not public. Default: none. */
    readonly privateNetworks?: readonly string[];
    readonly [allowLoopbackHttp]?: boolean;
}
/** What issuers share. */
export interface IssuerEnvironment {
    readonly now: () => number;
    /** Replaces the guarded fetch. Size, time and redirects stay capped; the check of addresses is then the replacement's. */
    readonly fetch?: FetchLike;
    readonly algorithms?: readonly string[];
    /** Told of failures that callers only see as 503. */
    readonly onFailure?: (issuer: string, error: AuthError) => void;
}
export interface Issuer {
    readonly issuer: string;
    readonly profile: TokenProfile;
    readonly algorithms: readonly TokenAlgorithm[];
    readonly audiences: readonly string[] | undefined;
    readonly keys: KeySource;
    readonly introspect: Introspect | undefined;
    readonly introspectsOpaque: boolean;
    readonly introspectsAlways: boolean;
}
/** @throws TypeError when an option cannot be right. */
export declare function createIssuer(options: IssuerOptions, environment: IssuerEnvironment): Issuer;

// dist/issuers/key-source.d.ts

import { type CryptoKey } from 'jose';
export type KeyAnswer = {
    readonly ok: true;
    readonly key: CryptoKey;
    readonly generation: number;
} | {
    readonly ok: false;
    readonly reason: 'unknown_kid' | 'key_mismatch' | 'weak_key';
} | {
    readonly ok: false;
    readonly reason: 'keys_unavailable';
    readonly retryAfterSeconds: number;
};
/** State of a key source for a status page. Holds no key. */
export interface KeySourceStatus {
    readonly keys: number;
    readonly loadedAtMs: number | undefined;
    /** Older than the maximum age and in use only because the issuer does not answer. */
    readonly stale: boolean;
    readonly consecutiveFailures: number;
    /** Code of the last failure, until a load succeeds. */
    readonly lastErrorCode: string | undefined;
    readonly requests: number;
}
/** The verification keys of one issuer. */
export interface KeySource {
    /** Changes when the set of keys changes; what was verified under an older generation must be verified again. */
    readonly generation: number;
    /** Until when a verification may be remembered without asking again, in milliseconds since 1970. */
    readonly freshUntilMs: number;
    find(kid: string | undefined, alg: TokenAlgorithm): Promise<KeyAnswer>;
    /** Loads the set now, whatever its age. Rejects when that fails; the keys at hand stay. */
    reload(): Promise<void>;
    status(): KeySourceStatus;
}
export interface KeySourceOptions {
    /** Fetches the text of the key set. */
    readonly load: () => Promise<string>;
    readonly now: () => number;
    /** Age from which the set is loaded again before use, in milliseconds. Default 600000 (10 minutes). */
    readonly maxAgeMs?: number;
    /** How long beyond that age it may serve while the issuer does not answer, in milliseconds. Default 3600000 (1 hour). */
    readonly maxStaleMs?: number;
    /** Least time between two loads that were caused by unknown key ids, in milliseconds. Default 30000. */
    readonly cooldownMs?: number;
}
/** Keeps the keys of one issuer: single-flight loads, a pause between loads, negative back-off and stale-if-error. */
export declare function createKeySource(options: KeySourceOptions): KeySource;

// dist/issuers/profile.d.ts

/** Kinds of access tokens, by the party that issues them. `rfc9068` is the strict one and the default. */
export type ProfileName = 'rfc9068' | 'entra' | 'okta' | 'auth0' | 'keycloak';
/** How one kind of issuer departs from RFC 9068. */
export interface TokenProfile {
    /** Accepted `typ` values, lower case, without `application/`. */
    readonly types: readonly string[];
    /** Whether a token without `typ` is accepted. */
    readonly typeOptional: boolean;
    readonly requiredClaims: readonly string[];
    /** Whether the claims are those of an access token. Where `typ` says no more than `JWT`, an ID token must be told apart here. */
    readonly isAccessToken: (claims: JsonObject) => boolean;
    readonly clientId: (claims: JsonObject) => string | undefined;
    readonly scopes: (claims: JsonObject) => readonly string[];
    readonly roles: (claims: JsonObject) => readonly string[];
    readonly tenant: (claims: JsonObject) => string | undefined;
    readonly isService: (claims: JsonObject) => boolean;
}
export declare const profiles: Readonly<Record<ProfileName, TokenProfile>>;
/** The fields of a principal that verified claims speak about. The caller has checked signature, issuer, audience and times. */
export declare function principalFields(profile: TokenProfile, issuer: string, claims: JsonObject): PrincipalFields;
/** Whether `cnf` asks for a proof that nobody here can check; such a token must not be taken for an unbound one. */
export declare function hasUnknownConfirmation(claims: JsonObject): boolean;

// dist/json.d.ts

/** A JSON object as it was parsed, nothing known about its members. */
export type JsonObject = Readonly<Record<string, unknown>>;
/** Parses UTF-8 bytes or text as one JSON object of bounded depth; `undefined` when it is anything else. */
export declare function parseJsonObject(input: Uint8Array | string): JsonObject | undefined;
export declare function isJsonObject(value: unknown): value is JsonObject;
/** A member that is a non-empty string, otherwise `undefined`. Looks at own members only. */
export declare function stringMember(object: JsonObject, name: string): string | undefined;
/** A member that is a finite number, otherwise `undefined`. */
export declare function numberMember(object: JsonObject, name: string): number | undefined;
/** A member that is an array of strings; a single string counts as an array of one; anything else is empty. */
export declare function stringsMember(object: JsonObject, name: string): readonly string[];

// dist/keys/file-key-store.d.ts

export interface FileKeyStoreOptions {
    /** File of the records; made at the first key, readable by its owner only. */
    readonly path: string;
}
/**
 * Keeps key records in one JSON file that a running server and the command line share: `find` looks at the file again when
 * it changed, so that a key revoked by another process is gone at the next check. Changes are made under a lock file and by renaming a
 * finished file over the old one, so that a crash leaves the old or the new records and nothing between.
 *
 * @throws {@link AuthError} `ERR_AUTH_KEY_STORE` from every method when the file cannot be read, understood or written.
 */
export declare function fileKeyStore({ path }: FileKeyStoreOptions): KeyStore;

// dist/keys/key-format.d.ts

/** Source of random bytes; the default is the system's generator. */
export type RandomBytes = (size: number) => Uint8Array;
/** The public parts of a key. */
export interface KeyParts {
    readonly environment: string;
    readonly keyId: string;
}
/** @throws TypeError when the name cannot stand in a key. */
export declare function checkEnvironment(environment: string): string;
/** A new key with 256 random bits, to be shown once and stored nowhere. */
export declare function newKeyText(environment: string, random?: RandomBytes): {
    readonly key: string;
    readonly keyId: string;
};
/** Reads a key and checks its checksum: a mistyped key is told from a wrong one without asking the store. */
export declare function readKeyText(text: string): KeyParts | undefined;

// dist/keys/key-store.d.ts

/** What is kept of an API key. The key itself cannot be computed from it, nor checked without the pepper. */
export interface KeyRecord {
    readonly keyId: string;
    readonly environment: string;
    /** HMAC-SHA-256 of the whole key, base64url. */
    readonly hmac: string;
    readonly pepperId: string;
    /** Who the key stands for; the subject of the principal. */
    readonly principal: string;
    readonly label: string | undefined;
    readonly roles: readonly string[];
    readonly scopes: readonly string[];
    /** Server and tool names with `*`; empty: any. */
    readonly servers: readonly string[];
    readonly tools: readonly string[];
    /** Networks (CIDR) from which it may be used; empty: any. */
    readonly networks: readonly string[];
    /** Origins of web pages that may use it; empty: none is asked for. */
    readonly origins: readonly string[];
    readonly createdAtMs: number;
    readonly expiresAtMs: number;
    readonly rotatedFrom: string | undefined;
    /** The key that replaces this one; using this one still works until it expires and is reported as deprecated. */
    readonly replacedBy: string | undefined;
    readonly revokedAtMs: number | undefined;
    /** Start of the hour of the last use, in milliseconds since 1970. */
    readonly lastUsedAtMs: number | undefined;
}
/**
 * Where key records live. All methods may answer at once or with a promise; a store that answers `find` at once keeps the
 * check synchronous. Failures throw; they never read as "no such key".
 */
export interface KeyStore {
    find(keyId: string): KeyRecord | undefined | Promise<KeyRecord | undefined>;
    list(): readonly KeyRecord[] | Promise<readonly KeyRecord[]>;
    /** Adds or replaces one record, in one step with `also` if given. */
    put(record: KeyRecord, also?: KeyRecord): void | Promise<void>;
    /** Notes a use. Must not undo a change that `put` made in the meantime. */
    touch(keyId: string, usedAtMs: number): void | Promise<void>;
}
/** A key store in memory, gone with the process. */
export declare function memoryKeyStore(records?: readonly KeyRecord[]): KeyStore;

// dist/keys/key-verifier.d.ts

/** From where a key is used. */
export interface KeyUse {
    readonly remoteAddress: string | undefined;
    readonly origin: string | undefined;
}
export type KeyVerdict = {
    readonly ok: true;
    readonly principal: Principal;
    readonly event: AuthEvent;
} | {
    readonly ok: false;
    readonly reason: RefusalReason;
    readonly keyId?: string;
};
/** Checks API keys. Answers at once when the store does, or when the key was checked within `recheckMs`. */
export interface ApiKeyVerifier {
    verify(key: string, use: KeyUse): KeyVerdict | Promise<KeyVerdict>;
}
export interface ApiKeyVerifierOptions {
    readonly store: KeyStore;
    readonly peppers: PepperRing;
    /** Issuer under which principals of keys are named. Default `urn:sekisho:keys`. */
    readonly issuer?: string;
    /** Accept keys of this environment only. Default: of any. */
    readonly environment?: string;
    /** How long a checked key may go without asking the store, in milliseconds, 0 to 1000. Default 500. A revocation is seen after this at the latest. */
    readonly recheckMs?: number;
    /** How many checked keys are remembered. Default 10000. */
    readonly cacheEntries?: number;
    readonly expandScopes?: (granted: readonly string[]) => readonly string[];
    readonly now?: () => number;
    /** Told when the store could not note a use; the request is not held up by it. */
    readonly onTouchFailure?: (error: unknown) => void;
}
/**
 * Makes a verifier of API keys. The secret is compared as an HMAC in constant time, and a key with an unknown id costs the same
 * HMAC, so that neither answer nor time tells which ids exist.
 *
 * @throws TypeError when an option cannot be right, such as a pepper that is short or known.
 */
export declare function createApiKeyVerifier(options: ApiKeyVerifierOptions): ApiKeyVerifier;

// dist/keys/local-key.d.ts

export type LocalKey = ({
    readonly created: true;
} & CreatedKey) | {
    readonly created: false;
    readonly record: PublicKeyRecord;
};
/**
 * Makes the one key with which a fresh installation asks even its own user who is there. It works from loopback only, for a
 * year. Where a local key is alive already, nothing is made: it was shown once and cannot be shown again.
 *
 * @param options.roles - Roles of the key. Default `['admin']`.
 */
export declare function ensureLocalKey(administration: KeyAdministration, options?: {
    readonly principal?: string;
    readonly roles?: readonly string[];
    readonly scopes?: readonly string[];
}): Promise<LocalKey>;

// dist/keys/manage-keys.d.ts

/** What the functions below work on. */
export interface KeyAdministration {
    readonly store: KeyStore;
    readonly peppers: PepperRing;
    readonly now?: () => number;
    readonly random?: RandomBytes;
}
/** What a new key is for. */
export interface KeySpecification {
    /** Who the key stands for; several keys may stand for the same one. */
    readonly principal: string;
    /** Part of the visible key, `a-z` and `0-9`. Default `live`. */
    readonly environment?: string;
    readonly label?: string;
    readonly roles?: readonly string[];
    readonly scopes?: readonly string[];
    readonly servers?: readonly string[];
    readonly tools?: readonly string[];
    readonly networks?: readonly string[];
    readonly origins?: readonly string[];
    /** Lifetime in milliseconds, 60000 (a minute) to 31536000000 (365 days). Default 7776000000 (90 days). */
    readonly lifetimeMs?: number;
}
/** A key at the only moment when it can be seen. */
export interface CreatedKey {
    /** The key itself: show it once, keep it nowhere. */
    readonly key: string;
    readonly record: PublicKeyRecord;
    readonly event: AuthEvent;
}
/** A record as it may be shown: without the HMAC. */
export type PublicKeyRecord = Omit<KeyRecord, 'hmac' | 'pepperId'>;
/** Makes a key and stores what is needed to check it. @throws TypeError when the specification cannot be right. */
export declare function createKey(administration: KeyAdministration, specification: KeySpecification): Promise<CreatedKey>;
/** All keys, newest first, without anything secret. */
export declare function listKeys({ store }: Pick<KeyAdministration, 'store'>): Promise<readonly PublicKeyRecord[]>;
/**
 * Makes a successor with the same rights. Both keys work for the overlap; every use of the old one is reported as
 * `apikey.deprecated_use`.
 *
 * @param options.overlapMs - How long the old key still works, in milliseconds, 0 to 2592000000 (30 days). Default 86400000 (a day).
 * @throws {@link AuthError} `ERR_AUTH_KEY_NOT_FOUND` when there is no such key or it is revoked or expired.
 */
export declare function rotateKey(administration: KeyAdministration, keyId: string, options?: {
    readonly overlapMs?: number;
    readonly lifetimeMs?: number;
}): Promise<CreatedKey>;
/**
 * Ends a key. Running verifiers notice within their `recheckMs`. Revoking twice changes nothing.
 *
 * @throws {@link AuthError} `ERR_AUTH_KEY_NOT_FOUND` when there is no such key.
 */
export declare function revokeKey(administration: Pick<KeyAdministration, 'store' | 'now'>, keyId: string): Promise<{
    readonly record: PublicKeyRecord;
    readonly event: AuthEvent;
}>;

// dist/keys/pepper.d.ts

/**
 * The secrets under which keys are stored, by id. Kept apart from the store: who has only the store can check no guess.
 * New keys use `current`; older entries stay until the keys under them are gone.
 */
export interface PepperRing {
    readonly current: string;
    /** At least 32 random bytes each. */
    readonly secrets: Readonly<Record<string, Uint8Array>>;
}
/** @throws TypeError when a secret is short or known, or `current` is not among them. */
export declare function checkPeppers(ring: PepperRing): PepperRing;
/** HMAC-SHA-256 of a whole key under one pepper, as base64url. */
export declare function keyHmac(ring: PepperRing, pepperId: string, key: string): string | undefined;
/** Compares two HMACs in time that does not depend on where they differ. */
export declare function sameHmac(left: string, right: string): boolean;

// dist/keys/permits-target.d.ts

/** What is about to be used. */
export interface KeyTarget {
    readonly server?: string;
    /** Name of the tool as its server calls it. */
    readonly tool?: string;
}
/**
 * Whether the restrictions of an API key let its holder reach a target. Principals without restrictions pass: this narrows,
 * it does not grant, and a policy must still say yes. A restricted key does not reach a target whose name is not given.
 */
export declare function permitsTarget(principal: {
    readonly restrictions?: Principal['restrictions'];
}, target: KeyTarget): boolean;

// dist/listening.d.ts

/**
 * Refuses a listener that others can reach and that asks nobody who they are. For hosts to call before they listen.
 *
 * @param host - What will be passed to `listen`; `undefined`, `''`, `0.0.0.0` and `::` are all addresses of the machine.
 * @throws TypeError when the host is not loopback and there is no gate.
 */
export declare function assertGuarded(host: string | undefined, server: Pick<ResourceServer, 'authenticate'> | undefined): void;

// dist/metadata.d.ts

/** A small answer that any server can send. */
export interface PlainResponse {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}
/** What a client may know of a protected resource (RFC 9728 section 2). */
export interface ResourceMetadata {
    readonly resource: string;
    readonly authorization_servers: readonly string[];
    readonly scopes_supported?: readonly string[];
    readonly bearer_methods_supported: readonly ['header'];
    readonly resource_name?: string;
    readonly resource_documentation?: string;
    readonly dpop_signing_alg_values_supported?: readonly string[];
    readonly dpop_bound_access_tokens_required?: true;
    readonly tls_client_certificate_bound_access_tokens?: true;
}
/** Path of the document of a resource: the well-known part is inserted before the resource's own path (RFC 9728 section 3.1). */
export declare function metadataPath(resource: string): string;
export declare function metadataUrl(resource: string): string;
/**
 * Answers a request for the document of one resource; `undefined` when the request is for something else. The document is
 * public and the same for everybody, hence `*`, and never together with credentials.
 */
export declare function createMetadataResponder(document: ResourceMetadata): (request: {
    readonly method: string;
    readonly url: string;
}) => PlainResponse | undefined;
/** Path of a request target in origin form or absolute form, byte for byte: nothing is decoded or resolved. */
export declare function pathOf(url: string): string;

// dist/net/document-fetch.d.ts

/** Answer of a party that we asked for a JSON document. */
export interface FetchedDocument {
    readonly status: number;
    /** Body as text, whatever the status; at most `maxBytes` long. */
    readonly text: string;
}
export interface DocumentRequest {
    readonly method: 'GET' | 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
}
export type DocumentFetch = (url: string, request?: DocumentRequest) => Promise<FetchedDocument>;
export interface DocumentFetchOptions {
    /** Time for the whole exchange, in milliseconds. Default 5000. */
    readonly timeoutMs?: number;
    /** Greatest size of a body after decoding, in bytes. Default 262144 (256 KiB). */
    readonly maxBytes?: number;
}
/**
 * Wraps a fetch so that an answer is small, quick and not a redirect. Never follows a redirect: a party that moved must be
 * configured anew, not trusted to say where its keys are.
 *
 * @throws {@link AuthError} `ERR_AUTH_FETCH_FAILED` when the exchange fails, redirects, takes too long or is too large, and
 *   whatever the wrapped fetch throws as an `AuthError`, such as `ERR_AUTH_FETCH_BLOCKED`.
 */
export declare function createDocumentFetch(fetch: FetchLike, options?: DocumentFetchOptions): DocumentFetch;

// dist/net/guarded-fetch.d.ts

import { type LookupAddress } from 'node:dns';
/**
 * Permits `http:` and loopback addresses for the party it is set on. Meant for an authorization server on the developer's own
 * machine and for tests; a symbol, so that no configuration file can say it.
 */
export declare const allowLoopbackHttp: unique symbol;
/** The part of `fetch` that is used. Redirects are never followed, whatever it would do by itself. */
export type FetchLike = (url: string, init: FetchInit) => Promise<Response>;
/** What is passed on to a `FetchLike`. */
export interface FetchInit {
    readonly method: 'GET' | 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
}
/** Resolves a name to all its addresses; the shape of `dns.lookup` with `all: true`. */
export type Resolve = (hostname: string, options: {
    readonly all: true;
}, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;
export interface GuardedFetchOptions {
    /** Networks (CIDR) that may be reached although they are not public, for an issuer inside the company. Default: none. */
    readonly privateNetworks?: readonly string[];
    readonly [allowLoopbackHttp]?: boolean;
    /** Name resolution. Default: the system's. */
    readonly resolve?: Resolve;
    /** The machine's own addresses, which are refused even when public. Default: those of its network interfaces. */
    readonly ownAddresses?: () => readonly string[];
}
/**
 * A `fetch` that talks to public https hosts only. The address is checked when the connection is made and the connection
 * goes to the very address that was checked, so a name that changes its answer in between gains nothing. One forbidden
 * address among several refuses the name. Does not cap size or time: `createDocumentFetch` does.
 */
export declare function createGuardedFetch(options?: GuardedFetchOptions): FetchLike;

// dist/net/public-address.d.ts

/**
 * Whether an address belongs to the public internet. IPv6 is judged the other way round from IPv4: only `2000::/3` is
 * handed out, so everything outside it (loopback, mapped, NAT64, unique local, link-local, site-local, multicast) is not public
 * without having to be listed.
 */
export declare function isPublicAddress(address: string): boolean;
/** Whether an address or the name of a listener reaches this machine only. Any other name is taken to be reachable from outside. */
export declare function isLoopback(hostOrAddress: string): boolean;

// dist/options.d.ts

/** Scopes of the resource. */
export interface ScopeOptions {
    /** What every access token must have, and what a first sign-in is told to ask for. Default: none. */
    readonly baseline?: readonly string[];
    /** What the metadata document lists; keep it minimal. Default: the baseline. */
    readonly supported?: readonly string[];
    /** Which scopes imply which. Default: none. */
    readonly implies?: ScopeHierarchy;
}
/** Numbers that bound the work for one request and what is remembered. */
export interface LimitOptions {
    /** Longest credential that is looked at, in bytes, 256 to 65536. Default 8192. */
    readonly tokenBytes?: number;
    /** How far the clocks of issuer and resource may differ, in seconds, 0 to 60. Default 5. */
    readonly clockToleranceSeconds?: number;
    /** Oldest `iat` that is accepted, in seconds, 60 to 2592000. Default 86400 (a day). */
    readonly maxTokenAgeSeconds?: number;
    /** How long a verified token is remembered, in seconds, 0 to 300; never beyond its `exp`. Default 60. */
    readonly cacheSeconds?: number;
    /** How many verified tokens are remembered. Default 50000. */
    readonly cacheEntries?: number;
    /** How long a refused token is remembered, in seconds, 0 to 60. Default 10. */
    readonly refusedSeconds?: number;
    /** How many refused tokens are remembered. Default 10000. */
    readonly refusedEntries?: number;
}
/** Everything about a protected resource. */
export interface ResourceServerOptions {
    /** URL of the MCP endpoint, exactly as clients are given it: published byte for byte and demanded as `aud`. */
    readonly resource: string;
    /** Authorization servers whose tokens are accepted. At least one, or `apiKeys`. */
    readonly authorizationServers?: readonly IssuerOptions[];
    readonly apiKeys?: ApiKeyVerifier;
    /** Default for all issuers: ES256, EdDSA, PS256, RS256. */
    readonly algorithms?: readonly string[];
    readonly scopes?: ScopeOptions;
    readonly dpop?: DpopOptions;
    /** Whether tokens must be bound to a client certificate (RFC 8705). A bound token needs its certificate in any case. Default `optional`. */
    readonly mtls?: {
        readonly mode: 'optional' | 'required';
    };
    /** Origins of web pages that may call. Default: the origin of the resource. A request without `Origin` is not a web page's. */
    readonly origins?: readonly string[];
    /** Limit of failed sign-ins of an address: options of the one in memory, or one of your own. */
    readonly failures?: FailureLimiterOptions | FailureLimiter;
    readonly limits?: LimitOptions;
    /** Name of the resource for people, in the metadata document. */
    readonly resourceName?: string;
    /** Page about the resource for developers, in the metadata document. */
    readonly documentation?: string;
    /** Milliseconds since 1970. Default `Date.now`. */
    readonly now?: () => number;
    /** Replaces the guarded fetch towards all issuers; see {@link FetchLike}. */
    readonly fetch?: FetchLike;
    /** Told of failures of which callers see no more than a 503. Must not throw. */
    readonly onFailure?: (failure: DependencyFailure) => void;
}
/** Something outside a caller's credential that did not work. Holds no credential. */
export interface DependencyFailure {
    readonly source: 'issuer' | 'key-store' | 'replay-store';
    /** The issuer, for `source: 'issuer'`. */
    readonly issuer?: string;
    readonly error: unknown;
}
/** @throws TypeError when a number is outside its range. */
export declare function checkLimits(limits?: LimitOptions): Required<LimitOptions>;

// dist/principal.d.ts

/** What kind of caller a credential stands for. */
export type PrincipalKind = 'user' | 'service' | 'apikey';
/** What an API key narrows its holder to. An empty or absent list narrows nothing. */
export interface Restrictions {
    /** Server names, `*` stands for any run of characters. */
    readonly servers?: readonly string[];
    /** Tool names as the server calls them, with `*`. */
    readonly tools?: readonly string[];
}
/** The key that a proof must be made with before the token may be used. */
export type Confirmation = {
    readonly jkt: string;
} | {
    readonly x5tS256: string;
} | {
    readonly jkt: string;
    readonly x5tS256: string;
};
/**
 * Who is calling. Frozen to the bottom; holds no token, no key and no secret. `claims` is not enumerable and `util.inspect`
 * shows names only, so that a principal written to a log by accident says who, not everything an issuer told about them.
 */
export interface Principal {
    /** `<issuer>|<subject>`: the same subject of two issuers is two principals. */
    readonly key: string;
    readonly kind: PrincipalKind;
    readonly issuer: string;
    readonly subject: string;
    readonly clientId: string | undefined;
    /** Scopes of the token and all that they imply. Compare by membership only. */
    readonly scopes: readonly string[];
    readonly groups: readonly string[];
    readonly roles: readonly string[];
    readonly tenant: string | undefined;
    /** Authentication context class of the sign-in (`acr`). */
    readonly acr: string | undefined;
    /** When the person last proved who they are, in seconds since 1970 (`auth_time`). */
    readonly authTimeSeconds: number | undefined;
    /** End of the credential, in seconds since 1970. */
    readonly expiresAtSeconds: number | undefined;
    readonly confirmation: Confirmation | undefined;
    /** Who acts for the subject, outermost first (`act`, RFC 8693 section 4.1). */
    readonly actors: readonly string[];
    /** Public id of the API key, for `kind: 'apikey'`. */
    readonly keyId: string | undefined;
    readonly restrictions: Restrictions | undefined;
    /** The verified claims, for roles and conditions. Not enumerable. */
    readonly claims: Readonly<Record<string, unknown>>;
}
/** Everything but the derived `key`; absent members take their empty value. */
export type PrincipalFields = Pick<Principal, 'kind' | 'issuer' | 'subject'> & Partial<Omit<Principal, 'key' | 'kind' | 'issuer' | 'subject'>>;
/**
 * Makes a frozen principal. The caller vouches for the fields: this function verifies nothing. It takes `claims`, `confirmation` and
 * `restrictions` over and freezes them where they stand.
 */
export declare function makePrincipal(fields: PrincipalFields): Principal;

// dist/refusal-table.d.ts

/** Which answer a refusal becomes: status and challenge go together, so that no reason can pick them apart. */
export type RefusalClass = 
/** 401 without an error: nothing usable was presented (RFC 6750 section 3.1). */
'no-credential'
/** 401 `invalid_token`. */
 | 'bad-token'
/** 400 `invalid_request`. */
 | 'malformed'
/** 401 `DPoP error="invalid_dpop_proof"` (RFC 9449 section 7.1). */
 | 'bad-proof'
/** 401 `DPoP error="use_dpop_nonce"` with a fresh nonce (RFC 9449 section 9). */
 | 'nonce'
/** 403 with one challenge that names every scope of the operation. */
 | 'scope'
/** 401 `insufficient_user_authentication` (RFC 9470). */
 | 'step-up'
/** 403 without a challenge: no new token would help. */
 | 'denied'
/** 429. */
 | 'limited'
/** 503: somebody we depend on is down; never an allow. */
 | 'unavailable';
interface Row {
    readonly class: RefusalClass;
    readonly event: AuthEventType;
    /** The public sentence. Fixed: nothing of the request is ever echoed. */
    readonly description: string;
    /** Whether it counts towards the limit of failed sign-ins: guesses and forgeries do, honest mistakes of time or scope do not. */
    readonly counts: boolean;
}
/** Every reason for which the gate refuses, with the answer it becomes. One table, so that the wire has no second opinion. */
export declare const refusalTable: {
    readonly missing: Row;
    readonly unsupported_scheme: Row;
    readonly malformed: Row;
    readonly duplicate_header: Row;
    readonly multiple_credentials: Row;
    readonly token_in_query: Row;
    readonly key_in_query: Row;
    readonly token_in_body: Row;
    readonly oversized: Row;
    readonly invalid_token: Row;
    readonly alg_rejected: Row;
    readonly key_mismatch: Row;
    readonly weak_key: Row;
    readonly bad_signature: Row;
    readonly unknown_kid: Row;
    readonly wrong_audience: Row;
    readonly unknown_issuer: Row;
    readonly wrong_token_type: Row;
    readonly header_param_rejected: Row;
    readonly crit_rejected: Row;
    readonly expired: Row;
    readonly not_yet_valid: Row;
    readonly revoked: Row;
    readonly inactive: Row;
    readonly confirmation_unknown: Row;
    readonly mtls_failed: Row;
    readonly dpop_downgrade: Row;
    readonly dpop_unbound: Row;
    readonly key_malformed: Row;
    readonly key_unknown: Row;
    readonly key_expired: Row;
    readonly key_revoked: Row;
    readonly key_network: Row;
    readonly key_origin: Row;
    readonly dpop_failed: Row;
    readonly dpop_replayed: Row;
    readonly dpop_nonce: Row;
    readonly insufficient_scope: Row;
    readonly step_up: Row;
    readonly denied: Row;
    readonly origin_blocked: Row;
    readonly lockout: Row;
    readonly keys_unavailable: Row;
    readonly introspection_failed: Row;
    readonly store_failed: Row;
};
/** Why the gate refused. Closed: a new reason is a new row above. */
export type RefusalReason = keyof typeof refusalTable;
/** Whether a refusal for this reason counts towards the limit of failed sign-ins of an address. */
export declare function countsAsFailure(reason: RefusalReason): boolean;
export {};

// dist/refusal.d.ts

/** What to answer when the gate refuses. A value: nothing was thrown and nothing was sent. */
export interface Refusal {
    readonly status: 400 | 401 | 403 | 429 | 503;
    readonly reason: RefusalReason;
    /** Header fields of the answer as name and value; `WWW-Authenticate` may occur twice. */
    readonly headers: readonly (readonly [name: string, value: string])[];
    /** OAuth error code for a body; absent when nothing was presented. */
    readonly error?: string;
    /** One fixed public sentence. */
    readonly description: string;
}
/** What every challenge of one resource has in common. */
export interface ChallengeContext {
    /** URL of the RFC 9728 document, absent when there is no authorization server to name. */
    readonly metadataUrl: string | undefined;
    /** Scopes a first sign-in should ask for, separated by spaces. */
    readonly baselineScope: string;
    readonly dpopMode: 'off' | 'optional' | 'required';
    /** Accepted proof algorithms, separated by spaces. */
    readonly dpopAlgorithms: string;
}
/** Values that only some refusals carry. */
export interface RefusalDetails {
    /** All scopes of the operation, for `insufficient_scope`. */
    readonly scopes?: readonly string[];
    /** Fresh nonce for `dpop_nonce`. */
    readonly nonce?: string;
    /** Seconds until a retry makes sense, for 429 and 503. */
    readonly retryAfterSeconds?: number;
    /** RFC 9470 values for `step_up`. */
    readonly acrValues?: readonly string[];
    readonly maxAgeSeconds?: number;
}
/** Makes the refusal for a reason, with the challenges of this resource. */
export declare function makeRefusal(context: ChallengeContext, reason: RefusalReason, details?: RefusalDetails): Refusal;
/** The one event that a refusal is reported as. */
export declare function refusalEvent(reason: RefusalReason, known?: Pick<AuthEvent, 'issuer' | 'keyId' | 'principal'>): AuthEvent;

// dist/request.d.ts

/**
 * Where header values come from. A function and a `Headers` object are asked by lower-case name; a record is searched
 * without regard to case, so that two spellings of one name count as two headers.
 *
 * `node:http`'s own `request.headers` silently drops a second `Authorization`; give `headersDistinct` or use the adapter
 * at `@sekisho/auth/node`, otherwise a duplicate cannot be seen here.
 */
export type HeaderSource = ((name: string) => string | readonly string[] | null | undefined) | {
    get(name: string): string | null;
} | Readonly<Record<string, string | readonly string[] | undefined>>;
/** One HTTP request as the gate needs it. No framework type appears here. */
export interface AuthRequest {
    /** HTTP method in upper case. */
    readonly method: string;
    /** Request target: path and query, or an absolute URL. Scheme and host in it are never believed. */
    readonly url: string;
    readonly headers: HeaderSource;
    /** The raw bytes as received, before any parsing. Needed only for DPoP proofs with `content_digest`. */
    readonly body?: Uint8Array | undefined;
    /** Address of the peer as the host established it (behind a trusted proxy: the client's). Without it no failure limit applies. */
    readonly remoteAddress?: string | undefined;
    /** DER bytes of the client certificate, from the TLS socket or from a `Client-Cert` field of a trusted hop (RFC 9440). */
    readonly peerCertificate?: Uint8Array | undefined;
}
/**
 * The value of a header: a string when it came once, an array when it came more often, `undefined` when it did not come.
 * `name` is lower case.
 */
export declare function headerOf(source: HeaderSource, name: string): string | readonly string[] | undefined;
/** As `headerOf`, for headers where only one plain value is of use; more than one reads as the given `repeated` text. */
export declare function singleHeaderOf(source: HeaderSource, name: string, repeated: string): string | undefined;

// dist/resource-server.d.ts

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
    metadata(request: {
        readonly method: string;
        readonly url: string;
    }): PlainResponse | undefined;
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
    status(): readonly ({
        readonly issuer: string;
    } & KeySourceStatus)[];
}
/**
 * Makes the gate in front of an MCP endpoint.
 *
 * Checks who is calling, nothing else: not what the principal may do, not `Host`, not the headers that repeat body values.
 *
 * @throws TypeError when an option cannot be right, or when there is nothing to check a credential with.
 */
export declare function createResourceServer(options: ResourceServerOptions): ResourceServer;

// dist/scopes.d.ts

/** Which scopes each scope implies, for example `{ 'mcp:admin': ['mcp:read', 'mcp:call'] }`. Followed to any depth. */
export type ScopeHierarchy = Readonly<Record<string, readonly string[]>>;
/**
 * Makes a function that adds to a list of granted scopes all that they imply. Cycles are harmless. Scopes are compared
 * as whole strings: `tools:call` is not part of `tools:calls`.
 */
export declare function scopeExpander(implies?: ScopeHierarchy): (granted: readonly string[]) => readonly string[];
/** The scopes of `needed` that the principal does not hold. Assumes that `principal.scopes` is already expanded. */
export declare function missingScopes(principal: Principal, needed: readonly string[]): readonly string[];
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
export declare function meetsStepUp(principal: Principal, requirement: StepUpRequirement, nowMs: number): boolean;

// dist/sessions/csrf.d.ts

/** A token that a page of ours puts into its forms and that only holds for its own session. */
export declare function csrfToken(secret: Uint8Array, sessionId: string): string;
export interface CsrfRequest extends Pick<AuthRequest, 'method' | 'headers'> {
    /** The form field, where the host has parsed a form; otherwise the header `x-csrf-token` is read. */
    readonly csrfToken?: string;
}
/**
 * Whether a request that may change something comes from a page of ours: what the browser says about where it comes from, and the
 * session's own token. A browser that says nothing is not trusted for it; the token decides then.
 */
export declare function passesCsrf(request: CsrfRequest, origin: string, secret: Uint8Array, sessionId: string): boolean;

// dist/sessions/login-state.d.ts

export interface LoginStatesOptions {
    /** At least 32 random bytes, the same on all replicas. */
    readonly secret: Uint8Array;
    /** Makes each state good for one callback. */
    readonly used: ReplayStore;
    /** How long a sign-in may take, in milliseconds, up to 600000. Default 600000 (10 minutes). */
    readonly lifetimeMs?: number;
    readonly now?: () => number;
    readonly random?: (size: number) => Uint8Array;
}
/** The `state` of an authorization request: bound to the browser that began and to who it is for, good once and for a while. */
export interface LoginStates {
    /** Call it when the person has agreed, not before. `boundTo` is what the callback must be for, such as a principal's key. */
    begin(boundTo: string): {
        readonly state: string;
        readonly cookie: string;
    };
    /** Whether a callback belongs to a sign-in that this browser began for `boundTo`. The cookie to clear comes with every answer. */
    finish(request: Pick<AuthRequest, 'headers'>, state: string, boundTo: string): Promise<{
        readonly ok: boolean;
        readonly cookie: string;
    }>;
}
/** @throws TypeError when an option cannot be right. */
export declare function createLoginStates(options: LoginStatesOptions): LoginStates;

// dist/sessions/session-store.d.ts

/** The server's side of one browser session. */
export interface SessionRecord {
    /** 128 random bits; made here, never taken from a request. */
    readonly sessionId: string;
    readonly principalKey: string;
    readonly principal: PrincipalFields;
    readonly createdAtMs: number;
    /** When the session ends, however busy it is. */
    readonly endsAtMs: number;
    /** Id of the token that is valid now, and of the one before it with the time when it was replaced. */
    readonly tokenId: string;
    readonly previousTokenId: string | undefined;
    readonly rotatedAtMs: number;
}
/** Where browser sessions live. Shared by all replicas; a session that is not in it is over. */
export interface SessionStore {
    find(sessionId: string): SessionRecord | undefined | Promise<SessionRecord | undefined>;
    add(record: SessionRecord): void | Promise<void>;
    /** Replaces a record if its `tokenId` still is `expectedTokenId`, in one step; tells whether it was. */
    replace(record: SessionRecord, expectedTokenId: string): boolean | Promise<boolean>;
    remove(sessionId: string): void | Promise<void>;
    removeAllOf(principalKey: string): void | Promise<void>;
}
/** A session store in memory, for a single process. Ended sessions are dropped when new ones come. */
export declare function memorySessionStore(options?: {
    readonly now?: () => number;
}): SessionStore;

// dist/sessions/session-token.d.ts

import { type JWK } from 'jose';
/** Keys that sign session tokens: ES256 private keys by key id. Retired ones stay until the longest session is over. */
export interface SessionKeyRing {
    readonly current: string;
    readonly keys: Readonly<Record<string, JWK>>;
}
/** What a session token says. Who the person is stands in the store. */
export interface SessionClaims {
    readonly sessionId: string;
    readonly tokenId: string;
}
export interface SessionTokens {
    sign(claims: SessionClaims, nowMs: number, lifetimeMs: number): Promise<string>;
    /** `undefined` for every token that is not one of ours and in time. */
    read(token: string, nowMs: number): Promise<SessionClaims | undefined>;
}
/** @throws TypeError when the ring has no current key or a key is not a private ES256 key. */
export declare function createSessionTokens(ring: SessionKeyRing, issuer: string): SessionTokens;

// dist/sessions/sessions.d.ts

export interface SessionsOptions {
    /** Origin of the pages, such as `https://gw.example`. */
    readonly origin: string;
    readonly signingKeys: SessionKeyRing;
    /** At least 32 random bytes. */
    readonly csrfSecret: Uint8Array;
    readonly store: SessionStore;
    /** Lifetime of one token in milliseconds, 60000 to 3600000. Default 900000 (15 minutes). */
    readonly tokenMs?: number;
    /** Lifetime of a session in milliseconds, up to 604800000 (7 days). Default 43200000 (12 hours). */
    readonly sessionMs?: number;
    readonly now?: () => number;
    readonly random?: (size: number) => Uint8Array;
}
/** A browser session that was just started, refreshed or read. */
export interface Session {
    readonly sessionId: string;
    readonly principal: Principal;
    readonly csrfToken: string;
    readonly endsAtMs: number;
}
/** A session together with the `Set-Cookie` value that the answer must carry. */
export interface IssuedSession {
    readonly session: Session;
    readonly cookie: string;
    readonly event: AuthEvent;
}
export type SessionReading = {
    readonly ok: true;
    readonly session: Session;
} | {
    readonly ok: false;
    readonly reason: 'missing' | 'invalid' | 'ended' | 'reused' | 'csrf';
    readonly event?: AuthEvent;
};
export interface Sessions {
    /**
     * Starts a session for somebody who has just signed in. The id is always new: one that came with the request is never taken
     * up, and the session it named is ended.
     */
    start(principal: PrincipalFields, request?: Pick<AuthRequest, 'headers'>): Promise<IssuedSession>;
    /** Finds the session of a request; for methods other than GET and HEAD the CSRF checks must pass as well. */
    read(request: CsrfRequest): Promise<SessionReading>;
    /** Exchanges the token for a new one of the same session. Presenting the old one later ends the session. */
    refresh(request: CsrfRequest): Promise<SessionReading | ({
        readonly ok: true;
    } & IssuedSession)>;
    /** Ends a session and gives the `Set-Cookie` value that removes the cookie. */
    revoke(sessionId: string): Promise<{
        readonly cookie: string;
        readonly event: AuthEvent;
    }>;
    /** Ends all sessions of a principal. */
    revokeAllOf(principalKey: string): Promise<AuthEvent>;
    /** Whether the person in the browser is the one that somebody else expects; the event to record when not. */
    belongsTo(session: Session, principalKey: string): {
        readonly ok: true;
    } | {
        readonly ok: false;
        readonly event: AuthEvent;
    };
}
/** @throws TypeError when an option cannot be right. */
export declare function createSessions(options: SessionsOptions): Sessions;

// dist/shared-parts.d.ts

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
export declare function createSharedParts(options: ResourceServerOptions): SharedParts;

// dist/tokens/revocations.d.ts

/**
 * What is no longer accepted although it would verify: everything of a principal that was issued up to now, or one token by its
 * `jti`. Replicas learn of it through whatever bus the host has and call `revoke` each.
 */
export type Revocation = {
    readonly principal: string;
    readonly untilMs: number;
} | {
    readonly issuer: string;
    readonly tokenId: string;
    readonly untilMs: number;
};
export interface Revocations {
    /** Grows with every revocation; what was remembered before must be looked at again. */
    readonly epoch: number;
    add(revocation: Revocation): void;
    /** Makes everything that is remembered be looked at again, without revoking anything. */
    renew(): void;
    covers(principal: Principal): boolean;
}
/** Holds revocations in memory until the tokens that they cover have expired anyway (`untilMs`). */
export declare function createRevocations(now: () => number): Revocations;

// dist/tokens/token-verifier.d.ts

/** The judgement over one access token. */
export type TokenVerdict = {
    readonly ok: true;
    readonly principal: Principal;
    readonly issuer: Issuer;
    /** Under which keys and which revocations it was judged; either may have changed by the time the verdict is read. */
    readonly generation: number;
    readonly epoch: number;
} | {
    readonly ok: false;
    readonly reason: RefusalReason;
    readonly issuer: string | undefined;
    readonly retryAfterSeconds?: number;
};
export interface TokenVerifierOptions {
    readonly issuers: readonly Issuer[];
    readonly now: () => number;
    readonly clockToleranceSeconds: number;
    readonly maxTokenAgeSeconds: number;
    readonly expandScopes: (granted: readonly string[]) => readonly string[];
    readonly revocations: Revocations;
}
/**
 * Judges one access token for one resource: signature first, then what it says. Checks neither where the token came from nor
 * a proof that it may be bound to, and remembers nothing.
 */
export type TokenVerifier = (token: string, resource: string) => Promise<TokenVerdict>;
export declare function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier;

// dist/upstream/credential.d.ts

/** For whom a credential towards an upstream is wanted. The client's request is not part of it: its token can never get here. */
export interface UpstreamRequest {
    /** Where the request is about to go; a credential goes to its own origin only. Absent for a process. */
    readonly url?: string;
    readonly principal: Principal;
}
/** What to add to a request to an upstream, or to the environment of its process. */
export interface UpstreamGrant {
    readonly headers: Readonly<Record<string, string>>;
    readonly environment: Readonly<Record<string, string>>;
}
/**
 * A source of credentials towards one upstream. Sources that obtain tokens for each user have this shape too; they answer with
 * a promise, key what they remember by principal, issuer, audience and scopes, and never see the client's token.
 */
export interface UpstreamCredential {
    readonly kind: 'none' | 'static' | 'per-user';
    /** @throws {@link AuthError} when there is no credential to give; nothing must be sent then. */
    grant(request: UpstreamRequest): UpstreamGrant | Promise<UpstreamGrant>;
}
/** Looks up a secret by its reference. Throws or answers `undefined` when there is none. */
export type ResolveSecret = (reference: string) => string | undefined | Promise<string | undefined>;
/** For upstreams that ask for nothing. */
export declare function noCredential(): UpstreamCredential;
export interface StaticCredentialOptions {
    /** Origin the headers may be sent to, such as `https://api.example`. Needed when there are headers. */
    readonly origin?: string;
    /** Header fields; values are references to secrets, never secrets. A prefix such as `Bearer ` goes before the secret. */
    readonly headers?: Readonly<Record<string, SecretReference>>;
    /** Environment variables of the upstream's process. */
    readonly environment?: Readonly<Record<string, SecretReference>>;
    readonly resolveSecret: ResolveSecret;
}
export interface SecretReference {
    readonly secret: string;
    /** Put before the secret. Default: nothing. */
    readonly prefix?: string;
}
/**
 * The same credential for everybody: a header or a variable whose value is a secret by reference. Resolved at each use, so that
 * a rotated secret takes effect at once.
 *
 * @throws TypeError when a name cannot be right or headers have no origin.
 */
export declare function staticCredential(options: StaticCredentialOptions): UpstreamCredential;
