import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findClientFiles, readClientFile } from '../../src/clients/find.ts';
import { planImport } from '../../src/clients/import.ts';
import { clients, type Surroundings } from '../../src/clients/registry.ts';
import { errorsOf, fixtures, folderOf, load, spec } from '../config/load-fixture.ts';

async function importHome(
  files: Readonly<Record<string, string | object>>,
  cwd = 'work',
): Promise<{ folder: string; text: string; notes: string; names: string[] }> {
  const folder = await folderOf(files);
  const place: Surroundings = { home: join(folder, 'home'), cwd: join(folder, cwd), env: {}, platform: 'linux' };
  const plan = planImport(await findClientFiles(place));
  return { folder, text: plan.text, notes: plan.notes.join('\n'), names: plan.servers.map(({ name }) => name) };
}

describe('where clients keep their files', () => {
  test.each([
    [
      'darwin',
      '/Users/ada',
      {},
      'claude-desktop',
      '/Users/ada/Library/Application Support/Claude/claude_desktop_config.json',
    ],
    ['linux', '/home/ada', {}, 'claude-desktop', '/home/ada/.config/Claude/claude_desktop_config.json'],
    ['linux', '/home/ada', { XDG_CONFIG_HOME: '/conf' }, 'vscode', '/conf/Code/User/mcp.json'],
    [
      'win32',
      'C:\\Users\\ada',
      { APPDATA: 'C:\\Users\\ada\\AppData\\Roaming' },
      'vscode',
      'C:\\Users\\ada\\AppData\\Roaming\\Code\\User\\mcp.json',
    ],
    [
      'win32',
      'C:\\Users\\ada',
      {},
      'claude-desktop',
      'C:\\Users\\ada\\AppData\\Roaming\\Claude\\claude_desktop_config.json',
    ],
    ['win32', 'C:\\Users\\ada', {}, 'cursor', 'C:\\Users\\ada\\.cursor\\mcp.json'],
    [
      'darwin',
      '/Users/ada',
      {},
      'cline',
      '/Users/ada/Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
    ],
    ['linux', '/home/ada', {}, 'cline', '/home/ada/.cline/data/settings/cline_mcp_settings.json'],
    ['linux', '/home/ada', { CLINE_MCP_SETTINGS_PATH: '/x/y.json' }, 'cline', '/x/y.json'],
    ['linux', '/home/ada', {}, 'windsurf', '/home/ada/.codeium/windsurf/mcp_config.json'],
    ['linux', '/home/ada', {}, 'gemini', '/home/ada/.gemini/settings.json'],
    ['linux', '/home/ada', { CODEX_HOME: '/codex' }, 'codex', '/codex/config.toml'],
    ['darwin', '/Users/ada', {}, 'claude-code', '/Users/ada/.claude.json'],
  ] as const)('%s %s %j: %s in %s', (platform, home, env, id, path) => {
    const client = clients.find((candidate) => candidate.id === id)!;
    expect(client.userFiles({ home, cwd: home, env, platform })).toContain(path);
  });
});

describe('bringing servers in', () => {
  test('all clients become one file that loads', async () => {
    const { folder, text, names } = await importHome({
      'home/.config/Claude/claude_desktop_config.json': {
        mcpServers: { files: { command: 'npx', args: ['-y', 'fs'] } },
      },
      'home/.claude.json': {
        numStartups: 5,
        mcpServers: {
          tickets: { type: 'http', url: 'https://t.example.com/mcp', headers: { Authorization: 'Bearer ${TICKETS}' } },
        },
      },
      'home/.cursor/mcp.json':
        '{ // a remark\n "mcpServers": {"files": {"command": "npx", "args": ["-y", "fs"]}, "search": {"url": "https://s.example.com/mcp"},} }',
      'home/.config/Code/User/mcp.json': {
        inputs: [{ type: 'promptString', id: 'k', description: 'Key', password: true }],
        servers: { code: { type: 'http', url: 'https://c.example.com', headers: { 'X-Key': '${input:k}' } } },
      },
      'home/.codeium/windsurf/mcp_config.json': {
        mcpServers: { surf: { serverUrl: 'https://w.example.com/mcp', disabledTools: ['x'], disabled: true } },
      },
      'home/.cline/data/settings/cline_mcp_settings.json': {
        mcpServers: { slow: { command: 'node', timeout: 60, autoApprove: ['a'] } },
      },
      'home/.gemini/settings.json': {
        theme: 'x',
        mcpServers: { gem: { command: 'python', args: ['$GEM_KEY'], trust: true } },
      },
      'home/.codex/config.toml':
        'model = "x"\n[mcp_servers.dex]\nurl = "https://d.example.com/mcp"\nbearer_token_env_var = "DEX"\ntool_timeout_sec = 7\n',
      'work/keep': '',
    });
    expect(names).toEqual(['files', 'tickets', 'search', 'code', 'surf', 'slow', 'gem', 'dex']);
    const again = await folderOf({ 'sekisho.jsonc': text });
    const result = await load(join(again, 'sekisho.jsonc'), {
      env: { PATH: '/bin', TICKETS: 'tickets-1', GEM_KEY: 'gem-key-1', DEX: 'dex-token', SEKISHO_INPUT_K: 'key-12345' },
    });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { config } = result;
    expect(errorsOf(config)).toEqual([]);
    expect(spec(config, 'tickets', 'http')).toMatchObject({
      transport: 'streamable-http',
      headers: { Authorization: 'Bearer tickets-1' },
    });
    expect(spec(config, 'code', 'http')).toMatchObject({ transport: 'auto', headers: { 'X-Key': 'key-12345' } });
    expect(spec(config, 'surf', 'http')).toMatchObject({ enabled: false, tools: { exclude: ['x'] } });
    expect(spec(config, 'slow', 'stdio').timeouts).toEqual({ callMs: 60_000 });
    expect(spec(config, 'gem', 'stdio').args).toEqual(['gem-key-1']);
    expect(spec(config, 'dex', 'http')).toMatchObject({
      headers: { Authorization: 'Bearer dex-token' },
      timeouts: { callMs: 7000 },
    });
    expect(text).toContain(join(folder, 'home/.cursor/mcp.json'));
    for (const value of ['tickets-1', 'autoApprove', 'trust', 'numStartups']) expect(text).not.toContain(value);
  });

  test('a name that means two servers becomes two names', async () => {
    const { names, notes } = await importHome({
      'home/.cursor/mcp.json': { mcpServers: { a: { command: 'x' } } },
      'home/.codeium/windsurf/mcp_config.json': { mcpServers: { a: { command: 'y' } } },
      'home/.codeium/mcp_config.json': { mcpServers: { a: { command: 'z' } } },
    });
    expect(names).toEqual(['a', 'a-windsurf', 'a-windsurf-2']);
    expect(notes).toContain('"a" differs from another server');
  });

  test('one question id that means two questions becomes two', async () => {
    const input = (description: string): object => ({
      inputs: [{ type: 'promptString', id: 'k', description }],
      servers: { [description]: { command: 'x', args: ['${input:k}'] } },
    });
    const { text } = await importHome({
      'home/.config/Code/User/mcp.json': input('one'),
      'work/.vscode/mcp.json': input('two'),
    });
    expect(text).toContain('"${input:k}"');
    expect(text).toContain('"${input:k-vscode}"');
    expect(text).toContain('"id": "k-vscode"');
  });

  test('what was relative to a project stays in that project', async () => {
    const { folder, text, notes } = await importHome({
      'work/.vscode/mcp.json': {
        servers: { p: { command: 'node', args: ['${workspaceFolder}/x.js', 'rel.js'], envFile: '.env' } },
      },
      'home/.cursor/mcp.json': { mcpServers: { u: { command: 'node', args: ['${workspaceFolder}/x.js'] } } },
    });
    const work = join(folder, 'work');
    expect(text).toContain(`"${work}/x.js"`);
    expect(text).toContain(`"envFile": "${work}/.env"`);
    expect(text).toContain(`"cwd": "${work}"`);
    expect(notes).toContain('"u": ${workspaceFolder} meant the project');
  });

  test('secrets that stand openly are pointed out by place, and never shown', async () => {
    const { notes } = await importHome({
      'home/.cursor/mcp.json': {
        mcpServers: {
          a: {
            command: 'x',
            env: { API_KEY: 'planted-1-value', OTHER_TOKEN: '${env:OTHER}', NAME: 'plain' },
            args: ['--api-key=planted-2-value', '--token', 'planted-3-value', '--name', 'x'],
          },
          b: {
            url: 'https://x.example.com/mcp?api_key=planted-4-value',
            headers: { Authorization: 'Bearer planted-5-value', 'X-Name': 'x' },
          },
        },
      },
    });
    for (const at of ['env.API_KEY', '--api-key', '--token', 'url', 'headers.Authorization'])
      expect(notes).toContain(at);
    for (const at of ['OTHER_TOKEN', 'env.NAME', 'X-Name', 'planted']) expect(notes).not.toContain(at);
  });

  test('Sekisho itself is never its own upstream', async () => {
    const { names } = await importHome({
      'home/.cursor/mcp.json': {
        mcpServers: {
          sekisho: { url: 'http://127.0.0.1:7399/mcp' },
          other: { url: 'http://localhost:7300/mcp/files' },
          real: { url: 'http://localhost:9000/mcp' },
        },
      },
      'home/.config/Claude/claude_desktop_config.json': {
        mcpServers: { gate: { command: 'node', args: ['/opt/sekisho/dist/main.js', 'stdio'] } },
      },
    });
    expect(names).toEqual(['real']);
  });

  test('a file that cannot be read is told, and the others are taken', async () => {
    const { names, notes } = await importHome({
      'home/.cursor/mcp.json': '{',
      'home/.gemini/settings.json': { mcpServers: { ok: { command: 'x' }, bad: { command: 'x', url: 'y' } } },
    });
    expect(names).toEqual(['ok']);
    expect(notes).toMatch(/Cursor: .*never closed.*\n.*Gemini CLI: "bad"/s);
  });

  test('the list form of mcpproxy comes in, and what it held back stays off', async () => {
    const place: Surroundings = { home: '/home/ada', cwd: '/', env: {}, platform: 'linux' };
    const file = await readClientFile(
      join(fixtures, 'mcpproxy/mcp_config.json'),
      { client: 'file', title: 'mcpproxy', scope: 'user' },
      place,
    );
    expect(planImport([file!]).servers.map(({ name, entry }) => [name, entry['disabled'] ?? false])).toEqual([
      ['github', false],
      ['local', true],
    ]);
  });

  test('Claude Code’s servers of this project alone come along', async () => {
    const folder = await folderOf({ 'work/keep': '' });
    const work = join(folder, 'work');
    const place: Surroundings = { home: join(folder, 'home'), cwd: work, env: {}, platform: 'linux' };
    const other = await folderOf({
      '.claude.json': {
        projects: {
          [work]: { mcpServers: { here: { command: 'x' } } },
          '/else': { mcpServers: { there: { command: 'x' } } },
        },
      },
    });
    const plan = planImport(await findClientFiles({ ...place, env: { CLAUDE_CONFIG_DIR: other } }));
    expect(plan.servers.map(({ name }) => name)).toEqual(['here']);
  });
});
