import { join, resolve } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { renderScreen } from '../../src/cli/screen.ts';
import type { ServerView } from '../../src/cli/server-view.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { secretsInArguments, passwordsOfUrl } from '../../src/config/secret-words.ts';
import { folderOf, loadGood } from '../config/load-fixture.ts';
import { composed } from '../support/composed.ts';
import { startLeakyServer } from '../support/leaky-server.ts';
import { legacyAsk, modernAsk, openSession, send } from '../support/mcp-client.ts';
import { writtenIn } from '../support/written-in.ts';

/** One secret for each kind of field that can hold one. No rule of any provider knows their form. */
const fields = [
  'envLiteral',
  'envSecret',
  'envVariable',
  'envFile',
  'envConnection',
  'argSecret',
  'argFlag',
  'argNext',
  'argConnection',
  'queryLiteral',
  'querySecret',
  'pathSecret',
  'userInfo',
  'userInfoSecret',
  'headerLiteral',
  'headerBearer',
  'headerSecret',
] as const;
type Field = (typeof fields)[number];
const planted = Object.fromEntries(fields.map((field, at) => [field, `Planted-${field}-0${at}815x`])) as Readonly<
  Record<Field, string>
>;
const formsOf = (value: string): string[] => [
  value,
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
  Buffer.from(value).toString('hex'),
];
/** What stands in a text, also inside a longer text in base64. */
function leaksIn(text: string): string[] {
  const inside = [...text.matchAll(/[A-Za-z0-9+/]{40,}/g)].map(([word]) => Buffer.from(word, 'base64').toString());
  return fields.filter((field) => formsOf(planted[field]).some((form) => [text, ...inside].join('\n').includes(form)));
}

const patiently = { timeout: 30_000, interval: 50 };
const telling = resolve(import.meta.dirname, '../fixtures/processes/telling.ts');
const unboxed = {
  sandbox: { backend: 'none', iUnderstand: 'this server can read, change and send everything that I can' },
};

test.each([
  ['without a section', undefined],
  ['with one that allows everything', { policy: { rules: [{ action: 'allow' }], otherwise: 'allow' } }],
])(
  'R-50: a secret planted in any field of the configuration is in nothing that is written, %s',
  { timeout: 60_000 },
  async (_name, pii) => {
    const say = fields.flatMap((field) => formsOf(planted[field])).join(' and ');
    const server = await startLeakyServer(say);
    onTestFinished(() => server.close());
    const { host } = new URL(server.url);
    const stdio = (...more: string[]): object => ({
      command: process.execPath,
      args: [
        telling,
        '--value',
        '${secret:argSecret}',
        `--token=${planted.argFlag}`,
        '--api-key',
        planted.argNext,
        `postgresql://reader:${planted.argConnection}@db.example/main`,
        ...more,
      ],
      env: {
        API_TOKEN: planted.envLiteral,
        PLAIN: '${secret:envSecret}',
        OTHER: '${PLANTED_TOKEN}',
        DATABASE: `mysql://root:${planted.envConnection}@db.example/main`,
      },
      envFile: '${workspaceFolder}/more.env',
      'x-sekisho': unboxed,
    });
    const folder = await folderOf({
      'sekisho.jsonc': {
        mcpServers: {
          stdio: stdio(),
          dies: stdio('--die'),
          leaky: {
            url: `${server.url}/\${secret:pathSecret}?api_key=${planted.queryLiteral}&q=\${secret:querySecret}`,
            headers: {
              'x-api-key': planted.headerLiteral,
              authorization: `Bearer ${planted.headerBearer}`,
              'x-plain': '${secret:headerSecret}',
            },
          },
          user: { url: `http://me:${planted.userInfo}@${host}/mcp` },
          // Nobody is there: what is said of it is an error with its address.
          nobody: { url: `http://me:\${secret:userInfoSecret}@127.0.0.1:1/mcp?q=\${secret:querySecret}` },
        },
        ...(pii === undefined ? {} : { 'x-sekisho': { pii } }),
      },
      'more.env': `SERVICE_TOKEN=${planted.envFile}\n`,
      'secrets.json': planted,
    });
    const config = await loadGood(join(folder, 'sekisho.jsonc'), {
      env: { ...process.env, PLANTED_TOKEN: planted.envVariable },
      secretsFile: join(folder, 'secrets.json'),
    });
    expect(config.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const gateway = await composed(config);
    const { port, who } = gateway;
    const session = await openSession(port, who);
    expect(leaksIn(session.got.text)).toEqual([]);
    const asks = { modern: modernAsk(port, who), legacy: legacyAsk(port, session.headers) };
    const results: string[] = [];
    for (const ask of Object.values(asks)) {
      for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])
        results.push((await ask(method)).text);
      for (const name of ['stdio__say', 'leaky__say', 'leaky__fail', 'user__say', 'dies__say', 'nobody__say'])
        results.push((await ask('tools/call', { name, arguments: {}, _meta: { progressToken: 'p' } })).text);
      results.push((await ask('tools/call', { name: 'stdio__say', arguments: { fail: true } })).text);
      results.push((await ask('resources/read', { uri: 'sekisho://leaky/note://1' })).text);
      for (const field of fields) {
        const refused = await ask('tools/call', { name: 'leaky__say', arguments: { q: `x ${planted[field]} y` } });
        // Where a section lets secrets pass, those of the configuration are masked instead.
        if (pii === undefined) expect(refused.message.error?.code, field).toBe(-31422);
        results.push(refused.text);
      }
    }
    for (const text of results) expect(leaksIn(text), text).toEqual([]);
    expect(results.join()).toContain('PLAIN');
    // The servers themselves got what they were given, or nothing was searched for at all.
    const { requests } = server as { requests: readonly { readonly headers?: object }[] };
    expect(leaksIn(JSON.stringify(requests.map(({ headers }) => headers)))).toEqual(
      expect.arrayContaining(['headerLiteral', 'headerBearer', 'headerSecret']),
    );
    expect(leaksIn(server.requests.map(({ body }) => body).join('\n'))).toEqual([]);
    const status = await vi.waitFor(async () => {
      const got = await send(port, { method: 'GET', path: '/status', headers: who });
      expect(got.text).toContain('PLAIN');
      return got;
    }, patiently);
    expect(leaksIn(status.text), status.text).toEqual([]);
    const { upstreams } = JSON.parse(status.text) as { upstreams: ServerView[] };
    const screen = renderScreen({
      version: '1',
      program: 'sekisho',
      url: `http://127.0.0.1:${port}/mcp`,
      access: { kind: 'new-key', key: 'k' },
      configFile: config.file,
      servers: upstreams,
      problems: [],
      elapsedMs: 1,
      terminal: createTerminal({}, {}),
    });
    expect(screen).toContain('--token=****');
    expect(leaksIn(screen)).toEqual([]);
    await gateway.composition.close();
    expect(gateway.logged()).not.toBe('');
    expect(leaksIn(gateway.logged())).toEqual([]);
    // The state and the cache.
    const written = await writtenIn(gateway.folder);
    expect(written).toContain('leaky');
    expect(leaksIn(written)).toEqual([]);
  },
);

test('arguments that are no secrets are none', () => {
  const args = ['--max-tokens', '409600', '--key-file', '/etc/some.key', '--token', '--verbose', 'some-words', '-y'];
  expect(secretsInArguments(args)).toEqual([]);
  expect(secretsInArguments(['--private-key', './key.pem', '--password', 'short', 'token=planted-0815'])).toEqual([]);
  expect(passwordsOfUrl('https://example.com/a@b')).toEqual([]);
  expect(passwordsOfUrl('postgres://u:p%40ss-0815@h/d')).toEqual(['p%40ss-0815', 'p@ss-0815']);
});
