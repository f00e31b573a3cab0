import { resolve } from 'node:path';
import { diagnoseLauncher } from './diagnose-launcher.ts';
import type { BoxEvent } from './network/events.ts';
import { describeRefusal } from './network/events.ts';
import type { BoxPlan } from './plan.ts';
import { exists, isWithin } from './profile/paths.ts';
import type { SandboxProfile } from './profile/profile.ts';

/** Why a server did not come up, and what would let it. */
export interface Diagnosis {
  cause: string;
  /** The part to add to the profile; absent where no permission would help. */
  proposal?: SandboxProfile;
  /** What else can be done. */
  remedy?: string;
}

type Rule = readonly [RegExp, (match: RegExpExecArray, plan: BoxPlan) => Diagnosis | undefined];

const read = (path: string): Diagnosis => ({
  cause: `it may not read ${path}`,
  proposal: { filesystem: { allowRead: [path] } },
});
const write = (path: string): Diagnosis => ({
  cause: `it may not write to ${path}`,
  proposal: { filesystem: { allowWrite: [parentOf(path)] } },
});
/** As the server wrote it: relative ones count from where it started. */
const absolute = (path: string, plan: BoxPlan): string => resolve(plan.cwd, path);
const parentOf = (path: string): string => path.replace(/\/[^/]*\.[^/]*$/, '') || path;
const host = (name: string, port?: string): Diagnosis => {
  const entry = port === undefined || port === '443' ? name : `${name}:${port}`;
  return { cause: `it may not connect to ${entry}`, proposal: { network: { allowedDomains: [entry] } } };
};
const visible = (path: string, plan: BoxPlan): boolean =>
  isWithin(path, '/usr') ||
  // Its /tmp is its own; what lies in the host's is as far away as everything else.
  (isWithin(path, '/tmp') && !exists(path)) ||
  plan.mounts.some((mount) => (mount.kind === 'read' || mount.kind === 'write') && isWithin(path, mount.path));

// What runtimes say when a box denies them something: Node, Python, Go, curl, shells. The first that fits counts.
const RULES: readonly Rule[] = [
  [
    /EROFS[^\n]*?'([^'\n]+)'|Read-only file system: '?([^'\n]+?)'?$|(?:cannot (?:create|touch|mkdir)[^/\n]*)'?(\/[^':\n]+)'?: Read-only/m,
    (match, plan) => write(absolute(match[1] ?? match[2] ?? match[3]!, plan)),
  ],
  [
    /(?:EACCES|EPERM)[^\n]*, (?:open|mkdir|unlink|rename|rmdir|symlink|access)[^\n]*?'([^'\n]+)'|PermissionError: [^\n]*: '([^'\n]+)'/,
    (match, plan) => {
      const path = absolute((match[1] ?? match[2])!, plan);
      return visible(path, plan) ? write(path) : read(path);
    },
  ],
  [
    /spawn(?:Sync)? ([^\s\n]+) (?:EPERM|EACCES)|fork: Operation not permitted|(?:cannot fork|Cannot fork)|BlockingIOError: \[Errno 11\]|fork\/exec ([^\s:]+): operation not permitted|clone: Operation not permitted|PermissionError: \[Errno 1\][^\n]*$/m,
    (_match, plan) =>
      plan.spawn
        ? {
            cause: 'it needs more processes than its limit',
            proposal: { limits: { processes: plan.limits.processes * 2 } },
          }
        : { cause: 'it starts other processes, which its profile denies', proposal: { spawn: true } },
  ],
  [/getaddrinfo (?:EAI_AGAIN|ENOTFOUND) ([^\s:'"\n]+)(?::(\d+))?/, (match) => host(match[1]!, match[2])],
  [
    /Could not resolve host: ([^\s\n]+)|dial tcp: lookup ([^\s:]+)|(?:Failed to resolve|NameResolutionError)[^'\n]*'([^'\n]+)'|unable to resolve host address .([^'’\n]+)./,
    (match) => host((match[1] ?? match[2] ?? match[3] ?? match[4])!),
  ],
  [/connect (?:ENETUNREACH|EHOSTUNREACH|ECONNREFUSED) ((?:\d+\.){3}\d+):(\d+)/, (match) => host(match[1]!, match[2])],
  [
    /Temporary failure in name resolution|Name or service not known|nodename nor servname/,
    () => ({
      cause: 'it looks up a name, and has no network',
      remedy: 'name the host in network.allowedDomains; `learn` finds out which',
    }),
  ],
  [
    /Cannot find (?:module|package) '?(\/[^'\n]+)|ENOENT[^\n]*?'([^'\n]+)'|No such file or directory: '?([^'\n]+?)'?$|(?:can't open file|cannot open(?: file)?|cannot access) '?(\/[^':\n]+)/m,
    (match, plan) => {
      const path = absolute((match[1] ?? match[2] ?? match[3] ?? match[4])!, plan);
      return visible(path, plan) || !exists(path)
        ? { cause: `${path} does not exist`, remedy: 'create it, or correct the arguments' }
        : read(path);
    },
  ],
  [
    /error while loading shared libraries: ([^\s:]+)/,
    (match) => ({
      cause: `the library ${match[1]} is outside what it may read`,
      remedy: 'grant the directory of the library in filesystem.allowRead',
    }),
  ],
  [
    /ENOSPC|No space left on device/,
    (_match, plan) => ({
      cause: 'its temporary directories are full',
      proposal: { limits: { tmpBytes: plan.limits.tmpBytes * 4 } },
    }),
  ],
  [
    /EFBIG|File too large/,
    (_match, plan) => ({
      cause: 'a file is larger than its limit',
      proposal: { limits: { fileBytes: plan.limits.fileBytes * 4 } },
    }),
  ],
  [
    /EMFILE|Too many open files/,
    (_match, plan) => ({
      cause: 'it opens more files than its limit',
      proposal: { limits: { openFiles: plan.limits.openFiles * 4 } },
    }),
  ],
  [
    /EAGAIN[^\n]*(?:spawn|fork|thread)|(?:can't start new thread|pthread_create)|Resource temporarily unavailable/,
    (_match, plan) => ({
      cause: 'it needs more processes and threads than its limit',
      proposal: { limits: { processes: plan.limits.processes * 2 } },
    }),
  ],
  [
    /JavaScript heap out of memory|Array buffer allocation failed|MemoryError|Cannot allocate memory/,
    (_match, plan) => ({
      cause: 'it needs more memory than its limit',
      proposal: { limits: { memoryBytes: plan.limits.memoryBytes * 2 } },
    }),
  ],
  [
    /EAFNOSUPPORT|Address family not supported/,
    () => ({ cause: 'it opens a unix socket, which its profile denies', proposal: { unixSockets: true } }),
  ],
  [
    /\b([A-Z][A-Z0-9_]{3,}(?:_KEY|_TOKEN|_SECRET|_URL|_HOST|_USER|_PASSWORD|_ID|_DIR|_PATH))\b[^\n]*(?:required|not set|missing|must be|undefined|not found)/i,
    (match) => ({ cause: `it wants the variable ${match[1]}`, proposal: { env: { [match[1]!]: true } } }),
  ],
];

const REASONS: Partial<Record<string, (plan: BoxPlan) => Diagnosis>> = {
  memory: (plan) => ({
    cause: `it took more than ${plan.limits.memoryBytes} bytes of memory and was ended`,
    proposal: { limits: { memoryBytes: plan.limits.memoryBytes * 2 } },
  }),
  wall: (plan) => ({ cause: `it lived longer than ${plan.limits.wallMs} ms and was ended` }),
  cpu: (plan) => ({ cause: `it used more than ${plan.limits.cpuMs} ms of processor time and was ended` }),
  placeholder: () => ({
    cause: 'it tried to send the placeholder of a secret where it has no business, and was ended',
  }),
};

export interface Failure {
  /** The end of what it wrote to standard error. */
  stderr: string;
  /** How the box ended, if it has. */
  reason?: string;
  /** What the gateway recorded about it. */
  events?: readonly BoxEvent[];
}

/**
 * Maps what a server said, and what was refused to it, to causes with the permission that each would take, the surest first. A proposal is
 * a guess from a text that the server wrote itself: it is for people to judge, and never to be applied unseen.
 */
export function diagnose(plan: BoxPlan, { stderr, reason, events = [] }: Failure): Diagnosis[] {
  const found: Diagnosis[] = [];
  const add = (diagnosis: Diagnosis | undefined): void => {
    if (diagnosis !== undefined && !found.some(({ cause }) => cause === diagnosis.cause)) found.push(diagnosis);
  };
  const launcher = reason === 'launch-failed' ? diagnoseLauncher(stderr) : undefined;
  if (launcher !== undefined) add({ cause: launcher.cause, remedy: launcher.remedy });
  add(REASONS[reason ?? '']?.(plan));
  for (const event of events) {
    if (event.type !== 'refused') continue;
    if (event.reason === 'no-rule') add(event.port === 0 ? host(event.host) : host(event.host, String(event.port)));
    else add({ cause: describeRefusal(event) });
  }
  for (const [pattern, conclude] of RULES) {
    const match = pattern.exec(stderr);
    if (match !== null) add(conclude(match, plan));
  }
  const missing = /(?:failed to execute|exec:) ([^:\n]+): (?:No such file|not found)/.exec(stderr);
  if (missing !== null) add(read(missing[1]!));
  return found;
}
