/** Why bubblewrap could not make a box, and what to do about it. */
export interface LauncherDiagnosis {
  cause: string;
  remedy: string;
}

const APPARMOR_PROFILE =
  'let this one program through: write "abi <abi/4.0>, include <tunables/global> profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }" to /etc/apparmor.d/bwrap and run apparmor_parser -r /etc/apparmor.d/bwrap';

// By the beginning of what it says, since distributions append text of their own.
const TABLE: readonly [RegExp, string | ((match: RegExpExecArray) => string), string][] = [
  [
    /No permissions to create(?: a)? new namespace/,
    'this system does not let ordinary users make namespaces (in a container: its seccomp filter forbids it)',
    'use the container back end, or start the container with --security-opt seccomp=unconfined --security-opt systempaths=unconfined; on a host: sysctl -w kernel.unprivileged_userns_clone=1',
  ],
  [
    /Creating new namespace failed: nesting depth|max_\*_namespaces exceeded/,
    'the number of user namespaces is used up, or this already runs in a box that forbids further ones',
    'sysctl -w user.max_user_namespaces=15000, and do not nest boxes',
  ],
  [
    /Can't mount proc on/,
    'parts of /proc are masked, as containers do, so that no fresh one can be mounted',
    'start the container with --security-opt systempaths=unconfined (Kubernetes: procMount: Unmasked), or use the container back end',
  ],
  [
    /setting up uid map: Permission denied|loopback: Failed RTM_NEWADDR/,
    'AppArmor takes the privileges of unprivileged user namespaces away (Ubuntu 23.10 and later)',
    APPARMOR_PROFILE,
  ],
  [
    /setting up uid map: Operation not permitted/,
    'root without CAP_SETFCAP cannot map users',
    'start the gateway as an ordinary user',
  ],
  [/Failed to make \/ slave: Permission denied/, 'this container forbids mounts', 'use the container back end'],
  [
    /Can't find source path ([^:\n]+): (?:No such file|Not a directory)/,
    (match) => `the granted path ${match[1]} is not there`,
    'create it, or take it out of the profile',
  ],
  [
    /Can't find source path ([^:\n]+): Permission denied/,
    (match) => `the user of the box may not go to ${match[1]}`,
    'make the directories above it enterable (chmod o+x), or set runAs to a user who may',
  ],
  [
    /Can't (?:mkdir parents for|create file at|mkdir) ([^:\n]+): Read-only file system/,
    (match) => `there is no place for ${match[1]} inside a read-only grant`,
    'create it on the host, or grant something else',
  ],
  [
    /Can't (?:mkdir parents for|create file at|mkdir) ([^:\n]+): Permission denied/,
    (match) => `the user of the box may not create ${match[1]}, which it needs as a mount point`,
    'create it on the host, or let this user write there',
  ],
  [
    /execvp ([^:\n]+): No such file|failed to execute ([^:\n]+): No such file/,
    (match) => `the command ${match[1] ?? match[2]} is not there inside the box`,
    'grant the directory it lies in under filesystem.allowRead',
  ],
  [
    /exec: ([^:\n]+): (?:not found|Permission denied)/,
    (match) => `the command ${match[1]} is not there inside the box, or may not be executed`,
    'grant the directory it lies in under filesystem.allowRead',
  ],
  [
    /Unknown option (--[a-z-]+)/,
    (match) => `this bubblewrap is too old: it does not know ${match[1]}`,
    'install bubblewrap 0.8.0 or later',
  ],
  [
    /unshare: .*(?:Operation not permitted|failed)|mount: .*(?:permission denied|must be superuser)/i,
    'root lacks CAP_SYS_ADMIN, so that paths below closed directories cannot be handed to the box',
    'run the gateway as an ordinary user, or keep Node and the servers outside closed directories such as /root',
  ],
];

/** Undefined where the text is not one that is known. */
export function diagnoseLauncher(stderr: string): LauncherDiagnosis | undefined {
  for (const [pattern, cause, remedy] of TABLE) {
    const match = pattern.exec(stderr);
    if (match !== null) return { cause: typeof cause === 'string' ? cause : cause(match), remedy };
  }
  return undefined;
}
