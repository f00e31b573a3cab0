import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { folderOf } from './config/load-fixture.ts';

const root = resolve(import.meta.dirname, '../../..');
const main = join(root, 'apps/gateway/src/main.ts');
const everything = join(root, 'apps/gateway/node_modules/@modelcontextprotocol/server-everything/dist/index.js');
const memory = join(root, 'apps/gateway/node_modules/@modelcontextprotocol/server-memory/dist/index.js');
const patiently = { timeout: 30_000, interval: 25 };
const longMs = 90_000;

type Started = {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly url: string;
  readonly get: (
    path: string,
    init?: { method?: string; body?: string; headers?: Record<string, string> },
  ) => Promise<Response>;
  readonly status: () => Promise<Status>;
};
type Status = {
  pid: number;
  upstreams: {
    name: string;
    state: string;
    pid?: number;
    error?: { code: string; message: string; remedy?: string };
  }[];
  problems: string[];
};

/** Starts the program as a user does, with settings, state and cache of its own. */
async function start(
  words: readonly string[],
  options: { script?: string; env?: Record<string, string> } = {},
): Promise<Started> {
  const home = await folderOf({});
  const script = options.script === undefined ? ['--conditions=@sekisho/source', main] : [options.script];
  const child = spawn(process.execPath, [...script, ...words], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_STATE_HOME: home,
      XDG_CACHE_HOME: home,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => (text += String(chunk)));
  await vi.waitFor(() => {
    if (child.exitCode !== null) return;
    expect(text).toContain('Ctrl-C stops');
  }, patiently);
  const url = /http:\/\/\S+\/mcp/.exec(text)?.[0] ?? '';
  const key = /sks_local_\w+/.exec(text)?.[0] ?? '';
  const get: Started['get'] = async (path, init = {}) =>
    await fetch(new URL(path, url), { ...init, headers: { Authorization: `Bearer ${key}`, ...init.headers } });
  return { child, output: () => text, url, get, status: async () => (await (await get('/status')).json()) as Status };
}

async function end({ child }: Started, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null) {
    // Not its end but the end of its output, which may come a little later.
    const ended = once(child, 'close');
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}

async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A dead process whose parent has not asked for it still has its number.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined || stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
}

/** Does what a pasted curl command does, on machines too that have no curl: its headers, its data, what came back. */
async function paste(command: string): Promise<string> {
  const words = [...command.matchAll(/'(?<quoted>[^']*)'|(?<bare>\S+)/g)].map(
    ({ groups }) => groups?.['quoted'] ?? groups?.['bare'] ?? '',
  );
  const behind = (option: string): string[] => words.filter((_, index) => words[index - 1] === option);
  const headers = new Headers(behind('-H').map((line) => line.split(/: (?<value>.*)/, 2) as [string, string]));
  const response = await fetch(
    words.find((word) => word.startsWith('http'))!,
    { method: 'POST', headers, body: behind('-d')[0]! },
  );
  return `${response.status} ${JSON.stringify([...response.headers])}\n${await response.text()}`;
}

/** In one step, so that the program never sees half of it. */
async function replace(file: string, value: object | string): Promise<void> {
  await writeFile(`${file}.new`, typeof value === 'string' ? value : JSON.stringify(value, null, 1), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

describe.skipIf(process.platform === 'win32')('the program', () => {
  test(
    'starts the three servers of the example, and what its screen says works when pasted',
    async () => {
      const started = await start(['--port', '0'], { script: join(root, 'scripts/start.mjs') });
      expect(started.output()).toContain('3 of 3 servers ready');
      expect(started.output()).toMatch(/Boxed: 3 servers run in boxes, proved just now \(bubblewrap/);
      expect(started.output()).not.toContain('Not held');
      expect(started.output()).not.toContain('\u001B');
      const [modern, legacy] = started
        .output()
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line.startsWith('curl -'));
      const listed = await paste(modern!);
      for (const name of ['everything__echo', 'files__read_text_file', 'memory__read_graph'])
        expect(listed).toContain(`"${name}"`);
      expect(await paste(legacy!)).toMatch(/^200 .*"mcp-session-id","[^"]+"[^]*"protocolVersion":"2025-11-25"/i);
      const { upstreams } = await started.status();
      const pids = upstreams.map(({ pid }) => pid!);
      expect(upstreams.map(({ name, state }) => `${name} ${state}`)).toEqual([
        'everything ready',
        'files ready',
        'memory ready',
      ]);
      expect(await end(started, 'SIGINT')).toBe(0);
      expect(started.output()).toContain('Stopping.');
      await vi.waitFor(async () => {
        for (const pid of pids) expect(await isAlive(pid)).toBe(false);
      }, patiently);
    },
    longMs,
  );

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'leaves nothing behind when the start script gets %s',
    async (signal) => {
      const started = await start(['--port', '0'], { script: join(root, 'scripts/start.mjs') });
      const { pid, upstreams } = await started.status();
      const pids = [pid, ...upstreams.map((upstream) => upstream.pid!)];
      await end(started, signal);
      await vi.waitFor(async () => {
        for (const one of pids) expect(await isAlive(one), `process ${one}`).toBe(false);
      }, patiently);
    },
    longMs,
  );

  test(
    'one broken server is shown with its remedy, and the others serve; no secret is shown anywhere',
    async () => {
      const folder = await folderOf({
        'sekisho.jsonc': {
          mcpServers: {
            good: { command: 'node', args: [everything], env: { API_KEY: '${PLANTED}' } },
            unset: { command: 'node', env: { A: '${NOT_SET_HERE}' } },
            both: { command: 'node', url: 'https://x.example.com' },
            missing: { command: 'no-such-command-here', args: ['${PLANTED}'] },
            chatty: {
              command: 'node',
              args: ['-e', 'console.error("my key is " + process.env.API_KEY); process.exit(3)'],
              env: { API_KEY: '${PLANTED}' },
            },
            off: { command: 'node', disabled: true },
          },
        },
      });
      const started = await start(['--config', join(folder, 'sekisho.jsonc'), '--port', '0', '--log-level', 'debug'], {
        env: { PLANTED: 'planted-secret-value', SEKISHO_PLANTED: 'planted-own-value' },
      });
      const { upstreams } = await started.status();
      const byName = new Map(upstreams.map((upstream) => [upstream.name, upstream]));
      expect(byName.get('good')?.state).toBe('ready');
      expect(byName.get('unset')?.error?.message).toContain('NOT_SET_HERE');
      expect(byName.get('both')?.error?.message).toContain('both "command" and "url"');
      expect(byName.get('missing')?.error?.remedy).toBeDefined();
      expect(byName.get('off')?.state).toBe('disabled');
      expect(started.output()).toMatch(/What is wrong[^]*unset: [^]*mend it: Set it before starting Sekisho/);
      expect(started.output()).toContain('my key is ****');
      if (process.platform === 'linux') {
        const environment = await readFile(`/proc/${byName.get('good')!.pid}/environ`, 'utf8');
        expect(environment).toContain('API_KEY=planted-secret-value');
        expect(environment).not.toContain('planted-own');
      }
      const list = await paste(
        started
          .output()
          .split('\n')
          .find((line) => line.trim().startsWith('curl -sN'))!,
      );
      // A server that is down stands in every list, so that no list is silently shorter.
      expect(list).toContain('"unset":{"state":"failed","error":"ERR_CONFIG_REFERENCE"}');
      expect(list).toContain('"both":{"state":"failed","error":"ERR_CONFIG_SERVER"}');
      expect(list).toMatch(/"missing":\{"state":"(?:failed|backoff)"/);
      expect(list).not.toContain('planted');
      expect(await (await started.get('/status')).text()).not.toContain('planted');
      await end(started, 'SIGTERM');
      expect(started.output()).not.toContain('planted');
    },
    longMs,
  );

  test(
    'takes over a changed file: added, removed and changed servers only; refuses a broken one',
    async () => {
      const keep = { command: 'node', args: [memory], env: { MEMORY_FILE_PATH: '/dev/null' } };
      const other = { command: 'node', args: [everything] };
      const folder = await folderOf({
        'sekisho.jsonc': { extends: 'more.json', mcpServers: { keep, changed: other, removed: other } },
        'more.json': { mcpServers: { more: { ...other, envFile: 'it.env' } } },
        'it.env': 'A=1\n',
      });
      const file = join(folder, 'sekisho.jsonc');
      const started = await start(['--config', file, '--port', '0']);
      const running = async (): Promise<Map<string, number | undefined>> =>
        new Map(
          (await started.status()).upstreams
            .filter(({ state }) => state === 'ready')
            .map(({ name, pid }) => [name, pid]),
        );
      await vi.waitFor(
        async () => expect([...(await running()).keys()]).toEqual(['keep', 'changed', 'removed', 'more']),
        patiently,
      );
      const before = await running();

      await replace(file, {
        extends: 'more.json',
        mcpServers: { keep, changed: { ...other, env: { A: '1' } }, added: other },
      });
      await vi.waitFor(
        async () => expect([...(await running()).keys()].sort()).toEqual(['added', 'changed', 'keep', 'more']),
        patiently,
      );
      const after = await running();
      expect(after.get('keep')).toBe(before.get('keep'));
      expect(after.get('more')).toBe(before.get('more'));
      expect(after.get('changed')).not.toBe(before.get('changed'));
      expect(started.output()).toContain('added added; removed removed; changed changed');

      await replace(file, '{ "mcpServers": { "keep": { "command": "node" } }');
      await vi.waitFor(
        () =>
          expect(started.output()).toMatch(
            /refused, and the old one stays in force:\n\s+\S+sekisho\.jsonc:1:1 error: This "\{" is never closed/,
          ),
        patiently,
      );
      expect(await running()).toEqual(after);

      await replace(file, {
        extends: 'more.json',
        mcpServers: {
          keep: { command: 'node', url: 'https://x' },
          changed: { ...other, env: { A: '1' } },
          added: other,
        },
      });
      await vi.waitFor(() => expect(started.output()).toContain('running on as before: keep'), patiently);
      expect(await running()).toEqual(after);

      await replace(join(folder, 'it.env'), 'A=2\n');
      await vi.waitFor(
        async () => expect((await running()).get('more') ?? after.get('more')).not.toBe(after.get('more')),
        patiently,
      );
      expect((await running()).get('added')).toBe(after.get('added'));
      expect(await end(started, 'SIGTERM')).toBe(0);
    },
    longMs,
  );

  test(
    'SIGHUP reloads where nothing watches',
    async () => {
      const folder = await folderOf({ 'sekisho.jsonc': { mcpServers: {} } });
      const started = await start(['--config', join(folder, 'sekisho.jsonc'), '--port', '0', '--no-watch']);
      await replace(join(folder, 'sekisho.jsonc'), { mcpServers: { added: { command: 'node', args: [everything] } } });
      started.child.kill('SIGHUP');
      await vi.waitFor(() => expect(started.output()).toContain('added: ready'), patiently);
      expect(await end(started, 'SIGINT')).toBe(0);
    },
    longMs,
  );

  test(
    'a port that is taken is an error with a remedy, and starts no server',
    async () => {
      const holder = createServer();
      holder.listen(0, '127.0.0.1');
      await once(holder, 'listening');
      onTestFinished(() => void holder.close());
      const { port } = holder.address() as AddressInfo;
      const folder = await folderOf({
        'sekisho.jsonc': { mcpServers: { mark: { command: 'touch', args: ['${workspaceFolder}/started'] } } },
      });
      const started = await start(['--config', join(folder, 'sekisho.jsonc'), '--port', String(port)]);
      expect(started.child.exitCode).toBe(1);
      expect(started.output()).toMatch(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken.*--port ${port + 1}`));
      expect(await readdir(folder)).toEqual(['sekisho.jsonc']);
    },
    longMs,
  );

  test(
    'the settings of the file hold: names, limits',
    async () => {
      const folder = await folderOf({
        'sekisho.jsonc': {
          mcpServers: { one: { command: 'node', args: [everything] } },
          'x-sekisho': { naming: 'none', limits: { maxBodyBytes: 2048 } },
        },
      });
      const started = await start(['--config', join(folder, 'sekisho.jsonc'), '--port', '0']);
      const curl = started
        .output()
        .split('\n')
        .find((line) => line.trim().startsWith('curl -sN'))!;
      expect(await paste(curl)).toContain('"name":"echo"');
      expect(await paste(curl.replace('"name":"curl"', `"name":"${'x'.repeat(2048)}"`))).toMatch(/^413 /);
      await end(started, 'SIGINT');
    },
    longMs,
  );

  test(
    'the status is for programs of this computer only',
    async () => {
      const folder = await folderOf({ 'sekisho.jsonc': { mcpServers: {} } });
      const started = await start(['--config', join(folder, 'sekisho.jsonc'), '--port', '0']);
      expect((await started.get('/status')).status).toBe(200);
      expect((await started.get('/status', { headers: { Authorization: '' } })).status).toBe(401);
      expect((await started.get('/status', { headers: { Origin: 'https://evil.example.com' } })).status).toBe(403);
      expect((await started.get('/status', { headers: { 'Sec-Fetch-Site': 'cross-site' } })).status).toBe(403);
      expect((await started.get('/status', { method: 'POST' })).status).toBe(405);
      expect((await started.get('/other')).status).toBe(404);
      const { request } = await import('node:http');
      const asked = request(new URL('/status', started.url), { headers: { Host: 'evil.example.com' } });
      asked.end();
      const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
      response.resume();
      expect(response.statusCode).toBe(403);
      await end(started, 'SIGINT');
    },
    longMs,
  );

  test(
    'sekisho stdio speaks the protocol and nothing else on standard output',
    async () => {
      const folder = await folderOf({
        'sekisho.jsonc': { mcpServers: { one: { command: 'node', args: [everything] }, bad: {} } },
      });
      const child = spawn(
        process.execPath,
        ['--conditions=@sekisho/source', main, 'stdio', '--config', join(folder, 'sekisho.jsonc')],
        { env: { PATH: process.env['PATH'], HOME: folder }, stdio: ['pipe', 'pipe', 'pipe'] },
      );
      onTestFinished(() => void child.kill('SIGKILL'));
      let text = '';
      let errors = '';
      child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
      child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
      const say = (message: object): void =>
        void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      say({
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
      });
      await vi.waitFor(() => expect(text).toContain('"protocolVersion":"2025-11-25"'), patiently);
      say({ method: 'notifications/initialized' });
      let id = 1;
      await vi.waitFor(async () => {
        say({ id: ++id, method: 'tools/list', params: {} });
        await wait(100);
        expect(text).toContain('"one__echo"');
      }, patiently);
      const exited = once(child, 'exit');
      child.stdin.end();
      expect(await exited).toEqual([0, null]);
      for (const line of text.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('jsonrpc', '2.0');
      expect(errors).toContain('server "bad"');
    },
    longMs,
  );
});
