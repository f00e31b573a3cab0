import { createHash } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../create-sandbox.ts';
import { SandboxError } from '../errors.ts';
import type { BoxSpec } from '../plan.ts';
import { compareIntegrity, type LockEntry, readLock, writeLock } from './lock-file.ts';
import { type NpmOptions, npmSteps } from './npm.ts';
import { lockKey, type PackageRunner, readRunner } from './runner.ts';
import { type UvOptions, uvSteps } from './uv.ts';

export interface InstallOptions {
  /** Absolute path of the lock file; it belongs beside the configuration. */
  lockFile: string;
  /** Absolute path of a directory for installed packages. Made if absent; must not be inside a grant of any server. */
  storeDirectory: string;
  npm?: NpmOptions;
  uv?: UvOptions;
  /** User who installs where the gateway is root. Default nobody (65534). */
  owner?: { uid: number; gid: number };
  /** Longest time for an installation, in ms. Default 300,000; 1,000 to 3,600,000. */
  timeoutMs?: number;
}

/** The steps of one package manager. */
export interface InstallSteps {
  /** Whether an installed tree may be moved: a Python environment holds its own path, a node_modules does not. */
  movable: boolean;
  /** Runs in a box with the registry and the directory, and nothing else. */
  install(
    sandbox: Sandbox,
    runner: PackageRunner,
    directory: string,
    locked: LockEntry | undefined,
    timeoutMs: number,
  ): Promise<void>;
  /** What is in the directory now. Reads data that came from outside. */
  inspect(runner: PackageRunner, directory: string): LockEntry;
  /** How to run it. */
  command(runner: PackageRunner, directory: string): { command: string; args: string[] };
}

const NOBODY = { uid: 65_534, gid: 65_534 };

/** What happened, beside the command to start. */
export interface Prepared {
  spec: BoxSpec;
  /** Absent where the command needs no installation. */
  installed?: { key: string; version: string; fresh: boolean };
}

export const approveHint = (key: string): string =>
  `look at what changed, and approve it by removing "${key}" from the lock file (approvePackage).`;

/**
 * Splits `npx package` and its like in two: what it installs is installed in a box that sees the registry and one directory, without running
 * any of its scripts; what is left to start is the program itself, whose package is read-only and whose box needs no registry, no
 * processes and no home. Any other command comes back as it is. Throws ERR_SANDBOX_INSTALL_FAILED, ERR_SANDBOX_INTEGRITY_CHANGED or
 * ERR_SANDBOX_LOCK_INVALID.
 */
export async function preparePackage(sandbox: Sandbox, spec: BoxSpec, options: InstallOptions): Promise<Prepared> {
  const runner = readRunner(spec.command, spec.args ?? []);
  if (runner === undefined) return { spec };
  const timeoutMs = options.timeoutMs ?? 300_000;
  if (!(timeoutMs >= 1000 && timeoutMs <= 3_600_000))
    throw new TypeError('timeoutMs must be from 1,000 to 3,600,000 ms');
  const id = JSON.stringify([options.storeDirectory, lockKey(runner)]);
  const before = underWay.get(id) ?? Promise.resolve();
  const turn = before.then(() => prepare(sandbox, spec, runner, { ...options, timeoutMs }));
  const over = turn.then(
    () => undefined,
    () => undefined, // told to its own caller; the next one tries for itself
  );
  underWay.set(id, over);
  void over.then(() => underWay.get(id) === over && underWay.delete(id));
  return await turn;
}

/** Two servers of one package: the second waits, and finds it installed. */
const underWay = new Map<string, Promise<void>>();

async function prepare(
  sandbox: Sandbox,
  spec: BoxSpec,
  runner: PackageRunner,
  options: InstallOptions & { timeoutMs: number },
): Promise<Prepared> {
  const steps = runner.manager === 'npm' ? npmSteps(options.npm ?? {}) : uvSteps(options.uv ?? {});
  const key = lockKey(runner);
  const lock = readLock(options.lockFile);
  const locked = lock.packages[key];
  let directory = locked === undefined ? undefined : directoryFor(options.storeDirectory, key, locked);
  const fresh = directory === undefined || !existsSync(directory);
  let entry = locked;
  if (fresh) {
    const found = await installInto(sandbox, runner, steps, options, locked);
    directory = found.directory;
    entry = found.entry;
    if (locked === undefined) remember(options.lockFile, key, entry);
  } else {
    const changed = compareIntegrity(locked!.integrity, steps.inspect(runner, directory!).integrity);
    if (changed.length > 0)
      throw new SandboxError(
        'ERR_SANDBOX_INTEGRITY_CHANGED',
        `The installed ${key} is not what was approved: ${changed.slice(0, 3).join('; ')}.`,
        { remedy: approveHint(key) },
      );
  }
  const { command, args } = steps.command(runner, directory!);
  return {
    spec: { ...spec, name: spec.name ?? runner.name, command, args: [...args, ...runner.args] },
    installed: { key, version: entry!.version, fresh },
  };
}

/** Reads the lock again: another package may have been pinned while this one was installed. */
function remember(path: string, key: string, entry: LockEntry): void {
  const lock = readLock(path);
  writeLock(path, { ...lock, packages: { ...lock.packages, [key]: entry } });
}

/** The directory's name says what is in it: another tree is another directory, and none is ever written twice. */
const directoryFor = (store: string, key: string, entry: LockEntry): string =>
  join(
    store,
    createHash('sha256')
      .update(JSON.stringify([key, entry.integrity]))
      .digest('hex')
      .slice(0, 32),
  );

async function installInto(
  sandbox: Sandbox,
  runner: PackageRunner,
  steps: InstallSteps,
  options: InstallOptions & { timeoutMs: number },
  locked: LockEntry | undefined,
): Promise<{ directory: string; entry: LockEntry }> {
  const key = lockKey(runner);
  mkdirSync(options.storeDirectory, { recursive: true, mode: 0o755 });
  // A tree's final name is known only afterwards where nothing is locked; but the tree stays where it was built, since venvs hold paths.
  const place = locked === undefined ? `new-${createHash('sha256').update(key).digest('hex').slice(0, 32)}` : undefined;
  const directory =
    place === undefined ? directoryFor(options.storeDirectory, key, locked!) : join(options.storeDirectory, place);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o755 });
  const owner = options.owner ?? NOBODY;
  if (process.getuid?.() === 0) chownSync(directory, owner.uid, owner.gid);
  try {
    await steps.install(sandbox, runner, directory, locked, options.timeoutMs);
    const entry = steps.inspect(runner, directory);
    if (locked === undefined) {
      // Known now. What cannot be moved there is installed once more, from the lock.
      const final = directoryFor(options.storeDirectory, key, entry);
      if (!existsSync(final)) {
        if (steps.movable) renameSync(directory, final);
        else await installInto(sandbox, runner, steps, options, entry);
      }
      rmSync(directory, { recursive: true, force: true });
      return { directory: final, entry };
    }
    const changed = compareIntegrity(locked.integrity, entry.integrity);
    if (changed.length > 0)
      throw new SandboxError(
        'ERR_SANDBOX_INTEGRITY_CHANGED',
        `${key} is not what was approved: ${changed.slice(0, 3).join('; ')}.`,
        { remedy: approveHint(key) },
      );
    return { directory, entry };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Forgets what a name was pinned to: the next start resolves it anew and pins what it finds. True where there was an entry. */
export function approvePackage(lockFile: string, key: string): boolean {
  const lock = readLock(lockFile);
  if (!(key in lock.packages)) return false;
  const { [key]: _forgotten, ...packages } = lock.packages;
  writeLock(lockFile, { ...lock, packages });
  return true;
}
