import {
  Client,
  ClientCredentialsProvider,
  DpopSession,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
} from '@modelcontextprotocol/client';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allowLoopbackHttp, type ResourceServerOptions } from '../src/index.ts';
import {
  CALLBACK,
  CIMD,
  INTROSPECTOR,
  SERVICE,
  startAuthorizationServer,
  type AuthorizationServer,
} from './support/authorization-server.ts';
import { startMcpEndpoint, type McpEndpoint } from './support/mcp-endpoint.ts';

// The official client and a real authorization server on both sides of the gate; nothing here is ours but the gate.

let as: AuthorizationServer;
let endpoint: McpEndpoint;
const clock = { aheadMs: 0 };
const opened: Client[] = [];

beforeEach(async () => {
  clock.aheadMs = 0;
  as = await startAuthorizationServer();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()));
  await endpoint.close();
  await as.close();
});

const protect = async (options: Partial<ResourceServerOptions> = {}, issuer: object = {}): Promise<void> => {
  endpoint = await startMcpEndpoint(() => ({
    authorizationServers: [{ issuer: as.issuer, [allowLoopbackHttp]: true, ...issuer }],
    scopes: { baseline: ['mcp:read'] },
    now: () => Date.now() + clock.aheadMs,
    ...options,
  }));
};

type Tokens = NonNullable<Awaited<ReturnType<OAuthClientProvider['tokens']>>>;

/** A client as applications write it, with a browser that goes where it is sent. */
class Person implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadata = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' };
  readonly visited: URL[] = [];
  declare clientMetadataUrl?: string;
  declare dpop?: () => DpopSession;
  returned: URL | undefined;
  stored: Tokens | undefined;
  verifier = '';
  information: { client_id: string; issuer?: string } | undefined;
  discovered: OAuthDiscoveryState | undefined;

  constructor(information?: { client_id: string }) {
    this.information = information && { ...information, issuer: as.issuer };
  }
  saveDiscoveryState(state: OAuthDiscoveryState) {
    this.discovered = state;
  }
  discoveryState() {
    return this.discovered;
  }
  clientInformation() {
    return this.information;
  }
  saveClientInformation(information: { client_id: string }) {
    this.information = information;
  }
  tokens() {
    return this.stored;
  }
  saveTokens(tokens: Tokens) {
    this.stored = tokens;
  }
  async redirectToAuthorization(url: URL) {
    this.visited.push(url);
    this.returned = await as.browse(url);
  }
  saveCodeVerifier(verifier: string) {
    this.verifier = verifier;
  }
  codeVerifier() {
    return this.verifier;
  }
}

const connect = async (
  authProvider: OAuthClientProvider,
): Promise<{ client: Client; transport: StreamableHTTPClientTransport }> => {
  const transport = new StreamableHTTPClientTransport(new URL(endpoint.resource), { authProvider });
  const client = new Client({ name: 'test', version: '1.0.0' });
  opened.push(client);
  await client.connect(transport);
  return { client, transport };
};

/** Connects, signs in where asked to, and connects again, as applications do. */
const signIn = async (person: Person): Promise<{ client: Client; transport: StreamableHTTPClientTransport }> => {
  const first = new StreamableHTTPClientTransport(new URL(endpoint.resource), { authProvider: person });
  const client = new Client({ name: 'test', version: '1.0.0' });
  await expect(client.connect(first)).rejects.toThrow(UnauthorizedError);
  await first.finishAuth(person.returned!.searchParams);
  return connect(person);
};

const call = async (client: Client, name: string): Promise<string> => {
  const result = (await client.callTool({ name, arguments: {} })) as { content: { text: string }[] };
  return result.content[0]!.text;
};

describe('the official client against a real authorization server', () => {
  test('finds it through the challenge, signs in with PKCE and resource, and is known by issuer and subject', async () => {
    await protect();
    const person = new Person({ client_id: 'app' });
    const { client } = await signIn(person);
    expect(await call(client, 'whoami')).toBe(`${as.issuer}|alice`);
    const { searchParams } = person.visited[0]!;
    expect(Object.fromEntries(searchParams)).toMatchObject({
      resource: endpoint.resource,
      code_challenge_method: 'S256',
    });
    expect(searchParams.get('scope')?.split(' ')).toContain('mcp:read');
    expect(decodeJwt(person.stored!.access_token)).toMatchObject({ aud: endpoint.resource, iss: as.issuer });
    expect(endpoint.events[0]?.type).toBe('auth.missing');
    expect(endpoint.events.at(-1)).toMatchObject({ type: 'auth.ok', principal: `${as.issuer}|alice` });
    // The token stays at the gate: what tools are handed has none.
    expect(JSON.stringify(endpoint.seen)).not.toContain(person.stored!.access_token);
  });

  test('with a client id metadata document, nothing is registered anywhere', async () => {
    await protect();
    const person = new Person();
    person.clientMetadataUrl = CIMD;
    const { client } = await signIn(person);
    expect(await call(client, 'whoami')).toBe(`${as.issuer}|alice`);
    expect(person.visited[0]!.searchParams.get('client_id')).toBe(CIMD);
  });

  test('steps up when a tool needs another scope', async () => {
    await protect();
    const person = new Person({ client_id: 'app' });
    const { client, transport } = await signIn(person);
    await expect(call(client, 'write')).rejects.toThrow();
    expect(endpoint.events.at(-1)).toMatchObject({ type: 'authz.insufficient_scope' });
    expect(person.visited[1]!.searchParams.get('scope')?.split(' ')).toEqual(
      expect.arrayContaining(['mcp:read', 'mcp:call']),
    );
    await transport.finishAuth(person.returned!.searchParams);
    expect(await call(client, 'write')).toBe('written');
  });

  test('refreshes when its token has expired, without asking the person', async () => {
    await protect();
    const person = new Person({ client_id: 'app' });
    const { client } = await signIn(person);
    const before = person.stored!.access_token;
    as.lifetimeSeconds = 3600;
    clock.aheadMs = 700_000;
    expect(await call(client, 'whoami')).toBe(`${as.issuer}|alice`);
    expect(endpoint.events.map((event) => event.type)).toContain('auth.expired');
    expect(person.stored!.access_token).not.toBe(before);
    expect(person.visited).toHaveLength(1);
    expect(as.grants).toContain('refresh_token');
  });

  test('proves possession of its key, nonce included; the stolen token alone is worth nothing', async () => {
    await protect({ dpop: { mode: 'optional', nonce: true } });
    const person = new Person({ client_id: 'app' });
    const session = await DpopSession.create();
    person.dpop = () => session;
    const { client } = await signIn(person);
    expect(person.stored!.token_type).toBe('DPoP');
    expect(await call(client, 'whoami')).toBe(`${as.issuer}|alice`);
    expect(endpoint.events.map((event) => event.reason)).toContain('dpop_nonce');
    const stolen = await fetch(endpoint.resource, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.stored!.access_token}` },
    });
    expect(stolen.status).toBe(401);
    expect(stolen.headers.get('www-authenticate')).toContain('DPoP algs=');
  });

  test('as a service, without a person', async () => {
    await protect();
    const { client } = await connect(
      new ClientCredentialsProvider({
        clientId: SERVICE.id,
        clientSecret: SERVICE.secret,
        scope: 'mcp:read',
        expectedIssuer: as.issuer,
      }),
    );
    expect(await call(client, 'whoami')).toBe(`${as.issuer}|${SERVICE.id}`);
    expect(endpoint.seen.at(-1)).toMatchObject({ extra: { principal: { kind: 'service' } } });
  });

  test('two people, interleaved, are never mixed up', async () => {
    await protect();
    const alice = await signIn(new Person({ client_id: 'app' }));
    as.account = 'bob';
    const bob = await signIn(new Person({ client_id: 'app' }));
    const calls = Array.from({ length: 20 }, (_, index) => call((index % 2 === 0 ? alice : bob).client, 'whoami'));
    expect(await Promise.all(calls)).toEqual(
      calls.map((_, index) => `${as.issuer}|${index % 2 === 0 ? 'alice' : 'bob'}`),
    );
  });

  test('opaque tokens are asked about; a revoked one is refused when the memory of it ends', async () => {
    as.format = 'opaque';
    await protect({}, { introspection: { clientId: INTROSPECTOR.id, clientSecret: INTROSPECTOR.secret } });
    const person = new Person({ client_id: 'app' });
    const { client } = await signIn(person);
    expect(person.stored!.access_token).not.toContain('.');
    expect(await call(client, 'whoami')).toBe(`${as.issuer}|alice`);
    const token = person.stored!.access_token;
    await fetch(`${as.issuer}/token/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ token, client_id: 'app' }),
    });
    clock.aheadMs = 61_000;
    const refused = await fetch(endpoint.resource, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    expect([refused.status, endpoint.events.at(-1)?.reason]).toEqual([401, 'inactive']);
  });

  test('a token for another resource of the same server is refused', async () => {
    await protect();
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'mcp:read',
      resource: 'https://other.example/mcp',
    });
    const authorization = `Basic ${Buffer.from(`${SERVICE.id}:${SERVICE.secret}`).toString('base64')}`;
    const response = await fetch(`${as.issuer}/token`, { method: 'POST', body, headers: { authorization } });
    const { access_token } = (await response.json()) as { access_token: string };
    const refused = await fetch(endpoint.resource, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect([refused.status, endpoint.events.at(-1)?.type]).toEqual([401, 'auth.wrong_audience']);
  });
});
