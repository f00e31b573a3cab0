// Made by `pnpm api` from the declarations of the build. Do not edit.

// dist/index.d.ts, the entry point "@sekisho/protocol"

export { classify } from './classify.ts';
export type { Classified } from './classify.ts';
export { fault, isFault } from './faults.ts';
export type { Fault, FaultReason } from './faults.ts';
export { checkParamHeaders, findHeaderParams, makeParamHeaders } from './headers/params.ts';
export type { ArgumentsSource, HeaderParam } from './headers/params.ts';
export { checkStandardHeaders, makeStandardHeaders } from './headers/standard.ts';
export type { HeaderReader } from './headers/standard.ts';
export { decodeHeaderValue, encodeHeaderValue, trimSpace } from './headers/value.ts';
export { asciiText } from './json/ascii.ts';
export { checkJson } from './json/check.ts';
export type { JsonLimits } from './json/check.ts';
export { applyEdits, changeMembers, changeObject } from './json/edit.ts';
export type { Edit, MemberChanges } from './json/edit.ts';
export { readText } from './json/text.ts';
export { arrayElements, findMember, objectMembers, readMembers, skipSpace, stringEnd, valueEnd } from './json/walk.ts';
export type { Member, Span } from './json/walk.ts';
export { readLargeResponse, wholeResponse } from './large-response.ts';
export type { LargeResponse } from './large-response.ts';
export { isObject, readMessage } from './message.ts';
export type { BatchMessage, JsonObject, Message, NotificationMessage, RequestMessage, ResponseMessage, } from './message.ts';
export { LOG_LEVELS, META, claimOf, isHopKey, isLogLevel, metaOf, reachesLevel } from './meta.ts';
export type { LogLevel } from './meta.ts';
export { findMethod } from './methods.ts';
export type { Method, MethodKind } from './methods.ts';
export { errorText, onOneLine, readResponse, resultText, withChanges, withFront, withId } from './response.ts';
export type { ResponseView } from './response.ts';
export { LEGACY_REVISIONS, MODERN_REVISIONS, REVISIONS, findRevision, isModernDate } from './revisions.ts';
export type { Era, Revision } from './revisions.ts';

// dist/classify.d.ts

export type Classified = {
    readonly kind: 'modern';
    readonly revision: string;
} | {
    readonly kind: 'legacy';
};
/**
 * Which era a client speaks, judged by the body; headers only cross-check and never change the verdict
 * (MCP 2026-07-28, basic/versioning and basic/transports/streamable-http).
 *
 * Does NOT check that the method exists, nor anything of its parameters.
 *
 * @param header reads a request header by lower-case name; leave it out where the transport has none (stdio)
 */
export declare function classify(message: Message | BatchMessage, header?: HeaderReader): Classified | Fault;

// dist/faults.d.ts

/**
 * Everything the reading of a message can refuse, with the HTTP status and the JSON-RPC code of each.
 * One table, so that no two places answer the same mistake differently (MCP 2026-07-28, basic/index, "Error Codes").
 */
declare const table: {
    readonly encoding: readonly [400, -32700];
    readonly 'not-json': readonly [400, -32700];
    readonly 'too-deep': readonly [400, -32600];
    readonly 'duplicate-key': readonly [400, -32600];
    readonly 'ambiguous-key': readonly [400, -32600];
    readonly 'lone-surrogate': readonly [400, -32700];
    readonly 'not-a-message': readonly [400, -32600];
    readonly batch: readonly [400, -32600];
    readonly 'unexpected-response': readonly [400, -32600];
    readonly envelope: readonly [400, -32602];
    readonly 'header-mismatch': readonly [400, -32020];
    readonly 'missing-capability': readonly [400, -32021];
    readonly 'unsupported-revision': readonly [400, -32022];
    readonly 'unknown-method': readonly [404, -32601];
    readonly 'invalid-params': readonly [200, -32602];
    readonly 'media-type': readonly [415, -32600];
    readonly 'not-acceptable': readonly [406, -32600];
    readonly 'too-large': readonly [413, -32600];
    readonly 'method-not-allowed': readonly [405, -32600];
    readonly 'unknown-session': readonly [404, -32600];
    readonly 'session-required': readonly [400, -32600];
    readonly 'unknown-endpoint': readonly [404, -32600];
    readonly 'forbidden-origin': readonly [403, -32600];
    readonly 'forbidden-host': readonly [403, -32600];
};
export type FaultReason = keyof typeof table;
/** A refusal of a message as it was sent. A value, never thrown. */
export interface Fault {
    readonly kind: 'fault';
    readonly reason: FaultReason;
    /** HTTP status, 400 to 415, or 200 where the protocol answers in band. */
    readonly status: number;
    /** JSON-RPC error code. */
    readonly code: number;
    /** One sentence for the sender: says what to change and nothing about our inside. */
    readonly message: string;
    readonly data?: unknown;
    /** Raw JSON of the request's id where it could be read. */
    readonly idText?: string;
}
/** Makes the refusal for `reason`; status and code come from the table. */
export declare function fault(reason: FaultReason, message: string, extra?: {
    data?: unknown;
    idText?: string | undefined;
}): Fault;
/** True for a {@link Fault}, false for everything else that readers return. */
export declare function isFault(value: unknown): value is Fault;
export {};

// dist/headers/params.d.ts

/** One argument that a tool wants repeated in a header `Mcp-Param-<name>`. */
export interface HeaderParam {
    readonly name: string;
    readonly path: readonly string[];
    readonly type: 'string' | 'integer' | 'boolean';
}
/**
 * The `x-mcp-header` annotations of a tool's `inputSchema` (MCP 2026-07-28, server/tools, "x-mcp-header").
 *
 * @returns the declarations, or a sentence saying which rule an annotation breaks: such a tool must be dropped on HTTP
 */
export declare function findHeaderParams(inputSchema: unknown): readonly HeaderParam[] | string;
/** Where the `arguments` of a call stand: the raw text, since parsed numbers are not exact beyond 2^53. */
export interface ArgumentsSource {
    readonly text: string;
    readonly start: number;
}
/** The headers `Mcp-Param-*` for a call, flat: name, value, name, value. */
export declare function makeParamHeaders(params: readonly HeaderParam[], args: ArgumentsSource | undefined): string[];
/**
 * Compares the headers of a call with its arguments, integers digit by digit.
 *
 * @returns undefined where they agree, else a sentence for the sender. A value of the wrong kind is left to the validation
 *   of the arguments, and a header for an absent value is ignored (server/tools).
 */
export declare function checkParamHeaders(params: readonly HeaderParam[], args: ArgumentsSource | undefined, header: (name: string) => string | undefined): string | undefined;

// dist/headers/standard.d.ts

/** Reads a request header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined;
/**
 * The headers a modern request repeats its body in: present, well encoded and equal
 * (MCP 2026-07-28, basic/transports/streamable-http, "Request headers").
 *
 * @returns undefined where all is well, else a sentence for the sender
 */
export declare function checkStandardHeaders(message: RequestMessage, header: HeaderReader): string | undefined;
/** The headers of a modern request, made from what the body says; flat: name, value, name, value. */
export declare function makeStandardHeaders(revision: string, method: string, name: string | undefined): string[];

// dist/headers/value.d.ts

/**
 * A value as `Mcp-Name` and `Mcp-Param-*` carry it: plain ASCII as it is, everything else as `=?base64?...?=`
 * (MCP 2026-07-28, basic/transports/streamable-http, "Value encoding").
 */
export declare function encodeHeaderValue(value: string): string;
/**
 * The value a header stands for. White space around it is not part of it (RFC 9110, section 5.5).
 *
 * @returns undefined where the sentinel is used with broken base64 or with bytes that are not UTF-8
 */
export declare function decodeHeaderValue(header: string): string | undefined;
/** Takes spaces and tabs off both ends, in linear time. */
export declare function trimSpace(value: string): string;

// dist/json/ascii.d.ts

/**
 * JSON text with every character beyond ASCII escaped; such characters stand inside strings only. The result means the same
 * in a decoded text and in a binary string (one character for each byte), so it can be put into either.
 */
export declare function asciiText(json: string): string;

// dist/json/check.d.ts

export interface JsonLimits {
    /** Levels of nesting, the outermost value being the first. Default 100, range 1 to 10,000. */
    readonly maxDepth: number;
}
/**
 * What `JSON.parse` lets through and a checkpoint must not: nesting without bound, two members of one name (parsers
 * disagree on which one counts: RFC 8259, section 4), and strings that no UTF-8 can carry (RFC 7493, section 2.1).
 *
 * Runs BEFORE `JSON.parse`, so the depth bound protects it as well; on text that is not JSON it may find nothing, since the
 * grammar is `JSON.parse`'s to judge. One pass, linear.
 */
export declare function checkJson(text: string, limits: JsonLimits): Fault | undefined;

// dist/json/edit.d.ts

/** Puts `text` in the place of `[start, end)`. */
export interface Edit extends Span {
    readonly text: string;
}
/** Applies edits that do not overlap; order does not matter. With no edit the very same string comes back. */
export declare function applyEdits(text: string, edits: readonly Edit[]): string;
/** What becomes of an object's members: raw JSON to put in place, or `undefined` to take the member out. */
export type MemberChanges = Readonly<Record<string, string | undefined>>;
/**
 * The object that begins at `at` with some members replaced, removed or added; all others keep their very bytes and order.
 * Members that are new come last, in the order of `changes`.
 *
 * @param changes raw JSON by key; `undefined` removes
 * @returns raw JSON of the whole object; `at` past an object gives an object of the changes alone
 */
export declare function changeObject(text: string, at: number, changes: MemberChanges): string;
/** The same for members that were located before. */
export declare function changeMembers(text: string, members: readonly Member[], changes: MemberChanges): string;

// dist/json/text.d.ts

/**
 * Bytes of one message as text.
 *
 * Refuses what two parsers could read differently: a byte order mark (RFC 8259, section 8.1, forbids adding one),
 * UTF-16 and UTF-32, and anything that is not well-formed UTF-8. Does NOT check that the text is JSON.
 *
 * @returns the text, or a fault with reason `encoding`
 */
export declare function readText(bytes: Uint8Array): string | Fault;

// dist/json/walk.d.ts

/**
 * Walking raw JSON text without parsing it: where a value ends, which members an object has, which elements an array has.
 * All of these expect text that is valid JSON at the given place (the edge has parsed it, or a peer's answer is checked by
 * its reader); on other text they return -1 or stop, they never loop for ever. Every function is linear in the text.
 *
 * The text may be decoded UTF-8 or a "binary string" (one character for each byte): JSON's structure is ASCII in both.
 */
/** A place in a text: `[start, end)` in characters. */
export interface Span {
    readonly start: number;
    readonly end: number;
}
/** A member of an object: its key and where key and value stand. */
export interface Member extends Span {
    /** The key, unescaped. */
    readonly key: string;
    /** Where the key's opening quote stands; `start` is where the value begins. */
    readonly keyStart: number;
}
/** Index of the first character at or after `at` that is not white space. */
export declare function skipSpace(text: string, at: number): number;
/** Index after the string whose opening quote stands at `at`, or -1 if it does not end. */
export declare function stringEnd(text: string, at: number): number;
/** Index after the value that begins at `at` (no white space before it), or -1. */
export declare function valueEnd(text: string, at: number): number;
/** The key that stands between `start` and `end`, quotes included; undefined where an escape in it is broken. */
export declare function readKey(text: string, start: number, end: number): string | undefined;
/**
 * Reads the members of the object that begins at `at` into `into`, in one pass.
 *
 * @param within gives the end of a member's value where the caller walks it itself; -1 for "not an object after all", and
 *   undefined for values that are merely passed over
 * @returns the index after the object, or -1 where no object stands there
 */
export declare function readMembers(text: string, at: number, into: Member[], within?: (key: string, start: number) => number | undefined): number;
/** The members of the object that begins at `at`, in their order; undefined where no object stands there. */
export declare function objectMembers(text: string, at: number): Member[] | undefined;
/** The elements of the array that begins at `at`; undefined where no array stands there. */
export declare function arrayElements(text: string, at: number): Span[] | undefined;
/** The member called `key` of the object at `at`, or undefined. */
export declare function findMember(text: string, at: number, key: string): Member | undefined;

// dist/large-response.d.ts

/** A large answer, located in its own bytes: nothing of it is copied, decoded or parsed. Successful answers only. */
export interface LargeResponse {
    readonly bytes: Buffer;
    readonly idText: string;
    readonly idStart: number;
    readonly idEnd: number;
    /** Where `result` begins. */
    readonly bodyStart: number;
    /** The keys of `result`. */
    readonly keys: readonly string[];
    /** The value of the result's `resultType`. */
    readonly resultType: string | undefined;
    /** A short string somewhere speaks of resources or of a user interface: its URIs may have to change. */
    readonly mentionsResources: boolean;
}
/**
 * Reads the frame of a large answer in one pass over its structure.
 *
 * @returns undefined for everything that {@link readResponse} has to judge: errors, escapes in keys, odd frames
 */
export declare function readLargeResponse(bytes: Buffer): LargeResponse | undefined;
/** The same answer as text, for whoever has to look into it. */
export declare function wholeResponse(large: LargeResponse): ResponseView | undefined;

// dist/message.d.ts

/** A JSON object as parsed. Numbers are JavaScript numbers here; the exact digits stay in the raw text. */
export type JsonObject = Readonly<Record<string, unknown>>;
interface Read {
    /** The message's own text, unchanged. */
    readonly text: string;
    /** Top-level members by key, with their places in `text`. */
    readonly members: ReadonlyMap<string, Member>;
}
export interface RequestMessage extends Read {
    readonly kind: 'request';
    /** JSON of the id in ASCII, so that it fits decoded and binary texts; integers beyond 2^53 come back as they came. */
    readonly idText: string;
    readonly method: string;
    readonly params: JsonObject | undefined;
    /** The members of `params`, with their places in `text`. */
    readonly paramsMembers: readonly Member[];
}
export interface NotificationMessage extends Read {
    readonly kind: 'notification';
    readonly method: string;
    readonly params: JsonObject | undefined;
    readonly paramsMembers: readonly Member[];
}
export interface ResponseMessage extends Read {
    readonly kind: 'response';
    /** Raw JSON of the id; undefined where the peer could not read ours. */
    readonly idText: string | undefined;
    readonly ok: boolean;
}
export type Message = RequestMessage | NotificationMessage | ResponseMessage;
export interface BatchMessage {
    readonly kind: 'batch';
    readonly messages: readonly Message[];
}
/**
 * One message a client sent: JSON checked (depth, names, surrogates), parsed once, its envelope judged, its parts located.
 *
 * Does NOT judge the revision, the `_meta` envelope, the headers or the parameters of a method.
 *
 * @param limits nesting bound, see {@link JsonLimits}
 * @returns a message, a batch (2025-03-26 had them; the caller decides), or a fault carrying the id where it could be read
 */
export declare function readMessage(text: string, limits: JsonLimits): Message | BatchMessage | Fault;
/** True for a JSON object, false for arrays and null. */
export declare function isObject(value: unknown): value is JsonObject;
export {};

// dist/meta.d.ts

/** Names of the reserved `_meta` members (MCP 2026-07-28, basic/index, "_meta"). */
export declare const META: {
    readonly revision: 'io.modelcontextprotocol/protocolVersion';
    readonly capabilities: 'io.modelcontextprotocol/clientCapabilities';
    readonly client: 'io.modelcontextprotocol/clientInfo';
    readonly logLevel: 'io.modelcontextprotocol/logLevel';
    readonly server: 'io.modelcontextprotocol/serverInfo';
    readonly subscription: 'io.modelcontextprotocol/subscriptionId';
};
/**
 * True for a `_meta` key that describes one hop: a checkpoint takes it off and puts its own on, in both directions, so that
 * no upstream can pose as the gateway and no client can claim another's capabilities.
 */
export declare function isHopKey(key: string): boolean;
/** `params._meta` where it is an object. */
export declare function metaOf(params: JsonObject | undefined): JsonObject | undefined;
/** The revision that a request's own envelope claims, whatever its type; undefined where there is no claim. */
export declare function claimOf(params: JsonObject | undefined): unknown;
export declare const LOG_LEVELS: readonly ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
export type LogLevel = (typeof LOG_LEVELS)[number];
/** True for one of the eight levels of RFC 5424 that the protocol names. */
export declare function isLogLevel(value: unknown): value is LogLevel;
/** True where a message of `level` is wanted by somebody who asked for `wanted`. */
export declare function reachesLevel(level: string, wanted: LogLevel): boolean;

// dist/methods.d.ts

/** What a request asks for, which decides how it is routed. */
export type MethodKind = 'session' | 'list' | 'tool' | 'prompt' | 'resource' | 'completion' | 'subscription' | 'logging' | 'task';
export interface Method {
    readonly name: string;
    readonly eras: readonly Era[];
    readonly kind: MethodKind;
    /** The member of `params` that `Mcp-Name` repeats (MCP 2026-07-28, basic/transports/streamable-http, "Request headers"). */
    readonly nameParam?: 'name' | 'uri' | 'taskId';
    /** The server capability without which the method does not exist. */
    readonly capability?: string;
    /** The extension that both ends have to declare, or the method does not exist. */
    readonly extension?: string;
    /** The complete result carries `ttlMs` and `cacheScope` (server/utilities/caching). */
    readonly cacheable?: boolean;
    /** May answer `input_required` (basic/patterns/mrtr). */
    readonly interactive?: boolean;
}
/** The method called `name` if it exists in `era`. */
export declare function findMethod(name: string, era: Era): Method | undefined;

// dist/response.d.ts

/**
 * A peer's answer, located and not parsed: its id, and where its `result` or `error` stands with its members.
 * Everything else of the text goes on as it came.
 */
export interface ResponseView {
    readonly text: string;
    readonly idText: string;
    readonly idStart: number;
    readonly idEnd: number;
    readonly ok: boolean;
    /** Where the value of `result` or `error` begins and ends. */
    readonly bodyStart: number;
    readonly bodyEnd: number;
    /** The members of that value. */
    readonly body: readonly Member[];
}
/**
 * Reads the frame of an answer in one pass over its structure; strings are skipped, not looked into.
 *
 * @param text decoded text or a binary string
 * @returns undefined for what is not exactly one sound response: two ids, a method beside the result, neither or both of
 *   `result` and `error`, text behind it. Readers disagree on which of two members counts, so such a message is none.
 *   Does NOT check that scalars are valid JSON in themselves.
 */
export declare function readResponse(text: string): ResponseView | undefined;
/** The answer under another id; nothing else changes. */
export declare function withId(view: ResponseView, idText: string): string;
/** The answer under another id, its result or error with some members replaced, removed or added. */
export declare function withChanges(view: ResponseView, idText: string, changes: MemberChanges): string;
/**
 * The answer under another id with members put in front of its result's own. The cheap way to add what the other era wants:
 * use it only where the result is known not to have these members.
 */
export declare function withFront(view: ResponseView, idText: string, front: string): string;
/** A successful answer from raw JSON. */
export declare function resultText(idText: string, result: string): string;
/**
 * An error answer, in ASCII. Without an id the member is left out: `null` is not valid on the modern wire
 * (MCP 2026-07-28, basic/index, "Error Codes").
 */
export declare function errorText(idText: string | undefined, code: number, message: string, data?: unknown): string;
/** A message on one line: raw line breaks in JSON are white space, and in SSE or on stdio they would end the message. */
export declare function onOneLine(text: string): string;

// dist/revisions.d.ts

/** The two ways to open a conversation: `initialize` and a session, or metadata on each request. */
export type Era = 'modern' | 'legacy';
/** One dated revision of the protocol, as data: tables instead of control flow, so that the next one is a row. */
export interface Revision {
    readonly id: string;
    readonly era: Era;
    /** JSON-RPC batches (2025-03-26 alone). */
    readonly batches: boolean;
    /** Any JSON value as `structuredContent`, any schema as `outputSchema`. */
    readonly freeStructuredContent: boolean;
    /** A priming event opens an SSE stream so that it can be resumed at once (2025-11-25). */
    readonly primingEvent: boolean;
    /** What a server may ask: forms (2025-06-18), then pages, several choices and titled ones (2025-11-25). */
    readonly elicitation: 'none' | 'plain-forms' | 'forms-and-pages';
    /** Tools, and content of several blocks, in sampling (2025-11-25). */
    readonly richSampling: boolean;
}
/** Every revision this package speaks, newest first. */
export declare const REVISIONS: readonly Revision[];
/** Ids of the revisions served statelessly, newest first. */
export declare const MODERN_REVISIONS: readonly string[];
/** Ids of the revisions served with a session, newest first. */
export declare const LEGACY_REVISIONS: readonly string[];
/** The revision called `id`, or undefined. */
export declare function findRevision(id: string): Revision | undefined;
/** True for a date that names the stateless era, known to us or not: 2026-07-28 and later. */
export declare function isModernDate(id: string): boolean;
