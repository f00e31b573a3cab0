/**
 * A gateway inside a Hono application, through the web-standard `fetch(request)`. A `Request` does not say from where it
 * came, so the host names its callers itself: here by a key.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createGateway } from '@sekisho/core';
import { Hono } from 'hono';

const everything = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
const gateway = createGateway({
  upstreams: [
    {
      name: 'everything',
      kind: 'stdio',
      command: process.execPath,
      args: [everything],
      env: { PATH: process.env['PATH'] ?? '' },
    },
  ],
  http: { allowedHosts: ['tools.example'] },
  authenticate: ({ header }) =>
    header('authorization') === 'Bearer my-key' ? { id: 'me' } : { refused: 'unauthenticated' },
});

const app = new Hono();
app.get('/', (context) => context.text('the rest of my server'));
app.all('/mcp', (context) => gateway.fetch(context.req.raw));
app.all('/mcp/:server', (context) => gateway.fetch(context.req.raw));
const url = 'http://tools.example';
const send = async (target: string | URL, init?: RequestInit): Promise<Response> => app.request(String(target), init);

// An official client, as any other MCP client would connect.
const client = new Client({ name: 'example', version: '1.0.0' });
try {
  await gateway.ready();
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
      fetch: send,
      requestInit: { headers: { authorization: 'Bearer my-key' } },
    }),
  );
  const { tools } = await client.listTools();
  assert.ok(tools.some(({ name }) => name === 'everything__echo'));
  const result = await client.callTool({ name: 'everything__echo', arguments: { message: 'hello' } });
  const [block] = result.content as { text: string }[];
  assert.equal(block?.text, 'Echo: hello');
  console.log(`${tools.length} tools; ${block.text}`);
  assert.equal(await (await send(url)).text(), 'the rest of my server');
  assert.equal(
    (
      await send(`${url}/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      })
    ).status,
    401,
  );
} finally {
  await client.close();
  await gateway.close();
}
