import { mkdir } from 'node:fs/promises';
import type { Gateway } from '@sekisho/core';
import { createReloader, type ReloadEvent, type Reloader } from '../config/reloader.ts';
import type { LoadedConfig, LoadResult } from '../config/load.ts';
import { watchFiles, type Watcher } from '../config/watch.ts';
import type { Invocation } from './arguments.ts';
import type { Io } from './io.ts';
import { isLogLevel, logLevels, type LogLevel } from './log.ts';
import { ownFolder } from './locations.ts';
import { describeReload } from './reload-events.ts';

/** Keeps a running gateway in step with its files. */
export async function followConfig(options: {
  readonly config: LoadedConfig;
  readonly load: () => Promise<LoadResult>;
  /** Puts a configuration in force. */
  readonly apply: (next: LoadedConfig) => ReturnType<Gateway['reload']>;
  readonly watch: boolean;
  readonly say: (text: string) => void;
  /** Told of a changed configuration that was not taken over. */
  readonly note: (event: Exclude<ReloadEvent, { kind: 'applied' }>) => void;
}): Promise<{ reloader: Reloader; stop: () => void }> {
  const { config, load, apply, watch, say, note } = options;
  let watcher: Watcher | undefined;
  const reloader = createReloader({
    current: config,
    load,
    apply,
    onEvent: (event) => {
      say(describeReload(event, config.secrets));
      if (event.kind !== 'applied') note(event);
    },
    onFiles: (files) => void watcher?.update(files),
  });
  if (watch) watcher = await watchFiles({ files: config.files, onChange: () => void reloader.reload() });
  return { reloader, stop: () => watcher?.close() };
}

/** On a terminal the screen tells what happens; lines of the log would be drawn into it. */
export function readLogLevel({ flags }: Invocation, io: Io): LogLevel | { usage: string } {
  const level =
    flags['log-level'] === undefined
      ? (io.env['SEKISHO_LOG_LEVEL'] ?? (io.stderr.isTTY === true ? 'error' : 'warn'))
      : String(flags['log-level']);
  return isLogLevel(level) ? level : { usage: `"${level}" is not a level of the log. Known: ${logLevels.join(', ')}.` };
}

/** Makes the folder where servers of the example keep their state. Without one the gateway runs all the same. */
export async function makeStateFolder(io: Io): Promise<void> {
  await mkdir(ownFolder(io, 'state'), { recursive: true, mode: 0o700 }).catch((thrown: NodeJS.ErrnoException) => {
    io.stderr.write(
      `The folder ${ownFolder(io, 'state')} cannot be made (${thrown.code}); a server that keeps its state there will say so.\n`,
    );
  });
}

/** Runs until a signal, then closes; a second signal ends at once. Signals for a reload are passed on. */
export async function untilStopped(
  io: Io,
  options: { readonly reload: () => void; readonly ended?: Promise<void>; readonly close: () => Promise<void> },
): Promise<void> {
  let stopping = false;
  const stopped = new Promise<void>((resolve) => {
    io.onSignal((signal) => {
      if (signal === 'reload') options.reload();
      else if (stopping) io.abort(1);
      else {
        stopping = true;
        resolve();
      }
    });
  });
  await Promise.race([stopped, ...(options.ended === undefined ? [] : [options.ended])]);
  await options.close();
}
