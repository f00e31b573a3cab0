/**
 * A server of the official SDK whose tools are limited by API key: each key thirty units at once, a search costs one and a
 * report ten, and whatever else is asked of the server, lists included, costs one too.
 */
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { createRateLimiter, memoryStore, toFields, toReply, type JsonRpcId } from '@sekisho/rate-limit';

const limiter = createRateLimiter({
  rules: [
    {
      name: 'per-key',
      by: ['apiKey'],
      allow: { kind: 'rate', amount: 30, periodMs: 3_600_000, burst: 30 },
      weights: { report: 10 },
      whenStoreFails: 'local',
    },
  ],
  store: memoryStore(),
});

const mcp = createMcpHandler(() => {
  const server = new McpServer({ name: 'reports', version: '1.0.0' });
  for (const tool of ['search', 'report']) {
    server.registerTool(tool, { inputSchema: z.object({ about: z.string() }) }, ({ about }) => ({
      content: [{ type: 'text', text: `${tool}: ${about}` }],
    }));
  }
  return server;
});

/** Stands for a real check of keys, such as that of `@sekisho/auth`: gives the id of the key, never the key. */
const keyIds = new Map([
  ['Bearer secret-of-alice', 'alice'],
  ['Bearer secret-of-bob', 'bob'],
]);

interface Message {
  readonly id?: JsonRpcId;
  readonly method?: string;
  readonly params?: { readonly name?: string };
}

/** What a web server would call: authenticate, limit, serve. */
async function handle(request: Request): Promise<Response> {
  const apiKey = keyIds.get(request.headers.get('authorization') ?? '');
  if (apiKey === undefined) return new Response(null, { status: 401 });
  if (request.method !== 'POST') return mcp.fetch(request);
  // Limits look at the body: a header beside it could name a cheaper tool.
  const body = (await request.json()) as Message;
  const tool = body.method === 'tools/call' ? body.params?.name : undefined;
  const decision = await limiter.take({ apiKey, tool, ...(body.method !== undefined && { method: body.method }) });
  if (!decision.allowed) {
    const { status, fields, body: text } = toReply(decision, body.id ?? null);
    return new Response(text, { status, headers: fields });
  }
  const response = await mcp.fetch(request, { parsedBody: body });
  for (const [name, value] of Object.entries(toFields(decision))) response.headers.set(name, value);
  return response;
}

let last: Response | undefined;
async function connect(secret: string): Promise<Client> {
  const client = new Client({ name: 'example', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), {
    requestInit: { headers: { authorization: `Bearer ${secret}` } },
    fetch: async (url, init) => (last = await handle(new Request(url, init))),
  });
  await client.connect(transport);
  return client;
}

const alice = await connect('secret-of-alice');
const { tools } = await alice.listTools();
assert.deepEqual(tools.map(({ name }) => name).toSorted(), ['report', 'search']);

let reports = 0;
const denials: unknown[] = [];
for (let tried = 0; tried < 4; tried++) {
  await alice.callTool({ name: 'report', arguments: { about: 'sales' } }).then(
    () => reports++,
    (error: unknown) => denials.push(error),
  );
}
// Connecting and listing took a few units, so the third report does not fit any more.
assert.deepEqual([reports, denials.length], [2, 2]);
assert.equal(last?.status, 429);
assert.ok(Number(last.headers.get('retry-after')) > 60);
assert.match(String(denials[0]), /quota/);
console.log('denied:', String(denials[0]));

// A search still does, and another key is not affected.
const found = await alice.callTool({ name: 'search', arguments: { about: 'sales' } });
assert.deepEqual(found.content, [{ type: 'text', text: 'search: sales' }]);
console.log('left:', last.headers.get('ratelimit'));
const bob = await connect('secret-of-bob');
await bob.callTool({ name: 'report', arguments: { about: 'stock' } });
console.log('another key is served');
await alice.close();
await bob.close();
