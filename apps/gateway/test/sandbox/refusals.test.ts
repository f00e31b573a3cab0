import { execFileSync, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bubblewrapBackend, NO_BOX_SENTENCE } from '@sekisho/sandbox';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { mountSandbox, type SandboxMount } from '../../src/mount/sandbox.ts';
import { folderOf, loadGood, spec } from '../config/load-fixture.ts';
import { anything, openHouse } from './house.ts';

const longMs = 60_000;
const main = resolve(import.meta.dirname, '../../src/main.ts');
const it = { command: 'node', args: [anything] };
const nowhere = bubblewrapBackend({ places: ['/nonexistent/bwrap'] });
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The mount alone, on a machine without bubblewrap. */
async function without(
  sandbox: object,
): Promise<{ mount: SandboxMount; start: () => ReturnType<SandboxMount['starter']['start']> }> {
  const folder = await folderOf({ 'sekisho.jsonc': { mcpServers: { it: { ...it, 'x-sekisho': { sandbox } } } } });
  const config = await loadGood(join(folder, 'sekisho.jsonc'), { env: process.env });
  const mount = mountSandbox(config, {
    stateFolder: join(folder, 'state'),
    cacheFolder: join(folder, 'cache'),
    log: silent,
    now: Date.now,
    backend: nowhere,
  });
  return { mount, start: () => mount.starter.start(spec(config, 'it', 'stdio')) };
}

describe.runIf(process.platform === 'linux')('where no box can be made', { timeout: longMs }, () => {
  test('BOX-02, R-31: the server does not start, and the error says what to install', async () => {
    const { mount, start } = await without({});
    await expect(start()).rejects.toMatchObject({
      code: 'ERR_SANDBOX_BACKEND_UNAVAILABLE',
      message: expect.stringContaining('not installed'),
      remedy: expect.stringMatching(/bubblewrap/),
    });
    expect(mount.view('it')).toMatchObject({ state: 'refused' });
    mount.close();
  });

  test('BOX-03, R-31: best-effort runs it, by name, and shows that there is no box', async () => {
    const { mount, start } = await without({ enforcement: 'best-effort' });
    const child = await start();
    expect(mount.view('it')).toMatchObject({ state: 'none', warnings: [expect.stringContaining('not installed')] });
    await child.kill();
    mount.close();
  });

  test('R-31: on a kernel that gives no namespaces nothing starts, and the screen says which switch it is', async () => {
    // A namespace of users in which no further one may be made: what hardened systems and containers look like.
    const home = await folderOf({ 'sekisho.jsonc': { mcpServers: { it } } });
    const asUser = process.getuid!() === 0 ? 1234 : process.getuid!();
    if (process.getuid!() === 0) execFileSync('chown', ['-R', `${asUser}:${asUser}`, home]);
    const script = `echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --inh-caps=-all --bounding-set=-all "$@"`;
    const words = [
      ...(process.getuid!() === 0 ? ['setpriv', '--reuid', `${asUser}`, '--regid', `${asUser}`, '--clear-groups'] : []),
      'unshare',
      '-U',
      `--map-user=${asUser}`,
      `--map-group=${asUser}`,
      '--keep-caps',
      'sh',
      '-c',
      script,
      'sh',
      process.execPath,
      '--conditions=@sekisho/source',
      main,
      '--config',
      join(home, 'sekisho.jsonc'),
      '--port',
      '0',
    ];
    const child = spawn(words[0]!, words.slice(1), {
      env: { PATH: process.env['PATH'], HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += String(chunk)));
    await vi.waitFor(() => expect(text).toContain('Ctrl-C stops'), { timeout: 30_000, interval: 50 });
    expect(text).toContain('0 of 1 servers ready');
    expect(text).toMatch(/it: The box of it could not be started: the number of user namespaces is used up/);
    expect(text).toMatch(/mend it: Run: sysctl -w user\.max_user_namespaces/);
    expect(text).not.toContain('Boxed:');
  });

  test('no box takes the sentence, and is for that server alone', async () => {
    const none = { backend: 'none', iUnderstand: NO_BOX_SENTENCE };
    const { box, run } = await openHouse({
      mcpServers: { bare: { ...it, 'x-sekisho': { sandbox: none } }, boxed: it },
    });
    expect(await box('bare')).toEqual({ state: 'none' });
    expect(await box('boxed')).toMatchObject({ state: 'boxed' });
    // The control: without the box the very same server does what the box stops.
    expect(await run("return require('child_process').execSync('echo ran').toString()", 'bare')).toBe(
      String.raw`"ran\n"`,
    );
    expect(
      await run("require('fs').readFileSync('/etc/hosts'); return require('fs').existsSync('/etc/shadow')", 'bare'),
    ).toBe('true');
    expect(await run("require('child_process').execSync('echo ran')", 'boxed')).toMatch(/^ERR EPERM/);
  });

  test('a box for one server of a file that has none for the others', async () => {
    const { box } = await openHouse({
      mcpServers: { bare: it, boxed: { ...it, 'x-sekisho': { sandbox: { enforcement: 'required' } } } },
      'x-sekisho': { sandbox: { backend: 'none', iUnderstand: NO_BOX_SENTENCE } },
    });
    expect([(await box('bare'))?.state, (await box('boxed'))?.state]).toEqual(['none', 'boxed']);
  });
});

describe.runIf(process.platform === 'linux')('the proof of a server that runs', { timeout: longMs }, () => {
  test('is made again when it has grown old, and told; not before', async () => {
    const folder = await folderOf({
      'sekisho.jsonc': { mcpServers: { it }, 'x-sekisho': { sandbox: { proofLifeMs: 5000 } } },
    });
    const config = await loadGood(join(folder, 'sekisho.jsonc'), { env: process.env });
    let now = 1_000_000;
    const proofs: number[] = [];
    const mount = mountSandbox(config, {
      stateFolder: join(folder, 'state'),
      cacheFolder: join(folder, 'cache'),
      log: silent,
      now: () => now,
      onRecord: (_server, record) => void ('attestation' in record && proofs.push(record.attestation.at)),
    });
    const child = await mount.starter.start(spec(config, 'it', 'stdio'));
    now += 4000;
    await mount.reprove();
    expect(mount.view('it')).toMatchObject({ state: 'boxed', provedAtMs: 1_000_000, ageMs: 4000 });
    now += 2000;
    await mount.reprove();
    expect(mount.view('it')).toMatchObject({ state: 'boxed', provedAtMs: 1_006_000, ageMs: 0 });
    expect(proofs).toEqual([1_000_000, 1_006_000]);
    await child.kill();
    now += 9000;
    await mount.reprove();
    expect(proofs).toHaveLength(2);
    mount.close();
  });
});

describe.runIf(process.platform === 'linux')('a server that does not come up in its box', { timeout: longMs }, () => {
  test.each([
    ["require('fs').readFileSync('/etc/hostname')", /may not read \/etc\/hostname.*"allowRead":\["\/etc\/hostname"\]/],
    ["require('child_process').execSync('id')", /starts other processes.*"spawn":true/],
    [
      "throw new Error('NOTES_TOKEN environment variable is required')",
      /wants the variable NOTES_TOKEN.*"env":\{"NOTES_TOKEN":true\}/,
    ],
    [
      "fetch('https://api.example.com').catch((e) => { console.error(e.cause); process.exit(1) })",
      /"allowedDomains":\["api\.example\.com"\]/,
    ],
  ])('%s: its error names the permission, ready to paste', async (code, remedy) => {
    const { server } = await openHouse({ mcpServers: { it: { command: 'node', args: ['-e', code] } } });
    expect((await server('it')).error?.remedy).toMatch(remedy);
    expect((await server('it')).error?.remedy).toContain('put into the entry of "it": "x-sekisho": { "sandbox": {');
  });

  test('docker, and forms of npx that install while they run, get words of their own', async () => {
    const folder = await folderOf({ 'docker.sh': '#!/bin/sh\nexit 1\n' });
    await writeFile(join(folder, 'docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const { server } = await openHouse({
      mcpServers: {
        docker: { command: join(folder, 'docker'), args: ['run', 'x'] },
        odd: { command: 'npx', args: ['--node-options=--x', 'y'] },
      },
    });
    expect((await server('docker')).error?.remedy).toMatch(/docker brings a box of its own/);
    expect(await server('odd')).toMatchObject({
      state: 'failed',
      error: {
        message: expect.stringContaining('This form of npx installs while it runs'),
        remedy: expect.stringContaining('npx -y package@version'),
      },
    });
  });

  test('a profile that cannot be is refused at once, and not tried again', async () => {
    const { server } = await openHouse({
      mcpServers: {
        it: { ...it, 'x-sekisho': { sandbox: { network: { allowedDomains: ['https://x.example.com/'] } } } },
      },
    });
    expect(await server('it')).toMatchObject({ state: 'failed', error: { code: 'ERR_SANDBOX_PROFILE_INVALID' } });
  });
});
