import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxProfile } from '../src/index.ts';
import { isAlive, processTree } from '../src/limits/process-tree.ts';
import { createLab, finish, type Lab, NODE } from './support.ts';

let lab: Lab;
beforeAll(() => {
  lab = createLab({ graceMs: 300 });
});
afterAll(() => lab.close());

const NETWORK: SandboxProfile = { network: { allowedDomains: ['api.example.test'] } };
const firstLine = (stream: NodeJS.ReadableStream): Promise<string> =>
  new Promise((resolve) => stream.once('data', (chunk: Buffer) => resolve(chunk.toString())));
const openDescriptors = (): string[] =>
  readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/g, 'N');
      } catch {
        return 'gone'; // the one that readdir used
      }
    })
    .toSorted();

async function until(check: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !check(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(check()).toBe(true);
}

describe.each([
  ['no network', {}],
  ['a network rule', NETWORK],
] as [string, SandboxProfile][])('with %s', (_name, profile) => {
  it('passes exit codes and streams through', async () => {
    const child = await lab.sandbox.start({
      command: '/bin/sh',
      args: ['-c', 'cat; echo problem >&2; exit 7'],
      profile: { ...profile, spawn: true },
    });
    expect(await finish(child, 'input')).toEqual({ stdout: 'input', stderr: 'problem\n', code: 7, reason: 'exit' });
  });
  it('lets a polite SIGTERM reach the command, and ends one that ignores it', async () => {
    const polite = await lab.sandbox.start({
      command: NODE,
      args: [
        '-e',
        "process.on('SIGTERM', () => { console.log('bye'); process.exit(3); }); setInterval(() => {}, 1000); console.log('up')",
      ],
      profile,
    });
    let said = '';
    polite.stdout.on('data', (chunk: Buffer) => (said += chunk));
    await until(() => said.includes('up'));
    expect(await polite.stop()).toMatchObject({ code: 3, reason: 'stopped' });
    expect(said).toContain('bye');
    const deaf = await lab.sandbox.start({
      command: NODE,
      args: ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')"],
      profile,
    });
    await firstLine(deaf.stdout);
    expect(await deaf.stop()).toMatchObject({ code: null, signal: 'SIGKILL', reason: 'stopped' });
  });
  it('ends when its input is closed', async () => {
    const child = await lab.sandbox.start({ command: '/bin/cat', profile });
    child.stdout.resume();
    expect(await child.stop()).toMatchObject({ code: 0, reason: 'stopped' });
  });
  it('is gone after kill, with daemons, and kill may be called again', async () => {
    const child = await lab.sandbox.start({
      command: '/bin/sh',
      args: ['-c', 'trap "" TERM HUP; setsid sleep 300 & (setsid sleep 301 &) ; echo up; sleep 302'],
      profile: { ...profile, spawn: true },
    });
    await firstLine(child.stdout);
    const tree = processTree(child.init!);
    expect(tree.length).toBeGreaterThan(3);
    await Promise.all([child.kill(), child.kill()]);
    await child.kill();
    expect(tree.filter(isAlive)).toEqual([]);
    expect(isAlive(child.pid)).toBe(false);
    expect(await child.exited).toMatchObject({ code: null, signal: 'SIGKILL', reason: 'killed' });
  });
  it('dies with the gateway', async () => {
    const gateway = spawn(
      NODE,
      [
        '--conditions=@sekisho/source',
        '--no-warnings',
        fileURLToPath(new URL('gateway-to-kill.ts', import.meta.url)),
        JSON.stringify(profile),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    // (The program that opened the listeners may be among them, and is about to end.)
    const pids = (JSON.parse(await firstLine(gateway.stdout)) as number[]).filter(isAlive);
    expect(pids.length).toBeGreaterThan(3);
    gateway.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
  });
});

it('refuses to start from a worker thread, whose end would end the box', async () => {
  const worker = new Worker(
    `import('${new URL('../src/index.ts', import.meta.url).href}').then(async ({ createSandbox }) => {
    const port = require('worker_threads').parentPort;
    try { await createSandbox({ environment: process.env }).start({ command: '/bin/true' }); port.postMessage('STARTED'); } catch (error) { port.postMessage(error.code); }
  });`,
    { eval: true },
  );
  expect(await new Promise((resolve) => worker.once('message', resolve))).toBe('ERR_SANDBOX_NOT_MAIN_THREAD');
  await worker.terminate();
});

it('leaves nothing: processes, mounts, descriptors, files', { timeout: 180_000 }, async () => {
  const ways = ['exit', 'kill', 'stop', 'launcher', 'command'] as const;
  const boxes = 200;
  await lab.run({ command: '/bin/true' });
  await lab.run({ command: '/bin/true', profile: NETWORK });
  const before = { mounts: readFileSync('/proc/self/mountinfo', 'utf8'), descriptors: openDescriptors() };
  const seen: number[] = [];
  const one = async (index: number): Promise<void> => {
    const way = ways[index % ways.length]!;
    const child = await lab.sandbox.start({
      command: '/bin/sh',
      args: ['-c', way === 'exit' ? 'exit 0' : 'sleep 100 & sleep 100'],
      profile: { spawn: true, ...(index % 3 === 0 ? NETWORK : {}) },
    });
    child.stdout.resume();
    child.stdin.end();
    seen.push(child.pid, ...(child.init === undefined ? [] : processTree(child.init)));
    if (way === 'kill') await child.kill();
    if (way === 'stop') await child.stop();
    if (way === 'launcher') process.kill(child.pid, 'SIGKILL');
    if (way === 'command') {
      let over = false;
      void child.exited.then(() => (over = true));
      await until(() => {
        const command = processTree(child.init!)[1];
        if (command !== undefined) process.kill(command, 'SIGKILL');
        // On a busy machine the look may come when the command was killed by the look before.
        return command !== undefined || over;
      });
    }
    await child.exited;
  };
  for (let from = 0; from < boxes; from += 20)
    await Promise.all(Array.from({ length: 20 }, (_, index) => one(from + index)));
  expect(seen.filter(isAlive)).toEqual([]);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before.mounts);
  await until(() => openDescriptors().length <= before.descriptors.length);
  expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain('sleep 100 & sleep 100');
});
