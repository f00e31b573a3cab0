import { execFile, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { folderOf } from '../config/load-fixture.ts';

const root = resolve(import.meta.dirname, '../../../..');
const inside = join(import.meta.dirname, 'inside.sh');
const longMs = 120_000;

/** Runs the server with a configuration in a network namespace. @returns all that was printed */
async function runApart(config: string): Promise<string> {
  const home = await folderOf({});
  const { stdout } = await promisify(execFile)(
    'unshare',
    [...own, 'sh', inside, process.execPath, join(root, 'apps/gateway/src/main.ts'), config],
    {
      cwd: home,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        XDG_CONFIG_HOME: home,
        XDG_STATE_HOME: home,
        XDG_CACHE_HOME: home,
        NO_COLOR: '1',
      },
      timeout: longMs,
    },
  );
  return stdout;
}

const own = process.getuid?.() === 0 ? ['--net'] : ['--map-root-user', '--net'];

/** Needs Linux, `unshare` and `ip` (Debian: util-linux, iproute2), and the right to make a device of its own. */
function canRunApart(): boolean {
  const tried = spawnSync('unshare', [...own, 'ip', 'tuntap', 'add', 'dev', 'out0', 'mode', 'tun']);
  return tried.status === 0;
}

describe.skipIf(!canRunApart())('nothing leaves but to the configured places', () => {
  test(
    'H06: the server with the three official servers, listed, called and stopped, sends no packet to the outside',
    { timeout: longMs },
    async () => {
      const said = await runApart(join(root, 'apps/gateway/sekisho.example.jsonc'));
      expect(said).toContain('Echo: hello');
      expect(said).toMatch(/^packets out: 0$/m);
    },
  );

  test('a configured server on the network is asked, so the counter counts', { timeout: longMs }, async () => {
    const everything = join(root, 'apps/gateway/node_modules/@modelcontextprotocol/server-everything/dist/index.js');
    const servers = {
      everything: { command: process.execPath, args: [everything] },
      away: { url: 'http://198.51.100.9/mcp', 'x-sekisho': { timeouts: { startMs: 1000 } } },
    };
    const folder = await folderOf({ 'sekisho.jsonc': { mcpServers: servers } });
    const said = await runApart(join(folder, 'sekisho.jsonc'));
    expect(said).toContain('Echo: hello');
    expect(Number(/^packets out: (\d+)$/m.exec(said)?.[1])).toBeGreaterThan(0);
  });
});
