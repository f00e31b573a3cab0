import type { SandboxProfile } from './profile.ts';

const union = (a: readonly string[] = [], b: readonly string[] = []): string[] => [...new Set([...a, ...b])].toSorted();

/** Adds what a proposal grants to a profile. Denials, `cwd` and `enforcement` stay those of the profile. */
export function mergeProfile(profile: SandboxProfile, proposal: SandboxProfile): SandboxProfile {
  const { filesystem, network, limits, env, spawn, unixSockets } = proposal;
  return {
    ...profile,
    ...(filesystem === undefined
      ? {}
      : {
          filesystem: {
            ...profile.filesystem,
            allowRead: union(profile.filesystem?.allowRead, filesystem.allowRead),
            allowWrite: union(profile.filesystem?.allowWrite, filesystem.allowWrite),
          },
        }),
    ...(network === undefined
      ? {}
      : {
          network: {
            ...profile.network,
            allowedDomains: union(profile.network?.allowedDomains, network.allowedDomains),
          },
        }),
    ...(limits === undefined ? {} : { limits: { ...profile.limits, ...limits } }),
    ...(env === undefined ? {} : { env: { ...env, ...profile.env } }),
    ...(spawn === undefined ? {} : { spawn }),
    ...(unixSockets === undefined ? {} : { unixSockets }),
  };
}
