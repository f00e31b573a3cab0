import { copyFile, lstat, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { BackupError, digestOf, manifestName, type Manifest, type ManifestFile } from './manifest.ts';
import { inCopyingOrder, type Treatment } from './what-to-copy.ts';

export interface BackupOptions {
  readonly stateFolder: string;
  /** A folder that does not exist yet. */
  readonly target: string;
  /** Where the keys go by which subjects can be told; another folder that does not exist yet. Left out: they are not copied. */
  readonly keysTarget?: string | undefined;
  readonly version: string;
  readonly nowMs: number;
  /** Told of each file before it is copied. */
  readonly onProgress?: (path: string, done: number, all: number) => void;
}

export interface BackupReport {
  readonly files: number;
  readonly bytes: number;
  /** Keys of subjects, which were copied only where a folder for them was named. */
  readonly keys: number;
}

/**
 * Copies the whole state while the gateway runs. Files that grow are copied up to where they are, in an order that keeps
 * the record whole (see {@link inCopyingOrder}); the next start mends a last line that was cut. The manifest comes last:
 * a backup without one is none. Nothing is encrypted: the folder holds keys and is readable to its owner only.
 *
 * @throws BackupError for a target that exists or lies inside the state
 */
export async function makeBackup(options: BackupOptions): Promise<BackupReport> {
  const { stateFolder, target, keysTarget } = options;
  for (const folder of [target, ...(keysTarget === undefined ? [] : [keysTarget])])
    await checkTarget(folder, stateFolder);
  const all = inCopyingOrder(await filesIn(stateFolder));
  const keys = all.filter(({ treatment }) => treatment === 'subject-key');
  const state = all.filter(({ treatment }) => treatment !== 'subject-key');
  const main = await copyAll('state', target, state, options);
  if (keysTarget !== undefined) await copyAll('subject-keys', keysTarget, keys, options);
  return { files: main.files.length, bytes: main.files.reduce((sum, { bytes }) => sum + bytes, 0), keys: keys.length };
}

async function checkTarget(target: string, stateFolder: string): Promise<void> {
  if (!relative(stateFolder, resolve(target)).startsWith('..'))
    throw new BackupError(
      `${target} lies inside of ${stateFolder}, which is what is backed up. Name a folder elsewhere.`,
    );
  const found = await readdir(target).catch(() => []);
  if (found.length > 0)
    throw new BackupError(`${target} is not empty. Name a folder that is new, so that nothing is mixed up.`);
}

async function copyAll(
  holds: Manifest['holds'],
  target: string,
  entries: readonly { path: string; treatment: Treatment }[],
  { stateFolder, version, nowMs, onProgress }: BackupOptions,
): Promise<Manifest> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  const files: ManifestFile[] = [];
  for (const [index, { path, treatment }] of entries.entries()) {
    onProgress?.(path, index, entries.length);
    const from = join(stateFolder, path);
    const to = join(target, path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    const copied = treatment === 'database' ? await copyDatabase(from, to) : await copyPlain(from, to);
    // Gone since the folder was read: rotated or erased, and rightly not in the copy.
    if (!copied) continue;
    const { size, mode } = await stat(to);
    files.push({ path: path.split(sep).join('/'), bytes: size, sha256: await digestOf(to), mode: mode & 0o777 });
  }
  const manifest: Manifest = { format: 1, version, madeMs: nowMs, holds, files };
  await writeFile(join(target, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  return manifest;
}

async function copyPlain(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function copyDatabase(from: string, to: string): Promise<boolean> {
  const { DatabaseSync, backup } = await import('node:sqlite');
  if (
    !(await stat(from).then(
      () => true,
      () => false,
    ))
  )
    return false;
  const database = new DatabaseSync(from, { readOnly: true });
  try {
    await backup(database, to);
  } finally {
    database.close();
  }
  return true;
}

/** Regular files only, relative to the folder; links are not followed, they could lead anywhere. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new BackupError(`${folder} cannot be read: there is no state yet, or it is somebody else's.`, { cause });
  });
  const kinds = await Promise.all(
    entries.map(async (path) => ({ path, stats: await lstat(join(folder, path)).catch(() => undefined) })),
  );
  return kinds.filter(({ stats }) => stats?.isFile() === true).map(({ path }) => path);
}

/** Takes away what a backup that failed left. */
export async function discardBackup(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}
