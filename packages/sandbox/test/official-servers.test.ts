import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BoxedChild, SandboxProfile } from '../src/index.ts';
import { createLab, type Lab, NODE, own } from './support.ts';

let lab: Lab;
beforeAll(() => {
  lab = createLab();
});
afterAll(() => lab.close());

const require = createRequire(new URL('../package.json', import.meta.url));
const entry = (name: string): string => {
  const manifest = require.resolve(`@modelcontextprotocol/${name}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> };
  return join(dirname(manifest), Object.values(bin)[0]!);
};

interface Session {
  child: BoxedChild;
  ask: (method: string, params?: unknown) => Promise<{ result?: Record<string, unknown>; error?: unknown }>;
}

async function open(name: string, args: string[], profile: SandboxProfile): Promise<Session> {
  const child = await lab.sandbox.start({ command: NODE, args: [entry(name), ...args], profile, name });
  const waiting = new Map<number, (message: never) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as { id?: number };
    if (message.id !== undefined) waiting.get(message.id)?.(message as never);
  });
  let id = 0;
  const ask: Session['ask'] = (method, params = {}) => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })}\n`);
    return Promise.race([
      new Promise<never>((resolve) => waiting.set(id, resolve)),
      child.exited.then(({ stderrTail, reason }) =>
        Promise.reject(new Error(`${name} ended by ${reason}: ${stderrTail}`)),
      ),
    ]);
  };
  await ask('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  });
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  return { child, ask };
}

const call = async ({ ask }: Session, name: string, args: unknown): Promise<string> =>
  JSON.stringify((await ask('tools/call', { name, arguments: args })).result);

describe('the official servers in their boxes', { timeout: 60_000 }, () => {
  it('filesystem sees its folder and nothing else, through links and renames too', async () => {
    const folder = lab.directory('folder');
    const outside = lab.directory('outside');
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub/in.txt'), 'inside');
    writeFileSync(join(outside, 'out.txt'), 'OUTSIDE');
    symlinkSync(join(outside, 'out.txt'), join(folder, 'link.txt'));
    own(folder);
    const session = await open('server-filesystem', [folder], { filesystem: { allowWrite: [folder] } });
    expect(await call(session, 'read_text_file', { path: join(folder, 'sub/in.txt') })).toContain('inside');
    expect(await call(session, 'write_file', { path: join(folder, 'new.txt'), content: 'written' })).not.toContain(
      'isError":true',
    );
    expect(readFileSync(join(folder, 'new.txt'), 'utf8')).toBe('written');
    for (const path of [join(folder, 'link.txt'), join(outside, 'out.txt'), '/etc/shadow'])
      expect(await call(session, 'read_text_file', { path })).not.toContain('OUTSIDE');
    renameSync(join(folder, 'sub'), join(folder, 'sub2'));
    symlinkSync(outside, join(folder, 'sub'));
    expect(await call(session, 'read_text_file', { path: join(folder, 'sub/out.txt') })).not.toContain('OUTSIDE');
    expect(await call(session, 'read_text_file', { path: join(folder, 'sub2/in.txt') })).toContain('inside');
    expect(await session.child.stop()).toMatchObject({ code: 0 });
  });
  it('memory keeps its file in the directory that it was given', async () => {
    const folder = lab.directory('memory');
    const session = await open('server-memory', [], {
      filesystem: { allowWrite: [folder] },
      env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') },
    });
    expect(
      await call(session, 'create_entities', { entities: [{ name: 'n', entityType: 't', observations: ['o'] }] }),
    ).not.toContain('isError":true');
    expect(readFileSync(join(folder, 'memory.jsonl'), 'utf8')).toContain('"n"');
    await session.child.stop();
  });
  it('everything runs with no permission at all', async () => {
    const session = await open('server-everything', [], {});
    const { result } = await session.ask('tools/list');
    expect((result!['tools'] as unknown[]).length).toBeGreaterThan(5);
    expect(await call(session, 'echo', { message: 'hello' })).toContain('hello');
    await session.child.stop();
  });
  it('a Python server runs with no permission at all', async (test) => {
    if (!existsSync('/usr/bin/python3')) test.skip();
    const server = join(lab.directory('python'), 'server.py');
    writeFileSync(
      server,
      'import sys, json\nfor line in sys.stdin:\n  m = json.loads(line)\n  print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": {"tools": []}}), flush=True)\n',
    );
    const child = await lab.sandbox.start({ command: '/usr/bin/python3', args: [server] });
    child.stdin.end('{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n');
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk));
    await child.exited;
    expect(said).toContain('"tools": []');
  });
});
