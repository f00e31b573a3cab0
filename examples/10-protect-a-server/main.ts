import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ResourceServer } from '@sekisho/auth';
import { callWhoami } from './call.ts';
import { protectExpress } from './express.ts';
import { protectFastify } from './fastify.ts';
import { createGate } from './gate.ts';
import { protectHono } from './hono.ts';

/** Each framework as a function of the gate that gives what `node:http` calls for a request. */
const frameworks: Record<string, (gate: ResourceServer) => Promise<RequestListener>> = {
  express: async (gate) => protectExpress(gate),
  fastify: async (gate) => {
    const app = protectFastify(gate);
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
};

for (const [name, protect] of Object.entries(frameworks)) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The resource holds the port, so the port comes first and the application after it.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const { gate, key } = await createGate(url);
  server.on('request', await protect(gate));
  await check(name, url, key);
  server.closeAllConnections();
  server.close();
}

// Hono needs no socket: the client's fetch goes straight to the application.
const { gate, key } = await createGate('http://127.0.0.1:3000/mcp');
const app = protectHono(gate);
await check('hono', gate.resource, key, async (input, init) => app.fetch(new Request(input, init)));

async function check(name: string, url: string, key: string, send: typeof fetch = fetch): Promise<void> {
  assert.equal((await send(url, { method: 'POST' })).status, 401);
  assert.match(await callWhoami(url, key, send), /^[0-9A-Za-z]{10}$/);
  console.log(`${name}: 401 without a key; with it, the tool knows the caller`);
}
