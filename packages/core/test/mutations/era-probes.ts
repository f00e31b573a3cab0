import type { GatewayOptions, Principal } from '../../src/index.ts';
import { FORM, startAsker } from '../fixtures/servers/asker.ts';
import type { AskerArguments } from '../fixtures/servers/asker.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import type { RawHttp } from '../fixtures/servers/raw/http.ts';
import type { RawServer } from '../fixtures/servers/raw/server.ts';
import { startTaskMaker } from '../fixtures/servers/task-maker.ts';
import { startTestGateway } from '../support/gateway.ts';
import { LegacyClient } from '../support/legacy-client.ts';
import type { LegacyClientOptions } from '../support/legacy-client.ts';
import { ModernClient } from '../support/modern-client.ts';

/** True where the rule behind the probe is kept. Each has a server and a gateway of its own. */
type EraProbe = () => Promise<boolean>;

const ask = { method: 'elicitation/create', params: FORM };
const roots = { method: 'roots/list' };
const byUser: NonNullable<GatewayOptions['authenticate']> = ({ header }): Principal => ({
  id: header('x-user') ?? 'ada',
});

async function within<T>(
  server: RawHttp,
  options: Partial<GatewayOptions>,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const gate = await startTestGateway({
    upstreams: [{ name: 's', kind: 'http', url: server.url, transport: 'streamable-http', headers: {} }],
    authenticate: byUser,
    ...options,
  });
  try {
    return await use(gate.url);
  } finally {
    await gate.close();
    await server.close();
  }
}

/** A legacy client calls the server that asks; what came of it, as JSON, with all that was heard and all that the server saw. */
async function asked(
  args: AskerArguments,
  {
    client = {},
    options = {},
    params = {},
  }: { client?: LegacyClientOptions; options?: Partial<GatewayOptions>; params?: object },
): Promise<{ answer: string; heard: string; seen: string }> {
  const server = await startAsker();
  return within(server, options, async (url) => {
    const one = await LegacyClient.open(url, {
      capabilities: { elicitation: {}, roots: {} },
      answer: ({ method }) =>
        method === 'roots/list'
          ? { result: { roots: [{ uri: 'file:///w' }] } }
          : { result: { action: 'accept', content: { name: 'Ada' } } },
      ...client,
    });
    const answer = await one.request('tools/call', { name: 's__ask', arguments: args, ...params });
    return {
      answer: JSON.stringify(answer),
      heard: one.raw.join('\n'),
      seen: server.requests.map(({ body }) => body).join('\n'),
    };
  });
}

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} }, elicitation: {} };

async function withTask(
  tool: string,
  options: Partial<GatewayOptions>,
  use: (ada: ModernClient, id: string, url: string) => Promise<boolean>,
): Promise<boolean> {
  return within(await startTaskMaker(), options, async (url) => {
    const ada = new ModernClient(url, { capabilities: TASKS });
    const { result } = await ada.request('tools/call', { name: `s__${tool}`, arguments: { seconds: 60, label: 'x' } });
    return use(ada, result!['taskId'] as string, url);
  });
}

const repeating: RawServer = {
  name: 'repeating',
  capabilities: { tools: {}, resources: { subscribe: true } },
  methods: {
    'tools/list': () =>
      '{"tools":[{"name":"t","inputSchema":{"type":"object","properties":{"x":{"type":"string","x-mcp-header":"X"},"n":{"type":"integer","x-mcp-header":"N"}}}}],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
    'resources/list': () =>
      '{"resources":[{"uri":"r://a","name":"a"},{"uri":"r://b","name":"b"}],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
    'resources/templates/list': () =>
      '{"resourceTemplates":[],"resultType":"complete","ttlMs":0,"cacheScope":"public"}',
    'tools/call': (call) => {
      for (let i = 1; i <= 2; i++)
        if (call.meta['progressToken'] !== undefined)
          call.notify('notifications/progress', { progressToken: call.meta['progressToken'], progress: i });
      return '{"content":[{"type":"text","text":"last"}],"resultType":"complete"}';
    },
  },
};
const repeated = (
  options: Partial<GatewayOptions>,
  use: (url: string, server: RawHttp) => Promise<boolean>,
): Promise<boolean> =>
  startRawHttp(repeating, { eras: ['modern'] }).then((server) => within(server, options, (url) => use(url, server)));

export const eraProbes: Readonly<Record<string, EraProbe>> = {
  roundsUndeclared: async () => {
    const { heard } = await asked({ rounds: [{ who: ask }] }, { client: { capabilities: { roots: {} } } });
    return !heard.includes('Who are you?');
  },
  roundsDecidedAgain: async () => {
    let open = true;
    const decide: NonNullable<GatewayOptions['decide']> = (_principal, { kind }) =>
      kind === 'tool' && !open ? { refused: 'denied' } : undefined;
    const client: LegacyClientOptions = {
      answer: () => {
        open = false;
        return { result: { roots: [] } };
      },
    };
    return (await asked({ rounds: [{ where: roots }] }, { client, options: { decide } })).answer.includes('-31403');
  },
  roundsForged: async () => {
    const params = { requestState: '{"round":9,"answers":["forged"]}' };
    return !(await asked({ rounds: [{ where: roots }] }, { params })).answer.includes('forged');
  },
  roundsBounded: async () => {
    const rounds = Array.from({ length: 12 }, () => ({ where: roots }));
    return (await asked({ rounds }, {})).answer.includes('went on asking');
  },
  roundsMalformed: async () => {
    const client = { capabilities: { elicitation: {} }, answer: () => ({ result: { action: 'perhaps' } }) };
    return !(await asked({ rounds: [{ who: ask }] }, { client })).seen.includes('perhaps');
  },
  roundsFiltered: async () => {
    const options = { filters: [{ inbound: (text: string) => text.replaceAll('Ada', '[name]') }] };
    return !(await asked({ rounds: [{ who: ask }] }, { options })).seen.includes('Ada');
  },
  roundsWithdrawn: async () => {
    const client: LegacyClientOptions = {
      answer: ({ method }) => (method === 'roots/list' ? { error: { code: -1, message: 'no' } } : undefined),
    };
    return (await asked({ rounds: [{ who: ask, where: roots }] }, { client })).heard.includes(
      'notifications/cancelled',
    );
  },
  roundsRevision: async () => {
    const client = { revision: '2025-03-26', capabilities: { elicitation: {} } };
    return !(await asked({}, { client })).seen.includes('"elicitation"');
  },
  taskOfAnother: () =>
    withTask('slow_compute', {}, async (_ada, id, url) => {
      const eve = new ModernClient(url, { capabilities: TASKS, headers: { 'x-user': 'eve' } });
      return (await eve.request('tasks/get', { taskId: id })).error?.code === -32602;
    }),
  taskByTool: () => {
    const decide: NonNullable<GatewayOptions['decide']> = (_principal, { kind, names, name }) =>
      kind === 'task' && names === 'tool' && name === 'slow_compute' ? { refused: 'forbidden' } : undefined;
    return withTask(
      'slow_compute',
      { decide },
      async (ada, id) => (await ada.request('tasks/get', { taskId: id })).error?.code === -32602,
    );
  },
  taskQuestionDecided: () => {
    let open = true;
    const decide: NonNullable<GatewayOptions['decide']> = (_principal, { kind }) =>
      kind === 'question' && !open ? { refused: 'forbidden' } : undefined;
    return withTask('confirm_delete', { decide }, async (ada, id) => {
      for (let asks = false; !asks;)
        asks = (await ada.request('tasks/get', { taskId: id })).result?.['inputRequests'] !== undefined;
      open = false;
      return (await ada.request('tasks/get', { taskId: id })).error?.code === -31403;
    });
  },
  taskUndeclared: () => {
    // The server refuses it as well, so what counts is that nothing was decided: the request did not come so far.
    let decided = 0;
    const decide: NonNullable<GatewayOptions['decide']> = (_principal, { method }) => {
      if (method === 'tasks/get') decided += 1;
      return undefined;
    };
    return withTask('slow_compute', { decide }, async (_ada, id, url) => {
      const plain = new ModernClient(url);
      const before = decided;
      return (await plain.request('tasks/get', { taskId: id })).error?.code === -32021 && decided === before;
    });
  },
  taskNewsUndeclared: () =>
    withTask('slow_compute', {}, async (_ada, id, url) => {
      const plain = new ModernClient(url);
      const controller = new AbortController();
      const got = await Promise.race([
        plain.request('subscriptions/listen', { notifications: { taskIds: [id] } }).then(({ error }) => error?.code),
        plain.listen({ taskIds: [id] }).then(
          (stream) => stream.close(),
          () => -32021,
        ),
      ]);
      controller.abort();
      return got === -32021;
    }),
  headerFiltered: () =>
    repeated({ filters: [{ inbound: (text) => text.replace('secret', 'masked') }] }, async (url, { requests }) => {
      const client = await LegacyClient.open(url);
      await client.request('tools/call', { name: 's__t', arguments: { x: 'secret' } });
      return requests.some(({ headers }) => headers['mcp-param-x'] === 'masked');
    }),
  headerDigits: () =>
    repeated({}, async (url) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'tools/call',
          'mcp-name': 's__t',
          'mcp-param-n': '9007199254740992',
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s__t","arguments":{"n":9007199254740993},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}',
      });
      return response.status === 400;
    }),
  traceShape: () =>
    repeated({}, async (url, { requests }) => {
      const client = await LegacyClient.open(url);
      await client.request('tools/call', { name: 's__t', arguments: {}, _meta: { traceparent: 'not one' } });
      return !requests.some(({ headers }) => headers['traceparent'] !== undefined);
    }),
  listenDecided: () =>
    repeated(
      { decide: (_principal, { name }) => (name === 'r://a' ? { refused: 'forbidden' } : undefined) },
      async (url) => {
        const stream = await new ModernClient(url).listen({
          resourceSubscriptions: ['sekisho://s/r://a', 'sekisho://s/r://b'],
        });
        stream.close();
        return !JSON.stringify(stream.acknowledged).includes('r://a');
      },
    ),
  listenDecidedAgain: () => {
    let open = true;
    const decide: NonNullable<GatewayOptions['decide']> = (_principal, { name }) =>
      name === 'r://a' && !open ? { refused: 'forbidden' } : undefined;
    return repeated({ decide }, async (url, server) => {
      const stream = await new ModernClient(url).listen({
        resourceSubscriptions: ['sekisho://s/r://a', 'sekisho://s/r://b'],
      });
      open = false;
      server.push('notifications/resources/updated', { uri: 'r://a' });
      server.push('notifications/resources/updated', { uri: 'r://b' });
      await stream.until(({ params }) => params?.['uri'] === 'sekisho://s/r://b');
      stream.close();
      return !stream.heard.some(({ params }) => params?.['uri'] === 'sekisho://s/r://a');
    });
  },
  inOrder: () => {
    const waiting: (() => void)[] = [];
    const outbound = (text: string) =>
      new Promise<string>((resolve) => {
        waiting.push(() => resolve(text));
        if (text.includes('"last"')) for (const go of waiting.toReversed()) go();
      });
    return repeated({ filters: [{ outbound }] }, async (url) => {
      const heard: unknown[] = [];
      const headers = { 'mcp-param-x': 'y' };
      const params = { name: 's__t', arguments: { x: 'y' }, _meta: { progressToken: 'p' } };
      await new ModernClient(url, { headers }).request('tools/call', params, (one) =>
        heard.push(one.params?.['progress']),
      );
      return heard.join() === '1,2';
    });
  },
};
