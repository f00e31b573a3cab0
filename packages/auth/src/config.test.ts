import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { authConfigSchema, toPepperRing, toResourceServerOptions, type AuthConfig } from './config.ts';
import type { DpopOptions } from './dpop/proof-verifier.ts';
import type { FailureLimiterOptions } from './failure-limiter.ts';
import type { IntrospectionOptions, IssuerOptions } from './issuers/issuer.ts';
import { memoryKeyStore } from './keys/key-store.ts';
import type { LimitOptions, ResourceServerOptions, ScopeOptions } from './options.ts';
import { createResourceServer } from './resource-server.ts';

const secrets: Record<string, string> = {
  PEPPER: 'f3b1c97a5e204d8897ab16c05d42fe71b0a9c3d8e7645f1203948bd6ac51e07f',
  CLIENT: 'as-client-secret',
};
const resolveSecret = (name: string): string | undefined => secrets[name];

const full = {
  resource: 'https://gw.example/mcp',
  authorizationServers: [
    {
      issuer: 'https://as.example',
      profile: 'keycloak',
      privateNetworks: ['10.0.0.0/8'],
      introspection: { clientId: 'gw', clientSecret: { secret: 'CLIENT' } },
    },
  ],
  apiKeys: { peppers: { current: 'p1', secrets: { p1: { secret: 'PEPPER' } } } },
  scopes: { baseline: ['mcp:read'], implies: { 'mcp:admin': ['mcp:read'] } },
  dpop: { mode: 'optional' },
  limits: { tokenBytes: 4096 },
};

describe('the configuration', () => {
  test('becomes options from which a server can be made', async () => {
    const options = await toResourceServerOptions(authConfigSchema.parse(full), {
      resolveSecret,
      keyStore: memoryKeyStore(),
    });
    const server = createResourceServer(options);
    expect(server.metadata({ method: 'GET', url: '/.well-known/oauth-protected-resource/mcp' })?.status).toBe(200);
    expect(options.authorizationServers?.[0]?.introspection?.clientSecret).toBe('as-client-secret');
  });

  test('that asks for auth with nothing to check it is refused', () => {
    expect(authConfigSchema.safeParse({ resource: 'https://gw.example/mcp' }).success).toBe(false);
    expect(authConfigSchema.safeParse({ resource: 'https://gw.example/mcp', authorizationServers: [] }).success).toBe(
      false,
    );
  });

  test('with an unknown key, a symmetric algorithm or a literal secret is refused', () => {
    const spoiled: unknown[] = [
      { ...full, origin: ['https://a.example'] },
      { ...full, algorithms: ['HS256'] },
      { ...full, algorithms: ['none'] },
      { ...full, limits: { tokenbytes: 1 } },
      { ...full, apiKeys: { peppers: { current: 'p1', secrets: { p1: 'literal' } } } },
      { ...full, authorizationServers: [{ issuer: 'https://as.example', allowLoopbackHttp: true }] },
    ];
    for (const config of spoiled) expect(authConfigSchema.safeParse(config).success).toBe(false);
  });

  test('with API keys needs a store, and every secret must resolve to a strong one', async () => {
    const config = authConfigSchema.parse(full);
    await expect(toResourceServerOptions(config, { resolveSecret })).rejects.toThrow(TypeError);
    await expect(
      toResourceServerOptions(config, { resolveSecret: () => undefined, keyStore: memoryKeyStore() }),
    ).rejects.toMatchObject({
      code: 'ERR_AUTH_SECRET_UNRESOLVED',
    });
    await expect(
      toResourceServerOptions(config, { resolveSecret: () => 'changeme', keyStore: memoryKeyStore() }),
    ).rejects.toThrow(TypeError);
  });

  test('gives the peppers to the command line, from hex and base64 alike', async () => {
    const config = authConfigSchema.parse(full).apiKeys!;
    const fromHex = await toPepperRing(config, resolveSecret);
    const fromBase64 = await toPepperRing(config, () => Buffer.from(secrets['PEPPER']!, 'hex').toString('base64'));
    expect(fromBase64).toEqual(fromHex);
  });

  test('is published as JSON Schema', () => {
    expect(z.toJSONSchema(authConfigSchema)).toMatchObject({ type: 'object', additionalProperties: false });
  });
});

test('schema and options do not drift apart', () => {
  type Server = NonNullable<AuthConfig['authorizationServers']>[number];
  type Named<T> = Exclude<keyof T, symbol>;
  expectTypeOf<Named<NonNullable<AuthConfig['limits']>>>().toEqualTypeOf<keyof LimitOptions>();
  expectTypeOf<Named<NonNullable<AuthConfig['scopes']>>>().toEqualTypeOf<keyof ScopeOptions>();
  expectTypeOf<Named<NonNullable<AuthConfig['dpop']>>>().toEqualTypeOf<Exclude<keyof DpopOptions, 'replay'>>();
  expectTypeOf<Named<NonNullable<AuthConfig['failures']>>>().toEqualTypeOf<
    Exclude<keyof FailureLimiterOptions, 'now'>
  >();
  expectTypeOf<Named<Server>>().toEqualTypeOf<Named<IssuerOptions>>();
  expectTypeOf<Named<NonNullable<Server['introspection']>>>().toEqualTypeOf<keyof IntrospectionOptions>();
  expectTypeOf<Named<AuthConfig>>().toEqualTypeOf<
    Exclude<keyof ResourceServerOptions, 'now' | 'fetch' | 'onFailure'>
  >();
});
