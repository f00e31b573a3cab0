// Made by `pnpm api` from the declarations of the build. Do not edit.

// dist/index.d.ts, the entry point "@sekisho/core"

export { createGateway } from './gateway.ts';
export type { Gateway, GatewayStatus } from './gateway.ts';
export type { ReloadReport, Thing } from './fleet.ts';
export { localOnly } from './options.ts';
export type { GatewayOptions } from './options.ts';
export type { HttpEdgeOptions } from './edge/http-edge.ts';
export type { OriginOptions } from './edge/origin.ts';
export { isRefusal } from './ports.ts';
export type { Awaitable, Challenge, Credentials, Decide, Enter, ExchangeRecord, Filter, FilterContext, HeaderFields, Knows, Listed, Log, OpenStream, OpenedStream, Outcome, Permit, Principal, Facts, Recorder, RecordedSession, Recording, Refusal, RefusalReason, Restrictions, Sees, Slot, SlotEnding, Take, Target, Wait, } from './ports.ts';
export type { Naming } from './names.ts';
export { ownUri, publicName, publicUri } from './names.ts';
export { fileMemory, volatileMemory } from './upstreams/memory.ts';
export type { Memory, Remembered } from './upstreams/memory.ts';
export type { Identity } from './upstreams/outgoing.ts';
export type { HttpSpec, RefusedItem, StdioSpec, UpstreamProblem, UpstreamSpec, UpstreamState, UpstreamStatus, } from './upstreams/spec.ts';
export { killAllNow, plainProcessStarter } from './upstreams/stdio/plain-process.ts';
export type { ProcessSpec, ProcessStarter, StartedProcess } from './upstreams/stdio/process.ts';

// dist/bag.d.ts

/** Something that knows its place in a bag; -1 while it is in none. */
export interface Bagged {
    slot: number;
}
/**
 * Things that come and go thousands of times a second, in no order. Not a Set: a hash table that is churned leaves dead
 * tables in the old generation which keep whole requests alive through every young collection (measured: scavenges of
 * 40 ms instead of 3). Here nothing is left behind. Adding and removing are O(1).
 */
export declare class Bag<T extends Bagged> {
    #private;
    get size(): number;
    add(item: T): void;
    remove(item: T): void;
    /** All of them as they are now. */
    items(): T[];
}

// dist/catalogue/catalogue.d.ts

/** What one endpoint serves, at one moment. Immutable: a change makes a new one, so what is prepared from it never goes stale. */
export interface View {
    readonly naming: Naming;
    readonly upstreams: readonly Upstream[];
    /** Things by their public name or URI, in the order of the configuration and of each server's own list. */
    readonly items: Readonly<Record<ItemKind, ReadonlyMap<string, Item>>>;
    readonly templates: readonly Template[];
    /** Prepared answers, kept as long as the view. */
    readonly prepared: Map<string, unknown>;
    /** What is left of it for principals who may not know of every server: by principal, and by the set of servers. */
    readonly sights: WeakMap<object, View>;
    readonly narrowed: Map<string, View>;
}
/** A thing a client named, and where it lives. */
export interface Located {
    readonly upstream: Upstream;
    /** Its own name or URI. */
    readonly own: string;
    /** Its list entry, where it is listed. */
    readonly item: Item | undefined;
}
/**
 * All things of all servers under names that each belong to exactly one of them. A name that is claimed twice stays with
 * the server that held it first, at the start with the one that stands first in the configuration; the other is refused it
 * and says so in its status. Nobody ever takes a name over from another.
 */
export declare class Catalogue {
    #private;
    /** Builds the merged view and records with each upstream which names it was refused. */
    merge(upstreams: readonly Upstream[], naming: Naming): View;
    /** One server under its own names. */
    single(upstream: Upstream): View;
}
/** The view of servers and their things. */
export declare function viewOf(upstreams: readonly Upstream[], naming: Naming, items: View['items']): View;
/** The tool or prompt of that very name. */
export declare function findNamed(view: View, kind: 'tool' | 'prompt', name: string): Located | undefined;
/** The server behind a URI: listed, made from a template, or (with prefixed names) named by the URI itself. */
export declare function findResource(view: View, uri: string): Located | undefined;
/** The server whose prefix a name bears though it lists no such thing: it may not be up. */
export declare function ownerOf(view: View, name: string): Upstream | undefined;

// dist/catalogue/item.d.ts

import type { HeaderParam, JsonObject } from '@sekisho/protocol';
export type ItemKind = 'tool' | 'prompt' | 'resource' | 'template';
/** One entry of an upstream's lists: its own bytes, and the few facts that routing and decisions need. */
export interface Item {
    readonly kind: ItemKind;
    /** The configured name of the upstream. */
    readonly server: string;
    /** Its own name, URI or URI template. */
    readonly own: string;
    /** The name of a prompt or tool, the `name` member of a resource: for people. */
    readonly label: string;
    /** Raw JSON as the upstream sent it, a binary string. */
    readonly text: string;
    readonly annotations: JsonObject | undefined;
    /** Arguments that the tool wants repeated in headers. */
    readonly headerParams: readonly HeaderParam[];
    /** `outputSchema` is none that revisions before 2026-07-28 can carry. */
    readonly wrapsOutput: boolean;
}
/** Reads one list entry. @returns a sentence saying what is wrong with it where it cannot be served */
export declare function readItem(kind: ItemKind, server: string, text: string): Item | string;
/** The name or URI under which clients know the item. */
export declare function publicKey(item: Item, naming: Naming): string;
/**
 * The item's raw JSON under its public name; everything else keeps its bytes. `_meta.ui.resourceUri` names a resource and is
 * rewritten like one (MCP Apps).
 */
export declare function publicText(item: Item, naming: Naming): string;
/** The raw JSON of a URI, as a binary string, in its public form; undefined where it is no string. */
export declare function rewriteUri(raw: string, server: string, naming: Naming): string | undefined;

// dist/catalogue/template.d.ts

/** A URI template as a test of URIs. */
export interface Template {
    readonly item: Item;
    matches(uri: string): boolean;
}
/**
 * Whether a URI may have come from a template (RFC 6570): its literal parts appear in order, the first at the start and the
 * last at the end. Linear in the URI and free of regular expressions, since templates come from servers that nobody vouches
 * for (CVE-2026-0621). Does NOT check what the expressions may expand to: it only picks the server that is asked.
 */
export declare function compileTemplate(item: Item): Template;

// dist/client/event-log.d.ts

/** Where the messages of one stream go while a connection is there to take them. */
export interface Outlet {
    /** Sends one message, a binary string on one line. `id` makes it resumable. */
    send(text: string, id?: string): void;
    /** An event without a message: its id lets the client resume from there, and says how soon (2025-11-25, SEP-1699). */
    prime(id: string, retryMs: number): void;
    /** A line that readers ignore, to keep the connection open. */
    comment(): void;
    end(): void;
}
/**
 * One SSE stream of a legacy session: it outlives its connection, so a client that lost it can take it up again from the
 * last event it saw (2025-11-25, basic/transports, "Resumability"). Events of one stream are never replayed on another.
 */
export declare class EventStream {
    #private;
    readonly id: string;
    constructor(id: string);
    /** True once the last message was sent and nobody can be waiting for more. */
    get done(): boolean;
    get attached(): boolean;
    /** Gives the stream a connection; an older one is ended. With `after`, what came later is sent again first; without it, what nobody was there for. */
    attach(outlet: Outlet, after?: number): void;
    /** The connection is gone; the stream goes on. */
    detach(outlet: Outlet): void;
    /** An event without a message, whose id lets the client resume from the very start (2025-11-25). */
    prime(): string;
    send(text: string): void;
    finish(): void;
}
/** The stream and place that an event id names; undefined for one that is none of ours. */
export declare function readEventId(id: string): {
    stream: string;
    seq: number;
} | undefined;

// dist/client/open-streams.d.ts

interface OpenOne {
    readonly http: HttpExchange;
    readonly holder: {
        readonly principal: Principal;
    };
    slot: number;
}
/** The event streams that are open, so that one does not outlive the credential it was opened with. */
export declare class OpenStreams {
    #private;
    get size(): number;
    /** Begins a response of events. `holder` says whose it is, now and later: a session may prove itself anew. */
    begin(http: HttpExchange, headers: Readonly<Record<string, string>>, holder: OpenOne['holder']): EventSink;
    /** Breaks off the streams of some principals; whoever may still call opens them again. */
    end(isOver: (principal: Principal) => boolean): number;
}
export {};

// dist/client/session-store.d.ts

export interface SessionStoreOptions {
    /** A session nobody uses ends after this, milliseconds. Default 1,800,000 (30 minutes). */
    readonly idleMs?: number;
    /** Sessions in all; the one unused longest makes room. Default 10,000. */
    readonly maxSessions?: number;
    /** Sessions of one principal. Default 2,000. */
    readonly maxPerPrincipal?: number;
    readonly now: () => number;
    onOpen?(session: Session): void;
    onEnd(session: Session): void;
}
/** The sessions of legacy clients. Ids bear 192 random bits; a session of another principal is as good as none. */
export declare class SessionStore {
    #private;
    constructor(options: SessionStoreOptions);
    get size(): number;
    create(options: Omit<SessionOptions, 'id'>): Session;
    /** Whether the id is somebody else's session: answered like none, and worth a record. */
    isForeign(id: string, principal: Principal): boolean;
    /** The session of that id, if it is this principal's. */
    find(id: string, principal: Principal): Session | undefined;
    end(session: Session): void;
    [Symbol.iterator](): IterableIterator<Session>;
    close(): void;
}

// dist/client/session.d.ts

import type { JsonObject, LogLevel, ResponseMessage, Revision } from '@sekisho/protocol';
export interface SessionOptions {
    readonly id: string;
    readonly principal: Principal;
    /** The client's network address. */
    readonly address: string | undefined;
    readonly context: GatewayContext;
    readonly endpoint: Endpoint;
    readonly revision: Revision;
    readonly capabilities: JsonObject;
    readonly clientInfo: JsonObject | undefined;
}
/** The conversation with one legacy client. It belongs to one principal and one endpoint and to nobody else. */
export declare class Session implements Subscriber {
    #private;
    readonly id: string;
    readonly principalId: string;
    readonly endpoint: Endpoint;
    readonly revision: Revision;
    readonly capabilities: JsonObject;
    readonly clientInfo: JsonObject | undefined;
    logLevel: LogLevel | undefined;
    usedMs: number;
    /** As its last request proved it: the same id, perhaps with other rights. */
    principal: Principal;
    address: string | undefined;
    /** The client's side of each of its requests. */
    readonly caller: Caller;
    readonly uris: Set<string>;
    /** Calls in flight, so that the client can cancel them. */
    readonly calls: Bag<Authenticated>;
    constructor(options: SessionOptions, nowMs: number);
    /** True where the client can be asked something in the middle of a call. */
    get canBeAsked(): boolean;
    /** The key of the upstream conversations that are kept for this client; per principal where it cannot be asked. */
    get affinity(): Affinity;
    /** What its client may know of the endpoint. */
    get view(): View;
    /** Another request of it has come. */
    seen(principal: Principal, address: string | undefined): void;
    /** True while the client holds its stream for news open. */
    get listening(): boolean;
    /** A new stream for the answer to one request. */
    openStream(): EventStream;
    standalone(): EventStream;
    /** The stream an event id belongs to, and the place in it. */
    findStream(eventId: string): {
        stream: EventStream;
        after: number;
    } | undefined;
    /** Whether a log message of `level` goes to this client. Before it says what it wants, the server decides. */
    wantsLog(level: string): boolean;
    /**
     * Puts a server's question to the client, on the stream of the call it belongs to.
     *
     * @param respond called once, with raw JSON of `"result":...` or `"error":...`
     * @param send where it goes; undefined for the client's stream of news
     * @returns takes the question back: the client is told, and its answer is none any more
     */
    ask(method: string, params: string, respond: (body: string) => void, send: ((text: string) => void) | undefined): () => void;
    /** Takes the client's answer to a question. False where nothing was asked under that id. */
    answer(response: ResponseMessage): boolean;
    listChanged(kind: ItemKind): void;
    updated(uri: string): void;
    attachStandalone(outlet: Outlet): void;
    /** Ends the session: open streams close, questions get no answer any more. */
    close(): void;
}

// dist/client/subscribers.d.ts

/** Somebody who wants to hear of changes at one endpoint: a legacy session, or a modern listen. */
export interface Subscriber {
    readonly endpoint: Endpoint;
    readonly principal: Principal;
    /** The client's network address. */
    readonly address: string | undefined;
    /** Public URIs it subscribed to. */
    readonly uris: ReadonlySet<string>;
    listChanged(kind: ItemKind): void;
    updated(uri: string): void;
    /** A task of `server` tells of itself. For those who can listen to tasks. */
    task?(server: string, text: string): void;
}
/** A resource that has changed, by the URI of its server. */
export interface Updated {
    readonly server: string;
    readonly own: string;
}
/** Everybody who wants to hear of changes. News go to those who asked for them and see what they are about, and to nobody else. */
export declare class Subscribers {
    #private;
    constructor(ports: Ports, log: Log);
    [Symbol.iterator](): IterableIterator<Subscriber>;
    add(subscriber: Subscriber): void;
    remove(subscriber: Subscriber): void;
    /** Tells of changed lists those who see one of the things that have changed. */
    listChanged(endpoint: Endpoint, changes: Changes): void;
    /** @param uri in the endpoint's public form; it may name a part of the resource that was subscribed to */
    updated(endpoint: Endpoint, uri: string, { server, own }: Updated): void;
    /** Each of them knows which tasks it listens to. */
    task(server: string, text: string): void;
}
/** A notification of the gateway's own, as JSON on one line. */
export declare function notificationText(method: string, params?: object): string;

// dist/context.d.ts

/** What the parts of one gateway share. */
export interface GatewayContext {
    readonly identity: Identity;
    /** The identity as raw ASCII JSON. */
    readonly serverInfo: string;
    readonly ports: Ports;
    readonly log: Log;
    readonly now: () => number;
    readonly subscribers: Subscribers;
    readonly sessions: SessionStore;
    /** Calls that wait for an answer of their client. */
    readonly parked: ParkedCalls;
    /** Calls that servers have not answered yet. */
    readonly underWay: Bag<UnderWay>;
    /** Questions of tasks that have passed the ports. */
    readonly taskQuestions: TaskQuestions;
    /** Responses of events that are open. */
    readonly streams: OpenStreams;
    /** Longest time a list waits for servers that are coming up for the first time, milliseconds. */
    readonly listWaitMs: number;
    /** True where lists depend on who asks. */
    readonly perPrincipal: boolean;
    /** Ends when the gateway closes: streams are told so. */
    readonly closing: AbortSignal;
}

// dist/edge/http-edge.d.ts

import type { HeaderReader } from '@sekisho/protocol';
export interface HttpEdgeOptions extends OriginOptions {
    /** Largest request body, bytes. Default 4,194,304 (4 MiB); range 1,024 to 1,073,741,824. */
    readonly maxBodyBytes?: number;
    /** Deepest nesting of a request. Default 100; range 8 to 10,000. */
    readonly maxDepth?: number;
    /**
     * Headers of every response, errors and streams included, besides `X-Content-Type-Options` and `Cache-Control`.
     * Only the `node:http` listener writes them; a web-standard host adds its own. Default: none.
     */
    readonly responseHeaders?: Readonly<Record<string, string>>;
    /** More headers that depend on the request, names and values in turn, such as those of CORS. Default: none. */
    readonly extraHeaders?: (header: HeaderReader) => readonly string[];
    /** Addresses and networks (`10.0.0.0/8`) of the proxies whose `X-Forwarded-For` and `-Proto` are believed. Default: nobody's. */
    readonly trustedProxies?: readonly string[];
}
/** Where endpoints are. */
export interface Endpoints {
    find(path: string): Endpoint | undefined;
    /** Whether a path could be one of a server's. What does not exist there must answer like what is hidden. */
    isBelow(path: string): boolean;
}
/** The HTTP side of the gateway: Streamable HTTP of both eras on each endpoint. */
export declare class HttpEdge {
    #private;
    constructor(context: GatewayContext, endpoints: Endpoints, options: HttpEdgeOptions);
    /** Serves one request. Never throws: whatever goes wrong inside is a 500 without detail, and on the log. */
    handle(http: HttpExchange): void;
}

// dist/edge/http-exchange.d.ts

/** What came of reading a request's body. */
export type BodyRead = Uint8Array | 'too-large' | 'gone';
/**
 * One HTTP request and its response, whatever server carries it. It is also what authenticators look at. Bodies out are
 * binary strings.
 */
export interface HttpExchange extends Credentials {
    readonly transport: 'http';
    /** Set by {@link readBody}. */
    readonly body: Uint8Array | undefined;
    /** Its record, set by the edge; undefined where nobody records. */
    entry: Entry | undefined;
    note(facts: Facts): void;
    /** Whether the connection is encrypted. */
    readonly secure: boolean;
    /** Calls back once with the whole body; `too-large` as soon as it exceeds the limit. May not, where the client left. */
    readBody(maxBytes: number, done: (body: BodyRead) => void): void;
    /** The whole response. */
    respond(status: number, headers: HeaderFields, body?: string, tail?: readonly Buffer[]): void;
    /** Begins a response of server-sent events. */
    stream(headers: Readonly<Record<string, string>>): EventSink;
    /** Breaks the response off, as if the client had left. */
    drop(): void;
    /** Whether the client has left. */
    readonly gone: boolean;
    /** Calls back once when the client is gone before the response is complete. */
    onGone(listener: () => void): void;
}
export interface EventSink {
    /** Raw text of the stream. */
    write(text: string): void;
    end(): void;
}
export declare function jsonHeaders(extra?: HeaderFields): HeaderFields;
export declare const SSE_HEADERS: {
    readonly 'Content-Type': 'text/event-stream';
    readonly 'X-Accel-Buffering': 'no';
};

// dist/edge/origin.d.ts

import type { Fault } from '@sekisho/protocol';
export interface OriginOptions {
    /**
     * Values of `Host` that are served, with the port where it is not the scheme's own (`mcp.example.com`, `10.0.0.5:7300`).
     * Default: only the loopback names, on any port.
     */
    readonly allowedHosts?: readonly string[];
    /** Web origins besides the endpoint's own that may call it (`https://app.example.com`). Default: none. */
    readonly allowedOrigins?: readonly string[];
}
/**
 * Refuses requests that a web page made a browser send: names that do not belong to us (DNS rebinding) and foreign origins
 * (MCP 2026-07-28, basic/transports/streamable-http, "Security"). Exact comparison; no wildcard, no suffix, no letter case.
 */
export declare function createOriginCheck(options: OriginOptions): (http: HttpExchange) => Fault | undefined;

// dist/endpoint.d.ts

import type { JsonObject } from '@sekisho/protocol';
/** One URL of the gateway: all servers together, or one of them under its own names. */
export declare class Endpoint {
    #private;
    /** The server's name; undefined for the merged endpoint. */
    readonly server: string | undefined;
    constructor(server: string | undefined, build: () => View);
    static merged(catalogue: Catalogue, upstreams: () => readonly Upstream[], naming: Naming): Endpoint;
    static single(catalogue: Catalogue, upstream: () => Upstream, server: string): Endpoint;
    get view(): View;
    /** Something changed behind it: the next look builds anew. */
    invalidate(): void;
    /** By kind: the items that differ from what clients were last told of, as they were and as they are. */
    takeChanges(): Changes;
}
/** What has changed, so that it can be told to those who see it and to nobody else. */
export type Changes = ReadonlyMap<ItemKind, readonly Item[]>;
/**
 * What an endpoint can do: the union of what its servers can. Lists are always there, since a server may still come up; what
 * the gateway does not carry (tasks, unknown extensions) is left out rather than promised.
 */
export declare function capabilitiesOf(view: View): JsonObject;
/** The servers' instructions, each under the name of the server that gave it. */
export declare function instructionsOf(view: View, filters: readonly Filter[]): string | undefined;

// dist/entry.d.ts

import type { BatchMessage, Era, Message } from '@sekisho/protocol';
/** How an exchange ended, before anybody looked at the clock. */
export type Ending = Omit<Outcome, 'durationMs'>;
type Read = Message | BatchMessage;
/**
 * One exchange on its way to its one terminal event: opened when it is accepted, before a byte of its body is read, and ended
 * once, whatever becomes of it. Made only where somebody records: without a recorder the way of a call has none of this.
 */
export declare class Entry implements ExchangeRecord {
    #private;
    readonly credentials: Credentials;
    readonly startedMs: number;
    principal: Principal | undefined;
    target: Target | undefined;
    era: Era | undefined;
    method: string | undefined;
    idText: string | undefined;
    requestBytes: number | undefined;
    /** Set once every filter has seen them. */
    arguments: string | undefined;
    /** W3C trace context of the caller. */
    trace: string | undefined;
    facts: Record<string, string | number | boolean> | undefined;
    /** {@link note} as a function of its own, for ports that know nothing of exchanges. */
    readonly noted: (facts: Facts) => void;
    /** True where the work goes on without its client: calls of legacy sessions. */
    outlivesClient: boolean;
    constructor(context: GatewayContext, recording: Recording, credentials: Credentials);
    get ended(): boolean;
    /** Takes what the body says it is. */
    read({ kind, message }: {
        readonly kind: Era;
        readonly message: Read;
    }): void;
    note(facts: Facts): void;
    /** States what is about to be done. What comes back is a refusal: it must then not be done. */
    intent(): Awaitable<Refusal | undefined>;
    /** States how it ended; later calls do nothing. What comes back is a refusal: the answer must then not leave. */
    end(ending: Ending): Awaitable<Refusal | undefined>;
    /** The client has left before its answer. */
    gone(): void;
}
/** Opens the record of an exchange; undefined where nobody records. */
export declare function openEntry(context: GatewayContext, credentials: Credentials): Entry | undefined;
/** Records an intent, and then does it; `instead` where the record refused. At once where nobody records. */
export declare function afterIntent(entry: Entry | undefined, go: () => Awaitable<void>, instead: (refusal: Refusal) => Awaitable<void>): Awaitable<void>;
/** Records an end, and then sends; `instead` where the record refused. At once where nobody records. */
export declare function afterEnd(entry: Entry | undefined, ending: Ending, send: () => void, instead: (refusal: Refusal) => void): Awaitable<void>;
export {};

// dist/exchange.d.ts

import type { Era, JsonObject, LogLevel, Method, RequestMessage, Revision } from '@sekisho/protocol';
/** Where the messages for one request go. Texts are binary strings on one line. */
export interface Reply {
    /** The request goes on: these headers go with whatever the answer will be, and a stream may be opened from here on. */
    begin?(headers: Readonly<Record<string, string>> | undefined): void;
    /** Aborted when nobody can come back for an answer: a line has one client. Undefined where clients come and go. */
    readonly gone?: AbortSignal;
    /** A message before the answer: progress, a log entry, or (legacy) a question. */
    send(text: string): void;
    /** The answer; nothing comes after it. `tail` follows `text` as it is. */
    end(text: string, tail?: readonly Buffer[]): void;
    /** The server closed its stream and will be asked again later: the client may be sent away likewise (SEP-1699). */
    pause?(): void;
    /** A refusal before anything was answered, with its HTTP status where the transport has one. */
    refuse(status: number, text: string, headers?: HeaderFields): void;
}
/** The client's side of a request, as its era states it: per request, or once for a session. */
export interface Caller {
    readonly era: Era;
    readonly revision: Revision;
    readonly capabilities: JsonObject;
    readonly clientInfo: JsonObject | undefined;
    readonly logLevel: LogLevel | undefined;
    readonly session: Session | undefined;
    readonly affinity: Affinity;
}
/** A request that was read and admitted, before anybody knows who sent it. */
export interface Admitted {
    readonly endpoint: Endpoint;
    /** What the sender may know of it. */
    readonly view: View;
    readonly credentials: Credentials;
    readonly message: RequestMessage;
    readonly method: Method;
    readonly caller: Caller;
    readonly reply: Reply;
    readonly startedMs: number;
    /** Its record; undefined where nobody records. */
    readonly entry: Entry | undefined;
    /** Called when the caller no longer waits. Set by the stage that can stop the work. */
    cancel: (() => void) | undefined;
    principal: Principal | undefined;
    /** Where its stream is counted; undefined where nobody counts, or where it has no stream of its own. */
    stream: StreamPlace | undefined;
    /** Its place among the calls of its session. */
    slot: number;
}
/** A request whose sender is known. The stages behind take this type, so they cannot stand before authentication. */
export interface Authenticated extends Admitted {
    principal: Principal;
}
/** The raw JSON id of a request, in one spelling: `"a"` and its escaped forms are one id. */
export declare function canonicalId(idText: string): string;

// dist/fleet.d.ts

/** What a reload did. */
export interface ReloadReport {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
    readonly kept: readonly string[];
}
/** A tool, prompt, resource or template that a server offers. */
export interface Thing {
    /** The configured name of the server. */
    readonly server: string;
    readonly kind: ItemKind;
    /** Its own name, URI or URI template. */
    readonly name: string;
    /** The same as clients of the merged endpoint know it. */
    readonly publicName: string;
    /** Its entry in the server's list: raw JSON, a binary string (one character for each byte of UTF-8). */
    readonly definition: string;
}
export interface FleetOptions {
    readonly catalogue: Catalogue;
    readonly naming: Naming;
    readonly upstream: Omit<UpstreamOptions, 'onChange' | 'onResourceUpdated' | 'onTask'>;
    readonly subscribers: Subscribers;
    onChange(): void;
}
/** All servers of a gateway and the endpoints that show them. */
export declare class Fleet {
    #private;
    readonly merged: Endpoint;
    constructor(options: FleetOptions);
    get version(): number;
    /** The endpoint of an exact path: no other spelling, letter case or ending is the same. */
    endpointAt(requested: string, path: string): Endpoint | undefined;
    put(specs: readonly UpstreamSpec[]): Promise<ReloadReport>;
    ready(): Promise<void>;
    status(): UpstreamStatus[];
    /** Everything that clients may come to see, by server and in the servers' own order. */
    things(): Thing[];
    /** A client's session has ended: what was kept or subscribed for it ends too. */
    forget(session: Session): void;
    close(): Promise<void>;
    /** What was prepared for those who ask is of no use any more: other rules decide what they see. */
    forgetViews(): void;
}

// dist/gateway.d.ts

import type { Readable, Writable } from 'node:stream';
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
    fetch(request: Request, info?: {
        readonly remoteAddress?: string;
    }): Promise<Response>;
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
    interrupt(isMeant: (call: {
        readonly principal: Principal;
        readonly server: string;
    }) => boolean): number;
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
export declare function createGateway(options: GatewayOptions): Gateway;

// dist/names.d.ts

/** How things of several servers are told apart: `server__tool`, or under their own names with collisions refused. */
export type Naming = 'prefix' | 'none';
/**
 * The public name of a tool or prompt: `server__name` where names are prefixed. Clients and model APIs accept
 * `^[a-zA-Z0-9_-]{1,64}$`; what does not fit is spelt with `_` and shortened, with eight hex digits of the original's
 * SHA-256 at its end, so that the same thing always has the same name and two things never share one by accident.
 */
export declare function publicName(server: string, name: string, naming: Naming): string;
/**
 * The public form of an upstream's URI or URI template. The server stands in front and the original follows as it is, so
 * template expressions keep their meaning. `ui:` stays `ui:`, since hosts recognise apps by that scheme (MCP Apps).
 */
export declare function publicUri(server: string, uri: string, naming: Naming): string;
/** The server and its own URI behind a public one; undefined for what no {@link publicUri} made. */
export declare function ownUri(uri: string): {
    server: string;
    uri: string;
} | undefined;

// dist/node/client-address.d.ts

/** Who is really at the other end of a connection, behind the proxies that the operator trusts. */
export interface ClientEnd {
    readonly address: string | undefined;
    readonly secure: boolean;
}
export interface ProxyTrust {
    /**
     * @param peer address of the socket's other end
     * @param forwardedFor the whole `X-Forwarded-For`, several fields joined by commas
     * @param forwardedProto the whole `X-Forwarded-Proto`
     */
    resolve(peer: string | undefined, secure: boolean, forwardedFor: string | undefined, forwardedProto: string | undefined): ClientEnd;
}
/**
 * Believes `X-Forwarded-For` only as far as trusted proxies wrote it: from its right end up to the first address that is
 * not one of theirs, since whatever stands left of that was written by somebody unknown. An entry that is no address makes
 * the client unknown, which is no identity. Does not read `Forwarded` (RFC 7239): a proxy that sends only that is not
 * understood, and its clients all have the proxy's address.
 *
 * @param proxies addresses and networks, such as `127.0.0.1`, `10.0.0.0/8`, `fd00::/8`
 * @throws TypeError for an entry that is neither
 */
export declare function createProxyTrust(proxies: readonly string[]): ProxyTrust;

// dist/node/listener.d.ts

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderReader } from '@sekisho/protocol';
export type NodeRequest = IncomingMessage;
export type NodeResponse = ServerResponse;
/** What the host of the gateway says of all exchanges. */
export interface NodeHost {
    /** Headers that every response bears, names and values in turn. */
    readonly baseHeaders: readonly string[];
    /** More of them, depending on the request, such as those of CORS. */
    readonly extraHeaders: ((header: HeaderReader) => readonly string[]) | undefined;
    /** Whose word on the client's address counts. */
    readonly proxies: ProxyTrust | undefined;
}
/** @throws TypeError for a trusted proxy that is neither an address nor a network */
export declare function nodeHost({ responseHeaders, extraHeaders, trustedProxies }: HttpEdgeOptions): NodeHost;
/** One `node:http` request without the cost of a web `Request`: headers are read where they stand, the body is one buffer. */
export declare class NodeExchange implements HttpExchange {
    #private;
    readonly transport = "http";
    readonly method: string;
    readonly path: string;
    readonly url: string;
    body: Uint8Array | undefined;
    entry: Entry | undefined;
    /** A function of its own, so that it may be taken out of the object. */
    readonly header: (name: string) => string | undefined;
    /** Likewise. From the raw list: `node:http` drops the second of two that it takes for single. */
    readonly headers: (name: string) => string | readonly string[] | undefined;
    constructor(request: IncomingMessage, response: ServerResponse, host?: NodeHost);
    get remoteAddress(): string | undefined;
    get peerCertificate(): Uint8Array | undefined;
    get secure(): boolean;
    readBody(maxBytes: number, done: (body: BodyRead) => void): void;
    respond(status: number, headers: HeaderFields, body?: string, tail?: readonly Buffer[]): void;
    stream(headers: Readonly<Record<string, string>>): EventSink;
    drop(): void;
    get gone(): boolean;
    note(facts: Facts): void;
    onGone(listener: () => void): void;
}

// dist/options.d.ts

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
    readonly sessions?: {
        readonly idleMs?: number;
        readonly maxSessions?: number;
        readonly maxPerPrincipal?: number;
    };
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
/** Authenticates nobody by name: connections from this computer, and the owner of stdio, are the principal `local`. */
export declare function localOnly(credentials: Credentials): Principal | Refusal;
export declare function toPorts(options: GatewayOptions): Ports;
/** Misuse is found at construction, never at the first request. */
export declare function checkOptions(options: GatewayOptions): void;

// dist/parked/seal.d.ts

/** What a `requestState` of ours stands for. */
export type SealedState = 
/** A call that waits in this process, by its handle; `round` is good for one retry. */
{
    readonly kind: 'parked';
    readonly handle: string;
    readonly round: number;
}
/** A modern server's own state, on its way through the client; good until `expiresMs`, milliseconds since 1970. */
 | {
    readonly kind: 'relay';
    readonly server: string;
    readonly state: string;
    readonly expiresMs: number;
}
/** A server's task: its own id, and the tool that made it, by which everything that is done with it is decided. */
 | {
    readonly kind: 'task';
    readonly server: string;
    readonly task: string;
    readonly tool: string;
};
/**
 * Seals what goes to a client and comes back (MCP 2026-07-28, basic/patterns/mrtr, "requestState"): AES-256-GCM with a random
 * nonce (NIST SP 800-38D, section 8.2.2), under a key derived with HKDF-SHA-256 (RFC 5869). What the state is bound to is
 * authenticated beside it and not written into it, so that a state in foreign hands is just a state that does not open.
 *
 * Does NOT know expiry or single use: that is for whoever opens it.
 */
export declare class StateSeal {
    #private;
    /** @param key at least 32 bytes of secret; default: random, so that states end with the process */
    constructor(key?: Uint8Array);
    /** @param binding what must be the same when it comes back */
    seal(state: SealedState, binding: string): string;
    /** The state, or undefined for whatever was not sealed here for this binding. */
    open(sealed: string, binding: string): SealedState | undefined;
}

// dist/parked/store.d.ts

export interface ParkedOptions {
    /**
     * Seals what clients bring back: at least 32 bytes, the same for all processes that serve one endpoint. A parked call itself
     * lives in one process. Default: random for each gateway, which lives through reloads.
     */
    readonly key?: Uint8Array;
    /** How long a call waits for its client, milliseconds. Default 600,000 (10 minutes); range 100 to 3,600,000. */
    readonly ttlMs?: number;
    /** Calls that wait at once, in all. Default 2,000; range 0 to 100,000. */
    readonly maxCalls?: number;
    /** The same for one principal. Default 100. */
    readonly maxPerPrincipal?: number;
    /** Milliseconds since 1970, for the expiry of states that outlive this process. Default: the system's clock. */
    readonly wallNow?: () => number;
}
/** Something that waits for a client. */
export interface Parkable {
    readonly handle: string;
    readonly principalId: string;
    /** The client did not come back in time. */
    expired(): Awaitable<void>;
}
/** All calls that have asked something and are not over: bounded in all and per principal, and in time. */
export declare class ParkedCalls {
    #private;
    readonly ttlMs: number;
    readonly seal: StateSeal;
    readonly wallNow: () => number;
    constructor(options: ParkedOptions, now: () => number);
    get size(): number;
    /** Makes a call wait for its client. False where there are too many. */
    park(parked: Parkable): boolean;
    /** The call of that handle, if it is not over. */
    find(handle: string): Parkable | undefined;
    /** The client is back: time stands still until the call is parked again. */
    hold(handle: string): void;
    /** The call is over. */
    forget(handle: string): void;
    /** Ends all that wait: the gateway closes. */
    close(): void;
}

// dist/ports.d.ts

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
export type RefusalReason = 'unauthenticated'
/** Answered exactly like a target that does not exist. */
 | 'forbidden'
/** Said plainly: the sender sees the target and may not use it in this way. */
 | 'denied' | 'insufficient-scope' | 'limited' | 'overloaded' | 'unknown-target' | 'content' | 'invalid-arguments' | 'unavailable' | 'isolated' | 'record-failed';
/** What a call is about: the server and thing that policy and limits speak of. */
export interface Target {
    readonly method: string;
    readonly kind: 'tool' | 'prompt' | 'resource' | 'template' | 'list' | 'session' | 'completion' | 'subscription' | 'logging' | 'task'
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
export type Decide = (principal: Principal, target: Target, address: string | undefined, note?: (facts: Facts) => void) => Awaitable<Refusal | undefined>;
/**
 * Which of many targets a principal sees in lists and hears of, one answer for each. A port of its own beside {@link Decide}
 * because arguments are not known yet, and because a rule engine answers 500 questions at once in less than 500 calls.
 */
export type Sees = (principal: Principal, targets: readonly Target[], address: string | undefined) => Awaitable<readonly boolean[]>;
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
export type Take = (principal: Principal, target: Target, credentials: Credentials) => Awaitable<Refusal | Permit | undefined>;
/**
 * How many at once. Asked when everything is decided and before a server is: a slot, or a wait for one. `undefined` lets the
 * call pass. Nothing is asked for what the gateway answers itself, nor for streams that stay open.
 */
export type Enter = (principal: Principal, target: Target, credentials: Credentials, wait: Wait) => Awaitable<Refusal | Slot | undefined>;
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
export type OpenStream = (principal: Principal, credentials: Credentials, server: string | undefined) => Refusal | OpenedStream | undefined;
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
export declare function isRefusal(value: unknown): value is Refusal;

// dist/stream-place.d.ts

/** The place of one response among the streams that are open: taken once, however often it is asked for, and given back once. */
export declare class StreamPlace {
    #private;
    private constructor();
    /** @returns undefined where nobody counts streams */
    static for(context: GatewayContext, principal: Principal, credentials: Credentials, server: string | undefined): StreamPlace | undefined;
    /** @returns the refusal where there are too many already, the same one each time */
    take(): Refusal | undefined;
    close(): void;
}

// dist/tasks/task-id.d.ts

/** A task of a server as the gateway knows it. */
export interface OwnTask {
    /** The configured name of the server. */
    readonly server: string;
    /** The server's own id of it. */
    readonly task: string;
    /** The tool that made it, by its server's name. */
    readonly tool: string;
}
/**
 * The id under which a client knows a task: the server and its own id, sealed for this principal (ext-tasks: "Servers MUST
 * authorize every task request"). Nothing is kept of it, so it is good as long as the server knows the task and the key of
 * `parked` is the same. Each call gives another text for one task.
 */
export declare function sealTask(seal: StateSeal, principal: Principal, { server, task, tool }: OwnTask): string;
/** The task behind an id; undefined for what was not given to this principal. */
export declare function openTask(seal: StateSeal, principal: Principal, id: unknown): OwnTask | undefined;

// dist/tasks/task-questions.d.ts

import type { JsonObject, ResponseView } from '@sekisho/protocol';
/** Whom a task asks. */
export interface TaskAsked {
    readonly principal: Principal;
    readonly credentials: Credentials;
    readonly capabilities: JsonObject;
}
/**
 * Questions of tasks that have passed the ports. A client polls, and a task shows a question as long as it is open: it counts
 * and is recorded when it is seen for the first time, and is the same text from then on. Whether it may be asked is decided
 * each time.
 */
export declare class TaskQuestions {
    #private;
    /**
     * @param requests raw JSON of `inputRequests`, decoded text
     * @returns the same as the client may see it; a refusal; or undefined where it is not sound, or not for this client
     */
    pass(requests: string, asked: TaskAsked, task: OwnTask, context: GatewayContext): Promise<string | Refusal | undefined>;
}
/** Whether a task shows questions. */
export declare function hasQuestions(view: ResponseView): boolean;
/** A task with its questions as the client may see them; what `pass` gives where they may not be seen. */
export declare function passTask(view: ResponseView, asked: TaskAsked, task: OwnTask, context: GatewayContext): Promise<ResponseView | Refusal | undefined>;

// dist/trace.d.ts

/** A caller's trace context, on its way to a server. Nobody has checked that it is true. */
export interface Trace {
    /** The same as HTTP headers: name, value, name, value. */
    readonly headers: readonly string[];
    /** What the caller sent as headers alone, to be put into `_meta`: raw JSON by key. */
    readonly meta: Readonly<Record<string, string>> | undefined;
}
/**
 * The trace context of a request (MCP 2026-07-28, basic/index, "_meta": the three names without prefix): from `_meta`, else from
 * the HTTP headers of the same names. It goes on in both places, in both eras. What stands in `_meta` stays there as it is; only
 * what has the shape that W3C gives it becomes a header.
 */
export declare function traceOf({ message, credentials }: Authenticated): Trace | undefined;

// dist/under-way.d.ts

export declare const INTERRUPTED = "The operator has broken this off; it may have run.";
/** A call that a server has not answered yet. */
export interface UnderWay extends Bagged {
    readonly principal: Principal;
    /** The configured name of the server. */
    readonly server: string;
    /** Answers its caller that it was broken off, and cancels it at its server. */
    interrupt(): void;
}

// dist/upstreams/calls.d.ts

import type { ResponseView } from '@sekisho/protocol';
import type { JsonObject, LargeResponse } from '@sekisho/protocol';
/** A call that waits for its answer. */
export interface OpenCall {
    readonly id: number;
    readonly out: Outgoing;
    readonly handler: CallHandler;
    deadline: Deadline | undefined;
    /** Questions of the server that wait for the client. */
    questions: number;
}
export interface CallTimes {
    readonly callMs: number;
    readonly maxCallMs: number;
}
/** The calls in flight on one conversation, by the ids of this hop. */
export declare class Calls {
    #private;
    constructor(deadlines: Deadlines, times: CallTimes);
    /** Calls of clients; the gateway's own do not count. */
    get size(): number;
    /**
     * The only call of a client in flight, if there is exactly one: what a transport without correlation may be attributed
     * to. The gateway's own requests do not count, nobody waits for messages of theirs.
     */
    only(): OpenCall | undefined;
    /** @param giveUp tells the server that nobody waits any more; called when the deadline passes */
    add(out: Outgoing, handler: CallHandler, giveUp: (call: OpenCall) => void): OpenCall;
    /** A call without end of its own, such as a listen: the deadline is taken off. */
    keepOpen(call: OpenCall): void;
    /** Gives a message to the subscription that it names. False where there is none. */
    subscribed(id: number, method: string, text: string): boolean;
    /** Takes the call out without an answer. Undefined where it was answered, failed or cancelled before. */
    take(id: number): OpenCall | undefined;
    /** A question that came without its call. */
    askUnclaimed(request: ServerRequest): void;
    /** Puts a question to the call it belongs to. The call's time stands still until it is answered. */
    ask(call: OpenCall, request: ServerRequest): void;
    answer(id: number, view: ResponseView): void;
    answerLarge(id: number, large: LargeResponse): void;
    fail(id: number, reason: UpstreamFailure): void;
    failAll(reason: UpstreamFailure): void;
    /** Gives progress to the caller whose token it bears; unknown tokens go nowhere. */
    progress(text: string): void;
}
/** Asks over a peer on the gateway's own behalf. Rejects with an {@link OpenError} that says what the server did. */
export declare function askRaw(peer: Pick<Peer, 'call'>, method: string, params: JsonObject, facts: CallerFacts): Promise<ResponseView>;
export declare function ask(peer: Pick<Peer, 'call'>, method: string, params: JsonObject, facts: CallerFacts): Promise<JsonObject>;
/** The parsed result of an answer. Throws an {@link OpenError} where it is an error. */
export declare function resultOf(view: ResponseView, method: string): JsonObject;

// dist/upstreams/connect.d.ts

import type { JsonObject } from '@sekisho/protocol';
export interface ConnectOptions {
    readonly identity: Identity;
    readonly starter: ProcessStarter;
    readonly deadlines: Deadlines;
    readonly times: CallTimes;
    readonly events: PeerEvents;
    readonly log: Log;
    /** A remembered verdict: `legacy` skips the probe. A wrong one shows itself when the server refuses. */
    readonly hint: 'legacy' | undefined;
    /** What a legacy server is told that its clients can be asked. */
    readonly capabilities: JsonObject;
    /** How long a process may be silent to the probe before it is asked in the legacy way too, milliseconds. */
    readonly silenceMs: number;
    /** Aborts the attempt; everything that was started is ended. */
    readonly signal: AbortSignal;
    /** Called when there is something to speak with: what came before was the starter's own business. */
    onLaunched(): void;
}
export interface Connection {
    readonly peer: DuplexPeer | HttpPeer;
    readonly verdict: Verdict;
    readonly pid: number | undefined;
    /** What the process last wrote on stderr. */
    stderrTail(): string;
    /** What would let the process live, where its starter knows. */
    remedy?(): string | undefined;
}
/** Opens a conversation with the server of a spec, whatever its transport and era. Rejects with an OpenError or StartFailure. */
export declare function connect(spec: UpstreamSpec, options: ConnectOptions): Promise<Connection>;
/** Adds to a failure what its process said, and what its starter makes of that. */
export declare function tellWords(error: unknown, words: {
    stderrTail(): string;
    remedy?(): string | undefined;
}): void;

// dist/upstreams/conversation.d.ts

import type { LogLevel } from '@sekisho/protocol';
export interface ConversationOptions {
    readonly identity: Identity;
    readonly deadlines: Deadlines;
    readonly times: CallTimes;
    /** The configured name of the server. */
    readonly server: string;
    readonly keeper: ListKeeper;
    readonly habits: Habits;
    /** Opens the same server once more, for calls of one client alone. Not asked where sessions share a connection. */
    openAgain(affinity: Affinity, onLost: () => void): Promise<Peer>;
    readonly log: Log;
    readonly now: () => number;
    /** What clients want news of from before. */
    readonly wanted: Wanted;
    onResourceUpdated(uri: string): void;
    /** A task tells of itself: the whole notification, a binary string. */
    onTask(text: string): void;
    /** The server speaks another era than the one it was opened in. */
    onEraChanged(): void;
}
/** What exists while a server is up: the way to it, the sessions kept on it, and what the gateway wants to hear from it. */
export declare class Conversation {
    #private;
    readonly connection: Connection;
    /** When it was last asked something, by the gateway's clock. */
    usedMs: number;
    constructor(connection: Connection, options: ConversationOptions);
    get peer(): Peer;
    /** What clients want news of. */
    get wanted(): Wanted;
    /** Calls of clients that wait for an answer. */
    get inFlight(): number;
    /** Begins to listen for news. */
    open(): Promise<void>;
    send(out: Outgoing, handler: CallHandler, affinity: Affinity | undefined): () => void;
    subscribe(uri: string): Promise<void>;
    unsubscribe(uri: string): void;
    watchTask(task: string): Promise<void>;
    unwatchTask(task: string): void;
    /**
     * A legacy server's log level is one for all: it is set to the most verbose that anybody wants, and the gateway picks out
     * what each caller asked for.
     * @returns undefined where nothing had to be asked
     */
    wantLogLevel(level: LogLevel): Promise<void> | undefined;
    notify(method: string, params: string | undefined, affinity: Affinity): void;
    dropAffinity(key: string): void;
    /** The server says something that belongs to no call. */
    heard(method: string, text: string): void;
    /** Something said that the server may have changed its era: it is asked, at most every ten seconds. */
    doubtEra(): void;
    /**
     * Whether an HTTP server still speaks the era it was opened in. Asked beside the conversation, which goes on meanwhile; no
     * answer is no evidence.
     */
    keepsEra(): Promise<boolean>;
    /** The server forgot its session and has a new one: clients see nothing of it, but their subscriptions are made again. */
    reopened(): Promise<void>;
    /** Waits until nothing is in flight, but not for ever. */
    drain(): Promise<void>;
    close(): Promise<void>;
}

// dist/upstreams/deadlines.d.ts

/** One waiting call. */
export interface Deadline extends Bagged {
    dueMs: number;
    readonly lastMs: number;
    readonly spanMs: number;
    readonly expire: () => void;
}
/**
 * Deadlines of many calls on one coarse timer: a timer for each call costs more than the call's own routing.
 * Granularity: `tickMs`. The timer runs only while something waits and never keeps the process alive.
 */
export declare class Deadlines {
    #private;
    constructor(now: () => number, tickMs?: number);
    /**
     * @param spanMs time without progress
     * @param maxMs time in all, whatever progress is made
     */
    add(spanMs: number, maxMs: number, expire: () => void): Deadline;
    /** Progress was made: the span begins anew, the maximum stays. */
    extend(deadline: Deadline): void;
    /** Somebody else is waited for: this much time from now; the maximum stays. */
    defer(deadline: Deadline, spanMs: number): void;
    remove(deadline: Deadline): void;
    close(): void;
}

// dist/upstreams/duplex-peer.d.ts

import type { JsonObject } from '@sekisho/protocol';
/** A two-way line to a server: a process's pipes, or the deprecated HTTP+SSE transport. */
export interface DuplexLink {
    send(text: string): void | Promise<void>;
    close(): Promise<void>;
}
export interface DuplexPeerOptions {
    readonly deadlines: Deadlines;
    readonly times: CallTimes;
    readonly events: PeerEvents;
    readonly facts: CallerFacts;
}
/**
 * A conversation over one two-way line, in either era. Answers are told apart by id, progress by token. Nothing on such a
 * line says which call a log message or a question belongs to: it is given to a call only where no other can be meant.
 */
export declare class DuplexPeer implements Peer {
    #private;
    opened: Opened;
    constructor(options: DuplexPeerOptions);
    /** The line is up. Bytes that arrive before are impossible: nothing was sent. */
    attach(link: DuplexLink): void;
    /** Calls in flight, for idle stop. */
    get inFlight(): number;
    call(out: Outgoing, handler: CallHandler): () => void;
    notify(method: string, params?: string): void;
    ask(method: string, params: JsonObject, facts?: CallerFacts): Promise<JsonObject>;
    askRaw(method: string, params: JsonObject): ReturnType<Peer['askRaw']>;
    close(): Promise<void>;
    /** The line is gone: every call in flight gets an error, none hangs. */
    lost(reason: UpstreamFailure): void;
    receive(bytes: Buffer): void;
}

// dist/upstreams/failure.d.ts

/** Why an upstream gave no answer. A value: a failed call is an ordinary outcome of routing. */
export interface UpstreamFailure {
    readonly code: UpstreamFailureCode;
    /** For log and status, never for a client. */
    readonly detail: string;
    /** Whether the call may have run: such a call is never made again. */
    readonly sent: boolean;
    /** HTTP status of the refusal, where there was one. */
    readonly status?: number;
}
export type UpstreamFailureCode = 'ERR_UPSTREAM_UNAVAILABLE' | 'ERR_UPSTREAM_CRASHED' | 'ERR_UPSTREAM_TIMEOUT' | 'ERR_UPSTREAM_CLOSED' | 'ERR_UPSTREAM_REFUSED' | 'ERR_UPSTREAM_INVALID' | 'ERR_UPSTREAM_SESSION' | 'ERR_UPSTREAM_TOO_LARGE';
export declare function failure(code: UpstreamFailureCode, detail: string, sent: boolean, status?: number): UpstreamFailure;
/** An upstream could not be opened; `remedy` tells the operator what to do. */
export declare class OpenError extends Error {
    readonly code: string;
    readonly remedy: string | undefined;
    /** Trying again soon cannot help: the configuration has to change first. */
    readonly permanent: boolean;
    readonly status: number | undefined;
    constructor(code: string, message: string, options?: {
        remedy?: string | undefined;
        permanent?: boolean;
        cause?: unknown;
        status?: number | undefined;
    });
}

// dist/upstreams/habits.d.ts

/**
 * What a legacy server's calls were seen to do: which of its things ask in the middle of a call, and whether its transport
 * says to which call a question belongs. Learned while it is used, kept over its restarts, lost with the gateway: a wrong
 * memory costs time, never a question in the wrong place.
 */
export declare class Habits {
    #private;
    /** Questions come with the calls they belong to, and never without. */
    correlated: boolean;
    /** It has asked before. */
    asks(out: Outgoing): boolean;
    /** It has answered, to somebody who could be asked, without asking. */
    isPlain(out: Outgoing): boolean;
    /** @param related whether the question came with its call */
    asked(out: Outgoing, related: boolean): void;
    answered(out: Outgoing): void;
}

// dist/upstreams/http-peer.d.ts

import type { JsonObject } from '@sekisho/protocol';
export interface HttpPeerOptions {
    readonly link: HttpLink;
    readonly deadlines: Deadlines;
    readonly times: CallTimes;
    readonly events: PeerEvents;
    readonly facts: CallerFacts;
    /** Opens a new session with the same server after it forgot this one; sets `opened` and `sessionId` anew. */
    reopen(peer: HttpPeer): Promise<void>;
    /** Whether closing this peer closes the link as well; false for sessions that share one. Default true. */
    readonly ownsLink?: boolean;
}
/** A conversation over Streamable HTTP, in either era. Each call is one POST and hears what comes on that POST's answer. */
export declare class HttpPeer implements Peer, PostOwner {
    #private;
    opened: Opened;
    sessionId: string | undefined;
    constructor(options: HttpPeerOptions);
    /** The connections to the server, for further conversations with it. */
    get link(): HttpLink;
    /** A question that came on the stream of news: for the one call that can be meant. */
    askUnclaimed(request: ServerRequest): void;
    get inFlight(): number;
    call(out: Outgoing, handler: CallHandler): () => void;
    notify(method: string, params?: string): void;
    ask(method: string, params: JsonObject, facts?: CallerFacts): Promise<JsonObject>;
    askRaw(method: string, params: JsonObject): ReturnType<Peer['askRaw']>;
    close(): Promise<void>;
    /** Listens for what the server says of its own accord (legacy). A server without such a stream answers 405, once. */
    openStream(retryMs?: number): void;
}

// dist/upstreams/http/address-guard.d.ts

import { type LookupAddress, type LookupAllOptions } from 'node:dns';
/** All addresses of a name, in the manner of `dns.lookup` with `all: true`. */
export type LookupAll = (hostname: string, options: LookupAllOptions, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;
/** Whether an address is not a plain public one. What is no address at all is not public either. */
export declare function isPrivateAddress(address: string): boolean;
export declare class AddressRefused extends Error {
    readonly code = "ERR_ADDRESS_REFUSED";
}
/** Both forms in which `net.connect` may ask. */
type Answer = (error: Error | null, address: string | LookupAddress[], family?: number) => void;
/**
 * A look-up for `net.connect` that refuses private addresses. The socket connects to what is returned here and asks
 * nobody again, so a name that changes its answer in between gains nothing (GW-22). One bad address refuses the name:
 * which of several is dialled is not ours to say.
 */
export declare function guardedLookup(lookup?: LookupAll): (hostname: string, options: {
    all?: boolean | undefined;
}, callback: Answer) => void;
export {};

// dist/upstreams/http/deadline-sweep.d.ts

/** Something that must be over by a certain time. */
export interface Timed extends Bagged {
    /** By the clock of the sweep, in milliseconds; 0 for never. */
    deadlineAt: number;
    expire(): void;
}
export interface DeadlineSweep<T extends Timed> {
    add: (item: T) => void;
    delete: (item: T) => void;
    /** All that was added and not deleted, as it is now. */
    items: () => T[];
}
/** One timer for all requests of a link: a timer for each would cost more than the rest of a small request's bookkeeping. */
export declare function createDeadlineSweep<T extends Timed>(now: () => number, everyMs: number): DeadlineSweep<T>;

// dist/upstreams/http/exchange.d.ts

import type { Dispatcher } from 'undici';
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];
/** Holds back an answer that comes faster than it can be passed on. What has been read already still arrives. */
export interface Flow {
    pause(): void;
    resume(): void;
}
/**
 * Hears of one request. After `onEnd` or `onError`, of which there is one exactly, and after the abort function was
 * called by the handler's owner and has returned, nothing more comes. What a handler throws ends the exchange.
 */
export interface PostHandler {
    /** The head of the answer. `header` takes a name in small letters. */
    onHead(status: number, header: (name: string) => string | undefined, kind: BodyKind, flow: Flow): void;
    /**
     * A whole JSON body; or the data of one event with the last event id, empty for an event that has an id only; or
     * up to 64 KiB of any other body. The buffer may be kept.
     */
    onMessage(bytes: Buffer, eventId?: string): void;
    /** The pause that the server wishes before a reconnection, in milliseconds. */
    onRetry?(ms: number): void;
    /** An event under another name than `message`: no message of today's transports, and by default ignored. */
    onNamedEvent?(name: string, data: Buffer): void;
    onEnd(): void;
    onError(error: LinkError): void;
}
export interface ExchangeRules {
    now: () => number;
    maxMessageBytes: number;
    /** How long a body that is not a stream may take from its head on, in milliseconds; 0 for ever. */
    bodyTimeoutMs: number;
    /** Called once when the exchange is over. */
    onOver: (exchange: Exchange) => void;
}
/** How much of a body that is neither JSON nor events is shown: enough to know an error by. */
export declare const OTHER_BODY_BYTES: number;
/** One request and its answer, as undici's dispatch handler: no stream, no promise and no timer of its own. */
export declare class Exchange implements Dispatcher.DispatchHandler, Timed {
    #private;
    deadlineAt: number;
    slot: number;
    constructor(handler: PostHandler, rules: ExchangeRules, deadlineAt: number);
    abort(): void;
    expire(): void;
    fail(code: LinkErrorCode, message: string): void;
    onRequestStart(controller: Dispatcher.DispatchController): void;
    onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void;
    onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void;
    onResponseEnd(): void;
    onResponseError(_controller: Dispatcher.DispatchController, error: Error): void;
}
export {};

// dist/upstreams/http/http-link.d.ts

export type { PostHandler } from './exchange.ts';
export { LinkError } from './link-error.ts';
export interface HttpLinkOptions {
    /** `http:` or `https:`, without user name and password. */
    url: URL | string;
    /** Sent with every request; a header of the request itself goes before one of these. */
    headers?: Readonly<Record<string, string>>;
    /** How many calls are on their way at once; more wait. Streams do not count. Default 128, 1 to 65,536. */
    connections?: number;
    /** Longest wait for a connection, in milliseconds. Default 10,000. */
    connectTimeoutMs?: number;
    /** Longest wait from `post` to the head of the answer, in milliseconds, to a second or so. Default 300,000; 0: none. */
    headersTimeoutMs?: number;
    /** Longest time that a body which is no stream may take from its head on, in milliseconds. Default 120,000; 0: none. */
    bodyTimeoutMs?: number;
    /** Longest JSON body and longest event, in bytes. Default 64 MiB. */
    maxMessageBytes?: number;
    /** Certificates in PEM that are trusted for this upstream besides the public ones. */
    ca?: string | readonly string[];
    /** False refuses addresses that are not public, at every connection anew. Default true: operators write local URLs. */
    allowPrivateAddresses?: boolean;
    /** Finds the addresses of a name. Default: the system's. */
    lookup?: LookupAll;
    /** A clock in milliseconds. Default `performance.now`. */
    now?: () => number;
}
/**
 * Calls share a bounded pool. What answers the server, or listens for hours, goes beside them: a hundred calls that
 * wait for an answer of ours would otherwise hold the very connections that the answer needs. Calls that may have to wait
 * for a person have a larger pool of their own, so that those who wait keep nobody else from calling.
 */
export type Lane = 'call' | 'side' | 'asking';
export interface HttpLink {
    /** Send one message. Returns the function that gives it up: the handler then hears `ERR_UPSTREAM_ABORTED` at once. */
    post(body: string | Uint8Array, headers: readonly string[], handler: PostHandler, lane?: Lane): () => void;
    /** Listen with GET. There is no limit for its head: some servers send that with the first event only. */
    openStream(headers: readonly string[], handler: PostHandler): () => void;
    /** Resolves with the status; rejects with a `LinkError`. */
    delete(headers: readonly string[]): Promise<number>;
    /** End all that is under way (its handlers hear `ERR_UPSTREAM_CLOSED`) and close all connections. */
    close(): Promise<void>;
}
/** Moves messages to one URL and back over HTTP/1.1. It follows no redirect, repeats no request and decodes nothing. */
export declare function createHttpLink(options: HttpLinkOptions): HttpLink;
/** The URL as it will be dialled: the parser has turned decimal and octal spellings of an address into the usual one. */
export declare function checkUrl(given: URL | string): URL;

// dist/upstreams/http/link-error.d.ts

export type LinkErrorCode = 'ERR_UPSTREAM_CONNECT' | 'ERR_UPSTREAM_TIMEOUT' | 'ERR_UPSTREAM_CLOSED' | 'ERR_UPSTREAM_TOO_LARGE' | 'ERR_UPSTREAM_TLS' | 'ERR_UPSTREAM_PROTOCOL' | 'ERR_UPSTREAM_ABORTED';
/** What went wrong between us and an upstream. The message names no address and no content: the cause may. */
export declare class LinkError extends Error {
    readonly name = "LinkError";
    readonly code: LinkErrorCode;
    /** True: the server may have read the request and acted on it, so it must not be sent again. */
    readonly sent: boolean;
    /** The HTTP status, where that is what was wrong. */
    readonly status: number | undefined;
    constructor(code: LinkErrorCode, message: string, options: {
        sent: boolean;
        cause?: unknown;
        status?: number;
    });
}
/** Give an error of the HTTP client our name for it. */
export declare function toLinkError(cause: unknown, sent: boolean): LinkError;

// dist/upstreams/http/media-kind.d.ts

/** What the body of an answer is, as far as the framing cares. */
export type BodyKind = 'json' | 'sse' | 'none' | 'other';
/** Tell from the head what comes. `none`: nothing that could be a message. */
export declare function bodyKind(status: number, contentType: string | undefined, contentLength: string | undefined): BodyKind;

// dist/upstreams/incoming.d.ts

import type { LargeResponse, ResponseView } from '@sekisho/protocol';
/** A message of a server, told apart without parsing what need not be parsed. */
export type Incoming = {
    readonly kind: 'response';
    readonly view: ResponseView;
    readonly id: number | undefined;
} | {
    readonly kind: 'large';
    readonly large: LargeResponse;
    readonly id: number | undefined;
} | {
    readonly kind: 'notification';
    readonly method: string;
    readonly text: string;
} | {
    readonly kind: 'request';
    readonly method: string;
    readonly idText: string;
    readonly text: string;
} | {
    readonly kind: 'error';
    readonly text: string;
} | {
    readonly kind: 'noise';
    readonly text: string;
};
/** Messages in one frame: one, or the elements of a 2025-03-26 batch. */
export declare function readIncoming(bytes: Buffer): Incoming[];
/** The progress token of a `notifications/progress`, as the integer that we gave; undefined for others. */
export declare function progressTokenOf(text: string): number | undefined;
/** The same notification under the caller's own token. */
export declare function withProgressToken(text: string, token: string): string;

// dist/upstreams/items.d.ts

/** One of an upstream's lists as it was last read. */
export interface ItemList {
    readonly items: readonly Item[];
    readonly refused: readonly RefusedItem[];
    /** The caching hints of the list (server/utilities/caching): the shortest `ttlMs` of its pages; private if any page is. */
    readonly ttlMs: number;
    readonly isPrivate: boolean;
    /** When it was read, by the gateway's clock. */
    readonly atMs: number;
    /** Members of the result that the gateway does not know, raw JSON by key; binary strings. */
    readonly extras: Readonly<Record<string, string>>;
    /** Why the list could not be read; its items are then those of the last time it could. */
    readonly error?: string;
}
export type ItemLists = Readonly<Record<ItemKind, ItemList>>;
export declare const KINDS: readonly ["tool", "prompt", "resource", "template"];
export declare const EMPTY_LIST: ItemList;
export declare const EMPTY_LISTS: ItemLists;
/** Names that the operator shows or leaves out. */
export interface NameFilter {
    readonly include?: readonly string[];
    readonly exclude?: readonly string[];
}
/** Reads one list of a server, all pages. Rejects with an OpenError where the server does not give it. */
export declare function loadList(peer: Peer, kind: ItemKind, server: string, filter: NameFilter | undefined, nowMs: number): Promise<ItemList>;
/** Lists as they are remembered between runs: raw items by kind. */
export interface RememberedLists {
    readonly tool: readonly string[];
    readonly prompt: readonly string[];
    readonly resource: readonly string[];
    readonly template: readonly string[];
}
export declare function toRemembered(lists: ItemLists): RememberedLists;
export declare function fromRemembered(remembered: RememberedLists, server: string, filter: NameFilter | undefined): ItemLists;
/** Whether two readings of a list say the same. */
export declare function sameList(a: ItemList, b: ItemList): boolean;
/** The instructions and identity that a server gave, for the log and the status. */
export declare function serverInfoOf(info: unknown): {
    name: string;
    version: string;
} | undefined;

// dist/upstreams/list-keeper.d.ts

export interface ListKeeperOptions {
    readonly spec: UpstreamSpec;
    readonly now: () => number;
    readonly log: Log;
    /** The peer to ask, while the server is up. */
    peer(): Peer | undefined;
    /** A list says something else than before. */
    onChange(): void;
}
/** The lists of one server: read when it comes up, read again when they change, kept when it cannot be asked. */
export declare class ListKeeper {
    #private;
    lists: ItemLists;
    constructor(options: ListKeeperOptions, remembered: Remembered | undefined);
    /** What is wrong with a list that could not be read. */
    get problem(): UpstreamProblem | undefined;
    loadAll(peer: Peer): Promise<void>;
    /** Reads lists again that may have changed without a word. Returns at once. */
    refreshIfStale(): void;
    /** Reads one list now. */
    refresh(kind: ItemKind): Promise<void>;
    /** The server said, or may have forgotten to say, that a list changed: read it again, once for a burst of such news. */
    changed(...kinds: readonly ItemKind[]): void;
    close(): void;
}

// dist/upstreams/memory.d.ts

import type { Era } from '@sekisho/protocol';
/** What is remembered of one server between runs. */
export interface Remembered {
    readonly lists: RememberedLists;
    readonly opened: Opened;
    /** A verdict that may be trusted for a while. */
    readonly era?: Era;
}
/** Remembers servers, so that a catalogue can answer before they have started. */
export interface Memory {
    recall(spec: UpstreamSpec): Remembered | undefined;
    remember(spec: UpstreamSpec, remembered: Remembered): void;
    /** `legacy` where the probe may be skipped. A stale verdict would last for ever unseen, so it expires. */
    eraHint(spec: UpstreamSpec): 'legacy' | undefined;
    /** The verdict on its era was wrong: the next time it is asked. */
    forget(spec: UpstreamSpec): void;
}
/** Remembers nothing beyond the process, but era verdicts within it. */
export declare function volatileMemory(): Memory;
/**
 * Remembers in one file for each server, named by a hash of its whole specification: another command, URL, environment or
 * header is another server. Files are readable by the owner only. A file that cannot be read counts as nothing remembered.
 *
 * @param folder made if it does not exist
 */
export declare function fileMemory(folder: string, now?: () => number): Memory;

// dist/upstreams/open.d.ts

import type { JsonObject, ResponseView } from '@sekisho/protocol';
/**
 * What the gateway declares where its clients are not known yet. A server decides by it what it offers, so the lists are
 * whole; whom it asks in the middle of a call is decided call by call, by what that call's client has declared.
 */
export declare const ASKABLE: JsonObject;
/** What a probe says of a server's era; `sure` verdicts may be remembered. */
export type Verdict = {
    readonly era: 'modern';
    readonly revision: string;
    readonly opened: Opened | undefined;
    readonly sure: boolean;
} | {
    readonly era: 'legacy';
    readonly sure: boolean;
};
/**
 * What the answer to `server/discover` proves (MCP 2026-07-28, basic/versioning and basic/transports, "Backward
 * Compatibility"). A clean answer alone proves nothing: it must list a revision of the modern era that we speak.
 */
export declare function judgeProbe(view: ResponseView): Verdict;
/** Opens a legacy session on a peer: `initialize` with these capabilities, then `notifications/initialized`. */
export declare function initialize(peer: DuplexPeer | HttpPeer, capabilities: JsonObject, identity: Identity): Promise<void>;
/**
 * Opens a line whose server may be of either era: `server/discover` first, `initialize` when the answer says legacy or when
 * there is silence. A late answer to the probe still counts, so a slow modern server is not taken for a legacy one.
 *
 * @param silenceMs how long to wait for the probe's answer before asking in the legacy way as well
 */
export declare function openDuplex(peer: DuplexPeer, identity: Identity, options: {
    hint?: 'legacy' | undefined;
    silenceMs: number;
    capabilities: JsonObject;
}): Promise<Verdict>;
/** Opens Streamable HTTP in whichever era the server speaks. Throws an {@link OpenError} that tells refusals apart. */
export declare function openHttp(peer: HttpPeer, identity: Identity, { hint, capabilities }: {
    hint: 'legacy' | undefined;
    capabilities: JsonObject;
}): Promise<Verdict>;
/** Which era an HTTP server speaks now. Rejects where its answer is no evidence. */
export declare function probeHttp(peer: HttpPeer): Promise<Verdict>;
/** True where `initialize` was answered the way only a server of the deprecated HTTP+SSE transport answers a POST. */
export declare function suggestsSse(error: unknown): boolean;
/** Facts the gateway states about itself when it asks on its own behalf. */
export declare function factsOf(identity: Identity): CallerFacts;

// dist/upstreams/outgoing.d.ts

import type { ArgumentsSource, Era, HeaderParam, JsonObject, LogLevel, Member, MemberChanges } from '@sekisho/protocol';
/** Where the `params` of a message stand, and their members. */
export interface ParamsSource {
    readonly text: string;
    readonly start: number;
    readonly end: number;
    readonly members: readonly Member[];
}
/** The `params` of a request that the gateway makes itself. */
export declare function ownParams(params: JsonObject): ParamsSource;
/** A request on its way to an upstream: the caller's own text, and what has to change in it. */
export interface Outgoing {
    /** Made by the gateway for itself and not for a client. */
    readonly own?: boolean;
    readonly method: string;
    /** The caller's message and where its `params` begin; undefined for the gateway's own requests. */
    readonly source: ParamsSource | undefined;
    /** Raw JSON of members of `params` to replace, add or (undefined) take out. */
    readonly changes: MemberChanges;
    readonly caller: CallerFacts;
    /** The revision whose envelope the caller's own `_meta` already is, where nothing in it has to change. */
    readonly keepsMeta?: string | undefined;
    /** The caller asked for progress: raw JSON of its token. */
    readonly progressToken: string | undefined;
    /** What `Mcp-Name` says on the upstream hop: the upstream's own name or URI. */
    readonly name: string | undefined;
    readonly headerParams?: readonly HeaderParam[] | undefined;
    /** The arguments as they are sent, for the headers that repeat them. */
    readonly arguments?: ArgumentsSource | undefined;
    /** The caller's trace context. */
    readonly trace?: Trace | undefined;
}
/** What is passed on about a caller. */
export interface CallerFacts {
    readonly era: Era;
    /** The client's capabilities as far as the gateway can relay them. */
    readonly capabilities: JsonObject;
    readonly clientInfo: JsonObject | undefined;
    readonly logLevel: LogLevel | undefined;
}
/** Who the gateway says it is where it speaks for itself. */
export interface Identity {
    readonly name: string;
    readonly version: string;
}
/**
 * The request's JSON for one hop. Members that are not named in `changes` keep their very bytes; the members of `_meta` that
 * describe the client's hop come off and the gateway's own go on.
 */
export declare function renderRequest(out: Outgoing, id: number, era: Era, revision: string): string;

// dist/upstreams/peer.d.ts

import type { Era, JsonObject, LargeResponse, ResponseView } from '@sekisho/protocol';
/** What a server said of itself when the conversation was opened. */
export interface Opened {
    readonly era: Era;
    readonly revision: string;
    readonly capabilities: JsonObject;
    readonly serverInfo: JsonObject | undefined;
    readonly instructions: string | undefined;
    /** Milliseconds for which a modern server's discovery may be kept. */
    readonly ttlMs: number;
}
/** What a call hears. Exactly one of `answer` and `fail` comes, once, and nothing after it. Texts are binary strings. */
export interface CallHandler {
    /** The call is given to the server's connection; until then nobody but the gateway has seen it. */
    sending?(): void;
    answer(response: ResponseView): void;
    /** A large answer in its own bytes. Without this, it comes as text to `answer`. */
    readonly answerLarge?: ((response: LargeResponse) => void) | undefined;
    fail(failure: UpstreamFailure): void;
    /** A notification that belongs to this call: progress (its token already the caller's) or a log message. */
    notify(method: string, text: string): void;
    /** The server closed the stream of this call and goes on working; the call is taken up again by itself. */
    pause?(): void;
    /** Whom a question of this call would be put to, where that is known before: calls with the same one ask the same user. */
    readonly party?: object | undefined;
    /** A request of the server in the middle of this call. Without a handler it is refused. */
    readonly ask?: ((request: ServerRequest) => void) | undefined;
}
/** A request from a server (legacy eras only). */
export interface ServerRequest {
    readonly method: string;
    /** Raw JSON of the whole message, a binary string. */
    readonly text: string;
    readonly idText: string;
    /** It came on the answer to the call that it belongs to. */
    readonly related?: boolean;
    /** Sends the client's answer back: raw JSON of `"result":...` or `"error":...`, decoded text. */
    respond(body: string): void;
}
/** The answer to a question when no client is there to be asked. */
export declare function refuseQuestion(request: ServerRequest): void;
export interface PeerEvents {
    /** A notification that belongs to no call. */
    onNotification(method: string, text: string): void;
    /** A request that belongs to no call. */
    onRequest(request: ServerRequest): void;
    /** The conversation is over: process gone, connection closed for good. Calls in flight have failed already. */
    onLost(failure: UpstreamFailure): void;
    /** The server forgot the session and a new one was opened. */
    onReopened(): void;
}
/** One open conversation with a server: ids, progress tokens and deadlines of this hop are its own. */
export interface Peer {
    readonly opened: Opened;
    /** @returns cancels the call; the handler then hears nothing more */
    call(out: Outgoing, handler: CallHandler): () => void;
    /** Sends a notification. */
    notify(method: string, params?: string): void;
    /** Asks on the gateway's own behalf and resolves with the parsed result. Rejects with OpenError. */
    ask(method: string, params: JsonObject, facts?: CallerFacts): Promise<JsonObject>;
    /** The same, with the answer's raw text. */
    askRaw(method: string, params: JsonObject): Promise<ResponseView>;
    close(): Promise<void>;
}

// dist/upstreams/post.d.ts

/** Whose POST it is: told what comes on its answer, and when that is over. */
export interface PostOwner {
    sessionId: string | undefined;
    readonly opened: Opened;
    take(message: Incoming, post: Post): void;
    over(post: Post, error: LinkError | undefined): void;
}
/** One POST and what comes back on it; the link tells it, it tells its peer. */
export declare class Post implements PostHandler {
    #private;
    readonly call: OpenCall;
    status: number;
    abort: (() => void) | undefined;
    resumes: number;
    lastEventId: string | undefined;
    retryMs: number;
    /** Whether the call may be sent once more after the server said that it does not know the session. */
    again: boolean;
    timer: NodeJS.Timeout | undefined;
    constructor(call: OpenCall, peer: PostOwner);
    onHead(status: number, header: (name: string) => string | undefined): void;
    onMessage(bytes: Buffer, eventId?: string): void;
    onRetry(ms: number): void;
    onEnd(): void;
    onError(error: LinkError): void;
}
/** What a status without a JSON-RPC answer means. A refusal before execution is known not to have run. */
export declare function refusedWith(status: number): UpstreamFailure;

// dist/upstreams/sessions.d.ts

import type { JsonObject, LogLevel } from '@sekisho/protocol';
/**
 * Whose conversation a call belongs to. A legacy server keeps state in its session, and its capabilities are fixed when it
 * is opened; so principals do not share one, and a client that can be asked things has its own.
 */
export interface Affinity {
    /** Principal, and the client's session where it can be asked. */
    readonly key: string;
    /** What the client declared, as far as it can be relayed. */
    readonly capabilities: JsonObject;
    /** A question of the server that belongs to no call. */
    onRequest?(request: ServerRequest, server: string): void;
    /** News of the server that belong to no call. */
    onNotification?(method: string, text: string, server: string): void;
}
export interface SessionsOptions {
    readonly identity: Identity;
    readonly deadlines: Deadlines;
    readonly times: CallTimes;
    /** The configured name of the server. */
    readonly server: string;
    onNotification(method: string, text: string): void;
}
/** The conversations with one legacy HTTP server that are kept for one client or principal each. */
export declare class Sessions {
    #private;
    constructor(options: SessionsOptions);
    /** The peer for a call, or undefined where the server's one conversation serves all: processes, and modern servers. */
    peerFor(affinity: Affinity, main: Peer): Peer | Promise<Peer> | undefined;
    /** Calls of clients that wait for an answer. */
    get inFlight(): number;
    find(affinity: Affinity): Peer | undefined;
    /** Sets the log level of the main conversation and of every kept one, and of those that are opened later. */
    setLogLevel(main: Peer, level: LogLevel): Promise<void>;
    drop(key: string): void;
    close(): Promise<void>;
    /** Opens another session with the server of `main`, which nothing keeps but the caller. */
    open(affinity: Affinity, main: HttpPeer, onLost: () => void): Promise<HttpPeer>;
}

// dist/upstreams/spec.d.ts

/** One MCP server behind the gateway, as the operator wrote it. */
export type UpstreamSpec = UpstreamCommon & (StdioSpec | HttpSpec);
interface UpstreamCommon {
    /** Unique among the upstreams; the prefix of its tools and the last part of `/mcp/<name>`. */
    readonly name: string;
    /** Default true. A disabled server is shown in the status and never started. */
    readonly enabled?: boolean;
    /** Whether the server's instructions are passed on. Default true. */
    readonly instructions?: boolean;
    /** Names to show, or to leave out (which wins). A convenience, not policy. Default: all. */
    readonly tools?: {
        readonly include?: readonly string[];
        readonly exclude?: readonly string[];
    };
    readonly timeouts?: {
        /** From launch to the end of the handshake, milliseconds. Default 60,000; range 100 to 600,000. */
        readonly startMs?: number;
        /** For one call without progress, milliseconds. Default 120,000; range 100 to 3,600,000. */
        readonly callMs?: number;
        /** Stop the process when nothing was asked of it for so long, milliseconds. Default 0: never. */
        readonly idleMs?: number;
    };
}
export interface StdioSpec {
    readonly kind: 'stdio';
    readonly command: string;
    readonly args: readonly string[];
    /** The whole environment of the process; nothing is inherited. */
    readonly env: Readonly<Record<string, string>>;
    readonly cwd?: string;
    /**
     * For the process starter alone, such as what a box allows; handed through unread, as JSON. It is part of the
     * specification: a server whose box changes is another server, and is started anew.
     */
    readonly launch?: Readonly<Record<string, unknown>>;
}
export interface HttpSpec {
    readonly kind: 'http';
    readonly url: string;
    /** `auto` tries Streamable HTTP and falls back to the deprecated HTTP+SSE as the specification says. */
    readonly transport: 'auto' | 'streamable-http' | 'sse';
    readonly headers: Readonly<Record<string, string>>;
}
/** Where an upstream stands. */
export type UpstreamState = 'disabled' | 'stopped' | 'starting' | 'ready' | 'idle' | 'backoff' | 'failed';
/** What is wrong with an upstream, for the operator. */
export interface UpstreamProblem {
    readonly code: string;
    readonly message: string;
    readonly remedy?: string;
    readonly stderrTail?: string;
}
/** A name that two things claim, and who was refused it. */
export interface RefusedItem {
    readonly kind: 'tool' | 'prompt' | 'resource' | 'template';
    readonly name: string;
    readonly reason: string;
}
export interface UpstreamStatus {
    readonly name: string;
    readonly kind: 'stdio' | 'http';
    readonly state: UpstreamState;
    readonly era?: 'modern' | 'legacy';
    readonly revision?: string;
    readonly serverInfo?: {
        readonly name: string;
        readonly version: string;
    };
    readonly counts?: {
        readonly tools: number;
        readonly prompts: number;
        readonly resources: number;
        readonly templates: number;
    };
    readonly error?: UpstreamProblem;
    readonly pid?: number;
    /** When it came into this state, milliseconds since 1970. */
    readonly sinceMs: number;
    readonly restarts: number;
    readonly refused: readonly RefusedItem[];
}
export {};

// dist/upstreams/stdio/plain-process.d.ts

export interface PlainProcessOptions {
    /** How long a server may take to end by itself once its input has ended, in milliseconds. Default 500, 0 to 60,000. */
    stdinMs?: number;
    /** How long SIGTERM may take before SIGKILL follows, in milliseconds. Default 2,000, 0 to 60,000. */
    termMs?: number;
    /**
     * Linux only: let the kernel kill the started process when ours is killed. Default false: the end of its input tells
     * it. Needs `setpriv` of util-linux, and must not be used from a worker thread, whose end would count as ours.
     */
    parentDeathGuard?: boolean;
}
/** Kill at once all that the starters of this module have running. Synchronous, for `process.on('exit', killAllNow)`. */
export declare function killAllNow(): void;
/**
 * Starts servers as plain children: an own process group, no shell, exactly the given environment and one marker more.
 * It confines nothing: the child can do what the gateway's user can do.
 */
export declare function plainProcessStarter(options?: PlainProcessOptions): ProcessStarter;

// dist/upstreams/stdio/process.d.ts

import type { Readable, Writable } from 'node:stream';
/** What to run. No shell reads any of it. */
export interface ProcessSpec {
    /** The name of the upstream, for messages. */
    name: string;
    command: string;
    args: readonly string[];
    /** The whole environment of the child: nothing of the gateway's own environment is added. */
    env: Readonly<Record<string, string>>;
    cwd?: string;
    /** What the starter alone understands, from `StdioSpec.launch`. */
    launch?: Readonly<Record<string, unknown>>;
}
export interface StartedProcess {
    pid?: number;
    stdin: Writable;
    stdout: Readable;
    stderr: Readable;
    /** Resolves when the process itself has ended; never rejects. */
    exited: Promise<{
        code: number | null;
        signal: string | null;
    }>;
    /** End the process and all that came from it; resolves when they are gone. May be called again, never rejects. */
    kill(): Promise<void>;
    /** Asked when it did not come up or ended: what the operator can do, where the starter knows why. Gets its last words. */
    remedy?(stderrTail: string): string | undefined;
}
/**
 * The port: plain child processes here, the sandbox elsewhere. Failures to start are a `StartFailure`, or an error with a
 * `code`, a `remedy` and perhaps `permanent`. A starter may take its time to prepare; when the signal aborts it gives up.
 */
export interface ProcessStarter {
    start(spec: ProcessSpec, signal?: AbortSignal): StartedProcess | Promise<StartedProcess>;
}

// dist/upstreams/upstream-options.d.ts

export interface UpstreamOptions {
    readonly identity: Identity;
    readonly starter: ProcessStarter;
    readonly memory: Memory;
    readonly log: Log;
    readonly now: () => number;
    readonly random: () => number;
    /** Its state or lists changed. */
    onChange(upstream: Upstream): void;
    /** A resource that some client subscribed to was updated; the upstream's own URI. */
    onResourceUpdated(upstream: Upstream, uri: string): void;
    /** A task that some client wants news of tells of itself: the whole notification, a binary string. */
    onTask(upstream: Upstream, text: string): void;
}

// dist/upstreams/upstream.d.ts

import type { LogLevel } from '@sekisho/protocol';
/** One configured server over its whole life: started, watched, restarted, stopped when idle and started on demand. */
export declare class Upstream {
    #private;
    readonly spec: UpstreamSpec;
    /** Names that the catalogue refused; set by it. */
    collisions: readonly RefusedItem[];
    /** @param wanted what clients want news of from before, of a server that this one replaces */
    constructor(spec: UpstreamSpec, options: UpstreamOptions, wanted?: Wanted);
    /** Its lists as they were last read, or are remembered. */
    get lists(): ItemLists;
    /** What clients want news of. */
    get wanted(): Wanted;
    get state(): UpstreamState;
    /** What the server said of itself, now or the last time it ran. */
    get opened(): Opened | undefined;
    /** Starts the server if it is not up. Resolves when it is ready or when this attempt has failed; never rejects. */
    start(): Promise<void>;
    /**
     * Makes a call. Starts the server where it was stopped for being idle; waits where it is starting; fails at once where it
     * is known not to come up. Exactly one of the handler's `answer` and `fail` is called, unless the call is cancelled.
     */
    call(out: Outgoing, handler: CallHandler, affinity?: Affinity): () => void;
    /** Reads lists again that may have changed without a word. Returns at once. */
    refreshIfStale(): void;
    /** Reads one list again. Resolves when it is read, or cannot be; never rejects. */
    refresh(kind: ItemKind): Promise<void>;
    /** What exists while it is up. */
    get conversation(): Conversation | undefined;
    /** The same, started where it is not up. Rejects where it does not come up. */
    up(): Promise<Conversation>;
    /** Makes the server say at least this much in its log. @returns undefined where nothing had to be asked */
    wantLogLevel(level: LogLevel): Promise<void> | undefined;
    /** Sends a notification on the conversation that belongs to `affinity`, if there is one. */
    notify(method: string, params: string | undefined, affinity: Affinity): void;
    /** Ends the conversations kept for one client. */
    dropAffinity(key: string): void;
    /** An answer was not one of the era the server was opened in: if it has changed sides, it is opened anew. */
    doubtEra(): void;
    /** Taken out of service: what is in flight may finish, then it closes. */
    retire(): Promise<void>;
    close(): Promise<void>;
    status(): UpstreamStatus;
}

// dist/upstreams/watch.d.ts

export interface WatchOptions {
    readonly facts: CallerFacts;
    readonly log: Log;
    /** A notification about lists or resources came. */
    onNotification(method: string, text: string): void;
    /** The line of news was broken and is up again: something may have been missed, also about these resources. */
    onGap(uris: Iterable<string>): void;
}
/** What clients want news of, with the number of clients for each: resources by URI, tasks by the server's own id. */
export interface Wanted {
    readonly uris: ReadonlyMap<string, number>;
    readonly tasks: ReadonlyMap<string, number>;
}
export declare const NOTHING: Wanted;
/**
 * What the gateway wants to hear from one server: changes of its lists, of the resources and of the tasks that clients
 * subscribed to. One subscription of the gateway's own serves all clients; URIs and tasks are counted. A modern server has one
 * `subscriptions/listen` whose filter cannot be changed, so the new one is opened before the old one is closed.
 */
export declare class Watch {
    #private;
    constructor(peer: Peer, options: WatchOptions, wanted?: Wanted);
    /** What is wanted now. */
    get wanted(): Wanted;
    /** Begins to listen; subscribes anew to every wanted resource. */
    open(): Promise<void>;
    /** One more client wants news of `uri`. Resolves when the server has agreed; a refusal rejects. */
    add(uri: string): Promise<void>;
    /** One client less wants news of `uri`. */
    remove(uri: string): void;
    /** One more client wants news of a task (2026-07-28 only). Resolves when the server has agreed; a refusal rejects. */
    addTask(task: string): Promise<void>;
    removeTask(task: string): void;
    close(): void;
}
/** The URI of a `notifications/resources/updated`. */
export declare function updatedUri(text: string): string | undefined;
