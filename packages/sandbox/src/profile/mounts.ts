import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SandboxError } from '../errors.ts';
import type { SandboxProfile } from './profile.ts';
import { depthOf, exists, expandPath, isWithin, realPath, selfAndAncestors } from './paths.ts';
import {
  FORBIDDEN_TREES,
  NEVER_CREATED,
  OWN_MOUNT_POINTS,
  SECRET_PLACES,
  SYSTEM_TREES,
  TRUSTED_LATER,
} from './protected-places.ts';

/** One step of the view that the box gets, on top of the system's libraries. Applied in order. */
export type Mount =
  | { kind: 'read' | 'write' | 'hide-file' | 'hide-directory'; path: string }
  /** Nothing is there; the mount point that this leaves on the host is removed when the box has ended. */
  | { kind: 'keep-missing'; path: string }
  | { kind: 'link'; path: string; target: string };

export interface MountPlan {
  mounts: Mount[];
  /** What was asked for and cannot be held on this system, in words. Empty under `enforcement: required`. */
  notEnforceable: string[];
}

export interface MountRequest {
  filesystem: NonNullable<SandboxProfile['filesystem']>;
  cwd: string | undefined;
  /** Read-only paths that the command itself needs, and what in them is to be hidden. */
  runtime: { reads: readonly string[]; hides: readonly string[] };
  /** Home directory of the gateway's user. */
  home: string;
  /** The gateway's own configuration and state. */
  protectedPaths: readonly string[];
  bestEffort: boolean;
}

interface Grant {
  kind: 'read' | 'write';
  /** As asked for, and without links. */
  asked: string;
  path: string;
}

const MOST_SCANNED = 20_000;
const SCAN_DEPTH = 3;

const refuse = (path: string, why: string, remedy: string): never => {
  throw new SandboxError('ERR_SANDBOX_GRANT_REFUSED', `The path ${path} cannot be granted: ${why}.`, { remedy });
};

function checkGrant({ kind, path }: Grant, { home, protectedPaths }: MountRequest): void {
  if (FORBIDDEN_TREES.some((tree) => isWithin(path, tree) || isWithin(tree, path)) || path === '/')
    refuse(
      path,
      'it holds interfaces of the kernel or sockets of the system',
      'grant the directory that is needed and nothing wider',
    );
  const covered = OWN_MOUNT_POINTS.find((point) => isWithin(point, path));
  if (covered !== undefined)
    refuse(path, `it would take the place of the box's own ${covered}`, 'grant a directory below it');
  if (isWithin(home, path) && home !== path)
    refuse(path, 'it contains home directories', 'grant the directory that is needed');
  const stat = lstatSync(path);
  if (!stat.isFile() && !stat.isDirectory())
    refuse(path, 'it is neither a file nor a directory', 'grant files and directories only');
  if (kind === 'read') return;
  if (path === home)
    refuse(path, 'a writable home directory hands over the user', 'grant the directory that is needed');
  if (SYSTEM_TREES.some((tree) => isWithin(path, tree)))
    refuse(path, 'the system runs from it', 'grant it in allowRead, if at all');
  const own = protectedPaths.find((place) => isWithin(place, path) || isWithin(path, place));
  if (own !== undefined) refuse(path, 'it holds configuration or state of the gateway', 'move either somewhere else');
}

function toGrant(kind: Grant['kind'], entry: string, request: MountRequest): Grant {
  const asked = expandPath(entry, request.home);
  const { path, missing } = realPath(asked);
  if (missing !== undefined)
    throw new SandboxError('ERR_SANDBOX_GRANT_REFUSED', `The path ${asked} cannot be granted: it is not there.`, {
      remedy: `create it, or take it out of ${kind === 'read' ? 'allowRead' : 'allowWrite'}.`,
    });
  const grant: Grant = { kind, asked, path };
  checkGrant(grant, request);
  return grant;
}

/** A link inside a writable grant is in the box's own hands: what another grant reaches through it could be anything next time. */
function checkLinks(grants: readonly Grant[]): void {
  for (const { asked, path } of grants) {
    if (asked === path) continue;
    const through = grants.find(
      (other) => other.kind === 'write' && other.asked !== asked && isWithin(asked, other.asked),
    );
    if (through !== undefined)
      refuse(
        asked,
        `it leads through a link inside ${through.asked}, which the command may write`,
        `grant ${path} itself`,
      );
  }
}

/** Paths below a writable grant that another program trusts later, as far as they exist. */
function trustedLater(root: string): string[] {
  const found: string[] = [];
  let seen = 0;
  const visit = (directory: string, depth: number): void => {
    for (const name of TRUSTED_LATER) {
      const path = join(directory, name);
      if (
        exists(path) ||
        (NEVER_CREATED.includes(name) && lstatSync(dirname(path), { throwIfNoEntry: false })?.isDirectory())
      )
        found.push(path);
    }
    // A `.git` that is a file names the real one: whoever may replace it chooses the hooks.
    if (lstatSync(join(directory, '.git'), { throwIfNoEntry: false })?.isFile()) found.push(join(directory, '.git'));
    if (depth === 0) return;
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (++seen > MOST_SCANNED) return;
      if (entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== '.git')
        visit(join(directory, entry.name), depth - 1);
    }
  };
  if (lstatSync(root).isDirectory()) visit(root, SCAN_DEPTH);
  return found;
}

/**
 * Turns the grants of a profile into mounts, shallow ones first since later mounts lie on top. Directories between a writable grant
 * and something denied inside it become mount points too: without that the box could rename them and put its own in their place.
 * Does not see hard links: a hidden file stays readable under a second name elsewhere in a grant.
 */
export function planMounts(request: MountRequest): MountPlan {
  const { filesystem, home, bestEffort } = request;
  const notEnforceable: string[] = [];
  const cwd = request.cwd === undefined || request.cwd === '/tmp' ? [] : [request.cwd];
  const inSystem = ({ kind, path }: Grant): boolean => kind === 'read' && isWithin(path, '/usr');
  const writes = (filesystem.allowWrite ?? []).map((entry) => toGrant('write', entry, request));
  const reads = [...(filesystem.allowRead ?? []), ...cwd].map((entry) => toGrant('read', entry, request));
  const grants = [...reads, ...writes];
  checkLinks(grants);
  const runtime: Grant[] = request.runtime.reads.map((path) => ({
    kind: 'read',
    asked: path,
    path: realPath(path).path,
  }));
  const visible = [...grants, ...runtime].filter((grant) => !inSystem(grant));

  const steps = new Map<string, Mount & { rank: number }>();
  /** At one path the stricter wins: hidden over read-only over writable. */
  const put = (mount: Mount, rank: number): void => {
    const known = steps.get(mount.path);
    if (known === undefined || rank >= known.rank) steps.set(mount.path, { ...mount, rank });
  };
  const denyWrite = (filesystem.denyWrite ?? []).map((entry) => realPath(expandPath(entry, home)));
  // A directory that is both read and written under one name is written.
  for (const { path } of visible.filter(({ kind }) => kind === 'read')) put({ kind: 'read', path }, 0);
  for (const { path } of writes)
    put({ kind: denyWrite.some((deny) => isWithin(path, deny.path)) ? 'read' : 'write', path }, 1);

  const holder = (path: string): (Mount & { rank: number }) | undefined =>
    selfAndAncestors(path)
      .map((at) => steps.get(at))
      .find((step) => step !== undefined);
  const named = new Set(grants.map(({ path }) => path));

  // Read-only inside writable.
  const keepReadOnly = [
    ...denyWrite,
    ...writes
      .flatMap(({ path }) => trustedLater(path))
      .filter((path) => !named.has(path))
      .map(realPath),
  ];
  for (const { path, missing } of keepReadOnly) {
    if (holder(path)?.kind !== 'write') continue;
    if (missing === undefined) put({ kind: 'read', path }, 2);
    else put({ kind: 'keep-missing', path: missing }, 2);
  }

  // Hidden inside visible.
  const secrets = SECRET_PLACES.map((place) => join(home, place)).concat(request.protectedPaths, request.runtime.hides);
  const asked = (filesystem.denyRead ?? []).map((entry) => expandPath(entry, home));
  for (const entry of [...secrets.filter((place) => exists(place) && !named.has(realPath(place).path)), ...asked]) {
    const { path, missing } = realPath(entry);
    const held = holder(path);
    if (held === undefined && !isWithin(path, '/usr')) continue;
    if (missing === undefined) {
      put({ kind: lstatSync(path).isDirectory() ? 'hide-directory' : 'hide-file', path }, 3);
    } else if (held?.kind === 'write') {
      put({ kind: 'keep-missing', path: missing }, 3);
    } else {
      const what = `denyRead of ${entry}: it does not exist, and would be readable once it does`;
      if (!bestEffort)
        throw new SandboxError('ERR_SANDBOX_NOT_ENFORCEABLE', `The profile cannot be held: ${what}.`, {
          remedy: 'take the entry out, or grant something narrower.',
        });
      notEnforceable.push(what);
    }
  }

  for (const path of steps.keys())
    for (const between of selfAndAncestors(path).slice(1)) {
      if (steps.has(between)) continue;
      if (holder(between)?.kind === 'write') put({ kind: 'write', path: between }, 0);
    }
  for (const { asked, path } of [...grants, ...runtime])
    if (asked !== path && !steps.has(asked) && holder(asked) === undefined && !isWithin(asked, '/usr'))
      put({ kind: 'link', path: asked, target: path }, 0);

  const mounts = [...steps.values()]
    .toSorted((a, b) => depthOf(a.path) - depthOf(b.path))
    .map(({ rank: _rank, ...mount }) => mount);
  return { mounts, notEnforceable };
}
