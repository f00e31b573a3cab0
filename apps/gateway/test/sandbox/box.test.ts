import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { anything, give, openHouse } from './house.ts';

const longMs = 60_000;
const it = { command: 'node', args: [anything] };
const read = (path: string): string => `return require('fs').readFileSync(${JSON.stringify(path)}, 'utf8')`;

describe.runIf(process.platform === 'linux')('a server of an ordinary configuration', { timeout: longMs }, () => {
  test('R-30: runs in a box that was proved, and the status says so', async () => {
    const { box, run } = await openHouse({ mcpServers: { it } });
    expect(await box()).toMatchObject({
      state: 'boxed',
      backend: 'bubblewrap',
      notEnforceable: [],
      profileHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      enforced: expect.arrayContaining(['filesystem.read', 'network', 'spawn', 'ends-with-gateway']),
    });
    expect((await box())!.attempts).toBeGreaterThan(30);
    expect((await box())!.ageMs).toBeLessThan(longMs);
    expect(
      await run("return require('fs').readFileSync('/proc/self/status', 'utf8').match(/Seccomp:\\s+(\\d)/)[1]"),
    ).toBe('"2"');
  });

  test('R-30: sees its own program and its declared variables, and nothing else', async () => {
    process.env['PLANTED_IN_GATEWAY'] = 'planted-in-gateway';
    onTestFinished(() => void delete process.env['PLANTED_IN_GATEWAY']);
    const { run, folder } = await openHouse(
      { mcpServers: { it: { ...it, env: { DECLARED: 'declared' } } } },
      { files: { 'beside.txt': 'BESIDE' } },
    );
    expect(JSON.parse(await run('return process.env'))).toMatchObject({ DECLARED: 'declared', HOME: '/home/sandbox' });
    expect(await run('return Object.keys(process.env).sort().join()')).toBe('"DECLARED,HOME,LANG,PATH,PWD,TMPDIR"');
    expect(
      await run(
        "return require('fs').readdirSync('/proc').filter((n) => /^[0-9]+$/.test(n)).map((n) => { try { return require('fs').readFileSync(`/proc/${n}/environ`, 'latin1') } catch { return '' } }).join()",
      ),
    ).not.toContain('planted');
    expect(await run(read(anything))).toContain('does whatever it is told');
    for (const path of [
      join(folder, 'sekisho.jsonc'),
      join(folder, 'beside.txt'),
      '/etc/shadow',
      '/root',
      '/etc/hostname',
    ])
      expect(await run(read(path)), path).toMatch(/^ERR (?:ENOENT|EACCES)/);
    expect(await run(`return process.cwd()`)).toBe(JSON.stringify(folder));
    expect(await run("return require('fs').readdirSync('.')")).toBe('[]');
  });

  test('GW-12, SRV-08, SRV-09, R-30: writes nowhere, connects nowhere, starts nothing', async () => {
    const web = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
    onTestFinished(() => void web.close());
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    const { run, folder, box } = await openHouse({ mcpServers: { it } });
    for (const path of ['/usr/x', '/etc/x', anything])
      expect(await run(`require('fs').writeFileSync(${JSON.stringify(path)}, '')`), path).toMatch(
        /^ERR (?:EROFS|EACCES|ENOENT)/,
      );
    // The folder lies in /tmp, and the /tmp of the box is its own.
    await run(`require('fs').writeFileSync(${JSON.stringify(join(folder, 'x'))}, '')`);
    expect(existsSync(join(folder, 'x'))).toBe(false);
    expect(await run("require('fs').writeFileSync('/tmp/own', 'x'); return 'wrote'")).toBe('"wrote"');
    expect(await run(`await fetch('http://127.0.0.1:${port}')`)).toMatch(/^ERR ECONNREFUSED/);
    expect(await run("await fetch('http://169.254.169.254/')")).toMatch(/^ERR (?:ENETUNREACH|EHOSTUNREACH)/);
    expect(await run("await require('dns/promises').lookup('example.com')")).toMatch(/^ERR (?:EAI_AGAIN|ENOTFOUND)/);
    expect(await run("require('child_process').execSync('id')")).toMatch(/^ERR EPERM/);
    expect(await box()).toMatchObject({ state: 'boxed' });
  });

  test('reaches what its network rule names without a proxy setting; everything else is refused, on record and named', async () => {
    const web = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
    const other = createServer((_request, response) => response.end('wrong')).listen(0, '127.0.0.1');
    onTestFinished(() => void (web.close(), other.close()));
    await Promise.all([once(web, 'listening'), once(other, 'listening')]);
    const [open, shut] = [web, other].map((server) => (server.address() as AddressInfo).port);
    const { run, box, logged } = await openHouse({
      mcpServers: {
        it: {
          ...it,
          'x-sekisho': { sandbox: { network: { allowedDomains: [`127.0.0.1:${open}`, '*.example.test'] } } },
        },
      },
    });
    expect(await run(`return await (await fetch('http://127.0.0.1:${open}')).text()`)).toBe('"reached"');
    expect(await run(`return await (await fetch('http://127.0.0.1:${shut}')).text()`)).toMatch(/^ERR/);
    expect(await run("await fetch('https://elsewhere.example.org')")).toMatch(/^ERR/);
    await vi.waitFor(async () => {
      expect((await box())?.refused?.last.join()).toContain('elsewhere.example.org');
    });
    expect(logged).toContainEqual(
      expect.objectContaining({ upstream: 'it', type: 'refused', host: 'elsewhere.example.org' }),
    );
  });

  test('SRV-01: a granted folder is the only one, through links and renames too', async () => {
    const { folder, run } = await openHouse(
      {
        mcpServers: {
          it: { ...it, 'x-sekisho': { sandbox: { filesystem: { allowWrite: ['given'], allowRead: ['shown'] } } } },
        },
      },
      {
        files: { 'given/in.txt': 'IN', 'shown/a.txt': 'SHOWN', 'given-not/out.txt': 'OUT', 'given/.git/config': 'x' },
        prepare: (made) => give(join(made, 'given')),
      },
    );
    await symlink(join(folder, 'given-not'), join(folder, 'given/way-out'));
    await writeFile(join(folder, 'shown/a.txt'), 'SHOWN', { mode: 0o644 });
    expect(await run(read('given/in.txt'))).toBe('"IN"');
    expect(await run("require('fs').writeFileSync('given/new.txt', 'NEW'); return 1")).toBe('1');
    expect(await readFile(join(folder, 'given/new.txt'), 'utf8')).toBe('NEW');
    expect(await run("require('fs').writeFileSync('shown/new.txt', 'NEW')")).toMatch(/^ERR (?:EROFS|EACCES)/);
    for (const path of ['given/way-out/out.txt', 'given-not/out.txt', 'given/../given-not/out.txt'])
      expect(await run(read(path)), path).toMatch(/^ERR ENOENT/);
    expect(
      await run(
        "const fs = require('fs'); fs.symlinkSync('/etc', 'given/etc'); return fs.readFileSync('given/etc/shadow', 'utf8')",
      ),
    ).toMatch(/^ERR ENOENT/);
    expect(await run("require('fs').writeFileSync('given/.git/config', 'evil')")).toMatch(/^ERR EROFS/);
  });

  test('what protects the gateway is never granted', async () => {
    const { server, folder } = await openHouse({
      mcpServers: { it: { ...it, 'x-sekisho': { sandbox: { filesystem: { allowWrite: ['.'] } } } } },
    });
    expect((await server('it')).error).toMatchObject({
      code: 'ERR_SANDBOX_GRANT_REFUSED',
      message: expect.stringContaining(folder),
      remedy: 'Move either somewhere else',
    });
    const wide = await openHouse(
      { mcpServers: { it: { ...it, 'x-sekisho': { sandbox: { filesystem: { allowRead: ['.'] } } } } } },
      { files: { 'beside.txt': 'x' } },
    );
    await mkdir(join(wide.folder, 'later'));
    expect(await wide.run(read('sekisho.jsonc'))).toMatch(/^ERR (?:EACCES|ENOENT)/);
    expect(await wide.run("return require('fs').existsSync('beside.txt')")).toBe('true');
  });
});
