/**
 * What authentication adds to one warm call: `node --conditions=@sekisho/source apps/gateway/bench/auth-cost.ts` prints a section of
 * markdown. First the port as the gateway asks it, then whole calls over HTTP of one gateway that asks nobody and one that does,
 * in turn.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, request, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowLoopbackHttp } from '@sekisho/auth';
import { createGateway, type Credentials, type Gateway } from '@sekisho/core';
import { authSection } from '../src/mount/auth-section.ts';
import { mountAuth } from '../src/mount/auth.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const ASKS = 50_000;
const CALLS = 3_000;
const ROUNDS = 7;

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const listen = async (handler: RequestListener): Promise<{ port: number; close: () => void }> => {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.closeAllConnections() ?? server.close() };
};
const issuer = await listen((asked, response) => {
  const url = `http://127.0.0.1:${issuer.port}`;
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(asked.url === '/jwks' ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/jwks` }));
});
const resource = 'http://127.0.0.1:7300/mcp';
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = Math.floor(Date.now() / 1000);
const claims = {
  iss: `http://127.0.0.1:${issuer.port}`,
  sub: 'ada',
  aud: resource,
  client_id: 'c',
  jti: 'j',
  scope: 'mcp:use',
};
const signed = `${encode({ alg: 'RS256', kid: 'k', typ: 'at+jwt' })}.${encode({ ...claims, iat: seconds, exp: seconds + 3600 })}`;
const token = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;

const folder = await mkdtemp(join(tmpdir(), 'sekisho-auth-cost-'));
const section = authSection.parse({ resource, authorizationServers: [{ issuer: 'https://as.example' }], apiKeys: {} });
const local = { ...section, authorizationServers: [{ issuer: `http://127.0.0.1:${issuer.port}` }] };
const auth = await mountAuth(
  { section: local, listen: {}, servers: [] },
  { stateFolder: folder, now: Date.now, log: quiet, overHttp: true, [allowLoopbackHttp]: true },
);
const bearers = { 'access token (RS256), verified before': token, 'API key, checked before': auth.newLocalKey! };
const credentialsOf = (bearer: string): Credentials => {
  const headers: Readonly<Record<string, string>> = {
    authorization: `Bearer ${bearer}`,
    'content-type': 'application/json',
  };
  const header = (name: string): string | undefined => headers[name];
  return {
    transport: 'http',
    method: 'POST',
    path: '/mcp',
    url: '/mcp',
    header,
    headers: header,
    remoteAddress: '127.0.0.1',
    peerCertificate: undefined,
    body: undefined,
  };
};
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const used = (since?: NodeJS.CpuUsage): NodeJS.CpuUsage => process.cpuUsage(since);
const sum = ({ user, system }: NodeJS.CpuUsage): number => user + system;

const asks = Object.entries(bearers).map(([name, bearer]) => ({
  name,
  credentials: credentialsOf(bearer),
  took: [] as number[],
}));
for (const { credentials } of asks) await auth.ports.authenticate(credentials);
for (let round = 0; round < ROUNDS; round++)
  for (const { credentials, took } of asks) {
    const before = used();
    for (let i = 0; i < ASKS; i++)
      if (auth.ports.authenticate(credentials) instanceof Promise) await auth.ports.authenticate(credentials);
    took.push(sum(used(before)) / ASKS);
  }

const server = await listen((asked, response) => {
  let body = '';
  asked.on('data', (chunk) => (body += String(chunk)));
  asked.on('end', () => {
    const { id, method } = JSON.parse(body) as { id?: number; method: string };
    const results: Record<string, object> = {
      'server/discover': {
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: {} },
        serverInfo: { name: 's', version: '1' },
        resultType: 'complete',
      },
      'tools/list': {
        tools: [{ name: 't', inputSchema: { type: 'object' } }],
        resultType: 'complete',
        ttlMs: 60_000,
        cacheScope: 'private',
      },
      'tools/call': { content: [{ type: 'text', text: 'x' }], resultType: 'complete' },
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? {} }));
  });
});
const gatewayOf = (authenticate?: typeof auth.ports.authenticate): Gateway =>
  createGateway({
    upstreams: [
      {
        kind: 'http',
        transport: 'streamable-http',
        name: 's',
        url: `http://127.0.0.1:${server.port}/mcp`,
        headers: {},
      },
    ],
    ...(authenticate === undefined ? {} : { authenticate }),
  });
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const params = {
  name: 's__t',
  arguments: {},
  _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} },
};
const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
const call = async (port: number, bearer: string): Promise<void> => {
  const sent = request({
    port,
    host: '127.0.0.1',
    path: '/mcp',
    method: 'POST',
    agent,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 's__t',
      authorization: `Bearer ${bearer}`,
    },
  }).end(body);
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
  if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`);
  response.resume();
  await once(response, 'end');
};
const houses = await Promise.all(
  [
    // With the header that nobody reads: what it costs to send is not authentication's.
    { name: 'nobody is asked', bearer: token, gateway: gatewayOf() },
    ...Object.entries(bearers).map(([name, bearer]) => ({ name, bearer, gateway: gatewayOf(auth.ports.authenticate) })),
    // Once more at the end: the difference between the two is what the place in the round does.
    { name: 'nobody is asked, again', bearer: token, gateway: gatewayOf() },
  ].map(async (one) => {
    await one.gateway.ready();
    return {
      ...one,
      at: await listen((asked, response) => one.gateway.listener(asked, response)),
      took: [] as number[],
    };
  }),
);
for (let round = 0; round <= ROUNDS; round++)
  for (const { at, bearer, took } of houses) {
    const before = used();
    for (let i = 0; i < CALLS; i++) await call(at.port, bearer);
    // The first round warms up.
    if (round > 0) took.push(sum(used(before)) / CALLS);
  }

const plain = median(houses[0]!.took);
process.stdout.write(
  [
    '### What authentication adds to a call',
    '',
    `Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, shared with other work. Microseconds of processor; medians of ${ROUNDS} rounds in turn. Whole calls hold client, gateway and server in one process, one after the other.`,
    '',
    '| the port alone | us a call |',
    '|---|---|',
    ...asks.map(({ name, took }) => `| ${name} | ${median(took).toFixed(2)} |`),
    '',
    '| a whole call over HTTP | us a call | more than asking nobody |',
    '|---|---|---|',
    ...houses.map(
      ({ name, took }) => `| ${name} | ${median(took).toFixed(0)} | ${(median(took) - plain).toFixed(1)} |`,
    ),
    '',
    '`node --conditions=@sekisho/source apps/gateway/bench/auth-cost.ts`',
    '',
  ].join('\n'),
);
await Promise.all(houses.map(({ gateway }) => gateway.close()));
auth.close();
await rm(folder, { recursive: true, force: true });
process.exit(0);
