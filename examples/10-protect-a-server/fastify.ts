import { toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import type { ResourceServer } from '@sekisho/auth';
import { fastifyAuth } from '@sekisho/auth/fastify';
import { fastify, type FastifyInstance } from 'fastify';
import { handler } from './mcp-server.ts';

export function protectFastify(gate: ResourceServer): FastifyInstance {
  const app = fastify();
  app.addHook('onRequest', fastifyAuth(gate));
  const answer = toNodeHandler(handler);
  app.all('/mcp', async (request, reply) => {
    reply.hijack();
    await answer(request.raw as NodeIncomingMessageLike, reply.raw, request.body);
  });
  return app;
}
