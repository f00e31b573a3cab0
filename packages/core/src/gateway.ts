import type { Readable, Writable } from 'node:stream';
import { Bag } from './bag.ts';
import { Catalogue } from './catalogue/catalogue.ts';
import { OpenStreams } from './client/open-streams.ts';
import { SessionStore } from './client/session-store.ts';
import type { Session } from './client/session.ts';
import type { RecordedSession } from './ports.ts';
import { changeRules } from './client/change-rules.ts';
import { Subscribers } from './client/subscribers.ts';
import type { GatewayContext } from './context.ts';
import { FetchExchange } from './edge/fetch-exchange.ts';
import { HttpEdge } from './edge/http-edge.ts';
import { serveLines } from './edge/stdio-edge.ts';
import { NodeExchange, nodeHost } from './node/listener.ts';
import type { NodeRequest, NodeResponse } from './node/listener.ts';
import type { GatewayOptions } from './options.ts';
import { ParkedCalls } from './parked/store.ts';
import type { Principal } from './ports.ts';
import { TaskQuestions } from './tasks/task-questions.ts';
import { checkOptions, toPorts } from './options.ts';
import type { UpstreamSpec, UpstreamStatus } from './upstreams/spec.ts';
import { plainProcessStarter } from './upstreams/stdio/plain-process.ts';
import { volatileMemory } from './upstreams/memory.ts';
import { Fleet } from './fleet.ts';
import type { ReloadReport, Thing } from './fleet.ts';
import type { UnderWay } from './under-way.ts';
import { asciiJson } from './wire.ts';

/** The state of a gateway and of everything behind it. */
export interface GatewayStatus {
  readonly upstreams: readonly UpstreamStatus[];
  /** Sessions of legacy clients. */
  readonly sessions: number;
  /** Calls that wait for an answer of their client. */
  readonly parkedCalls: number;
  /** Grows with every change of what is served. */
  readonly catalogueVersion: number;
}

/** One checked endpoint in front of many MCP servers. */
export interface Gateway {
  /** Serves `/mcp` and `/mcp/<server>` on a `node:http` server. The fast way. */
  listener(request: NodeRequest, response: NodeResponse): void;
  /** Serves the same on any web-standard host. `remoteAddress` is the peer's, where the host knows it. */
  fetch(request: Request, info?: { readonly remoteAddress?: string }): Promise<Response>;
  /** Serves one client over a pair of streams. Resolves when it has gone. */
  serveStdio(input: Readable, output: Writable): Promise<void>;
  status(): GatewayStatus;
  /** Everything the servers offer, whoever may see it: for operators, never for clients. */
  things(): readonly Thing[];
  /** Calls back on every change of state; the returned function ends that. */
  onStatus(listener: (status: GatewayStatus) => void): () => void;
  /** Puts another set of servers in place: only what was added, removed or changed is touched, and calls in flight finish. */
  reload(upstreams: readonly UpstreamSpec[]): Promise<ReloadReport>;
  /**
   * Puts other rules in force: `swap` is called once, and from then on `decide`, `sees`, `knows` and `viewKey` must answer by
   * them. What was prepared by the old ones is forgotten, and clients whose lists differ are told so.
   */
  changeRules(swap: () => void): Promise<void>;
  /**
   * Breaks off the open streams of those principals whose credential has ended. Their sessions go on: a fresh credential of
   * the same caller finds them again.
   *
   * @returns how many there were
   */
  endStreams(isOver: (principal: Principal) => boolean): number;
  /**
   * Ends what the principals have here: calls that are under way, sessions, and open streams.
   *
   * @returns how many sessions and streams there were
   */
  revoke(isRevoked: (principal: Principal) => boolean): number;
  /**
   * Breaks off calls that servers have not answered yet: each caller gets an error, each server a cancellation.
   *
   * @returns how many there were
   */
  interrupt(isMeant: (call: { readonly principal: Principal; readonly server: string }) => boolean): number;
  /** Resolves when every enabled server has come up, or has failed to for the first time. */
  ready(): Promise<void>;
  /** Ends every stream, session and process. Resolves when nothing is left. */
  close(): Promise<void>;
}

/**
 * Makes a gateway and begins to start its servers.
 *
 * @throws TypeError for options that make no sense
 */
export function createGateway(options: GatewayOptions): Gateway {
  checkOptions(options);
  const now = options.now ?? (() => performance.now());
  const identity = options.identity ?? { name: 'sekisho', version: '0.1.0' };
  const log = options.log ?? SILENT;
  const closing = new AbortController();
  const ports = toPorts(options);
  const subscribers = new Subscribers(ports, log);
  const sessions = new SessionStore({
    ...options.sessions,
    now,
    onOpen: (session) => ports.record?.session?.('opened', recorded(session)),
    onEnd: (session) => {
      ports.record?.session?.('ended', recorded(session));
      subscribers.remove(session);
      fleet.forget(session);
      tell();
    },
  });
  const parked = new ParkedCalls(options.parked ?? {}, now);
  const streams = new OpenStreams();
  const underWay = new Bag<UnderWay>();
  const context: GatewayContext = {
    identity,
    serverInfo: asciiJson(identity),
    ports,
    log,
    now,
    subscribers,
    sessions,
    parked,
    taskQuestions: new TaskQuestions(),
    streams,
    underWay,
    listWaitMs: options.listWaitMs ?? 2_000,
    perPrincipal: options.decide !== undefined,
    closing: closing.signal,
  };
  const listeners = new Set<(status: GatewayStatus) => void>();
  const fleet = new Fleet({
    catalogue: new Catalogue(),
    naming: options.naming ?? 'prefix',
    upstream: {
      identity,
      log,
      now,
      random: options.random ?? Math.random,
      starter: options.starter ?? plainProcessStarter(),
      memory: options.memory ?? volatileMemory(),
    },
    subscribers,
    onChange: () => tell(),
  });
  const status = (): GatewayStatus => ({
    upstreams: fleet.status(),
    sessions: sessions.size,
    parkedCalls: parked.size,
    catalogueVersion: fleet.version,
  });
  const tell = () => {
    if (listeners.size === 0) return;
    const current = status();
    for (const listener of listeners) listener(current);
  };
  const interrupt: Gateway['interrupt'] = (isMeant) => {
    const meant = underWay.items().filter(isMeant);
    for (const call of meant) call.interrupt();
    return meant.length;
  };
  const path = options.path ?? '/mcp';
  const endpoints = {
    find: (requested: string) => fleet.endpointAt(requested, path),
    isBelow: (requested: string) => requested.startsWith(`${path}/`),
  };
  const edge = new HttpEdge(context, endpoints, options.http ?? {});
  const host = nodeHost(options.http ?? {});
  void fleet.put(options.upstreams);
  return {
    listener: (request, response) => edge.handle(new NodeExchange(request, response, host)),
    fetch: (request, info) => {
      const exchange = new FetchExchange(request, info?.remoteAddress);
      edge.handle(exchange);
      return exchange.response;
    },
    serveStdio: (input, output) =>
      serveLines({
        input,
        output,
        context,
        endpoint: fleet.merged,
        maxBodyBytes: options.http?.maxBodyBytes ?? 4_194_304,
        maxDepth: options.http?.maxDepth ?? 100,
      }),
    status,
    things: () => fleet.things(),
    onStatus: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reload: (upstreams) => {
      checkOptions({ ...options, upstreams });
      return fleet.put(upstreams);
    },
    changeRules: (swap) => changeRules(swap, { subscribers, ports, fleet }),
    endStreams: (isOver) => streams.end(isOver),
    revoke: (isRevoked) => {
      interrupt(({ principal }) => isRevoked(principal));
      const over = [...sessions].filter(({ principal }) => isRevoked(principal));
      for (const session of over) sessions.end(session);
      return over.length + streams.end(isRevoked);
    },
    interrupt,
    ready: () => fleet.ready(),
    close: async () => {
      closing.abort();
      sessions.close();
      parked.close();
      await fleet.close();
    },
  };
}

function recorded({ principal, endpoint, revision }: Session): RecordedSession {
  return { principal, server: endpoint.server, revision: revision.id };
}

const quiet = () => undefined;
const SILENT = { debug: quiet, info: quiet, warn: quiet, error: quiet };
