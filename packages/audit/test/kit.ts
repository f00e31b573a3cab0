import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuditLog } from '../src/log.ts';
import type { AuditLogOptions } from '../src/log-options.ts';
import { ed25519Signer } from '../src/note/signer.ts';
import type { Signer } from '../src/note/signer.ts';
import { localAuditKeys } from '../src/privacy/audit-keys.ts';
import { verifyLog } from '../src/verify/verify.ts';
import type { Verification } from '../src/verify/findings.ts';

export function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'sekisho-audit-'));
}

export function makeSigner(name = 'gw.example/audit/a'): Signer {
  return ed25519Signer({ name, ...generateKeyPairSync('ed25519') });
}

/** The same key in another process: seeds are derived from a name. */
export function signerFromSeed(seed: string, name = 'gw.example/audit/a'): Signer {
  const raw = createHash('sha256').update(seed).digest();
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), raw]);
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return ed25519Signer({ name, privateKey, publicKey: createPublicKey(privateKey) });
}

export const secret = createHash('sha256').update('a secret for tests').digest();
export const testKeys = () => localAuditKeys({ id: 'test', secret });

/** A clock that moves one millisecond per reading and never by itself. */
export function steppingClock(startMs = 1_795_000_000_000): () => number {
  let now = startMs;
  return () => (now += 1);
}

export type TestOptions = Partial<AuditLogOptions<string>> & { directory: string };

export function openLog(options: TestOptions) {
  return createAuditLog<string>({
    signer: signerFromSeed('a'),
    keys: testKeys(),
    now: steppingClock(),
    checkpointEveryMs: 0,
    ...options,
  });
}

export const vkeyOf = async (seed = 'a', name?: string): Promise<string> => {
  const { verifierKey } = await import('../src/note/signer.ts');
  return verifierKey(signerFromSeed(seed, name));
};

const tinyVerifier = fileURLToPath(new URL('../src/verifier/main.ts', import.meta.url));

export interface TinyResult {
  status: 'intact' | 'broken' | 'unsealed';
  exitCode: number | null;
  size: number;
  signedSize: number;
  root: string;
  problems: string[];
  remarks: string[];
}

/** Runs the separate verifier program as its own process. */
export function runTiny(directory: string, keys: readonly string[], trustedFiles: readonly string[] = []): TinyResult {
  const args = [
    tinyVerifier,
    directory,
    '--json',
    ...keys.flatMap((key) => ['--key', key]),
    ...trustedFiles.flatMap((file) => ['--trusted', file]),
  ];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status === 2 || run.stdout === '') throw new Error(`verifier program: ${run.stderr}`);
  return { ...(JSON.parse(run.stdout) as Omit<TinyResult, 'exitCode'>), exitCode: run.status };
}

/** Both verifiers; fails when they disagree, for that is a finding in itself. */
export async function verifyBoth(
  directory: string,
  keys: readonly string[],
  trustedFiles: readonly string[] = [],
): Promise<{ library: Verification; tiny: TinyResult; status: string }> {
  const library = await verifyLog({ directory, keys, trusted: trustedFiles.map((file) => readFileSync(file, 'utf8')) });
  const tiny = runTiny(directory, keys, trustedFiles);
  if (library.status !== tiny.status || library.exitCode !== tiny.exitCode) {
    throw new Error(`the verifiers disagree: ${JSON.stringify({ library, tiny })}`);
  }
  return { library, tiny, status: library.status };
}

export function copyOf(directory: string): string {
  const copy = join(makeDirectory(), 'log');
  cpSync(directory, copy, { recursive: true });
  return copy;
}

export function segmentsOf(directory: string): string[] {
  return readdirSync(join(directory, 'segments'))
    .sort()
    .map((name) => join(directory, 'segments', name));
}

export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

export function writeLines(path: string, lines: readonly string[]): void {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
}

export function recordsOf(directory: string): Record<string, unknown>[] {
  return segmentsOf(directory)
    .flatMap(linesOf)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export function removeAll(...paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}

/** Every file below a folder, with its bytes. */
export function filesBelow(directory: string): { path: string; bytes: Buffer }[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, bytes: readFileSync(path) }));
}
