import type { ResourceServer } from '@sekisho/auth';
import { honoAuth } from '@sekisho/auth/hono';
import type { SdkAuthInfo } from '@sekisho/auth/sdk';
import { Hono } from 'hono';
import { handler } from './mcp-server.ts';

export function protectHono(gate: ResourceServer): Hono<{ Variables: { authInfo: SdkAuthInfo } }> {
  const app = new Hono<{ Variables: { authInfo: SdkAuthInfo } }>();
  // On every path, because it answers the metadata document and preflights too.
  app.use(honoAuth(gate));
  app.all('/mcp', (context) => handler.fetch(context.req.raw, { authInfo: context.get('authInfo') }));
  return app;
}
