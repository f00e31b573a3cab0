import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fastifyAuth, principalOf } from '../src/adapters/fastify.ts';
import { protectFetch, refusalResponse } from '../src/adapters/fetch.ts';
import { honoAuth } from '../src/adapters/hono.ts';
import { guardNode, toAuthRequest } from '../src/adapters/node.ts';
import { makePrincipal, type AuthEvent, type Principal, type ResourceServer } from '../src/index.ts';
import { toAuthInfo } from '../src/sdk.ts';
import { createStage, RESOURCE, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

type Mount = (gate: ResourceServer, onEvent: (event: AuthEvent) => void) => Promise<RequestListener>;

/** The same application on each framework: it says who is calling and which token the SDK would see. */
const mounts: Record<string, Mount> = {
  'node:http': async (gate, onEvent) => (incoming, response) => {
    void guardNode(gate, incoming, response, { onEvent }).then((principal) => {
      if (principal !== undefined) response.end(JSON.stringify({ key: principal.key }));
    });
  },
  fastify: async (gate, onEvent) => {
    const app = fastify();
    app.addHook('onRequest', fastifyAuth(gate, { onEvent }));
    app.all('/mcp', (incoming) => ({ key: principalOf(incoming).key }));
    await app.ready();
    return (incoming, response) => app.routing(incoming, response);
  },
};

async function serve<T>(listener: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe.each(Object.entries(mounts))('mounted on %s', (_name, mount) => {
  test('the gate lets known callers in, answers the others, and reports each request once', async () => {
    const events: AuthEvent[] = [];
    const listener = await mount(stage.server({ dpop: { mode: 'optional' } }), (event) => events.push(event));
    await serve(listener, async (url) => {
      const send = async (headers: string[], query = '') => {
        const { statusCode, headers: answered, body } = await request(url + query, { method: 'POST', headers });
        return { status: statusCode, challenges: [answered['www-authenticate'] ?? []].flat(), body: await body.text() };
      };
      const authorization = `Bearer ${stage.token()}`;
      const known = await send(['Authorization', authorization]);
      expect([known.status, JSON.parse(known.body)]).toEqual([200, { key: `${stage.issuer.issuer}|alice` }]);
      const missing = await send([]);
      expect([missing.status, missing.challenges.length]).toEqual([401, 2]);
      const doubled = await send(['Authorization', authorization, 'Authorization', 'Bearer x']);
      expect(doubled.status).toBe(400);
      const inQuery = await send(['Authorization', authorization], '?access_token=x');
      expect(inQuery.status).toBe(400);
      expect(events.map((event) => event.type)).toEqual([
        'auth.ok',
        'auth.missing',
        'auth.duplicate_header',
        'auth.token_in_query',
      ]);
    });
  });
});

test('on Hono the gate does the same, and later handlers find principal and authInfo', async () => {
  const events: AuthEvent[] = [];
  const app = new Hono<{ Variables: { principal: Principal; authInfo: object } }>();
  app.use(honoAuth(stage.server(), { onEvent: (event) => events.push(event), remoteAddress: () => '192.0.2.7' }));
  app.post('/mcp', (context) => context.json({ key: context.get('principal').key, authInfo: context.get('authInfo') }));
  const send = (headers: Record<string, string>) => app.request(RESOURCE, { method: 'POST', headers });
  const known = await send({ authorization: `Bearer ${stage.token()}`, origin: 'https://gw.example' });
  expect(known.headers.get('access-control-allow-origin')).toBe('https://gw.example');
  expect(await known.json()).toMatchObject({
    key: `${stage.issuer.issuer}|alice`,
    authInfo: { token: '', clientId: 'client-1', scopes: ['mcp:read'] },
  });
  expect((await send({})).status).toBe(401);
  expect((await app.request('https://gw.example/.well-known/oauth-protected-resource/mcp')).status).toBe(200);
  expect(events.map((event) => event.type)).toEqual(['auth.ok', 'auth.missing']);
});

test('A17: another method is refused as such only after the caller is known', async () => {
  const handler = createMcpHandler(() => new McpServer({ name: 'x', version: '1.0.0' }), { legacy: 'reject' });
  const gate = stage.server();
  const answer = toNodeHandler(handler);
  const listener: RequestListener = (incoming, response) => {
    void guardNode(gate, incoming, response).then((principal) => {
      if (principal !== undefined) void answer(incoming as Parameters<typeof answer>[0], response);
    });
  };
  await serve(listener, async (url) => {
    for (const method of ['GET', 'DELETE', 'PUT'] as const) {
      expect((await fetch(url, { method })).status).toBe(401);
      const known = await fetch(url, { method, headers: { authorization: `Bearer ${stage.token()}` } });
      expect(known.status).toBe(405);
      expect(known.headers.get('allow')).toContain('POST');
    }
  });
});

test('a fetch handler runs for known callers only', async () => {
  let ran = 0;
  const app = protectFetch(stage.server(), (_request, principal) => new Response(`${(ran += 1)} ${principal.subject}`));
  const refused = await app(new Request(RESOURCE, { method: 'POST', body: '{}' }));
  expect([refused.status, ran, refused.headers.get('cache-control')]).toEqual([401, 0, 'no-store']);
  const known = await app(
    new Request(RESOURCE, { method: 'POST', body: '{}', headers: { authorization: `Bearer ${stage.token()}` } }),
  );
  expect(await known.text()).toBe('1 alice');
});

test('on Express the gate does the same, below a path too; an error never reaches the protected handler', async () => {
  const program = join(import.meta.dirname, 'fixtures/express-program.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@sekisho/source', program]);
  expect(JSON.parse(stdout)).toEqual({
    answers: ['urn:sekisho:keys|robot', 401, 400, 400, 500],
    events: ['auth.ok', 'auth.missing', 'auth.duplicate_header', 'auth.token_in_query'],
  });
});

test('on Fastify the fields for web pages are there for plain and hijacked replies alike', async () => {
  const app = fastify();
  app.addHook('onRequest', fastifyAuth(stage.server()));
  app.post('/mcp', () => 'plain');
  app.put('/mcp', (_request, reply) => {
    reply.hijack();
    reply.raw.end('hijacked');
  });
  for (const method of ['POST', 'PUT'] as const) {
    const headers = { authorization: `Bearer ${stage.token()}`, origin: 'https://gw.example' };
    const answer = await app.inject({ method, url: '/mcp', headers });
    expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([200, 'https://gw.example']);
  }
});

test('a Fastify route outside the hook is noticed', () => {
  expect(() => principalOf({ raw: {}, ip: '', originalUrl: '' })).toThrow(TypeError);
});

test('the certificate is read from the socket only when it is asked for', () => {
  let asked = 0;
  const socket = { remoteAddress: '192.0.2.1', getPeerCertificate: () => ({ raw: Buffer.from([(asked += 1)]) }) };
  const view = toAuthRequest({ method: 'POST', url: '/', rawHeaders: ['A', '1', 'a', '2'], socket });
  expect(asked).toBe(0);
  expect(view.peerCertificate).toEqual(Buffer.from([1]));
  expect(typeof view.headers === 'function' && view.headers('a')).toEqual(['1', '2']);
});

test('the SDK is told everything but the token', () => {
  const gate = stage.server();
  const principal = makePrincipal({ kind: 'user', issuer: 'i', subject: 's', scopes: ['a'], expiresAtSeconds: 5 });
  expect(toAuthInfo(principal, gate)).toEqual({
    token: '',
    clientId: 's',
    scopes: ['a'],
    expiresAt: 5,
    resource: new URL(RESOURCE),
    resourceMetadataUrl: gate.metadataUrl,
    extra: { principal },
  });
  const refused = gate.requireScopes(principal, ['b']);
  expect(refusalResponse(refused!.refusal).status).toBe(403);
});
