import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SandboxError } from '../errors.ts';
import { realPath, selfAndAncestors } from './paths.ts';

/** Version managers of one family: a shim is a shell script that looks up a version and starts the program of it. */
const FAMILY: Readonly<Record<string, { variable: string; file: string }>> = {
  '.pyenv': { variable: 'PYENV_VERSION', file: '.python-version' },
  '.nodenv': { variable: 'NODENV_VERSION', file: '.node-version' },
  '.rbenv': { variable: 'RBENV_VERSION', file: '.ruby-version' },
};

/** Others, by what all their shims are links to, or by their directory: their rules are their own. */
function foreignManager(file: string): string | undefined {
  const real = basename(realPath(file).path);
  if (real !== basename(file) && (real === 'volta-shim' || real === 'mise')) return real.replace('-shim', '');
  return /\/\.asdf\/shims\/[^/]+$/.test(file) ? 'asdf' : undefined;
}

const firstWord = (path: string): string | undefined => {
  try {
    return /^\s*([^\s#]+)/.exec(readFileSync(path, 'utf8'))?.[1];
  } catch {
    return undefined; // not there: the next place decides
  }
};

export interface ShimContext {
  environment: Readonly<Record<string, string | undefined>>;
  /** Where the command starts: a project may name its version there. */
  directory: string | undefined;
}

/**
 * The program behind a shim of a version manager. A shim starts other programs to find it, which a box denies; it is found here by the
 * same rules (variable, file of the project, file of the user). `undefined` where the version is the system's own, which is the next
 * of its name in PATH; the file itself where it is no shim. Throws ERR_SANDBOX_COMMAND_NOT_FOUND for shims whose rules are not known.
 */
export function behindShim(file: string, { environment, directory }: ShimContext): string | undefined {
  const root = dirname(dirname(file));
  const family = basename(dirname(file)) === 'shims' ? FAMILY[basename(root)] : undefined;
  const name = basename(file);
  if (family === undefined) {
    const foreign = foreignManager(file);
    if (foreign === undefined) return file;
    throw new SandboxError(
      'ERR_SANDBOX_COMMAND_NOT_FOUND',
      `${file} is a shim, which starts other programs to find the real one.`,
      {
        remedy: `write the path that "${foreign} which ${name}" prints.`,
      },
    );
  }
  const ofProject = directory === undefined ? [] : selfAndAncestors(directory).map((dir) => join(dir, family.file));
  const version =
    environment[family.variable]?.split(':')[0] ??
    [...ofProject, join(root, 'version')].map(firstWord).find((word) => word !== undefined) ??
    'system';
  if (version === 'system') return undefined;
  const program = join(root, 'versions', version, 'bin', name);
  if (existsSync(program) && statSync(program).isFile()) return program;
  throw new SandboxError(
    'ERR_SANDBOX_COMMAND_NOT_FOUND',
    `${file} leads to version ${version}, which has no ${name}.`,
    {
      remedy: 'install it in that version, choose another, or write the path of the real program.',
    },
  );
}
