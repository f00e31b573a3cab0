import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { countDescendants, countFds, isAlive } from '../../../test/support/leaks.ts';
import { killAllNow, plainProcessStarter, type PlainProcessOptions } from './plain-process.ts';
import { StartFailure } from './start-failure.ts';
import { openStdioLink, type StdioExit, type StdioLink, type StdioLinkOptions } from './stdio-link.ts';

const fixture = (name: string): string =>
  new URL(`../../../test/fixtures/processes/${name}.mjs`, import.meta.url).pathname;

const opened: StdioLink[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((link) => link.close()));
});

interface Opened {
  link: StdioLink;
  messages: string[];
  noise: string[];
  exit: Promise<StdioExit>;
  exits: StdioExit[];
  /** Resolves with the messages when there are so many. */
  atLeast: (count: number) => Promise<string[]>;
}

type Extra = Partial<StdioLinkOptions> & { args?: readonly string[]; starter?: PlainProcessOptions | undefined };

async function run(
  name: string,
  { args = [], starter, ...options }: Partial<Omit<Extra, 'starter'>> & { starter?: PlainProcessOptions } = {},
): Promise<Opened> {
  const messages: string[] = [];
  const noise: string[] = [];
  const exits: StdioExit[] = [];
  const { promise: exit, resolve } = Promise.withResolvers<StdioExit>();
  let wake = (): void => {};
  const link = await openStdioLink({
    starter: plainProcessStarter({ stdinMs: 50, termMs: 50, ...starter }),
    spec: { name, command: process.execPath, args: [fixture(name), ...args], env: {} },
    onMessage(line) {
      messages.push(line.toString());
      wake();
    },
    onNoise: (line) => noise.push(line.toString()),
    onExit(info) {
      exits.push(info);
      resolve(info);
    },
    ...options,
  });
  opened.push(link);
  const atLeast = (count: number): Promise<string[]> =>
    new Promise((done) => {
      wake = () => {
        if (messages.length >= count) done(messages);
      };
      wake();
    });
  return { link, messages, noise, exit, exits, atLeast };
}

const pidsOf = (message: string | undefined): number[] => (JSON.parse(message!) as { pids: number[] }).pids;
const gone = (pids: readonly number[]): boolean => pids.every((pid) => !isAlive(pid));

describe('messages', () => {
  test('go out and come in as lines; a banner is noise', async () => {
    const { link, atLeast, noise } = await run('echo');
    link.send('{"a":1}');
    link.send('[{"b":"é\\n"}]');
    expect(await atLeast(2)).toEqual(['{"a":1}', '[{"b":"é\\n"}]']);
    expect(noise).toEqual(['Echo server 1.0 ready']);
  });

  test('a message with raw line breaks stays one message', async () => {
    const { link, atLeast } = await run('echo');
    link.send('{\n  "a": 1,\r\n  "b": 2\n}');
    link.send('{"end":1}');
    const [first, second] = await atLeast(2);
    expect(JSON.parse(first!)).toEqual({ a: 1, b: 2 });
    expect(second).toBe('{"end":1}');
  });

  test('a large message passes whole', async () => {
    const { link, atLeast } = await run('echo');
    const text = JSON.stringify({ text: 'é'.repeat(1_000_000) });
    link.send(text);
    expect((await atLeast(1))[0] === text).toBe(true);
  });

  test('nothing that was written before the end is lost', async () => {
    const { exit, messages } = await run('last-words');
    const { code, stderrTail } = await exit;
    expect(code).toBe(0);
    expect(messages).toHaveLength(2_000);
    expect(stderrTail).toMatch(/^e+ the very end\n$/);
    expect(Buffer.byteLength(stderrTail)).toBe(8 * 1024);
  });

  test('bytes that a process does not read are counted', async () => {
    const { link, atLeast } = await run('stubborn');
    const [ready] = await atLeast(1);
    expect(ready).toMatch(/pids/);
    process.kill(link.pid!, 'SIGSTOP');
    const text = 'x'.repeat(5_000_000);
    link.send(text);
    expect(link.bufferedBytes()).toBe(text.length + 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(link.bufferedBytes()).toBe(text.length + 1);
    process.kill(link.pid!, 'SIGCONT');
    await vi.waitFor(() => expect(link.bufferedBytes()).toBe(0), { timeout: 15_000 });
  });
});

describe('ends', () => {
  test('a crash in the middle of a line gives the whole lines and the exit code', async () => {
    const { exit, messages, exits, link } = await run('crash-mid-line');
    expect(await exit).toEqual({ code: 3, signal: null, stderrTail: '' });
    expect(messages).toEqual(['{"whole":1}']);
    link.send('{"late":1}');
    await link.close();
    await link.close();
    expect(exits).toHaveLength(1);
  });

  test('a process that ends at once leaves its last words', async () => {
    const { exit, link } = await run('fails');
    expect(await exit).toEqual({ code: 7, signal: null, stderrTail: 'Error: API_KEY is not set\n' });
    expect(link.stderrTail()).toContain('API_KEY');
  });

  test('writing into a process that is gone never throws', async () => {
    const { exit, link } = await run('fails');
    for (let i = 0; i < 50; i++) {
      link.send('x'.repeat(100_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await exit;
    link.send('{}');
    expect(link.bufferedBytes()).toBe(0);
  });

  test('SDK-12: a line without end is cut off, and its writer with it', async () => {
    const { exit, messages, link } = await run('huge-line', { maxLineBytes: 1_000_000 });
    const { error } = await exit;
    expect(error?.code).toBe('ERR_UPSTREAM_TOO_LARGE');
    expect(messages).toEqual([]);
    expect(isAlive(link.pid!)).toBe(false);
  });

  test('a process that closes its stdout is ended', async () => {
    const { exit, link } = await run('closes-stdout');
    await exit;
    expect(isAlive(link.pid!)).toBe(false);
  });

  test('the end of input is enough for a good server', async () => {
    const { link, exit, atLeast } = await run('echo', { starter: { stdinMs: 15_000, termMs: 15_000 } });
    link.send('{}');
    await atLeast(1);
    await link.close();
    expect(await exit).toMatchObject({ code: 0, signal: null });
  });

  test('what was sent just before closing still arrives', async () => {
    const { link, messages } = await run('echo', { starter: { stdinMs: 15_000 } });
    link.send('{"last":1}');
    await link.close();
    expect(messages).toEqual(['{"last":1}']);
  });
});

describe.runIf(process.platform === 'linux')('CHK-19: nothing stays behind', () => {
  test('a process that ignores SIGTERM is killed', async () => {
    const { link, exit, atLeast } = await run('stubborn');
    const pids = pidsOf((await atLeast(1))[0]);
    await link.close();
    expect(await exit).toMatchObject({ signal: 'SIGKILL' });
    expect(gone(pids)).toBe(true);
  });

  test('helpers in the group, in other sessions and below those go too', async () => {
    const { link, atLeast } = await run('family');
    const pids = pidsOf((await atLeast(1))[0]);
    expect(pids).toHaveLength(4);
    expect(pids.every(isAlive)).toBe(true);
    await link.close();
    expect(gone(pids)).toBe(true);
  });

  test('helpers of a process that was killed go before onExit tells of it', async () => {
    const { exit, atLeast } = await run('family', { args: ['crash'] });
    const pids = pidsOf((await atLeast(1))[0]);
    expect(await exit).toMatchObject({ signal: 'SIGKILL' });
    // One of them cleared its environment, but its parent has the marker and is still its parent.
    expect(gone(pids)).toBe(true);
  });

  test('a helper without parent, group or session of ours is found by its marker', async () => {
    const { link, atLeast } = await run('orphaned', { starter: { stdinMs: 15_000 } });
    const pids = pidsOf((await atLeast(1))[0]);
    await link.close();
    expect(gone(pids)).toBe(true);
  });

  test('helpers of a process that ended by itself go without anybody asking', async () => {
    const child = await plainProcessStarter({ stdinMs: 50, termMs: 50 }).start({
      name: 'family',
      command: process.execPath,
      args: [fixture('family'), 'crash'],
      env: {},
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pids = pidsOf(line.toString());
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await vi.waitFor(() => expect(gone(pids)).toBe(true), { timeout: 15_000 });
  });

  test('killAllNow ends all of them without waiting', async () => {
    const running = await Promise.all([run('family'), run('stubborn')]);
    const pids = (await Promise.all(running.map(({ atLeast }) => atLeast(1)))).flatMap(([line]) => pidsOf(line));
    killAllNow();
    await Promise.all(running.map(({ exit }) => exit));
    expect(gone(pids)).toBe(true);
  });

  test('cycles of start, stop and crash bring processes and descriptors back to where they were', async () => {
    const cycle = async (): Promise<void> => {
      const good = await run('echo');
      const crashing = await run('fails');
      good.link.send('{}');
      await good.atLeast(1);
      await Promise.all([good.link.close(), crashing.exit]);
    };
    await cycle();
    const before = { fds: countFds(), processes: countDescendants() };
    for (let i = 0; i < 5; i++) await cycle();
    await vi.waitFor(() => expect({ fds: countFds(), processes: countDescendants() }).toEqual(before), {
      timeout: 10_000,
    });
  });
});

describe.runIf(process.platform === 'linux')('surroundings', () => {
  interface Seen {
    env: Record<string, string>;
    args: string[];
    cwd: string;
    descriptors: string[];
  }

  test('the child has the given environment and one marker, three descriptors, and its arguments untouched', async () => {
    const secret = openSync(fixture('echo'), 'r');
    process.env['SEKISHO_TEST_LEAK'] = 'x';
    const args = ['$HOME', '; touch x', '"quoted"', '', '*', '`id`', '%PATH%'];
    const { atLeast } = await run('surroundings', {
      spec: {
        name: 'surroundings',
        command: process.execPath,
        args: [fixture('surroundings'), ...args],
        env: { GIVEN: 'yes' },
        cwd: '/',
      },
    });
    const seen = JSON.parse((await atLeast(1))[0]!) as Seen;
    closeSync(secret);
    delete process.env['SEKISHO_TEST_LEAK'];
    expect(Object.keys(seen.env).toSorted()).toEqual(['GIVEN', 'SEKISHO_CHILD']);
    expect(seen.args).toEqual(args);
    expect(seen.cwd).toBe('/');
    expect(seen.descriptors.filter((entry) => entry.includes('.mjs'))).toEqual([]);
    expect(seen.descriptors.filter((entry) => /^[012]:socket/.test(entry))).toHaveLength(3);
  });

  test('the guard for the death of the parent keeps pid, arguments and failures as they are', async () => {
    const { atLeast, link } = await run('stubborn', { starter: { parentDeathGuard: true } });
    expect(pidsOf((await atLeast(1))[0])).toEqual([link.pid]);
    const spec = { name: 'none', command: 'sekisho-no-such-command', args: [], env: {} };
    await expect(Promise.resolve(plainProcessStarter({ parentDeathGuard: true }).start(spec))).rejects.toMatchObject({
      code: 'ERR_UPSTREAM_COMMAND_MISSING',
    });
  });
});

describe('a process that does not start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-start-'));
  const plain = join(folder, 'plain.txt');
  writeFileSync(plain, 'not a program');
  const node = process.execPath;
  test.each([
    ['a command that is not there', { command: 'sekisho-no-such-command' }, 'ERR_UPSTREAM_COMMAND_MISSING', /Install/],
    ['a path that is not there', { command: join(folder, 'none') }, 'ERR_UPSTREAM_COMMAND_MISSING', /path/],
    ['a file that is no program', { command: plain }, 'ERR_UPSTREAM_COMMAND_REFUSED', /chmod/],
    ['a folder', { command: folder }, 'ERR_UPSTREAM_COMMAND_REFUSED', /chmod/],
    [
      'a working folder that is not there',
      { command: node, cwd: join(folder, randomUUID()) },
      'ERR_UPSTREAM_CWD_MISSING',
      /cwd/,
    ],
    ['a working folder that is a file', { command: node, cwd: plain }, 'ERR_UPSTREAM_CWD_MISSING', /cwd/],
    ['an empty command', { command: '' }, 'ERR_UPSTREAM_SPEC_INVALID', /empty/],
    ['a NUL character', { command: node, args: ['a\0b'] }, 'ERR_UPSTREAM_SPEC_INVALID', /NUL/],
    [
      'an argument that is too long',
      { command: node, args: ['x'.repeat(4_000_000)] },
      'ERR_UPSTREAM_SPEC_INVALID',
      /100 kB/,
    ],
  ] as const)('%s is said with a remedy', async (_name, given, code, remedy) => {
    const spec = { name: 'broken', args: [], env: { PATH: '/usr/bin' }, ...given };
    const failure = await openStdioLink({
      starter: plainProcessStarter(),
      spec,
      onMessage: () => {},
      onExit: () => expect.unreachable('a process that never ran cannot end'),
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartFailure);
    expect(failure).toMatchObject({ code, remedy: expect.stringMatching(remedy) as string });
  });
  test.runIf(process.platform === 'linux')('and leaves no descriptors', async () => {
    const before = countFds();
    for (let i = 0; i < 20; i++) {
      const spec = { name: 'broken', command: 'sekisho-no-such-command', args: [], env: {} };
      await Promise.resolve(plainProcessStarter().start(spec)).catch(() => {});
    }
    await vi.waitFor(() => expect(countFds()).toBeLessThanOrEqual(before), { timeout: 10_000 });
    rmSync(folder, { recursive: true });
  });
});

test('times out of range are misuse', () => {
  expect(() => plainProcessStarter({ termMs: -1 })).toThrow(TypeError);
  expect(() => plainProcessStarter({ stdinMs: Number.NaN })).toThrow(TypeError);
});
