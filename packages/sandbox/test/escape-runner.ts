/**
 * Runs every case in a box and prints what came of it, as JSON. A program of its own, so that the suite can run it as root and as an
 * ordinary user.   node escape-runner.ts bubblewrap|weak none|rule [id...]
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createSandbox, type SandboxProfile } from '../src/index.ts';
import { ESCAPE_CASES, type Bench, type EscapeCase } from './escape-cases.ts';
import { nameResult, readProbe, writeProbes } from './probe-programs.ts';
import { weakBackend } from './weak-backend.ts';

export interface EscapeResult {
  id: string;
  output: string;
  /** What was wrong on the host, if anything. */
  host: string | undefined;
}

const [backendName, network, ...only] = process.argv.slice(2);
const ORDINARY = 1234;
const asRoot = process.getuid!() === 0;
const w = realpathSync(mkdtempSync(join(tmpdir(), 'sekisho-escape-')));
chmodSync(w, 0o755);
const abstractName = `sekisho-bait-${process.pid}`;

/** Also puts right what a case did that got through. */
function furnish(): void {
  if (existsSync(`${w}-moved`)) renameSync(`${w}-moved`, w);
  rmSync(join(w, 'ro'), { recursive: true, force: true });
  for (const dir of ['ro', 'rw', 'secret', 'home', 'home/.ssh', 'probes']) mkdirSync(join(w, dir), { recursive: true });
  chmodSync(join(w, 'ro'), 0o755);
  writeFileSync(join(w, 'ro/readme.txt'), 'readme');
  writeFileSync(join(w, 'rw/a.txt'), 'a');
  writeFileSync(join(w, 'secret/s.txt'), 'BAIT');
  writeFileSync(join(w, 'home/.ssh/id_rsa'), 'BAIT-KEY');
}
furnish();
const listener = createServer((socket) => socket.end('HOST')).listen(0, '127.0.0.1');
const abstract = createServer((socket) => socket.end('HOST')).listen({ path: `\0${abstractName}` });
await Promise.all([listener, abstract].map((server) => new Promise((resolve) => server.once('listening', resolve))));
const bait = spawn('sleep', ['600'], { argv0: 'gwproc-bait', env: { X: 'BAIT-ENV' }, stdio: 'ignore' });
const shmId = /\d+/.exec(execFileSync('ipcmk', ['-M', '4096', '-p', '0666'], { encoding: 'utf8' }))![0];
const shmKey = Number(
  readFileSync('/proc/sysvipc/shm', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((line) => line[1] === shmId)![0],
);
writeProbes(join(w, 'probes'), { writable: join(w, 'rw'), abstractName, shmKey, hostPid: bait.pid! });
if (asRoot) execFileSync('chown', ['-R', `${ORDINARY}:${ORDINARY}`, w]);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const bench: Bench & Record<string, string> = {
  W: w,
  RO: join(w, 'ro'),
  RW: join(w, 'rw'),
  SECRET: join(w, 'secret'),
  HOME: join(w, 'home'),
  BASE: basename(w),
  HOSTPID: String(bait.pid),
  PORT: String((listener.address() as AddressInfo).port),
  PORT2: String(await freePort()),
  PORT3: String(await freePort()),
  PROBES: join(w, 'probes'),
  ABSTRACT: abstractName,
};
const fill = (text: string): string => text.replaceAll(/%([A-Z0-9]+)%/g, (whole, name: string) => bench[name] ?? whole);

process.env['GW_SECRET'] = process.env['AWS_SECRET_ACCESS_KEY'] = 'BAIT-ENV';
process.env['SSH_AUTH_SOCK'] = process.env['LD_LIBRARY_PATH'] = '/nonexistent/BAIT';
const weak = backendName === 'weak';
const sandbox = createSandbox({
  environment: process.env,
  home: bench.HOME,
  lookup: () => Promise.resolve([]),
  graceMs: 200,
  ...(weak ? { backend: weakBackend() } : {}),
});
const profile = (spawn: boolean): SandboxProfile => ({
  filesystem: { allowRead: [bench.RO, bench.PROBES!], allowWrite: [bench.RW] },
  network: network === 'rule' ? { allowedDomains: ['api.example.test'] } : {},
  env: { HOSTPID: bench.HOSTPID },
  spawn,
  limits: { processes: 64, openFiles: 256 },
  ...(weak ? { enforcement: 'best-effort' as const } : {}),
});

async function runBox(command: string, args: string[], spawn: boolean, during?: () => Promise<void>): Promise<Buffer> {
  const child = await sandbox.start({ command, args, profile: profile(spawn) });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end();
  const timer = setTimeout(() => void child.kill(), weak ? 4000 : 20_000);
  await during?.();
  await child.exited;
  clearTimeout(timer);
  return Buffer.concat(chunks);
}

const commandFor = ({ kind, run }: EscapeCase): [string, string[]] =>
  kind === 'node' ? [process.execPath, ['-e', fill(run)]] : ['/bin/sh', ['-c', `exec 2>&1\n${fill(run)}`]];

/** Where the box may start processes one box does for all; else each takes its own. */
async function runProbes(names: string[], spawn: boolean): Promise<string> {
  let said = '';
  if (!spawn) {
    for (const name of names) said += `${name}=${readProbe(await runBox(join(bench.PROBES!, name), [], spawn))}\n`;
    return said;
  }
  const script = `for name in ${names.join(' ')}; do echo "$name $(${bench.PROBES}/$name | od -An -td8 -N8)"; done`;
  for (const line of (await runBox('/bin/sh', ['-c', script], spawn)).toString().trim().split('\n')) {
    const [name, result] = line.split(/\s+/);
    said += `${name}=${nameResult(result === undefined ? undefined : Number(result))}\n`;
  }
  return said;
}

const reachable = (port: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
      .on('connect', () => socket.destroy())
      .on('connect', () => resolve(true))
      .on('error', () => resolve(false));
  });

/** Looks a few times while the thing runs: once at the end could not fail. */
async function watchPort(port: string): Promise<string | undefined> {
  for (let i = 0; i < 12; i++) {
    if (await reachable(port)) return `port ${port} is reachable from the host`;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return ''; // it ended
      }
    });

function hostCheck({ host, bait: text }: EscapeCase): string | undefined {
  switch (host) {
    case 'ro-unchanged': {
      const names = readdirSync(bench.RO).join();
      const same =
        names === 'readme.txt' &&
        readFileSync(join(bench.RO, 'readme.txt'), 'utf8') === 'readme' &&
        (statSync(bench.RO).mode & 0o777) === 0o755;
      return same ? undefined : `the readable directory changed: ${names}`;
    }
    case 'rw-in-place':
      return existsSync(join(bench.RW, 'a.txt')) ? undefined : 'the writable directory is gone';
    case 'host-process-alive':
      return bait.exitCode === null && bait.signalCode === null ? undefined : 'the process of the host was killed';
    case 'no-set-id': {
      const marked = readdirSync(bench.RW).filter((name) => (statSync(join(bench.RW, name)).mode & 0o6000) !== 0);
      return marked.length === 0 ? undefined : `set-id files: ${marked.join()}`;
    }
    case 'nothing-left':
      return commandLines().some((line) => line.includes(`${bench.BASE}${text}`)) ? 'a process is left' : undefined;
    default:
      return undefined;
  }
}

async function attempt(escape: EscapeCase): Promise<EscapeResult> {
  const spawn = escape.spawn ?? true;
  let host: string | undefined;
  let output = '';
  if (escape.kind === 'probe') {
    output = await runProbes(escape.run.split(' '), spawn);
  } else {
    const [command, args] = commandFor(escape);
    const port =
      escape.host === 'port2-closed' ? bench.PORT2 : escape.host === 'port3-closed' ? bench.PORT3 : undefined;
    output = (
      await runBox(
        command,
        args,
        spawn,
        port === undefined ? undefined : async () => void (host = await watchPort(port)),
      )
    ).toString('latin1');
  }
  host ??= hostCheck(escape);
  return { id: escape.id, output, host };
}

/** Without these a box that starts nothing would pass everything. */
async function controls(): Promise<string[]> {
  const said = (
    await runBox(
      '/bin/sh',
      ['-c', `cat ${bench.RO}/readme.txt; echo ctl > ${bench.RW}/ctl; echo "$HOSTPID"; echo shell`],
      true,
    )
  ).toString();
  const node = (await runBox(process.execPath, ['-e', "console.log('node')"], true)).toString();
  const probe = readProbe(await runBox(join(bench.PROBES!, 'getpid'), [], true));
  const problems: string[] = [];
  if (!/readme/.test(said) || !/shell/.test(said) || !said.includes(bench.HOSTPID))
    problems.push(`the shell said ${said}`);
  if (!existsSync(join(bench.RW, 'ctl'))) problems.push('what was written is not on the host');
  if (!/node/.test(node)) problems.push(`node said ${node}`);
  if (probe !== 'OK') problems.push(`the probe said ${probe}`);
  rmSync(join(bench.RW, 'ctl'), { force: true });
  return problems;
}

const neighbour = await sandbox.start({
  command: process.execPath,
  args: [
    '-e',
    "require('net').createServer((c) => c.end('PWN')).listen(38123, '127.0.0.1', () => console.log('up')); setInterval(() => {}, 1000)",
  ],
  profile: profile(true),
});
await new Promise((resolve) => neighbour.stdout.once('data', resolve));

const problems = await controls();
const results: EscapeResult[] = [];
const queue = ESCAPE_CASES.filter(({ id }) => only.length === 0 || only.includes(id));
const next = async (): Promise<void> => {
  for (let escape = queue.shift(); escape !== undefined; escape = queue.shift()) {
    results.push(await attempt(escape));
    if (weak) furnish();
  }
};
// Through the weak launcher they really do harm one another's bench: there one at a time.
await Promise.all(weak ? [next()] : [next(), next(), next()]);
await neighbour.kill();
bait.kill('SIGKILL');
listener.close();
abstract.close();
execFileSync('ipcrm', ['-m', shmId]);
rmSync(w, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ problems, results }), () => process.exit(0));
