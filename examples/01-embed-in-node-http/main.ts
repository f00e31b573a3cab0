/** A gateway on a plain `node:http` server: the listener that makes no `Request` and no `Response`. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createGateway } from '@sekisho/core';

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

const server = createServer((request, response) => {
  if (request.url?.startsWith('/mcp')) gateway.listener(request, response);
  else response.writeHead(200).end('the rest of my server\n');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
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
  assert.equal(await (await fetch(url)).text(), 'the rest of my server\n');
} finally {
  await client.close();
  await gateway.close();
  server.closeAllConnections();
  server.close();
}
