import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { SandboxError } from '../errors.ts';

/** True where `path` is `directory` or lies below it. Both absolute and normalised. */
export const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory === sep ? sep : directory + sep);

export const depthOf = (path: string): number => (path === sep ? 0 : path.split(sep).length - 1);

/** `path` and every directory above it, the nearest first. */
export function selfAndAncestors(path: string): string[] {
  const chain = [path];
  while (chain.at(-1) !== dirname(chain.at(-1)!)) chain.push(dirname(chain.at(-1)!));
  return chain;
}

/** Brings an entry of a profile into an absolute path. Patterns are refused: the mount table knows paths only. */
export function expandPath(entry: string, home: string): string {
  const bare = entry.replace(/\/\*\*$/, '') || sep;
  if (/[*?]/.test(bare))
    throw new SandboxError('ERR_SANDBOX_GRANT_REFUSED', `The path ${JSON.stringify(entry)} is a pattern.`, {
      remedy: 'name directories; everything below a directory is included.',
    });
  const expanded = bare === '~' ? home : bare.startsWith('~/') ? join(home, bare.slice(2)) : bare;
  if (!isAbsolute(expanded))
    throw new SandboxError('ERR_SANDBOX_GRANT_REFUSED', `The path ${JSON.stringify(entry)} is not absolute.`, {
      remedy: 'write it from the root, or from ~/',
    });
  return resolve(expanded);
}

export const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** The path without links, also where its last parts do not exist; `missing` is then the nearest part that does not. */
export function realPath(path: string): { path: string; missing: string | undefined } {
  for (const candidate of selfAndAncestors(path)) {
    const real = tryRealPath(candidate);
    if (real === undefined) continue;
    const rest = path.slice(candidate === sep ? 1 : candidate.length + 1);
    if (candidate === path) return { path: real, missing: undefined };
    return { path: join(real, rest), missing: join(real, rest.split(sep)[0]!) };
  }
  return { path, missing: path };
}

function tryRealPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new SandboxError('ERR_SANDBOX_GRANT_REFUSED', `The path ${path} cannot be looked at (${code}).`, {
      cause: error,
    });
  }
}

/** Every link on the way from `path` to what it finally names, that itself included. */
export function linkChain(path: string): string[] {
  const chain = [path];
  while (chain.length < 40 && lstatSync(chain.at(-1)!, { throwIfNoEntry: false })?.isSymbolicLink())
    chain.push(resolve(dirname(chain.at(-1)!), readlinkSync(chain.at(-1)!)));
  return chain;
}
