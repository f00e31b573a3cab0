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
export {
  allowLoopbackHttp,
  createGuardedFetch,
  type FetchInit,
  type FetchLike,
  type GuardedFetchOptions,
  type Resolve,
} from './net/guarded-fetch.ts';
export { assertGuarded } from './listening.ts';
export { isLoopback, isPublicAddress } from './net/public-address.ts';
export type { DependencyFailure, LimitOptions, ResourceServerOptions, ScopeOptions } from './options.ts';
export {
  makePrincipal,
  type Confirmation,
  type Principal,
  type PrincipalFields,
  type PrincipalKind,
  type Restrictions,
} from './principal.ts';
export type { Refusal } from './refusal.ts';
export type { RefusalReason } from './refusal-table.ts';
export type { AuthRequest, HeaderSource } from './request.ts';
export { createResourceServer, type ResourceServer } from './resource-server.ts';
export { meetsStepUp, missingScopes, scopeExpander, type ScopeHierarchy, type StepUpRequirement } from './scopes.ts';
export type { Revocation } from './tokens/revocations.ts';
