import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { isAlive } from '../limits/process-tree.ts';

it('a process group on the list ends with the gateway, and one that left the list does not matter', async () => {
  const code = `
    import { spawn } from 'node:child_process';
    import { watchOver } from '${new URL('undertaker.ts', import.meta.url).href}';
    const quick = spawn('true', { detached: true, stdio: 'ignore' });
    watchOver(quick);
    await new Promise((resolve) => quick.once('exit', resolve));
    const child = spawn('/bin/sh', ['-c', 'trap "" TERM HUP; sleep 300 & sleep 301'], { detached: true, stdio: 'ignore' });
    watchOver(child);
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const gateway = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = Number(
    await new Promise<string>((resolve) => gateway.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString()))),
  );
  expect(isAlive(pid)).toBe(true);
  gateway.kill('SIGKILL');
  for (let i = 0; i < 500 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isAlive(pid)).toBe(false);
});
