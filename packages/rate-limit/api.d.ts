// Made by `pnpm api` from the declarations of the build. Do not edit.

// dist/index.d.ts, the entry point "@sekisho/rate-limit"

export { allowForgetfulBudgets, createRateLimiter, type RateLimiter, type RateLimiterOptions, type Settlement, } from './limiter.ts';
export type { BudgetAllowance, RateAllowance, Rule, RuleMatch, Unit } from './rule.ts';
export type { Dimension, Subject } from './subject.ts';
export type { Decision, RuleState } from './decision.ts';
export type { Actual } from './settlement.ts';
export type { LimitEvent, OnLimitEvent } from './events.ts';
export { isRateLimitError, RateLimitError, type RateLimitErrorCode } from './errors.ts';
export { memoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store.ts';
export type { BudgetBook, BudgetEntry } from './budgets.ts';
export type { Adjustment, BucketLimit, Charge, Level, MaybePromise, Outcome, RateStore } from './store.ts';
export type { MonotonicClock, Schedule, WallClock } from './clock.ts';
export { createAddressLimiter, type AddressAllowance, type AddressLimiter, type AddressLimiterOptions, type Admission, } from './address-limiter.ts';
export { addressKey } from './address.ts';
export { createConcurrencyLimiter, type ConcurrencyLimiter, type ConcurrencyLimiterOptions, type ConcurrencyRule, type EnterOptions, type GateStats, type Lease, type Shed, } from './concurrency/concurrency-limiter.ts';
export type { AdaptiveOptions } from './concurrency/gradient.ts';
export type { Ending, ShedReason } from './concurrency/gate.ts';
export { createStreamLimiter, type StreamAdmission, type StreamLimiter, type StreamRule, } from './concurrency/stream-limiter.ts';
export { OVERLOADED, RATE_LIMITED } from './http/codes.ts';
export { toFields, toRetryAfter, type Fields } from './http/fields.ts';
export { toReply, toRefusalReply, type HttpLimitOptions, type JsonRpcId, type Reply } from './http/reply.ts';
export { toJsonRpcError, toProblemDetails, toRefusal, type JsonRpcError, type ProblemDetails, type Refusal, } from './http/refusal.ts';

// dist/redis/index.d.ts, the entry point "@sekisho/rate-limit/redis"

export { redisStore, type RedisStore, type RedisStoreOptions } from './redis-store.ts';
export type { IoredisLike, NodeRedisLike, RedisClient, ScriptRunner } from './client.ts';

// dist/sqlite.d.ts, the entry point "@sekisho/rate-limit/sqlite"

/** What is used of a database: `DatabaseSync` of `node:sqlite` fits, and so does `better-sqlite3`. */
export interface SqliteDatabase {
    exec(sql: string): unknown;
    prepare(sql: string): SqliteStatement;
}
export interface SqliteStatement {
    get(...parameters: (string | number)[]): unknown;
    run(...parameters: (string | number)[]): unknown;
}
export interface SqliteBudgetsOptions {
    /** An open database. Two processes must not use it for budgets at once: each counts in memory and only writes. */
    readonly database: SqliteDatabase;
    /** Milliseconds since 1970: which periods are over and can be deleted at the start. */
    readonly wallNow: () => number;
}
/**
 * Day and month counters in SQLite, for `memoryStore({ budgets })`: one row per counter, written with each charge.
 *
 * Creates its table and deletes ended periods once, when it is made. A crash of the process loses nothing; whether a
 * crash of the machine does depends on the `synchronous` setting of the database, which is left as it is. Keys are
 * stored as they are: names of callers.
 */
export declare function sqliteBudgets(options: SqliteBudgetsOptions): BudgetBook;

// dist/http/hono.d.ts, the entry point "@sekisho/rate-limit/hono"

/** What is used of Hono's context. */
export interface HonoContextLike {
    readonly req: {
        readonly raw: Request;
    };
    readonly res: Response;
    header(name: string, value: string): void;
}
export type HonoRateLimitOptions<C> = HttpLimitOptions<C>;
/** The decision about a request that is on its way, for `settle`. */
export declare function decisionOf(context: HonoContextLike): Decision | undefined;
/** Middleware for Hono: answers a denied request itself, and adds the RateLimit fields to the others' answers. */
export declare function honoRateLimit<C extends HonoContextLike>(options: HonoRateLimitOptions<C>): (context: C, next: () => Promise<void>) => Promise<Response | undefined>;

// dist/http/express.d.ts, the entry point "@sekisho/rate-limit/express"

/** What is used of Node's response, which Express hands on. */
export interface ExpressResponseLike {
    statusCode: number;
    setHeader(name: string, value: string): unknown;
    end(body: string): unknown;
    once(event: 'close', listener: () => void): unknown;
}
/** The decision about a request that is on its way, for `settle`. */
export declare function decisionOf(request: object): Decision | undefined;
/** Middleware for Express 4 and 5, and for anything else that takes `(request, response, next)`. */
export declare function expressRateLimit<Request extends object>(options: HttpLimitOptions<Request>): (request: Request, response: ExpressResponseLike, next: (error?: unknown) => void) => void;

// dist/http/fastify.d.ts, the entry point "@sekisho/rate-limit/fastify"

/** What is used of Fastify's reply. */
export interface FastifyReplyLike {
    readonly raw: {
        readonly statusCode: number;
        once(event: 'close', listener: () => void): unknown;
    };
    code(status: number): unknown;
    headers(fields: Record<string, string>): unknown;
    send(body: string): unknown;
}
/** The decision about a request that is on its way, for `settle`. */
export declare function decisionOf(request: object): Decision | undefined;
/**
 * A hook for Fastify: `app.addHook('preHandler', fastifyRateLimit(options))`. As `preHandler` it sees the parsed body; as
 * `onRequest` it comes before the body is read, when the subject does not depend on it.
 */
export declare function fastifyRateLimit<Request extends object>(options: HttpLimitOptions<Request>): (request: Request, reply: FastifyReplyLike) => Promise<unknown>;

// dist/config.d.ts, the entry point "@sekisho/rate-limit/config"

import { z } from 'zod';
export declare const rateAllowanceSchema: z.ZodObject<{
    kind: z.ZodLiteral<"rate">;
    amount: z.ZodNumber;
    periodMs: z.ZodNumber;
    burst: z.ZodNumber;
    overdraft: z.ZodExactOptional<z.ZodNumber>;
}, z.core.$strict>;
export declare const budgetAllowanceSchema: z.ZodObject<{
    kind: z.ZodEnum<{
        day: "day";
        month: "month";
    }>;
    amount: z.ZodNumber;
}, z.core.$strict>;
export declare const ruleSchema: z.ZodObject<{
    name: z.ZodString;
    by: z.ZodArray<z.ZodEnum<{
        address: "address";
        apiKey: "apiKey";
        method: "method";
        principal: "principal";
        server: "server";
        tenant: "tenant";
        tool: "tool";
    }>>;
    allow: z.ZodDiscriminatedUnion<[z.ZodObject<{
        kind: z.ZodLiteral<"rate">;
        amount: z.ZodNumber;
        periodMs: z.ZodNumber;
        burst: z.ZodNumber;
        overdraft: z.ZodExactOptional<z.ZodNumber>;
    }, z.core.$strict>, z.ZodObject<{
        kind: z.ZodEnum<{
            day: "day";
            month: "month";
        }>;
        amount: z.ZodNumber;
    }, z.core.$strict>], "kind">;
    whenStoreFails: z.ZodEnum<{
        local: "local";
        refuse: "refuse";
    }>;
    match: z.ZodExactOptional<z.ZodObject<{
        methods: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        servers: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        tools: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    }, z.core.$strict>>;
    unit: z.ZodExactOptional<z.ZodEnum<{
        bytes: "bytes";
        requests: "requests";
        tokens: "tokens";
    }>>;
    cost: z.ZodExactOptional<z.ZodNumber>;
    weights: z.ZodExactOptional<z.ZodRecord<z.ZodString, z.ZodNumber>>;
    mode: z.ZodExactOptional<z.ZodEnum<{
        enforce: "enforce";
        shadow: "shadow";
    }>>;
    refundable: z.ZodExactOptional<z.ZodBoolean>;
    absent: z.ZodExactOptional<z.ZodEnum<{
        share: "share";
        skip: "skip";
    }>>;
}, z.core.$strict>;
export declare const rateLimitSchema: z.ZodObject<{
    rules: z.ZodArray<z.ZodObject<{
        name: z.ZodString;
        by: z.ZodArray<z.ZodEnum<{
            address: "address";
            apiKey: "apiKey";
            method: "method";
            principal: "principal";
            server: "server";
            tenant: "tenant";
            tool: "tool";
        }>>;
        allow: z.ZodDiscriminatedUnion<[z.ZodObject<{
            kind: z.ZodLiteral<"rate">;
            amount: z.ZodNumber;
            periodMs: z.ZodNumber;
            burst: z.ZodNumber;
            overdraft: z.ZodExactOptional<z.ZodNumber>;
        }, z.core.$strict>, z.ZodObject<{
            kind: z.ZodEnum<{
                day: "day";
                month: "month";
            }>;
            amount: z.ZodNumber;
        }, z.core.$strict>], "kind">;
        whenStoreFails: z.ZodEnum<{
            local: "local";
            refuse: "refuse";
        }>;
        match: z.ZodExactOptional<z.ZodObject<{
            methods: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
            servers: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
            tools: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        }, z.core.$strict>>;
        unit: z.ZodExactOptional<z.ZodEnum<{
            bytes: "bytes";
            requests: "requests";
            tokens: "tokens";
        }>>;
        cost: z.ZodExactOptional<z.ZodNumber>;
        weights: z.ZodExactOptional<z.ZodRecord<z.ZodString, z.ZodNumber>>;
        mode: z.ZodExactOptional<z.ZodEnum<{
            enforce: "enforce";
            shadow: "shadow";
        }>>;
        refundable: z.ZodExactOptional<z.ZodBoolean>;
        absent: z.ZodExactOptional<z.ZodEnum<{
            share: "share";
            skip: "skip";
        }>>;
    }, z.core.$strict>>;
    replicas: z.ZodExactOptional<z.ZodNumber>;
    scopeBy: z.ZodExactOptional<z.ZodLiteral<"tenant">>;
    timeoutMs: z.ZodExactOptional<z.ZodNumber>;
    failures: z.ZodExactOptional<z.ZodNumber>;
    pauseMs: z.ZodExactOptional<z.ZodNumber>;
    denialCacheMs: z.ZodExactOptional<z.ZodNumber>;
    denialCacheKeys: z.ZodExactOptional<z.ZodNumber>;
    warnAt: z.ZodExactOptional<z.ZodNumber>;
}, z.core.$strict>;
export declare const concurrencySchema: z.ZodObject<{
    rules: z.ZodArray<z.ZodObject<{
        name: z.ZodString;
        by: z.ZodArray<z.ZodEnum<{
            address: "address";
            apiKey: "apiKey";
            method: "method";
            principal: "principal";
            server: "server";
            tenant: "tenant";
            tool: "tool";
        }>>;
        limit: z.ZodUnion<readonly [z.ZodNumber, z.ZodObject<{
            initial: z.ZodExactOptional<z.ZodNumber>;
            min: z.ZodExactOptional<z.ZodNumber>;
            max: z.ZodExactOptional<z.ZodNumber>;
        }, z.core.$strict>]>;
        maxQueuedPerCaller: z.ZodExactOptional<z.ZodNumber>;
        maxQueued: z.ZodExactOptional<z.ZodNumber>;
    }, z.core.$strict>>;
    maxWaitMs: z.ZodExactOptional<z.ZodNumber>;
    maxIdleGates: z.ZodExactOptional<z.ZodNumber>;
}, z.core.$strict>;
export declare const streamsSchema: z.ZodObject<{
    rules: z.ZodArray<z.ZodObject<{
        name: z.ZodString;
        by: z.ZodArray<z.ZodEnum<{
            address: "address";
            apiKey: "apiKey";
            method: "method";
            principal: "principal";
            server: "server";
            tenant: "tenant";
            tool: "tool";
        }>>;
        limit: z.ZodNumber;
    }, z.core.$strict>>;
}, z.core.$strict>;
export declare const addressSchema: z.ZodObject<{
    requests: z.ZodExactOptional<z.ZodObject<{
        amount: z.ZodNumber;
        periodMs: z.ZodNumber;
        burst: z.ZodNumber;
    }, z.core.$strict>>;
    failures: z.ZodObject<{
        amount: z.ZodNumber;
        periodMs: z.ZodNumber;
        burst: z.ZodNumber;
    }, z.core.$strict>;
    maxKeys: z.ZodExactOptional<z.ZodNumber>;
}, z.core.$strict>;
export type RateLimitConfig = z.infer<typeof rateLimitSchema>;
export type ConcurrencyConfig = z.infer<typeof concurrencySchema>;
export type StreamsConfig = z.infer<typeof streamsSchema>;
export type AddressConfig = z.infer<typeof addressSchema>;

// dist/testing/index.d.ts, the entry point "@sekisho/rate-limit/testing"

export { storeContract, type ContractCase, type StoreHarness } from './store-contract.ts';

// dist/address-limiter.d.ts

/** A steady rate with a burst of its own, of requests. */
export interface AddressAllowance {
    /** Requests per `periodMs`. Above 0. */
    readonly amount: number;
    /** Milliseconds, above 0. */
    readonly periodMs: number;
    /** Requests at once, at least 1. */
    readonly burst: number;
}
export interface AddressLimiterOptions {
    /** Requests of any kind from one address, before anybody knows who it is. Default: as many as come. */
    readonly requests?: AddressAllowance;
    /** Failed sign-ins from one address. Use a burst of ten and ten per minute if in doubt. */
    readonly failures: AddressAllowance;
    /**
     * Where replicas tell each other of failed sign-ins. Nothing ever waits for it, and when it is gone each replica
     * still enforces the whole limit by itself. Default: none.
     */
    readonly shared?: RateStore;
    /** Told when `shared` fails. Default: nobody is told. */
    readonly onSharedFailure?: (cause: unknown) => void;
    /** Addresses remembered per kind. Default 100,000; at least 64. */
    readonly maxKeys?: number;
    /** Default `performance.now`. */
    readonly now?: MonotonicClock;
}
export type Admission = {
    readonly admitted: true;
} | {
    readonly admitted: false;
    readonly refusal: Refusal;
};
export interface AddressLimiter {
    /** Before any cryptography: a look at two numbers in memory. Charges one request, or nothing when it refuses. */
    admit(address: string): Admission;
    /** After a sign-in failed. Never ignored, whatever the store does. */
    signInFailed(address: string): void;
}
/**
 * The limit that comes before authentication, which costs more than most attacks do: a forged token takes a signature
 * check. IPv6 addresses count by their /64. Always decided in this process, so there is no store that could fail open.
 *
 * It does NOT stop attempts that are already under way when the limit is reached, and does not know whether an address
 * is true; that is for the host, which knows its proxies.
 *
 * @throws TypeError when an allowance is out of its range.
 */
export declare function createAddressLimiter(options: AddressLimiterOptions): AddressLimiter;

// dist/address.d.ts

/**
 * The key under which an address is limited: an IPv4 address itself, an IPv6 address as its /64 network, because one
 * subscriber commands all 2^64 addresses of it. An IPv4 address in IPv6 notation (`::ffff:192.0.2.1`) is the IPv4 address.
 * Brackets, a port and a zone are dropped. What is no address is its own key, in lower case.
 *
 * It does NOT decide whether the address is true: that is for the host, which knows its proxies.
 */
export declare function addressKey(address: string): string;

// dist/budgets.d.ts

/** One counter of a calendar period. */
export interface BudgetEntry {
    /** Number of the day or month, see {@link BudgetBook}. */
    readonly period: number;
    /** Units used in it. */
    readonly used: number;
    /** Milliseconds since 1970 at which it is worthless. */
    readonly endsAtMs: number;
}
/**
 * Keeps counters beyond the life of the process. Both calls are synchronous: a decision must not be made on a counter
 * that is still being read. They throw when the book cannot be read or written; the limiter then does what the rule says.
 */
export interface BudgetBook {
    load(key: string): BudgetEntry | undefined;
    /** Writes all of them or none. */
    save(entries: readonly (readonly [key: string, entry: BudgetEntry])[]): void;
}
export interface BudgetWrite {
    readonly key: string;
    readonly kind: CalendarKind;
    readonly period: number;
    /** The new count, not the difference. */
    readonly used: number;
}
export interface BudgetCounters {
    /** The counter now. `fits` is true and means nothing: the caller knows the limit. */
    read(key: string, kind: CalendarKind): Level;
    write(writes: readonly BudgetWrite[]): void;
    adjust(key: string, kind: CalendarKind, period: number, delta: number): void;
}
/** Day and month counters in memory, in front of a book if there is one. */
export declare function memoryBudgets(options: {
    readonly maxBudgets: number;
    readonly wallNow: WallClock;
    readonly book: BudgetBook | undefined;
    /** Told when a counter is forgotten, which is harmless only if there is a book. */
    readonly onEvicted: () => void;
}): BudgetCounters;

// dist/calendar.d.ts

/**
 * Calendar periods in UTC, by number: days since 1970-01-01, months since 1970-01. UTC because replicas must agree and
 * because a local day can have 23 or 25 hours.
 */
export type CalendarKind = 'day' | 'month';
export declare function periodAt(kind: CalendarKind, wallMs: number): number;
/** The first millisecond after the period. */
export declare function periodEndMs(kind: CalendarKind, period: number): number;

// dist/clock.d.ts

/**
 * The one place where this package touches the process clock. Everything else is handed a function, so that tests
 * and hosts with another clock decide what time is.
 */
/** A clock that never runs backwards: milliseconds since some fixed instant, with a fraction. */
export type MonotonicClock = () => number;
/** A calendar clock: milliseconds since 1970-01-01T00:00:00Z. It may be set back or forward by an administrator. */
export type WallClock = () => number;
export declare const processClock: MonotonicClock;
export declare const systemTime: WallClock;
/** Calls `run` after `delayMs`; the returned function calls it off. */
export type Schedule = (run: () => void, delayMs: number) => () => void;
export declare const processSchedule: Schedule;

// dist/concurrency/concurrency-limiter.d.ts

export interface ConcurrencyRule {
    /** Unique; shown to clients when it is in the way. */
    readonly name: string;
    /** One gate for each combination, such as `['server', 'tool']`. Empty: one for everything. */
    readonly by: readonly Dimension[];
    /** Calls under way at once, 1 or more; or bounds within which the limit follows how fast the upstream answers. */
    readonly limit: number | AdaptiveOptions;
    /** Calls of one caller that may wait. 0 or more, default 16. */
    readonly maxQueuedPerCaller?: number;
    /** Calls that may wait in all. 0 or more, default 256. */
    readonly maxQueued?: number;
}
export interface ConcurrencyLimiterOptions {
    /** Passed one after the other in this order; put the narrow before the wide, so that nobody waits with a scarce slot in hand. */
    readonly rules: readonly ConcurrencyRule[];
    /** Milliseconds a call waits at most when it names no deadline. Above 0, default 10,000. */
    readonly maxWaitMs?: number;
    /** Gates of adaptive rules that are remembered while nothing is under way. Default 1,000. */
    readonly maxIdleGates?: number;
    /** Default `performance.now`. */
    readonly now?: MonotonicClock;
    /** Default `setTimeout`. */
    readonly schedule?: Schedule;
}
export interface EnterOptions {
    /** Milliseconds from now after which an answer is of no use; the call is shed rather than let in after it. */
    readonly deadlineMs?: number;
    /** When the caller leaves, he leaves the queue too. A function is only called when there is a queue to leave. */
    readonly signal?: AbortSignal | (() => AbortSignal);
}
export interface Lease {
    readonly entered: true;
    /** Call it exactly when the call is over, in a `finally`; again is harmless. `overloaded` lowers an adaptive limit. */
    leave(ending?: Ending): void;
}
export interface Shed {
    readonly entered: false;
    readonly reason: ShedReason;
    /** The rule whose gate was full. */
    readonly rule: string;
    readonly refusal: Refusal;
}
export interface ConcurrencyLimiter {
    /** Waits for a slot in the gate of every rule that applies. At once, not a promise, when all have one free. */
    enter(subject: Subject, options?: EnterOptions): MaybePromise<Lease | Shed>;
    /** For metrics: how full the gates in use are. */
    stats(): readonly GateStats[];
}
export interface GateStats {
    readonly rule: string;
    readonly limit: number;
    readonly underWay: number;
    readonly queued: number;
}
/**
 * Limits what is under way at once, per tool, upstream or anything else of a subject. Who waits takes turns by
 * principal (or else API key, or address), so one caller's backlog does not become another's.
 *
 * It counts in this process: with N replicas an upstream sees up to N times the limit. Long-lived streams do not belong
 * here, they would occupy slots for hours: see `createStreamLimiter`.
 *
 * @throws TypeError when a rule or option makes no sense.
 */
export declare function createConcurrencyLimiter(options: ConcurrencyLimiterOptions): ConcurrencyLimiter;

// dist/concurrency/gate.d.ts

/** How a call ended: `done`, or `overloaded` when it timed out or the upstream said it was too busy. */
export type Ending = 'done' | 'overloaded' | 'cancelled';
/** Why there was no slot: the queue was full, the wait would outlast or did outlast the deadline, or the caller left. */
export type ShedReason = 'queue-full' | 'deadline' | 'aborted';
export type Slot = {
    readonly free: (ending: Ending) => void;
} | {
    readonly shed: ShedReason;
};
export interface GateOptions {
    readonly limit: number | GradientLimit;
    readonly maxQueuedPerCaller: number;
    readonly maxQueued: number;
    readonly now: MonotonicClock;
    readonly schedule: Schedule;
}
/** One thing of which only so many may be under way at once. */
export declare class Gate {
    #private;
    constructor(options: GateOptions);
    get limit(): number;
    get underWay(): number;
    get queued(): number;
    /** @param deadlineAt Instant of `now` after which a slot is of no use. */
    enter(caller: string, deadlineAt: number, signal: AbortSignal | (() => AbortSignal) | undefined): MaybePromise<Slot>;
}

// dist/concurrency/gradient.d.ts

/** Bounds of a limit that follows the upstream. */
export interface AdaptiveOptions {
    /** Calls at once at the start. Default 20, within the bounds. */
    readonly initial?: number;
    /** Never fewer. At least 1, default 1. */
    readonly min?: number;
    /** Never more. Default 200. */
    readonly max?: number;
}
/**
 * How many calls at once an upstream stands, learned from how long they take: the limit shrinks when calls take longer
 * than they used to, grows by its square root when they do not, and drops by a tenth with every call that came to
 * nothing. (The gradient method of Netflix's concurrency-limits, from its published description.)
 */
export declare class GradientLimit {
    #private;
    /** @throws TypeError when the bounds contradict each other. */
    constructor(options?: AdaptiveOptions);
    /** Calls that may be under way at once. A whole number. */
    get limit(): number;
    /**
     * @param tookMs How long a call took that succeeded, or failed by its own fault.
     * @param underWay Calls under way when it ended, itself included. Half the limit unused says nothing about the limit.
     */
    completed(tookMs: number, underWay: number): void;
    /** A call that timed out, or found the upstream overloaded. */
    dropped(): void;
}
/** @throws TypeError when the bounds contradict each other. */
export declare function checkAdaptive(options: AdaptiveOptions): AdaptiveOptions;

// dist/concurrency/stream-limiter.d.ts

export interface StreamRule {
    /** Unique; shown to clients when it is in the way. */
    readonly name: string;
    /** One count for each combination. Empty: one count for all. */
    readonly by: readonly Dimension[];
    /** Streams open at once, 1 or more. */
    readonly limit: number;
}
export type StreamAdmission = {
    readonly opened: true;
    /** Call it when the stream has ended, however it did; again is harmless. */
    close(): void;
} | {
    readonly opened: false;
    readonly rule: string;
    readonly refusal: Refusal;
};
export interface StreamLimiter {
    /** Counts a stream under every rule that applies, or under none and refuses. */
    open(subject: Subject): StreamAdmission;
    /** Streams open now under a rule, all keys together. */
    count(rule: string): number;
}
/**
 * Counts what stays open for long (`subscriptions/listen`, an SSE stream), apart from calls: nobody queues for a stream,
 * and a thousand idle ones must not keep a single call from running. Counts in this process alone.
 *
 * @throws TypeError when a rule makes no sense.
 */
export declare function createStreamLimiter(options: {
    readonly rules: readonly StreamRule[];
}): StreamLimiter;

// dist/decision.d.ts

/** How one rule stands after a decision. */
export interface RuleState {
    readonly name: string;
    readonly unit: Unit;
    /** False when this rule alone would have denied. */
    readonly fits: boolean;
    /** True when the rule only watches. */
    readonly shadow: boolean;
    /** True when each caller has a bucket of his own under this rule. */
    readonly personal: boolean;
    /** Units per `windowMs`, as configured. */
    readonly amount: number;
    readonly windowMs: number;
    /** Units that fit in at once. */
    readonly limit: number;
    /** Whole units left. 0 or more. */
    readonly remaining: number;
    /** Milliseconds until the same call would fit; 0 when it does; Infinity when it costs more than ever fits in. */
    readonly retryAfterMs: number;
    /** Milliseconds until at least one more unit is there than now; 0 when nothing is in use. */
    readonly moreAfterMs: number;
    /** Milliseconds until nothing is in use any more. */
    readonly resetAfterMs: number;
}
/** Whether a call may go on. A denial is a value like any other, not an exception. */
export interface Decision {
    readonly allowed: boolean;
    /**
     * `within`: allowed. `exceeded`: a limit is used up. `unavailable`: a rule that must be exact could not be asked,
     * because the store did not answer.
     */
    readonly reason: 'within' | 'exceeded' | 'unavailable';
    /** Name of the rule that denied; of several the one with the longest wait. */
    readonly violated: string | undefined;
    /** Of the violated rule, or else of the one with the fewest units left: units that fit in at once. Infinity: no rule applied. */
    readonly limit: number;
    /** Of the same rule: whole units left. */
    readonly remaining: number;
    /** Milliseconds until this call could be allowed: the longest wait of all rules. 0 when allowed; Infinity: never. */
    readonly retryAfterMs: number;
    /** Of the same rule as `limit`: milliseconds until its bucket is as good as new. */
    readonly resetAfterMs: number;
    /** True when the store did not answer and the count of this process decided. */
    readonly degraded: boolean;
    /** Every rule that was looked at. After an answer from the cache of denials only the one that denied. */
    readonly rules: readonly RuleState[];
}
/** One rule with what this call charged to it. */
export interface Item extends Charge {
    readonly rule: CompiledRule;
}
/** A decision together with what `settle` needs to know, which is nobody else's business. */
export declare class TakenDecision implements Decision {
    #private;
    readonly allowed: boolean;
    readonly reason: Decision['reason'];
    readonly violated: string | undefined;
    readonly limit: number;
    readonly remaining: number;
    readonly retryAfterMs: number;
    readonly resetAfterMs: number;
    readonly degraded: boolean;
    constructor(items: readonly Item[], outcome: Outcome, scope: string, degraded: boolean, waitMs?: number);
    /** The denial of a rule that must be exact while the store does not answer. */
    static unavailable(item: Item, retryAfterMs: number): TakenDecision;
    get rules(): readonly RuleState[];
    /** What was charged, once: the second time there is nothing left to settle. */
    static close(decision: Decision): {
        items: readonly Item[];
        levels: readonly Level[];
        scope: string;
    } | undefined;
}

// dist/errors.d.ts

/** What can fail (as opposed to be refused) in this package. Each code has a page in `docs/errors/`. */
export type RateLimitErrorCode = 'ERR_RATE_LIMIT_COST' | 'ERR_RATE_LIMIT_SUBJECT' | 'ERR_RATE_LIMIT_STORE_FAILED' | 'ERR_RATE_LIMIT_STORE_REPLY' | 'ERR_RATE_LIMIT_STORE_TIMEOUT';
/**
 * A failure, never a denial: denials are values. Recognise it with {@link isRateLimitError}, which also works when two
 * copies of this package are loaded.
 */
export declare class RateLimitError extends Error {
    readonly name = "RateLimitError";
    readonly code: RateLimitErrorCode;
    constructor(code: RateLimitErrorCode, message: string, options?: {
        readonly cause?: unknown;
    });
}
export declare function isRateLimitError(value: unknown): value is RateLimitError;

// dist/events.d.ts

/** What a limiter tells its owner. Ids and numbers only: nothing a caller wrote except the names in `subject`. */
export type LimitEvent = 
/** A rule denied a call. */
{
    readonly type: 'limit.denied';
    readonly rule: string;
    readonly subject: Subject;
    readonly reason: 'exceeded' | 'unavailable';
    readonly retryAfterMs: number;
}
/** A rule in shadow mode would have denied a call, had it been enforced. */
 | {
    readonly type: 'limit.shadow-denied';
    readonly rule: string;
    readonly subject: Subject;
}
/** A call took a bucket of at least five units across the warning level. Once for each crossing. */
 | {
    readonly type: 'limit.near';
    readonly rule: string;
    readonly subject: Subject;
    /** Units in use. */
    readonly used: number;
    /** Units that fit in. */
    readonly limit: number;
}
/** The store failed; from here on rules do what `whenStoreFails` says. Once for each outage. */
 | {
    readonly type: 'limit.degraded';
    readonly cause: unknown;
}
/** The store answers again; `decisions` calls went without it. */
 | {
    readonly type: 'limit.recovered';
    readonly decisions: number;
}
/** Corrections of charges were lost, because the store failed. */
 | {
    readonly type: 'limit.settle-lost';
    readonly rules: number;
};
/** Called synchronously, on the way of the request: keep it short, and do not throw, for the call would fail. */
export type OnLimitEvent = (event: LimitEvent) => void;

// dist/http/codes.d.ts

/**
 * The JSON-RPC error codes of refusals, in the one place where they would change. MCP has no code for a rate limit:
 * SEP-3304 proposes -32023, and codes from -32020 to -32099 are for the specification alone. Until it is final these are
 * outside the reserved range of JSON-RPC and equal to the HTTP status that says the same.
 */
export declare const RATE_LIMITED = 429;
export declare const OVERLOADED = 503;

// dist/http/fields.d.ts

/** Header fields by name. */
export type Fields = Readonly<Record<string, string>>;
/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), and `Retry-After` for a denial.
 *
 * Left out are rules in shadow mode, rules counted in tokens, and the level of a bucket that others share, which would
 * tell a caller how busy they are; a shared rule is named when it is the reason for a denial.
 * A denial lists the violated rules alone in `RateLimit`, so that `Retry-After` is never earlier than a `t` beside it.
 * `pk` is not sent: it would have to be derived from who the caller is.
 */
export declare function toFields(decision: Decision): Fields;
/** `Retry-After` alone, for a refusal that no bucket is behind. */
export declare function toRetryAfter(refusal: Refusal): Fields;

// dist/http/refusal.d.ts

/** A denial in the words of HTTP and JSON-RPC alike. */
export interface Refusal {
    readonly status: 429 | 503;
    /** A problem type of draft-ietf-httpapi-ratelimit-headers. */
    readonly type: string;
    readonly title: string;
    /** Names of the rules in the way, the one with the longest wait first. */
    readonly policies: readonly string[];
    /** Milliseconds, 0 or more; undefined when waiting does not help. */
    readonly retryAfterMs: number | undefined;
}
/** @throws TypeError for a decision that allowed the call. */
export declare function toRefusal(decision: Decision): Refusal;
/** A refusal because too much is under way: no slot of a concurrency limit became free. */
export declare function toOverloadRefusal(policy: string, retryAfterMs: number): Refusal;
/** A refusal of an address from which too many sign-ins failed. */
export declare function toAbuseRefusal(policy: string, retryAfterMs: number): Refusal;
/** Members of an `application/problem+json` document (RFC 9457). */
export interface ProblemDetails {
    readonly type: string;
    readonly title: string;
    readonly status: number;
    readonly 'violated-policies': readonly string[];
}
/** For plain HTTP. Nothing of the caller's own input is in it. */
export declare function toProblemDetails(refusal: Refusal): ProblemDetails;
export interface JsonRpcError {
    readonly code: number;
    readonly message: string;
    readonly data: {
        readonly retryAfterMs?: number;
        readonly policy?: string;
    };
}
/** For MCP: the `error` member. Inside a stream that is already open this is all there is; it has no status any more. */
export declare function toJsonRpcError(refusal: Refusal): JsonRpcError;

// dist/http/reply.d.ts

/** Id of a JSON-RPC request; null when it had none that could be read. */
export type JsonRpcId = string | number | null;
/** A whole HTTP answer, for whatever server sends it. */
export interface Reply {
    readonly status: 429 | 503;
    readonly fields: Fields;
    readonly body: string;
}
/** The answer to a denied call: a JSON-RPC error when `id` is given, problem details when not. */
export declare function toReply(decision: Decision, id?: JsonRpcId): Reply;
/** The answer when an address, a gate or a stream limit refused. */
export declare function toRefusalReply(refusal: Refusal, id?: JsonRpcId): Reply;
/** What the adapters of the web frameworks have in common. */
export interface HttpLimitOptions<Context> {
    readonly limiter: RateLimiter;
    /** Who this is. Runs for each request; what it throws ends the request as an error. */
    readonly subject: (context: Context) => Subject;
    /** For MCP: the id of the parsed body, so that the refusal is a JSON-RPC error. Undefined: problem details. */
    readonly jsonRpcId?: (context: Context) => JsonRpcId | undefined;
    /**
     * Whether what was charged is given back when the answer has status 500 or above. Default false: who can make the
     * server fail at will could otherwise call it without limit.
     */
    readonly refundServerErrors?: boolean;
}

// dist/limiter.d.ts

/** Lets `day` and `month` rules use a store that forgets them when the process ends. A symbol, so that no file can ask for it. */
export declare const allowForgetfulBudgets: unique symbol;
export interface RateLimiterOptions {
    /** Checked in one go: a call is charged to all the rules that apply to it, or to none. At most 32. */
    readonly rules: readonly Rule[];
    readonly store: RateStore;
    /** How many processes share the store, 1 or more: the divisor of local limits. Required when the store is shared. */
    readonly replicas?: number;
    /** `tenant`: every bucket exists once for each tenant, and a clustered store may spread tenants. Default: no separation. */
    readonly scopeBy?: 'tenant';
    /** Milliseconds to wait for a shared store. 1 to 60,000, default 50. */
    readonly timeoutMs?: number;
    /** Failures in a row after which the store is not asked for `pauseMs`. Default 5. */
    readonly failures?: number;
    /** Milliseconds between attempts to reach a store that failed. Default 1,000. */
    readonly pauseMs?: number;
    /** Milliseconds for which a denial by a shared store is trusted without asking again. 0 turns it off. Default 1,000. */
    readonly denialCacheMs?: number;
    /** Denials remembered at most. Default 10,000. */
    readonly denialCacheKeys?: number;
    /** Part of a limit from which on it is reported as nearly used up, above 0 and at most 1. Default 0.8. */
    readonly warnAt?: number;
    readonly onEvent?: OnLimitEvent;
    /** Default `performance.now`. */
    readonly now?: MonotonicClock;
    /** Calendar time for budgets while a shared store does not answer. Default `Date.now`. */
    readonly wallNow?: WallClock;
    /** Default `setTimeout`. */
    readonly schedule?: Schedule;
    readonly [allowForgetfulBudgets]?: true;
}
export interface RateLimiter {
    /**
     * Decides and charges. Synchronous with a store in memory, a promise with a shared one; `await` fits both.
     *
     * @throws {RateLimitError} `ERR_RATE_LIMIT_COST` or `ERR_RATE_LIMIT_SUBJECT` when what was passed in makes no sense.
     *   A store that fails is no exception but decided as the rules say.
     */
    take(subject: Subject): MaybePromise<Decision>;
    /**
     * Charges what a call really used, in place of what `take` assumed: `bytes` for rules of that unit, `tokens` for those.
     * Once per decision. May overdraw a bucket, which then denies until it has recovered.
     */
    settle(decision: Decision, actual: Actual): MaybePromise<Settlement>;
    /** Gives back what `take` charged under refundable rules: the upstream failed, the caller got nothing. Once per decision. */
    refund(decision: Decision): MaybePromise<Settlement>;
}
/** `nothing`: denied, or settled already, or not from here. `lost`: the store failed; also told as an event. */
export type Settlement = 'settled' | 'nothing' | 'lost';
/**
 * Makes a limiter. It keeps no timers and reads no files.
 *
 * @throws TypeError when rules or options make no sense together; never at the first request.
 */
export declare function createRateLimiter(options: RateLimiterOptions): RateLimiter;

// dist/memory-store.d.ts

export interface MemoryStoreOptions {
    /**
     * Rate buckets kept for each rule; beyond that the least recently used goes, idle ones first. Some 120 bytes each.
     * Counted by rule so that a flood of addresses does not push principals out. Default 100,000; 1 to 16,777,216.
     */
    readonly maxKeys?: number;
    /** Day and month counters kept in memory at once. Default 10,000; 1 to 16,777,216. */
    readonly maxBudgets?: number;
    /** Where day and month counters are kept so that they outlive the process, such as `sqliteBudgets`. Default: nowhere. */
    readonly budgets?: BudgetBook;
    /** Milliseconds from a clock that never runs back. Default `performance.now`. */
    readonly now?: MonotonicClock;
    /** Milliseconds since 1970, for calendar budgets only. Default `Date.now`. */
    readonly wallNow?: WallClock;
    /** Told when a bucket had to go while it still held somebody back. Default: nobody is told. */
    readonly onEvicted?: () => void;
}
export interface MemoryStore extends RateStore {
    take(charges: readonly Charge[], scope: string): Outcome;
    adjust(adjustments: readonly Adjustment[], scope: string): void;
    /** Buckets held, and how many had to go since the start although they still held somebody back. */
    stats(): {
        readonly keys: number;
        readonly evictedInUse: number;
    };
}
/**
 * Buckets in this process. A bucket is one number: the instant at which it will be empty again (the theoretical arrival
 * time of GCRA, ITU-T I.371). There are no timers, so a window of a month is no different from one of a second.
 *
 * It does NOT survive a restart (rates start full again; budgets do if `budgets` is given) and knows nothing of other
 * processes.
 *
 * @throws TypeError when an option is out of its range.
 */
export declare function memoryStore(options?: MemoryStoreOptions): MemoryStore;

// dist/redis/client.d.ts

/** Runs one script on a Redis or Valkey server. The port of this store: three lines adapt any client to it. */
export interface ScriptRunner {
    /** By digest; rejects with the server's `NOSCRIPT` error when the server does not know it. */
    runCached(sha: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
    run(source: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}
/** What is used of `ioredis` and `iovalkey`, single node or cluster. */
export interface IoredisLike {
    evalsha(sha: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>;
    eval(source: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>;
}
/** What is used of `redis` (node-redis), single node, pool or cluster. */
export interface NodeRedisLike {
    evalSha(sha: string, options: {
        keys: string[];
        arguments: string[];
    }): Promise<unknown>;
    eval(source: string, options: {
        keys: string[];
        arguments: string[];
    }): Promise<unknown>;
}
export type RedisClient = IoredisLike | NodeRedisLike | ScriptRunner;
/** @throws TypeError when the object is none of the known clients. */
export declare function toScriptRunner(client: RedisClient): ScriptRunner;

// dist/redis/redis-store.d.ts

export interface RedisStoreOptions {
    /** A connected client. Let it fail fast (no queue of commands while disconnected), for the limiter does not wait. */
    readonly client: RedisClient;
    /** In front of every key; no braces, at most 64 characters. Default `sekisho:`. */
    readonly prefix?: string;
}
export interface RedisStore extends RateStore {
    take(charges: readonly Charge[], scope: string): Promise<Outcome>;
    adjust(adjustments: readonly Adjustment[], scope: string): Promise<void>;
}
/**
 * Buckets in Redis 5 or later, or Valkey: one round trip for any number of buckets, on the server's clock.
 *
 * A key is `<prefix>{<scope>}<rule>:<digest>`. All keys of one scope are on one node of a cluster; who is limited cannot
 * be read from them except by trying names. Whether `day` and `month` counters survive a restart of the server is up to
 * its persistence settings.
 *
 * Both methods reject with {@link RateLimitError} `ERR_RATE_LIMIT_STORE_FAILED` when the server cannot be asked and
 * `ERR_RATE_LIMIT_STORE_REPLY` when it answers something else than the script. They do NOT time out; a limiter sees to that.
 *
 * @throws TypeError when an option makes no sense.
 */
export declare function redisStore(options: RedisStoreOptions): RedisStore;

// dist/rule.d.ts

/** A steady rate with a burst of its own. */
export interface RateAllowance {
    readonly kind: 'rate';
    /** Units per `periodMs`. Above 0. */
    readonly amount: number;
    /** Milliseconds, above 0; a month and longer are fine. */
    readonly periodMs: number;
    /**
     * Units that may be used at once. At least 1. In any window no more than `burst` above the rate gets through, so a
     * burst as large as `amount` lets twice the amount through in one period, and a tenth of it 1.1 times.
     */
    readonly burst: number;
    /** Units by which a settled cost may overdraw the bucket; the rest is forgiven. 0 or more. Default `amount`. */
    readonly overdraft?: number;
}
/** A sum for a calendar day or month, UTC. */
export interface BudgetAllowance {
    readonly kind: 'day' | 'month';
    /** Units per day or month. Above 0. */
    readonly amount: number;
}
/** What a unit is. `bytes` and `tokens` are charged by `cost` at first and corrected by `settle`. */
export type Unit = 'requests' | 'bytes' | 'tokens';
/** Which exchanges a rule is about. A pattern is an exact name, or a beginning followed by `*`. */
export interface RuleMatch {
    readonly methods?: readonly string[];
    readonly servers?: readonly string[];
    readonly tools?: readonly string[];
}
export interface Rule {
    /** Shown to clients. A letter, then letters, digits, `_`, `-`, `.`; at most 64 characters; unique. */
    readonly name: string;
    /** One bucket for each combination of these. Empty: one bucket for all. */
    readonly by: readonly Dimension[];
    readonly allow: RateAllowance | BudgetAllowance;
    /**
     * When the store does not answer: `local` keeps a count in this process with the limit divided by the replicas,
     * `refuse` lets nothing through. There is no default: it is a choice between availability and exactness.
     */
    readonly whenStoreFails: 'local' | 'refuse';
    /** Default: every exchange. */
    readonly match?: RuleMatch;
    /** Default `requests`. */
    readonly unit?: Unit;
    /** Units for one call before its true cost is known, 0 or more. Default 1. */
    readonly cost?: number | ((subject: Subject) => number);
    /** By tool name: factor on `cost`. 0 or more. Default 1 for every tool. */
    readonly weights?: Readonly<Record<string, number>>;
    /** `shadow` counts and reports, and denies nothing. Default `enforce`. */
    readonly mode?: 'enforce' | 'shadow';
    /** Whether `refund` gives the charge back. Default true. */
    readonly refundable?: boolean;
    /** A subject without one of the dimensions: left alone, or in one bucket with all its like. Default `skip`. */
    readonly absent?: 'skip' | 'share';
}
export interface CompiledRule {
    readonly name: string;
    readonly unit: Unit;
    readonly refundable: boolean;
    readonly whenStoreFails: 'local' | 'refuse';
    readonly limit: BucketLimit;
    /** The same divided by the number of replicas. */
    readonly localLimit: BucketLimit;
    /** Units per `windowMs`, as announced. */
    readonly amount: number;
    readonly windowMs: number;
    /** True when each caller has a bucket of his own, so that its level tells nothing about others. */
    readonly personal: boolean;
    keyOf(subject: Subject): string | undefined;
    costOf(subject: Subject): number;
}
/**
 * Checks rules and makes them ready for use.
 *
 * @throws TypeError for the first rule that does not make sense, with the reason.
 */
export declare function compileRules(rules: readonly Rule[], replicas: number): readonly CompiledRule[];
/** A cost is a finite number of units, 0 or more: a negative one would fill a bucket up. */
export declare function isCost(value: unknown): boolean;

// dist/settlement.d.ts

/** What a call really used. A unit that is left out keeps the charge that `take` made. */
export interface Actual {
    /** Bytes of the result, 0 or more. */
    readonly bytes?: number;
    /** Tokens, as the upstream counted them, 0 or more. */
    readonly tokens?: number;
}
/**
 * The corrections that turn what was assumed into what was used.
 *
 * @throws {RateLimitError} `ERR_RATE_LIMIT_COST` when an amount is negative or no number.
 */
export declare function adjustmentsFor(items: readonly Item[], levels: readonly Level[], actual: Actual | 'refund'): readonly Adjustment[];

// dist/store.d.ts

/** A value now, or later when the store is on the other side of a wire. */
export type MaybePromise<T> = T | Promise<T>;
/**
 * The arithmetic of one bucket, the same for every caller.
 *
 * `rate`: a leaking bucket (GCRA). It holds `capacity` units and gets one unit back every `unitMs` milliseconds.
 * `day`, `month`: a counter up to `capacity` that starts again at midnight UTC, or on the first of the month, UTC.
 */
export interface BucketLimit {
    /** Name of the rule. Buckets of different rules are different, whatever their keys. */
    readonly rule: string;
    readonly kind: 'rate' | 'day' | 'month';
    /** Units that fit in at once (`rate`: the burst; `day`, `month`: the whole budget). Above 0. */
    readonly capacity: number;
    /** Milliseconds until one unit is back. 0 for `day` and `month`. */
    readonly unitMs: number;
    /** Units by which an adjustment may overdraw a `rate` bucket. More than that is forgiven. 0 or more. */
    readonly overdraft: number;
    /** Measured, but never the reason for a denial. */
    readonly shadow: boolean;
}
/** What one call wants from one bucket. */
export interface Charge {
    readonly key: string;
    readonly limit: BucketLimit;
    /** Units, 0 or more. */
    readonly cost: number;
}
/** How one bucket stands after a decision. When the decision was a denial nothing was charged. */
export interface Level {
    /** Whether the charge fitted into this bucket on its own. */
    readonly fits: boolean;
    /** Units in use, after the charge if it was made. May have a fraction; above `capacity` when overdrawn. */
    readonly used: number;
    /** `day` and `month`: number of the calendar period that was charged. 0 for `rate`. */
    readonly period: number;
    /** `day` and `month`: milliseconds until that period ends. 0 for `rate`. */
    readonly endsInMs: number;
}
export interface Outcome {
    /** True when every bucket without `shadow` had room: then all that fitted were charged. Else none was. */
    readonly allowed: boolean;
    /** One for each charge, in the same order. */
    readonly levels: readonly Level[];
}
/** A correction of an earlier charge, once its true cost is known. */
export interface Adjustment {
    readonly key: string;
    readonly limit: BucketLimit;
    /** Units to add (above 0) or to give back (below 0). */
    readonly delta: number;
    /** `day` and `month`: the period of the charge. What is given back to a period that has ended is dropped. */
    readonly period: number;
}
/**
 * Where the buckets live. An implementation must pass the suite at `@sekisho/rate-limit/testing`.
 *
 * The rules of one call are distinct. `scope` separates buckets of the same rule and key (a tenant); a clustered store keeps
 * everything of one scope on one node. A store that cannot answer throws or rejects; it never invents an outcome.
 */
export interface RateStore {
    /** Checks all, then charges all or nothing, as one step that nothing else can come between. */
    take(charges: readonly Charge[], scope: string): MaybePromise<Outcome>;
    /** Adds or gives back without asking whether it fits. Never leaves a bucket with fewer than 0 units in use. */
    adjust(adjustments: readonly Adjustment[], scope: string): MaybePromise<void>;
    /** True when other processes share it: then it can fail, and a limiter needs to know how many replicas there are. */
    readonly shared: boolean;
    /** True when `day` and `month` counters outlive this process. */
    readonly durableBudgets: boolean;
}
/**
 * Units by which a bucket may be overfilled. Times and sums are binary fractions, so ten charges of a tenth do not add
 * up to exactly one; without this the last unit of a burst would be refused now and then. It is a thousandth of a unit but
 * no more than a millisecond's worth, and for a budget a billionth of it.
 */
export declare function roundingUnits(limit: BucketLimit): number;
/**
 * One string for a scope and a key, and the key itself when there is no scope. The length goes first so that no scope
 * and key together spell those of another scope. A store is used either with scopes or without, never both at once.
 */
export declare function inScope(scope: string, key: string): string;

// dist/subject.d.ts

/**
 * Who does what, as far as limits are concerned. Take every value from what was checked (the token, the parsed body),
 * never from a header that nobody compared with the body.
 */
export interface Subject {
    /** Network address of the client, as a host that knows its proxies reports it. IPv6 counts as its /64 network. */
    readonly address?: string | undefined;
    /** Id of the API key (not the key itself). */
    readonly apiKey?: string | undefined;
    readonly principal?: string | undefined;
    readonly tenant?: string | undefined;
    readonly server?: string | undefined;
    readonly tool?: string | undefined;
    /** The MCP method, such as `tools/call`. */
    readonly method?: string | undefined;
}
export type Dimension = keyof Subject;
export declare const DIMENSIONS: readonly Dimension[];
/**
 * Makes the function that names a subject's bucket among those of its rule: `undefined` when the subject lacks one of
 * the dimensions and `absent` is `skip`. Different subjects never share a key: of several dimensions each is preceded
 * by its length. With one dimension the key is the value itself, a string that the caller keeps and whose hash is
 * therefore known: putting keys together costs more than everything else in a decision.
 */
export declare function keyMaker(by: readonly Dimension[], absent: 'skip' | 'share'): (subject: Subject) => string | undefined;

// dist/testing/store-contract.d.ts

/** One requirement on a store, for any test runner: `for (const { name, run } of storeContract(h)) test(name, run)`. */
export interface ContractCase {
    readonly name: string;
    /** Resolves when the store meets it; rejects with an `AssertionError` when not. */
    readonly run: () => Promise<void>;
}
export interface StoreHarness {
    /** A store without any bucket, and the way to let time pass for it: a fake clock moved on, or a real wait. */
    create(): Promise<{
        readonly store: RateStore;
        passMs(ms: number): Promise<void>;
        dispose?(): Promise<void>;
    }>;
}
/** Everything a limiter relies on. Each case makes a store of its own. */
export declare function storeContract(harness: StoreHarness): readonly ContractCase[];
