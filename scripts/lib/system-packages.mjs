// Brings in what npm cannot: packages of the operating system. Plain JavaScript for any Node from 20 on.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** By the name that Debian and Ubuntu give it: why it is wanted, and one of which programs shows that it is here. */
const known = {
  bubblewrap: { why: 'the box that every stdio server runs in', programs: ['bwrap'] },
  'redis-server': { why: 'for tests of shared limits', programs: ['redis-server', 'valkey-server'] },
  postgresql: { why: 'for tests of the record in a database', programs: ['postgres'] },
  iproute2: { why: 'for tests with a network of their own', programs: ['ip'] },
};

/** The command of each package manager, and what it calls the packages where that is another name. */
const managers = [
  { program: 'apt-get', command: 'apt-get install -y', names: {} },
  {
    program: 'dnf',
    command: 'dnf install -y',
    names: { 'redis-server': 'valkey', postgresql: 'postgresql-server' },
  },
  { program: 'apk', command: 'apk add', names: { bubblewrap: 'bubblewrap util-linux-misc', 'redis-server': 'redis' } },
  { program: 'pacman', command: 'pacman -S --noconfirm', names: { 'redis-server': 'valkey' } },
  {
    program: 'zypper',
    command: 'zypper install -y',
    names: { 'redis-server': 'redis', postgresql: 'postgresql-server' },
  },
];

/** This computer; tests bring another. */
export const thisMachine = {
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  has: (program) => places().some((folder) => existsSync(join(folder, program))),
  aptGet: (words) =>
    spawnSync('apt-get', words, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    }),
};

function places() {
  const postgres = '/usr/lib/postgresql'; // Debian keeps each version in a folder of its own, outside of the path
  return [
    ...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
    '/usr/bin',
    '/usr/sbin',
    '/usr/local/bin',
    ...(existsSync(postgres) ? readdirSync(postgres).map((version) => join(postgres, version, 'bin')) : []),
  ];
}

/**
 * Installs what is missing with apt-get where this runs as root on Debian, Ubuntu or their like, and says so; everywhere
 * else it prints the one command. Never fails: what cannot be had is missed later by a part that says what it wants.
 */
export function ensureSystemPackages(names, say, machine = thisMachine) {
  if (machine.platform !== 'linux') return;
  const missing = names.filter((name) => !known[name].programs.some(machine.has));
  if (missing.length === 0) return;
  const reasons = missing.map((name) => `${name} (${known[name].why})`).join(', ');
  const manager = managers.find(({ program }) => machine.has(program));
  const command =
    manager === undefined
      ? undefined
      : `${machine.isRoot ? '' : 'sudo '}${manager.command} ${missing.map((name) => manager.names[name] ?? name).join(' ')}`;
  if (!machine.isRoot || manager?.program !== 'apt-get') {
    say(`Not installed: ${reasons}.`);
    say(command === undefined ? 'Install it with the package manager of this system.' : `One command: ${command}`);
    return;
  }
  say(`Installing with apt-get, once: ${reasons}.`);
  const problem = aptInstall(missing, machine.aptGet);
  if (problem !== undefined) say(`apt-get could not: ${problem} When that is mended: ${command}`);
}

function aptInstall(names, aptGet) {
  // Another apt-get may be at work, as on a machine that has just been made.
  const words = ['-o', 'DPkg::Lock::Timeout=120', '-qq', '-y', '--no-install-recommends'];
  const install = () => aptGet([...words, 'install', ...names]);
  // The lists of packages may be fresh already; where they are not, the first attempt fails at once.
  if (install().status === 0) return undefined;
  aptGet([...words, 'update']);
  const { status, stderr, error } = install();
  if (status === 0) return undefined;
  return (stderr || error?.message || `it ended with ${status}.`).trim().split('\n').at(-1).slice(0, 300);
}

/**
 * Makes the folders where servers of the example write. Boxes never run as root: where we are root, the folders are given
 * to the user of the boxes, since nobody else could write there.
 */
export function prepareFolders(folders, say) {
  const nobody = 65_534;
  try {
    for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (process.getuid?.() !== 0) return;
    execFileSync('chown', ['-R', '--no-dereference', `${nobody}:${nobody}`, ...folders], { stdio: 'ignore' });
    say(`Running as root: boxes run as the user ${nobody}, and the folders of the example are his now.`);
  } catch (error) {
    say(`The folders of the example cannot be prepared (${error.code ?? error.message}); its servers will say so.`);
  }
}
