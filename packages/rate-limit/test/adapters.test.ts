import { fork } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { Hono, type Context } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { decisionOf as fastifyDecision, fastifyRateLimit } from '../src/http/fastify.ts';
import { decisionOf as honoDecision, honoRateLimit } from '../src/http/hono.ts';
import { idOf, limiterOf, type Kind } from './adapter-setup.ts';

type Call = (path: '/' | '/broken', key: string, body?: unknown) => Promise<Response>;

const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const init = (key: string, body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'x-key': key, 'content-type': 'application/json' },
  body: JSON.stringify(body ?? {}),
});

const overHttp =
  (port: number): Call =>
  (path, key, body) =>
    fetch(`http://127.0.0.1:${port}${path}`, init(key, body));

const adapters: Record<string, (kind: Kind) => Promise<Call>> = {
  Hono: async (kind) => {
    const app = new Hono<{ Variables: { body: unknown } }>();
    app.use(async (c, next) => {
      c.set('body', await c.req.json());
      await next();
    });
    app.use(
      honoRateLimit({
        ...limiterOf(kind),
        subject: (c: Context) => ({ apiKey: c.req.header('x-key') }),
        jsonRpcId: (c) => idOf(c.get('body')),
      }),
    );
    app.post('/broken', (c) => c.body(null, 500));
    app.onError((_error, c) => c.body(null, 500));
    app.post('/', (c) => c.text('served', 200, { 'x-remaining': String(honoDecision(c)?.remaining) }));
    return async (path, key, body) => app.request(path, init(key, body));
  },
  // In a process of its own, with the module resolution that every other program has.
  Express: async (kind) => {
    const child = fork(new URL('express-server.ts', import.meta.url), [kind], {
      execArgv: ['--conditions=@sekisho/source'],
      // Express prints errors unless it is told that this is a test.
      env: { ...process.env, NODE_ENV: 'test' },
    });
    closing.push(() => child.disconnect());
    const { port } = await new Promise<AddressInfo>((resolve, reject) => {
      child.once('message', (address) => resolve(address as AddressInfo));
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    return overHttp(port);
  },
  Fastify: async (kind) => {
    const app = Fastify();
    app.addHook(
      'preHandler',
      fastifyRateLimit({
        ...limiterOf(kind),
        subject: (request: { headers: Record<string, string | string[] | undefined>; body: unknown }) => ({
          apiKey: String(request.headers['x-key']),
        }),
        jsonRpcId: (request) => idOf(request.body),
      }),
    );
    app.post('/broken', async (_request, reply) => reply.code(500).send());
    app.post('/', async (request, reply) => {
      reply.header('x-remaining', String(fastifyDecision(request)?.remaining));
      return 'served';
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    closing.push(() => app.close());
    return overHttp((app.server.address() as AddressInfo).port);
  },
};

describe.each(Object.entries(adapters))('%s', (_name, make) => {
  test('serves within the limit and says how much is left', async () => {
    const call = await make('plain');
    const response = await call('/', 'a');
    expect([response.status, await response.text()]).toEqual([200, 'served']);
    expect(response.headers.get('ratelimit-policy')).toBe('"key";q=2;w=60');
    expect(response.headers.get('ratelimit')).toMatch(/^"key";r=1;t=(?:29|30)$/);
    expect(response.headers.get('x-remaining')).toBe('1');
  });

  test('answers 429 with problem details beyond it, and does not serve', async () => {
    const call = await make('plain');
    for (let i = 0; i < 2; i++) await (await call('/', 'a')).text();
    const response = await call('/', 'a');
    expect(response.status).toBe(429);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(25);
    expect(response.headers.get('ratelimit')).toContain('"key";r=0');
    expect(await response.json()).toMatchObject({ status: 429, 'violated-policies': ['key'] });
    expect(response.headers.has('x-remaining')).toBe(false);
    expect((await call('/', 'b')).status).toBe(200);
  });

  test('answers JSON-RPC in its own terms', async () => {
    const call = await make('plain');
    for (let i = 0; i < 2; i++) await (await call('/', 'a')).text();
    const response = await call('/', 'a', { jsonrpc: '2.0', id: 'x-1', method: 'tools/call' });
    expect(response.status).toBe(429);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({
      jsonrpc: '2.0',
      id: 'x-1',
      error: { code: 429, data: { policy: 'key', retryAfterMs: expect.any(Number) } },
    });
  });

  test('gives back what a server error cost, if asked to', async () => {
    const kind = await make('refund');
    for (let i = 0; i < 5; i++) {
      const response = await kind('/broken', 'a');
      expect(response.status).toBe(500);
      await response.text();
    }
    const strict = await make('plain');
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await strict('/broken', 'a')).status);
    expect(statuses).toEqual([500, 500, 429]);
  });

  test('a limiter that fails ends the request as an error', async () => {
    const call = await make('absurd');
    const response = await call('/', 'a');
    expect([response.status, response.headers.has('x-remaining')]).toEqual([500, false]);
  });
});
