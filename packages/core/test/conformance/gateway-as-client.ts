// A client whose only way to the suite's server is the gateway: `node gateway-as-client.ts <url>`, as the suite runs it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createGateway } from '../../src/index.ts';

interface Listed {
  readonly name: string;
  readonly inputSchema: {
    readonly properties?: Readonly<Record<string, { readonly type?: unknown }>>;
    readonly required?: readonly string[];
  };
}

const url = process.argv.at(-1)!;
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const isModern = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'] === '2026-07-28';
const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as {
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: Record<string, unknown> }[];
};

const gateway = createGateway({
  upstreams: [{ name: 'suite', kind: 'http', url, transport: 'streamable-http', headers: {} }],
  naming: 'none',
});
const http = createServer((req, res) => gateway.listener(req, res));
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
await gateway.ready();

const client = new Client(
  { name: 'driver', version: '1.0.0' },
  {
    capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
    ...(isModern ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {}),
  },
);
client.setRequestHandler('elicitation/create', () => ({
  action: 'accept',
  content: scenario.includes('defaults') ? {} : { confirmed: true, ok: true },
}));
await client.connect(
  new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`)),
);

const { tools } = (await client.listTools()) as unknown as { readonly tools: readonly Listed[] };
const plain = (schema: { readonly type?: unknown } | undefined): unknown =>
  schema?.type === 'number' || schema?.type === 'integer' ? 2 : schema?.type === 'boolean' ? true : 'text';
const defaultCalls = tools.map(({ name, inputSchema }) => ({
  name,
  arguments: Object.fromEntries(
    Object.keys(inputSchema.properties ?? {}).map((key) => [key, plain(inputSchema.properties?.[key])]),
  ) as Record<string, unknown>,
}));
const focal = tools.find(({ name }) => name.startsWith('json_schema'));
const echo =
  focal && tools.find(({ inputSchema }) => inputSchema.properties && Object.hasOwn(inputSchema.properties, 'schema'));
if (echo) await client.callTool({ name: echo.name, arguments: { schema: focal.inputSchema } });
else {
  // At the same time, so that whatever belongs to one call has the chance to reach another.
  await Promise.allSettled((context.toolCalls ?? defaultCalls).map((call) => client.callTool(call)));
}
for (const { uri } of (await client.listResources().catch(() => ({ resources: [] }))).resources)
  await client.readResource({ uri }).catch(() => undefined);
for (const { name } of (await client.listPrompts().catch(() => ({ prompts: [] }))).prompts)
  await client.getPrompt({ name }).catch(() => undefined);

await client.close();
await gateway.close();
http.closeAllConnections();
http.close();
