/**
 * Writes ten million clean records (or as many as the first argument says), then has both verifiers look at them.
 * Prints times and rates as JSON; exit code 1 on any finding. Needs about 9 GB for ten million.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyLog } from '../../src/verify/verify.ts';
import { makeDirectory, removeAll, signerFromSeed, vkeyOf } from '../kit.ts';
import { writeCleanLog } from './clean-log.ts';

const records = Number(process.argv[2] ?? 10_000_000);
const root = makeDirectory();
const key = await vkeyOf();
const timed = async <T>(work: () => Promise<T> | T): Promise<{ value: T; seconds: number }> => {
  const start = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - start) / 1000 };
};
try {
  const written = await timed(() => writeCleanLog(join(root, 'log'), records, signerFromSeed('a')));
  const library = await timed(() => verifyLog({ directory: written.value, keys: [key] }));
  const program = fileURLToPath(new URL('../../src/verifier/main.ts', import.meta.url));
  const tiny = await timed(() =>
    spawnSync(process.execPath, [program, written.value, '--key', key, '--quiet'], { encoding: 'utf8' }),
  );
  const rate = (seconds: number): number => Math.round(library.value.size / seconds);
  const { status, size, bytes, findings, warnings, segments, checkpoints } = library.value;
  process.stdout.write(
    `${JSON.stringify({ size, bytes, segments, checkpoints, written: rate(written.seconds), library: { status, findings: findings.length, warnings: warnings.length, perSecond: rate(library.seconds) }, program: { exitCode: tiny.value.status, perSecond: rate(tiny.seconds) } }, undefined, 2)}\n`,
  );
  process.exitCode = status === 'intact' && warnings.length === 0 && tiny.value.status === 0 ? 0 : 1;
} finally {
  removeAll(root);
}
