import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { StartedProcess } from '@sekisho/core';
import { bubblewrapBackend } from '@sekisho/sandbox';
import { compose } from '../../src/compose.ts';
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts';
import { mountSandbox, type SandboxMount } from '../../src/mount/sandbox.ts';

const anything = resolve(import.meta.dirname, '../fixtures/processes/does-anything.cjs');
const server = { command: process.execPath, args: [anything] };
const log = { debug() {}, info() {}, warn() {}, error() {} };

type Scene = { readonly folder: string; readonly load: (file: object) => Promise<LoadedConfig> };

/** True where the rule behind the probe is kept. */
type Probe = (scene: Scene) => Promise<boolean>;

const mountOf = (
  config: LoadedConfig,
  folder: string,
  more: Partial<Parameters<typeof mountSandbox>[1]> = {},
): SandboxMount =>
  mountSandbox(config, {
    stateFolder: join(folder, 'state'),
    cacheFolder: join(folder, 'cache'),
    log,
    now: Date.now,
    ...more,
  });

function launchOf(config: LoadedConfig): Parameters<SandboxMount['starter']['start']>[0] {
  const { spec } = config.servers[0]!;
  if (spec?.kind !== 'stdio') throw new Error('no stdio server');
  return spec;
}

/** What the server says to JavaScript that it is made to run. */
async function ask(child: StartedProcess, code: string): Promise<string> {
  const params = { name: 'run', arguments: { code } };
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
  for await (const line of createInterface({ input: child.stdout })) return line;
  return 'nothing';
}

async function inBox(mount: SandboxMount, config: LoadedConfig, code: string): Promise<string> {
  const child = await mount.starter.start(launchOf(config));
  const said = await ask(child, code);
  await child.kill();
  mount.close();
  return said;
}

const spawnCode = "return require('child_process').execSync('echo RAN').toString()";
const refused = async (attempt: Promise<unknown>): Promise<boolean> =>
  await attempt.then(
    () => false,
    (error: { code?: string }) => error.code?.startsWith('ERR_SANDBOX') === true,
  );

export const probes: Readonly<Record<string, Probe>> = {
  /** Every stdio server of the composition is in a box. */
  async composed({ folder, load }) {
    const config = await load({ mcpServers: { it: server } });
    const composition = await compose(config, {
      version: '0',
      log,
      cacheFolder: join(folder, 'cache'),
      stateFolder: join(folder, 'state'),
      now: Date.now,
    });
    await composition.gateway.ready();
    const ready = composition.gateway.status().upstreams[0]?.state === 'ready';
    const { state } = composition.boxOf('it') ?? {};
    await composition.close();
    return ready && state === 'boxed';
  },
  /** What a box shows is true: the server in it cannot start a process. */
  async held({ folder, load }) {
    const config = await load({ mcpServers: { it: server } });
    return (await inBox(mountOf(config, folder), config, spawnCode)).includes('EPERM');
  },
  async network({ folder, load }) {
    const config = await load({ mcpServers: { it: server } });
    const code = "return Object.keys(require('os').networkInterfaces()).length > 1";
    return (await inBox(mountOf(config, folder), config, code)).includes('false');
  },
  /** Without a back end nothing starts. */
  async failsClosed({ folder, load }) {
    const config = await load({ mcpServers: { it: server } });
    const backend = bubblewrapBackend({ places: ['/nonexistent/bwrap'] });
    const mount = mountOf(config, folder, { backend });
    const started = mount.starter.start(launchOf(config));
    return await refused(Promise.resolve(started).then((child) => child.kill()));
  },
  async configuration({ folder, load }) {
    const sandbox = { filesystem: { allowWrite: [folder] } };
    const config = await load({ mcpServers: { it: { ...server, 'x-sekisho': { sandbox } } } });
    const started = mountOf(config, folder).starter.start(launchOf(config));
    return await refused(Promise.resolve(started).then((child) => child.kill()));
  },
  async environment({ folder, load }) {
    process.env['PLANTED_BY_PROBE'] = 'planted';
    const config = await load({ mcpServers: { it: server } });
    const said = await inBox(mountOf(config, folder), config, 'return Object.keys(process.env)');
    return said.includes('TMPDIR') && !said.includes('PLANTED');
  },
  async denials({ folder, load }) {
    const sandbox = { filesystem: { allowRead: ['/etc'], denyRead: ['/etc/ssl'] } };
    const own = { filesystem: { allowRead: ['/var/lib'], denyRead: [] } };
    const config = await load({
      mcpServers: { it: { ...server, 'x-sekisho': { sandbox: own } } },
      'x-sekisho': { sandbox },
    });
    const { profile } = launchOf(config).launch as {
      profile: { filesystem: { allowRead: string[]; denyRead: string[] } };
    };
    const { allowRead, denyRead } = profile.filesystem;
    return allowRead.join() === '/var/lib' && denyRead.join() === '/etc/ssl' && folder !== '';
  },
  async sentence({ load }) {
    const sandbox = { backend: 'none', iUnderstand: 'yes' };
    const config = await load({ mcpServers: { it: { ...server, 'x-sekisho': { sandbox } } } });
    return config.servers[0]!.spec === undefined;
  },
};

/** The names of those that do not hold. */
export async function failing(names: readonly string[]): Promise<string[]> {
  const failed: string[] = [];
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'sekisho-probe-'));
    chmodSync(folder, 0o755);
    const file = join(folder, 'sekisho.jsonc');
    const load = async (value: object): Promise<LoadedConfig> => {
      writeFileSync(file, JSON.stringify(value), { mode: 0o600 });
      const { env, platform } = process;
      const result = await loadConfig({
        file,
        env,
        home: join(folder, 'home'),
        platform,
        secretsFile: join(folder, 'none'),
      });
      if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
      return result.config;
    };
    try {
      if (!(await probes[name]!({ folder, load }))) failed.push(name);
    } catch (error) {
      // A box that does not hold is refused before the probe can ask: that is felt, too.
      if ((error as { code?: string }).code?.startsWith('ERR_SANDBOX') !== true) throw error;
      failed.push(name);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return failed;
}

if (process.env['SEKISHO_MUTATION'] !== undefined) {
  process.stdout.write(JSON.stringify(await failing(process.argv.slice(2))), () => process.exit(0));
}
