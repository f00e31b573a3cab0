import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startConformanceHttp, type ConformanceHttp } from '../fixtures/servers/conformance/http.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

/** The tools of the conformance fixture that ask, and what stands in their answers when they were answered. */
const ASKING: Readonly<Record<string, string>> = {
  test_input_required_result_elicitation: 'Hello, Ada!',
  test_input_required_result_sampling: 'Paris',
  test_input_required_result_list_roots: 'file:///home',
  test_input_required_result_request_state: 'state-ok',
  test_input_required_result_multiple_inputs: 'Ada',
  test_input_required_result_multi_round: 'Ada likes blue',
  test_input_required_result_capabilities: 'Answered',
  test_missing_capability: 'sampled',
  test_elicitation: 'User response',
  test_sampling: 'LLM response',
};

describe('the client of SDK v1, which knows nothing of 2026-07-28, with a modern server', () => {
  let server: ConformanceHttp;
  let gate: TestGateway;
  let client: Client;
  let wire = '';
  beforeAll(async () => {
    server = await startConformanceHttp({ era: 'modern' });
    gate = await startTestGateway({
      upstreams: [{ name: 'fixture', kind: 'http', url: server.url, transport: 'auto', headers: {} }],
      naming: 'none',
    });
    client = new Client({ name: 'v1', version: '1' }, { capabilities: { elicitation: {}, sampling: {}, roots: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({
      action: 'accept',
      content: { name: 'Ada', color: 'blue', ok: true, username: 'ada', email: 'ada@x.test' },
    }));
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      role: 'assistant',
      content: { type: 'text', text: 'Paris' },
      model: 'm',
    }));
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///home' }] }));
    const listening: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      // A stream that is given up has told what it told.
      response
        .clone()
        .text()
        .then(
          (text) => (wire += text),
          () => undefined,
        );
      return response;
    };
    await client.connect(new StreamableHTTPClientTransport(new URL(gate.url), { fetch: listening }));
  });
  afterAll(async () => {
    await client.close();
    await gate.close();
    await server.close();
  });

  it.each(Object.entries(ASKING))('%s', async (name, said) => {
    const result = await client.callTool({ name, arguments: { message: 'm', prompt: 'p' } });
    expect(JSON.stringify(result)).toContain(said);
    expect(wire).not.toMatch(/input_required|requestState|inputRequests|resultType/);
  });

  it('a prompt that asks', async () => {
    const prompt = await client.getPrompt({ name: 'test_input_required_result_prompt' });
    expect(prompt.messages).not.toHaveLength(0);
  });
});
