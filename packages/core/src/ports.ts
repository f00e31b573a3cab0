import type { Era, JsonObject } from '@sekisho/protocol';

/** A value now, or later: the hot path does not pay for a promise where a port can answer at once. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Who is calling. What an authenticator has proved; nothing the client says of itself. Holds no credential. Objects that
 * stand for the same proof should be the same frozen object, so that others can remember what they worked out for it.
 */
export interface Principal {
  /** Unique and stable over the gateway's life; sessions, parked calls and caches are bound to it. */
  readonly id: string;
  /** What stands behind the credential: `user`, `service` or `apikey`. */
  readonly kind?: string | undefined;
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  /** The OAuth client that the caller uses. */
  readonly clientId?: string | undefined;
  readonly tenant?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  /** Authentication context class of the sign-in. */
  readonly acr?: string | undefined;
  /** When the person last proved who they are, seconds since 1970. */
  readonly authTimeSeconds?: number | undefined;
  /** End of the credential, seconds since 1970: what it holds open ends with it. */
  readonly expiresAtSeconds?: number | undefined;
  /** Public id of the API key that was used. */
  readonly keyId?: string | undefined;
  /** What the credential narrows its holder to, whatever rules grant. Enforced by {@link Decide}, {@link Sees} and {@link Knows}. */
  readonly restrictions?: Restrictions | undefined;
  /** The verified claims. */
  readonly claims?: JsonObject | undefined;
}

/** Names with `*` for any run of characters; an empty or absent list narrows nothing. */
export interface Restrictions {
  readonly servers?: readonly string[];
  /** Tools as their server calls them. */
  readonly tools?: readonly string[];
}

/** What an authenticator may look at. `body` is the request's own bytes, for proofs that bind them. */
export interface Credentials {
  readonly transport: 'http' | 'stdio';
  readonly method: string;
  /** Path as requested, nothing decoded, without the query. */
  readonly path: string;
  /** Path and query as requested. Whatever scheme or host stands in it is nobody's word. */
  readonly url: string;
  /** A request header by lower-case name; several of one name are joined. */
  readonly header: (name: string) => string | undefined;
  /** A request header by lower-case name, all its values apart: two of what may come once are an attack. */
  readonly headers: (name: string) => string | readonly string[] | undefined;
  /** The client's address, behind trusted proxies too; undefined on stdio. */
  readonly remoteAddress: string | undefined;
  /** The client's TLS certificate, DER. Looked up when it is read; undefined where there is none. */
  readonly peerCertificate: Uint8Array | undefined;
  readonly body: Uint8Array | undefined;
  /** Puts facts on the record of this exchange; does nothing where nobody records. */
  note?(facts: Facts): void;
}

/**
 * What a part found out about one exchange, for its record: which rule, which bucket, how many values were masked. Names are
 * dotted, the part first (`authz.rule`, `limit.bucket`, `pii.masked`). Never content, never who somebody is.
 */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** Response headers; one with several values is sent several times. */
export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

/** A refusal by a port: a value, never an exception. `reason` picks status, code and public sentence from one table. */
export interface Refusal {
  readonly refused: RefusalReason;
  /** For log and audit; never sent to the client. */
  readonly detail?: string;
  /** A sentence for the client, after the public one; it must hold no content and nothing of the inside. */
  readonly explanation?: string;
  /** What the record calls this, where the reason says too little: a dotted type such as `auth.expired`. */
  readonly event?: string;
  /** For the record alone. */
  readonly facts?: Facts;
  /** Extra response headers, such as `WWW-Authenticate` or `Retry-After`. */
  readonly headers?: HeaderFields;
  /** HTTP status in place of the reason's own: a protocol of credentials has several. */
  readonly status?: 400 | 401 | 403 | 429 | 503;
  /** The public sentence in place of the reason's own. Fixed text: nothing of the request. */
  readonly message?: string;
  readonly retryAfterMs?: number;
  /** Name of the limit that is in the way; the client is told it. */
  readonly policy?: string;
  /** Members of a problem document (RFC 9457): the body where the answer is no JSON-RPC message. Public as well. */
  readonly problem?: JsonObject;
  /** With `insufficient-scope`: all scopes that the operation needs. */
  readonly scopes?: readonly string[];
}

export type RefusalReason =
  | 'unauthenticated'
  /** Answered exactly like a target that does not exist. */
  | 'forbidden'
  /** Said plainly: the sender sees the target and may not use it in this way. */
  | 'denied'
  | 'insufficient-scope'
  | 'limited'
  | 'overloaded'
  | 'unknown-target'
  | 'content'
  | 'invalid-arguments'
  | 'unavailable'
  | 'isolated'
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
    | 'task'
    /** What a server asks of a client: sampling, elicitation, roots. */
    | 'question';
  /** The configured name of the upstream; undefined where the gateway itself answers. */
  readonly server: string | undefined;
  /** The upstream's own name or URI of the thing. */
  readonly name: string | undefined;
  /** What `name` is a name of, where `kind` does not say so: with completions and tasks. */
  readonly names?: 'tool' | 'prompt' | 'resource';
  /** Of a call; of a question its `params`. */
  readonly arguments?: unknown;
  readonly annotations?: JsonObject;
  /** Its entry in the server's list: raw JSON, a binary string. Only of things that are listed. */
  readonly definition?: string;
}

/**
 * May they. `address` is the client's, where it has one. The same rules filter lists and gate calls. `note` puts facts on the
 * record of a call, such as the rule that allowed it; undefined where nobody records, and where no call is decided.
 */
export type Decide = (
  principal: Principal,
  target: Target,
  address: string | undefined,
  note?: (facts: Facts) => void,
) => Awaitable<Refusal | undefined>;

/**
 * Which of many targets a principal sees in lists and hears of, one answer for each. A port of its own beside {@link Decide}
 * because arguments are not known yet, and because a rule engine answers 500 questions at once in less than 500 calls.
 */
export type Sees = (
  principal: Principal,
  targets: readonly Target[],
  address: string | undefined,
) => Awaitable<readonly boolean[]>;

/**
 * Whether a principal may know that a server exists. To whom it is false there is no such server: no endpoint, state,
 * capability or instruction of it. Must answer the same until the rules change (`Gateway.changeRules`).
 */
export type Knows = (principal: Principal, server: string) => boolean;

/** The refusal of somebody whose credential lacks `scopes`: a challenge that says how to get them. */
export type Challenge = (principal: Principal, scopes: readonly string[], credentials: Credentials) => Refusal;

/** How much. `undefined` lets the call pass; `settle` is told how it ended. */
export interface Permit {
  settle(outcome: Outcome): void;
  /** Response headers that say how much is left. They go with whatever the answer will be, where the transport has headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}
export type Take = (
  principal: Principal,
  target: Target,
  credentials: Credentials,
) => Awaitable<Refusal | Permit | undefined>;

/**
 * How many at once. Asked when everything is decided and before a server is: a slot, or a wait for one. `undefined` lets the
 * call pass. Nothing is asked for what the gateway answers itself, nor for streams that stay open.
 */
export type Enter = (
  principal: Principal,
  target: Target,
  credentials: Credentials,
  wait: Wait,
) => Awaitable<Refusal | Slot | undefined>;
/** How long a call can wait for its slot. */
export interface Wait {
  /** Milliseconds after which an answer is of no use to the caller. */
  readonly deadlineMs: number;
  /** Aborted when the caller leaves. Made when it is asked for: most calls do not wait. */
  signal(): AbortSignal;
}
export interface Slot {
  /** Called once, when the server has answered or will not. */
  leave(ending: SlotEnding): void;
}
/** `overloaded`: the server did not keep up; `cancelled`: how long it took says nothing about the server. */
export type SlotEnding = 'done' | 'overloaded' | 'cancelled';

/**
 * How many streams. Asked when a response becomes a stream of events, and for every subscription; `undefined` lets it open.
 * At once, not a promise: what comes over the stream would have to wait for it.
 */
export type OpenStream = (
  principal: Principal,
  credentials: Credentials,
  server: string | undefined,
) => Refusal | OpenedStream | undefined;
export interface OpenedStream {
  /** Called once, when the stream has ended, however it did. */
  close(): void;
}

/** How an exchange ended: exactly one for each. */
export interface Outcome {
  readonly result: 'answered' | 'error' | 'refused' | 'failed' | 'cancelled' | 'disconnected';
  /** JSON-RPC code of the answer, where it is an error. */
  readonly code?: number;
  /** Why: the reason of a fault or refusal, the code of an upstream's failure. */
  readonly reason?: string;
  /** Of a refusal: see {@link Refusal}. */
  readonly event?: string;
  readonly detail?: string;
  /** Bytes of everything that was sent to the caller, as far as they were counted. */
  readonly bytes?: number;
  /** Whether anything was given to a server; left out where none was to be asked. */
  readonly sent?: boolean;
  /** The answer as it leaves, after every filter: a binary string, and what follows it. */
  readonly answer?: string;
  readonly answerTail?: readonly Buffer[];
  readonly durationMs: number;
}

/**
 * Sees content only. Cannot change method, target, id or headers. Inbound is the raw JSON of a call's arguments; of a
 * completion an object of its `argument` and `context`; of the answer to a question (`target.kind` is `question`) its result.
 * Outbound are whole messages; of a question its `params`.
 */
export interface Filter {
  /** @returns the raw JSON to send on (the same string where nothing changes), or a refusal */
  inbound?(args: string, context: FilterContext): Awaitable<string | Refusal>;
  /** @returns the message body's raw JSON to send on, or a refusal */
  outbound?(body: string, context: FilterContext): Awaitable<string | Refusal>;
  /**
   * What a server says of its things, before anybody asks for them: raw JSON of a list's entry, or of the server's instructions.
   * Asked once for each reading of a list, not for each client. Name and URI must stay. What it throws ends the request.
   */
  listed?(text: string, about: Listed): string;
}
/** What an entry of a list is about. */
export interface Listed {
  /** The configured name of the server. */
  readonly server: string;
  readonly kind: 'tool' | 'prompt' | 'resource' | 'template' | 'instructions' | 'list';
}
export interface FilterContext {
  readonly principal: Principal;
  readonly target: Target;
  /** Puts facts on the record of this exchange. */
  readonly note?: (facts: Facts) => void;
}

/** On record. Every exchange is opened when it is accepted, on every transport, and ends in exactly one `end`. */
export interface Recorder {
  /** Called before admission, and before the body is read. Must not throw; what cannot be recorded is refused later. */
  open(credentials: Credentials): Recording;
  /** Sessions of legacy clients come and go; nothing waits for this. */
  session?(event: 'opened' | 'ended', session: RecordedSession): void;
}
export interface RecordedSession {
  readonly principal: Principal;
  /** The server of its endpoint; undefined for the merged one. */
  readonly server: string | undefined;
  /** The protocol revision that was agreed on. */
  readonly revision: string;
}

/** The record of one exchange. A refusal, a rejection or an exception: the gateway answers 503 instead. */
export interface Recording {
  /** Before anything is sent to a server. Awaited where it gives a promise. */
  intent(exchange: ExchangeRecord): Awaitable<Refusal | undefined>;
  /** Called once, before the last reply leaves; the reply waits for a promise. */
  end(exchange: ExchangeRecord, outcome: Outcome): Awaitable<Refusal | undefined>;
}

/** What is known of an exchange so far. It grows; take from it what is needed at the time of the call. */
export interface ExchangeRecord {
  readonly credentials: Credentials;
  /** When it was accepted, milliseconds on the gateway's clock. */
  readonly startedMs: number;
  readonly principal: Principal | undefined;
  /** Its `arguments` are as they were sent: {@link arguments} are those that filters have cleaned. */
  readonly target: Target | undefined;
  readonly era: Era | undefined;
  /** As the client wrote it: any text. Undefined until the body is read. */
  readonly method: string | undefined;
  /** Raw JSON of the request's id. */
  readonly idText: string | undefined;
  readonly requestBytes: number | undefined;
  /** Raw JSON of the arguments after every filter; undefined before, and where there are none. */
  readonly arguments: string | undefined;
  /** W3C traceparent of the caller, as it was sent: any text. */
  readonly trace: string | undefined;
  readonly facts: Facts | undefined;
}

/** The checks that stand in the way of a request, in the order of the pipeline. */
export interface Ports {
  /** Per address, before any cryptography. */
  readonly admit: ((credentials: Credentials) => Awaitable<Refusal | undefined>) | undefined;
  readonly authenticate: (credentials: Credentials) => Awaitable<Principal | Refusal>;
  readonly decide: Decide;
  readonly sees: Sees;
  /** Undefined where every server is known to everybody. */
  readonly knows: Knows | undefined;
  readonly challenge: Challenge | undefined;
  /** Principals with one key see the same lists. Undefined: the lists are asked for each time. */
  readonly viewKey: (principal: Principal) => string | undefined;
  readonly take: Take | undefined;
  readonly enter: Enter | undefined;
  readonly openStream: OpenStream | undefined;
  readonly filters: readonly Filter[];
  /** Whether any of the filters looks at what goes to clients: where none does, large answers pass without being held. */
  readonly looksOutward: boolean;
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
