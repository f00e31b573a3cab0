import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvePackage, preparePackage } from '../src/index.ts';
import { createLab, type Lab, OWNER } from './support.ts';

let lab: Lab;
let registry: Server;
let port: number;
const tarballs: Record<string, Buffer> = {};
let latest = '1.0.0';

/** A package whose installation script and program both try what they should not. */
function pack(version: string, said: string): void {
  const source = join(lab.scratch, `source-${version}-${said}`, 'package');
  mkdirSync(source, { recursive: true });
  const manifest = {
    name: 'demo-mcp',
    version,
    bin: { 'demo-mcp': 'index.js' },
    scripts: { postinstall: 'node evil.js' },
  };
  writeFileSync(join(source, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(source, 'evil.js'), "require('fs').writeFileSync('../../POSTINSTALL', 'ran')");
  writeFileSync(
    join(source, 'index.js'),
    `#!/usr/bin/env node
    let wrote = 'no'; try { require('fs').writeFileSync(__dirname + '/x', 'x'); wrote = 'WROTE'; } catch {}
    let ran = 'no'; try { require('child_process').execSync('id'); ran = 'RAN'; } catch {}
    console.log('${said}', process.argv.slice(2).join(), wrote, ran, Object.keys(process.env).filter((n) => /npm/i.test(n)).length);`,
  );
  execFileSync('tar', ['czf', join(lab.scratch, 'p.tgz'), '-C', join(source, '..'), 'package']);
  tarballs[version] = readFileSync(join(lab.scratch, 'p.tgz'));
}

beforeAll(async () => {
  lab = createLab();
  pack('1.0.0', 'first');
  registry = createServer((request, response) => {
    const version = /-(\d+\.\d+\.\d+)\.tgz$/.exec(request.url ?? '')?.[1];
    if (version !== undefined) return void response.end(tarballs[version]);
    if (request.url !== '/demo-mcp') return void response.writeHead(404).end('{}');
    const versions = Object.fromEntries(
      Object.entries(tarballs).map(([name, bytes]) => [
        name,
        {
          name: 'demo-mcp',
          version: name,
          bin: { 'demo-mcp': 'index.js' },
          hasInstallScript: true,
          dist: {
            tarball: `http://127.0.0.1:${port}/demo-mcp/-/demo-mcp-${name}.tgz`,
            integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
          },
        },
      ]),
    );
    return void response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ name: 'demo-mcp', 'dist-tags': { latest }, versions }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => registry.once('listening', resolve));
  port = (registry.address() as AddressInfo).port;
});
afterAll(() => {
  registry.close();
  lab.close();
});

const options = (store: string) => ({
  lockFile: join(lab.scratch, 'sekisho.lock.json'),
  storeDirectory: join(lab.scratch, store),
  owner: OWNER,
  npm: { registry: `http://127.0.0.1:${port}/` },
});
const spec = { command: 'npx', args: ['-y', 'demo-mcp', 'one', 'two'] };

describe('npx in two phases', { timeout: 60_000 }, () => {
  it('installs without running scripts, pins, and runs read-only without processes or a registry', async () => {
    const prepared = await preparePackage(lab.sandbox, spec, options('store'));
    expect(prepared.installed).toEqual({ key: 'npm:demo-mcp@latest', version: '1.0.0', fresh: true });
    expect(prepared.spec.args!.slice(-2)).toEqual(['one', 'two']);
    expect((await lab.run(prepared.spec)).stdout).toBe('first one,two no no 0\n');
    expect(execFileSync('find', [join(lab.scratch, 'store'), '-name', 'POSTINSTALL'], { encoding: 'utf8' })).toBe('');
    expect(JSON.parse(readFileSync(join(lab.scratch, 'sekisho.lock.json'), 'utf8'))).toMatchObject({
      version: 1,
      packages: {
        'npm:demo-mcp@latest': {
          version: '1.0.0',
          integrity: { 'node_modules/demo-mcp': expect.stringMatching(/^1\.0\.0 sha512-/) },
        },
      },
    });
  });
  it('stays with what was pinned when the registry moves on', async () => {
    pack('2.0.0', 'second');
    latest = '2.0.0';
    expect((await preparePackage(lab.sandbox, spec, options('store'))).installed).toMatchObject({
      version: '1.0.0',
      fresh: false,
    });
    expect((await preparePackage(lab.sandbox, spec, options('elsewhere'))).installed).toMatchObject({
      version: '1.0.0',
      fresh: true,
    });
  });
  it('refuses other content under the same version until it is approved', async () => {
    pack('1.0.0', 'hijacked');
    await expect(preparePackage(lab.sandbox, spec, options('third'))).rejects.toMatchObject({
      code: 'ERR_SANDBOX_INTEGRITY_CHANGED',
    });
    expect(approvePackage(options('').lockFile, 'npm:demo-mcp@latest')).toBe(true);
    expect((await preparePackage(lab.sandbox, spec, options('third'))).installed).toMatchObject({ version: '2.0.0' });
  });
  it('says what is wrong with a package that is not there, and leaves other commands alone', async () => {
    await expect(
      preparePackage(lab.sandbox, { command: 'npx', args: ['not-there-mcp'] }, options('store')),
    ).rejects.toMatchObject({ code: 'ERR_SANDBOX_INSTALL_FAILED', message: expect.stringContaining('404') });
    expect(await preparePackage(lab.sandbox, { command: 'node', args: ['x.js'] }, options('store'))).toEqual({
      spec: { command: 'node', args: ['x.js'] },
    });
  });
});
