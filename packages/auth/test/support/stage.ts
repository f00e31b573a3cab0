import {
  allowLoopbackHttp,
  createResourceServer,
  type ResourceServer,
  type ResourceServerOptions,
} from '../../src/index.ts';
import { createApiKeyVerifier, memoryKeyStore, type KeyAdministration } from '../../src/keys/index.ts';
import { makeKey, signToken, startIssuer, type LocalIssuer, type TestKey } from './local-issuer.ts';

export const RESOURCE = 'https://gw.example/mcp';
export const METADATA = 'https://gw.example/.well-known/oauth-protected-resource/mcp';

/** An issuer, its keys, a clock and a resource server: what every attack needs. */
export interface Stage {
  readonly issuer: LocalIssuer;
  readonly key: TestKey;
  readonly clock: { ms: number };
  readonly keys: KeyAdministration;
  claims(changes?: Record<string, unknown>): Record<string, unknown>;
  token(changes?: Record<string, unknown>, header?: Record<string, unknown>, key?: TestKey): string;
  server(options?: Partial<ResourceServerOptions>): ResourceServer;
  close(): Promise<void>;
}

export const pepper = Buffer.from('f3b1c97a5e204d8897ab16c05d42fe71b0a9c3d8e7645f1203948bd6ac51e07f', 'hex');

export async function createStage(): Promise<Stage> {
  const key = makeKey('ES256', 'k1');
  const issuer = await startIssuer([key]);
  const clock = { ms: Date.parse('2026-11-23T12:00:00Z') };
  const now = (): number => clock.ms;
  const keys: KeyAdministration = {
    store: memoryKeyStore(),
    peppers: { current: 'p1', secrets: { p1: pepper } },
    now,
  };
  const claims: Stage['claims'] = (changes = {}) => {
    const seconds = Math.floor(clock.ms / 1000);
    return {
      iss: issuer.issuer,
      sub: 'alice',
      aud: RESOURCE,
      client_id: 'client-1',
      iat: seconds,
      exp: seconds + 3600,
      jti: `jti-${Math.random()}`,
      scope: 'mcp:read',
      ...changes,
    };
  };
  return {
    issuer,
    key,
    clock,
    keys,
    claims,
    token: (changes, header = {}, signer = key) => signToken(signer, { typ: 'at+jwt', ...header }, claims(changes)),
    server: (options = {}) =>
      createResourceServer({
        resource: RESOURCE,
        authorizationServers: [{ issuer: issuer.issuer, [allowLoopbackHttp]: true }],
        apiKeys: createApiKeyVerifier({ store: keys.store, peppers: keys.peppers, now }),
        scopes: { baseline: ['mcp:read'], implies: { 'mcp:admin': ['mcp:read', 'mcp:call'] } },
        now,
        ...options,
      }),
    close: () => issuer.close(),
  };
}
