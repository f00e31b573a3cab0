import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeProblem } from '../../src/config/problem.ts';
import {
  errorsOf,
  folderOf,
  load,
  loadGood,
  loadObject,
  loadServer,
  server,
  spec,
  warningsOf,
} from './load-fixture.ts';

async function refusal(
  files: Readonly<Record<string, string | object>>,
  file = 'sekisho.jsonc',
): Promise<{ text: string; folder: string }> {
  const folder = await folderOf(files);
  const result = await load(join(folder, file));
  if (result.ok) throw new Error('the file was accepted');
  return {
    text: result.problems
      .filter(({ severity }) => severity === 'error')
      .map(describeProblem)
      .join('\n'),
    folder,
  };
}

describe('a file that cannot be used is refused with its place', () => {
  test.each([
    ['{\n  "mcpServers": {\n    "a": { "command": "x" \n "args": [] }\n  }\n}', ':4:2 error: A "," or "}" is expected'],
    ['', ':1:1 error: The file is empty'],
    ['[]', 'must hold an object'],
    ['{"mcpServer": {}}', 'no "mcpServers" or "servers"'],
    ['{"a": {"command": "x"}}', 'Put the servers inside'],
    ['{"mcp": {"servers": {}}}', 'settings of VS Code'],
    ['{"manifest_version": "0.3", "name": "x"}', 'MCPB'],
    ['{"packages": [], "name": "x"}', 'registry'],
    ['{"mcpServers": 5}', 'must be an object'],
    ['{"mcpServers": {}, "extends": "absent.json"}', 'there is no such file'],
    ['{"mcpServers": {}, "extends": 5}', 'must be a file'],
    ['{"mcpServers": {}, "extends": "https://evil.example.com/x.json"}', 'files of this computer'],
    ['{"mcpServers": {}, "extends": "file:///etc/passwd"}', 'files of this computer'],
    ['{"mcpServers": {}, "mcpServers": {}}', 'stands twice'],
  ])('%j', async (text, expected) => {
    expect((await refusal({ 'sekisho.jsonc': text })).text).toContain(expected);
  });

  test('TOML too, without an excerpt that could show a secret', async () => {
    const { text } = await refusal(
      { 'config.toml': '[mcp_servers.a]\ncommand = "x"\nenv = { T = "planted-secret" \n' },
      'config.toml',
    );
    expect(text).toMatch(/config\.toml:\d+:\d+ error: /);
    expect(text).not.toContain('planted');
  });

  test('bytes that are no text are refused, other encodings with a mark are read', async () => {
    const folder = await folderOf({});
    await writeFile(join(folder, 'bad.json'), Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { mode: 0o600 });
    expect(await load(join(folder, 'bad.json'))).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringContaining('UTF-8') }],
    });
    const text = '{"mcpServers": {"a": {"command": "x"}}}';
    await writeFile(join(folder, 'bom.json'), `\uFEFF${text}`, { mode: 0o600 });
    await writeFile(join(folder, 'utf16.json'), Buffer.from(`\uFEFF${text}`, 'utf16le'), { mode: 0o600 });
    for (const name of ['bom.json', 'utf16.json']) expect((await loadGood(join(folder, name))).servers).toHaveLength(1);
  });

  test('a file that everybody can change is not the operator’s', async () => {
    const folder = await folderOf({ 'a.json': { mcpServers: {} } });
    await chmod(join(folder, 'a.json'), 0o666);
    expect(await load(join(folder, 'a.json'))).toMatchObject({
      ok: false,
      problems: [{ code: 'ERR_CONFIG_PERMISSIONS', remedy: expect.stringContaining('chmod o-w') }],
    });
  });

  test('where the drive keeps no rights, a file is used with a warning', async () => {
    const folder = await folderOf({ 'a.json': { mcpServers: { a: { command: 'x' } } } });
    await chmod(join(folder, 'a.json'), 0o777);
    const config = await loadGood(join(folder, 'a.json'));
    expect(config.problems).toMatchObject([{ severity: 'warning', code: 'WARN_CONFIG_UNPROTECTED' }]);
    expect(server(config, 'a').spec).toBeDefined();
  });

  test('circles of "extends" end', async () => {
    const { text } = await refusal({
      'sekisho.jsonc': { extends: ['b.json'], mcpServers: {} },
      'b.json': { extends: './sekisho.jsonc', mcpServers: {} },
    });
    expect(text).toContain('circle');
  });
});

describe('one broken server does not stop the others', () => {
  test.each([
    [{ command: 'node', url: 'https://x' }, 'both "command" and "url"'],
    [{ url: 'https://x', httpUrl: 'https://y' }, 'both "url" and "httpUrl"'],
    [{}, 'neither "command" nor "url"'],
    ['text', 'must be an object'],
    [null, 'must be an object'],
    [{ command: 5 }, '"command" must be string'],
    [{ command: ['npx', 'x'] }, '"command" must be string'],
    [{ command: 'x', args: 'one two' }, '"args" must be a list of texts'],
    [{ command: 'x', args: [{}] }, 'must be text, a number or true/false'],
    [{ command: 'x', env: { A: [] } }, 'must be text'],
    [{ command: '  ' }, 'is empty'],
    [{ command: 'x', disabled: 'yes' }, '"disabled" must be boolean'],
    [{ command: 'x', type: 'http' }, 'Its type is "http"'],
    [{ url: 'https://x', type: 'stdio' }, 'Its type is "stdio"'],
    [{ url: 'https://x', type: 'htpt' }, 'not a transport'],
    [{ url: 'not a url' }, 'is not a URL'],
    [{ url: 'file:///etc/passwd' }, '"file:"'],
    [{ url: 'ftp://x/y' }, '"ftp:"'],
    [{ url: 'javascript:alert(1)' }, '"javascript:"'],
    [{ url: 'https://x', headers: { 'a b': 'c' } }, 'cannot be the name of a header'],
    [{ url: 'https://x', headers: { Host: 'other' } }, 'set by Sekisho itself'],
    [{ command: 'x', cwd: '/does/not/exist' }, 'does not exist'],
    [{ command: 'x', 'x-sekisho': { naming: 'none' } }, '"naming" is not a setting'],
    [{ command: 'x', 'x-sekisho': { tools: { inclde: [] } } }, '"inclde" is not a setting'],
    [
      { command: 'x', 'x-sekisho': { sandbox: { enforcement: 'perhaps' } } },
      '"x-sekisho.sandbox.enforcement" is not valid',
    ],
    [{ command: 'x', 'x-sekisho': { sandbox: { filesystem: { alowRead: [] } } } }, '"alowRead" is not a setting'],
    [{ command: 'x', 'x-sekisho': { sandbox: { backend: 'none' } } }, 'belong together'],
    [{ command: 'x', 'x-sekisho': { sandbox: { backend: 'none', iUnderstand: 'yes' } } }, 'must be the sentence'],
    [{ command: 'x', 'x-sekisho': { sandbox: { env: { SEKISHO_X: true } } } }, 'belongs to Sekisho itself'],
    [
      { command: 'x', 'x-sekisho': { sandbox: { env: { A: { secret: 'nowhere' } } } } },
      '${secret:nowhere} has no value',
    ],
    [{ command: 'x', sandbox: { filesystem: { allowWrite: 'x' } } }, 'its "sandbox" cannot be applied'],
    [{ command: 'x', 'x-sekisho': 5 }, 'not valid'],
    [{ command: 'x', 'x-sekiso': {} }, 'almost "x-sekisho"'],
  ])('%j', async (entry, expected) => {
    const config = await loadObject({ mcpServers: { bad: entry, good: { command: 'node' } } });
    expect(server(config, 'bad').spec).toBeUndefined();
    expect(server(config, 'good').spec).toBeDefined();
    expect(errorsOf(config, 'bad').join('\n')).toContain(expected);
    expect(errorsOf(config, 'good')).toEqual([]);
  });

  test.each(['https://x.example.com/mcp', 'http://127.0.0.1:9/sse'])('%s is an address', async (url) => {
    expect((await loadServer({ url })).spec).toMatchObject({ kind: 'http', url });
  });

  test.each(['__proto__', 'constructor', 'a b', '日本', 'a/b', '../x', '"', 'x'.repeat(200), '(a)', 'a_'])(
    '%j is a name like any other',
    async (name) => {
      const config = await loadGood(
        join(await folderOf({ 'a.json': `{"mcpServers": {${JSON.stringify(name)}: {"command": "x"}}}` }), 'a.json'),
      );
      expect(config.servers.map((found) => found.name)).toEqual([name]);
      expect(config.servers[0]?.spec?.name).toMatch(/^[A-Za-z0-9](?:[A-Za-z0-9 ._@/+-]{0,62}[A-Za-z0-9])?$/);
    },
  );

  test('an empty name is none', async () => {
    expect(errorsOf(await loadObject({ mcpServers: { '': { command: 'x' } } }))).toEqual([
      expect.stringContaining('needs a name'),
    ]);
  });
});

describe('one name never stands for two servers', () => {
  test('in one object', async () => {
    const folder = await folderOf({
      'a.json': '{"mcpServers": {"a": {"command": "first"},\n "a": {"command": "second"}, "b": {"command": "x"}}}',
    });
    const config = await loadGood(join(folder, 'a.json'));
    expect(config.servers.filter(({ spec: made }) => made !== undefined).map(({ name }) => name)).toEqual(['b']);
    expect(errorsOf(config, 'a')).toEqual([expect.stringContaining('two servers of this name')]);
  });

  test('under both root keys', async () => {
    const config = await loadObject({
      mcpServers: { a: { command: 'first' } },
      servers: { a: { command: 'second' }, c: { command: 'x' } },
    });
    expect(server(config, 'a').spec).toBeUndefined();
    expect(server(config, 'c').spec).toBeDefined();
  });

  test('in a file and one that it extends, whichever way', async () => {
    const folder = await folderOf({
      'sekisho.jsonc': {
        extends: ['one.json', 'two.json'],
        mcpServers: { a: { command: 'x' }, mine: { command: 'x' } },
      },
      'one.json': { mcpServers: { a: { command: 'y' }, b: { command: 'y' } } },
      'two.json': { mcpServers: { b: { command: 'z' }, c: { command: 'z' } } },
    });
    const config = await loadGood(join(folder, 'sekisho.jsonc'));
    expect(
      config.servers
        .filter(({ spec: made }) => made !== undefined)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['c', 'mine']);
    expect(errorsOf(config)).toHaveLength(2);
    expect(config.servers).toHaveLength(4);
  });

  test('a key that stands twice in an entry stops that server', async () => {
    const folder = await folderOf({ 'a.json': '{"mcpServers": {"a": {"command": "first", "command": "second"}}}' });
    expect(errorsOf(await loadGood(join(folder, 'a.json')))).toEqual([
      expect.stringContaining('"command" stands twice'),
    ]);
  });
});

describe('unknown keys', () => {
  test('are kept and told once', async () => {
    const config = await loadObject({
      future: 1,
      mcpServers: { a: { command: 'x', comand: 'y', futureKey: 1 }, b: { command: 'x', futureKey: 2, 'x-other': 1 } },
      'x-free': {},
    });
    expect(errorsOf(config)).toEqual([]);
    expect(warningsOf(config)).toEqual([
      expect.stringContaining('"future"'),
      expect.stringContaining('Did you mean "command"?'),
      expect.stringMatching(/"futureKey" \(in "a", "b"\)/),
    ]);
  });

  test('R-66: inside x-sekisho are an error with the nearest name, and so is what would be unguarded', async () => {
    for (const [settings, expected] of [
      [{ namming: 'none' }, 'Did you mean "naming"?'],
      [{ listen: { prot: 1 } }, 'Did you mean "port"?'],
      [{ sandboks: {} }, 'Did you mean "sandbox"?'],
      [{ vault: {} }, 'has no "vault" yet'],
      [{ auth: {} }, 'there is nothing to check a credential with'],
      [{ auth: { authorizationServers: [] } }, '"x-sekisho.auth.authorizationServers" is not valid'],
      [{ auth: { apiKeys: {}, resource: 'https://a.example/x/' } }, '"resource" option must not end in a slash'],
      [{ auth: { apiKeys: {}, dppo: {} } }, 'Did you mean "dpop"?'],
      [{ auth: { authorizationServers: [{ issuer: 'https://as.example' }] } }, 'say its URL as "resource"'],
      [{ naming: 'suffix' }, '"x-sekisho.naming" is not valid'],
      [{ listen: { host: '0.0.0.0' } }, 'nothing says how they prove who they are'],
      [{ listen: { host: '10.0.0.1' }, auth: { apiKeys: {} } }, 'credentials would cross the network in clear'],
      [{ listen: { host: '' } }, '"x-sekisho.listen.host" is not valid'],
      [{ listen: { port: 70000 } }, '"x-sekisho.listen.port" is not valid'],
      [{ limits: { maxBodyBytes: '4mb' } }, '"x-sekisho.limits.maxBodyBytes" is not valid'],
      [{ limits: { maxBodyByte: 5000 } }, 'Did you mean "maxBodyBytes"?'],
      [{ timeouts: { callMs: 0 } }, '"x-sekisho.timeouts.callMs" is not valid'],
      [{ timeouts: { callMs: '5s' } }, '"x-sekisho.timeouts.callMs" is not valid'],
    ] as const) {
      expect((await refusal({ 'sekisho.jsonc': { mcpServers: {}, 'x-sekisho': settings } })).text).toContain(expected);
    }
    expect((await refusal({ 'sekisho.jsonc': { mcpServers: {}, 'x-sekisyo': {} } })).text).toContain(
      'almost "x-sekisho"',
    );
  });
});

describe('settings', () => {
  test('of a server win over those of its client, and those over the root’s', async () => {
    const config = await loadObject({
      mcpServers: {
        plain: { command: 'x' },
        client: { command: 'x', timeout: 5000 },
        own: {
          command: 'x',
          timeout: 5000,
          includeTools: ['a', 'b'],
          'x-sekisho': {
            timeouts: { callMs: 700 },
            tools: { include: ['b', 'c'], exclude: ['d'] },
            instructions: false,
          },
        },
      },
      'x-sekisho': { naming: 'none', listen: { port: 0 }, timeouts: { callMs: 9000, idleMs: 1 } },
    });
    expect(config.settings).toEqual({ naming: 'none', listen: { port: 0 }, timeouts: { callMs: 9000, idleMs: 1 } });
    expect(spec(config, 'plain', 'stdio').timeouts).toEqual({ callMs: 9000, idleMs: 1 });
    expect(spec(config, 'client', 'stdio').timeouts).toEqual({ callMs: 5000, idleMs: 1 });
    expect(spec(config, 'own', 'stdio')).toMatchObject({
      timeouts: { callMs: 700, idleMs: 1 },
      tools: { include: ['b'], exclude: ['d'] },
      instructions: false,
    });
  });

  test('of the file that extends win over those of the extended', async () => {
    const folder = await folderOf({
      'a.json': { extends: 'b.json', mcpServers: {}, 'x-sekisho': { naming: 'none' } },
      'b.json': { mcpServers: {}, 'x-sekisho': { naming: 'prefix', listen: { port: 1 } } },
    });
    expect((await loadGood(join(folder, 'a.json'))).settings).toEqual({ naming: 'none', listen: { port: 1 } });
  });
});

test('a timeout that cannot be milliseconds is not taken for them', async () => {
  const { spec: made, config } = await loadServer({ command: 'x', timeout: 60 });
  expect(made).not.toHaveProperty('timeouts');
  expect(warningsOf(config)).toEqual([expect.stringContaining('too short')]);
});

test.each([
  [{ deniedMcpServers: [{ serverName: 'a' }] }, ['b', 'c']],
  [{ deniedMcpServers: [{ serverCommand: ['node', 'b.js'] }] }, ['a', 'c']],
  [{ deniedMcpServers: [{ serverUrl: 'https://*.example.com/*' }] }, ['a', 'b']],
  [{ allowedMcpServers: [] }, []],
  [{ allowedMcpServers: [{ serverName: 'a' }, { serverName: 'c' }] }, ['a', 'c']],
  [{ allowedMcpServers: [{ serverName: 'a' }, { serverCommand: ['node', 'b.js'] }] }, ['b']],
  [{ allowedMcpServers: [{ serverName: 'a' }], deniedMcpServers: [{ serverName: 'a' }] }, []],
])('the lists of an administrator hold: %j', async (lists, running) => {
  const config = await loadObject({
    ...lists,
    mcpServers: {
      a: { command: 'node', args: ['a.js'] },
      b: { command: 'node', args: ['b.js'] },
      c: { url: 'https://c.example.com/mcp' },
    },
  });
  expect(config.servers.flatMap(({ name, spec: made }) => (made === undefined ? [] : [name]))).toEqual(running);
});

test('names that the gateway cannot take get one that it can, and no two the same', async () => {
  const names = ['(a)', '[a]', 'a', 'a-', '-a', '日本', '日本語', `${'x'.repeat(70)}1`, `${'x'.repeat(70)}2`];
  const config = await loadObject({ mcpServers: Object.fromEntries(names.map((name) => [name, { command: 'x' }])) });
  expect(new Set(config.servers.map(({ spec: made }) => made?.name)).size).toBe(names.length);
  expect(server(config, 'a').spec?.name).toBe('a');
  expect(warningsOf(config)).toHaveLength(names.length - 1);
});
