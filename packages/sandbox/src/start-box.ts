import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { isMainThread } from 'node:worker_threads';
import type { BackendLaunch, Launched, SandboxBackend } from './backends/backend.ts';
import type { BoxIdentity } from './bubblewrap/identity.ts';
import { type Broker, createBroker } from './broker/broker.ts';
import { createStreamScanner } from './broker/placeholders.ts';
import { SandboxError } from './errors.ts';
import { keepTail } from './limits/kept-tail.ts';
import { meterStream } from './limits/metered-stream.ts';
import { watchLimits } from './limits/watcher.ts';
import { adoptListeners } from './network/adopt-listeners.ts';
import { type BoxNetwork, createBoxNetwork } from './network/box-network.ts';
import { type BoxEvent, createRefusalRecorder } from './network/events.ts';
import type { Lookup } from './network/resolve.ts';
import type { BoxPlan } from './plan.ts';
import type { EndReason, SandboxedChild } from './child.ts';
import { diagnoseLauncher } from './diagnose-launcher.ts';
import { endBox } from './end-box.ts';
import type { MountPointKeeper } from './mount-points.ts';
import { openSecret, type SecretSource } from './secrets.ts';

export interface StartOptions {
  backend: SandboxBackend;
  identity: BoxIdentity;
  secrets: SecretSource;
  lookup: Lookup;
  upstreamCertificates: string | readonly string[] | undefined;
  emit: (event: BoxEvent) => void;
  /** Ends the box when one of its placeholders is seen where it has no business. */
  endOnPlaceholder: boolean;
  now: () => number;
  monotonic: () => number;
  graceMs: number;
  mountPoints: MountPointKeeper;
  /** Another command through the same launch path, and files for it: for probes. */
  instead?: { command: readonly string[]; files: BackendLaunch['files'] };
  openPorts?: readonly number[];
  /** Called with PID 1 of the finished box, before anything of the command runs. */
  beforeCommand?: (init: number) => Promise<void>;
}

const hostsFor = (network: BoxNetwork | undefined): string =>
  network?.hostsFile ?? '127.0.0.1 localhost sandbox\n::1 localhost\n';

async function openSecrets(plan: BoxPlan, secrets: StartOptions['secrets']): Promise<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const { variable, secret } of plan.secrets) environment[variable] = await openSecret(variable, secret, secrets);
  return environment;
}

/** Starts a planned command in its box. Proves nothing: `createSandbox` does that first. */
export async function startBox(plan: BoxPlan, options: StartOptions): Promise<SandboxedChild> {
  const { backend, emit } = options;
  // The kernel's "end with your parent" is about the parent's thread: a box started in a worker would die with the worker.
  if (!isMainThread)
    throw new SandboxError('ERR_SANDBOX_NOT_MAIN_THREAD', 'A box can only be started from the main thread.');
  let end: ((reason: EndReason) => void) | undefined;
  const watchful = (event: BoxEvent): void => {
    emit(event);
    if (event.type === 'placeholder' && options.endOnPlaceholder) end?.('placeholder');
  };
  const broker = plan.brokered.length === 0 ? undefined : await createBroker(plan, { ...options, emit: watchful });
  const refuse = createRefusalRecorder(emit, options.now);
  const wantsNetwork = backend.ownsNetwork && (plan.network.allowed.length > 0 || options.openPorts !== undefined);
  const network = wantsNetwork
    ? createBoxNetwork(plan, {
        lookup: options.lookup,
        emit: watchful,
        refuse,
        broker,
        ...(options.openPorts === undefined ? {} : { openPorts: options.openPorts }),
      })
    : undefined;
  const environment = {
    ...network?.environment,
    ...plan.environment,
    ...broker?.environment,
    ...broker?.placeholders,
    ...(await openSecrets(plan, options.secrets)),
  };
  const release = options.mountPoints.hold(plan);
  let launched: Launched;
  try {
    launched = await backend.launch({
      plan,
      command: options.instead?.command ?? [plan.file, ...plan.args],
      environment,
      hosts: hostsFor(network),
      files: new Map([...(broker?.files ?? []), ...(options.instead?.files ?? [])]),
      identity: options.identity,
      listeners: network?.request,
    });
  } catch (error) {
    network?.close();
    release();
    throw error instanceof SandboxError
      ? error
      : new SandboxError('ERR_SANDBOX_START_FAILED', `The box of ${plan.name} could not be started.`, { cause: error });
  }
  const box = wrap(plan, options, launched, { network, broker, release, emit: watchful });
  end = box.end;
  const [init, problem] = await Promise.all([
    launched.status.init,
    network === undefined ? undefined : adoptListeners(launched.child, network),
  ]);
  if (problem !== undefined) {
    box.end('killed');
    const { stderrTail } = await box.child.exited;
    throw notStarted(plan, `${stderrTail}\n${problem}`);
  }
  const { beforeCommand } = options;
  const ready = init === undefined || beforeCommand === undefined ? undefined : () => beforeCommand(init);
  if (launched.gate !== undefined && !(await passGate(launched.gate, launched.child, ready))) {
    const { stderrTail, reason } = await box.child.exited;
    throw notStarted(plan, stderrTail.trim() || `it ended by ${reason}`);
  }
  return { ...box.child, init: box.watch(init) };
}

/** False where the box ended before it was ready. */
function passGate(gate: Duplex, child: ChildProcess, ready?: () => Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const go = (): void => {
      gate.end('go\n');
      resolve(true);
    };
    gate.once('data', () => (ready === undefined ? go() : void ready().then(go, go)));
    gate.on('error', () => resolve(false)); // broken: the launcher has ended, and its exit tells the reason
    child.once('close', () => resolve(false));
    child.once('error', () => resolve(false));
  });
}

function notStarted(plan: BoxPlan, said: string): SandboxError {
  const diagnosis = diagnoseLauncher(said);
  const why = diagnosis?.cause ?? said.trim().slice(0, 500);
  return new SandboxError(
    'ERR_SANDBOX_START_FAILED',
    `The box of ${plan.name} could not be started: ${why}.`,
    diagnosis === undefined ? {} : { remedy: diagnosis.remedy },
  );
}

interface Parts {
  network: BoxNetwork | undefined;
  broker: Broker | undefined;
  release: () => void;
  emit: (event: BoxEvent) => void;
}

function wrap(
  plan: BoxPlan,
  options: StartOptions,
  { child, status }: Launched,
  { network, broker, release, emit }: Parts,
) {
  const { monotonic } = options;
  const scan = (where: 'stdout' | 'stderr'): ((chunk: Buffer) => void) =>
    createStreamScanner(broker?.values ?? [], ({ variable }) => emit({ type: 'placeholder', variable, where }));
  const { stdoutBytesPerSecond } = plan.limits;
  const metered = meterStream(child.stdout!, {
    bytesPerSecond: stdoutBytesPerSecond,
    inspect: scan('stdout'),
    onThrottled: (observed) =>
      emit({
        type: 'limit',
        limit: 'stdoutBytesPerSecond',
        observed: Math.round(observed),
        allowed: stdoutBytesPerSecond,
        action: 'throttled',
      }),
    monotonic,
  });
  const tail = keepTail(child.stderr!, scan('stderr'));
  child.once('exit', metered.drain); // else a reader who waits would keep the box from being over
  // A command that has ended takes no more input; `exited` says that it has.
  child.stdin!.on('error', () => undefined);
  const life = endBox({ child, status, graceMs: options.graceMs, stderrTail: tail.text });
  let watcher: ReturnType<typeof watchLimits> | undefined;
  let over = false;
  const exited = life.exited.then((exit) => {
    over = true;
    watcher?.stop();
    network?.close();
    release();
    return exit;
  });
  return {
    end: life.end,
    watch(init: number | undefined): number | undefined {
      if (init !== undefined && !over)
        watcher = watchLimits({ init, limits: plan.limits, emit, kill: life.end, monotonic });
      return init;
    },
    child: {
      stdin: child.stdin!,
      stdout: metered.stream,
      stderr: tail.stream,
      pid: child.pid ?? 0,
      exited,
      async kill() {
        life.end('killed');
        await exited;
      },
      async stop() {
        life.stop();
        return exited;
      },
    },
  };
}
