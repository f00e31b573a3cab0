/** Starts a box, prints every process of it, and waits to be killed. */
import { createSandbox, type SandboxProfile } from '../src/index.ts';
import { processTree } from '../src/limits/process-tree.ts';

const profile = JSON.parse(process.argv[2]!) as SandboxProfile;
const child = await createSandbox({ environment: process.env }).start({
  command: '/bin/sh',
  args: ['-c', 'trap "" TERM HUP INT; setsid sleep 300 & echo up; sleep 301; sleep 302'],
  profile: { ...profile, spawn: true },
});
child.stdout.once('data', () => console.log(JSON.stringify(processTree(child.pid))));
