import { glob, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readRunner } from '@sekisho/sandbox';
import { describe, expect, test } from 'vitest';
import { errorsOf, loadObject } from '../config/load-fixture.ts';
import { openComposed } from '../support/whole.ts';
import { send } from '../support/mcp-client.ts';

const root = resolve(import.meta.dirname, '../../../..');

describe('what a configuration can say', () => {
  test('GW-06: a server is reached by http or https: no file, no other scheme', async () => {
    for (const url of [
      'file:///etc/passwd',
      'FILE:///etc/passwd',
      'ftp://example.com/',
      'gopher://x/',
      'data:text/plain,x',
      'javascript:alert(1)',
      'unix:///run/x',
      '//example.com/mcp',
      'ws://example.com/',
    ]) {
      const config = await loadObject({ mcpServers: { it: { url } } });
      expect([url, config.servers[0]?.spec]).toEqual([url, undefined]);
      expect(errorsOf(config, 'it'), url).not.toEqual([]);
    }
    for (const url of ['https://example.com/mcp', 'http://127.0.0.1:1/mcp']) {
      const config = await loadObject({ mcpServers: { it: { url } } });
      expect([url, errorsOf(config, 'it')]).toEqual([url, []]);
    }
  });

  test('GW-04, INC-08: of what names a package only a name and a version are read: no flag, source or path of another kind', () => {
    for (const words of [
      ['--registry=http://evil', 'demo'],
      ['--prefix', '/etc', 'demo'],
      ['-c', 'id'],
      ['git+https://x/y'],
      ['../evil'],
      ['demo@file:../x'],
      ['demo;id'],
      ['@scope/demo/../../x'],
    ])
      expect([words, readRunner('npx', words)]).toEqual([words, undefined]);
    expect(readRunner('npx', ['-y', '@scope/demo@1.2.3', '--port', '1'])).toMatchObject({
      name: '@scope/demo',
      range: '1.2.3',
      args: ['--port', '1'],
    });
  });
});

describe('what is so without being asked for', () => {
  test('GW-05, GW-42, GW-36: sign-in, the record, boxes, limits of sign-ins, an admin port on loopback', async () => {
    const house = await openComposed({ mcpServers: {} });
    const { port, who, stateFolder, config } = house;
    expect(config.settings.listen?.host ?? '127.0.0.1').toBe('127.0.0.1');
    expect((await house.modern('tools/list')).status).toBe(200);
    expect((await send(port, { method: 'GET', path: '/mcp' })).status).toBe(401);
    const status = JSON.parse((await send(port, { method: 'GET', path: '/status', headers: who })).text) as object;
    expect(status).toMatchObject({ auth: { apiKeys: true, issuers: [] }, limits: { streams: [{}, {}] } });
    expect((await stat(join(stateFolder, 'audit/1'))).isDirectory()).toBe(true);
    for (const file of ['auth/api-keys.json', 'auth/pepper', 'auth/local-key', 'admin/token'])
      expect([file, (await stat(join(stateFolder, file))).mode & 0o077]).toEqual([file, 0]);
    // The eleventh wrong guess of an address is not even looked at.
    const statuses: number[] = [];
    for (let guess = 0; guess < 11; guess++)
      statuses.push((await send(port, { headers: { authorization: `Bearer sks_live_${guess}` }, body: '{}' })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
  });

  test('GW-05, GW-36: the example that the first start serves mounts no socket and asks for no way around a guard', async () => {
    const text = await readFile(join(root, 'apps/gateway/sekisho.example.jsonc'), 'utf8');
    expect(text).not.toMatch(/docker\.sock|"enforcement"|best-effort|0\.0\.0\.0|"enabled": false|"off"|"none":/);
    expect(text).toContain('"mcpServers"');
  });

  test('O01: where callers sign in there is no way to be served without, and listening beyond this computer needs it', async () => {
    await expect(loadObject({ mcpServers: {}, 'x-sekisho': { listen: { host: '0.0.0.0' } } })).rejects.toThrow(
      /who they are/,
    );
    await expect(
      loadObject({ mcpServers: {}, 'x-sekisho': { listen: { host: '0.0.0.0' }, auth: { apiKeys: {} } } }),
    ).rejects.toThrow(/in clear/);
    await expect(loadObject({ mcpServers: {}, 'x-sekisho': { auth: {} } })).rejects.toThrow(/nothing to check/);
  });
});

describe('what is shipped', () => {
  test('GW-23, GW-30: no source makes code of text, or loads a module that a message or a file names', async () => {
    // Fixed texts of our own: a schema's patterns with a time limit, the one telemetry library, the program of a box, Lua in Redis.
    const ours = new Set([
      'apps/gateway/src/content/schema-check.ts',
      'apps/gateway/src/audit/telemetry.ts',
      'packages/sandbox/src/network/listener-program.ts',
      'packages/rate-limit/src/redis/client.ts',
    ]);
    const found: string[] = [];
    let files = 0;
    for await (const file of glob(['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'], { cwd: root })) {
      if (file.endsWith('.test.ts') || file.includes('/testing/')) continue;
      files += 1;
      const code = (await readFile(join(root, file), 'utf8')).replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
      const bad = /\beval\(|\bnew Function\b|from 'node:vm'|\brequire\(|\bimport\((?!'|\s*'|\/\*)/.exec(code);
      if (bad !== null && !ours.delete(file)) found.push(`${file}: ${bad[0]}`);
    }
    expect(files).toBeGreaterThan(300);
    expect([found, [...ours]]).toEqual([[], []]);
  });

  test('GW-28: nothing that is published runs a script when it is installed', async () => {
    const published: string[] = [];
    for await (const file of glob(['packages/*/package.json', 'apps/*/package.json'], { cwd: root })) {
      const manifest = JSON.parse(await readFile(join(root, file), 'utf8')) as {
        private?: boolean;
        scripts?: Record<string, string>;
      };
      if (manifest.private === true) continue;
      published.push(file);
      for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
        expect([file, manifest.scripts?.[script]]).toEqual([file, undefined]);
    }
    expect(published.length).toBeGreaterThan(6);
  });
});
