import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { SandboxError } from './errors.ts';
import { checkProfile, resolveLimits } from './profile/check-profile.ts';
import { resolveCommand } from './profile/command.ts';
import { type DomainRule, findRule, parseDomain } from './profile/domains.ts';
import { planMounts, type Mount } from './profile/mounts.ts';
import { expandPath, isWithin, realPath } from './profile/paths.ts';
import { FORBIDDEN_TREES, OWN_MOUNT_POINTS, SYSTEM_TREES } from './profile/protected-places.ts';
import type { BrokerRule, ResolvedLimits, SandboxProfile } from './profile/profile.ts';

/** What to run and what it may do. */
export interface BoxSpec {
  /** A program's absolute path, or a name to be looked up in the PATH of `environment`. Never a shell line. */
  command: string;
  args?: readonly string[];
  profile?: SandboxProfile;
  /**
   * Directory to start in where the profile names no `cwd`: relative arguments count from here, and nothing becomes readable by it. What
   * the box has no grant for is an empty directory. Default /tmp.
   */
  directory?: string;
  /** Named in events and errors. Default the command. */
  name?: string;
}

export interface BrokeredSecret {
  variable: string;
  secret: string;
  rule: BrokerRule;
  domain: DomainRule;
}

/** A profile after every decision that does not need the machine's back end: paths found, names parsed, defaults filled in. */
export interface BoxPlan {
  name: string;
  file: string;
  args: readonly string[];
  cwd: string;
  /** True where nothing is granted of `cwd` or below: then it is made, empty. */
  emptyCwd: boolean;
  mounts: readonly Mount[];
  /** Names only of what the profile declares, with plain values; secrets are filled in when the box starts. */
  environment: Readonly<Record<string, string>>;
  secrets: readonly { variable: string; secret: string }[];
  brokered: readonly BrokeredSecret[];
  network: { allowed: readonly DomainRule[]; denied: readonly DomainRule[] };
  spawn: boolean;
  unixSockets: boolean;
  limits: ResolvedLimits;
  enforcement: 'required' | 'best-effort';
  notEnforceable: readonly string[];
  /** SHA-256 over everything above that decides what is enforced: the command's arguments and plain values are not part of it. */
  profileHash: string;
}

export interface PlanContext {
  environment: Readonly<Record<string, string | undefined>>;
  home: string;
  protectedPaths: readonly string[];
}

export const BOX_HOME = '/home/sandbox';
const BASE_PATH = '/usr/local/bin:/usr/bin:/bin';

function planEnvironment(
  profile: SandboxProfile,
  binDirectories: readonly string[],
  context: PlanContext,
): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: [...binDirectories, BASE_PATH].join(':'),
    HOME: BOX_HOME,
    LANG: 'C.UTF-8',
    TMPDIR: '/tmp',
  };
  for (const [name, entry] of Object.entries(profile.env ?? {})) {
    const value = entry === true ? context.environment[name] : entry;
    if (typeof value === 'string') environment[name] = value;
  }
  return environment;
}

function planSecrets(profile: SandboxProfile, network: BoxPlan['network']): Pick<BoxPlan, 'secrets' | 'brokered'> {
  const secrets: { variable: string; secret: string }[] = [];
  const brokered: BrokeredSecret[] = [];
  for (const [variable, entry] of Object.entries(profile.env ?? {})) {
    if (typeof entry !== 'object') continue;
    if (entry.broker === undefined) {
      secrets.push({ variable, secret: entry.secret });
      continue;
    }
    const domain = parseDomain(entry.broker.host);
    if (domain.kind !== 'exact' || findRule(network, domain.host, domain.port) === undefined)
      throw new SandboxError(
        'ERR_SANDBOX_PROFILE_INVALID',
        `The secret for ${variable} is brokered for ${entry.broker.host}, which the network rules do not allow.`,
        {
          remedy: `add "${domain.host}${domain.port === 443 ? '' : `:${domain.port}`}" to network.allowedDomains.`,
        },
      );
    brokered.push({ variable, secret: entry.secret, rule: entry.broker, domain });
  }
  return { secrets, brokered };
}

const touches = (path: string, directory: string): boolean => isWithin(path, directory) || isWithin(directory, path);

/** Without links, so that it is the place that the mounts are at. The box's own places and the system's stay what they are. */
function startDirectory(directory: string | undefined, home: string): string | undefined {
  if (directory === undefined) return undefined;
  const { path, missing } = realPath(expandPath(directory, home));
  if (missing !== undefined || path === '/') return undefined;
  if (isWithin(path, '/tmp') || isWithin(path, '/usr')) return path;
  return [...OWN_MOUNT_POINTS, ...SYSTEM_TREES, ...FORBIDDEN_TREES].some((tree) => touches(path, tree))
    ? undefined
    : path;
}

function whereToStart(
  granted: string | undefined,
  start: string | undefined,
  mounts: readonly Mount[],
): Pick<BoxPlan, 'cwd' | 'emptyCwd'> {
  const hidden = mounts.some(
    ({ kind, path }) => kind === 'hide-directory' && path !== start && isWithin(start ?? '', path),
  );
  if (granted !== undefined || start === undefined || hidden) return { cwd: granted ?? '/tmp', emptyCwd: false };
  return { cwd: start, emptyCwd: !isWithin(start, '/usr') && !mounts.some(({ path }) => touches(path, start)) };
}

/**
 * Turns a command with its profile into a plan. Reads the file system (links, existence), starts nothing and looks up no names.
 * Throws `SandboxError`: ERR_SANDBOX_PROFILE_INVALID, ERR_SANDBOX_GRANT_REFUSED, ERR_SANDBOX_COMMAND_NOT_FOUND or
 * ERR_SANDBOX_NOT_ENFORCEABLE.
 */
export function planBox(spec: BoxSpec, context: PlanContext): BoxPlan {
  const profile = checkProfile(spec.profile ?? {});
  const cwd = profile.cwd === undefined ? undefined : expandPath(profile.cwd, context.home);
  if (cwd !== undefined && cwd !== '/tmp' && !lstatSync(cwd, { throwIfNoEntry: false }))
    throw new SandboxError('ERR_SANDBOX_GRANT_REFUSED', `The start directory ${cwd} is not there.`, {
      remedy: 'create it, or correct cwd.',
    });
  const start = cwd ?? startDirectory(spec.directory, context.home);
  const args = spec.args ?? [];
  const command = resolveCommand(spec.command, args, {
    environment: context.environment,
    home: context.home,
    cwd: start,
  });
  const bestEffort = profile.enforcement === 'best-effort';
  const { mounts, notEnforceable } = planMounts({
    filesystem: profile.filesystem ?? {},
    cwd,
    runtime: command,
    home: context.home,
    protectedPaths: context.protectedPaths,
    bestEffort,
  });
  const network = {
    allowed: (profile.network?.allowedDomains ?? []).map(parseDomain),
    denied: (profile.network?.deniedDomains ?? []).map(parseDomain),
  };
  const enforced = {
    mounts,
    network,
    spawn: profile.spawn ?? false,
    unixSockets: profile.unixSockets ?? false,
    limits: resolveLimits(profile.limits ?? {}),
    enforcement: profile.enforcement ?? ('required' as const),
    notEnforceable,
  };
  const environment = planEnvironment(profile, command.binDirectories, context);
  const secrets = planSecrets(profile, network);
  const brokerRules = secrets.brokered.map(({ variable, rule }) => ({ variable, rule }));
  const hashed = JSON.stringify([enforced, Object.keys(environment).toSorted(), secrets.secrets, brokerRules]);
  return {
    name: spec.name ?? spec.command,
    file: command.file,
    args,
    ...whereToStart(cwd, start, mounts),
    environment,
    ...enforced,
    ...secrets,
    profileHash: createHash('sha256').update(hashed).digest('hex'),
  };
}
