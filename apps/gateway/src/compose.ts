import { createServer, type Server } from 'node:http';
import { createGateway, fileMemory, type Gateway, type GatewayOptions } from '@sekisho/core';
import { brokenServerStarter, gatewaySpecs } from './broken-servers.ts';
import type { Log } from './cli/log.ts';
import { viewServers } from './cli/server-view.ts';
import type { LoadedConfig } from './config/load.ts';
import { describeProblem, type ConfigProblem } from './config/problem.ts';
import { statusHandler } from './status-handler.ts';

export type ComposeOptions = {
  readonly version: string;
  readonly log: Log;
  /** Where servers are remembered between runs; may be lost. */
  readonly cacheFolder: string;
  /** Where keys, locks and records are kept; must not be lost. */
  readonly stateFolder: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The configuration in force, which a reload replaces. Default: the one that was composed. */
  readonly current?: () => LoadedConfig;
};

export type Composition = {
  readonly gateway: Gateway;
  /** Serves `/mcp`, `/mcp/<server>` and `/status`; not listening yet. */
  readonly server: Server;
  /** Puts another configuration in force; what it does not change goes on undisturbed. */
  readonly reload: (next: LoadedConfig) => ReturnType<Gateway['reload']>;
  /** Ends every connection, session and process. Resolves when nothing is left. */
  readonly close: () => Promise<void>;
};

/** Puts the parts together. The command line, the tests and the examples all start here, so that none of them can leave a guard out. */
export async function compose(config: LoadedConfig, options: ComposeOptions): Promise<Composition> {
  const { version, log, cacheFolder, now, current = () => config } = options;
  const gateway = createGateway({
    upstreams: gatewaySpecs(config),
    starter: brokenServerStarter(),
    ...settingsOf(config),
    identity: { name: 'sekisho', version },
    memory: fileMemory(cacheFolder, now),
    log,
  });
  const status = statusHandler(() => {
    const { upstreams, ...counts } = gateway.status();
    const { file, problems, secrets, servers } = current();
    const broken = new Set(servers.filter(({ spec }) => spec === undefined).map(({ name }) => name));
    const address = server.address();
    const url = typeof address === 'object' && address !== null ? endpointOf(address) : '';
    return {
      version,
      url,
      config: file,
      pid: process.pid,
      ...counts,
      upstreams: viewServers(current(), upstreams, now),
      problems: problems
        .filter((problem) => !standsWithServer(problem, broken))
        .map((problem) => secrets.mask(describeProblem(problem))),
    };
  });
  const server = createServer((request, response) => {
    if (request.url === '/status') status(request, response);
    else gateway.listener(request, response);
  });
  // A request must arrive within these; how long its answer takes is the business of the gateway.
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    await gateway.close();
    server.closeAllConnections();
    if (server.listening) await closed;
  };
  const reload = (next: LoadedConfig): ReturnType<Gateway['reload']> => gateway.reload(gatewaySpecs(next));
  return { gateway, server, reload, close };
}

/** What `x-sekisho` at the root says to the gateway; what it does not say is left to the gateway's defaults. */
function settingsOf({ settings }: LoadedConfig): Pick<GatewayOptions, 'naming' | 'http' | 'sessions'> {
  const { naming, limits = {} } = settings;
  const { maxBodyBytes, maxDepth, maxSessions, sessionIdleMs } = limits;
  return {
    ...(naming === undefined ? {} : { naming }),
    http: { ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }), ...(maxDepth === undefined ? {} : { maxDepth }) },
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

export function endpointOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}/mcp`;
}
