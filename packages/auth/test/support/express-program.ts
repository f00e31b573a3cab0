import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { request } from 'undici';
import { expressAuth } from '../../src/adapters/express.ts';
import { createResourceServer, type Principal } from '../../src/index.ts';
import { createApiKeyVerifier, createKey, memoryKeyStore } from '../../src/keys/index.ts';
import { pepper, RESOURCE } from './stage.ts';

// A program of its own: under the conditions that the test runner sets for its workers, Express's own dependencies resolve to modules
// that it cannot call.

const store = memoryKeyStore();
const peppers = { current: 'p', secrets: { p: pepper } };
const { key } = await createKey({ store, peppers }, { principal: 'robot' });
const gate = createResourceServer({ resource: RESOURCE, apiKeys: createApiKeyVerifier({ store, peppers }) });
const events: string[] = [];
const auth = expressAuth(gate, { onEvent: (event) => events.push(event.type) });
const broken = expressAuth({ ...gate, authenticate: () => Promise.reject(new Error('broken')) });

const app = express();
const answer: express.RequestHandler = (incoming, response) => {
  response.json((incoming as { principal?: Principal }).principal?.key ?? 'nobody');
};
app.use('/broken', broken, answer);
app.use('/mcp', auth, answer);
app.use((_error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
  response.status(500).end();
});

const server = createServer(app);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const send = async (path: string, ...headers: string[]): Promise<unknown> => {
  const { statusCode, body } = await request(base + path, { method: 'POST', headers });
  const text = await body.text();
  return statusCode === 200 ? (JSON.parse(text) as unknown) : statusCode;
};
const answers = [
  await send('/mcp', 'X-API-Key', key),
  await send('/mcp'),
  await send('/mcp', 'Authorization', `Bearer ${key}`, 'Authorization', 'Bearer x'),
  await send('/mcp?access_token=x', 'X-API-Key', key),
  await send('/broken', 'X-API-Key', key),
];
console.log(JSON.stringify({ answers, events }));
server.closeAllConnections();
server.close();
