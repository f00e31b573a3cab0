import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Message = {
  readonly id?: number | string;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly code: number };
};

/** A server of 2025-11-25 whose one tool asks the client something, and answers with what it was told. */
export async function startAskingServer(
  question: { readonly method: string; readonly params: object } | string,
): Promise<{ readonly url: string; readonly told: readonly string[]; close(): Promise<void> }> {
  const told: string[] = [];
  let answered: ((answer: Message) => void) | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 204 : 405).end();
      const message = JSON.parse(Buffer.concat(chunks).toString()) as Message;
      const json = (result: object): void =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'one' })
          .end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
      switch (message.method) {
        case 'initialize':
          return json({
            protocolVersion: '2025-11-25',
            capabilities: { tools: {} },
            serverInfo: { name: 'asks', version: '1' },
          });
        case 'tools/list':
          return json({ tools: [{ name: 'ask', inputSchema: { type: 'object' } }] });
        case 'tools/call': {
          const text =
            typeof question === 'string' ? question : JSON.stringify({ jsonrpc: '2.0', id: 99, ...question });
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(`data: ${text}\n\n`);
          answered = (answer) => {
            const heard = JSON.stringify(answer.error ?? answer.result);
            told.push(heard);
            const result = { content: [{ type: 'text', text: `told ${heard}` }] };
            response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result })}\n\n`);
          };
          return undefined;
        }
        case undefined:
          response.writeHead(202).end();
          return answered?.(message);
        default:
          if (message.id === undefined) return void response.writeHead(202).end();
          return void response
            .writeHead(400, { 'content-type': 'application/json' })
            .end(
              JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'Method not found' } }),
            );
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    told,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
