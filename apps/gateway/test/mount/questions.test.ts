import { expect, onTestFinished, test } from 'vitest';
import { startAskingServer } from '../support/asking-server.ts';
import { openHouse } from '../support/house.ts';
import { legacyAsk, openSession, send } from '../support/mcp-client.ts';

const who = { authorization: 'a' };

/** Calls the one tool of a server that asks `question`, as a client of 2025-11-25 that answers whatever it is asked. */
async function callAsking(
  question: Parameters<typeof startAskingServer>[0],
  methods: string[],
  when?: string,
): Promise<{ readonly asked: string[]; readonly text: string }> {
  const server = await startAskingServer(question);
  onTestFinished(() => server.close());
  const rules = [
    { id: 'tools', effect: 'allow' as const, roles: ['*'], tools: ['*'] },
    { id: 'asks', effect: 'allow' as const, roles: ['*'], methods, ...(when === undefined ? {} : { when }) },
  ];
  const house = await openHouse({ s: server.url }, { roles: {}, rules }, { a: Object.freeze({ id: 'a' }) });
  onTestFinished(() => house.close());
  const { headers } = await openSession(house.port, who, { elicitation: {}, roots: {}, sampling: {} });
  const asked: string[] = [];
  const onText = (chunk: string): void => {
    for (const [, data] of chunk.matchAll(/^data: (\{.*"method".*\})$/gm)) {
      const { id, method } = JSON.parse(data!) as { id?: unknown; method: string };
      asked.push(method);
      void send(house.port, {
        headers,
        body: JSON.stringify({ jsonrpc: '2.0', id, result: { action: 'accept', content: { mine: 'x' } } }),
      });
    }
  };
  const { text } = await legacyAsk(house.port, headers)('tools/call', { name: 's__ask', arguments: {} }, { onText });
  return { asked, text };
}

const elicit = (params: object): { method: string; params: object } => ({
  method: 'elicitation/create',
  params: { message: 'Name?', requestedSchema: { type: 'object', properties: {} }, ...params },
});

test('R-08: what a server asks needs a rule, and its answer goes back to it', async () => {
  const allowed = await callAsking(elicit({}), ['elicitation/create']);
  expect(allowed.asked).toEqual(['elicitation/create']);
  expect(allowed.text).toContain(String.raw`{\"mine\":\"x\"}`);
});

test('R-08: what no rule lets a server ask never reaches the client, and the server hears that nobody can answer', async () => {
  const { asked, text } = await callAsking(elicit({}), ['roots/list']);
  expect(asked).toEqual([]);
  expect(text).toContain('-32601');
});

test('a condition sees what is asked', async () => {
  const when = "!has(args.mode) || args.mode != 'url'";
  const form = await callAsking(elicit({}), ['elicitation/create'], when);
  expect(form.asked).toHaveLength(1);
  const url = await callAsking(elicit({ mode: 'url', url: 'https://evil.example' }), ['elicitation/create'], when);
  expect(url.asked).toEqual([]);
});

test('a question that two readers could read differently is asked as it was decided on, or not at all', async () => {
  for (const second of [
    '"method":"sampling/createMessage"',
    '"Method":"sampling/createMessage"',
    String.raw`"m\u0065thod":"sampling/createMessage"`,
  ]) {
    const text = `{"jsonrpc":"2.0","id":99,"method":"roots/list",${second}}`;
    const { asked, text: all } = await callAsking(text, ['roots/list']);
    expect([second, asked.filter((method) => method !== 'roots/list')]).toEqual([second, []]);
    expect(all.toLowerCase()).not.toContain('sampling');
  }
});
