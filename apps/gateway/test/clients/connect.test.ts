import * as fc from 'fast-check';
import JSON5 from 'json5';
import { lstat, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { planConnect } from '../../src/clients/connect.ts';
import { clients, findClient, type Endpoint } from '../../src/clients/registry.ts';
import { replaceFile } from '../../src/clients/write-file.ts';
import { folderOf } from '../config/load-fixture.ts';

const endpoint: Endpoint = { url: 'http://127.0.0.1:7300/mcp', command: 'node', args: ['main.js', 'stdio'] };
const cursor = findClient('cursor')!;
const codex = findClient('codex')!;

function connect(text: string | undefined, client = cursor): string {
  const plan = planConnect(
    client,
    client === codex ? 'config.toml' : 'mcp.json',
    text === undefined ? undefined : new TextEncoder().encode(text),
    endpoint,
  );
  if (plan.kind === 'refused') throw new Error(plan.reason);
  return plan.kind === 'change' ? plan.after : text!;
}

describe('connecting a client', () => {
  test.each(clients.map((client) => [client.id, client] as const))(
    '%s: its new file says where Sekisho is',
    (id, client) => {
      const text = connect(undefined, client);
      expect(text).toContain(id === 'claude-desktop' ? '"stdio"' : endpoint.url);
      expect(text).toContain(client.root);
    },
  );

  test.each([
    [
      'an empty file',
      '',
      '{\n  "mcpServers": {\n    "sekisho": {\n      "url": "http://127.0.0.1:7300/mcp"\n    }\n  }\n}\n',
    ],
    [
      'an empty object',
      '{}',
      '{\n  "mcpServers": {\n    "sekisho": {\n      "url": "http://127.0.0.1:7300/mcp"\n    }\n  }\n}',
    ],
    [
      'remarks, a trailing comma and tabs',
      '{\n\t// mine\n\t"mcpServers": {\n\t\t"a": { "command":"x" , "args":[ ] }, // behind a\n\t\t/* the end */\n\t},\n}\n',
      '{\n\t// mine\n\t"mcpServers": {\n\t\t"a": { "command":"x" , "args":[ ] }, // behind a\n\t\t/* the end */\n\t\t"sekisho": {\n\t\t\t"url": "http://127.0.0.1:7300/mcp"\n\t\t},\n\t},\n}\n',
    ],
    [
      'a remark behind the last value',
      '{\n  "mcpServers": {\n    "a": {"command": "x"} // keep me here\n  },\n  "other": 1\n}',
      '{\n  "mcpServers": {\n    "a": {"command": "x"}, // keep me here\n    "sekisho": {\n      "url": "http://127.0.0.1:7300/mcp"\n    }\n  },\n  "other": 1\n}',
    ],
    [
      'an older entry',
      '{"mcpServers": {"sekisho": {"url": "http://old"}, "b": {"url": "x"}}}',
      '{"mcpServers": {"sekisho": {\n      "url": "http://127.0.0.1:7300/mcp"\n    }, "b": {"url": "x"}}}',
    ],
  ])('%s', (_, before, after) => {
    expect(connect(before)).toBe(after);
  });

  test('Windows line ends and a byte order mark stay', () => {
    const after = connect('\uFEFF{\r\n  "mcpServers": {\r\n    "a": {"command": "x"}\r\n  }\r\n}\r\n');
    expect(after.startsWith('\uFEFF{\r\n')).toBe(true);
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
    expect(JSON5.parse(after.slice(1))).toMatchObject({
      mcpServers: { a: { command: 'x' }, sekisho: { url: endpoint.url } },
    });
  });

  test('whatever the file holds, it holds the same and our entry afterwards, and a second time changes nothing', () => {
    const servers = fc.dictionary(fc.string(), fc.record({ command: fc.string() }));
    fc.assert(
      fc.property(
        fc.record({ mcpServers: servers, other: fc.jsonValue() }, { requiredKeys: [] }),
        fc.constantFrom(0, 2, '\t'),
        (value, space) => {
          const before = JSON.stringify(value, null, space);
          const after = connect(before);
          const read = JSON.parse(before) as typeof value;
          const expected = { ...read, mcpServers: { ...read.mcpServers, sekisho: { url: endpoint.url } } };
          // Unlike a matcher, this also sees a key called __proto__.
          expect(isDeepStrictEqual(JSON.parse(after), expected), after).toBe(true);
          expect(connect(after)).toBe(after);
        },
      ),
    );
  });

  test.each([
    ['{"mcpServers": {', 'not JSON'],
    ["{mcpServers: {'a': 1}}", 'not JSON'],
    ['[]', 'not hold an object'],
    ['{"mcpServers": []}', 'is not an object'],
  ])('a file that it cannot change safely is left alone: %j', (text, reason) => {
    expect(() => connect(text)).toThrow(reason);
  });

  test('the shown change names our lines and hides other servers’ secrets', () => {
    const before = '{\n  "mcpServers": {\n    "a": {\n      "env": { "API_KEY": "planted-key" } }\n  }\n}';
    const plan = planConnect(cursor, 'mcp.json', new TextEncoder().encode(before), endpoint);
    const shown = plan.kind === 'change' ? plan.diff.join('\n') : '';
    expect(shown).toContain('+     "sekisho": {');
    expect(shown).not.toContain('planted-key');
  });
});

describe('connecting Codex', () => {
  const table = '[mcp_servers.sekisho]\nurl = "http://127.0.0.1:7300/mcp"\n';
  test.each([
    ['', table],
    ['model = "x"\n', `model = "x"\n\n${table}`],
    [
      'model = "x" # mine\n\n[mcp_servers.a]\ncommand = "y"',
      `model = "x" # mine\n\n[mcp_servers.a]\ncommand = "y"\n\n${table}`,
    ],
    [
      '[mcp_servers.sekisho]\nurl = "http://old"\n\n# of b\n[mcp_servers.b]\ncommand = "y"\n',
      `${table}\n# of b\n[mcp_servers.b]\ncommand = "y"\n`,
    ],
    ['[mcp_servers.sekisho]\ncommand = "x"\n[mcp_servers.sekisho.env]\nA = "1"\n[other]\n', `${table}[other]\n`],
  ])('%j', (before, after) => {
    expect(connect(before, codex)).toBe(after);
    expect(connect(after, codex)).toBe(after);
  });

  test.each([
    'mcp_servers = { sekisho = { url = "http://old" } }\n',
    '[mcp_servers]\nsekisho = { url = "http://old" }\n',
  ])('a form that it cannot change safely is left alone: %j', (text) => {
    expect(() => connect(text, codex)).toThrow('by hand');
  });
});

describe('writing a file', () => {
  const now = (): Date => new Date('2026-11-23T10:20:30.456Z');

  test('keeps the old one beside it, with its rights', async () => {
    const folder = await folderOf({ 'mcp.json': 'old' });
    const { backup } = await replaceFile(join(folder, 'mcp.json'), 'new', now);
    expect(backup).toBe(join(folder, 'mcp.json.before-sekisho-20261123T102030'));
    expect(await readFile(backup!, 'utf8')).toBe('old');
    expect(await readFile(join(folder, 'mcp.json'), 'utf8')).toBe('new');
    expect((await stat(join(folder, 'mcp.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toHaveLength(2);
  });

  test('makes folders, and a link stays a link', async () => {
    const folder = await folderOf({ 'dotfiles/mcp.json': 'old' });
    await replaceFile(join(folder, 'new/deep/mcp.json'), 'x', now);
    expect(await readFile(join(folder, 'new/deep/mcp.json'), 'utf8')).toBe('x');
    await symlink(join(folder, 'dotfiles/mcp.json'), join(folder, 'link.json'));
    await replaceFile(join(folder, 'link.json'), 'new', now);
    expect((await lstat(join(folder, 'link.json'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'dotfiles/mcp.json'), 'utf8')).toBe('new');
    await writeFile(join(folder, 'other'), '');
  });
});
