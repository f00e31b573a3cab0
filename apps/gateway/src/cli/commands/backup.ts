import { resolve } from 'node:path';
import { discardBackup, makeBackup } from '../../backup/backup.ts';
import { BackupError } from '../../backup/manifest.ts';
import { restoreBackup } from '../../backup/restore.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { ownFolder } from '../locations.ts';
import { createTerminal, oneLine } from '../terminal.ts';

/** `sekisho backup <folder>`: copies the state, while the gateway runs or not. */
export async function runBackup({ flags, positionals: [folder] }: Invocation, io: Io): Promise<number> {
  if (folder === undefined) return usage(io, `Where to? Usage: ${io.program} backup <folder> [--keys <folder>]`);
  const target = resolve(io.cwd, folder);
  const keysTarget = flags.keys === undefined ? undefined : resolve(io.cwd, String(flags.keys));
  const { live } = createTerminal(io.stderr, io.env);
  try {
    const report = await makeBackup({
      stateFolder: ownFolder(io, 'state'),
      target,
      keysTarget,
      version: io.version,
      nowMs: io.now(),
      ...(live ? { onProgress: (path, done, all) => drawProgress(io, path, done, all) } : {}),
    });
    if (live) io.stderr.write('\r\u001B[K');
    if (flags.json === true) print(io.stdout, JSON.stringify({ folder: target, keysFolder: keysTarget, ...report }));
    else {
      print(
        io.stdout,
        `${report.files} files, ${report.bytes} bytes, are in ${target}. It holds keys: keep it as you keep them.`,
      );
      if (report.keys > 0 && keysTarget === undefined)
        print(
          io.stdout,
          `The keys that tell who is who in the record are not in it; --keys <folder> copies them. Let such copies expire within 30 days, or an erasure is none.`,
        );
    }
    return exitCodes.ok;
  } catch (thrown) {
    if (!(thrown instanceof BackupError))
      await discardBackup(target, ...(keysTarget === undefined ? [] : [keysTarget]));
    return failed(io, thrown);
  }
}

/** `sekisho restore <folder>`: puts a backup in the place of the state. */
export async function runRestore({ flags, positionals: [folder] }: Invocation, io: Io): Promise<number> {
  if (folder === undefined)
    return usage(io, `From where? Usage: ${io.program} restore <folder> [--keys <folder>] [--replace]`);
  try {
    const report = await restoreBackup({
      source: resolve(io.cwd, folder),
      keysSource: flags.keys === undefined ? undefined : resolve(io.cwd, String(flags.keys)),
      stateFolder: ownFolder(io, 'state'),
      replace: flags.replace === true,
      nowMs: io.now(),
    });
    if (flags.json === true) print(io.stdout, JSON.stringify(report));
    else {
      const made = new Date(report.madeMs).toISOString();
      print(io.stdout, `Restored ${report.files} files of ${made} (Sekisho ${oneLine(report.version, 40)}).`);
      if (report.aside !== undefined) print(io.stdout, `What was there before is in ${report.aside}.`);
      print(io.stdout, `Check the record with: ${io.program} audit verify`);
    }
    return exitCodes.ok;
  } catch (thrown) {
    return failed(io, thrown);
  }
}

function drawProgress(io: Io, path: string, done: number, all: number): void {
  io.stderr.write(`\r\u001B[K${done} of ${all}  ${oneLine(path, 60)}`);
}

function usage(io: Io, text: string): number {
  print(io.stderr, text);
  return exitCodes.usage;
}

function failed(io: Io, thrown: unknown): number {
  if (!(thrown instanceof Error)) throw thrown;
  print(io.stderr, oneLine(thrown.message, 800));
  return exitCodes.failure;
}
