import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { BoxPlan } from '../plan.ts';
import { BOX_HOME } from '../plan.ts';

/** What the machine and the launch path decide about the arguments. */
export interface ArgumentContext {
  /** True where an outer stage made the network namespace: then the user ids have to be mapped back, and the environment set here. */
  staged: boolean;
  uid: number;
  gid: number;
  /** False for bubblewrap below 0.8.0, which lacks `--disable-userns`. */
  disableUserNamespaces: boolean;
  /** Another place on the host where a granted path can be reached, for a box user who cannot go there himself. */
  sources?: ReadonlyMap<string, string>;
}

const ETC_FILES = [
  '/etc/ld.so.cache',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/ssl/cert.pem',
  '/etc/pki/tls/certs',
  '/etc/pki/ca-trust/extracted',
  '/etc/ca-certificates',
  '/etc/localtime',
  '/etc/nsswitch.conf',
  '/etc/alternatives',
  '/etc/mime.types',
  '/etc/protocols',
  '/etc/services',
  '/etc/ld-musl-x86_64.path',
  '/etc/ld-musl-aarch64.path',
];
const ROOT_DIRECTORIES = ['/bin', '/sbin', '/lib', '/lib64', '/lib32', '/libx32'];
const MASKED_PROC_FILES = [
  'keys',
  'key-users',
  'kallsyms',
  'cmdline',
  'config.gz',
  'timer_list',
  'kcore',
  'kmsg',
  'sysrq-trigger',
  'interrupts',
  'iomem',
  'ioports',
  'modules',
  'partitions',
  'diskstats',
  'sched_debug',
  'latency_stats',
  'kpagecount',
  'kpageflags',
  'kpagecgroup',
  'vmallocinfo',
  'slabinfo',
  'pagetypeinfo',
  'buddyinfo',
  'swaps',
  'mdstat',
];
const MASKED_PROC_DIRECTORIES = ['acpi', 'scsi', 'asound', 'driver', 'fs', 'bus', 'irq'];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];
const DEV_LINKS = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
] as const;
const DEV_BYTES = 65_536;

/** A tmpfs without a size may take half of the machine's memory; both flags hold for the next operation only. */
const tmpfs = (path: string, mode: string, bytes: number): string[] => [
  '--perms',
  mode,
  '--size',
  String(bytes),
  '--tmpfs',
  path,
];

function namespaces({ staged, uid, gid, disableUserNamespaces }: ArgumentContext): string[] {
  return [
    // Not --unshare-all: that only tries the user namespace, and goes on without one.
    '--unshare-user',
    '--unshare-ipc',
    '--unshare-pid',
    '--unshare-uts',
    '--unshare-cgroup-try',
    ...(staged ? ['--uid', String(uid), '--gid', String(gid)] : ['--unshare-net']),
    ...(disableUserNamespaces ? ['--disable-userns'] : []),
    '--cap-drop',
    'ALL',
    '--die-with-parent',
    '--new-session',
    '--hostname',
    'sandbox',
  ];
}

function system(): string[] {
  const args = ['--ro-bind', '/usr', '/usr'];
  for (const path of ROOT_DIRECTORIES) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) args.push('--symlink', readlinkSync(path), path);
    else if (stat !== undefined) args.push('--ro-bind', path, path);
  }
  for (const path of ETC_FILES) if (existsSync(path)) args.push('--ro-bind', path, path);
  return args;
}

function proc(): string[] {
  const args = ['--proc', '/proc'];
  // A bind mount carries nodev, so that what lies over a file here cannot even be opened.
  for (const name of MASKED_PROC_FILES)
    if (existsSync(`/proc/${name}`)) args.push('--ro-bind', '/dev/null', `/proc/${name}`);
  for (const name of MASKED_PROC_DIRECTORIES)
    if (existsSync(`/proc/${name}`))
      args.push(...tmpfs(`/proc/${name}`, '0555', 4096), '--remount-ro', `/proc/${name}`);
  return args;
}

function devices(shmBytes: number): string[] {
  // Not `--dev /dev`: that is a writable tmpfs without a size.
  const args = tmpfs('/dev', '0755', DEV_BYTES);
  for (const name of DEVICES) args.push('--dev-bind', `/dev/${name}`, `/dev/${name}`);
  for (const [name, target] of DEV_LINKS) args.push('--symlink', target, `/dev/${name}`);
  args.push(...tmpfs('/dev/shm', '1777', shmBytes), '--remount-ro', '/dev');
  return args;
}

function grants(plan: BoxPlan, sources: ReadonlyMap<string, string>): string[] {
  const args: string[] = [];
  const finish: string[] = [];
  for (const mount of plan.mounts) {
    const source = sources.get(mount.path) ?? mount.path;
    switch (mount.kind) {
      case 'read':
        args.push('--ro-bind', source, mount.path);
        break;
      case 'write':
        args.push('--bind', source, mount.path);
        break;
      case 'hide-file':
      case 'keep-missing':
        args.push('--ro-bind', '/dev/null', mount.path);
        break;
      case 'hide-directory':
        args.push(...tmpfs(mount.path, '0555', 4096));
        // Last, since a narrower grant inside it needs a mount point; and at all, since its owner may change the mode.
        finish.push('--remount-ro', mount.path);
        break;
      case 'link':
        args.push('--symlink', mount.target, mount.path);
        break;
    }
  }
  return [...args, ...finish];
}

/** Everything that needs no descriptor, in the order in which bubblewrap is to do it. Looks at which system paths exist. */
export function viewArguments(plan: BoxPlan, context: ArgumentContext): string[] {
  const { tmpBytes } = plan.limits;
  return [
    ...namespaces(context),
    ...system(),
    ...proc(),
    ...devices(tmpBytes),
    ...tmpfs('/tmp', '1777', tmpBytes),
    ...tmpfs(BOX_HOME, '0700', tmpBytes),
    ...grants(plan, context.sources ?? new Map<string, string>()),
    ...(plan.emptyCwd ? ['--dir', plan.cwd] : []),
    '--chdir',
    plan.cwd,
  ];
}

const MEMORY_BACKSTOP_SLACK = 2 ** 31; // an idle Node 24 reserves 600 MB that it never touches, and more for each worker thread
const PRLIMIT = '/usr/bin/prlimit';

/**
 * The command with its resource limits. They are set inside, because RLIMIT_NPROC counts per user namespace and user: outside it
 * would count everything that this user runs. RLIMIT_AS is left alone: Node reserves gigabytes that it never uses.
 */
export function limitedCommand(plan: BoxPlan, command: readonly string[]): string[] {
  const { processes, openFiles, fileBytes, memoryBytes } = plan.limits;
  const both = (value: number): string => `${value}:${value}`;
  return [
    PRLIMIT,
    '--core=0:0',
    `--nproc=${both(processes)}`,
    `--nofile=${both(openFiles)}`,
    `--fsize=${both(fileBytes)}`,
    `--data=${both(memoryBytes + MEMORY_BACKSTOP_SLACK)}`,
    '--',
    ...command,
  ];
}

/** Small files of the box, by path. `hosts` is its only name service. */
export function boxFiles(context: ArgumentContext, hosts: string): Map<string, string> {
  const { uid, gid } = context;
  return new Map([
    ['/etc/passwd', `sandbox:x:${uid}:${gid}:sandbox:${BOX_HOME}:/usr/sbin/nologin\n`],
    ['/etc/group', `sandbox:x:${gid}:\n`],
    ['/etc/hosts', hosts],
  ]);
}
