import { resolve } from 'node:path';
import { chmod, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  loadConfig,
  type ConfiguredServer,
  type LoadedConfig,
  type LoadOptions,
  type LoadResult,
} from '../../src/config/load.ts';
import type { UpstreamSpec } from '../../src/config/upstream-spec.ts';

export const fixtures = resolve(import.meta.dirname, '../fixtures/clients');

export const baseEnv = { PATH: '/usr/bin:/bin', HOME: '/home/ada', LANG: 'C.UTF-8', TMPDIR: '/tmp' };

export async function load(file: string, options: Partial<LoadOptions> = {}): Promise<LoadResult> {
  return await loadConfig({
    file,
    env: baseEnv,
    home: '/home/ada',
    platform: 'linux',
    secretsFile: '/nowhere/secrets.json',
    ...options,
  });
}

export async function loadGood(file: string, options: Partial<LoadOptions> = {}): Promise<LoadedConfig> {
  const result = await load(file, options);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.config;
}

/** Writes files into a folder that goes away with the test, and gives its path. */
export async function folderOf(files: Readonly<Record<string, string | object>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-config-'));
  // Boxes of a gateway that is root run as somebody else, who has to find the programs of a test.
  await chmod(folder, 0o755);
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2), {
      mode: /\.[cm]?[jt]s$|\.py$|\.sh$/.test(name) ? 0o644 : 0o600,
    });
  }
  return folder;
}

export async function loadObject(value: object, options: Partial<LoadOptions> = {}): Promise<LoadedConfig> {
  return await loadGood(join(await folderOf({ 'sekisho.jsonc': value }), 'sekisho.jsonc'), options);
}

/** The one server of a configuration that is about nothing else. */
export async function loadServer(
  entry: object,
  options: Partial<LoadOptions> = {},
): Promise<ConfiguredServer & { config: LoadedConfig }> {
  const config = await loadObject({ mcpServers: { it: entry } }, options);
  return { ...config.servers[0]!, config };
}

export function server(config: LoadedConfig, name: string): ConfiguredServer {
  const found = config.servers.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no server ${name}`);
  return found;
}

export function spec<Kind extends UpstreamSpec['kind']>(
  config: LoadedConfig,
  name: string,
  kind: Kind,
): UpstreamSpec & { kind: Kind } {
  const found = server(config, name);
  if (found.spec === undefined) throw new Error(found.problems.map(({ message }) => message).join('\n'));
  if (found.spec.kind !== kind) throw new Error(`${name} is ${found.spec.kind}`);
  return found.spec as UpstreamSpec & { kind: Kind };
}

export function errorsOf(config: LoadedConfig, name?: string): string[] {
  return config.problems
    .filter((problem) => problem.severity === 'error' && (name === undefined || problem.server === name))
    .map(({ message }) => message);
}

export function warningsOf(config: LoadedConfig): string[] {
  return config.problems.filter(({ severity }) => severity === 'warning').map(({ message }) => message);
}
