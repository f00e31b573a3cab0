import type { AuthError } from '../auth-error.ts';
import { AuthError as Failure } from '../auth-error.ts';
import { createDocumentFetch, type DocumentFetch } from '../net/document-fetch.ts';
import { allowLoopbackHttp, createGuardedFetch, type FetchLike } from '../net/guarded-fetch.ts';
import { isLoopback } from '../net/public-address.ts';
import { checkAlgorithms, defaultTokenAlgorithms, type TokenAlgorithm } from './algorithms.ts';
import { discoverIssuer, type IssuerMetadata } from './discovery.ts';
import { createIntrospector, type Introspect } from './introspection.ts';
import { createKeySource, type KeySource } from './key-source.ts';
import { profiles, type ProfileName, type TokenProfile } from './profile.ts';

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

/** Metadata is asked for again after this time, so that a moved key set is found. */
const METADATA_MAX_AGE_MS = 3_600_000;

/** @throws TypeError when an option cannot be right. */
export function createIssuer(options: IssuerOptions, environment: IssuerEnvironment): Issuer {
  checkIssuerUrl(options);
  const fetchDocument = createDocumentFetch(environment.fetch ?? createGuardedFetch(options));
  const metadata = rememberedMetadata(options.issuer, fetchDocument, environment.now);
  const { introspection } = options;
  const onFailure = environment.onFailure;
  return {
    issuer: options.issuer,
    profile: profileOf(options.profile ?? 'rfc9068'),
    algorithms: checkAlgorithms('algorithms', options.algorithms ?? environment.algorithms ?? defaultTokenAlgorithms),
    audiences: options.audiences,
    keys: createKeySource({
      now: environment.now,
      maxAgeMs: range('keysMaxAgeMs', options.keysMaxAgeMs ?? 600_000, 30_000),
      maxStaleMs: range('keysMaxStaleMs', options.keysMaxStaleMs ?? 3_600_000, 0),
      load: reportingLoad(keySetLoader(options.jwksUri, metadata, fetchDocument), (error) =>
        onFailure?.(options.issuer, error),
      ),
    }),
    introspect:
      introspection &&
      createIntrospector({
        clientId: nonEmpty('clientId', introspection.clientId),
        clientSecret: nonEmpty('clientSecret', introspection.clientSecret),
        fetchDocument,
        now: environment.now,
        endpoint: async () =>
          introspection.endpoint ?? required((await metadata.get()).introspectionEndpoint, 'introspection_endpoint'),
        onFailure: (error) => onFailure?.(options.issuer, error),
      }),
    introspectsOpaque: introspection !== undefined && introspection.when !== 'always',
    introspectsAlways: introspection?.when === 'always',
  };
}

interface RememberedMetadata {
  get(): Promise<IssuerMetadata>;
  forget(): void;
}

function rememberedMetadata(issuer: string, fetchDocument: DocumentFetch, now: () => number): RememberedMetadata {
  let known: { readonly metadata: IssuerMetadata; readonly atMs: number } | undefined;
  return {
    async get() {
      if (known === undefined || now() - known.atMs > METADATA_MAX_AGE_MS) {
        known = { metadata: await discoverIssuer(issuer, fetchDocument), atMs: now() };
      }
      return known.metadata;
    },
    forget() {
      known = undefined;
    },
  };
}

function keySetLoader(
  jwksUri: string | undefined,
  metadata: RememberedMetadata,
  fetchDocument: DocumentFetch,
): () => Promise<string> {
  return async () => {
    const url = jwksUri ?? required((await metadata.get()).jwksUri, 'jwks_uri');
    const { status, text } = await fetchDocument(url);
    if (status === 200) return text;
    metadata.forget();
    throw new Failure('ERR_AUTH_FETCH_FAILED', `The key set was answered with status ${status}.`);
  };
}

function reportingLoad(load: () => Promise<string>, report: (error: AuthError) => void): () => Promise<string> {
  return async () => {
    try {
      return await load();
    } catch (cause) {
      const error =
        cause instanceof Failure
          ? cause
          : new Failure('ERR_AUTH_FETCH_FAILED', 'The key set could not be loaded.', { cause });
      report(error);
      throw error;
    }
  };
}

function required(value: string | undefined, member: string): string {
  if (value === undefined) throw new Failure('ERR_AUTH_DISCOVERY_INVALID', `The issuer's metadata has no ${member}.`);
  return value;
}

function checkIssuerUrl(options: IssuerOptions): void {
  const url = URL.parse(options.issuer);
  const loopback = url?.protocol === 'http:' && options[allowLoopbackHttp] === true && isLoopback(url.hostname);
  if (url === null || (url.protocol !== 'https:' && !loopback))
    throw new TypeError('"issuer" option must be an https URL');
  if (/[?#|]/.test(options.issuer) || url.username !== '' || url.password !== '') {
    throw new TypeError('"issuer" option must have neither user information nor query nor fragment');
  }
  if (options.audiences?.length === 0 || options.audiences?.includes(''))
    throw new TypeError('"audiences" option must not be empty');
}

function profileOf(name: ProfileName): TokenProfile {
  if (!Object.hasOwn(profiles, name))
    throw new TypeError(`"profile" option must be one of ${Object.keys(profiles).join(', ')}`);
  return profiles[name];
}

function nonEmpty(option: string, value: string): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`"${option}" option must not be empty`);
  return value;
}

function range(option: string, value: number, least: number): number {
  if (!Number.isFinite(value) || value < least || value > 86_400_000) {
    throw new TypeError(`"${option}" option must be between ${least} and 86400000 milliseconds`);
  }
  return value;
}
