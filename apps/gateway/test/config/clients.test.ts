import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJson5 } from '../../src/config/formats/json5-reader.ts';
import { baseEnv, errorsOf, fixtures, folderOf, load, loadGood, server, spec, warningsOf } from './load-fixture.ts';

const planted = 'planted-value-1234';

describe('a client file loads unchanged', () => {
  test('Claude Desktop', async () => {
    const config = await loadGood(join(fixtures, 'claude-desktop/claude_desktop_config.json'));
    expect(config.servers.map(({ name }) => name)).toEqual(['files', 'weather']);
    expect(spec(config, 'files', 'stdio')).toMatchObject({
      command: 'npx',
      args: ['-y', '@modelcontextprotocol/server-filesystem', '/home/ada/Desktop'],
    });
    expect(spec(config, 'weather', 'stdio').env).toEqual({ ...baseEnv, UNITS: 'metric' });
    expect(errorsOf(config)).toEqual([]);
    expect(warningsOf(config).join()).toContain('"globalShortcut"');
  });

  test('Claude Code, where a server without a type is no reason to skip it', async () => {
    const env = { ...baseEnv, DB_URL: 'postgres://db', API_KEY: planted };
    const config = await loadGood(join(fixtures, 'claude-code/.mcp.json'), { env });
    expect(spec(config, 'database', 'stdio')).toMatchObject({
      command: 'db-server',
      args: ['--dsn', 'postgres://db'],
      timeouts: { callMs: 30_000 },
    });
    expect(spec(config, 'tickets', 'http')).toMatchObject({
      url: 'https://api.example.com/mcp',
      transport: 'streamable-http',
      headers: { Authorization: `Bearer ${planted}` },
    });
    expect(spec(config, 'old', 'http').transport).toBe('sse');
    expect(spec(config, 'untyped', 'http').transport).toBe('auto');
    expect(server(config, 'socket').spec).toBeUndefined();
    expect(errorsOf(config)).toEqual([expect.stringContaining('WebSocket')]);
    expect(warningsOf(config).join()).toMatch(/"oauth".*"headersHelper" names a command/);
  });

  test('VS Code, with its questions, its file of variables and its own sandbox', async () => {
    const env = { ...baseEnv, SEKISHO_INPUT_API_KEY: planted, FROM_ENV: 'yes' };
    const config = await loadGood(join(fixtures, 'vscode/.vscode/mcp.json'), { env });
    const folder = join(fixtures, 'vscode');
    expect(spec(config, 'search', 'stdio')).toMatchObject({
      args: [`${folder}/search.js`, 'vscode', '--home=/home/ada', 'a/b'],
      cwd: folder,
      env: {
        ...baseEnv,
        API_KEY: planted,
        REGION: 'eu',
        FROM_ENV: 'yes',
        FROM_FILE: 'of the file',
        PORT: '8080',
        TOKEN_IN_FILE: 'planted-file-token',
      },
    });
    expect(spec(config, 'search', 'stdio').env).not.toHaveProperty('UNSET');
    expect(spec(config, 'remote', 'http')).toMatchObject({ transport: 'auto', headers: { 'X-Key': planted } });
    expect(spec(config, 'untyped', 'http').transport).toBe('auto');
    expect(errorsOf(config, 'signed')).toEqual([expect.stringContaining('command of VS Code')]);
    expect(errorsOf(config, 'socket')).toEqual([expect.stringContaining('"unix:"')]);
    expect(errorsOf(config, 'pipe')).toEqual([expect.stringContaining('"pipe:"')]);
    expect(spec(config, 'search', 'stdio').launch).toMatchObject({
      profile: { network: { allowedDomains: ['example.com'] } },
    });
  });

  test('GitHub Copilot', async () => {
    const config = await loadGood(join(fixtures, 'copilot/mcp-config.json'));
    expect(spec(config, 'playwright', 'stdio')).not.toHaveProperty('tools');
    expect(spec(config, 'docs', 'http').tools).toEqual({ include: ['search', 'read'] });
  });

  test('Cursor', async () => {
    const config = await loadGood(join(fixtures, 'cursor/.cursor/mcp.json'), {
      env: { ...baseEnv, CURSOR_KEY: planted },
    });
    expect(spec(config, 'local', 'stdio').args).toEqual([join(fixtures, 'cursor/server.py')]);
    expect(spec(config, 'remote', 'http').headers).toEqual({ Authorization: `Bearer ${planted}` });
    expect(spec(config, 'signed-in', 'http').url).toBe('https://signed.example.com/mcp');
    expect(errorsOf(config)).toEqual([]);
  });

  test('Windsurf, where a server that is switched off needs no variables', async () => {
    const config = await loadGood(join(fixtures, 'windsurf/mcp_config.json'));
    expect(spec(config, 'remote', 'http')).toMatchObject({
      url: 'https://remote.example.com/mcp',
      transport: 'auto',
      headers: { 'API-Key': 'planted-file-key' },
      tools: { exclude: ['delete'] },
    });
    expect(spec(config, 'sse', 'http').transport).toBe('auto');
    expect(spec(config, 'off', 'stdio').enabled).toBe(false);
    expect(errorsOf(config)).toEqual([]);
  });

  test('Cline and Roo, whose timeouts are seconds and whose approvals grant nothing', async () => {
    const config = await loadGood(join(fixtures, 'cline/cline_mcp_settings.json'));
    const { launch: _box, ...local } = spec(config, 'local', 'stdio');
    expect(local).toEqual({
      name: 'local',
      kind: 'stdio',
      command: 'node',
      args: ['server.js'],
      env: baseEnv,
      cwd: join(fixtures, 'cline'),
      timeouts: { callMs: 60_000 },
    });
    expect(spec(config, 'roo', 'http')).toMatchObject({
      transport: 'streamable-http',
      timeouts: { callMs: 3_600_000 },
    });
    expect(warningsOf(config).filter((text) => text.includes('grants nothing'))).toHaveLength(2);
  });

  test('Gemini CLI, with $NAME and its own httpUrl', async () => {
    const config = await loadGood(join(fixtures, 'gemini/.gemini/settings.json'), {
      env: { ...baseEnv, GEMINI_TEST_KEY: planted },
    });
    expect(spec(config, 'bare', 'stdio')).toMatchObject({
      args: ['server.py', `--key=${planted}`, planted],
      timeouts: { callMs: 15_000 },
      cwd: join(fixtures, 'gemini'),
    });
    expect(spec(config, 'sse', 'http').transport).toBe('auto');
    expect(spec(config, 'http', 'http')).toMatchObject({
      transport: 'auto',
      headers: { 'X-Key': planted },
      tools: { include: ['safe', 'both'], exclude: ['both'] },
    });
    expect(errorsOf(config)).toEqual([]);
    expect(warningsOf(config).join()).toMatch(/"trust".*grants nothing/);
  });

  test('Codex, with seconds, names of variables and its own header keys', async () => {
    const env = { ...baseEnv, CODEX_NAME: 'named', CODEX_TOKEN: planted, CODEX_ORG: 'org-12345', CODEX_REMOTE: 'x' };
    const config = await loadGood(join(fixtures, 'codex/.codex/config.toml'), { env });
    expect(spec(config, 'context', 'stdio')).toMatchObject({
      command: 'npx',
      env: { ...baseEnv, MODE: 'fast', CODEX_NAME: 'named' },
      timeouts: { startMs: 10_500, callMs: 60_000 },
      tools: { include: ['a', 'b'], exclude: ['b'] },
      cwd: join(fixtures, 'codex'),
    });
    expect(spec(config, 'context', 'stdio').env).not.toHaveProperty('CODEX_REMOTE');
    expect(spec(config, 'context', 'stdio').env).not.toHaveProperty('CODEX_ABSENT');
    expect(spec(config, 'design', 'http').headers).toEqual({
      'X-Region': 'eu',
      'X-Org': 'org-12345',
      Authorization: `Bearer ${planted}`,
    });
    expect(spec(config, 'off.server', 'http').enabled).toBe(false);
    expect(errorsOf(config, 'inline')).toEqual([expect.stringContaining('refused')]);
    expect(errorsOf(config, 'mixed')).toEqual([expect.stringContaining('both "command" and "url"')]);
    expect(errorsOf(config, 'mixed-header')).toEqual([expect.stringContaining('"http_headers"')]);
    expect(warningsOf(config).join()).toContain('Codex ignores "headers"');
    expect(server(config, 'inline').place).toMatchObject({ line: 32, column: 1 });
  });

  test('mcp-hub in JSON5, under both root keys, with a command that is refused', async () => {
    const config = await loadGood(join(fixtures, 'mcp-hub/servers.json5'), { env: { ...baseEnv, HUB_NAME: 'hub' } });
    expect(spec(config, 'local', 'stdio').args).toEqual(['server.js', 'hub']);
    expect(spec(config, 'other', 'http')).toMatchObject({ timeouts: { callMs: 9000 } });
    expect(errorsOf(config)).toEqual([expect.stringContaining('run a command')]);
  });

  test('Hatago, with a file that it extends', async () => {
    const config = await loadGood(join(fixtures, 'hatago/hatago.config.json'));
    expect(spec(config, 'local', 'stdio')).toMatchObject({
      args: ['server.js'],
      timeouts: { startMs: 5000, callMs: 30_000 },
    });
    expect(spec(config, 'base', 'http').enabled).toBe(false);
    expect([...config.files.keys()]).toContain(join(fixtures, 'hatago/base.json'));
  });

  test('1MCP, whose defaults and templates are told to be left out', async () => {
    const config = await loadGood(join(fixtures, 'one-mcp/mcp.json'), { env: { ...baseEnv, ONE_A: '1' } });
    expect(spec(config, 'local', 'stdio')).toMatchObject({
      env: { ...baseEnv, A: '1' },
      tools: { exclude: ['delete'] },
    });
    expect(warningsOf(config).join()).toMatch(/"serverDefaults".*"mcpTemplates".*"inheritParentEnv" is not applied/);
  });

  test('the list form of mcpproxy is refused with the way to bring it in', async () => {
    const result = await load(join(fixtures, 'mcpproxy/mcp_config.json'));
    expect(result).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([
        expect.objectContaining({
          code: 'ERR_CONFIG_SHAPE',
          remedy: expect.stringContaining('sekisho import'),
          place: expect.objectContaining({ line: 3 }),
        }),
      ]),
    });
  });
});

describe('no client key weakens anything', () => {
  test.each(['autoApprove', 'alwaysAllow', 'trust', 'sandboxEnabled'])(
    '%s changes nothing in what is run',
    async (key) => {
      const entry = { command: 'node', args: ['x.js'] };
      const folder = await folderOf({
        'sekisho.jsonc': {
          mcpServers: {
            plain: entry,
            steered: { ...entry, [key]: key === 'sandboxEnabled' ? false : key === 'trust' ? true : ['*'] },
          },
        },
      });
      const config = await loadGood(join(folder, 'sekisho.jsonc'));
      const { name: _plain, ...plain } = spec(config, 'plain', 'stdio');
      const { name: _steered, ...steered } = spec(config, 'steered', 'stdio');
      expect(steered).toEqual(plain);
    },
  );
});

describe('our own key stands beside those of any client', () => {
  const files = [
    'claude-desktop/claude_desktop_config.json',
    'claude-code/.mcp.json',
    'vscode/.vscode/mcp.json',
    'copilot/mcp-config.json',
    'cursor/.cursor/mcp.json',
    'windsurf/mcp_config.json',
    'cline/cline_mcp_settings.json',
    'gemini/.gemini/settings.json',
    'mcp-hub/servers.json5',
    'one-mcp/mcp.json',
  ];

  test.each(files)('%s', async (file) => {
    const value = readJson5(await readFile(join(fixtures, file), 'utf8')).value as Record<
      string,
      Record<string, object>
    >;
    const before = await loadGood(join(fixtures, file));
    for (const root of ['mcpServers', 'servers'])
      for (const entry of Object.values(value[root] ?? {}))
        Object.assign(entry, { 'x-sekisho': { instructions: false } });
    const folder = await folderOf({ [file]: { ...value, 'x-sekisho': { naming: 'none' } } });
    const after = await loadGood(join(folder, file));
    expect(after.servers.map(({ name }) => name)).toEqual(before.servers.map(({ name }) => name));
    expect(after.settings).toEqual({ naming: 'none' });
    for (const { spec: made } of after.servers) if (made !== undefined) expect(made.instructions).toBe(false);
    expect(after.problems.filter(({ code }) => code === 'ERR_CONFIG_SETTING')).toEqual([]);
  });

  test('codex/.codex/config.toml', async () => {
    const text = await readFile(join(fixtures, 'codex/.codex/config.toml'), 'utf8');
    const folder = await folderOf({
      '.codex/config.toml': `${text}\n[mcp_servers.context.x-sekisho]\ninstructions = false\n[x-sekisho]\nnaming = "none"\n`,
      '.codex/bad.toml': `${text}\n[x-sekisho]\nnamming = "none"\n`,
    });
    const config = await loadGood(join(folder, '.codex/config.toml'));
    expect(config.settings).toEqual({ naming: 'none' });
    expect(spec(config, 'context', 'stdio').instructions).toBe(false);
    const bad = await load(join(folder, '.codex/bad.toml'));
    expect(bad).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([
        expect.objectContaining({
          remedy: 'Did you mean "naming"?',
          place: expect.objectContaining({ line: text.split('\n').length + 2 }),
        }),
      ]),
    });
  });
});
