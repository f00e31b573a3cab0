// Starts the reference server with the example configuration, or with the words behind `pnpm start`.
// Plain JavaScript for any Node from 20 on: the Node 24 that runs the rest comes with the project's dependencies.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSystemPackages, prepareFolders } from './lib/system-packages.mjs';

const root = new URL('../', import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));

const node = path(process.platform === 'win32' ? 'node_modules/node/bin/node.exe' : 'node_modules/node/bin/node');
if (!existsSync(node)) {
  console.error('The dependencies are not installed. Run: npx -y pnpm@12 start');
  process.exit(1);
}

// Some package managers hand on the "--" that separates their words from ours.
const words = process.argv.slice(2).filter((word, index) => index > 0 || word !== '--');
if (words[0] === undefined || words[0].startsWith('-')) words.unshift('serve');
if (words[0] === 'serve' || words[0] === 'stdio' || words[0] === 'sandbox') {
  // Standard output may belong to the protocol.
  const say = (line) => console.error(line);
  ensureSystemPackages(['bubblewrap'], say);
  const namesConfig = words.some((word) => /^(?:-c|--config)(?:=|$)/.test(word));
  if (words[0] === 'serve' && !namesConfig) {
    const { XDG_DATA_HOME } = process.env;
    const data = XDG_DATA_HOME ? XDG_DATA_HOME : join(homedir(), '.local', 'share');
    prepareFolders([path('apps/gateway/demo'), join(data, 'sekisho-demo')], say);
  }
}
if (words[0] === 'serve' || words[0] === 'sandbox')
  words.splice(1, 0, '--config', path('apps/gateway/sekisho.example.jsonc'));
const child = spawn(node, ['--conditions=@sekisho/source', path('apps/gateway/src/main.ts'), ...words], {
  env: {
    ...process.env,
    SEKISHO_PROGRAM: process.env.npm_lifecycle_event === 'start' ? 'npx -y pnpm@12 start' : 'node scripts/start.mjs',
  },
  // The channel carries no messages. It breaks when this process ends, however it ends, and tells the gateway to stop.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
child.on('error', (error) => {
  console.error(`Node 24 of this project does not start: ${error.message}`);
  process.exitCode = 1;
});
child.on('exit', (code) => {
  clearInterval(watching);
  process.exitCode = code ?? 1;
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));

// npx does not pass on the signal that ends it, and a package manager that is killed hard cannot: so we look whether
// those that started us still live. Shells do not count: one that runs us in the background may well go home first.
const managers = findManagers();
const watching = setInterval(() => {
  if (managers.every(isAlive)) return;
  clearInterval(watching);
  child.kill('SIGTERM');
}, 250);

/** The package managers above this process, as far as they stand in one line, with shells between them at most. */
function findManagers() {
  const manager =
    /^(?:\S*\/)?(?:node\s+(?:-\S+\s+)*(?:\S*\/)?)?(?:npm|npx|pnpm|pnpx|corepack)(?:-cli)?(?:\.[cm]?js)?(?:\s|$)/;
  const shell = /^(?:\S*\/)?(?:sh|bash|dash|zsh|ash)(?:\s|$)/;
  const found = [];
  let pid = process.ppid;
  for (let depth = 0; depth < 12 && pid > 1; depth++) {
    const { parent, line } = describe(pid);
    if (manager.test(line)) found.push(pid);
    else if (!shell.test(line)) break;
    pid = parent;
  }
  return found;
}

function describe(pid) {
  try {
    if (process.platform === 'linux') {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return { parent: Number(statOf(pid)[1]), line };
    }
    if (process.platform === 'win32') return { parent: 0, line: '' };
    const [, parent, line] = /^\s*(\d+)\s+(.*)/.exec(
      execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }),
    );
    return { parent: Number(parent), line };
  } catch {
    // It has gone, or this system does not tell: then there is nobody to look after.
    return { parent: 0, line: '' };
  }
}

/** State and parent of a process: what stands behind its name, which may itself hold spaces and brackets. */
function statOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    // A dead process whose parent has not asked for it still has its number.
    return process.platform !== 'linux' || statOf(pid)[0] !== 'Z';
  } catch (error) {
    return error.code === 'EPERM';
  }
}
