import { chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { BackupError, checkBackup, readManifest, type Manifest } from './manifest.ts';

export interface RestoreOptions {
  /** The backup of the state. */
  readonly source: string;
  /** The backup of the subjects' keys, where there is one. */
  readonly keysSource?: string | undefined;
  /** What is replaced. It must be empty or absent, unless `replace`. */
  readonly stateFolder: string;
  /** Puts a state that is there aside, under another name. Default false. */
  readonly replace?: boolean;
  readonly nowMs: number;
}

export interface RestoreReport {
  readonly madeMs: number;
  readonly version: string;
  readonly files: number;
  /** Where the state went that was there before. */
  readonly aside: string | undefined;
}

/**
 * Puts a backup in the place of the state. Everything is compared with the manifest first, and copied beside the place
 * before it is moved there, so that a failure on the way leaves what was there. The gateway must not be running.
 *
 * @throws BackupError for a backup that is not whole, and for a state that would be overwritten
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { source, keysSource, stateFolder, replace = false, nowMs } = options;
  const state = await readWhole(source, 'state');
  const keys = keysSource === undefined ? undefined : await readWhole(keysSource, 'subject-keys');
  const present = (await readdir(stateFolder).catch(() => [])).length > 0;
  if (present && !replace)
    throw new BackupError(
      `${stateFolder} is not empty. To put what is there aside and restore all the same, add --replace.`,
    );

  const staged = `${stateFolder}.restoring-${nowMs}`;
  try {
    await copyFiles(source, staged, state);
    if (keysSource !== undefined && keys !== undefined) await copyFiles(keysSource, staged, keys);
    const aside = present ? `${stateFolder}.before-${nowMs}` : undefined;
    if (aside === undefined) await rm(stateFolder, { recursive: true, force: true });
    else await rename(stateFolder, aside);
    await rename(staged, stateFolder);
    return {
      madeMs: state.madeMs,
      version: state.version,
      files: state.files.length + (keys?.files.length ?? 0),
      aside,
    };
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

async function readWhole(folder: string, holds: Manifest['holds']): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest.holds !== holds)
    throw new BackupError(`${folder} holds ${manifest.holds}, where a backup of ${holds} is needed.`);
  const outside = manifest.files.find(({ path }) => !isInside(folder, path));
  if (outside !== undefined)
    throw new BackupError(`The backup names ${outside.path}, which lies outside of it. It was tampered with.`);
  const faults = await checkBackup(folder, manifest);
  if (faults.length > 0)
    throw new BackupError(
      `The backup in ${folder} is not whole: ${faults.slice(0, 5).join(' ')}${faults.length > 5 ? ` And ${faults.length - 5} more.` : ''}`,
    );
  return manifest;
}

function isInside(folder: string, path: string): boolean {
  return resolve(folder, path).startsWith(resolve(folder) + sep);
}

async function copyFiles(from: string, to: string, { files }: Manifest): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const { path, mode } of files) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await copyFile(join(from, path), target);
    await chmod(target, mode & 0o700);
  }
}
