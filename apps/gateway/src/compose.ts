import { join } from 'node:path';
import type { Server } from 'node:net';
import type { allowLoopbackHttp, AuthEvent } from '@sekisho/auth';
import {
  createGateway,
  fileMemory,
  type Credentials,
  type Gateway,
  type GatewayOptions,
  type UpstreamSpec,
} from '@sekisho/core';
import { brokenServerStarter, gatewaySpecs } from './broken-servers.ts';
import type { Log } from './cli/log.ts';
import { viewServers, withBoxes } from './cli/server-view.ts';
import type { LoadedConfig } from './config/load.ts';
import { describeProblem, type ConfigProblem } from './config/problem.ts';
import { createLateNotes } from './audit/late-notes.ts';
import { attestationEvent, boxEvent, isolationEvent, limitsEvent } from './audit/part-events.ts';
import { mountAdmin } from './mount/admin.ts';
import { mountAudit, type AuditMount, type AuditMountOptions } from './mount/audit.ts';
import { createContentChecks } from './content/content-checks.ts';
import { createDefinitionScan, describeHiddenText } from './content/definition-scan.ts';
import { mountPii, type PiiSettings } from './mount/pii.ts';
import { mountIsolation } from './mount/isolation.ts';
import { mountAuth, type AuthSettings } from './mount/auth.ts';
import { mountPolicy, type PolicySettings } from './mount/policy.ts';
import { mountRateLimit } from './mount/rate-limit.ts';
import { readOrMakeSecret } from './state-secret.ts';
import { statusHandler } from './status-handler.ts';
import { readCertificates } from './transport/certificates.ts';
import { followCertificates } from './transport/follow-certificates.ts';
import type { BoxView } from './mount/box-view.ts';
import { mountSandbox } from './mount/sandbox.ts';
import { secretFreeMemory } from './secret-free-memory.ts';
import { securityHeaders } from './transport/security-headers.ts';
import { createTransport } from './transport/transport.ts';

export type ComposeOptions = {
  readonly version: string;
  readonly log: Log;
  /** Where servers are remembered between runs; may be lost. */
  readonly cacheFolder: string;
  /** Where keys, locks and records are kept; must not be lost. */
  readonly stateFolder: string;
  /** Where programs of servers are looked for, by its PATH. Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What `~/` means, and whose secrets are kept from boxes. Default: that of this user. */
  readonly home?: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where it will listen, when that is not what the configuration says. Default: as configured. */
  readonly port?: number;
  /** Told of exactly one event for each request over HTTP that asks to be let in. Default: nobody. */
  readonly onAuthEvent?: (event: AuthEvent, credentials: Credentials) => void;
  /** For tests with an issuer on this computer; no configuration can say this. */
  readonly [allowLoopbackHttp]?: boolean;
  /** The configuration in force, which a reload replaces. Default: the one that was composed. */
  readonly current?: () => LoadedConfig;
  /** Whether standard output belongs to a protocol: its one caller needs no key, none is made, and HTTP is served to nobody. Default false. */
  readonly stdoutTaken?: boolean;
  /** Where the record is written; for tests of disks that fail. Default: the real file system. */
  readonly fileSystem?: AuditMountOptions['fileSystem'];
  /** Reads the configuration again, for whoever asks at the admin port. Default: nobody can. */
  readonly requestReload?: () => Promise<unknown>;
};

export type Composition = {
  readonly gateway: Gateway;
  /** The record. */
  readonly audit: AuditMount;
  /** Serves `/mcp`, `/mcp/<server>` and `/status`; not listening yet. */
  readonly server: Server;
  /** Whether it is HTTPS. */
  readonly encrypted: boolean;
  /** The key of this computer's owner, where this start made it: it is never seen again. */
  readonly newLocalKey: string | undefined;
  /** The box of a server, by its name. */
  readonly boxOf: (server: string) => BoxView | undefined;
  /** Puts another configuration in force; what it does not change goes on undisturbed. */
  readonly reload: (next: LoadedConfig) => ReturnType<Gateway['reload']>;
  /** Ends every connection, session and process. Resolves when nothing is left. */
  readonly close: () => Promise<void>;
};

/** Puts the parts together. The command line, the tests and the examples all start here, so that none of them can leave a guard out. */
export async function compose(config: LoadedConfig, options: ComposeOptions): Promise<Composition> {
  const { version, log, cacheFolder, stateFolder, now, current = () => config } = options;
  const { tls, maxConnections, trustedProxies } = config.settings.listen ?? {};
  const certificates = tls && (await readCertificates(tls, config.file, now()));
  const { content = {} } = config.settings;
  const late = createLateNotes();
  const checks = createContentChecks({
    arguments: content.arguments ?? 'warn',
    results: content.results ?? 'off',
    log,
  });
  const policy = mountPolicy(policySettings(config), { log, now });
  const limits = await mountRateLimit(config.settings.rateLimit, {
    stateFolder,
    log,
    now,
    onEvent: (event) => late.note(limitsEvent(event)),
  });
  const masking = await mountPii(piiSettings(config), { stateFolder, log, now });
  const sandbox = mountSandbox(config, {
    ...options,
    onRecord: (name, told) =>
      late.note('event' in told ? boxEvent(name, told.event) : attestationEvent(name, told.attestation)),
  });
  const auth = await mountAuth(authSettings(config, options.port), {
    ...options,
    overHttp: options.stdoutTaken !== true,
    onEvent: options.onAuthEvent,
  });
  // After the parts that can refuse the configuration, and before any of them does a thing.
  const audit = await mountAudit({ ...options, config, clean: masking.forRecord });
  late.attach(audit.note);
  if (auth.newLocalKey !== undefined) audit.note({ type: 'apikey.created', outcome: 'ok', detail: { owner: true } });
  const isolation = await mountIsolation({ stateFolder, log, onChange: (one) => late.note(isolationEvent(one)) });
  const specsOf = (of: LoadedConfig): UpstreamSpec[] => isolation.hold(gatewaySpecs(of));
  const settings = settingsOf(config);
  const gateway = createGateway({
    ...limits.ports,
    ...auth.ports,
    authenticate: isolation.guard(limits.watchSignIns(auth.ports.authenticate)),
    upstreams: specsOf(config),
    starter: brokenServerStarter(sandbox.starter),
    ...settings,
    http: { ...auth.http, ...settings.http },
    ...isolation.gate(auth.restrictKeys(policy.ports)),
    identity: { name: 'sekisho', version },
    memory: secretFreeMemory(fileMemory(cacheFolder, now), () => current().secrets),
    // Ids of tasks and states of calls are good over a restart, and with every process that shares the folder.
    parked: { key: await readOrMakeSecret(join(stateFolder, 'handles', 'key')) },
    ...(audit.recorder === undefined ? {} : { record: audit.recorder }),
    // Masked is what the server gets, and what is left of what it says after it was judged.
    filters: [masking.inbound, checks.arguments, checks.results, masking.outbound].filter(
      (filter) => filter !== undefined,
    ),
    log,
  });
  auth.follow(gateway);
  const boxOf = (name: string): BoxView | undefined => current().secrets.maskDeep(sandbox.view(name));
  audit.follow(gateway);
  const scan = createDefinitionScan();
  const readStatus = (): object => {
    const { upstreams, ...counts } = gateway.status();
    const { file, problems, secrets, servers } = current();
    const broken = new Set(servers.filter(({ spec }) => spec === undefined).map(({ name }) => name));
    const address = server.address();
    const url = typeof address === 'object' && address !== null ? endpointOf(address, encrypted) : '';
    return {
      version,
      url,
      config: file,
      pid: process.pid,
      ...counts,
      auth: auth.status(),
      policy: policy.status(),
      limits: limits.status(),
      masking: masking.status(),
      isolations: isolation.list(),
      upstreams: withBoxes(viewServers(current(), upstreams, now), boxOf),
      problems: [
        ...problems.filter((problem) => !standsWithServer(problem, broken)).map(describeProblem),
        ...scan(gateway.things()).map(describeHiddenText),
      ].map((text) => secrets.mask(text)),
    };
  };
  const status = statusHandler(readStatus, auth.admitOperator);
  const transport = createTransport(
    {
      tls: certificates,
      maxConnections,
      ...(trustedProxies === undefined ? {} : { maxConnectionsPerAddress: Number.POSITIVE_INFINITY }),
    },
    (request, response) => {
      if (request.url === '/status') void status(request, response);
      else if (!auth.aside(request, response)) gateway.listener(request, response);
    },
  );
  const { server, encrypted } = transport;
  const following = tls && (await followCertificates(tls, config.file, { transport, now, log }));
  const admin = await mountAdmin({
    settings: config.settings.admin,
    stateFolder,
    configFile: config.file,
    log,
    audit,
    gateway,
    status: readStatus,
    reload: options.requestReload,
  });
  const close = async (): Promise<void> => {
    following?.close();
    isolation.close();
    await admin?.close();
    const closed = transport.close();
    auth.close();
    await gateway.close();
    sandbox.close();
    transport.closeNow();
    await closed;
    await limits.close();
    // Last of all, so that what ends by the stop is on record as well.
    await audit.close();
  };
  let inForce = config;
  const reload = async (next: LoadedConfig): ReturnType<Gateway['reload']> => {
    // On record before it is in force: a change that cannot be written down is not made.
    await audit.changing(inForce, next);
    inForce = next;
    // What is masked before the servers that bring secrets of their own.
    (await masking.prepare(piiSettings(next)))?.();
    // Rules before servers: a server that comes with its rule is never seen without it.
    const swap = policy.prepare(policySettings(next));
    if (swap !== undefined) {
      const was = policy.status().hash ?? 'none';
      await gateway.changeRules(swap);
      const detail = { policy_hash: policy.status().hash ?? 'none', was };
      await audit.record({ type: 'policy.changed', outcome: 'ok', detail });
    }
    auth.reload(authSettings(next, options.port));
    limits.reload(next.settings.rateLimit);
    sandbox.use(next);
    return await gateway.reload(specsOf(next));
  };
  isolation.follow(gateway, () => gateway.reload(specsOf(inForce)));
  return { gateway, audit, server, encrypted, newLocalKey: auth.newLocalKey, boxOf, reload, close };
}

function authSettings({ settings, servers }: LoadedConfig, port: number | undefined): AuthSettings {
  const { listen = {} } = settings;
  return {
    section: settings.auth,
    listen: { ...listen, port: port ?? listen.port },
    servers: servers.map(({ name }) => name),
  };
}

function piiSettings({ settings, secrets }: LoadedConfig): PiiSettings {
  return { section: settings.pii, secrets: secrets.exact() };
}

function policySettings({ settings }: LoadedConfig): PolicySettings {
  return { section: settings.policy, asksWhoCalls: 'auth' in settings };
}

/** What `x-sekisho` at the root says to the gateway; what it does not say is left to the gateway's defaults. */
function settingsOf({ settings }: LoadedConfig): Pick<GatewayOptions, 'naming' | 'http' | 'sessions'> {
  const { naming, limits = {}, listen = {} } = settings;
  const { allowedHosts, allowedOrigins, trustedProxies } = listen;
  const { maxBodyBytes, maxDepth, maxSessions, sessionIdleMs } = limits;
  return {
    ...(naming === undefined ? {} : { naming }),
    http: {
      ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
      ...(maxDepth === undefined ? {} : { maxDepth }),
      ...(allowedHosts === undefined ? {} : { allowedHosts }),
      ...(allowedOrigins === undefined ? {} : { allowedOrigins }),
      ...(trustedProxies === undefined ? {} : { trustedProxies }),
      responseHeaders: securityHeaders(listen.tls !== undefined),
    },
    sessions: {
      ...(maxSessions === undefined ? {} : { maxSessions }),
      ...(sessionIdleMs === undefined ? {} : { idleMs: sessionIdleMs }),
    },
  };
}

/** The errors of a server that did not start are its own error in the list; told twice they would only be longer. */
function standsWithServer({ severity, server }: ConfigProblem, broken: ReadonlySet<string>): boolean {
  return severity === 'error' && server !== undefined && broken.has(server);
}

export function endpointOf(
  { address, port }: { readonly address: string; readonly port: number },
  encrypted: boolean,
): string {
  return `${encrypted ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}/mcp`;
}
