import { describeCounts, isSettled, type ServerView } from './server-view.ts';
import { oneLine, type Terminal } from './terminal.ts';

export type Progress = {
  update(servers: readonly ServerView[]): void;
  /** Draws once more, for the seconds. */
  tick(): void;
  /** Takes the lines away again (on a terminal); what follows says the same better. */
  finish(): void;
};

export type ProgressOptions = {
  readonly terminal: Terminal;
  readonly write: (text: string) => void;
  /** Milliseconds, from anywhere. */
  readonly now: () => number;
};

/** Shows each server on a line of its own while they start: drawn again on a terminal, told once for each change elsewhere. */
export function createProgress({ terminal, write, now }: ProgressOptions): Progress {
  const startedMs = now();
  const told = new Map<string, string>();
  let servers: readonly ServerView[] = [];
  let drawn = 0;

  const seconds = (): string => `${((now() - startedMs) / 1000).toFixed(1)} s`;

  function draw(): void {
    const width = Math.max(0, ...servers.map(({ name }) => oneLine(name, 40).length));
    const lines = servers.map((server) => {
      const text = `${oneLine(server.name, 40).padEnd(width)}  ${describeState(server)}${isSettled(server) ? '' : ` ${seconds()}`}`;
      // A line that wraps would be two, and the next drawing would begin too low.
      return `  ${mark(server, terminal)} ${text.slice(0, Math.max(0, terminal.columns - 5))}`;
    });
    // Lines above the top of the window cannot be drawn again.
    const room = Math.max(1, terminal.rows - 2);
    if (lines.length > room) lines.splice(room - 1, lines.length, `    and ${lines.length - room + 1} more`);
    write(`${clear()}${lines.join('\n')}${lines.length > 0 ? '\n' : ''}`);
    drawn = lines.length;
  }

  function clear(): string {
    return drawn === 0 ? '' : `\u001B[${drawn}A\r\u001B[J`;
  }

  return {
    update(next) {
      servers = next;
      if (terminal.live) return draw();
      for (const server of servers) {
        const state = describeState(server);
        if (told.get(server.name) === state) continue;
        told.set(server.name, state);
        write(`${seconds().padStart(7)}  ${oneLine(server.name, 40)}: ${state}\n`);
      }
    },
    tick() {
      if (terminal.live && servers.some((server) => !isSettled(server))) draw();
    },
    finish() {
      if (terminal.live) write(clear());
      drawn = 0;
    },
  };
}

export function describeState(server: ServerView): string {
  switch (server.state) {
    case 'ready':
      return `ready, ${describeCounts(server) || 'listing'}`;
    case 'idle':
      return 'asleep until it is asked';
    case 'backoff':
      return `failed, will be tried again: ${oneLine(server.error?.message ?? 'no reason given', 120)}`;
    case 'failed':
      return `failed: ${oneLine(server.error?.message ?? 'no reason given', 120)}`;
    case 'disabled':
      return 'switched off';
    default:
      return server.box?.phase ?? 'starting';
  }
}

export function mark({ state }: ServerView, { style }: Terminal): string {
  if (state === 'ready' || state === 'idle') return style.green('+');
  if (state === 'failed' || state === 'backoff') return style.red('x');
  return style.dim(state === 'disabled' ? '-' : '.');
}
