/** A gateway inside an Express application. Mount it before any body parser: it reads the bytes itself. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createGateway } from '@sekisho/core';
import express from 'express';

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

const app = express();
// `all` keeps the whole path, which names the endpoint: /mcp for all servers, /mcp/everything for one.
app.all(['/mcp', '/mcp/:server'], (request, response) => gateway.listener(request, response));
app.get('/', (_request, response) => void response.send('the rest of my server'));
const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

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
  server.closeAllConnections();
  server.close();
}
