import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openComposed } from '../support/whole.ts';
import { modernAsk, send } from '../support/mcp-client.ts';
import { listResult, result, startRawHttp, textResult, type RawHttp } from '../support/raw-server.ts';

const TEMPLATES = [
  '{{7*7}}',
  '${HOME}',
  '${secret:planted}',
  '{% for x in y %}',
  '<%= 7*7 %>',
  '#{7*7}',
  '$(id)',
  '`id`',
  '%s%n',
];

async function startMirror(
  tools: readonly object[] = [{ name: 'say', inputSchema: { type: 'object' } }],
): Promise<RawHttp> {
  const server = await startRawHttp({
    name: 'mirror',
    capabilities: { tools: {}, prompts: {}, resources: {} },
    methods: {
      'tools/list': ({ era }) => listResult(era, 'tools', tools),
      'tools/call': ({ era, params }) => textResult(era, JSON.stringify(params['arguments'])),
      'prompts/list': ({ era }) => listResult(era, 'prompts', [{ name: 'greet', arguments: [{ name: 'who' }] }]),
      'prompts/get': ({ era, params }) =>
        result(era, {
          messages: [{ role: 'user', content: { type: 'text', text: JSON.stringify(params['arguments']) } }],
        }),
      'resources/list': ({ era }) => listResult(era, 'resources', []),
      'resources/templates/list': ({ era }) =>
        listResult(era, 'resourceTemplates', [
          { name: 'hostile', uriTemplate: `test://${'{a}a'.repeat(2_000)}` },
          { name: 'also', uriTemplate: `test://{+${'x,'.repeat(5_000)}y}${'{/p*}'.repeat(2_000)}` },
        ]),
      'resources/read': () => {
        throw new Error('There is no such resource.');
      },
    },
  });
  onTestFinished(() => server.close());
  return server;
}

const callsAt = ({ requests }: RawHttp): { headers: Record<string, unknown>; params: Record<string, unknown> }[] =>
  (requests as readonly { body: string; headers: Record<string, unknown> }[])
    .filter(({ body }) => body.includes('"tools/call"'))
    .map(({ body, headers }) => ({
      headers,
      params: (JSON.parse(body) as { params: Record<string, unknown> }).params,
    }));

describe('what callers and servers write', () => {
  test('GW-24, SRV-15: words that mean something to templates and shells are words, in both directions', async () => {
    const server = await startMirror();
    const { modern, legacy } = await openComposed({ mcpServers: { mirror: { url: server.url } } });
    for (const ask of [modern, await legacy()]) {
      const args = { template: TEMPLATES.join(' ') };
      const called = await ask('tools/call', { name: 'mirror__say', arguments: args });
      const prompted = await ask('prompts/get', { name: 'mirror__greet', arguments: args });
      for (const { message } of [called, prompted]) {
        const { content, messages } = message.result as {
          content?: { text: string }[];
          messages?: { content: { text: string } }[];
        };
        expect(JSON.parse((content?.[0] ?? messages![0]!.content).text)).toEqual(args);
      }
    }
  });

  test('SRV-15, GW-40: what is expanded stands in the operator’s file; there a command is none either', async () => {
    const server = await startMirror();
    const { modern } = await openComposed(
      { mcpServers: { mirror: { url: server.url, headers: { 'X-One': '${ONE}', 'X-Two': '$(id) `id`' } } } },
      { load: { env: { PATH: '/usr/bin:/bin', ONE: '${TWO}', TWO: 'never' } } },
    );
    await modern('tools/call', { name: 'mirror__say', arguments: {} });
    expect(callsAt(server)[0]!.headers).toMatchObject({ 'x-one': '${TWO}', 'x-two': '$(id) `id`' });
  });

  test('SDK-03: a template made to be slow is matched at once, and others are served meanwhile', async () => {
    const server = await startMirror();
    const { modern } = await openComposed({ mcpServers: { mirror: { url: server.url } } });
    expect((await modern('resources/templates/list')).text).toContain('hostile');
    const startedMs = performance.now();
    const [read, listed] = await Promise.all([
      modern('resources/read', { uri: `sekisho://mirror/test://${'a'.repeat(8_000)}!` }),
      modern('tools/list'),
    ]);
    expect(read.message.error).toBeDefined();
    expect(listed.status).toBe(200);
    // An exponential match would not end in this universe; a machine under load needs some seconds for anything.
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  test('GW-10, SDK-14: arguments that a tool wants as headers cannot leave theirs; the URL of a server is never added to', async () => {
    const seen: { url: string; headers: Record<string, unknown> }[] = [];
    const server = await startMirror([
      {
        name: 'say',
        inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
      },
    ]);
    const proxy = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ url: request.url!, headers: request.headers });
        const { host: _host, 'content-length': _length, ...headers } = request.headers;
        const body = Buffer.concat(chunks);
        fetch(server.url, {
          method: request.method!,
          headers: headers as Record<string, string>,
          ...(body.length > 0 ? { body } : {}),
        })
          .then(async (answer) => {
            const session = answer.headers.get('mcp-session-id');
            response.writeHead(answer.status, {
              'content-type': answer.headers.get('content-type') ?? 'text/plain',
              ...(session === null ? {} : { 'mcp-session-id': session }),
            });
            response.end(await answer.text());
          })
          .catch(() => response.destroy());
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => proxy.close().closeAllConnections());
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp?fixed=1`;
    const { modern } = await openComposed({ mcpServers: { mirror: { url } } });
    const regions = ['eu', '../../admin', '?a=b', '#x', 'x\r\nX-Evil: 1', 'ünï', ' padded ', '=?base64?eA==?='];
    for (const region of regions) {
      const safe = /^[!-~]+(?: [!-~]+)*$/.test(region) && !region.startsWith('=?');
      const header = safe ? region : `=?base64?${Buffer.from(region).toString('base64')}?=`;
      const got = await modern(
        'tools/call',
        { name: 'mirror__say', arguments: { region } },
        { headers: { 'mcp-param-region': header } },
      );
      expect([region, got.status, got.message.error]).toEqual([region, 200, undefined]);
      const { headers } = seen.at(-1)!;
      expect(headers['x-evil']).toBeUndefined();
      expect(headers['mcp-param-region']).toBe(header);
    }
    expect(new Set(seen.map((one) => one.url))).toEqual(new Set(['/mcp?fixed=1']));
  });

  test('CHK-14: headers towards a server are made of the message that goes there', async () => {
    const server = await startMirror();
    const { modern } = await openComposed({ mcpServers: { mirror: { url: server.url } } });
    await modern('tools/call', { name: 'mirror__say', arguments: {} });
    const [{ headers, params }] = callsAt(server) as [ReturnType<typeof callsAt>[number]];
    expect([headers['mcp-name'], headers['mcp-method'], params['name']]).toEqual(['say', 'tools/call', 'say']);
    const lying = await modern(
      'tools/call',
      { name: 'mirror__say', arguments: {} },
      { headers: { 'mcp-name': 'mirror__other' } },
    );
    expect(lying.status).toBe(400);
    expect(callsAt(server)).toHaveLength(1);
  });

  test('CHK-13: what masks content changes no name, no method and no id, though they look alike', async () => {
    const value = 'planted-value-of-a-secret';
    const server = await startMirror([{ name: value, inputSchema: { type: 'object' } }]);
    const { port, who } = await openComposed({
      mcpServers: { mirror: { url: server.url, env: {}, headers: { Authorization: `Bearer ${value}` } } },
      'x-sekisho': { pii: { policy: { rules: [{ labels: ['EMAIL'], action: 'redact' }] } } },
    });
    const name = `mirror__${value}`;
    const got = await modernAsk(port, who)('tools/call', { name, arguments: { mail: 'ada@acme-corp.com' } });
    expect(got.status).toBe(200);
    const [{ headers, params }] = callsAt(server) as [ReturnType<typeof callsAt>[number]];
    expect([headers['mcp-name'], params['name'], params['arguments']]).toEqual([value, value, { mail: '[EMAIL]' }]);
  });
});

describe('what reaches a server of a caller’s headers', () => {
  test('SRV-10, SRV-11: nothing but those of the protocol', async () => {
    const server = await startMirror();
    const { port, who, modern } = await openComposed({
      mcpServers: { mirror: { url: server.url, headers: { 'X-Own': 'operator' } } },
    });
    const hostile = {
      'x-atlassian-jira-url': 'http://169.254.169.254/',
      'x-own': 'caller',
      cookie: 'session=1',
      'x-forwarded-host': 'evil.example',
      'proxy-authorization': 'Basic x',
      'x-api-version': '1',
      'user-agent': 'somebody',
    };
    expect((await modern('tools/call', { name: 'mirror__say', arguments: {} }, { headers: hostile })).status).toBe(200);
    const [{ headers }] = callsAt(server) as [ReturnType<typeof callsAt>[number]];
    expect(headers['x-own']).toBe('operator');
    expect(JSON.stringify(headers)).not.toMatch(/169\.254|evil|session=1|caller|somebody|Basic/);
    expect(JSON.stringify(headers)).not.toContain(who['authorization']!.slice(7));
    expect((await send(port, { method: 'GET', path: '/status', headers: who })).status).toBe(200);
  });
});

describe('what a model can call', () => {
  test('GW-03, GW-38, CHK-06: the tools of the servers and no other; none changes or tells how they are started', async () => {
    const server = await startMirror();
    const { modern, legacy } = await openComposed({ mcpServers: { mirror: { url: server.url } } });
    for (const ask of [modern, await legacy()]) {
      const { tools } = (await ask('tools/list')).message.result as { tools: { name: string }[] };
      expect(tools.map(({ name }) => name)).toEqual(['mirror__say']);
      for (const name of [
        'mcp-add',
        'mcp-exec',
        'mcp-find',
        'code-mode',
        'upstream_servers',
        'sekisho__reload',
        'call_tool',
        'search_tools',
      ])
        expect((await ask('tools/call', { name, arguments: {} })).message.error?.code).toBe(-32602);
      expect((await ask('tools/call', { name: 'mirror__say', arguments: {} })).message.error).toBeUndefined();
    }
  });
});
