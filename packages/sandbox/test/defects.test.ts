import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyPermission, type SandboxBackend } from '../src/backends/backend.ts';
import { seatbeltSettings } from '../src/backends/seatbelt.ts';
import { containerArguments } from '../src/backends/container.ts';
import {
  bubblewrapBackend,
  containerBackend,
  createSandbox,
  noBackend,
  RUN_WITHOUT_BOX,
  seatbeltBackend,
  type SandboxProfile,
} from '../src/index.ts';
import { createLab, finish, type Lab, NODE } from './support.ts';
import { weakBackend } from './weak-backend.ts';

/** The 14 defects of the sandbox that came before: each is a test here, or names the one that is. */
let lab: Lab;
beforeAll(() => {
  lab = createLab();
});
afterAll(() => lab.close());

const missing = (): SandboxBackend => bubblewrapBackend({ places: ['/nonexistent/bwrap'] });
const node = (code: string, profile: SandboxProfile = {}) => lab.run({ command: NODE, args: ['-e', code], profile });

it('BOX-01: the back end that is documented is the one that runs', async () => {
  const { backend, versions, probes, notEnforceable } = await lab.sandbox.attest({ command: '/bin/true' });
  expect([backend, notEnforceable]).toEqual(['bubblewrap', []]);
  expect(versions.backend).toMatch(/^\d+\.\d+\.\d+$/);
  expect(probes.length).toBeGreaterThan(30);
  expect(probes.filter(({ name }) => name.startsWith('control')).length).toBeGreaterThan(1);
});
it('BOX-02: without bubblewrap nothing starts, and the error names what to install', async () => {
  await expect(createSandbox({ backend: missing() }).start({ command: '/bin/true' })).rejects.toMatchObject({
    code: 'ERR_SANDBOX_BACKEND_UNAVAILABLE',
    remedy: expect.stringContaining('bubblewrap'),
  });
});
it('BOX-03: without a back end best-effort runs unboxed, and says so', async () => {
  const child = await createSandbox({ backend: missing() }).start({
    command: '/bin/true',
    profile: { enforcement: 'best-effort' },
  });
  await finish(child);
  expect(child.attestation).toMatchObject({ backend: 'none', enforced: [] });
  expect(child.attestation.notEnforceable.join()).toContain('filesystem.read');
  for (const backend of [seatbeltBackend(), containerBackend({ program: '/nonexistent/docker', image: 'x' })])
    await expect(createSandbox({ backend }).start({ command: '/bin/true' })).rejects.toMatchObject({
      code: 'ERR_SANDBOX_BACKEND_UNAVAILABLE',
    });
});
it('BOX-04, BOX-05: the environment is what was declared, and claims nothing', async () => {
  process.env['GATEWAY_SECRET'] = 'BAIT';
  const open = createLab({ environment: { ...process.env, PASSED: 'passed' } });
  const { stdout } = await open.run({
    command: NODE,
    args: [
      '-e',
      "console.log(JSON.stringify(process.env)); console.log(require('fs').readFileSync('/proc/1/environ', 'latin1') + require('fs').readFileSync('/proc/self/environ', 'latin1'))",
    ],
    profile: { env: { PASSED: true, SET: 'set', ABSENT: true } },
  });
  expect(Object.keys(JSON.parse(stdout.split('\n')[0]!) as object).toSorted()).toEqual([
    'HOME',
    'LANG',
    'PASSED',
    'PATH',
    'PWD',
    'SET',
    'TMPDIR',
  ]);
  expect(stdout).not.toContain('BAIT');
  delete process.env['GATEWAY_SECRET'];
  open.close();
});
// BOX-06: network.test.ts. BOX-08: limits.test.ts. BOX-13: lifecycle.test.ts.
it('BOX-07: a denied path cannot be opened, listed or looked at', async () => {
  const { stdout } = await node(
    `const fs = require('fs'); for (const f of ['readFileSync', 'readdirSync', 'statSync', 'lstatSync', 'realpathSync']) for (const p of ['${lab.scratch}', '/root', '/etc/shadow']) try { fs[f](p); console.log('GOT', f, p); } catch (e) { console.log(e.code); }`,
  );
  expect(stdout).not.toContain('GOT');
});
it('BOX-09: no character of a path becomes a rule or an option', () => {
  const nasty = lab.directory('a")\n(allow default) --bind');
  const plan = lab.sandbox.plan({ command: '/bin/true', profile: { filesystem: { allowWrite: [nasty] } } });
  const settings = seatbeltSettings(plan, '/tmp/x');
  expect(settings.filesystem.denyRead).toContain('/');
  expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
  expect(() => containerArguments(plan, { image: 'x' }, { uid: 1, gid: 1 }, {})).toThrow(TypeError);
});
it('BOX-09: in a real box such a path is only a path', async () => {
  const nasty = lab.directory('b")\n--bind');
  const { stdout } = await lab.run({
    command: '/bin/sh',
    args: ['-c', 'echo x > "$1/y"; ls /root /home', 'sh', nasty],
    profile: { spawn: true, filesystem: { allowWrite: [nasty] } },
  });
  expect(existsSync(join(nasty, 'y'))).toBe(true);
  expect(stdout).not.toContain('.ssh');
});
it('BOX-10: with every permission granted it is still a box', async () => {
  const everything: SandboxProfile = {
    spawn: true,
    unixSockets: true,
    network: { allowedDomains: ['*.example.test'] },
    filesystem: { allowRead: [lab.directory('r')], allowWrite: [lab.directory('w')] },
  };
  const { stdout } = await lab.run({
    command: '/bin/sh',
    args: [
      '-c',
      'ls -d /proc/[0-9]* | wc -l; cat /etc/shadow /root/.ssh/* 2>&1; grep -E "Seccomp:|NoNewPrivs" /proc/self/status',
    ],
    profile: everything,
  });
  expect(stdout).toMatch(/^[1-9]$/m);
  expect(stdout).toMatch(/NoNewPrivs:\s1\nSeccomp:\s2/);
  expect(stdout).not.toContain('root:');
});
it('BOX-11: spawn: false starts the command and stops what it would start', async () => {
  const { stdout } = await node(
    "try { require('child_process').execSync('id'); console.log('RAN'); } catch (e) { console.log('up', e.code); }",
  );
  expect(stdout).toBe('up EPERM\n');
});
it('BOX-12: a second start has the same command, profile and proof', async () => {
  const spec = { command: NODE, args: ['-e', 'console.log(1)'], profile: { limits: { processes: 40 } } };
  const [first, second] = [await lab.sandbox.start(spec), await lab.sandbox.start(spec)];
  await first.kill();
  expect((await finish(second)).stdout).toBe('1\n');
  expect(second.plan).toEqual(first.plan);
  expect(second.attestation).toBe(first.attestation);
});
it('BOX-14: one field leaves everything else denied', async () => {
  const { stdout } = await node(
    "const out = []; try { require('fs').readFileSync('/root/x') } catch (e) { out.push(e.code) } try { require('child_process').execSync('id'); out.push('RAN') } catch (e) { out.push(e.code) } require('net').connect(80, '1.1.1.1').on('error', (e) => console.log(...out, e.code))",
    { limits: { openFiles: 100 } },
  );
  expect(stdout).toMatch(/^ENOENT EPERM ENETUNREACH\n$/);
});

describe('the proof', () => {
  it('fails, by name, in a box that does not hold', async () => {
    let serial = 0;
    const leaky: SandboxBackend = { ...weakBackend(), name: 'bubblewrap', enforces: everyPermission('enforced') };
    const files = (request: Parameters<SandboxBackend['launch']>[0]): Promise<string> =>
      import('node:fs').then(({ chmodSync, writeFileSync }) => {
        const path = join(lab.scratch, `weak-probe-${serial++}`);
        writeFileSync(path, [...request.files.values()][0]!.content);
        chmodSync(path, 0o755);
        return path;
      });
    const backend: SandboxBackend = {
      ...leaky,
      launch: async (request) =>
        leaky.launch({ ...request, command: request.files.size > 0 ? [await files(request)] : request.command }),
    };
    const spec = { command: '/bin/true' };
    await expect(createSandbox({ backend, environment: process.env }).start(spec)).rejects.toMatchObject({
      code: 'ERR_SANDBOX_NOT_ENFORCEABLE',
    });
    const { probes, enforced } = await createSandbox({ backend, environment: process.env }).attest(spec);
    const failed = probes.filter(({ held }) => !held).map(({ name }) => name);
    expect(failed).toEqual(
      expect.arrayContaining([
        'start a process',
        'no capability, no new privileges, filter on',
        'the environment holds nothing but what was declared',
      ]),
    );
    expect(enforced).not.toContain('spawn');
  });
  it('is made once, and again when it is old or asked for', async () => {
    let now = 1000;
    const aged = createSandbox({ environment: process.env, now: () => now, attestationLifeMs: 5000 });
    const first = await aged.attest({ command: '/bin/true' });
    expect(await aged.attest({ command: '/bin/true' })).toBe(first);
    expect(await aged.attest({ command: '/bin/true' }, { fresh: true })).not.toBe(first);
    now += 6000;
    expect((await aged.attest({ command: '/bin/true' })).at).toBe(7000);
  });
  it('no box at all takes the symbol', async () => {
    expect(() => noBackend(Symbol('run without a box') as typeof RUN_WITHOUT_BOX)).toThrow(TypeError);
    const child = await createSandbox({ backend: noBackend(RUN_WITHOUT_BOX), environment: process.env }).start({
      command: '/bin/sh',
      args: ['-c', 'echo out'],
    });
    expect((await finish(child)).stdout).toBe('out\n');
    expect(child.attestation.backend).toBe('none');
  });
});
