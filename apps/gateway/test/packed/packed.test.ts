import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../../..');
const longMs = 300_000;
/** Packages with a snippet that ends by itself; what it needs besides its own package, and what it prints. */
const snippets: Readonly<Record<string, { readonly needs?: readonly string[]; readonly prints: RegExp }>> = {
  protocol: { prints: /^legacy 12345678901234567890 / },
  auth: { needs: ['hono'], prints: /^401 Bearer/ },
  policy: { prints: /^allow \w+ unknown/ },
  'rate-limit': { prints: /4 denied per-key 429/ },
  pii: { prints: /\[\[EMAIL:/ },
  audit: { prints: /intact$/ },
};
const leaves = ['auth', 'policy', 'rate-limit', 'pii', 'audit', 'sandbox'];

let scratch = '';
/** The archive of each package by its name. */
const archives = new Map<string, string>();

type Ran = { readonly stdout: string; readonly stderr: string };

async function run(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`,
  };
  // What this test run itself was started with must not reach the package managers.
  for (const name of Object.keys(env)) if (/^(?:npm_|pnpm_|NODE_OPTIONS|CI$)/i.test(name)) delete env[name];
  const options = { cwd, env: { ...env, npm_config_update_notifier: 'false' }, timeout: longMs, maxBuffer: 67_108_864 };
  try {
    return await promisify(execFile)(command, [...args], options);
  } catch (error) {
    const { stdout, stderr } = error as Ran;
    throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** A folder with a package of its own, as somebody has who has just begun. */
async function emptyProject(name: string, fields: object = {}): Promise<string> {
  const folder = join(scratch, name);
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module', ...fields }));
  return folder;
}

function filesOf(names: Iterable<string>): Record<string, string> {
  return Object.fromEntries([...names].map((name) => [name, `file:${archives.get(name)!}`]));
}

/** The first block of code of a package's README. */
async function snippetOf(leaf: string): Promise<string> {
  const readme = await readFile(join(root, 'packages', leaf, 'README.md'), 'utf8');
  return /```ts\n(?<code>.*?)```/s.exec(readme)!.groups!['code']!;
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sekisho-packed-'));
  await run('npx', ['-y', 'pnpm@12', 'build'], root);
  for (const folder of [...leaves, 'protocol', 'core'].map((name) => `packages/${name}`).concat('apps/gateway')) {
    const target = join(scratch, 'archives', folder.replace('/', '-'));
    await mkdir(target, { recursive: true });
    await run(
      'npx',
      ['-y', 'pnpm@12', '--config.verify-deps-before-run=false', 'pack', '--pack-destination', target],
      join(root, folder),
    );
    const { name } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as { name: string };
    archives.set(name, join(target, (await readdir(target))[0]!));
  }
}, longMs);

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

describe('the packages as they are published', () => {
  test('install with npm, and the program runs by npx in an empty folder', { timeout: longMs }, async () => {
    const folder = await emptyProject('with-npm', { dependencies: filesOf(archives.keys()) });
    await run('npm', ['install', '--no-audit', '--no-fund'], folder);
    const { stdout } = await run('npx', ['--no', '--', 'sekisho', '--version'], folder);
    const { version } = JSON.parse(await readFile(join(root, 'apps/gateway/package.json'), 'utf8')) as {
      version: string;
    };
    expect(stdout.trim()).toBe(version);
    await writeFile(join(folder, 'mcp.json'), JSON.stringify({ mcpServers: { it: { command: 'node' } } }), {
      mode: 0o600,
    });
    expect(
      (await run('npx', ['--no', '--', 'sekisho', 'config', 'check', '--config', 'mcp.json'], folder)).stdout,
    ).toMatch(/it/);
  });

  test('install with pnpm', { timeout: longMs }, async () => {
    const folder = await emptyProject('with-pnpm', { dependencies: filesOf(archives.keys()) });
    const overrides = Object.entries(filesOf(archives.keys())).map(([name, file]) => `  '${name}': '${file}'`);
    await writeFile(join(folder, 'pnpm-workspace.yaml'), `overrides:\n${overrides.join('\n')}\n`);
    await run('npx', ['-y', 'pnpm@12', 'install'], folder);
    expect((await run(join(folder, 'node_modules/.bin/sekisho'), ['--help'], folder)).stdout).toContain('Commands');
  });

  test('install with yarn', { timeout: longMs }, async () => {
    const folder = await emptyProject('with-yarn', {
      dependencies: filesOf(archives.keys()),
      resolutions: filesOf(archives.keys()),
    });
    await run('npx', ['-y', 'yarn@1.22.22', 'install', '--no-lockfile', '--non-interactive'], folder);
    expect((await run(join(folder, 'node_modules/.bin/sekisho'), ['--help'], folder)).stdout).toContain('Commands');
  });

  test.each(Object.keys(snippets))('%s alone runs its README on Node 22 and 24', { timeout: longMs }, async (leaf) => {
    const { needs = [], prints } = snippets[leaf]!;
    const name = `@sekisho/${leaf}`;
    const folder = await emptyProject(`alone-${leaf}`, { dependencies: filesOf([name]) });
    await run('npm', ['install', '--no-audit', '--no-fund', ...needs], folder);
    await writeFile(join(folder, 'snippet.ts'), await snippetOf(leaf));
    for (const major of ['22', '24']) {
      await rm(join(folder, 'audit-log'), { recursive: true, force: true });
      await rm(join(folder, 'audit-log-keys'), { recursive: true, force: true });
      const { stdout } = await run('npx', ['-y', `node@${major}`, 'snippet.ts'], folder);
      expect(stdout.trim()).toMatch(prints);
    }
  });

  test('no library brings another one along, nor a client of a database', { timeout: longMs }, async () => {
    for (const leaf of leaves) {
      const folder = await emptyProject(`lonely-${leaf}`, { dependencies: filesOf([`@sekisho/${leaf}`]) });
      await run('npm', ['install', '--no-audit', '--no-fund', '--omit=peer'], folder);
      expect(await readdir(join(folder, 'node_modules/@sekisho'))).toEqual([leaf]);
      const others = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'));
      for (const unwanted of ['express', 'fastify', 'hono', 'ioredis', 'redis', 'pg', '@modelcontextprotocol'])
        expect(others).not.toContain(unwanted);
    }
  });
});
