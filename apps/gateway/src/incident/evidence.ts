import { createHash, sign, type KeyObject } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOf } from '../backup/manifest.ts';

export interface EvidenceOptions {
  /** A folder that does not exist yet. */
  readonly target: string;
  /** The folders of the record, by replica. */
  readonly logs: readonly { readonly replica: string; readonly directory: string; readonly verifierKey: string }[];
  /** Files of the configuration: their digests are kept, not what they say. */
  readonly configFiles: readonly string[];
  /** What the running gateway says of itself, boxes and their proofs included; undefined where none answers. */
  readonly status: object | undefined;
  readonly isolations: readonly object[];
  readonly versions: Readonly<Record<string, string>>;
  /** The key that signs the record; it signs the bundle too. */
  readonly privateKey: KeyObject;
  readonly nowMs: number;
}

export interface EvidenceReport {
  readonly files: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where a target is not empty: nothing may be mixed into evidence. */
export class EvidenceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EvidenceError';
  }
}

/**
 * Puts together what tells later what was the case: the record with its checkpoints and the keys to verify them, the digests
 * of the configuration, versions, the proofs of the boxes, what is isolated. `manifest.json` lists every file with its
 * digest, and `manifest.sig` is an Ed25519 signature of it (RFC 8032) by the key of the record. Files are copied before they
 * are listed and made read-only. Identities stay sealed: the keys of the subjects are not among them.
 */
export async function gatherEvidence(options: EvidenceOptions): Promise<EvidenceReport> {
  const { target, logs, configFiles, status, isolations, versions, privateKey, nowMs } = options;
  if ((await readdir(target).catch(() => [])).length > 0)
    throw new EvidenceError(`${target} is not empty. Name a folder that is new, so that nothing is mixed up.`);
  await mkdir(target, { recursive: true, mode: 0o700 });
  for (const { replica, directory, verifierKey } of logs) {
    // What says how far the record goes before the record, which then goes at least as far.
    await copyInto(directory, join(target, 'audit', replica), ['checkpoint', 'segments']);
    await write(join(target, 'audit', replica, 'verifier.key'), `${verifierKey}\n`);
  }
  const configuration = await Promise.all(
    configFiles.map(async (file) => ({ file, sha256: await digestOf(file).catch(() => 'not there') })),
  );
  await write(
    join(target, 'state.json'),
    `${JSON.stringify({ takenMs: nowMs, versions, configuration, isolations, status: status ?? 'no gateway answered' }, null, 2)}\n`,
  );
  const files = await listFiles(target);
  const manifest = `${JSON.stringify({ format: 1, takenMs: nowMs, files }, null, 2)}\n`;
  await write(join(target, 'manifest.json'), manifest);
  await write(join(target, 'manifest.sig'), `${sign(null, Buffer.from(manifest), privateKey).toString('base64')}\n`);
  return {
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    sha256: createHash('sha256').update(manifest).digest('hex'),
  };
}

async function copyInto(from: string, to: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = join(from, name);
    const kind = await stat(path).catch(() => undefined);
    if (kind === undefined) continue;
    if (kind.isDirectory()) {
      const inner = await readdir(path);
      await copyInto(path, join(to, name), inner);
      continue;
    }
    await mkdir(to, { recursive: true, mode: 0o700 });
    await copyFile(path, join(to, name));
    await chmod(join(to, name), 0o400);
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o400, flag: 'wx' });
}

async function listFiles(folder: string): Promise<{ path: string; bytes: number; sha256: string }[]> {
  const files: { path: string; bytes: number; sha256: string }[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    files.push({
      path: path.slice(folder.length + 1).replaceAll('\\', '/'),
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
