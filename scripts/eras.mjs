// `node scripts/eras.mjs`: plays the matrix of clients and servers of both eras and writes docs/eras.md from what it found.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync('npx', ['-y', 'pnpm@12', 'exec', 'vitest', 'run', 'packages/core/test/matrix'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SEKISHO_WRITE_ERAS: '1' },
});
process.exit(status ?? 1);
