import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SandboxError } from '../errors.ts';
import type { SandboxProfile } from '../profile/profile.ts';
import type { InstallSteps } from './install.ts';
import { putFile } from './put-file.ts';
import { runInstallStep } from './run-step.ts';

export interface UvOptions {
  /** Name or absolute path of uv. Default `uv`. */
  uv?: string;
  /** Absolute path of the Python to use. Default /usr/bin/python3. */
  python?: string;
  /** Hosts that packages come from, and the index. Default pypi.org and files.pythonhosted.org. */
  hosts?: readonly string[];
  index?: string;
}

const REQUIREMENTS = 'requirements.txt';
const SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/** Requirement (name==version) -> its hashes, from what `uv pip compile --generate-hashes` writes. */
export function readRequirements(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let current: string | undefined;
  for (const line of text.split('\n')) {
    const start = /^([A-Za-z0-9][\w.-]*==[^\s;\\]+)/.exec(line);
    if (start !== null) found[(current = start[1]!)] = '';
    const hash = /--hash=(sha256:[0-9a-f]{64})/.exec(line);
    if (hash !== null && current !== undefined) found[current] = `${found[current]} ${hash[1]}`.trim();
  }
  return found;
}

/** uv: a list of exact requirements with hashes, wheels only, so that nothing of a package runs while it is installed. */
export function uvSteps({
  uv = 'uv',
  python = '/usr/bin/python3',
  hosts = ['pypi.org', 'files.pythonhosted.org'],
  index,
}: UvOptions): InstallSteps {
  const profile = (directory: string): SandboxProfile => ({
    filesystem: { allowWrite: [directory] },
    network: { allowedDomains: [...hosts] },
    cwd: directory,
    spawn: true, // uv asks Python about itself
    env: {
      UV_CACHE_DIR: '/tmp/uv-cache',
      UV_NO_CONFIG: '1',
      UV_PYTHON_DOWNLOADS: 'never',
      ...(index === undefined ? {} : { UV_INDEX_URL: index }),
      ...(existsSync(SYSTEM_BUNDLE) ? { SSL_CERT_FILE: SYSTEM_BUNDLE } : {}),
    },
  });
  return {
    movable: false,
    async install(sandbox, runner, directory, locked, timeoutMs) {
      const step = (args: string[], input?: string): Promise<void> =>
        runInstallStep(sandbox, {
          command: uv,
          args,
          profile: profile(directory),
          timeoutMs,
          integrityFailure: /Hash mismatch|hashes? do(?:es)? not match/i,
          what: runner.name,
          ...(input === undefined ? {} : { input }),
        });
      const requirements = join(directory, REQUIREMENTS);
      if (locked === undefined) {
        const exact = /^\d/.test(runner.range) ? `==${runner.range}` : runner.range === 'latest' ? '' : runner.range;
        await step(
          [
            'pip',
            'compile',
            '-',
            '--generate-hashes',
            '--no-header',
            '--no-annotate',
            '--only-binary',
            ':all:',
            '--python',
            python,
            '-o',
            requirements,
          ],
          `${runner.name}${exact}\n`,
        );
      } else putFile(requirements, locked.native);
      const venv = join(directory, 'venv');
      await step(['venv', '--python', python, venv]);
      await step([
        'pip',
        'install',
        '--python',
        join(venv, 'bin/python'),
        '--require-hashes',
        '--only-binary',
        ':all:',
        '--link-mode',
        'copy',
        '-r',
        requirements,
      ]);
    },
    inspect(runner, directory) {
      const native = readFileSync(join(directory, REQUIREMENTS), 'utf8');
      const integrity = readRequirements(native);
      const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');
      const own = Object.keys(integrity).find(
        (requirement) => normal(requirement.split('==')[0]!) === normal(runner.name),
      );
      if (own === undefined || Object.values(integrity).some((hashes) => hashes === ''))
        throw new SandboxError('ERR_SANDBOX_INSTALL_FAILED', `The requirements of ${runner.name} lack hashes.`);
      return { version: own.split('==')[1]!, integrity, native };
    },
    command: (runner, directory) => ({ command: join(directory, 'venv/bin', runner.program ?? runner.name), args: [] }),
  };
}
