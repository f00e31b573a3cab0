import { describe, expect, test } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';
import { renderScreen } from '../../src/cli/screen.ts';
import type { ServerView } from '../../src/cli/server-view.ts';
import { createTerminal, oneLine, plainText } from '../../src/cli/terminal.ts';

const plain = createTerminal({}, {});
const live = createTerminal({ isTTY: true, columns: 40, rows: 10 }, {});
const ready: ServerView = {
  name: 'files',
  kind: 'stdio',
  state: 'ready',
  era: 'legacy',
  revision: '2025-11-25',
  counts: { tools: 1, prompts: 0, resources: 2, templates: 0 },
  sinceMs: 0,
  restarts: 0,
  refused: [],
};
const failed: ServerView = {
  name: 'broken',
  kind: 'http',
  state: 'failed',
  error: { code: 'X', message: 'nobody answers', remedy: 'Start it.', stderrTail: 'one\n\u001B[2Jtwo\n' },
  sinceMs: 0,
  restarts: 0,
  refused: [],
};

function screen(servers: ServerView[], terminal = plain): string {
  return renderScreen({
    version: '1.2.3',
    program: 'sekisho',
    url: 'http://127.0.0.1:7300/mcp',
    access: { kind: 'new-key', key: 'sks_local_0123456789_x' },
    configFile: '/c.jsonc',
    servers,
    problems: [],
    elapsedMs: 1234,
    terminal,
  });
}

describe('the screen', () => {
  test('says what is served, how to connect, and what is wrong', () => {
    const text = screen([ready, failed]);
    expect(text).toContain('1 of 2 servers ready after 1.2 s');
    expect(text).toContain('+ files   1 tool, 2 resources  2025-11-25 legacy');
    expect(text).toContain(
      'claude mcp add --transport http sekisho http://127.0.0.1:7300/mcp --header "Authorization: Bearer sks_local_',
    );
    expect(text).toContain('broken: nobody answers\n    mend it: Start it.\n    | one\n    | two');
    expect(text).not.toContain('Boxed:');
    expect(text).not.toContain('\u001B');
  });

  test('says nothing of processes where there is none', () => {
    expect(screen([failed])).not.toMatch(/Boxed|Not held/);
    expect(screen([{ ...ready, state: 'disabled' }])).not.toMatch(/Boxed|Not held/);
    expect(screen([])).toContain('lists no servers');
  });

  test('tells of boxes on one line, and of every one that does not hold on a line of its own, in red', () => {
    const boxed = { state: 'boxed', backend: 'bubblewrap', attempts: 40, ageMs: 180_000, notEnforceable: [] } as const;
    expect(screen([{ ...ready, box: boxed }])).toContain(
      'Boxed: one server runs in a box, proved 3 min ago (bubblewrap).',
    );
    expect(screen([{ ...ready, box: boxed }])).not.toContain('Not held');
    const weak = { ...boxed, state: 'weak', notEnforceable: ['denyRead of /x'] } as const;
    expect(screen([{ ...ready, box: weak }])).toMatch(/Not held\n  files: not enforced: denyRead of \/x/);
    const bare: ServerView = { ...ready, box: { state: 'none', warnings: ['Bubblewrap is not installed'] } };
    expect(screen([bare])).toMatch(/Not held\n  files: NO BOX: .*\n  files: Bubblewrap is not installed/);
    expect(screen([bare], { ...live, style: createTerminal({ isTTY: true }, {}).style })).toContain('\u001B[31mNO BOX');
  });

  test('shows what was refused, and warnings with their place', () => {
    const text = renderScreen({
      version: '1',
      program: 'sekisho',
      url: 'u',
      access: { kind: 'key' },
      configFile: 'c',
      elapsedMs: 0,
      terminal: plain,
      servers: [{ ...ready, refused: [{ kind: 'tool', name: 'echo', reason: 'the name is taken by "other"' }] }],
      problems: [
        {
          severity: 'warning',
          code: 'WARN_CONFIG_UNKNOWN_KEY',
          message: 'A key.',
          place: { file: '/c', line: 3, column: 4 },
        },
      ],
    });
    expect(text).toContain('files: tool echo: the name is taken');
    expect(text).toContain('A key. /c:3:4');
  });

  test('nobody else draws on it', () => {
    const nasty = '\u001B[2J\u001B]0;title\u0007evil\r\nline\u202E';
    const text = screen([
      { ...failed, name: nasty, error: { code: 'X', message: nasty, remedy: nasty, stderrTail: nasty } },
    ]);
    for (const sign of ['\u001B', '\u0007', '\r', '\u202E']) expect(text).not.toContain(sign);
    expect(plainText('a\u001B[31mb\u009B31mc\u0000')).toBe('abc');
    expect(oneLine('x'.repeat(300), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  test('colours only on a terminal that wants them', () => {
    const text = (stream: { isTTY?: boolean }, env: Record<string, string>): string =>
      screen([ready], createTerminal(stream, env));
    expect(text({ isTTY: true }, {})).toContain('\u001B[32m');
    expect(text({ isTTY: true }, { NO_COLOR: '1' })).not.toContain('\u001B');
    expect(text({ isTTY: true }, { TERM: 'dumb' })).not.toContain('\u001B');
    expect(text({ isTTY: false }, {})).not.toContain('\u001B');
  });
});

describe('progress', () => {
  test('in a pipe is one line for each change', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const progress = createProgress({ terminal: plain, write: (text) => lines.push(text), now: () => nowMs });
    progress.update([{ ...ready, state: 'starting' }]);
    progress.update([{ ...ready, state: 'starting' }]);
    progress.tick();
    nowMs = 2500;
    progress.update([ready]);
    progress.finish();
    expect(lines).toEqual(['  0.0 s  files: starting\n', '  2.5 s  files: ready, 1 tool, 2 resources\n']);
  });

  test('on a terminal draws over itself, within the window, and goes away', () => {
    let text = '';
    const progress = createProgress({ terminal: live, write: (part) => (text += part), now: () => 0 });
    progress.update(
      Array.from({ length: 20 }, (_, index) => ({
        ...ready,
        name: `server ${index} with a long name that would wrap`,
        state: 'starting' as const,
      })),
    );
    expect(text.split('\n')).toHaveLength(9);
    expect(text).toContain('and 13 more');
    for (const line of plainText(text).split('\n')) expect(line.length).toBeLessThan(40);
    text = '';
    progress.tick();
    expect(text.startsWith('\u001B[8A\r\u001B[J')).toBe(true);
    text = '';
    progress.finish();
    expect(text).toBe('\u001B[8A\r\u001B[J');
  });
});
