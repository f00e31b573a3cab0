import { homedir } from 'node:os';
import { bubblewrapBackend } from './backends/bubblewrap.ts';
import type { SandboxBackend } from './backends/backend.ts';
import { noBackend, RUN_WITHOUT_BOX } from './backends/none.ts';
import { type BoxIdentity, chooseIdentity } from './bubblewrap/identity.ts';
import type { SandboxedChild } from './child.ts';
import { SandboxError } from './errors.ts';
import { createMountPointKeeper } from './mount-points.ts';
import type { BoxEvent } from './network/events.ts';
import { type Lookup, lookupAll } from './network/resolve.ts';
import { type BoxPlan, type BoxSpec, planBox } from './plan.ts';
import { attest, type Attestation } from './probe/attest.ts';
import type { SecretSource } from './secrets.ts';
import { startBox, type StartOptions } from './start-box.ts';
import { type ReadTrace, traceReads } from './trace-reads.ts';

export interface SandboxOptions {
  /** The gateway's variables, for `env: { NAME: true }` and for finding programs by PATH. Default none. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Finds the values of secrets. Default: there are none. */
  secrets?: SecretSource;
  /** Default bubblewrap. */
  backend?: SandboxBackend;
  /** Home directory that `~/` means, and whose secrets are hidden. Default that of the current user. */
  home?: string;
  /** The gateway's own configuration and state: never granted, hidden where something wider is. Default none. */
  protectedPaths?: readonly string[];
  /** User on the host for boxes of a gateway that is root. Default the owner of the writable grants, else nobody (65534). */
  runAs?: BoxIdentity;
  /** Name look-up for network rules. Default the system's. */
  lookup?: Lookup;
  /** Certificates to trust when a brokered request is sent on, PEM. Default Node's. */
  upstreamCertificates?: string | readonly string[];
  /** Told of every connection, refusal, limit and alarm, with the name of the box. */
  onEvent?: (event: BoxEvent & { box: string }) => void;
  /** Ends a box whose placeholder is seen where it has no business. Default false: only the event. */
  endOnPlaceholder?: boolean;
  /** Time between closing the input, SIGTERM and SIGKILL in `stop`, in ms. Default 2,000; 0 to 600,000. */
  graceMs?: number;
  /** How long a proof of a profile holds before it is made again, in ms. Default 3,600,000 (an hour); at least 1,000. */
  attestationLifeMs?: number;
  /** Time in ms since 1970. Default the clock. */
  now?: () => number;
}

/** A child together with what was proved about its box. */
export interface BoxedChild extends SandboxedChild {
  readonly attestation: Attestation;
  readonly plan: BoxPlan;
}

export interface Sandbox {
  /** Plans, proves where that is due, and starts. Throws `SandboxError`; nothing of the command has run then. */
  start(spec: BoxSpec): Promise<BoxedChild>;
  /** Proves a profile through the identical launch path, without the command; `fresh` even where a proof still holds. */
  attest(spec: BoxSpec, options?: { fresh?: boolean }): Promise<Attestation>;
  /**
   * Starts with the same box, except that every public host can be reached over the usual ports, so that the network it wants can be seen.
   * For `learn`; needs a back end that owns the network.
   */
  startLearning(
    spec: BoxSpec,
    onEvent: (event: BoxEvent) => void,
  ): Promise<BoxedChild & { trace?: ReadTrace | undefined }>;
  /** What `start` would do, without doing it. */
  plan(spec: BoxSpec): BoxPlan;
}

/** TLS and http; mail; the usual databases, caches, queues and searches. */
const LEARNING_PORTS = [
  80, 443, 8080, 8443, 22, 25, 465, 587, 993, 1433, 3000, 3306, 5432, 5672, 6379, 8000, 9092, 9200, 11211, 27017,
];
const DAY_MS = 86_400_000;

function checkRange(name: string, value: number, least: number, most: number): number {
  if (!Number.isFinite(value) || value < least || value > most)
    throw new TypeError(`${name} must be from ${least} to ${most} ms`);
  return value;
}

/** Boxes for commands. Every profile is proved before it is used for the first time, again when a proof has grown old. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const backend = options.backend ?? bubblewrapBackend();
  const now = options.now ?? Date.now;
  const graceMs = checkRange('graceMs', options.graceMs ?? 2000, 0, 600_000);
  const lifeMs = checkRange('attestationLifeMs', options.attestationLifeMs ?? 3_600_000, 1000, 365 * DAY_MS);
  const home = options.home ?? homedir();
  const mountPoints = createMountPointKeeper();
  const proofs = new Map<string, Promise<Attestation>>();
  const plan = (spec: BoxSpec): BoxPlan =>
    planBox(spec, { environment: options.environment ?? {}, home, protectedPaths: options.protectedPaths ?? [] });

  const startOptions = (planned: BoxPlan, chosen: SandboxBackend): StartOptions => ({
    backend: chosen,
    identity: chooseIdentity(planned, options.runAs),
    secrets: options.secrets ?? (() => undefined),
    lookup: options.lookup ?? lookupAll,
    upstreamCertificates: options.upstreamCertificates,
    emit: (event) => options.onEvent?.({ ...event, box: planned.name }),
    endOnPlaceholder: options.endOnPlaceholder ?? false,
    now,
    monotonic: () => performance.now(),
    graceMs,
    mountPoints,
  });

  /** The back end that will be used, after asking it whether it can. */
  const choose = async (planned: BoxPlan): Promise<{ chosen: SandboxBackend; version: string; lost: string[] }> => {
    const report = await backend.examine();
    if (report.usable) return { chosen: backend, version: report.version, lost: [] };
    if (planned.enforcement === 'required')
      throw new SandboxError('ERR_SANDBOX_BACKEND_UNAVAILABLE', `No box for ${planned.name}: ${report.reason}.`, {
        remedy: report.remedy,
      });
    return { chosen: noBackend(RUN_WITHOUT_BOX), version: 'none', lost: [report.reason] };
  };

  const prove = async (planned: BoxPlan): Promise<Attestation> => {
    const { chosen, version, lost } = await choose(planned);
    if (chosen.name !== 'bubblewrap') return unproved(planned, chosen, version, lost, now());
    try {
      const first = await attest(planned, startOptions(planned, chosen), { home, version });
      // A machine under load can make a sound box look late (a listener, a kill): what fails has to fail twice.
      if (first.probes.every(({ held }) => held)) return first;
      return await attest(planned, startOptions(planned, chosen), { home, version });
    } catch (error) {
      if (!(error instanceof SandboxError) || error.code !== 'ERR_SANDBOX_START_FAILED') throw error;
      // Not even a probe could be started: this machine makes no such boxes.
      if (planned.enforcement === 'required')
        throw new SandboxError('ERR_SANDBOX_BACKEND_UNAVAILABLE', error.reason, {
          cause: error,
          ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
        });
      return unproved(planned, noBackend(RUN_WITHOUT_BOX), 'none', [error.message], now());
    }
  };

  const proofFor = async (planned: BoxPlan, fresh: boolean): Promise<Attestation> => {
    const key = JSON.stringify([planned.profileHash, planned.cwd, chooseIdentity(planned, options.runAs)]);
    const known = fresh ? undefined : await proofs.get(key);
    if (known !== undefined && now() - known.at < lifeMs) return known;
    const made = prove(planned);
    proofs.set(key, made);
    made.catch(() => proofs.delete(key)); // a failure is not kept: its cause may be gone at the next start
    return made;
  };

  const demand = (planned: BoxPlan, proof: Attestation): void => {
    if (planned.enforcement === 'best-effort' || proof.backend === 'none') return;
    const [first, ...more] = proof.notEnforceable;
    if (first === undefined) return;
    throw new SandboxError(
      'ERR_SANDBOX_NOT_ENFORCEABLE',
      `The box of ${planned.name} does not hold here: ${[first, ...more].join('; ')}.`,
      {
        remedy: 'ask for enforcement: "best-effort" for this server, if you accept that.',
      },
    );
  };

  return {
    plan,
    attest: (spec, { fresh = false } = {}) => proofFor(plan(spec), fresh),
    async start(spec) {
      const planned = plan(spec);
      const attestation = await proofFor(planned, false);
      demand(planned, attestation);
      const chosen = attestation.backend === backend.name ? backend : noBackend(RUN_WITHOUT_BOX);
      const child = await startBox(planned, startOptions(planned, chosen));
      return { ...child, attestation, plan: planned };
    },
    async startLearning(spec, onEvent) {
      const planned = plan(spec);
      const attestation = await proofFor(planned, false);
      demand(planned, attestation);
      if (attestation.backend !== 'bubblewrap')
        throw new SandboxError(
          'ERR_SANDBOX_NOT_ENFORCEABLE',
          `Learning needs the bubblewrap back end, and this is ${attestation.backend}.`,
        );
      let trace: ReadTrace | undefined;
      const child = await startBox(planned, {
        ...startOptions(planned, backend),
        emit: onEvent,
        openPorts: LEARNING_PORTS,
        beforeCommand: async (init) => void (trace = await traceReads(planned, init)),
      });
      return { ...child, attestation, plan: planned, trace };
    },
  };
}

/** For back ends that cannot be probed from here: says what their table says and nothing more. */
function unproved(
  plan: BoxPlan,
  backend: SandboxBackend,
  version: string,
  lost: readonly string[],
  at: number,
): Attestation {
  const missing = Object.entries(backend.enforces)
    .filter(([, state]) => state !== 'enforced')
    .map(([name, state]) => `${name} (${state === 'unverified' ? 'not verified' : 'not enforceable here'})`);
  return {
    profileHash: plan.profileHash,
    backend: backend.name,
    versions: { backend: version, node: process.versions.node },
    kernel: '',
    architecture: process.arch,
    uid: process.getuid?.() ?? -1,
    at,
    probes: [],
    enforced: [],
    notEnforceable: [...lost, ...plan.notEnforceable, ...missing],
  };
}
