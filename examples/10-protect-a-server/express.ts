import { toNodeHandler } from '@modelcontextprotocol/node';
import type { ResourceServer } from '@sekisho/auth';
import { expressAuth } from '@sekisho/auth/express';
import express, { type Express } from 'express';
import { handler } from './mcp-server.ts';

export function protectExpress(gate: ResourceServer): Express {
  const app = express();
  app.use(expressAuth(gate));
  app.all('/mcp', toNodeHandler(handler));
  return app;
}
