// Where things are in this repository, and how its tools are started.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

const binaries = join(root, 'node_modules', '.bin');

/**
 * The environment for every tool: the Node of the project first on the path, whatever Node runs this script, and with
 * it whatever a tool starts in turn.
 */
export const environment = {
  ...process.env,
  PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
};

/** The Node binary that came with the install. */
export const projectNode = join(binaries, process.platform === 'win32' ? 'node.exe' : 'node');

/** Folders of the workspace below `parent` that hold a package, sorted by name. */
export function packagesBelow(parent) {
  const folder = join(root, parent);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'package.json')))
    .map((entry) => `${parent}/${entry.name}`)
    .sort();
}

export const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** How to call pnpm: the one that runs us, else the version the project names, through npx. */
export function pnpmCommand() {
  const runner = process.env.npm_execpath ?? '';
  if (/pnpm[^/\\]*\.[cm]?js$/.test(runner)) return [process.execPath, runner];
  if (/pnpm(\.exe)?$/.test(runner)) return [runner];
  return ['npx', '-y', 'pnpm@12'];
}

/** Runs a command without a terminal and resolves with its exit code and everything it wrote. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}` }));
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 1, output: Buffer.concat(output).toString() + (signal ? `\nended by ${signal}` : '') }),
    );
  });
}

/**
 * Starts this script again under pnpm when it was started without, and says whether it did: turbo and the packing ask
 * pnpm about the workspace and find it on the path only below a `pnpm` script.
 */
export async function startedAgainUnderPnpm() {
  if (/pnpm/.test(process.env.npm_execpath ?? '')) return false;
  const [, script, ...args] = process.argv;
  const again = spawn('npx', ['-y', 'pnpm@12', 'exec', 'node', script, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.exitCode = await new Promise((resolve) => {
    again.on('close', (code) => resolve(code ?? 1));
    again.on('error', () => resolve(127));
  });
  return true;
}
