import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayOptions, Principal } from '../../src/index.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import type { RawServer } from '../fixtures/servers/raw/server.ts';
import { startTaskMaker } from '../fixtures/servers/task-maker.ts';
import { startTestGateway } from '../support/gateway.ts';
import { ModernClient } from '../support/modern-client.ts';
import type { Answered } from '../support/modern-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} }, elicitation: {} };

async function house(options: Partial<GatewayOptions> = {}) {
  const maker = await startTaskMaker();
  closers.push(() => maker.close());
  const gate = await startTestGateway({
    upstreams: [{ name: 't', kind: 'http', url: maker.url, transport: 'streamable-http', headers: {} }],
    authenticate: ({ header }): Principal => ({ id: header('x-user') ?? 'ada' }),
    ...options,
  });
  closers.push(() => gate.close());
  const client = (user = 'ada', capabilities: object = TASKS): ModernClient =>
    new ModernClient(gate.url, { capabilities, headers: { 'x-user': user } });
  return { maker, gate, client };
}

const make = async (client: ModernClient, tool: string, args: object = {}): Promise<string> => {
  const { result } = await client.request('tools/call', { name: `t__${tool}`, arguments: args });
  expect(result?.['resultType']).toBe('task');
  return result?.['taskId'] as string;
};
const get = (client: ModernClient, taskId: string): Promise<Answered> => client.request('tasks/get', { taskId });
const settled = async (client: ModernClient, taskId: string, status: string): Promise<Answered> => {
  await expect.poll(async () => (await get(client, taskId)).result?.['status']).toBe(status);
  return get(client, taskId);
};

describe('a task', () => {
  it('is known to its client by another id than to its server, always the same one', async () => {
    const { client, maker } = await house();
    const ada = client();
    const id = await make(ada, 'slow_compute', { seconds: 60, label: 'x' });
    const [own] = maker.tasks.keys();
    expect(id).not.toContain(own);
    expect((await get(ada, id)).result).toMatchObject({ taskId: id, status: 'working', resultType: 'complete' });
    const seen = maker.requests.findLast(({ body }) => body.includes('"tasks/get"'))!;
    expect(seen.headers['mcp-name']).toBe(own);
    expect(seen.body).toContain(own);
    expect(seen.body).not.toContain(id);
  });

  it('belongs to who made it: to everybody else it does not exist', async () => {
    const { client, maker } = await house();
    const id = await make(client(), 'slow_compute', { seconds: 60, label: 'x' });
    const before = maker.requests.length;
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      expect((await client('eve').request(method, { taskId: id, inputResponses: {} })).error?.code).toBe(-32602);
      expect((await client('ada').request(method, { taskId: `${id.slice(0, -4)}AAAA` })).error?.code).toBe(-32602);
      const [own] = maker.tasks.keys();
      expect((await client('ada').request(method, { taskId: own })).error?.code).toBe(-32602);
    }
    expect(maker.requests).toHaveLength(before);
    expect((await get(client('ada'), id)).result).toMatchObject({ status: 'working' });
  });

  it('asks its client, who may answer one question after the other', async () => {
    const { client, maker } = await house();
    const ada = client();
    const id = await make(ada, 'multi_input');
    const { result } = await settled(ada, id, 'input_required');
    const requests = result!['inputRequests'] as Record<string, { params: { message: string; _meta: object } }>;
    expect(Object.keys(requests)).toEqual(['one', 'two']);
    expect(requests['one']!.params.message).toBe('The server "t" asks: One?');
    const accept = { action: 'accept', content: { confirm: true } };
    await ada.request('tasks/update', { taskId: id, inputResponses: { one: accept } });
    expect(Object.keys((await get(ada, id)).result!['inputRequests'] as object)).toEqual(['two']);
    await ada.request('tasks/update', { taskId: id, inputResponses: { two: accept } });
    expect((await get(ada, id)).result).toMatchObject({ status: 'completed' });
    expect(maker.tasks.values().next().value!.answers).toEqual({ one: accept, two: accept });
  });

  it('can be cancelled', async () => {
    const { client } = await house();
    const ada = client();
    const id = await make(ada, 'slow_compute', { seconds: 60, label: 'x' });
    expect((await ada.request('tasks/cancel', { taskId: id })).result).toMatchObject({ resultType: 'complete' });
    expect((await get(ada, id)).result).toMatchObject({ status: 'cancelled' });
  });

  it('shows what its tool names under the names of the gateway, and nothing of its server', async () => {
    const { client } = await house();
    const ada = client();
    const id = await make(ada, 'link_job');
    const done = await settled(ada, id, 'completed');
    expect(JSON.stringify(done.result)).toContain('"uri":"sekisho://t/task://made"');
    const slow = await settled(ada, await make(ada, 'slow_compute', { seconds: 0.02, label: 'x' }), 'completed');
    expect(JSON.stringify(slow.result!['result'])).not.toContain('io.modelcontextprotocol');
  });

  it('is decided on by the tool that made it', async () => {
    let mayUse = true;
    const seen: string[] = [];
    const { client, maker } = await house({
      decide: (_principal, { kind, method, name, names }) => {
        if (kind === 'task') seen.push(`${method} ${names} ${name}`);
        return kind === 'task' && !mayUse ? { refused: 'forbidden' } : undefined;
      },
    });
    const ada = client();
    const id = await make(ada, 'slow_compute', { seconds: 60, label: 'x' });
    expect((await get(ada, id)).result).toBeDefined();
    mayUse = false;
    const before = maker.requests.length;
    expect((await get(ada, id)).error).toMatchObject({
      code: -32602,
      message: 'There is nothing of this name for you here. The lists say what there is.',
    });
    expect((await ada.request('tasks/cancel', { taskId: id })).error?.code).toBe(-32602);
    expect(maker.requests).toHaveLength(before);
    expect(seen).toContain('tasks/get tool slow_compute');
  });

  it('its questions and answers pass the filters; one that is asked again is on record once', async () => {
    const questions: string[] = [];
    const { client, maker } = await house({
      filters: [
        { inbound: (text) => text.replaceAll('Ada', '[name]'), outbound: (text) => text.replaceAll('Delete', 'D*') },
      ],
      record: {
        open: () => ({
          intent: () => undefined,
          end: ({ target }) => {
            if (target?.kind === 'question') questions.push(target.method);
            return undefined;
          },
        }),
      },
    });
    const ada = client();
    const id = await make(ada, 'confirm_delete');
    const { result } = await settled(ada, id, 'input_required');
    await get(ada, id);
    expect(JSON.stringify(result)).toContain('D* it?');
    await ada.request('tasks/update', {
      taskId: id,
      inputResponses: { confirm: { action: 'accept', content: { name: 'Ada' } } },
    });
    expect(JSON.stringify(maker.tasks.values().next().value!.answers)).toContain('[name]');
    expect(questions).toEqual(['elicitation/create']);
  });

  it('may not ask what the rules forbid', async () => {
    const { client } = await house({
      decide: (_principal, { kind }) => (kind === 'question' ? { refused: 'forbidden' } : undefined),
    });
    const ada = client();
    const id = await make(ada, 'confirm_delete');
    await expect.poll(async () => (await get(ada, id)).error?.code).toBe(-31403);
  });

  it('is not made for who did not say that it knows tasks', async () => {
    const { client } = await house();
    const plain = client('ada', {});
    const answer = await plain.request('tools/call', { name: 't__confirm_delete', arguments: {} });
    expect(answer.error?.code).toBe(-32603);
    expect((await plain.request('tasks/get', { taskId: 'x' })).error).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
    });
    expect((await plain.request('tools/call', { name: 't__failing_job' })).error?.code).toBe(-32021);
  });
});

describe('news of tasks', () => {
  it('go to who made them, under their ids, tagged and through the ports', async () => {
    const { client, maker } = await house();
    const ada = client();
    const mine = await make(ada, 'confirm_delete');
    const other = await make(client('eve'), 'confirm_delete');
    const stream = await ada.listen({ taskIds: [mine, other, 'nonsense'] });
    closers.push(async () => stream.close());
    expect(stream.acknowledged).toEqual({ taskIds: [mine] });
    await settled(ada, mine, 'input_required');
    await ada.request('tasks/update', { taskId: mine, inputResponses: { confirm: { action: 'accept', content: {} } } });
    await client('eve').request('tasks/cancel', { taskId: other });
    await stream.until(({ params }) => params?.['status'] === 'completed');
    const news = stream.heard.filter(({ method }) => method === 'notifications/tasks');
    expect(new Set(news.map(({ params }) => params!['taskId']))).toEqual(new Set([mine]));
    for (const { params } of news)
      expect(params!['_meta']).toEqual({ 'io.modelcontextprotocol/subscriptionId': stream.id });
    for (const own of maker.tasks.keys()) expect(stream.raw.join('\n')).not.toContain(own);
  });

  it('are shared by those who listen to the same server, and end when nobody does', async () => {
    const { client, maker } = await house();
    const ada = client();
    const id = await make(ada, 'slow_compute', { seconds: 60, label: 'x' });
    const listens = () => maker.requests.filter(({ body }) => body.includes('subscriptions/listen'));
    const first = await ada.listen({ taskIds: [id] });
    const opened = listens().length;
    const second = await ada.listen({ taskIds: [id] });
    expect(listens()).toHaveLength(opened);
    first.close();
    await ada.request('tasks/cancel', { taskId: id });
    await second.until(({ params }) => params?.['status'] === 'cancelled');
    second.close();
  });

  it('are refused to who did not say that it knows tasks', async () => {
    const { client } = await house();
    const plain = client('ada', {});
    expect((await plain.request('subscriptions/listen', { notifications: { taskIds: ['x'] } })).error?.code).toBe(
      -32021,
    );
  });
});

describe('an experimental task of 2025-11-25', () => {
  const tool = (name: string, taskSupport: string) =>
    `{"name":"${name}","inputSchema":{"type":"object"},"execution":{"taskSupport":"${taskSupport}"}}`;
  const older: RawServer = {
    name: 'older',
    capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
    methods: {
      'tools/list': () => `{"tools":[${tool('may', 'optional')},${tool('must', 'required')}]}`,
      'tools/call': ({ params }) =>
        JSON.stringify({ content: [{ type: 'text', text: Object.hasOwn(params, 'task') ? 'a task' : 'a call' }] }),
    },
  };

  it('is not promised, and not made: tools that need one are left out and that is said, others are called', async () => {
    const server = await startRawHttp(older, { eras: ['legacy'] });
    closers.push(() => server.close());
    const gate = await startTestGateway({
      upstreams: [{ name: 'o', kind: 'http', url: server.url, transport: 'streamable-http', headers: {} }],
    });
    closers.push(() => gate.close());
    const ada = new ModernClient(gate.url, { capabilities: TASKS });
    expect(JSON.stringify((await ada.request('server/discover')).result!['capabilities'])).not.toContain('tasks');
    const { tools } = (await ada.request('tools/list')).result as { tools: object[] };
    expect(tools).toEqual([{ name: 'o__may', inputSchema: { type: 'object' } }]);
    expect(JSON.stringify(gate.gateway.status().upstreams[0]!.refused)).toContain('experimental task');
    const { result } = await ada.request('tools/call', { name: 'o__may', task: { ttl: 1 } });
    expect(result).toMatchObject({ resultType: 'complete' });
    expect((await ada.request('tasks/get', { taskId: 'x' })).error?.code).toBe(-32601);
  });
});
