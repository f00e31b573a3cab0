import { AuthError } from '../auth-error.ts';
import type { Principal } from '../principal.ts';

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

const nothing: UpstreamGrant = Object.freeze({ headers: Object.freeze({}), environment: Object.freeze({}) });

/** For upstreams that ask for nothing. */
export function noCredential(): UpstreamCredential {
  return { kind: 'none', grant: () => nothing };
}

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

/** Header fields that belong to the connection or to the protocol and not to a credential. */
const reserved =
  /^(?:connection|content-.*|host|keep-alive|mcp-.*|proxy-connection|te|trailer|transfer-encoding|upgrade|cookie|dpop)$/i;

/**
 * The same credential for everybody: a header or a variable whose value is a secret by reference. Resolved at each use, so that
 * a rotated secret takes effect at once.
 *
 * @throws TypeError when a name cannot be right or headers have no origin.
 */
export function staticCredential(options: StaticCredentialOptions): UpstreamCredential {
  const headers = Object.entries(options.headers ?? {});
  const environment = Object.entries(options.environment ?? {});
  if (headers.length + environment.length === 0) throw new TypeError('"headers" or "environment" option is needed');
  for (const [name] of headers) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || reserved.test(name))
      throw new TypeError(`"${name}" cannot carry a credential`);
  }
  for (const [name] of environment) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new TypeError(`"${name}" is not the name of a variable`);
  }
  if (headers.length > 0 && (options.origin === undefined || URL.parse(options.origin)?.origin !== options.origin)) {
    throw new TypeError('"origin" option must be an origin such as https://api.example');
  }

  const resolveAll = async (
    entries: readonly (readonly [string, SecretReference])[],
  ): Promise<Record<string, string>> => {
    const resolved = await Promise.all(
      entries.map(async ([name, reference]) => [name, await resolveOne(options.resolveSecret, reference)] as const),
    );
    return Object.fromEntries(resolved);
  };

  return {
    kind: 'static',
    async grant({ url }) {
      if (headers.length > 0 && URL.parse(url ?? '')?.origin !== options.origin) {
        throw new AuthError(
          'ERR_AUTH_UPSTREAM_ORIGIN',
          'The credential belongs to another origin than the request goes to.',
        );
      }
      return { headers: await resolveAll(headers), environment: await resolveAll(environment) };
    },
  };
}

async function resolveOne(resolveSecret: ResolveSecret, { secret, prefix = '' }: SecretReference): Promise<string> {
  let value: string | undefined;
  try {
    value = await resolveSecret(secret);
  } catch (cause) {
    throw new AuthError('ERR_AUTH_SECRET_UNRESOLVED', `The secret "${secret}" could not be read.`, { cause });
  }
  // An empty or multi-line value is a broken reference, and line breaks would forge further headers.
  if (value === undefined || value === '' || /[\r\n\0]/.test(value)) {
    throw new AuthError('ERR_AUTH_SECRET_UNRESOLVED', `The secret "${secret}" is missing, empty or of several lines.`);
  }
  return prefix + value;
}
