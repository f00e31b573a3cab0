import type { HttpEdgeOptions } from './edge/http-edge.ts';
import type { Naming } from './names.ts';
import type {
  Challenge,
  Credentials,
  Decide,
  Enter,
  Filter,
  Knows,
  Log,
  OpenStream,
  Ports,
  Principal,
  Recorder,
  Refusal,
  Sees,
  Take,
  Awaitable,
} from './ports.ts';
import { seesAll, seesByDecision } from './sight.ts';
import type { ParkedOptions } from './parked/store.ts';
import type { Memory } from './upstreams/memory.ts';
import type { Identity } from './upstreams/outgoing.ts';
import type { UpstreamSpec } from './upstreams/spec.ts';
import type { ProcessStarter } from './upstreams/stdio/process.ts';

/** Everything a gateway can be made of. Only `upstreams` must be given. */
export interface GatewayOptions {
  readonly upstreams: readonly UpstreamSpec[];
  /** Default `prefix`: things are called `server__name`. */
  readonly naming?: Naming;
  /** Where the merged endpoint is; each server is below it. Default `/mcp`. */
  readonly path?: string;
  /** Name and version shown to clients and servers. */
  readonly identity?: Identity;
  readonly log?: Log;
  /** Limits, and the hosts and origins that are served. */
  readonly http?: HttpEdgeOptions;
  readonly sessions?: { readonly idleMs?: number; readonly maxSessions?: number; readonly maxPerPrincipal?: number };
  /** Calls that wait for an answer of their client: how many, and for how long. */
  readonly parked?: ParkedOptions;
  /** Longest time a list waits for servers that come up for the first time, milliseconds. Default 2,000; 0 never waits. */
  readonly listWaitMs?: number;
  /** Starts processes; the place of a sandbox. Default: plain child processes. */
  readonly starter?: ProcessStarter;
  /** Remembers servers between runs. Default: nothing beyond this process. */
  readonly memory?: Memory;

  /** Per address, before anything else is done. Default: everybody may try. */
  readonly admit?: (credentials: Credentials) => Awaitable<Refusal | undefined>;
  /** Default {@link localOnly}: this computer's own users, and nobody else. */
  readonly authenticate?: (credentials: Credentials) => Awaitable<Principal | Refusal>;
  /** Default: whoever was authenticated may use everything. */
  readonly decide?: Decide;
  /** Default: what `decide` lets a principal use. */
  readonly sees?: Sees;
  /** Default: every server is known to everybody. */
  readonly knows?: Knows;
  /** Default: a refusal without a challenge. */
  readonly challenge?: Challenge;
  /** Principals with one key see the same lists. Undefined: asked for each time. Default: the principal's id. */
  readonly viewKey?: (principal: Principal) => string | undefined;
  readonly take?: Take;
  /** Slots for what is under way at a server. Default: as many as come. */
  readonly enter?: Enter;
  /** Places for streams that stay open. Default: as many as come. */
  readonly openStream?: OpenStream;
  readonly filters?: readonly Filter[];
  readonly record?: Recorder;

  readonly now?: () => number;
  readonly random?: () => number;
}

const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;

/** Authenticates nobody by name: connections from this computer, and the owner of stdio, are the principal `local`. */
export function localOnly(credentials: Credentials): Principal | Refusal {
  const { transport, remoteAddress } = credentials;
  if (transport === 'stdio' || (remoteAddress !== undefined && LOOPBACK.test(remoteAddress))) return LOCAL;
  return { refused: 'unauthenticated', detail: 'not from this computer, and no authentication is configured' };
}

const LOCAL: Principal = { id: 'local' };

export function toPorts(options: GatewayOptions): Ports {
  return {
    admit: options.admit,
    authenticate: options.authenticate ?? localOnly,
    decide: options.decide ?? (() => undefined),
    sees: options.sees ?? (options.decide ? seesByDecision(options.decide) : seesAll),
    knows: options.knows,
    challenge: options.challenge,
    viewKey: options.viewKey ?? (options.decide ? (principal) => principal.id : () => ''),
    take: options.take,
    enter: options.enter,
    openStream: options.openStream,
    filters: options.filters ?? [],
    // Asked each time: a filter may begin to look outward when its settings change.
    get looksOutward() {
      return this.filters.some((filter) => filter.outbound !== undefined);
    },
    record: options.record,
  };
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9 ._@/+-]{0,62}[A-Za-z0-9])?$/;

/** Misuse is found at construction, never at the first request. */
export function checkOptions(options: GatewayOptions): void {
  if (!Array.isArray(options.upstreams)) throw new TypeError('"upstreams" must be an array');
  const names = new Set<string>();
  for (const spec of options.upstreams as readonly UpstreamSpec[]) {
    if (!NAME.test(spec.name))
      throw new TypeError(
        `the upstream name ${JSON.stringify(spec.name)} must be 1 to 64 letters, digits and . _ @ / + - or spaces`,
      );
    if (names.has(spec.name)) throw new TypeError(`two upstreams are called ${JSON.stringify(spec.name)}`);
    names.add(spec.name);
    checkMs(spec.timeouts?.startMs, 'timeouts.startMs', 100, 600_000);
    checkMs(spec.timeouts?.callMs, 'timeouts.callMs', 100, 3_600_000);
    checkMs(spec.timeouts?.idleMs, 'timeouts.idleMs', 0, 86_400_000);
  }
  const path = options.path ?? '/mcp';
  if (!/^\/[\w./~-]*[\w~-]$/.test(path)) throw new TypeError('"path" must begin with a slash and not end with one');
  checkMs(options.listWaitMs, 'listWaitMs', 0, 600_000);
  checkMs(options.parked?.ttlMs, 'parked.ttlMs', 100, 3_600_000);
  checkMs(options.parked?.maxCalls, 'parked.maxCalls', 0, 100_000);
  checkMs(options.parked?.maxPerPrincipal, 'parked.maxPerPrincipal', 0, 100_000);
  checkMs(options.http?.maxDepth, 'http.maxDepth', 8, 10_000);
  checkMs(options.http?.maxBodyBytes, 'http.maxBodyBytes', 1_024, 1_073_741_824);
}

function checkMs(value: number | undefined, name: string, low: number, high: number): void {
  if (value === undefined) return;
  if (!Number.isFinite(value) || value < low || value > high)
    throw new TypeError(`"${name}" must be a number from ${low} to ${high}`);
}
