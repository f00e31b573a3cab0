import { watch as watchFolder, type FSWatcher } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { digestFile } from './digest-file.ts';

export type WatchOptions = {
  /** The files, each with its digest when it was last taken over. */
  readonly files: ReadonlyMap<string, string>;
  /** Called after the content of some file has changed, and has come to rest. */
  readonly onChange: () => void;
  /** How long a file must rest before it counts as changed, in milliseconds, 0 or more. Default 150: editors write in several steps. */
  readonly debounceMs?: number;
  /** How often the files are looked at where the system sends no events (network drives, containers), in milliseconds. Default 5,000. */
  readonly pollMs?: number;
};

export type Watcher = {
  /** Watches these files from now on. One that has changed since its digest counts as changed. */
  update(files: ReadonlyMap<string, string>): Promise<void>;
  close(): void;
};

/**
 * Watches the folders and not the files: an editor that saves by replacing leaves a watched file behind and goes on with
 * another, and a file that is not there yet cannot be watched at all. Content decides, so a mere touch is no change.
 */
export async function watchFiles(options: WatchOptions): Promise<Watcher> {
  const { onChange, debounceMs = 150, pollMs = 5000 } = options;
  const watchers = new Map<string, FSWatcher>();
  let known = options.files;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const schedule = (): void => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(() => void compare(), debounceMs).unref();
  };
  const poll = setInterval(() => void compare(), pollMs).unref();

  async function compare(): Promise<void> {
    const before = known;
    const now = new Map<string, string>();
    for (const file of before.keys()) now.set(file, await digestFile(file));
    const changed = [...now].some(([file, digest]) => before.get(file) !== digest);
    // While this looked, other files may have come to be watched; then the next look decides.
    if (closed || known !== before || !changed) return;
    known = now;
    await arm();
    onChange();
  }

  async function arm(): Promise<void> {
    const names = new Map<string, Set<string>>();
    for (const file of known.keys()) {
      // A link and what it points to may stand in two folders, and either can change.
      for (const path of new Set([file, await realpath(file).catch(() => file)])) {
        names.set(dirname(path), (names.get(dirname(path)) ?? new Set()).add(basename(path)));
      }
    }
    for (const [folder, watcher] of watchers) {
      if (!names.has(folder)) drop(folder, watcher);
    }
    for (const folder of names.keys()) {
      if (closed || watchers.has(folder)) continue;
      try {
        // A mounted secret changes by a link beside it, so every event of the folder counts; the content decides.
        const watcher = watchFolder(folder, { persistent: false }, schedule);
        watcher.on('error', () => drop(folder, watcher));
        watchers.set(folder, watcher);
      } catch {
        // A folder that is missing, or a system that has no more watches to give: the slow look still finds a change.
        continue;
      }
    }
  }

  function drop(folder: string, watcher: FSWatcher): void {
    watcher.close();
    watchers.delete(folder);
  }

  await arm();
  schedule();
  return {
    async update(next) {
      known = next;
      await arm();
      schedule();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(poll);
      for (const [folder, watcher] of watchers) drop(folder, watcher);
    },
  };
}
