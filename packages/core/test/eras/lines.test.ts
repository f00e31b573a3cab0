import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, it } from 'vitest';
import { startAskingSse } from '../fixtures/servers/asking/serve.ts';
import { stdioConformance } from '../support/fixture-process.ts';
import { startTestGateway } from '../support/gateway.ts';
import type { UpstreamSpec } from '../../src/index.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function connect(url: string, era: 'modern' | 'legacy', name: string): Promise<Client> {
  const client = new Client(
    { name, version: '1.0.0' },
    {
      ...(era === 'modern' ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {}),
      capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} },
    },
  );
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name, color: name } }));
  client.setRequestHandler('sampling/createMessage', () => ({
    role: 'assistant',
    content: { type: 'text', text: name },
    model: 'm',
  }));
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: `file:///${name}` }] }));
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  closers.push(() => client.close());
  return client;
}

const textOf = (result: unknown): string => (result as { content: { text: string }[] }).content[0]?.text ?? '';

/** Lines that do not say to which call a question belongs, and a tool that asks there. */
const lines: readonly (readonly [string, string, () => Promise<UpstreamSpec>, (name: string) => string])[] = [
  [
    'a process',
    's__test_input_required_result_multi_round',
    async () => ({ name: 's', ...stdioConformance('legacy') }),
    (name) => `${name} likes ${name}`,
  ],
  [
    'HTTP+SSE',
    's__three',
    async () => {
      const asking = await startAskingSse();
      closers.push(() => asking.crash());
      return { name: 's', kind: 'http', url: asking.url, transport: 'sse', headers: {} };
    },
    (name) => `three: accept ${name}, {"type":"text","text":"${name}"}, file:///${name}`,
  ],
];

describe.each(lines)('R-09: questions over %s', (_, tool, start, expected) => {
  it.each(['modern', 'legacy'] as const)(
    'reach the %s client they belong to, all at once from the first',
    async (era) => {
      const opened = await startTestGateway({ upstreams: [await start()] });
      closers.push(() => opened.close());
      const names = Array.from({ length: 6 }, (_each, i) => `client${i}`);
      const clients = await Promise.all(names.map((name) => connect(opened.url, era, name)));
      for (let round = 0; round < 2; round++) {
        const said = await Promise.all(clients.map((client) => client.callTool({ name: tool, arguments: {} })));
        expect(said.map(textOf)).toEqual(names.map(expected));
      }
      expect(opened.gateway.status().parkedCalls).toBe(0);
    },
  );
});
