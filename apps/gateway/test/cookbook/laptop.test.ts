import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { folderOf } from '../config/load-fixture.ts';
import { readPage } from './page.ts';

const root = resolve(import.meta.dirname, '../../../..');
const app = join(root, 'apps/gateway');
const inspector = join(app, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
const patiently = { timeout: 30_000, interval: 50 };
type Answer = { readonly code: number; readonly out: string };

/** The start script on a copy of the example's file, in a home of its own. */
async function start() {
  const folder = await folderOf({});
  const file = join(folder, 'sekisho.jsonc');
  const example = (await readFile(join(app, 'sekisho.example.jsonc'), 'utf8')).replaceAll('${workspaceFolder}', app);
  const save = async (text: string): Promise<void> => {
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
  };
  await save(example);
  // The script makes the folders of the example ready where that is what it starts; a box of a gateway that is root runs as nobody.
  const notes = join(folder, '.local/share/sekisho-demo');
  await mkdir(notes, { recursive: true });
  for (const one of ['.local', '.local/share', '.local/share/sekisho-demo']) await chmod(join(folder, one), 0o777);
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    USERPROFILE: folder,
    XDG_CONFIG_HOME: folder,
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
  const script = join(root, 'scripts/start.mjs');
  const child = spawn(process.execPath, [script, '--config', file, '--port', '0'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'close');
  });
  let screen = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (screen += String(chunk)));
  await vi.waitFor(() => expect(screen).toContain('Ctrl-C stops'), patiently);
  const run = (words: readonly string[]): Promise<Answer> =>
    new Promise((done) => {
      execFile(process.execPath, [...words], { env, cwd: folder, timeout: 60_000 }, (error, out, err) =>
        done({ code: error === null ? 0 : Number(error.code ?? 1), out: out + err }),
      );
    });
  return {
    file,
    screen: () => screen,
    run,
    sekisho: (line: string) => run(['--conditions=@sekisho/source', join(app, 'src/main.ts'), ...line.split(' ')]),
    /** Puts sections into `x-sekisho`, in force when this resolves. */
    put: async (...sections: readonly string[]): Promise<void> => {
      const before = screen.split('Configuration reloaded').length;
      const inner = sections.map((section) => section.trim().slice(1, -1)).join(',\n');
      await save(example.replace('"x-sekisho": {\n    // Tools', `"x-sekisho": {\n${inner},\n    // Tools`));
      await vi.waitFor(() => expect(screen.split('Configuration reloaded').length).toBeGreaterThan(before), patiently);
    },
  };
}

test.runIf(process.platform === 'linux')(
  'as a new user would: connect, call all three servers, see it, deny, mask, limit, revoke',
  { timeout: 240_000 },
  async () => {
    const page = await readPage('laptop');
    const home = await start();
    const url = /(http:\/\/127\.0\.0\.1:\d+\/mcp)\n/.exec(home.screen())![1]!;
    const key = /^ +(sks_local_\w+)$/m.exec(home.screen())![1]!;
    expect(home.screen()).toContain('3 of 3 servers ready');

    // Connect: the official SDK's client, and the Inspector's command line, with what the screen says.
    const client = new Client({ name: 'newcomer', version: '1' });
    const requestInit = { headers: { Authorization: `Bearer ${key}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
    onTestFinished(() => client.close());
    const say = async (name: string, args: object = {}): Promise<string> =>
      JSON.stringify(await client.callTool({ name, arguments: args as Record<string, unknown> }));
    const listed = await home.run([
      inspector,
      '--cli',
      url,
      '--transport',
      'http',
      '--quiet',
      '--header',
      `Authorization: Bearer ${key}`,
      '--method',
      'tools/list',
    ]);
    expect([listed.code, listed.out]).toEqual([0, expect.stringContaining('everything__echo')]);

    // Call tools of all three servers.
    expect(await say('everything__echo', { message: 'ada@acme-corp.com' })).toContain('ada@acme-corp.com');
    expect(await say('everything__get-sum', { a: 2, b: 40 })).toContain('42');
    expect(await say('files__list_allowed_directories')).toContain('demo');
    expect(await say('memory__read_graph')).toContain('entities');

    // See them. `tail` goes on for ever; what it would print is what a query tells.
    const seen = await home.sekisho('audit query --type mcp.tool.result --json');
    for (const name of ['echo', 'get-sum', 'list_allowed_directories', 'read_graph'])
      expect(seen.out).toContain(`"${name}"`);
    expect(page.commands[0]).toBe('audit tail');

    // Deny one by policy.
    await home.put(page.block('jsonc', 'deny'));
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toContain('everything__echo');
    expect(names).not.toContain('everything__get-sum');
    await expect(say('everything__get-sum', { a: 2, b: 40 })).rejects.toThrow(page.block('text', 'deny'));
    expect((await home.sekisho(`policy explain local everything__get-sum --config ${home.file}`)).out).toContain(
      'no-sums',
    );

    // Mask one result.
    await home.put(page.block('jsonc', 'mask'));
    const masked = await say('everything__echo', { message: 'ada@acme-corp.com' });
    expect(masked).toContain(page.block('text', 'mask'));
    expect(masked).not.toContain('ada@acme-corp.com');

    // Exhaust a limit.
    await home.put(page.block('jsonc', 'mask'), page.block('jsonc', 'limit'));
    expect(await say('memory__read_graph')).toContain('entities');
    expect(await say('memory__read_graph')).toContain('entities');
    const third: unknown = await say('memory__read_graph').catch((error: unknown) => error);
    expect(third).toBeInstanceOf(Error);
    expect(String(third)).toContain(page.block('text', 'limit'));
    expect(await say('everything__echo', { message: 'hi' })).toContain('hi');

    // Revoke the key.
    const [list, revoke] = page
      .block('sh', 'revoke')
      .split('\n')
      .map((line) => line.replace('sekisho ', ''));
    const id = /^(\S+) .*\blocal\b/m.exec((await home.sekisho(list!)).out)![1]!;
    const revoked = await home.sekisho(revoke!.replace('<id>', id));
    expect([revoked.code, revoked.out]).toEqual([0, expect.stringContaining('is revoked')]);
    const answer = async (): Promise<Response> =>
      await fetch(url, {
        method: 'POST',
        headers: { ...requestInit.headers, 'Content-Type': 'application/json' },
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      });
    await vi.waitFor(async () => expect(String((await answer()).status)).toBe(page.block('text', 'revoke')), patiently);
    expect(await (await answer()).text()).toMatch(/"message":"[^"]{10,}/);
    expect(home.screen()).not.toContain('ERR_');
  },
);
