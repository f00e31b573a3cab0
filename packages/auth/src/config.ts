import { z } from 'zod';
import { AuthError } from './auth-error.ts';
import type { IssuerOptions } from './issuers/issuer.ts';
import { createApiKeyVerifier, type ApiKeyVerifier } from './keys/key-verifier.ts';
import type { KeyStore } from './keys/key-store.ts';
import type { PepperRing } from './keys/pepper.ts';
import type { ResourceServerOptions } from './options.ts';
import { scopeExpander } from './scopes.ts';
import type { ResolveSecret } from './upstream/credential.ts';

/** A secret by reference; configuration never holds the secret itself. */
const secretReference = z.strictObject({ secret: z.string().min(1).describe('Name of the secret.') });

const algorithm = z.enum([
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
]);

const introspection = z.strictObject({
  endpoint: z.url().optional().describe("Default: the introspection_endpoint of the issuer's metadata."),
  clientId: z.string().min(1),
  clientSecret: secretReference,
  when: z.enum(['opaque', 'always']).optional().describe('Tokens that are asked about. Default opaque.'),
});

const authorizationServer = z.strictObject({
  issuer: z.url().describe('Exactly as it stands in the iss claim.'),
  profile: z
    .enum(['rfc9068', 'entra', 'okta', 'auth0', 'keycloak'])
    .optional()
    .describe('Default rfc9068, the strict one.'),
  algorithms: z.array(algorithm).min(1).optional(),
  audiences: z.array(z.string().min(1)).min(1).optional().describe('Accepted aud values instead of the resource.'),
  jwksUri: z.url().optional(),
  keysMaxAgeMs: z.int().min(30_000).max(86_400_000).optional().describe('Milliseconds. Default 600000.'),
  keysMaxStaleMs: z.int().min(0).max(86_400_000).optional().describe('Milliseconds. Default 3600000.'),
  introspection: introspection.optional(),
  privateNetworks: z
    .array(z.string())
    .optional()
    .describe('Networks (CIDR) where the issuer may live although not public.'),
});

const scopes = z.strictObject({
  baseline: z.array(z.string()).optional(),
  supported: z.array(z.string()).optional(),
  implies: z.record(z.string(), z.array(z.string())).optional(),
});

const dpop = z.strictObject({
  mode: z.enum(['off', 'optional', 'required']),
  algorithms: z.array(algorithm).min(1).optional(),
  windowSeconds: z.number().min(1).max(600).optional().describe('Seconds. Default 300.'),
  nonce: z.boolean().optional(),
  contentDigest: z.enum(['if-present', 'required']).optional(),
});

const failures = z.strictObject({
  failures: z.int().min(1).optional().describe('Default 10.'),
  windowMs: z.int().min(1000).optional().describe('Milliseconds. Default 60000.'),
  addresses: z.int().min(2).optional(),
});

const limits = z.strictObject({
  tokenBytes: z.int().min(256).max(65_536).optional().describe('Bytes. Default 8192.'),
  clockToleranceSeconds: z.number().min(0).max(60).optional().describe('Seconds. Default 5.'),
  maxTokenAgeSeconds: z.number().min(60).max(2_592_000).optional().describe('Seconds. Default 86400.'),
  cacheSeconds: z.number().min(0).max(300).optional().describe('Seconds. Default 60.'),
  cacheEntries: z.int().min(2).max(10_000_000).optional(),
  refusedSeconds: z.number().min(0).max(60).optional().describe('Seconds. Default 10.'),
  refusedEntries: z.int().min(2).max(10_000_000).optional(),
});

const apiKeys = z.strictObject({
  environment: z
    .string()
    .regex(/^[a-z0-9]{1,16}$/)
    .optional()
    .describe('Accept keys of this environment only.'),
  recheckMs: z.int().min(0).max(1000).optional().describe('Milliseconds until a revocation is seen. Default 500.'),
  peppers: z.strictObject({
    current: z.string().min(1),
    secrets: z.record(z.string(), secretReference).describe('At least 32 random bytes each, as base64 or hex.'),
  }),
});

/** The `auth` block of a configuration file. Unknown keys are errors: a misspelt restriction must not be ignored. */
export const authConfigSchema = z
  .strictObject({
    resource: z.string().describe('URL of the MCP endpoint as clients are given it.'),
    authorizationServers: z.array(authorizationServer).optional(),
    apiKeys: apiKeys.optional(),
    algorithms: z.array(algorithm).min(1).optional(),
    scopes: scopes.optional(),
    dpop: dpop.optional(),
    mtls: z.strictObject({ mode: z.enum(['optional', 'required']) }).optional(),
    origins: z.array(z.string()).optional(),
    failures: failures.optional(),
    limits: limits.optional(),
    resourceName: z.string().optional(),
    documentation: z.url().optional(),
  })
  .refine((config) => (config.authorizationServers ?? []).length > 0 || config.apiKeys !== undefined, {
    error: 'name an authorization server or configure API keys: there is nothing to check a credential with',
  });

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
export async function toResourceServerOptions(
  config: AuthConfig,
  parts: AuthConfigParts,
): Promise<ResourceServerOptions> {
  const { authorizationServers = [], apiKeys: keyConfig, ...rest } = config;
  const servers = await Promise.all(authorizationServers.map((server) => toIssuerOptions(server, parts.resolveSecret)));
  const verifier = keyConfig && (await toKeyVerifier(keyConfig, config, parts));
  return withoutUndefined({
    ...rest,
    authorizationServers: servers,
    apiKeys: verifier,
    ...parts.options,
  }) as ResourceServerOptions;
}

/** The peppers of a configuration, for the functions behind `keys create|rotate`. */
export async function toPepperRing(
  config: NonNullable<AuthConfig['apiKeys']>,
  resolveSecret: ResolveSecret,
): Promise<PepperRing> {
  const entries = Object.entries(config.peppers.secrets).map(
    async ([id, { secret }]) => [id, decodeSecret(await resolve(resolveSecret, secret))] as const,
  );
  return { current: config.peppers.current, secrets: Object.fromEntries(await Promise.all(entries)) };
}

async function toIssuerOptions(
  server: NonNullable<AuthConfig['authorizationServers']>[number],
  resolveSecret: ResolveSecret,
): Promise<IssuerOptions> {
  const { introspection: asked, ...rest } = server;
  const answered = asked && {
    ...withoutUndefined(asked),
    clientSecret: await resolve(resolveSecret, asked.clientSecret.secret),
  };
  return withoutUndefined({ ...rest, introspection: answered }) as IssuerOptions;
}

async function toKeyVerifier(
  keyConfig: NonNullable<AuthConfig['apiKeys']>,
  config: AuthConfig,
  parts: AuthConfigParts,
): Promise<ApiKeyVerifier> {
  if (parts.keyStore === undefined) throw new TypeError('"keyStore" is needed: the configuration has API keys');
  return createApiKeyVerifier({
    store: parts.keyStore,
    peppers: await toPepperRing(keyConfig, parts.resolveSecret),
    expandScopes: scopeExpander(config.scopes?.implies),
    ...(keyConfig.environment !== undefined && { environment: keyConfig.environment }),
    ...(keyConfig.recheckMs !== undefined && { recheckMs: keyConfig.recheckMs }),
    ...(parts.options?.now && { now: parts.options.now }),
    onTouchFailure: (error) => parts.options?.onFailure?.({ source: 'key-store', error }),
  });
}

async function resolve(resolveSecret: ResolveSecret, name: string): Promise<string> {
  const value = await resolveSecret(name);
  if (value === undefined || value === '')
    throw new AuthError('ERR_AUTH_SECRET_UNRESOLVED', `The secret "${name}" is missing.`);
  return value;
}

/** Hex or base64; whether it is long and random enough is checked where it is used. */
function decodeSecret(text: string): Uint8Array {
  const trimmed = text.trim();
  return Buffer.from(trimmed, /^(?:[0-9a-f]{2})+$/i.test(trimmed) ? 'hex' : 'base64');
}

/** Zod gives optional members as `undefined`; options have them absent. */
function withoutUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
