import { accessSync, constants, lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, sep } from 'node:path';
import { SandboxError } from '../errors.ts';
import { behindShim } from './shims.ts';
import { exists, isWithin, linkChain, realPath, selfAndAncestors } from './paths.ts';
import { NOT_PART_OF_A_PACKAGE } from './protected-places.ts';

export interface CommandContext {
  /** The gateway's variables: PATH, and what version managers look at. */
  environment: Readonly<Record<string, string | undefined>>;
  home: string;
  /** Where the command starts; relative paths count from it. */
  cwd: string | undefined;
}

export interface ResolvedCommand {
  /** Absolute path of the program, as the box will see it. */
  file: string;
  /** What the program and its script are made of: becomes readable. */
  reads: string[];
  /** Inside `reads`, but not part of a program: becomes hidden. */
  hides: string[];
  /** Directories to put in front of the box's PATH. */
  binDirectories: string[];
}

const BOX_PATH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const SCRIPT_EXTENSIONS = [
  '.js',
  '.mjs',
  '.cjs',
  '.ts',
  '.mts',
  '.cts',
  '.py',
  '.rb',
  '.pl',
  '.sh',
  '.php',
  '.jar',
  '.lua',
];
const PACKAGE_MARKS = ['package.json', 'pyproject.toml', 'deno.json', 'Cargo.toml', 'go.mod'];

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // not there, or not ours to run: the next directory of PATH decides
  }
};

/** The system's own directories are there anyway; everything else has to be granted. */
const inSystem = (path: string): boolean =>
  ['/usr', '/bin', '/sbin', '/lib', '/lib64'].some((tree) => isWithin(path, tree));

function findProgram(command: string, context: CommandContext): string {
  const directories = (context.environment['PATH'] ?? '').split(':').filter((dir) => dir.startsWith(sep));
  const places = !command.includes(sep)
    ? [...directories, ...BOX_PATH].map((dir) => join(dir, command))
    : command.startsWith(sep)
      ? [command]
      : context.cwd === undefined
        ? []
        : [join(context.cwd, command)];
  for (const place of places) {
    const program = isExecutable(place)
      ? behindShim(place, { environment: context.environment, directory: context.cwd })
      : undefined;
    if (program !== undefined) return program;
  }
  throw new SandboxError(
    'ERR_SANDBOX_COMMAND_NOT_FOUND',
    `The command ${JSON.stringify(command)} was not found, or cannot be executed.`,
    {
      remedy: 'install it, or write its absolute path.',
    },
  );
}

/**
 * A program in PREFIX/bin brings its libraries in PREFIX. A prefix that is a home directory, or directly below the root, is too wide: then
 * the file alone.
 */
function programReads(file: string, home: string): string[] {
  return linkChain(file)
    .filter((hop) => !inSystem(hop))
    .map((hop) => {
      const prefix = dirname(dirname(hop));
      const tooWide = isWithin(home, prefix) || prefix.split(sep).length < 3 || prefix === join(home, '.local');
      return basename(dirname(hop)) === 'bin' && !tooWide ? prefix : hop;
    });
}

/** The package that a script belongs to: the whole tree of installed packages it lies in, or the directory with its manifest. */
function scriptReads(script: string, home: string): { reads: string[]; hides: string[] } {
  const real = realPath(script).path;
  if (inSystem(real)) return { reads: [], hides: [] };
  const installed = real.indexOf(`${sep}node_modules${sep}`);
  if (installed >= 0) return { reads: [real.slice(0, installed + `${sep}node_modules`.length)], hides: [] };
  const root = selfAndAncestors(dirname(real)).find((dir) => PACKAGE_MARKS.some((mark) => exists(join(dir, mark))));
  if (root === undefined || isWithin(home, root) || root.split(sep).length < 3) return { reads: [real], hides: [] };
  const hides = readdirSync(root)
    .filter((name) => NOT_PART_OF_A_PACKAGE.test(name))
    .map((name) => join(root, name));
  // A package of a workspace finds what it depends on in the directories above it.
  const shared = selfAndAncestors(dirname(root))
    .map((dir) => join(dir, 'node_modules'))
    .filter((dir) => dir !== '/node_modules' && exists(dir));
  return { reads: [root, ...shared.map((dir) => realPath(dir).path)], hides };
}

/** Directories above a path that are links: pnpm links every package to its place in a store. */
function linkedDirectories(path: string): string[] {
  return selfAndAncestors(path)
    .slice(1)
    .filter((dir) => lstatSync(dir, { throwIfNoEntry: false })?.isSymbolicLink());
}

/**
 * Finds the program and what it needs to read in order to start. Only arguments that name an existing script, and stand where an
 * interpreter expects one, count as part of the program: every other path has to be granted.
 */
export function resolveCommand(command: string, args: readonly string[], options: CommandContext): ResolvedCommand {
  const file = findProgram(command, options);
  const reads = programReads(file, options.home);
  const hides: string[] = [];
  const candidates = [file, ...args.slice(0, firstScriptIndex(args) + 1).slice(-1)];
  for (const candidate of candidates) {
    const path = candidate.startsWith(sep)
      ? candidate
      : options.cwd === undefined
        ? undefined
        : join(options.cwd, candidate);
    if (path === undefined || !lstatSync(path, { throwIfNoEntry: false })) continue;
    const isScript = SCRIPT_EXTENSIONS.includes(extname(realPath(path).path));
    if (!isScript && candidate !== file) continue;
    if (!isScript && !realPath(path).path.includes(`${sep}node_modules${sep}`)) continue;
    const script = scriptReads(path, options.home);
    reads.push(
      ...script.reads,
      ...linkedDirectories(path).filter((dir) => script.reads.some((read) => isWithin(realPath(dir).path, read))),
      ...linkChain(path)
        .filter((hop) => !inSystem(hop))
        .slice(0, -1),
    );
    hides.push(...script.hides);
  }
  return { file, reads: [...new Set(reads)], hides, binDirectories: inSystem(file) ? [] : [dirname(file)] };
}

/** Index of the first argument that is not a flag, or -1; a flag that takes a value in the next word hides the script, which then needs a grant. */
function firstScriptIndex(args: readonly string[]): number {
  return args.findIndex((arg) => !arg.startsWith('-'));
}
