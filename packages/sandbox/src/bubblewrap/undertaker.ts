import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * A launcher that loses its parent in the first moments of a start, before it has bound itself to it, waits forever. So every launcher
 * leads a process group of its own, and one small shell for the whole gateway holds the list: when the gateway is gone, its end of the
 * pipe closes, and the shell ends every group that is still on the list, and itself.
 */
const SCRIPT = `
trap '' INT TERM HUP
live=' '
while read -r what pid; do
  case $what in
    +) live="$live$pid " ;;
    -) case $live in *" $pid "*) live="\${live%% $pid *} \${live#* $pid }" ;; esac ;;
  esac
done
for pid in $live; do kill -s KILL -- "-$pid"; done 2>/dev/null`;

let undertaker: ChildProcess | undefined;

function current(): Writable {
  if (undertaker?.stdin?.writable !== true) {
    const started = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: {},
      cwd: '/',
    });
    started.unref();
    // It must not keep the gateway alive; a socket can be told so, though its type here is a stream's.
    (started.stdin as Writable & { unref?: () => void }).unref?.();
    started.stdin.on('error', () => undefined); // it was killed: the next start gets another
    undertaker = started;
  }
  return undertaker.stdin!;
}

/** Puts the process group that this process leads on the list, for as long as it runs. */
export function watchOver(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const { pid } = child;
  const list = current();
  list.write(`+ ${pid}\n`);
  child.once('exit', () => {
    if (list.writable) list.write(`- ${pid}\n`);
  });
}
