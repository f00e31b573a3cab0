import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { folderOf } from '../config/load-fixture.ts';
import { runCommand } from '../cli/fake-io.ts';
import { anything, openHouse } from './house.ts';

const longMs = 90_000;

/** A registry with one package, whose content can be exchanged under the same version. */
async function openRegistry(): Promise<{ url: string; publish: (comment: string) => void }> {
  const scratch = await folderOf({});
  let tarball: Buffer = Buffer.alloc(0);
  const publish = (comment: string): void => {
    const source = join(scratch, 'package');
    mkdirSync(source, { recursive: true });
    const manifest = { name: 'demo-mcp', version: '1.0.0', bin: 'index.js', scripts: { postinstall: 'node evil.js' } };
    writeFileSync(join(source, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(source, 'evil.js'), "require('fs').writeFileSync('/tmp/POSTINSTALL', 'ran')");
    writeFileSync(join(source, 'index.js'), `#!/usr/bin/env node\n// ${comment}\n${readFileSync(anything, 'utf8')}`);
    execFileSync('tar', ['czf', join(scratch, 'p.tgz'), '-C', scratch, 'package']);
    tarball = readFileSync(join(scratch, 'p.tgz'));
  };
  publish('first');
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz') === true) return void response.end(tarball);
    if (request.url !== '/demo-mcp') return void response.writeHead(404).end('{}');
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const dist = { tarball: `${url}demo-mcp/-/demo-mcp-1.0.0.tgz`, integrity };
    const version = {
      name: 'demo-mcp',
      version: '1.0.0',
      bin: { 'demo-mcp': 'index.js' },
      hasInstallScript: true,
      dist,
    };
    const body = { name: 'demo-mcp', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } };
    return void response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, publish };
}

describe.runIf(process.platform === 'linux')('npx through the gateway', { timeout: longMs }, () => {
  test('INC-01, R-32: installs without scripts, pins beside the configuration, runs read-only, and refuses other content until it is approved', async () => {
    const { url, publish } = await openRegistry();
    const file = {
      mcpServers: {
        it: { command: 'npx', args: ['-y', 'demo-mcp'] },
        twin: { command: 'npx', args: ['-y', 'demo-mcp'] },
      },
      'x-sekisho': { sandbox: { registry: url } },
    };
    const { box, run, folder } = await openHouse(file);
    expect(await box()).toMatchObject({ state: 'boxed', package: { key: 'npm:demo-mcp@latest', version: '1.0.0' } });
    expect(await box('twin')).toMatchObject({ state: 'boxed', package: { key: 'npm:demo-mcp@latest' } });
    const lock = readFileSync(join(folder, 'sekisho.lock.json'), 'utf8');
    expect(JSON.parse(lock)).toMatchObject({ packages: { 'npm:demo-mcp@latest': { version: '1.0.0' } } });
    expect(await run("require('fs').appendFileSync(process.argv[1], 'x')")).toMatch(/^ERR (?:EROFS|EACCES)/);
    expect(await run(`await fetch('${url}demo-mcp')`)).toMatch(/^ERR/);
    expect(await run("return require('fs').existsSync('/tmp/POSTINSTALL')")).toBe('false');

    // The same version with other content, on a computer that has not installed it yet.
    publish('hijacked');
    const second = await openHouse(file, { prepare: (made) => writeFileSync(join(made, 'sekisho.lock.json'), lock) });
    expect((await second.server('it')).error).toMatchObject({
      code: 'ERR_SANDBOX_INTEGRITY_CHANGED',
      remedy: 'Find out why it changed. To approve it: sekisho sandbox approve it',
    });
    await vi.waitFor(async () => expect(await second.box()).toMatchObject({ state: 'refused' }), { timeout: 20_000 });
    const approved = await runCommand(['sandbox', 'approve', 'it', '--config', join(second.folder, 'sekisho.jsonc')], {
      cwd: second.folder,
      home: await folderOf({}),
      env: { PATH: process.env['PATH']! },
    });
    expect(approved.out).toMatch(/npm:demo-mcp@latest is now pinned to 1\.0\.0/);
    expect(readFileSync(join(second.folder, 'sekisho.lock.json'), 'utf8')).not.toBe(lock);
  });

  test('an installation that nobody waits for any more ends with the gateway', async () => {
    // It accepts and never answers.
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => (silent.closeAllConnections(), void silent.close()));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const asked = once(silent, 'request');
    const spent: number[] = [];
    await openHouse(
      {
        mcpServers: { it: { command: 'npx', args: ['-y', 'demo-mcp'] } },
        'x-sekisho': { sandbox: { registry: url } },
      },
      {
        onOpen: async ({ boxOf, close }) => {
          await asked;
          expect(boxOf('it')).toMatchObject({ state: 'preparing', phase: 'installing its package' });
          const before = performance.now();
          await close();
          spent.push(performance.now() - before);
        },
      },
    ).catch(() => undefined);
    // npm itself would wait for minutes.
    expect(spent[0]).toBeLessThan(20_000);
  });
});
