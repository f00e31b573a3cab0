import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { folderOf } from '../config/load-fixture.ts';
import { anything, callRun, openHouse, processesWith } from './house.ts';

const longMs = 90_000;
const patiently = { timeout: 30_000, interval: 50 };
const main = resolve(import.meta.dirname, '../../src/main.ts');
const spawning = { spawn: true };

/** A grandchild that leaves its parents, its session and its terminal, hears no signal and bears a name to be found by. */
const daemonise = (mark: string): string =>
  `require('child_process').spawn('/bin/sh', ['-c', 'trap "" TERM HUP INT; sleep 600; : ${mark}'], { detached: true, stdio: 'ignore' }).unref(); return 1`;

/** The program itself, in a process of its own. */
async function startProgram(
  mark: string,
): Promise<{ child: ReturnType<typeof spawn>; url: string; who: Readonly<Record<string, string>> }> {
  const home = await folderOf({
    'sekisho.jsonc': {
      mcpServers: {
        it: { command: 'node', args: [anything, mark], 'x-sekisho': { sandbox: spawning } },
        netted: {
          command: 'node',
          args: [anything, mark],
          'x-sekisho': { sandbox: { ...spawning, network: { allowedDomains: ['api.example.com'] } } },
        },
      },
    },
  });
  const words = ['--conditions=@sekisho/source', main, '--config', join(home, 'sekisho.jsonc'), '--port', '0'];
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env['PATH'], HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += String(chunk)));
  await vi.waitFor(() => expect(text).toContain('2 of 2 servers ready'), patiently);
  const who = { Authorization: `Bearer ${/sks_local_\w+/.exec(text)![0]}` };
  return { child, who, url: /http:\/\/[^/\s]+/.exec(text)![0] };
}

describe.runIf(process.platform === 'linux')('nothing is left', { timeout: longMs }, () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'BOX-13, R-14: when the gateway gets %s, daemonised grandchildren included',
    async (signal) => {
      const mark = `left-behind-${signal}-${process.pid}`;
      const { child, url, who } = await startProgram(mark);
      for (const server of ['it', 'netted']) expect(await callRun(url, server, daemonise(mark), who)).toBe('1');
      await vi.waitFor(() => expect(processesWith(mark).length).toBeGreaterThanOrEqual(4), patiently);
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
      await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), patiently);
    },
  );

  test('when a server crashes, and the next one is the same server in the same box', async () => {
    const mark = `crashed-${process.pid}`;
    const { run, box, server } = await openHouse({
      mcpServers: { it: { command: 'node', args: [anything, mark], 'x-sekisho': { sandbox: spawning } } },
    });
    expect(await run(daemonise(mark))).toBe('1');
    const before = (await box())!;
    const { pid } = await server('it');
    await run('process.kill(process.pid, "SIGKILL")');
    await vi.waitFor(async () => {
      expect((await server('it')).state).toBe('ready');
      expect((await server('it')).pid).not.toBe(pid);
    }, patiently);
    expect((await box())!.profileHash).toBe(before.profileHash);
    expect((await box())!.provedAtMs).toBe(before.provedAtMs);
    // One launcher, one PID 1 and the server; nothing of the first life.
    await vi.waitFor(() => {
      expect(processesWith(`: ${mark}`)).toEqual([]);
      expect(processesWith(mark).length).toBeGreaterThan(0);
    }, patiently);
  });

  test('when the configuration takes a server out, or gives it another box', async () => {
    const mark = `reloaded-${process.pid}`;
    const { composition, box, folder } = await openHouse({
      mcpServers: {
        it: { command: 'node', args: [anything, mark] },
        gone: { command: 'node', args: [anything, `${mark}-gone`] },
      },
    });
    const before = (await box())!;
    const { loadObject } = await import('../config/load-fixture.ts');
    const next = await loadObject(
      {
        mcpServers: {
          it: { command: 'node', args: [anything, mark], 'x-sekisho': { sandbox: { limits: { processes: 40 } } } },
        },
      },
      { env: process.env },
    );
    await composition.reload(next);
    await composition.gateway.ready();
    expect(composition.boxOf('it')).toMatchObject({ state: 'boxed' });
    expect(composition.boxOf('it')!.profileHash).not.toBe(before.profileHash);
    await vi.waitFor(() => expect(processesWith(`${mark}-gone`)).toEqual([]), patiently);
    expect(readdirSync(folder)).toContain('sekisho.jsonc');
  });
});
