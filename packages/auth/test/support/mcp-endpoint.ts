import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { refusalAnswer } from '../../src/adapters/answer.ts';
import { guardNode, sendAnswer } from '../../src/adapters/node.ts';
import {
  createResourceServer,
  type AuthEvent,
  type Principal,
  type ResourceServer,
  type ResourceServerOptions,
} from '../../src/index.ts';

export interface McpEndpoint {
  readonly resource: string;
  readonly gate: ResourceServer;
  readonly events: AuthEvent[];
  /** Everything that reached the tools, as the SDK handed it to them. */
  readonly seen: unknown[];
  close(): Promise<void>;
}

/** A server of the official SDK behind our gate: `whoami` for everybody, `write` for the scope `mcp:call`. */
export async function startMcpEndpoint(
  options: (resource: string) => Omit<ResourceServerOptions, 'resource'>,
): Promise<McpEndpoint> {
  const events: AuthEvent[] = [];
  const seen: unknown[] = [];
  const handler = toNodeHandler(
    createMcpHandler(({ authInfo }) => {
      const server = new McpServer({ name: 'protected', version: '1.0.0' });
      seen.push(authInfo);
      const { principal } = (authInfo?.extra ?? {}) as { principal?: Principal };
      server.registerTool('whoami', {}, () => ({ content: [{ type: 'text', text: principal?.key ?? 'nobody' }] }));
      server.registerTool('write', {}, () => ({ content: [{ type: 'text', text: 'written' }] }));
      return server;
    }),
  );
  const listener = createServer((request, response) => {
    void (async () => {
      const principal = await guardNode(gate, request, response, { onEvent: (event) => events.push(event) });
      if (principal === undefined) return;
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const message = body === '' ? undefined : (JSON.parse(body) as { method?: string; params?: { name?: string } });
      const needed = message?.method === 'tools/call' && message.params?.name === 'write' ? ['mcp:call'] : [];
      const refused = gate.requireScopes(principal, needed);
      if (refused === undefined) return handler(request as Parameters<typeof handler>[0], response, message);
      events.push(refused.event);
      return sendAnswer(response, refusalAnswer(refused.refusal));
    })();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const resource = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`;
  const gate = createResourceServer({ resource, ...options(resource) });
  return {
    resource,
    gate,
    events,
    seen,
    close: () =>
      new Promise((resolve) => {
        listener.closeAllConnections();
        listener.close(() => resolve());
      }),
  };
}
