import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { release } from 'node:os';
import type { Permission, SandboxBackend } from '../backends/backend.ts';
import { SandboxError } from '../errors.ts';
import type { BoxPlan } from '../plan.ts';
import { filterArchitecture } from '../seccomp/filter.ts';
import { startBox, type StartOptions } from '../start-box.ts';
import { CALLS } from './attempt.ts';
import { layOut, planAttempts } from './attempts.ts';
import { assembleProgram, readProgramOutput } from './machine-code.ts';

/** One attempt inside the box, and whether the box held. */
export interface ProbeResult {
  name: string;
  permission: Permission;
  held: boolean;
  /** What was wrong, where it did not hold. */
  detail?: string;
}

/** What was proved about a profile on this machine, and when. */
export interface Attestation {
  profileHash: string;
  backend: SandboxBackend['name'];
  versions: { backend: string; node: string };
  kernel: string;
  architecture: string;
  /** User on the host that the box runs as. */
  uid: number;
  /** ms since 1970. */
  at: number;
  probes: readonly ProbeResult[];
  enforced: readonly Permission[];
  /** What the profile asks for and is not held here, in words. */
  notEnforceable: readonly string[];
}

const PROBE_PATH = '/etc/sandbox-probe';
const PROBE_MS = 20_000;
const MEMORY_PROBE_LIMIT = 2 ** 25;
const MEMORY_PROBE_BYTES = 3 * 2 ** 25;
const READ_WRITE = 3;
const PRIVATE_ANONYMOUS_POPULATE = 0x8022;

/** What is open on the host while the probe runs: it must not be reachable from inside. */
async function openBait(): Promise<{ port: number; abstractName: string; close(): void }> {
  const abstractName = `sekisho-probe-${randomBytes(8).toString('hex')}`;
  const listen = (where: { port: number; host: string } | { path: string }): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((socket) => socket.destroy());
      server.once('error', reject);
      server.listen(where, () => resolve(server));
    });
  const tcp = await listen({ port: 0, host: '127.0.0.1' });
  const unix = await listen({ path: `\0${abstractName}` });
  return {
    port: (tcp.address() as AddressInfo).port,
    abstractName,
    close() {
      tcp.close();
      unix.close();
    },
  };
}

async function runProgram(
  plan: BoxPlan,
  options: StartOptions,
  program: Buffer,
): Promise<{ output: Buffer; exit: Awaited<Awaited<ReturnType<typeof startBox>>['exited']> }> {
  const child = await startBox(
    { ...plan, secrets: [], brokered: [], limits: { ...plan.limits, wallMs: PROBE_MS } },
    {
      ...options,
      emit: () => undefined, // what the probe tries is not the command's doing, and is not to be recorded as such
      lookup: () => Promise.resolve([]),
      instead: { command: [PROBE_PATH], files: new Map([[PROBE_PATH, { content: program, mode: '0555' }]]) },
    },
  );
  child.stdin.end();
  child.stderr.resume();
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exit = await child.exited;
  return { output: Buffer.concat(chunks), exit };
}

const failure = (plan: BoxPlan, what: string): SandboxError =>
  new SandboxError('ERR_SANDBOX_PROBE_FAILED', `The box of ${plan.name} could not be proved: ${what}.`);

/** Proves that memory is watched: with a small limit, a program that takes more has to be killed for it. */
async function probeMemory(plan: BoxPlan, options: StartOptions, arch: 'x64' | 'arm64'): Promise<ProbeResult> {
  const column = arch === 'x64' ? 0 : 1;
  const sleep = Buffer.alloc(16);
  sleep.writeBigInt64LE(BigInt(PROBE_MS / 1000), 0);
  const program = assembleProgram(
    arch,
    [
      { number: CALLS.mmap[column], args: [0, MEMORY_PROBE_BYTES, READ_WRITE, PRIVATE_ANONYMOUS_POPULATE, -1, 0] },
      { number: CALLS.nanosleep[column], args: [{ bytes: sleep }, 0] },
    ],
    1,
    { write: CALLS.write[column], exitGroup: CALLS.exit_group[column] },
  );
  const alone = {
    ...plan,
    network: { allowed: [], denied: [] },
    limits: { ...plan.limits, memoryBytes: MEMORY_PROBE_LIMIT },
  };
  const { exit } = await runProgram(alone, options, program);
  const held = exit.reason === 'memory';
  return {
    name: 'memory beyond the limit ends the box',
    permission: 'limits.memoryBytes',
    held,
    ...(held ? {} : { detail: `it ended by ${exit.reason}` }),
  };
}

/**
 * Runs a small program, assembled for this, through the identical launch path and lets it try what the profile denies. Throws
 * ERR_SANDBOX_BACKEND_UNAVAILABLE or ERR_SANDBOX_PROBE_FAILED where not even that can run; whether the result is good enough is the
 * caller's decision. Does not prove what no program can try: hard links, races, bugs of the kernel.
 */
export async function attest(
  plan: BoxPlan,
  options: StartOptions,
  context: { home: string; version: string },
): Promise<Attestation> {
  const arch = filterArchitecture(process.arch)!;
  const column = arch === 'x64' ? 0 : 1;
  const bait = await openBait();
  try {
    const exact = plan.network.allowed.find(({ kind }) => kind === 'exact');
    const attempts = planAttempts(plan, {
      home: context.home,
      gatewayPid: process.pid,
      hostPort: bait.port,
      abstractName: bait.abstractName,
      variables: [...Object.keys(plan.environment), ...NETWORK_VARIABLES],
      promised: exact === undefined ? undefined : { address: '127.1.0.1', port: exact.port },
    });
    const { calls, last, buffer, buffers } = layOut(attempts, arch);
    const program = assembleProgram(arch, calls, buffers, {
      write: CALLS.write[column],
      exitGroup: CALLS.exit_group[column],
    });
    const [run, memory] = await Promise.all([runProgram(plan, options, program), probeMemory(plan, options, arch)]);
    const output = readProgramOutput(run.output, calls.length, buffers);
    if (output === undefined)
      throw failure(plan, `the probe ended by ${run.exit.reason} with ${run.exit.code} before it was done`);
    const probes = attempts.map(({ name, permission, judge }, index): ProbeResult => {
      const detail = judge(output.results[last[index]!]!, output.buffers[buffer[index]!]!);
      return { name, permission, held: detail === undefined, ...(detail === undefined ? {} : { detail }) };
    });
    probes.push(memory);
    const failed = new Set(probes.filter(({ held }) => !held).map(({ permission }) => permission));
    const table = Object.entries(options.backend.enforces) as [Permission, string][];
    return {
      profileHash: plan.profileHash,
      backend: options.backend.name,
      versions: { backend: context.version, node: process.versions.node },
      kernel: release(),
      architecture: process.arch,
      uid: options.identity.uid,
      at: options.now(),
      probes,
      enforced: table
        .filter(([permission, state]) => state === 'enforced' && !failed.has(permission))
        .map(([permission]) => permission),
      notEnforceable: [
        ...plan.notEnforceable,
        ...probes.filter(({ held }) => !held).map(({ name, detail }) => `${name}: ${detail}`),
      ],
    };
  } finally {
    bait.close();
  }
}

/** Set by the launch path itself where there is a wildcard rule. */
const NETWORK_VARIABLES = [
  'NODE_USE_ENV_PROXY',
  'HTTPS_PROXY',
  'https_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
];
