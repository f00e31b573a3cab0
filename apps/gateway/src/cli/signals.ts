import { closeSync, openSync } from 'node:fs';

/** One Ctrl-C can arrive twice: from the terminal, which tells the whole group, and from a parent that passes it on. */
const sameSignalMs = 500;

/** Tells of SIGINT, SIGTERM and the loss of the parent that holds our channel as "stop", and of SIGHUP as "reload". */
export function listenForSignals(listener: (signal: 'stop' | 'reload') => void): () => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  const stop = (): void => {
    const nowMs = performance.now();
    if (nowMs - lastMs < sameSignalMs) return;
    lastMs = nowMs;
    listener('stop');
  };
  // A terminal that is closed sends the same signal as somebody who asks for a reload.
  const reload = (): void => (process.stdin.isTTY && !hasTerminal() ? stop() : listener('reload'));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', reload);
  process.on('disconnect', stop);
  // A reader that has gone (`sekisho | head`) must not end us in the middle of a call.
  process.stdout.on('error', ignoreBrokenPipe);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.off('SIGHUP', reload);
    process.off('disconnect', stop);
    process.stdout.off('error', ignoreBrokenPipe);
  };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    // The system's way to say that this process has no terminal any more.
    return false;
  }
}

function ignoreBrokenPipe(thrown: NodeJS.ErrnoException): void {
  if (thrown.code !== 'EPIPE') throw thrown;
}
