// The official SDK v1 used as a proxy: a Server for each client session, one Client for each upstream.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  CallToolResultSchema,
  ListToolsRequestSchema,
  ListToolsResultSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { givenUpstreams, serveMeasured, type PeerUpstream } from './control.ts';

const upstreams = givenUpstreams();
const clients = new Map(
  await Promise.all(upstreams.map(async (upstream) => [upstream.name, await connect(upstream)] as const)),
);
const isSingle = clients.size === 1;
const [only = ''] = clients.keys();

async function connect(upstream: PeerUpstream): Promise<Client> {
  const client = new Client({ name: 'sdk-v1-proxy', version: '1.0.0' });
  const transport =
    upstream.kind === 'http'
      ? new StreamableHTTPClientTransport(new URL(upstream.url))
      : new StdioClientTransport({ command: upstream.command, args: [...upstream.args], stderr: 'ignore' });
  await client.connect(transport);
  return client;
}

function createSession(): Server {
  const server = new Server({ name: 'sdk-v1-proxy', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, async () => {
    const lists = await Promise.all(
      [...clients].map(async ([name, client]) => {
        const { tools } = await client.request({ method: 'tools/list' }, ListToolsResultSchema);
        return isSingle ? tools : tools.map((tool) => ({ ...tool, name: `${name}__${tool.name}` }));
      }),
    );
    return { tools: lists.flat() };
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const [prefix, name] = isSingle ? [only, params.name] : (params.name.split('__') as [string, string]);
    const client = clients.get(prefix);
    if (client === undefined) throw new Error('Unknown tool');
    return client.request({ method: 'tools/call', params: { ...params, name } }, CallToolResultSchema);
  });
  return server;
}

const sessions = new Map<string, StreamableHTTPServerTransport>();

async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const known = sessions.get(String(req.headers['mcp-session-id']));
  if (known !== undefined) return known.handleRequest(req, res);
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await createSession().connect(transport);
  return transport.handleRequest(req, res);
}

serveMeasured(createServer((req, res) => void serve(req, res)));
