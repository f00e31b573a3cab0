import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isAlive } from '../../../test/support/leaks.ts';
import { findSetpriv, withParentDeath } from './parent-death.ts';

const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

interface Started {
  parent: ChildProcessByStdio<Writable, Readable, null>;
  child: number;
  /** The first line that the server wrote. */
  first: string;
}

async function parentOf(server: string, guard = '', extra: (number | 'ignore')[] = []): Promise<Started> {
  const script = new URL('../../../test/fixtures/processes/parent.mjs', import.meta.url).pathname;
  const parent = spawn(process.execPath, ['--conditions=@sekisho/source', script, server, guard], {
    stdio: ['pipe', 'pipe', 'inherit', ...extra],
  }) as Started['parent'];
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const { pids, first } = JSON.parse(line) as { pids: [number]; first: string };
  started.push(pids[0], parent.pid!);
  return { parent, child: pids[0], first };
}

const gone = (pid: number): Promise<void> =>
  vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 15_000, interval: 20 });

describe.runIf(process.platform === 'linux')('CHK-19: when the gateway itself ends', () => {
  test('by kill -9, a server hears the end of its input', async () => {
    const { parent, child } = await parentOf('echo');
    parent.kill('SIGKILL');
    await gone(child);
  });
  test('by process.exit, a server that hears nothing is killed all the same', async () => {
    const { parent, child } = await parentOf('stubborn');
    const exit = once(parent, 'exit');
    parent.stdin.write('exit\n');
    await exit;
    await gone(child);
  });
  test.runIf(findSetpriv())('by kill -9, the guard kills a server that hears nothing', async () => {
    const { parent, child } = await parentOf('stubborn', 'guard');
    parent.kill('SIGKILL');
    await gone(child);
  });
});

test.runIf(process.platform === 'linux')("what the gateway was started with is not its servers' business", async () => {
  const secret = openSync(new URL(import.meta.url), 'r');
  // Far enough from the others that Node.js does not see to it.
  const { parent, child, first } = await parentOf('surroundings', '', [...Array<'ignore'>(17).fill('ignore'), secret]);
  closeSync(secret);
  const { descriptors } = JSON.parse(first) as { descriptors: string[] };
  expect(descriptors.length).toBeGreaterThan(2);
  expect(descriptors.filter((entry) => entry.includes('.test.ts'))).toEqual([]);
  parent.stdin.end('exit\n');
  await gone(child);
});

describe.runIf(process.platform !== 'win32')('the guarded command', () => {
  const spec = { name: 'x', command: 'sh', args: ['-c', 'exit'], env: { PATH: '/nowhere:/bin' } };
  test('is found as the system would find it', () => {
    expect(withParentDeath(spec, '/usr/bin/setpriv')).toEqual({
      file: '/usr/bin/setpriv',
      args: ['--pdeathsig', 'SIGKILL', '--', '/bin/sh', '-c', 'exit'],
    });
    expect(withParentDeath({ ...spec, command: './sh', cwd: '/bin' }, 'setpriv').args[3]).toBe('/bin/sh');
  });
  test('is left alone when it is not found', () => {
    expect(withParentDeath({ ...spec, command: 'none' }, 'setpriv')).toEqual({ file: 'none', args: ['-c', 'exit'] });
  });
  test('there is no setpriv but on Linux', () => {
    expect(findSetpriv('darwin')).toBeUndefined();
  });
});
