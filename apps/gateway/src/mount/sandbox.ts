import { plainProcessStarter, type ProcessSpec, type ProcessStarter, type StartedProcess } from '@sekisho/core';
import {
  createSandbox,
  preparePackage,
  readRunner,
  type Attestation,
  type BoxedChild,
  type BoxEvent,
  type BoxSpec,
  type InstallOptions,
  type Prepared,
  type Sandbox,
  type SandboxBackend,
  type SandboxOptions,
} from '@sekisho/sandbox';
import { readBoxLaunch, type BoxLaunch } from '../config/box-launch.ts';
import type { LoadedConfig } from '../config/load.ts';
import { adviseBox, refuseInstaller } from './box-advice.ts';
import { BoxError, toBoxError } from './box-error.ts';
import {
  capital,
  chooseBackend,
  packageStore,
  npmBeside,
  endedBy,
  lockFileOf,
  runnable,
  outOfReach,
} from './box-parts.ts';
import { viewBox, type BoxFacts, type BoxView } from './box-view.ts';

type Log = Readonly<Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type SandboxMountOptions = {
  /** For finding programs: only PATH of it is used. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
  /** The gateway's own keys and records: no box ever sees them. */
  readonly stateFolder: string;
  /** Where packages are installed. May be lost: the lock file says what has to come back. */
  readonly cacheFolder: string;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Every proof and every event of a box, with the server's name: for the record. */
  readonly onRecord?: (
    server: string,
    record: { readonly attestation: Attestation } | { readonly event: BoxEvent },
  ) => void;
  /** Another way to make boxes, and another network outside of them; for tests. */
  readonly backend?: SandboxBackend;
  readonly outside?: Pick<SandboxOptions, 'lookup' | 'upstreamCertificates'>;
};

export type SandboxMount = {
  /** Starts every process in its box, or not at all. */
  readonly starter: ProcessStarter;
  /** The box of a server that has been started, or that was to be. */
  readonly view: (server: string) => BoxView | undefined;
  /** Takes over what a changed configuration says to all boxes. */
  use(config: LoadedConfig): void;
  /** Proves the boxes of running servers again where their proof has grown old. */
  reprove(): Promise<void>;
  /** What would be started, after installing where that is due; for the command line. */
  prepare(
    spec: ProcessSpec,
    signal?: AbortSignal,
  ): Promise<{ sandbox: Sandbox; spec: BoxSpec; launch: BoxLaunch; installed: Prepared['installed'] }>;
  close(): void;
};

const mostEvents = 200;
const graceMs = 1000;

type Entry = {
  state: BoxView['state'];
  phase?: string;
  attestation?: Attestation;
  package?: { key: string; version: string };
  events: BoxEvent[];
  warnings: string[];
  /** What runs, for proving it again. */
  running?: BoxSpec;
};

/**
 * Puts every stdio server in its box. Where no box can be made, proved or held, the server does not start, and the error says
 * why and what to do; nothing here ever falls back to a plain process, except where the operator's file asks for that by server.
 */
export function mountSandbox(config: LoadedConfig, options: SandboxMountOptions): SandboxMount {
  const { log, now } = options;
  const entries = new Map<string, Entry>();
  const protectedPaths: string[] = [];
  const secrets = new Map<string, string>();
  const plain = plainProcessStarter();
  let settings = config.settings.sandbox ?? {};
  let lockFile = '';

  const use = (next: LoadedConfig): void => {
    settings = next.settings.sandbox ?? {};
    lockFile = lockFileOf(next);
    protectedPaths.splice(0, protectedPaths.length, ...next.files.keys(), lockFile, options.stateFolder);
  };
  use(config);

  const backend = options.backend ?? chooseBackend(process.platform, settings.container);
  const { proofLifeMs } = settings;
  const sandbox = createSandbox({
    environment: options.env ?? process.env,
    backend,
    ...(options.home === undefined ? {} : { home: options.home }),
    protectedPaths,
    secrets: (name) => secrets.get(name),
    onEvent: ({ box, ...event }) => heard(box, event),
    endOnPlaceholder: settings.endOnPlaceholder ?? false,
    graceMs,
    now,
    ...options.outside,
    ...(proofLifeMs === undefined ? {} : { attestationLifeMs: proofLifeMs }),
  });
  const proving = setInterval(() => void mount.reprove(), Math.max(60_000, proofLifeMs ?? 3_600_000)).unref();

  function heard(server: string, event: BoxEvent): void {
    const entry = entries.get(server);
    entry?.events.push(event);
    if (entry !== undefined && entry.events.length > mostEvents) entry.events.shift();
    const level = event.type === 'placeholder' ? 'error' : event.type === 'connection' ? 'debug' : 'warn';
    log[level]({ upstream: server, ...event }, sentences[event.type]);
    options.onRecord?.(server, { event });
  }

  async function prepare(spec: ProcessSpec, signal?: AbortSignal): ReturnType<SandboxMount['prepare']> {
    const launch = readBoxLaunch(spec.launch);
    if (launch === undefined) throw new BoxError('ERR_SANDBOX_PROFILE_INVALID', `There is no box for ${spec.name}.`);
    for (const [name, value] of Object.entries(launch.secrets)) secrets.set(name, value);
    const refusal = refuseInstaller(spec, launch.profile);
    if (refusal !== undefined) throw refusal;
    const { name, command, args } = spec;
    const asked: BoxSpec = { name, command, args, profile: launch.profile, directory: launch.directory };
    const prepared = await preparePackage(endedBy(sandbox, signal), asked, installOptions());
    const entry = entries.get(name);
    if (entry !== undefined && prepared.installed !== undefined) entry.package = prepared.installed;
    return { sandbox, spec: prepared.spec, launch, installed: prepared.installed };
  }

  function installOptions(): InstallOptions {
    const { registry, pythonIndex } = settings;
    return {
      lockFile,
      storeDirectory: packageStore(options),
      npm: { ...(registry === undefined ? {} : { registry }), ...npmBeside(options.env ?? process.env) },
      ...(pythonIndex === undefined ? {} : { uv: { index: pythonIndex, hosts: [new URL(pythonIndex).host] } }),
    };
  }

  async function start(spec: ProcessSpec, signal?: AbortSignal): Promise<StartedProcess> {
    const entry: Entry = { state: 'preparing', events: [], warnings: [] };
    entries.set(spec.name, entry);
    try {
      const launch = readBoxLaunch(spec.launch);
      if (launch?.none === true) return await startPlain(spec, launch, entry, signal);
      const report = await backend.examine();
      if (!report.usable && launch?.profile.enforcement === 'best-effort') {
        entry.warnings.push(`${capital(report.reason)}: it runs with your rights. ${capital(report.remedy)}`);
        return await startPlain(spec, launch, entry, signal);
      }
      if (!report.usable)
        throw new BoxError('ERR_SANDBOX_BACKEND_UNAVAILABLE', `No box: ${report.reason}.`, {
          remedy: runnable(report.remedy),
        });
      entry.phase = readRunner(spec.command, spec.args) === undefined ? 'proving its box' : 'installing its package';
      const prepared = await prepare(spec, signal);
      signal?.throwIfAborted();
      entry.phase = 'proving its box';
      const attestation = await sandbox.attest(prepared.spec);
      entry.attestation = attestation;
      options.onRecord?.(spec.name, { attestation });
      if (attestation.backend === 'none') {
        entry.warnings.push(...attestation.notEnforceable.slice(0, 1));
        return await startPlain(spec, prepared.launch, entry, signal);
      }
      const child = await sandbox.start(prepared.spec);
      entry.state = attestation.notEnforceable.length > 0 ? 'weak' : 'boxed';
      entry.running = prepared.spec;
      entry.warnings.push(...outOfReach(child.plan, attestation.uid));
      return toProcess(child, spec, prepared.launch, entry);
    } catch (error) {
      entry.state = 'refused';
      const reason = toBoxError(error, spec.name);
      if (reason instanceof Error)
        log.warn({ upstream: spec.name, reason: reason.message }, 'no box, so it is not started');
      throw reason;
    } finally {
      delete entry.phase;
    }
  }

  function toProcess(child: BoxedChild, spec: ProcessSpec, launch: BoxLaunch, entry: Entry): StartedProcess {
    let reason: string | undefined;
    const exited = child.exited.then((exit) => {
      ({ reason } = exit);
      if (entry.running !== undefined) delete entry.running;
      return { code: exit.code, signal: exit.signal };
    });
    return {
      pid: child.init ?? child.pid,
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      exited,
      async kill() {
        await child.stop();
      },
      remedy: (stderr) =>
        adviseBox(spec, launch.profile, child.plan, {
          stderr,
          events: entry.events,
          ...(reason === undefined ? {} : { reason }),
        }),
    };
  }

  /** Only for a server whose entry asks for it. */
  async function startPlain(
    spec: ProcessSpec,
    launch: BoxLaunch,
    entry: Entry,
    signal?: AbortSignal,
  ): Promise<StartedProcess> {
    const env = { ...spec.env };
    for (const [name, value] of Object.entries(launch.profile.env ?? {})) {
      if (typeof value === 'string') env[name] = value;
      else if (value !== true && value.broker !== undefined)
        throw new BoxError(
          'ERR_SANDBOX_NOT_ENFORCEABLE',
          `"${name}" is brokered, and without a box there is no broker.`,
          {
            remedy: 'Give the server a box, or the secret itself.',
          },
        );
      else if (value !== true) env[name] = launch.secrets[value.secret] ?? '';
    }
    const { cwd } = launch.profile;
    const child = await plain.start({ ...spec, env, ...(cwd === undefined ? {} : { cwd }) }, signal);
    entry.state = 'none';
    log.warn({ upstream: spec.name }, 'a server runs without a box');
    return child;
  }

  const mount: SandboxMount = {
    starter: { start },
    view(server) {
      const entry = entries.get(server);
      return entry === undefined ? undefined : viewBox(entry satisfies BoxFacts, now());
    },
    use,
    prepare,
    async reprove() {
      for (const [server, entry] of entries) {
        if (entry.running === undefined) continue;
        try {
          const attestation = await sandbox.attest(entry.running);
          if (attestation === entry.attestation) continue;
          entry.attestation = attestation;
          entry.state = attestation.notEnforceable.length > 0 ? 'weak' : 'boxed';
          options.onRecord?.(server, { attestation });
        } catch (error) {
          entry.warnings = [`Its box could not be proved again: ${(error as Error).message}`];
          log.error({ upstream: server, code: (error as { code?: string }).code }, 'a box could not be proved again');
        }
      }
    },
    close: () => clearInterval(proving),
  };
  return mount;
}

const sentences = {
  connection: 'a server connected',
  refused: 'a connection of a server was refused',
  limit: 'a server reached a limit of its box',
  placeholder: 'the placeholder of a secret was seen where it has no business',
} as const;
