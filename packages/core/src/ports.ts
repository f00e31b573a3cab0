import type { Era, JsonObject } from '@sekisho/protocol';

/** A value now, or later: the hot path does not pay for a promise where a port can answer at once. */
export type Awaitable<T> = T | Promise<T>;

/** Who is calling. What an authenticator has proved; nothing the client says of itself. */
export interface Principal {
  /** Unique and stable over the gateway's life; sessions, parked calls and caches are bound to it. */
  readonly id: string;
  readonly tenant?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly claims?: JsonObject;
}

/** What an authenticator may look at. `body` is the request's own bytes, for proofs that bind them. */
export interface Credentials {
  readonly transport: 'http' | 'stdio';
  readonly method: string;
  /** Path and query as requested. */
  readonly path: string;
  /** A request header by lower-case name. */
  readonly header: (name: string) => string | undefined;
  /** Address of the peer's socket; undefined on stdio. */
  readonly remoteAddress: string | undefined;
  readonly body: Uint8Array | undefined;
}

/** A refusal by a port: a value, never an exception. `reason` picks status, code and public sentence from one table. */
export interface Refusal {
  readonly refused: RefusalReason;
  /** For log and audit; never sent to the client. */
  readonly detail?: string;
  /** Extra response headers, such as `WWW-Authenticate` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly retryAfterMs?: number;
}

export type RefusalReason =
  | 'unauthenticated'
  | 'forbidden'
  | 'insufficient-scope'
  | 'limited'
  | 'unknown-target'
  | 'content'
  | 'unavailable'
  | 'record-failed';

/** What a call is about: the server and thing that policy and limits speak of. */
export interface Target {
  readonly method: string;
  readonly kind:
    | 'tool'
    | 'prompt'
    | 'resource'
    | 'template'
    | 'list'
    | 'session'
    | 'completion'
    | 'subscription'
    | 'logging'
    | 'task';
  /** The configured name of the upstream; undefined where the gateway itself answers. */
  readonly server: string | undefined;
  /** The upstream's own name or URI of the thing. */
  readonly name: string | undefined;
  readonly arguments?: unknown;
  readonly annotations?: JsonObject;
}

/** May they. The same function filters lists and gates calls. */
export type Decide = (principal: Principal, target: Target) => Awaitable<Refusal | undefined>;

/** How much. `undefined` lets the call pass; `settle` is told how it ended. */
export interface Permit {
  settle(outcome: Outcome): void;
}
export type Take = (
  principal: Principal,
  target: Target,
  credentials: Credentials,
) => Awaitable<Refusal | Permit | undefined>;

/** How an exchange ended: exactly one for each. */
export interface Outcome {
  readonly result: 'answered' | 'error' | 'refused' | 'failed' | 'cancelled' | 'disconnected';
  readonly code?: number;
  readonly reason?: string;
  readonly bytes?: number;
  readonly durationMs: number;
}

/** Sees content only: raw JSON of arguments inbound, whole messages outbound. Cannot change method, target, id or headers. */
export interface Filter {
  /** @returns the arguments' raw JSON to send on (the same string where nothing changes), or a refusal */
  inbound?(args: string, context: FilterContext): Awaitable<string | Refusal>;
  /** @returns the message body's raw JSON to send on, or a refusal */
  outbound?(body: string, context: FilterContext): Awaitable<string | Refusal>;
}
export interface FilterContext {
  readonly principal: Principal;
  readonly target: Target;
}

/** On record. `intent` must succeed before anything is sent, `outcome` comes before the final reply leaves. */
export interface Recorder {
  intent?(exchange: ExchangeRecord): Awaitable<void>;
  outcome?(exchange: ExchangeRecord, outcome: Outcome): Awaitable<void>;
}
export interface ExchangeRecord {
  readonly id: string;
  readonly principal: Principal | undefined;
  readonly target: Target | undefined;
  readonly era: Era | undefined;
  readonly startedMs: number;
}

/** The checks that stand in the way of a request, in the order of the pipeline. */
export interface Ports {
  /** Per address, before any cryptography. */
  readonly admit: ((credentials: Credentials) => Awaitable<Refusal | undefined>) | undefined;
  readonly authenticate: (credentials: Credentials) => Awaitable<Principal | Refusal>;
  readonly decide: Decide;
  /** Principals with one key see the same lists. Default: each principal by its id. */
  readonly viewKey: (principal: Principal) => string;
  readonly take: Take | undefined;
  readonly filters: readonly Filter[];
  readonly record: Recorder | undefined;
}

/** A pino-shaped log. Fields are ids and counts, never content or tokens. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** True where a port refused. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}
