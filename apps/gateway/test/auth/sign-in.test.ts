import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { AuthEvent } from '@sekisho/auth';
import {
  Client,
  DpopSession,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
} from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { loadObject } from '../config/load-fixture.ts';
import { composed } from '../support/composed.ts';
import { openSession } from '../support/mcp-client.ts';
import { listResult, startRawHttp, textResult } from '../support/raw-server.ts';
import { onLoopback } from './attack-kit.ts';

// The official client and a real authorization server (oidc-provider), and between them the whole gateway.

type AuthorizationServer = {
  readonly issuer: string;
  account: string;
  lifetimeSeconds: number;
  format: 'jwt' | 'opaque';
  readonly grants: string[];
  browse(url: URL): Promise<URL>;
  close(): Promise<void>;
};
const support = new URL('../../../../packages/auth/test/support/authorization-server.ts', import.meta.url);
const { startAuthorizationServer, CALLBACK, CIMD, INTROSPECTOR } = (await import(support.href)) as {
  readonly startAuthorizationServer: () => Promise<AuthorizationServer>;
  readonly CALLBACK: string;
  readonly CIMD: string;
  readonly INTROSPECTOR: { readonly id: string; readonly secret: string };
};

let as: AuthorizationServer;
const clock = { aheadMs: 0 };
const opened: Client[] = [];
beforeEach(async () => {
  clock.aheadMs = 0;
  as = await startAuthorizationServer();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close().catch(() => undefined)));
  await as.close();
});

/** A port that is free now: clients and tokens must name the gateway before it listens. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

const rules = [
  { id: 'read', effect: 'allow', roles: ['*'], tools: ['whoami'] },
  { id: 'write', effect: 'allow', roles: ['*'], tools: ['write'], scopes: ['mcp:call'] },
];

async function gateway(more: object = {}, issuer: object = {}) {
  const upstream = await startRawHttp({
    name: 'tools',
    capabilities: { tools: {} },
    methods: {
      'tools/list': ({ era }) =>
        listResult(
          era,
          'tools',
          ['whoami', 'write'].map((name) => ({ name, inputSchema: { type: 'object' } })),
        ),
      'tools/call': ({ era, params }) => textResult(era, `ran ${String(params['name'])}`),
    },
  });
  onTestFinished(() => upstream.close());
  const port = await freePort();
  const resource = `http://127.0.0.1:${port}/mcp`;
  const config = await loadObject({
    mcpServers: { tools: { url: upstream.url } },
    'x-sekisho': {
      naming: 'none',
      listen: { port },
      policy: { roles: {}, rules },
      auth: {
        resource,
        authorizationServers: [{ issuer: 'https://as.example', ...issuer }],
        apiKeys: {},
        scopes: { baseline: ['mcp:read'] },
        ...more,
      },
    },
  });
  const section = config.settings.auth!;
  // A file names https; the authorization server of the test is on this computer and has none.
  const servers = section.authorizationServers!.map((one) => ({ ...one, issuer: as.issuer }));
  const local = { ...config.settings, auth: { ...section, authorizationServers: servers } };
  const events: AuthEvent[] = [];
  const at = await composed(
    { ...config, settings: local },
    {
      now: () => Date.now() + clock.aheadMs,
      onAuthEvent: (event) => events.push(event),
      [onLoopback]: true,
    },
    port,
  );
  return { ...at, resource, events, upstream };
}
type House = Awaited<ReturnType<typeof gateway>>;

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

type Signed = { readonly client: Client; readonly transport: StreamableHTTPClientTransport };
async function signIn({ resource }: House, person: Person, mode: 'auto' | 'legacy'): Promise<Signed> {
  const fresh = (): Signed => {
    const client = new Client({ name: 'test', version: '1' }, mode === 'auto' ? { versionNegotiation: { mode } } : {});
    opened.push(client);
    return { client, transport: new StreamableHTTPClientTransport(new URL(resource), { authProvider: person }) };
  };
  const first = fresh();
  await expect(first.client.connect(first.transport)).rejects.toThrow(UnauthorizedError);
  await first.transport.finishAuth(person.returned!.searchParams);
  const second = fresh();
  await second.client.connect(second.transport);
  return second;
}
const call = async ({ client }: Signed, name: string): Promise<string> => {
  const result = (await client.callTool({ name, arguments: {} })) as { content: { text: string }[] };
  return result.content[0]!.text;
};

describe.each(['auto', 'legacy'] as const)('the official client, %s, through the gateway', (mode) => {
  test('finds the issuer, signs in with PKCE for exactly this resource, and steps up where a rule wants another scope', async () => {
    const house = await gateway();
    const person = new Person({ client_id: 'app' });
    const signed = await signIn(house, person, mode);
    expect(await call(signed, 'whoami')).toBe('ran whoami');
    expect(Object.fromEntries(person.visited[0]!.searchParams)).toMatchObject({
      resource: house.resource,
      code_challenge_method: 'S256',
    });
    expect(house.events[0]!.type).toBe('auth.missing');
    expect(house.events.at(-1)).toMatchObject({ type: 'auth.ok', principal: `${as.issuer}|alice` });
    await expect(call(signed, 'write')).rejects.toThrow();
    expect(person.visited[1]!.searchParams.get('scope')?.split(' ')).toEqual(expect.arrayContaining(['mcp:call']));
    await signed.transport.finishAuth(person.returned!.searchParams);
    expect(await call(signed, 'write')).toBe('ran write');
    // No token of the caller reached the server behind, nor any log.
    const seen = JSON.stringify(house.upstream.requests) + house.logged();
    expect(seen).not.toContain(person.stored!.access_token);
  });

  test('with a client id metadata document, nothing is registered anywhere', async () => {
    const house = await gateway();
    const person = new Person();
    person.clientMetadataUrl = CIMD;
    const signed = await signIn(house, person, mode);
    expect(await call(signed, 'whoami')).toBe('ran whoami');
    expect(person.visited[0]!.searchParams.get('client_id')).toBe(CIMD);
  });

  test('refreshes when its token has expired, without asking the person', async () => {
    const house = await gateway();
    const person = new Person({ client_id: 'app' });
    const signed = await signIn(house, person, mode);
    const before = person.stored!.access_token;
    as.lifetimeSeconds = 3600;
    clock.aheadMs = 700_000;
    expect(await call(signed, 'whoami')).toBe('ran whoami');
    expect(house.events.map(({ type }) => type)).toContain('auth.expired');
    expect([person.stored!.access_token === before, person.visited.length]).toEqual([false, 1]);
  });

  test('proves possession of its key, nonce included; the stolen token alone is worth nothing', async () => {
    const house = await gateway({ dpop: { mode: 'optional', nonce: true } });
    const person = new Person({ client_id: 'app' });
    const session = await DpopSession.create();
    person.dpop = () => session;
    const signed = await signIn(house, person, mode);
    expect(person.stored!.token_type).toBe('DPoP');
    expect(await call(signed, 'whoami')).toBe('ran whoami');
    expect(house.events.map(({ reason }) => reason)).toContain('dpop_nonce');
    const stolen = await fetch(house.resource, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.stored!.access_token}` },
    });
    expect([stolen.status, stolen.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('DPoP algs='),
    ]);
  });

  test('a token that was revoked at the issuer is refused when the memory of it ends', async () => {
    as.format = 'opaque';
    const house = await gateway(
      {},
      { introspection: { clientId: INTROSPECTOR.id, clientSecret: INTROSPECTOR.secret } },
    );
    const person = new Person({ client_id: 'app' });
    const signed = await signIn(house, person, mode);
    expect(await call(signed, 'whoami')).toBe('ran whoami');
    const token = person.stored!.access_token;
    await fetch(`${as.issuer}/token/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ token, client_id: 'app' }),
    });
    clock.aheadMs = 61_000;
    const refused = await fetch(house.resource, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    expect([refused.status, house.events.at(-1)?.reason]).toEqual([401, 'inactive']);
  });
});

test('R-64: an open stream ends with its token; the session waits for a fresh one of the same person', async () => {
  const house = await gateway();
  const person = new Person({ client_id: 'app' });
  await signIn(house, person, 'legacy');
  const who = { authorization: `Bearer ${person.stored!.access_token}` };
  const session = await openSession(house.port, who);
  const stream = await fetch(house.resource, { headers: { ...session.headers, accept: 'text/event-stream' } });
  expect(stream.status).toBe(200);
  // The end of its text: it is broken off, not finished.
  const over = stream.text().catch(() => 'broken off');
  const before = house.composition.gateway.status().sessions;
  clock.aheadMs = 700_000;
  expect(await over).toBe('broken off');
  expect(house.composition.gateway.status().sessions).toBe(before);
});

test('a reload without an issuer ends what it had let in; keys of callers who stay go on', async () => {
  const house = await gateway();
  const person = new Person({ client_id: 'app' });
  await signIn(house, person, 'legacy');
  const who = { authorization: `Bearer ${person.stored!.access_token}` };
  await openSession(house.port, who);
  const owner = await openSession(house.port, house.who);
  expect(house.composition.gateway.status().sessions).toBeGreaterThan(1);
  await house.composition.reload(
    await loadObject({ mcpServers: {}, 'x-sekisho': { auth: { apiKeys: {}, resource: house.resource } } }),
  );
  expect(house.composition.gateway.status().sessions).toBe(1);
  expect((await fetch(house.resource, { method: 'POST', headers: who })).status).toBe(401);
  expect(
    (await fetch(house.resource, { method: 'GET', headers: { ...owner.headers, accept: 'text/html' } })).status,
  ).toBe(406);
});
