/** A command that installs a package and runs it in one go: what a boxed server must not do. */
export interface PackageRunner {
  manager: 'npm' | 'uv';
  /** Name of the package, with its scope. */
  name: string;
  /** Version, range or tag as it was written; empty for the newest. */
  range: string;
  /** Program of the package to run; undefined for the one that bears its name. */
  program: string | undefined;
  /** Arguments for the program. */
  args: readonly string[];
}

const NPM_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;
const PYTHON_NAME = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;
const RANGE = /^[\w.*^~<>=| +-]*$/;

const baseName = (command: string): string => command.split('/').at(-1)!;

function split(
  text: string,
  separators: readonly string[],
  manager: PackageRunner['manager'],
): { name: string; range: string } | undefined {
  const at = Math.min(
    ...separators.map((separator) => text.indexOf(separator, 1)).filter((index) => index > 0),
    text.length,
  );
  const name = text.slice(0, at);
  const range = text.slice(at).replace(/^@|^==/, '');
  const pattern = manager === 'npm' ? NPM_NAME : PYTHON_NAME;
  return pattern.test(name) && RANGE.test(range) ? { name, range } : undefined;
}

interface Grammar {
  manager: PackageRunner['manager'];
  /** Words after the command that belong to it, such as `exec`. */
  words: readonly string[];
  flags: readonly string[];
  packageFlags: readonly string[];
}

const GRAMMARS: Record<string, readonly Grammar[]> = {
  npx: [{ manager: 'npm', words: [], flags: ['-y', '--yes', '-q', '--quiet'], packageFlags: ['-p', '--package'] }],
  pnpx: [{ manager: 'npm', words: [], flags: ['-s', '--silent'], packageFlags: ['--package'] }],
  npm: ['exec', 'x'].map((word) => ({
    manager: 'npm' as const,
    words: [word],
    flags: ['-y', '--yes', '--'],
    packageFlags: ['-p', '--package'],
  })),
  pnpm: [{ manager: 'npm', words: ['dlx'], flags: ['-s', '--silent'], packageFlags: ['--package'] }],
  uvx: [{ manager: 'uv', words: [], flags: ['-q', '--quiet', '--isolated'], packageFlags: ['--from'] }],
  uv: [{ manager: 'uv', words: ['tool', 'run'], flags: ['-q', '--quiet', '--isolated'], packageFlags: ['--from'] }],
};

function read(
  words: readonly string[],
  { manager, words: own, flags, packageFlags }: Grammar,
): PackageRunner | undefined {
  if (!own.every((word, index) => words[index] === word)) return undefined;
  const separators = manager === 'npm' ? ['@'] : ['==', '@'];
  let rest = words.slice(own.length);
  let asked: string | undefined;
  while (rest[0]?.startsWith('-') === true) {
    const [flag, inline] = rest[0].split('=', 2) as [string, string?];
    if (flags.includes(rest[0])) rest = rest.slice(1);
    else if (packageFlags.includes(flag)) {
      asked = inline ?? rest[1];
      rest = rest.slice(inline === undefined ? 2 : 1);
    } else return undefined;
  }
  const [first, ...args] = rest;
  const text = asked ?? first;
  if (text === undefined || first === undefined) return undefined;
  const parsed = split(text, separators, manager);
  if (parsed === undefined) return undefined;
  return {
    manager,
    ...parsed,
    program: asked === undefined ? undefined : first,
    args: args[0] === '--' ? args.slice(1) : args,
  };
}

/**
 * Reads `npx`, `npm exec`, `pnpm dlx`, `pnpx`, `uvx` and `uv tool run`. Undefined for every other command, and for flags and sources (a
 * URL, a directory, git) that this package does not install: those are run as they are, where they need what their profile denies.
 */
export function readRunner(command: string, args: readonly string[]): PackageRunner | undefined {
  for (const grammar of GRAMMARS[baseName(command)] ?? []) {
    const runner = read(args, grammar);
    if (runner !== undefined) return runner;
  }
  return undefined;
}

/** Name of the entry in the lock file. */
export const lockKey = ({ manager, name, range }: PackageRunner): string =>
  `${manager}:${name}@${range === '' ? 'latest' : range}`;
