import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';

/** A plain server of the official SDK. It knows nothing of how its callers are found out. */
export const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: 'protected', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Says who is calling' }, () => ({
    content: [{ type: 'text', text: authInfo?.clientId ?? 'nobody' }],
  }));
  return server;
});
