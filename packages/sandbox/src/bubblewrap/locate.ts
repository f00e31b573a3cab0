import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

export interface BubblewrapProgram {
  path: string;
  version: string;
  /** Version as numbers, for comparison. */
  parts: readonly [number, number, number];
}

// By absolute path and from directories that only root can write: what PATH finds first could be anyone's.
const PLACES = ['/usr/bin/bwrap', '/bin/bwrap', '/usr/local/bin/bwrap', '/run/current-system/sw/bin/bwrap'];

const run = promisify(execFile);

/** The installed bubblewrap, or undefined. Throws what starting it threw. */
export async function locateBubblewrap(places: readonly string[] = PLACES): Promise<BubblewrapProgram | undefined> {
  const path = places.find((place) => existsSync(place));
  if (path === undefined) return undefined;
  const { stdout } = await run(path, ['--version'], { env: {}, timeout: 10_000 });
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(stdout);
  if (match === null) throw new Error(`${path} --version said ${JSON.stringify(stdout)}`);
  return { path, version: match[0], parts: [Number(match[1]), Number(match[2]), Number(match[3])] };
}

export function isAtLeast(
  parts: readonly [number, number, number],
  [major, minor]: readonly [number, number],
): boolean {
  return parts[0] > major || (parts[0] === major && parts[1] >= minor);
}
