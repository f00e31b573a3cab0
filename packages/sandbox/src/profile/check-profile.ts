import { SandboxError } from '../errors.ts';
import { LIMIT_RULES, type ResolvedLimits, type SandboxLimits, type SandboxProfile } from './profile.ts';

const KEYS = {
  '': ['filesystem', 'network', 'spawn', 'unixSockets', 'env', 'cwd', 'limits', 'enforcement'],
  filesystem: ['allowRead', 'denyRead', 'allowWrite', 'denyWrite'],
  network: ['allowedDomains', 'deniedDomains'],
  limits: Object.keys(LIMIT_RULES),
} as const;

function fail(where: string, what: string): never {
  throw new SandboxError('ERR_SANDBOX_PROFILE_INVALID', `The sandbox profile is not valid: \`${where}\` ${what}.`);
}

function asObject(value: unknown, where: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) fail(where, 'must be an object');
  return value as Record<string, unknown>;
}

function onlyKeys(value: Record<string, unknown>, allowed: readonly string[], where: string): void {
  for (const key of Object.keys(value))
    if (!allowed.includes(key))
      fail(where === '' ? key : `${where}.${key}`, `is not a known key; known are ${allowed.join(', ')}`);
}

function stringList(value: unknown, where: string): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) fail(where, 'must be a list of strings');
  value.forEach((item, index) => {
    if (typeof item !== 'string' || item === '') fail(`${where}[${index}]`, 'must be a string that is not empty');
    if (item.includes('\0')) fail(`${where}[${index}]`, 'must not hold a NUL character');
  });
}

function checkEnvironment(value: unknown): void {
  for (const [name, entry] of Object.entries(asObject(value, 'env'))) {
    const where = `env.${name}`;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) fail(where, 'is not a name of a variable');
    if (entry === true) continue;
    if (typeof entry === 'string') {
      if (entry.includes('\0')) fail(where, 'must not hold a NUL character');
      continue;
    }
    const reference = asObject(entry, where);
    onlyKeys(reference, ['secret', 'broker'], where);
    if (typeof reference['secret'] !== 'string' || reference['secret'] === '')
      fail(`${where}.secret`, 'must name a secret');
    if (reference['broker'] === undefined) continue;
    const broker = asObject(reference['broker'], `${where}.broker`);
    onlyKeys(broker, ['host', 'header'], `${where}.broker`);
    if (typeof broker['host'] !== 'string' || broker['host'] === '') fail(`${where}.broker.host`, 'must name a host');
    if (typeof broker['header'] !== 'string' || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(broker['header']))
      fail(`${where}.broker.header`, 'must be the name of a header');
  }
}

/** Checks the shape of a profile that may come from anywhere. Does not look at the file system, at names or at secrets. */
export function checkProfile(value: unknown): SandboxProfile {
  const profile = asObject(value, 'profile');
  onlyKeys(profile, KEYS[''], '');
  for (const group of ['filesystem', 'network'] as const) {
    if (profile[group] === undefined) continue;
    const section = asObject(profile[group], group);
    onlyKeys(section, KEYS[group], group);
    for (const key of KEYS[group]) stringList(section[key], `${group}.${key}`);
  }
  for (const key of ['spawn', 'unixSockets'] as const)
    if (profile[key] !== undefined && typeof profile[key] !== 'boolean') fail(key, 'must be true or false');
  if (profile['cwd'] !== undefined) stringList([profile['cwd']], 'cwd');
  if (profile['env'] !== undefined) checkEnvironment(profile['env']);
  if (profile['limits'] !== undefined) onlyKeys(asObject(profile['limits'], 'limits'), KEYS.limits, 'limits');
  if (
    profile['enforcement'] !== undefined &&
    profile['enforcement'] !== 'required' &&
    profile['enforcement'] !== 'best-effort'
  )
    fail('enforcement', 'must be "required" or "best-effort"');
  resolveLimits(profile['limits'] ?? {});
  return profile;
}

/** Fills in the defaults. */
export function resolveLimits(limits: SandboxLimits): ResolvedLimits {
  const resolved: Record<string, number> = {};
  for (const [name, { least, preset, most }] of Object.entries(LIMIT_RULES)) {
    const value = limits[name as keyof SandboxLimits] ?? preset;
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
      fail(`limits.${name}`, `must be a whole number from ${least} to ${most}`);
    resolved[name] = value;
  }
  return resolved as unknown as ResolvedLimits;
}
