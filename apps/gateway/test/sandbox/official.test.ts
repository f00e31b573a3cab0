import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callTool, give, openHouse } from './house.ts';

const longMs = 60_000;
const entry = (name: string): string =>
  resolve(import.meta.dirname, `../../node_modules/@modelcontextprotocol/server-${name}/dist/index.js`);

describe.runIf(process.platform === 'linux')('the official servers in their boxes', { timeout: longMs }, () => {
  test('filesystem sees its folder and nothing else, through links and renames too', async () => {
    const { url, folder, box, who } = await openHouse(
      {
        mcpServers: {
          files: {
            command: 'node',
            args: [entry('filesystem'), '${workspaceFolder}/given'],
            'x-sekisho': { sandbox: { filesystem: { allowWrite: ['given'] } } },
          },
        },
      },
      {
        prepare(made) {
          for (const name of ['given/sub', 'outside']) mkdirSync(join(made, name), { recursive: true });
          writeFileSync(join(made, 'given/sub/in.txt'), 'INSIDE');
          writeFileSync(join(made, 'outside/out.txt'), 'OUTSIDE');
          symlinkSync(join(made, 'outside'), join(made, 'given/link'));
          give(join(made, 'given'));
          chmodSync(join(made, 'outside'), 0o777);
        },
      },
    );
    const call = async (name: string, args: object): Promise<string> => await callTool(url, 'files', name, args, who);
    const at = (path: string): { path: string } => ({ path: join(folder, path) });
    expect(await box('files')).toMatchObject({ state: 'boxed' });
    expect(await call('read_text_file', at('given/sub/in.txt'))).toContain('INSIDE');
    expect(await call('write_file', { ...at('given/new.txt'), content: 'NEW' })).toContain('Successfully');
    expect(readFileSync(join(folder, 'given/new.txt'), 'utf8')).toBe('NEW');
    for (const path of ['outside/out.txt', 'given/link/out.txt', 'given/../outside/out.txt', '../../etc/passwd'])
      expect(await call('read_text_file', at(path)), path).not.toMatch(/OUTSIDE|root:/);
    expect(await call('move_file', { source: at('given/sub').path, destination: at('given/moved').path })).toContain(
      'Success',
    );
    expect(await call('read_text_file', at('given/moved/in.txt'))).toContain('INSIDE');
    expect(
      await call('move_file', { source: at('given/moved').path, destination: at('outside/moved').path }),
    ).not.toContain('Success');
    expect(existsSync(join(folder, 'outside/moved'))).toBe(false);
  });

  test('memory writes its file and nothing else, and everything needs nothing', async () => {
    const { url, folder, box, who } = await openHouse(
      {
        mcpServers: {
          memory: {
            command: 'node',
            args: [entry('memory')],
            env: { MEMORY_FILE_PATH: '${workspaceFolder}/notes/memory.jsonl' },
            'x-sekisho': { sandbox: { filesystem: { allowWrite: ['notes'] } } },
          },
          everything: { command: 'node', args: [entry('everything')] },
        },
      },
      {
        prepare(made) {
          mkdirSync(join(made, 'notes'));
          give(join(made, 'notes'));
        },
      },
    );
    const entities = [{ name: 'n', entityType: 't', observations: ['o'] }];
    expect(await callTool(url, 'memory', 'create_entities', { entities }, who)).toContain('"n"');
    expect(readFileSync(join(folder, 'notes/memory.jsonl'), 'utf8')).toContain('"n"');
    expect(await callTool(url, 'everything', 'echo', { message: 'hello' }, who)).toContain('hello');
    expect([(await box('memory'))?.state, (await box('everything'))?.state]).toEqual(['boxed', 'boxed']);
  });

  test.runIf(hasPython())('a Python server runs by the python3 of the path, and finds its own modules', async () => {
    const { run, box, server } = await openHouse(
      { mcpServers: { it: { command: 'python3', args: ['server.py'] } } },
      {
        files: {
          'helper.py': 'ANSWER = "from its own module"\n',
          'pyproject.toml': '',
          'server.py': `import sys, json, socket
try:
    from helper import ANSWER
except ImportError:
    ANSWER = "no module"
for line in sys.stdin:
    m = json.loads(line)
    if "id" not in m: continue
    if m["method"] == "initialize": r = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "p", "version": "1"}}
    elif m["method"] == "tools/list": r = {"tools": [{"name": "run", "inputSchema": {"type": "object"}}]}
    elif m["method"] != "tools/call":
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "error": {"code": -32601, "message": "no"}}), flush=True)
        continue
    else:
        try:
            open(m["params"]["arguments"]["code"]).read(); said = ANSWER
        except OSError as e: said = str(e)
        r = {"content": [{"type": "text", "text": said}]}
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
`,
        },
        prepare: (made) => chmodSync(join(made, 'pyproject.toml'), 0o644),
      },
    );
    expect(await box()).toMatchObject({ state: 'boxed' });
    expect((await server('it')).error).toBeUndefined();
    expect(await run('server.py')).toBe('from its own module');
    expect(await run('/etc/shadow')).toMatch(/No such file/);
  });
});

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // a machine without Python; the library's own tests say so, too
  }
}
