import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { everyPermission, type SandboxBackend } from '../src/backends/backend.ts';
import { readStatus } from '../src/bubblewrap/status.ts';

/**
 * Too weak on purpose, to see that the cases can fail: the whole file system, the caller's environment, no filter and no limits; only its
 * own network and process namespaces, so that nothing outside is touched. Never as root: there its command runs as the user of the boxes.
 */
export function weakBackend(): SandboxBackend {
  return {
    name: 'container',
    enforces: everyPermission('not-enforceable'),
    ownsNetwork: false,
    examine: () => Promise.resolve({ usable: true, version: 'weak' }),
    launch({ command, environment, identity }) {
      const args = [
        '--dev-bind',
        '/',
        '/',
        '--size',
        '536870912',
        '--tmpfs',
        '/dev/shm',
        '--proc',
        '/proc',
        '--unshare-pid',
        '--unshare-net',
        '--die-with-parent',
        '--json-status-fd',
        '3',
        '--',
        ...command,
      ];
      const child = spawn('bwrap', args, {
        env: { ...process.env, ...environment, HOME: '/dev/shm' },
        stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
        cwd: '/',
        ...(process.getuid!() === 0 ? identity : {}),
      });
      return Promise.resolve({ child, status: readStatus(child.stdio[3] as Readable) });
    },
  };
}
