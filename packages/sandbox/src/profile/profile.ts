/**
 * What a boxed command may do. Everything that is absent is denied. The names of the file system and network keys are those of
 * VS Code and sandbox-runtime, so that their settings can be pasted; the base is closed here, also for reading.
 */
export interface SandboxProfile {
  /**
   * Absolute paths, or `~/...`; a trailing `/**` is dropped and any other pattern is refused, since it could not be enforced.
   * Links are resolved when the box starts. For reading the more specific entry wins, deny at equal length; for writing deny wins.
   */
  filesystem?: {
    /** Readable in addition to the system's libraries, the command's own package, `cwd` and `allowWrite`. Default none. */
    allowRead?: readonly string[];
    /** Hidden although something wider is readable. Default none (the usual places of secrets are always hidden). */
    denyRead?: readonly string[];
    /** Writable, and thereby readable. Default none: only a private, sized /tmp, /dev/shm and home directory can be written. */
    allowWrite?: readonly string[];
    /** Read-only inside `allowWrite`. Default none (`.git/hooks`, `.vscode` and the like are always read-only). */
    denyWrite?: readonly string[];
  };
  network?: {
    /** `host` (port 443), `host:port`, `*.host`, `*.host:port`, `address:port`, `[v6]:port`. Default none: no network at all. */
    allowedDomains?: readonly string[];
    /** Checked first; deny wins. Only has a meaning beside a wildcard. Default none. */
    deniedDomains?: readonly string[];
  };
  /** True lets the command start other processes. Default false: fork and vfork fail with EPERM, threads work. */
  spawn?: boolean;
  /** True lets the command open unix sockets (inside its box and its granted directories). Default false. */
  unixSockets?: boolean;
  /**
   * Variables beside PATH, HOME, LANG and TMPDIR: a string is the value, `true` passes the gateway's variable of this name through,
   * an object takes the value from the secret store. Default none.
   */
  env?: Readonly<Record<string, string | true | SecretReference>>;
  /** Directory that the command starts in; it becomes readable. Default /tmp. */
  cwd?: string;
  limits?: SandboxLimits;
  /**
   * `required` (default): what the back end cannot enforce stops the start. `best-effort`: it starts all the same, and the
   * attestation lists what is not enforced.
   */
  enforcement?: 'required' | 'best-effort';
}

/** A value that is kept elsewhere and found by name when the box starts. */
export interface SecretReference {
  /** Name given to the `secrets` function of `createSandbox`. */
  secret: string;
  /** With it the value never enters the box: see `BrokerRule`. */
  broker?: BrokerRule;
}

/** The box holds a placeholder; the real value is put into this one header of requests to this one host, outside the box. */
export interface BrokerRule {
  /** A `host` or `host:port` that `network.allowedDomains` lists; port 443 without one. */
  host: string;
  /** Name of the request header in which the placeholder is replaced, such as `authorization`. */
  header: string;
}

/** Limits for the whole tree of processes of a box. */
export interface SandboxLimits {
  /** Resident memory of the tree in bytes. Default 1 GiB; at least 32 MiB. Polled, so it can be passed for a moment. */
  memoryBytes?: number;
  /** Share of one processor core in percent; 200 is two cores. Default none; 1 to 10,000. */
  cpuPercent?: number;
  /** Processor time of the tree in ms over its life; the box is killed beyond it. Default none; at least 100. */
  cpuMs?: number;
  /** Processes and threads together. Default 64; at least 12, fewer do not carry a Node process. */
  processes?: number;
  /** Open files of each process. Default 1,024; at least 16. */
  openFiles?: number;
  /** Longest life in ms. Default none; at least 100. */
  wallMs?: number;
  /** Size in bytes of each of /tmp, /dev/shm and the home directory, all in memory. Default 64 MiB; at least 64 KiB. */
  tmpBytes?: number;
  /** Largest file that can be written, in bytes. Default 64 MiB; at least 4 KiB. */
  fileBytes?: number;
  /** Rate at which standard output is read, in bytes a second; beyond it the writer waits. Default 16 MiB; at least 4 KiB. */
  stdoutBytesPerSecond?: number;
}

export interface ResolvedLimits {
  memoryBytes: number;
  processes: number;
  openFiles: number;
  tmpBytes: number;
  fileBytes: number;
  stdoutBytesPerSecond: number;
  cpuPercent?: number;
  cpuMs?: number;
  wallMs?: number;
}

/** Smallest accepted value, default (undefined: no limit) and what the number counts. */
export const LIMIT_RULES: Record<keyof SandboxLimits, { least: number; preset: number | undefined; most: number }> = {
  memoryBytes: { least: 2 ** 25, preset: 2 ** 30, most: 2 ** 50 },
  cpuPercent: { least: 1, preset: undefined, most: 10_000 },
  cpuMs: { least: 100, preset: undefined, most: 2 ** 47 },
  processes: { least: 12, preset: 64, most: 1_000_000 },
  openFiles: { least: 16, preset: 1024, most: 1_000_000 },
  wallMs: { least: 100, preset: undefined, most: 2 ** 31 - 1 },
  tmpBytes: { least: 2 ** 16, preset: 2 ** 26, most: 2 ** 50 },
  fileBytes: { least: 4096, preset: 2 ** 26, most: 2 ** 50 },
  stdoutBytesPerSecond: { least: 4096, preset: 2 ** 24, most: 2 ** 50 },
};
