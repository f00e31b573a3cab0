/**
 * A server of the official SDK that shows each caller the tools he may use, and asks the same rules again for every call: a
 * push to `main` needs another role, and a tool that somebody may not use is unknown to him.
 */
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { createPolicy, listItem, type PolicyRequest } from '@sekisho/policy';
import { z } from 'zod';

type Principal = PolicyRequest['principal'];

const policy = createPolicy({
  document: {
    roles: { staff: { groups: ['engineering'] }, release: { groups: ['release'] } },
    rules: [
      { id: 'read', effect: 'allow', roles: ['staff', 'release'], tools: ['search'] },
      { id: 'push', effect: 'allow', roles: ['staff'], tools: ['push'], when: "args.branch != 'main'" },
      { id: 'release', effect: 'allow', roles: ['release'], tools: ['push', 'tag'] },
    ],
  },
});
assert.deepEqual(policy.problems, []);

function serverFor(principal: Principal): McpServer {
  const server = new McpServer({ name: 'git', version: '1.0.0' });
  for (const tool of ['search', 'push', 'tag']) {
    // What is not registered is unknown, whether it exists or not.
    if (!policy.sees({ principal, target: listItem('tools/list', 'git', tool) })) continue;
    server.registerTool(tool, { inputSchema: z.object({ branch: z.string() }) }, (args) => {
      const target = { server: 'git', method: 'tools/call', tool };
      const { effect, ruleId } = policy.decide({ principal, target, arguments: args });
      const text = effect === 'allow' ? `${tool} by rule ${ruleId}` : 'You may not use it like that.';
      return { content: [{ type: 'text', text }], isError: effect === 'deny' };
    });
  }
  return server;
}

/** Stands for a real check of credentials, such as that of `@sekisho/auth`. Frozen, so that what was decided is remembered. */
const principals = new Map<string, Principal>([
  ['Bearer of-ada', Object.freeze({ key: 'issuer|ada', groups: ['engineering'] })],
  ['Bearer of-bea', Object.freeze({ key: 'issuer|bea', groups: ['release'] })],
]);
const handlers = new Map([...principals].map(([token, who]) => [token, createMcpHandler(() => serverFor(who))]));

async function handle(request: Request): Promise<Response> {
  const handler = handlers.get(request.headers.get('authorization') ?? '');
  return handler === undefined ? new Response(null, { status: 401 }) : await handler.fetch(request);
}

async function connect(token: string): Promise<Client> {
  const client = new Client({ name: 'example', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), {
    requestInit: { headers: { authorization: token } },
    fetch: async (url, init) => await handle(new Request(url, init)),
  });
  await client.connect(transport);
  return client;
}
const namesOf = async (client: Client): Promise<string[]> =>
  (await client.listTools()).tools.map(({ name }) => name).toSorted();
const call = async (client: Client, name: string, branch: string): Promise<string> => {
  const { content } = await client.callTool({ name, arguments: { branch } });
  return (content as { text: string }[])[0]!.text;
};

const ada = await connect('Bearer of-ada');
assert.deepEqual(await namesOf(ada), ['push', 'search']);
assert.equal(await call(ada, 'push', 'feature'), 'push by rule push');
assert.equal(await call(ada, 'push', 'main'), 'You may not use it like that.');
await assert.rejects(call(ada, 'tag', 'main'), /tag/);

const bea = await connect('Bearer of-bea');
assert.deepEqual(await namesOf(bea), ['push', 'search', 'tag']);
assert.equal(await call(bea, 'push', 'main'), 'push by rule release');

const target = { server: 'git', method: 'tools/call', tool: 'tag' };
const { wouldAllow } = policy.explain({ principal: principals.get('Bearer of-ada')!, target });
console.log('ada would need:', wouldAllow[0]);
console.log('release sees', (await namesOf(bea)).join(', '));
await ada.close();
await bea.close();
