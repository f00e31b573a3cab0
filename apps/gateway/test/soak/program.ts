import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '../../../..');
const packages = join(root, 'apps/gateway/node_modules/@modelcontextprotocol');

/** The program as its users run it, in a process of its own, with everything in a folder that goes away. */
export type Program = {
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  readonly stateFolder: string;
  /** Puts another version of the configuration in its place; the program sees it by itself. */
  readonly configure: (version: number) => Promise<void>;
  /** Configurations that came into force since the start. */
  readonly reloads: () => number;
  readonly output: () => string;
  /** Bytes: of the process, and of its heap. */
  readonly memory: () => Promise<{ readonly resident: number; readonly heap: number }>;
  readonly sekisho: (...words: string[]) => Promise<{ readonly code: number | null; readonly out: string }>;
  readonly stop: () => Promise<number | null>;
  readonly remove: () => Promise<void>;
};

/** Everything on: two official servers and one that crashes in boxes, one over HTTP, rules, limits, masking, the record. */
function configuration(flakyUrl: string, version: number): object {
  const script = (name: string, more: object = {}): object => ({
    command: 'node',
    args: [join(packages, name, 'dist/index.js')],
    ...more,
  });
  return {
    mcpServers: {
      everything: script('server-everything'),
      memory: script('server-memory', {
        env: { MEMORY_FILE_PATH: '${workspaceFolder}/notes/memory.jsonl' },
        'x-sekisho': { sandbox: { filesystem: { allowWrite: ['${workspaceFolder}/notes'] } } },
      }),
      crashing: { command: 'node', args: [join(import.meta.dirname, 'crashing-server.cjs')] },
      flaky: { url: flakyUrl },
      ...(version % 2 === 0
        ? {}
        : { passing: { command: 'node', args: [join(import.meta.dirname, 'crashing-server.cjs')] } }),
    },
    'x-sekisho': {
      listen: { port: 0 },
      auth: { apiKeys: {} },
      policy: {
        roles: {},
        rules: [
          { id: 'use', effect: 'allow', roles: ['user'], servers: ['everything', 'memory', 'flaky'], tools: ['*'] },
          { id: 'look', effect: 'allow', roles: ['user'], servers: ['crashing', 'passing'], tools: ['ok', 'person'] },
          { id: 'break', effect: 'allow', roles: ['breaker'], servers: ['crashing'], tools: ['*'] },
          {
            id: 'calm',
            effect: 'allow',
            roles: ['user'],
            servers: ['crashing'],
            tools: ['wipe'],
            when: 'args.sure == true',
          },
          { id: `version-${version}`, effect: 'deny', roles: ['nobody'], tools: ['*'] },
        ],
      },
      rateLimit: {
        onStoreFailure: 'refuse',
        limits: {
          rules: [
            {
              name: 'pings',
              by: ['principal'],
              match: { methods: ['ping'] },
              allow: { kind: 'rate', amount: 60 + version, periodMs: 60_000, burst: 3 },
            },
            {
              name: 'all',
              by: ['principal'],
              allow: { kind: 'rate', amount: 100_000, periodMs: 60_000, burst: 10_000 },
            },
          ],
        },
        concurrency: { rules: [{ name: 'own', by: ['principal', 'server'], limit: 8 }], maxWaitMs: 5000 },
      },
      pii: {},
      audit: { durability: 'standard' },
      content: { arguments: 'enforce', results: 'warn' },
    },
  };
}

export async function startProgram(flakyUrl: string): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-soak-'));
  await chmod(folder, 0o755);
  const file = join(folder, 'sekisho.jsonc');
  await mkdir(join(folder, 'notes'), { mode: 0o777 });
  await chmod(join(folder, 'notes'), 0o777);
  const configure = async (version: number): Promise<void> => {
    await writeFile(`${file}.next`, JSON.stringify(configuration(flakyUrl, version)), { mode: 0o600 });
    await rename(`${file}.next`, file);
  };
  await configure(0);
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
  const run = (...words: string[]): ChildProcess =>
    spawn(process.execPath, ['--conditions=@sekisho/source', join(root, 'apps/gateway/src/main.ts'), ...words], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const child = run('serve', '--config', file, '--port', '0');
  let text = '';
  const hear = (chunk: Buffer): void => void (text += String(chunk));
  child.stdout!.on('data', hear);
  child.stderr!.on('data', hear);
  const ended = once(child, 'close') as Promise<[number | null]>;
  while (!text.includes('Ctrl-C stops')) {
    if (child.exitCode !== null) throw new Error(`the program did not start:\n${text}`);
    await wait(50);
  }
  const stateFolder = join(folder, 'state/sekisho');
  const pid = child.pid!;
  return {
    port: Number(/http:\/\/127\.0\.0\.1:(\d+)\/mcp/.exec(text)![1]),
    pid,
    folder,
    stateFolder,
    configure,
    reloads: () => text.split('Configuration reloaded').length - 1,
    output: () => text,
    memory: async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return { resident: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) * 1024, heap: await heapOf(stateFolder) };
    },
    sekisho: async (...words) => {
      const command = run(...words);
      let out = '';
      command.stdout!.on('data', (chunk: Buffer) => (out += String(chunk)));
      command.stderr!.on('data', (chunk: Buffer) => (out += String(chunk)));
      const [code] = (await once(command, 'close')) as [number | null];
      return { code, out };
    },
    stop: async () => {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
    remove: async () => {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What the admin port tells of the heap. */
async function heapOf(stateFolder: string): Promise<number> {
  const folder = join(stateFolder, 'admin');
  const place = (await readdir(folder)).find((name) => /^\d+-\d+\.json$/.test(name))!;
  const { port } = JSON.parse(await readFile(join(folder, place), 'utf8')) as { port: number };
  const token = (await readFile(join(folder, 'token'), 'utf8')).trim();
  const page = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { Authorization: `Bearer ${token}` } });
  return Number(/^sekisho_heap_used_bytes (\d+)/m.exec(await page.text())![1]);
}
