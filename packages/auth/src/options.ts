import type { DpopOptions } from './dpop/proof-verifier.ts';
import type { FailureLimiter, FailureLimiterOptions } from './failure-limiter.ts';
import type { IssuerOptions } from './issuers/issuer.ts';
import type { ApiKeyVerifier } from './keys/key-verifier.ts';
import type { FetchLike } from './net/guarded-fetch.ts';
import type { ScopeHierarchy } from './scopes.ts';

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
  readonly mtls?: { readonly mode: 'optional' | 'required' };
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
export function checkLimits(limits: LimitOptions = {}): Required<LimitOptions> {
  const within = (name: keyof LimitOptions, fallback: number, least: number, greatest: number): number => {
    const value = limits[name] ?? fallback;
    if (Number.isFinite(value) && value >= least && value <= greatest) return value;
    throw new TypeError(`"limits.${name}" option must be between ${least} and ${greatest}`);
  };
  return {
    tokenBytes: within('tokenBytes', 8192, 256, 65_536),
    clockToleranceSeconds: within('clockToleranceSeconds', 5, 0, 60),
    maxTokenAgeSeconds: within('maxTokenAgeSeconds', 86_400, 60, 2_592_000),
    cacheSeconds: within('cacheSeconds', 60, 0, 300),
    cacheEntries: within('cacheEntries', 50_000, 2, 10_000_000),
    refusedSeconds: within('refusedSeconds', 10, 0, 60),
    refusedEntries: within('refusedEntries', 10_000, 2, 10_000_000),
  };
}
