import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The snippet runs as it stands, but for its port and for servers that this machine has. */
test('the snippet of the README serves', async () => {
  const [, snippet] = /```ts\n([\s\S]*?)```/.exec(await readFile(at('../README.md'), 'utf8')) ?? [];
  const server = at('fixtures/servers/main.ts');
  const runnable = (snippet ?? '')
    .replace("command: 'npx'", `command: ${JSON.stringify(process.execPath)}`)
    .replace(/args: \[.*?\]/, `args: ${JSON.stringify(['--conditions=@sekisho/source', server, 'echo', '--stdio'])}`)
    .replace('https://mcp.example.com/mcp', 'http://127.0.0.1:9/mcp')
    .replace('.listen(7300', '.listen(0');
  const folder = await mkdtemp(at('./readme-'));
  try {
    const end =
      "gateway.onStatus(({ upstreams }) => { if (upstreams[0]?.state === 'ready') void gateway.close().then(() => process.exit(0)); });";
    await writeFile(`${folder}/main.ts`, `${runnable}\n${end}\n`);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@sekisho/source', `${folder}/main.ts`],
      { timeout: 15_000 },
    );
    expect(stdout).toContain('files: ready');
  } finally {
    await rm(folder, { recursive: true });
  }
});
