'use strict';
// A server over standard input and output, of 2025-11-25 and without any dependency, that ends whenever it is asked to.
const { createInterface } = require('node:readline');

const text = (value) => ({ content: [{ type: 'text', text: value }] });
const tools = {
  ok: () => text('ok'),
  person: () => text('Ada Lovelace, ada.lovelace@acme-corp.com, card 4111 1111 1111 1111'),
  wipe: () => text('wiped'),
  crash: () => process.exit(3),
};
const answers = {
  initialize: () => ({
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'crashing', version: '1' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })) }),
  'tools/call': ({ name }) => tools[name](),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const body = answer ? { result: answer(params) } : { error: { code: -32601, message: 'Method not found' } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...body })}\n`);
});
