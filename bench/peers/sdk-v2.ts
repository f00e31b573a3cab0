// The official SDK v2 used as a proxy: its modern entry with a low-level Server for each request, and a sessionful
// legacy transport beside it; one Client for each upstream.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  isLegacyRequest,
  Server,
  WebStandardStreamableHTTPServerTransport,
  type CallToolResult,
  type ListToolsResult,
} from '@modelcontextprotocol/server';
import { givenUpstreams, serveMeasured, type PeerUpstream } from './control.ts';

const upstreams = givenUpstreams();
const clients = new Map(
  await Promise.all(upstreams.map(async (upstream) => [upstream.name, await connect(upstream)] as const)),
);
const isSingle = clients.size === 1;
const [only = ''] = clients.keys();

async function connect(upstream: PeerUpstream): Promise<Client> {
  const client = new Client(
    { name: 'sdk-v2-proxy', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' }, listMaxPages: 0 },
  );
  await client.connect(
    upstream.kind === 'http'
      ? new StreamableHTTPClientTransport(new URL(upstream.url))
      : new StdioClientTransport({ command: upstream.command, args: [...upstream.args], stderr: 'ignore' }),
  );
  return client;
}

async function listTools(): Promise<ListToolsResult> {
  const lists = await Promise.all(
    [...clients].map(async ([name, client]) => {
      const { tools } = await client.request({ method: 'tools/list' });
      return isSingle ? tools : tools.map((tool) => ({ ...tool, name: `${name}__${tool.name}` }));
    }),
  );
  return { tools: lists.flat() };
}

async function callTool(params: {
  name: string;
  arguments?: Record<string, unknown> | undefined;
}): Promise<CallToolResult> {
  const [prefix, name] = isSingle ? [only, params.name] : (params.name.split('__') as [string, string]);
  const client = clients.get(prefix);
  if (client === undefined) throw new Error('Unknown tool');
  return client.request({ method: 'tools/call', params: { name, arguments: params.arguments ?? {} } });
}

function createProxy(): Server {
  const server = new Server({ name: 'sdk-v2-proxy', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', listTools);
  server.setRequestHandler('tools/call', ({ params }) => callTool(params));
  return server;
}

const modern = createMcpHandler(createProxy, { legacy: 'reject' });
const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();

async function serveLegacy(request: Request): Promise<Response> {
  const known = sessions.get(request.headers.get('mcp-session-id') ?? '');
  if (known !== undefined) return known.handleRequest(request);
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await createProxy().connect(transport);
  return transport.handleRequest(request);
}

const handle = toNodeHandler({
  async fetch(request) {
    return (await isLegacyRequest(request)) ? serveLegacy(request) : modern.fetch(request);
  },
});

serveMeasured(createServer((req, res) => void handle(req as NodeIncomingMessageLike, res)));
