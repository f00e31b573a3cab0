import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { SandboxError } from '../errors.ts';

/** What a floating name was found to mean, once. */
export interface LockEntry {
  version: string;
  /** Integrity of every package of the tree, by its place in it (npm) or its requirement (uv). */
  integrity: Record<string, string>;
  /** The package manager's own lock, from which the same tree is installed again. */
  native: string;
}

/** `sekisho.lock.json`, beside the configuration. */
export interface LockFile {
  version: 1;
  packages: Record<string, LockEntry>;
}

const invalid = (path: string, cause?: unknown): SandboxError =>
  new SandboxError('ERR_SANDBOX_LOCK_INVALID', `The lock file ${path} cannot be read.`, {
    remedy: 'restore it from your version control; deleting it approves whatever is found next.',
    cause,
  });

function isEntry(value: unknown): value is LockEntry {
  const entry = value as Partial<LockEntry> | null;
  return (
    typeof entry === 'object' &&
    entry !== null &&
    typeof entry.version === 'string' &&
    typeof entry.native === 'string' &&
    typeof entry.integrity === 'object' &&
    entry.integrity !== null
  );
}

/** An absent file is an empty lock; a broken one is an error, since an empty lock would approve everything. */
export function readLock(path: string): LockFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, packages: {} };
    throw invalid(path, error);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw invalid(path, error);
  }
  const lock = parsed as Partial<LockFile> | null;
  if (
    typeof lock !== 'object' ||
    lock === null ||
    lock.version !== 1 ||
    typeof lock.packages !== 'object' ||
    lock.packages === null ||
    !Object.values(lock.packages).every(isEntry)
  )
    throw invalid(path);
  return lock as LockFile;
}

/** All at once or not at all. */
export function writeLock(path: string, lock: LockFile): void {
  const sorted = {
    version: lock.version,
    packages: Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(sorted, null, 2)}\n`, { mode: 0o644 });
  renameSync(temporary, path);
}

/** What differs between two trees, in words; empty where they are the same. */
export function compareIntegrity(approved: LockEntry['integrity'], found: LockEntry['integrity']): string[] {
  const names = [...new Set([...Object.keys(approved), ...Object.keys(found)])].toSorted();
  return names
    .filter((name) => approved[name] !== found[name])
    .map((name) => `${name}: ${approved[name] ?? 'not there'} became ${found[name] ?? 'not there'}`);
}
