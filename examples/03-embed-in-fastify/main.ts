/** A gateway inside a Fastify application. The scope has no body parser, so that the gateway reads the bytes itself. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createGateway } from '@sekisho/core';
import fastify from 'fastify';

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
});

const app = fastify({ forceCloseConnections: true });
app.get('/', () => 'the rest of my server');
await app.register(async (scope) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const path of ['/mcp', '/mcp/:server']) {
    scope.all(path, (request, reply) => {
      reply.hijack();
      gateway.listener(request.raw, reply.raw);
    });
  }
});
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;

// An official client, as any other MCP client would connect.
const client = new Client({ name: 'example', version: '1.0.0' });
try {
  await gateway.ready();
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  const { tools } = await client.listTools();
  assert.ok(tools.some(({ name }) => name === 'everything__echo'));
  const result = await client.callTool({ name: 'everything__echo', arguments: { message: 'hello' } });
  const [block] = result.content as { text: string }[];
  assert.equal(block?.text, 'Echo: hello');
  console.log(`${tools.length} tools; ${block.text}`);
  assert.equal(await (await fetch(url)).text(), 'the rest of my server');
} finally {
  await client.close();
  await gateway.close();
  await app.close();
}
