import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SandboxError } from '../errors.ts';
import { isWithin } from '../profile/paths.ts';
import type { SandboxProfile } from '../profile/profile.ts';
import type { InstallSteps } from './install.ts';
import type { LockEntry } from './lock-file.ts';
import { putFile } from './put-file.ts';
import { runInstallStep } from './run-step.ts';

export interface NpmOptions {
  /** Default https://registry.npmjs.org/. */
  registry?: string;
  /** Absolute path of `npm-cli.js`. Default the one beside Node, or the system's. */
  npmCli?: string;
  /** Absolute path of the Node to install and to run with. Default the current one. */
  node?: string;
}

interface NpmLock {
  packages?: Record<string, { version?: string; resolved?: string; integrity?: string; link?: boolean }>;
}

const DEFAULT_REGISTRY = 'https://registry.npmjs.org/';
const SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

function findNpm(node: string): string {
  const places = [
    resolve(dirname(node), '../lib/node_modules/npm/bin/npm-cli.js'),
    '/usr/lib/node_modules/npm/bin/npm-cli.js',
    '/usr/local/lib/node_modules/npm/bin/npm-cli.js',
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ];
  const found = places.find((place) => existsSync(place));
  if (found === undefined)
    throw new SandboxError('ERR_SANDBOX_INSTALL_FAILED', 'npm was not found beside Node.', {
      remedy: 'install npm, or set npmCli.',
    });
  return found;
}

const failed = (what: string): never => {
  throw new SandboxError('ERR_SANDBOX_INSTALL_FAILED', `The installation is not usable: ${what}.`);
};

/** npm: exact versions and integrity from its own lock; scripts never run. */
export function npmSteps({ registry = DEFAULT_REGISTRY, npmCli, node = process.execPath }: NpmOptions): InstallSteps {
  const url = new URL(registry);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const profile = (directory: string): SandboxProfile => ({
    filesystem: { allowWrite: [directory] },
    network: { allowedDomains: [`${url.hostname}:${port}`] },
    cwd: directory,
    env: {
      npm_config_registry: registry,
      npm_config_cache: '/tmp/npm-cache',
      npm_config_userconfig: '/dev/null',
      npm_config_update_notifier: 'false',
      npm_config_fetch_retries: '2',
      npm_config_fetch_retry_mintimeout: '500',
      npm_config_fetch_retry_maxtimeout: '2000',
      npm_config_replace_registry_host: 'always',
      ...(existsSync(SYSTEM_BUNDLE) ? { NODE_EXTRA_CA_CERTS: SYSTEM_BUNDLE } : {}),
    },
  });
  const lockPath = (directory: string): string => join(directory, 'package-lock.json');
  return {
    movable: true,
    async install(sandbox, runner, directory, locked, timeoutMs) {
      const dependencies = locked === undefined ? {} : { [runner.name]: locked.version };
      putFile(join(directory, 'package.json'), JSON.stringify({ private: true, dependencies }));
      if (locked !== undefined) putFile(lockPath(directory), locked.native);
      const words =
        locked === undefined
          ? ['install', '--save-exact', `${runner.name}@${runner.range === '' ? 'latest' : runner.range}`]
          : ['ci'];
      await runInstallStep(sandbox, {
        command: node,
        args: [npmCli ?? findNpm(node), ...words, '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund'],
        profile: profile(directory),
        timeoutMs,
        integrityFailure: /EINTEGRITY/,
        what: `${runner.name}@${locked?.version ?? runner.range}`,
      });
    },
    inspect(runner, directory): LockEntry {
      const native = readFileSync(lockPath(directory), 'utf8');
      const { packages = {} } = JSON.parse(native) as NpmLock;
      const integrity: Record<string, string> = {};
      for (const [place, { version, resolved, integrity: hash, link }] of Object.entries(packages)) {
        if (place === '') continue;
        if (link === true || hash === undefined || version === undefined)
          failed(`${place} has no integrity (a link, or git)`);
        if (resolved !== undefined && new URL(resolved).protocol !== url.protocol)
          failed(`${place} came from ${resolved}`);
        integrity[place] = `${version} ${hash}`;
      }
      const own = packages[`node_modules/${runner.name}`] ?? failed(`${runner.name} is not in it`);
      return { version: own.version!, integrity, native };
    },
    command(runner, directory) {
      const root = join(directory, 'node_modules', runner.name);
      const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        bin?: string | Record<string, string>;
      };
      const programs = typeof bin === 'string' ? { [runner.name.split('/').at(-1)!]: bin } : (bin ?? {});
      const wanted = runner.program ?? runner.name.split('/').at(-1)!;
      const file =
        programs[wanted] ??
        (Object.keys(programs).length === 1 ? Object.values(programs)[0] : undefined) ??
        failed(`${runner.name} has no program ${wanted}`);
      const path = resolve(root, file);
      if (!isWithin(path, root)) failed(`the program ${file} lies outside its package`);
      return { command: node, args: [path] };
    },
  };
}
