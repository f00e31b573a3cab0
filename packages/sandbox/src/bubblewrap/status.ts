import type { Readable } from 'node:stream';

/** What `--json-status-fd` says: one JSON object a line. */
export interface LauncherStatus {
  /** Process number, on the host, of PID 1 of the box; undefined where bubblewrap failed before it had one. */
  init: Promise<number | undefined>;
  /** Exit code of the command; undefined where bubblewrap itself failed, or was killed. Settles when the launcher has ended. */
  exitCode: Promise<number | undefined>;
}

export function readStatus(stream: Readable): LauncherStatus {
  const init = Promise.withResolvers<number | undefined>();
  const exitCode = Promise.withResolvers<number | undefined>();
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    rest += chunk;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const entry = JSON.parse(rest.slice(0, end)) as { 'child-pid'?: number; 'exit-code'?: number };
      rest = rest.slice(end + 1);
      if (entry['child-pid'] !== undefined) init.resolve(entry['child-pid']);
      if (entry['exit-code'] !== undefined) exitCode.resolve(entry['exit-code']);
    }
  });
  const ended = (): void => {
    init.resolve(undefined);
    exitCode.resolve(undefined);
  };
  stream.on('close', ended);
  stream.on('error', ended); // the launcher was killed: its end of the pipe is gone, and nothing more will be said
  return { init: init.promise, exitCode: exitCode.promise };
}
