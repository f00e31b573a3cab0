// Made by `pnpm api` from the declarations of the build. Do not edit.

// dist/index.d.ts, the entry point "@sekisho/audit"

export { AuditError, isAuditError } from './audit-error.ts';
export type { AuditErrorCode } from './audit-error.ts';
export type { AuditLog, AuditLogState, RecoveryReport } from './audit-log.ts';
export type { AuditEvent, AuditObserver, AuditRecord, Durability, EventTarget, Identity, Outcome, Receipt, Source, SubjectName, } from './event.ts';
export { AUDIT_EVENT_TYPES, isChangeType } from './event-types.ts';
export type { AuditEventType, Severity } from './event-types.ts';
export type { Exchange, ExchangeContext, ExchangeOptions } from './exchange.ts';
export { createAuditLog } from './log.ts';
export type { AuditLogOptions, AuditLogSettings } from './log-options.ts';
export { ed25519Signer, verifierKey } from './note/signer.ts';
export type { Signer } from './note/signer.ts';
export { localAuditKeys } from './privacy/audit-keys.ts';
export type { AuditKeys, LocalAuditKeysOptions } from './privacy/audit-keys.ts';
export { eraseSubject, resumeErasures } from './privacy/erase.ts';
export type { DerivedRows, EraseOptions, EraseResult } from './privacy/erase.ts';
export { exportSubject } from './privacy/export.ts';
export type { ExportOptions, ExportResult } from './privacy/export.ts';
export { liftLegalHold, listLegalHolds, placeLegalHold } from './privacy/legal-hold.ts';
export type { LegalHold } from './privacy/legal-hold.ts';
export { openCapture, openIdentity, subjectPseudonym } from './privacy/read-subject.ts';
export { purgeSegments } from './privacy/retention.ts';
export type { PurgeOptions, PurgeResult } from './privacy/retention.ts';
export type { SubjectKeyStore } from './privacy/subject-keys.ts';
export { exportTiles } from './read/export-tiles.ts';
export type { LogLocation } from './read/location.ts';
export { checkConsistency, checkProof, proveConsistency, proveRecord } from './read/proof.ts';
export type { ProofRequest, RecordProof } from './read/proof.ts';
export type { AuditQuery } from './read/query.ts';
export { readRecords, tailRecords } from './read/records.ts';
export type { TailOptions } from './read/records.ts';
export { checkSoc2, reportSoc2 } from './report/soc2.ts';
export type { SignedSoc2Pack, Soc2Request } from './report/soc2.ts';
export { toCef } from './formats/cef.ts';
export { toCloudEvent } from './formats/cloud-events.ts';
export { toEcs } from './formats/ecs.ts';
export { toOcsf } from './formats/ocsf.ts';
export type { AuditSink, OutgoingRecord } from './sinks/audit-sink.ts';
export { filePlace } from './sinks/file-place.ts';
export { fileSink, stdoutSink } from './sinks/file-sink.ts';
export { otlpSink } from './sinks/otlp-sink.ts';
export { createSinkPump } from './sinks/sink-pump.ts';
export type { SinkPump, SinkPumpOptions, SinkState } from './sinks/sink-pump.ts';
export { webhookPlace, webhookSink } from './sinks/webhook-sink.ts';
export { nodeFileSystem } from './storage/file-system.ts';
export type { AuditFile, AuditFileSystem } from './storage/file-system.ts';
export { createPrometheusMetrics } from './telemetry/prometheus.ts';
export type { MetricsPage, PrometheusMetrics } from './telemetry/prometheus.ts';
export type { Finding, Verification, VerificationStatus, Warning } from './verify/findings.ts';
export { verifyLog } from './verify/verify.ts';
export type { VerifyOptions } from './verify/verify.ts';
export type { CheckpointPlace, PlaceState } from './writer/checkpoint-keeper.ts';

// dist/config.d.ts, the entry point "@sekisho/audit/config"

import { z } from 'zod';
/** The part of the options that is data. Keys, signers and places are made by code from secret references. */
export declare const auditConfigSchema: z.ZodObject<{
    durability: z.ZodOptional<z.ZodEnum<{
        relaxed: "relaxed";
        standard: "standard";
        strict: "strict";
    }>>;
    checkpointEveryRecords: z.ZodOptional<z.ZodInt>;
    checkpointEveryMs: z.ZodOptional<z.ZodInt>;
    maxSegmentBytes: z.ZodOptional<z.ZodInt>;
    maxSegmentAgeMs: z.ZodOptional<z.ZodInt>;
    maxBatchRecords: z.ZodOptional<z.ZodInt>;
    maxBatchBytes: z.ZodOptional<z.ZodInt>;
    maxQueueBytes: z.ZodOptional<z.ZodInt>;
    maxRelaxedRecords: z.ZodOptional<z.ZodInt>;
    ackTimeoutMs: z.ZodOptional<z.ZodInt>;
    maxCachedIdentities: z.ZodOptional<z.ZodInt>;
    clockToleranceMs: z.ZodOptional<z.ZodInt>;
}, z.core.$strict>;
export type AuditConfig = z.infer<typeof auditConfigSchema>;

// dist/index-sqlite.d.ts, the entry point "@sekisho/audit/index-sqlite"

export { openAuditIndex } from './read/audit-index.ts';
export type { AuditIndex } from './read/audit-index.ts';

// dist/sinks/postgres.d.ts, the entry point "@sekisho/audit/postgres"

/** The part of a Postgres client (or pool) the sink uses; `pg` and compatible clients fit. */
export interface PostgresClient {
    query(text: string, values?: unknown[]): Promise<{
        rows: Record<string, unknown>[];
        rowCount?: number | null;
    }>;
}
export interface PostgresSinkOptions {
    /** Default `postgres`. */
    name?: string;
    client: PostgresClient;
    /** Names the chain in a table that several replicas write to: `AuditLog.chainUid`. */
    chainUid: string;
    /** Default `sekisho_audit`; `[a-z_][a-z0-9_]{0,40}`. */
    table?: string;
}
/** The statements that make the table, partitioned by day with a default partition; safe to run again. */
export declare function postgresSchema(table?: string): string;
/** The statement that makes the partition of one day (UTC); run it ahead of that day. */
export declare function postgresDayPartition(dayMs: number, table?: string): string;
/**
 * Writes batches into Postgres, one statement each; a record that is there already is left alone, so repetitions do no harm.
 * `forget` deletes the rows of a subject's envelopes and their pseudonym. Throws TypeError for a table name out of range.
 * Does not make the table: see `postgresSchema`.
 */
export declare function postgresSink(options: PostgresSinkOptions): AuditSink;

// dist/telemetry/opentelemetry.d.ts, the entry point "@sekisho/audit/opentelemetry"

type AttributeValue = string | number | boolean;
type Attributes = Record<string, AttributeValue>;
/** The parts of the OpenTelemetry API (`@opentelemetry/api`, an optional peer) that are used; its objects fit. */
export interface SpanLike {
    setStatus(status: {
        code: number;
        message?: string;
    }): unknown;
    end(endTime?: number): void;
}
export interface TracerLike<C> {
    startSpan(name: string, options: {
        kind: number;
        startTime: number;
        attributes: Attributes;
    }, context?: C): SpanLike;
}
export interface HistogramLike {
    record(value: number, attributes?: Attributes): void;
}
export interface CounterLike {
    add(value: number, attributes?: Attributes): void;
}
export interface MeterLike {
    createHistogram(name: string, options: {
        unit: string;
        description: string;
        advice?: {
            explicitBucketBoundaries?: number[];
        };
    }): HistogramLike;
    createCounter(name: string, options: {
        unit: string;
        description: string;
    }): CounterLike;
}
export interface OpenTelemetryOptions<C = unknown> {
    /** `trace.getTracer('sekisho')` */
    tracer?: TracerLike<C>;
    /** `metrics.getMeter('sekisho')` */
    meter?: MeterLike;
    /** Makes the parent context of a span from the event's traceparent, for example with the W3C propagator. */
    parentOf?: (traceparent: string) => C | undefined;
    /** Attributes for every span, such as `server.address` or `network.transport`. */
    attributes?: Readonly<Attributes>;
}
/** Buckets of the MCP semantic conventions, in seconds. */
export declare const DURATION_BUCKETS_SECONDS: readonly number[];
/** Names from the MCP semantic conventions (status: development). No identity and no content are among them. */
export declare function mcpAttributes(event: AuditEvent<string>): Attributes;
/**
 * Turns the same events into spans `{mcp.method.name} {target}` of kind SERVER and the metric
 * `mcp.server.operation.duration`, one per exchange when its terminal record is handed in; and counts all events in
 * `sekisho.audit.events`. Pass the result among `observers`.
 */
export declare function openTelemetryObserver<C>(options: OpenTelemetryOptions<C>): AuditObserver;
export {};

// dist/testing/index.d.ts, the entry point "@sekisho/audit/testing"

export { faultyFileSystem } from './faulty-file-system.ts';
export type { Fault, FaultyFileSystem, FaultyOperation } from './faulty-file-system.ts';
export { outgoingRecord, sinkContract } from './sink-contract.ts';
export type { ContractCase, SinkSubject } from './sink-contract.ts';

// dist/audit-error.d.ts

/** Every way the package can fail. Each code has a page in `docs/errors/`. */
export type AuditErrorCode = 'ERR_AUDIT_STORAGE_FULL' | 'ERR_AUDIT_STORAGE_FAILED' | 'ERR_AUDIT_QUEUE_FULL' | 'ERR_AUDIT_TIMEOUT' | 'ERR_AUDIT_CLOSED' | 'ERR_AUDIT_LOCKED' | 'ERR_AUDIT_CHAIN_BROKEN' | 'ERR_AUDIT_SIGNER_FAILED' | 'ERR_AUDIT_NOTE_INVALID' | 'ERR_AUDIT_PROOF_FAILED' | 'ERR_AUDIT_KEY_FAILED' | 'ERR_AUDIT_ENVELOPE_UNREADABLE' | 'ERR_AUDIT_NOT_FOUND' | 'ERR_AUDIT_SINK_FAILED';
export interface AuditErrorOptions {
    cause?: unknown;
    /** When a later attempt makes sense, in whole seconds; the value for a `Retry-After` header. */
    retryAfterSeconds?: number;
}
/** The one error class of the package. Branch on `code`; messages may change. */
export declare class AuditError extends Error {
    readonly code: AuditErrorCode;
    readonly retryAfterSeconds: number | undefined;
    constructor(code: AuditErrorCode, message: string, options?: AuditErrorOptions);
}
/** True for an error of this package, also when two copies of the package are loaded. */
export declare function isAuditError(value: unknown): value is AuditError;
/** The `code` of a system error such as `ENOSPC`, or undefined. */
export declare function systemCode(error: unknown): string | undefined;
/** Turns what the file system threw into the failure a caller can act on. */
export declare function storageError(cause: unknown, doing: string): AuditError;

// dist/audit-log.d.ts

/** Figures about the running log; everything is since it was opened unless it says otherwise. */
export interface AuditLogState {
    /** Durable records of the whole log. */
    size: number;
    queuedRecords: number;
    queuedBytes: number;
    openExchanges: number;
    /** Terminal records the disk refused and that are still to be written. */
    owedTerminals: number;
    /** Records refused or dropped. */
    refusedRecords: number;
    /** Records after the newest checkpoint in the log. */
    unsignedRecords: number;
    /** Tree size of the checkpoint file. */
    checkpointSize: number;
    stalled: boolean;
    /** Times an observer threw. */
    observerErrors: number;
    lastError: unknown;
    lastSignerError: unknown;
    places: readonly PlaceState[];
}
/** What opening found after the last stop. */
export interface RecoveryReport {
    cleanlyStopped: boolean;
    torn: Recovered['torn'];
    /** Exchanges that had no terminal record and were given one. */
    closedExchanges: number;
}
export interface AuditLog<E extends string = never> extends AsyncDisposable {
    readonly directory: string;
    readonly chainUid: string;
    readonly origin: string;
    /** For auditors: what the verifiers take as `--key`. */
    readonly verifierKey: string;
    /** Undefined for a new log. */
    readonly recovery: RecoveryReport | undefined;
    /**
     * Resolves when the record is on disk (at once in `relaxed` mode). Changes of configuration, keys, policy and pins are
     * never relaxed unless asked for in the call. Rejects with AuditError: ERR_AUDIT_STORAGE_FULL, ERR_AUDIT_STORAGE_FAILED,
     * ERR_AUDIT_QUEUE_FULL, ERR_AUDIT_TIMEOUT, ERR_AUDIT_KEY_FAILED or ERR_AUDIT_CLOSED; answer 503 with `retryAfterSeconds`
     * then. Throws TypeError for a type that is not on the list.
     * Does not check that `detail` and `target.name` are free of personal data.
     */
    record(event: AuditEvent<E>, options?: {
        durability?: Durability;
    }): Promise<Receipt>;
    /** Starts an exchange that will have exactly one terminal record. */
    exchange(options?: ExchangeOptions<E>): Exchange<E>;
    /** The hash under which `content` would be found in `args_mac`, `result_mac`, `uri_mac` or `id_mac`. */
    mac(content: string | Uint8Array, subject?: SubjectName): Promise<string | undefined>;
    /** Signs a checkpoint now; resolves when it is in the log and in the checkpoint file. */
    checkpoint(): Promise<void>;
    state(): AuditLogState;
    /** Writes `audit.stopped` and a last checkpoint; resolves when both are on disk. Safe to call twice. */
    close(): Promise<void>;
}

// dist/event-types.d.ts

/**
 * The closed list of event types. A type is stable: it is never renamed and never changes its meaning.
 * The short names under a prefix keep the list readable; the full dotted names are derived from it.
 */
declare const NAMES: {
    readonly auth: readonly ['ok', 'missing', 'malformed', 'invalid_token', 'token_in_query', 'token_in_body', 'key_in_query', 'duplicate_header', 'multiple_credentials', 'unsupported_scheme', 'oversized', 'alg_rejected', 'key_mismatch', 'weak_key', 'bad_signature', 'unknown_kid', 'expired', 'not_yet_valid', 'wrong_audience', 'unknown_issuer', 'wrong_token_type', 'header_param_rejected', 'crit_rejected', 'dpop_failed', 'mtls_failed', 'introspection_failed', 'lockout'];
    readonly authz: readonly ['allowed', 'denied', 'insufficient_scope', 'step_up', 'policy_error'];
    readonly apikey: readonly ['created', 'rotated', 'deprecated_use', 'revoked', 'expired', 'malformed', 'wrong_network'];
    readonly session: readonly ['created', 'refreshed', 'revoked', 'principal_mismatch'];
    readonly mcp: readonly ['discover', 'list', 'tool.call', 'tool.result', 'resource.read', 'prompt.get', 'complete', 'subscription.opened', 'closed', 'input_required', 'input_response', 'task.created', 'task.updated', 'task.completed', 'task.failed', 'task.cancelled', 'initialize', 'ping', 'logging', 'notification', 'batch', 'stream', 'cancelled', 'header_mismatch', 'protocol_error'];
    readonly upstream: readonly ['registered', 'changed', 'removed', 'connected', 'failed', 'tool_added', 'tool_changed', 'tool_removed', 'process_spawned', 'exited'];
    readonly vault: readonly ['grant_started', 'granted', 'denied', 'refreshed', 'refresh_failed', 'used', 'deleted', 'phishing_blocked'];
    readonly content: readonly ['blocked', 'redacted', 'injection_suspected', 'output_truncated'];
    readonly limit: readonly ['exceeded', 'degraded', 'budget_exhausted', 'concurrency_shed'];
    readonly security: readonly ['ssrf_blocked', 'origin_blocked', 'host_blocked', 'replay', 'anomaly', 'alert_sent', 'alert_failed', 'key_compromise', 'isolation_on', 'isolation_off', 'evidence_exported'];
    readonly config: readonly ['loaded', 'changed', 'rejected'];
    readonly policy: readonly ['changed'];
    readonly role: readonly ['assigned', 'removed'];
    readonly secret: readonly ['accessed', 'rotated'];
    readonly admin: readonly ['login', 'refused', 'reload'];
    readonly gdpr: readonly ['export', 'erasure_requested', 'erasure_done', 'consent_given', 'consent_withdrawn', 'retention_purge', 'legal_hold'];
    readonly audit: readonly ['started', 'stopped', 'checkpoint', 'segment_rotated', 'verify_ok', 'verify_failed', 'gap', 'sink_lag', 'dropped', 'clock_jump'];
    readonly sandbox: readonly ['attested', 'refused', 'degraded', 'violation', 'approved', 'changed'];
    readonly gateway: readonly ['started', 'stopped', 'failed', 'crashed_recovered'];
    readonly actor: readonly ['envelope'];
};
type Names = typeof NAMES;
/** A dotted type of the list, such as `auth.expired` or `mcp.tool.result`. */
export type AuditEventType = {
    [P in keyof Names]: `${P}.${Names[P][number]}`;
}[keyof Names];
/** Types that only the log itself writes; `record` refuses them. */
export type SelfWrittenType = 'actor.envelope' | 'audit.checkpoint' | 'audit.segment_rotated' | 'audit.started' | 'audit.stopped';
export type Severity = 'info' | 'notice' | 'warning' | 'high' | 'critical';
/** All types of the list, in the order of the documentation. */
export declare const AUDIT_EVENT_TYPES: readonly AuditEventType[];
export declare const SELF_WRITTEN_TYPES: ReadonlySet<string>;
/** The severity an event has when its caller states none. */
export declare function defaultSeverity(type: string, outcome: string | undefined): Severity;
/** True for an event that states a change of configuration, key, policy or pin. */
export declare function isChangeType(type: string): boolean;
/** True for a well-formed dotted type: lower case, two to four parts. */
export declare function isDottedType(value: string): boolean;
export {};

// dist/event.d.ts

/** What ended up happening. `unknown` is for an exchange that a crash cut short. */
export type Outcome = 'ok' | 'denied' | 'error' | 'cancelled' | 'unknown';
/**
 * `strict`: the intent is on disk before the side effect, the outcome before the answer.
 * `standard`: the outcome is on disk before the answer. `relaxed`: neither is waited for and a full queue drops,
 * counted in an `audit.dropped` record.
 */
export type Durability = 'strict' | 'standard' | 'relaxed';
/** A person or a machine. Written only inside an envelope that is encrypted under the key of `issuer` + `subject`. */
export interface Identity {
    /** Who vouches for the subject, for example an OAuth issuer URL or `apikey`. */
    issuer: string;
    subject: string;
    email?: string;
    name?: string;
    /** Address the actor came from; sealed along with the identity. */
    ip?: string;
    userAgent?: string;
}
/** Where an unauthenticated exchange came from. Sealed under a key of its own per address. */
export interface Source {
    ip: string;
    userAgent?: string;
}
/** Names a subject for erase, export, hold and query. A source is `{ issuer: 'ip', subject: address }`. */
export interface SubjectName {
    issuer: string;
    subject: string;
}
export interface EventTarget {
    server?: string;
    method?: string;
    /** Catalogue name of the tool or prompt: stored in the clear, at most 256 characters. */
    name?: string;
    /** Stored as its scheme and a keyed hash only, since a URI may name a person. */
    uri?: string;
    era?: string;
}
export interface AuditEvent<ExtraType extends string = never> {
    type: AuditEventType | ExtraType;
    outcome?: Outcome;
    severity?: Severity;
    actor?: Identity;
    source?: Source;
    target?: EventTarget;
    authz?: {
        effect: 'allow' | 'deny';
        rule?: string;
        policyHash?: string;
    };
    request?: {
        /** JSON-RPC id. Numbers and short plain tokens stay readable, anything else is stored as a keyed hash. */
        id?: string | number;
        bytes?: number;
        /** Never stored: only a keyed hash and the size are. */
        args?: string | Uint8Array;
    };
    response?: {
        bytes?: number;
        isError?: boolean;
        code?: number | string;
        durationMs?: number;
        /** Never stored: only a keyed hash and the size are. */
        result?: string | Uint8Array;
    };
    limit?: {
        bucket?: string;
        cost?: number;
        remaining?: number;
        retryAfterMs?: number;
    };
    /** W3C trace id or traceparent. */
    trace?: string;
    /** Facts without personal data. Strings are cut at 1,024 characters, keys at 64, at most 64 entries. */
    detail?: Readonly<Record<string, string | number | boolean | null>>;
    /** Content to keep, sealed into a blob under the subject's key. What the capture rules ask for is passed here. */
    capture?: Readonly<Record<string, unknown>>;
    /** Which counter the record belongs to; default is the part of the type before the first dot. `[a-z0-9_-]{1,32}` */
    stream?: string;
    /** Set by `log.exchange`; a caller does not set it. */
    exchange?: {
        id: string;
        phase: 'intent' | 'terminal';
    };
}
/** Sees every event as it is handed in, with its time and id; for metrics and traces. Must not throw and not keep the event. */
export interface AuditObserver {
    observe(event: AuditEvent<string>, at: {
        t: number;
        id: string;
    }): void;
}
/** What the writer gives back once a record is where its durability mode asks for. */
export interface Receipt {
    id: string;
    /** Position in the chain, from 0. Undefined in `relaxed` mode, where the position is not waited for. */
    seq: number | undefined;
}
/** A line of the log, parsed. Field names are those on disk. */
export interface AuditRecord {
    v: 1;
    /** Milliseconds since 1970-01-01 UTC. */
    t: number;
    type: string;
    id: string;
    outcome?: Outcome;
    sev?: Severity;
    actor_ref?: string;
    src_ref?: string;
    target?: {
        server?: string;
        method?: string;
        name?: string;
        uri_scheme?: string;
        uri_mac?: string;
        era?: string;
    };
    authz?: {
        effect: 'allow' | 'deny';
        rule?: string;
        policy_hash?: string;
    };
    req?: {
        id?: string | number;
        id_mac?: string;
        bytes?: number;
        args_mac?: string;
    };
    res?: {
        bytes?: number;
        is_error?: boolean;
        code?: number | string;
        ms?: number;
        result_mac?: string;
    };
    limit?: {
        bucket?: string;
        cost?: number;
        remaining?: number;
        retry_after_ms?: number;
    };
    trace?: string;
    ex?: {
        id: string;
        phase: 'intent' | 'terminal';
    };
    detail?: Record<string, string | number | boolean | null>;
    blob?: {
        sha256: string;
        bytes: number;
    };
    envelope?: EnvelopeFields;
    segment?: SegmentFields;
    note?: string;
    gap?: GapFields;
    stream: string;
    n: number;
    seq: number;
    prev: string;
}
export interface EnvelopeFields {
    actor_ref: string;
    /** Pseudonym: HMAC of the subject's key, so it can no longer be computed once that key is destroyed. */
    subj: string;
    /** AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag; base64. Additional data: chain uid and actor_ref. */
    ct: string;
    kek_id: string;
}
export interface SegmentFields {
    chain: string;
    origin: string;
    /** Number of records before this one; the tree size the frontier stands for. */
    size: number;
    /** Roots of the complete subtrees left to right, hex: enough to continue the tree without what is before. */
    frontier: string[];
    /** Ids of exchanges that have an intent and no terminal record yet. */
    open: string[];
    /** True when more were open than fit; a reader then has to look into the segment before. */
    open_cut: boolean;
}
/** Counter values that will never appear, and why: the writer accounts for what it refused or dropped. */
export interface GapFields {
    stream: string;
    /** Inclusive ranges. */
    ranges: [number, number][];
    count: number;
    reason: string;
}

// dist/exchange.d.ts

/** What both records of an exchange say. */
export type ExchangeContext<E extends string = never> = Pick<AuditEvent<E>, 'actor' | 'source' | 'target' | 'trace' | 'stream'>;
export interface ExchangeOptions<E extends string = never> extends ExchangeContext<E> {
    /** Default: that of the log; `strict` when `destructive` is true. */
    durability?: Durability;
    /** The tool announced `destructiveHint`. */
    destructive?: boolean;
}
type ExchangeEvent<E extends string> = Omit<AuditEvent<E>, 'exchange'>;
/** One exchange: at most one intent, exactly one terminal record, whatever happens. */
export interface Exchange<E extends string = never> extends AsyncDisposable {
    readonly id: string;
    /** True once a terminal record has been handed in. */
    readonly finished: boolean;
    /** Sets what becomes known later, for example the actor once authenticated. */
    add(context: ExchangeContext<E>): void;
    /**
     * States what is about to be done. In `strict` mode resolves when that is on disk; do not touch the upstream before.
     * Otherwise resolves at once, and the record shares the next write.
     */
    intent(event: ExchangeEvent<E>): Promise<void>;
    /**
     * States how it ended; resolves when that is on disk (at once in `relaxed` mode). Only the first call counts, later ones
     * return its promise, so a `finally` may call it again. When the disk refuses, the terminal record is owed: it is written,
     * marked `late`, as soon as the disk takes records again.
     */
    finish(event: ExchangeEvent<E>): Promise<Receipt>;
}
/** Makes exchanges and keeps the terminal records that the disk refused. */
export declare class Exchanges {
    #private;
    constructor(recorder: Recorder, newId: () => string, durability: Durability, now: () => number);
    get owed(): number;
    /** Hands in what is owed; what fails again stays owed. */
    payOwed(): void;
    open<E extends string>(options: ExchangeOptions<E>): Exchange<E>;
}
export {};

// dist/formats/cef.d.ts

/** One record as a line in the Common Event Format, version 0, without a syslog header. */
export declare function toCef(record: AuditRecord, version?: string): string;

// dist/formats/cloud-events.d.ts

/** CloudEvents 1.0 in the JSON format. The subject is the exchange, the data the record. */
export declare function toCloudEvent(record: AuditRecord, source?: string): Record<string, unknown>;

// dist/formats/ecs.d.ts

/** One record as an Elastic Common Schema 8 document. */
export declare function toEcs(record: AuditRecord): Record<string, unknown>;

// dist/formats/ocsf.d.ts

export interface OcsfOptions {
    /** Verifier key or name of who signs the log. */
    authorityUid: string;
    chainUid: string;
    /** Default `1.9.0-dev`: the version with the record_integrity profile. */
    schemaVersion?: string;
    /** SHA-256 of the record's own line, hex; stated as its fingerprint when given. */
    lineSha256?: string;
}
/** One record as an OCSF event; API Activity unless another class fits. Uses the profile `record_integrity`. */
export declare function toOcsf(record: AuditRecord, options: OcsfOptions): Record<string, unknown>;

// dist/log-options.d.ts

/** Figures that can be set from a configuration file as well; see `./config`. */
export interface AuditLogSettings {
    /** What `record` waits for when the event says nothing. Default `standard`. */
    durability?: Durability;
    /** A checkpoint is signed after this many records. Default 1024, from 1 to 1,000,000. */
    checkpointEveryRecords?: number;
    /** ... or after this many milliseconds with new records. Default 1000; 0 turns the timer off. */
    checkpointEveryMs?: number;
    /** A new segment begins above this size. Default 67,108,864 (64 MiB), from 65,536. */
    maxSegmentBytes?: number;
    /** ... or this age in milliseconds; retention works by whole segments. Default 86,400,000 (a day), from 1000. */
    maxSegmentAgeMs?: number;
    /** Records per write and fsync. Default 512, from 1 to 4096. */
    maxBatchRecords?: number;
    /** Bytes per write and fsync, for ASCII text; others count per UTF-16 unit. Default 524,288, from 65,536 to 16,777,216. */
    maxBatchBytes?: number;
    /** Above this many waiting bytes records are refused. Default 67,108,864 (64 MiB), from 65,536. */
    maxQueueBytes?: number;
    /** Above this many waiting `relaxed` records further ones are dropped and counted. Default 10,000, from 1. */
    maxRelaxedRecords?: number;
    /** A write that takes longer refuses all who wait. Default 5000 milliseconds, from 10. */
    ackTimeoutMs?: number;
    /** Identities remembered with their envelope. Default 10,000, from 1. */
    maxCachedIdentities?: number;
    /** A clock that jumps by more is recorded. Default 5000 milliseconds, from 100. */
    clockToleranceMs?: number;
}
export interface AuditLogOptions<ExtraType extends string = never> extends AuditLogSettings {
    /** Folder of this replica's log. Exactly one process writes to it. */
    directory: string;
    /** Signs checkpoints; its name is the origin of the log. */
    signer: Signer;
    /** Verifier keys of former signers of this log, needed to open it after the key was changed. */
    previousKeys?: readonly string[];
    /** Wraps the keys of subjects. */
    keys: AuditKeys;
    /** Folder of the wrapped subject keys; must not be backed up with the log. Default: `<directory>-keys`. */
    keysDirectory?: string;
    /** Keeps subject keys elsewhere than in files. */
    subjectKeys?: SubjectKeyStore;
    /** Outside places that get every new checkpoint. Default none; without one a rollback of the whole folder goes unseen. */
    places?: readonly CheckpointPlace[];
    /** See every event as it is handed in; for metrics and traces. Default none. */
    observers?: readonly AuditObserver[];
    /** Event types beyond the list; dotted, lower case. */
    types?: readonly ExtraType[];
    /** Milliseconds since 1970-01-01 UTC. Default `Date.now`. */
    now?: () => number;
    /** Milliseconds on a clock that never jumps. Default `performance.now`, or no forward jumps are seen when `now` is given. */
    monotonicNow?: () => number;
    /** Fills with random bytes. Default `crypto.randomFillSync`. */
    random?: (bytes: Uint8Array) => void;
    /** Default: the real file system. */
    fileSystem?: AuditFileSystem;
}
export type ResolvedSettings = Required<AuditLogSettings>;
/** Lowest and highest value of every number among the settings. */
export declare const SETTING_RANGES: Record<Exclude<keyof AuditLogSettings, 'durability'>, readonly [number, number]>;
/** Fills in defaults. Throws TypeError for a value outside its range. */
export declare function resolveSettings(settings: AuditLogSettings): ResolvedSettings;

// dist/log.d.ts

/**
 * Opens the log of one replica, mends what a crash tore and says so in the log, and begins to record.
 * Rejects with AuditError: ERR_AUDIT_LOCKED when another process writes to it, ERR_AUDIT_CHAIN_BROKEN when it was changed,
 * a storage code when it cannot be written. Throws TypeError for options out of range.
 */
export declare function createAuditLog<const E extends string = never>(options: AuditLogOptions<E>): Promise<AuditLog<E>>;

// dist/merkle/frontier.d.ts

/**
 * The right edge of an RFC 6962 tree: roots of its complete subtrees, largest first. It is all that is needed to append
 * and to state the root, in O(log n) memory.
 */
export interface Frontier {
    size: number;
    /** One per bit that is set in `size`, from the highest bit to the lowest. */
    nodes: Digest[];
}
export declare function emptyFrontier(): Frontier;
export declare function copyFrontier(frontier: Frontier): Frontier;
/** Adds one leaf hash in place. */
export declare function appendLeaf(frontier: Frontier, leaf: Digest): void;
/** Root hash of the tree the frontier belongs to. */
export declare function frontierRoot(frontier: Frontier): Digest;
/** Number of subtrees a frontier of this size has. */
export declare function frontierLength(size: number): number;

// dist/merkle/proofs.d.ts

/** Root of the complete subtree of `2 ** level` leaves number `index`, counted from the left. */
export type NodeReader = (level: number, index: number) => Promise<Digest>;
/** Hash of leaves `from` to `to` (exclusive), RFC 6962 section 2.1; asks the reader only for complete subtrees. */
export declare function rangeHash(read: NodeReader, from: number, to: number): Promise<Digest>;
/** RFC 6962 section 2.1.1 audit path of leaf `index` in the tree of the first `size` leaves. */
export declare function inclusionPath(read: NodeReader, index: number, size: number): Promise<Digest[]>;
/** RFC 6962 section 2.1.2 consistency proof between the trees of the first `first` and the first `second` leaves. */
export declare function consistencyPath(read: NodeReader, first: number, second: number): Promise<Digest[]>;
/** Root that the path leads to, RFC 9162 section 2.1.3.2; undefined when the path has the wrong length. */
export declare function rootFromInclusion(index: number, size: number, leaf: Digest, path: readonly Digest[]): Digest | undefined;
/** True when the path proves that the leaf hash is number `index` of the tree with this root. */
export declare function isIncluded(index: number, size: number, leaf: Digest, path: readonly Digest[], root: Digest): boolean;
/** True when the path proves that the first tree is a prefix of the second, RFC 9162 section 2.1.4.2. */
export declare function isConsistent(first: number, second: number, path: readonly Digest[], rootOne: Digest, rootTwo: Digest): boolean;

// dist/merkle/tree-hash.d.ts

/**
 * A SHA-256 digest as a 32-character latin1 string. Strings are what `crypto.hash` returns fastest: measured three times
 * faster than a Buffer for the 65 bytes of an interior node.
 */
export type Digest = string;
export declare const DIGEST_BYTES = 32;
/** Root of the tree without leaves, RFC 6962 section 2.1. */
export declare const EMPTY_ROOT: Digest;
/** RFC 6962 section 2.1: SHA-256(0x01 || left || right). */
export declare function hashChildren(left: Digest, right: Digest): Digest;
/** RFC 6962 section 2.1: SHA-256(0x00 || leaf). Copies the leaf; the writer hashes in place instead. */
export declare function hashLeaf(leaf: Uint8Array): Digest;
export declare function digestToHex(digest: Digest): string;
export declare function digestToBase64(digest: Digest): string;
/** Accepts exactly 64 lower-case hexadecimal digits; undefined otherwise. */
export declare function digestFromHex(hex: string): Digest | undefined;
/** Accepts exactly the canonical base64 of 32 bytes: unused bits must be zero, or two texts would mean one hash. */
export declare function digestFromBase64(text: string): Digest | undefined;

// dist/note/checkpoint.d.ts

import type { KeyObject } from 'node:crypto';
/** What a C2SP tlog-checkpoint states. */
export interface Checkpoint {
    origin: string;
    size: number;
    root: Digest;
}
export interface TrustedKey {
    name: string;
    id: Buffer;
    key: KeyObject;
}
/** Parses a verifier key. Throws TypeError when it is malformed or its key id does not fit. */
export declare function parseVerifierKey(vkey: string): TrustedKey;
/** Signs a checkpoint as a C2SP signed note. Throws AuditError ERR_AUDIT_SIGNER_FAILED. */
export declare function signCheckpoint(signer: Signer, size: number, root: Digest): Promise<string>;
/**
 * Opens a signed checkpoint: at least one trusted key whose name is the origin must have signed it. Lines of other
 * signers (witnesses) are skipped. Returns a sentence saying what is wrong instead of throwing.
 */
export declare function openCheckpoint(note: string, trusted: readonly TrustedKey[]): Checkpoint | string;
/** Splits a file in which signed notes follow each other. */
export declare function splitNotes(text: string): string[];

// dist/note/signer.d.ts

import type { KeyObject } from 'node:crypto';
/**
 * Signs checkpoints. A port, so that the key may live in a KMS or HSM; it must sign with Ed25519 (RFC 8032, no prehash).
 * The time `sign` takes is added to one commit per checkpoint.
 */
export interface Signer {
    /** Key name of the signed note, and the origin of the checkpoints: one per replica, such as `gw.example/audit/a`. */
    readonly name: string;
    /** The raw public key, 32 bytes. */
    readonly publicKey: Uint8Array;
    sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
/** C2SP signed-note: a key name is non-empty and holds neither white space nor a plus sign. */
export declare function isKeyName(name: string): boolean;
/** A signer over a local private key. Throws TypeError when the key is not Ed25519 or the name is not a key name. */
export declare function ed25519Signer(options: {
    name: string;
    privateKey: KeyObject;
    publicKey: KeyObject;
}): Signer;
/** Key ID of the C2SP signed-note format: first four bytes of SHA-256(name || 0x0A || 0x01 || public key). */
export declare function keyId(name: string, publicKey: Uint8Array): Buffer;
/** The verifier key ("vkey") to hand to auditors: `name+hex key id+base64(0x01 || public key)`. */
export declare function verifierKey(signer: Pick<Signer, 'name' | 'publicKey'>): string;

// dist/privacy/audit-keys.d.ts

/**
 * Wraps the keys of subjects. A port, so that the key encryption key may live in a KMS.
 * Backups of wrapped keys must expire (30 days at most), or an erasure is undone by a restore.
 */
export interface AuditKeys {
    /** Identifies the key encryption key in use; written into envelopes. */
    readonly id: string;
    /** 32 bytes; keys the hashes of content without a subject and of the names in the key table. Never changes. */
    readonly macKey: Uint8Array;
    wrap(key: Uint8Array): Uint8Array | Promise<Uint8Array>;
    /** `id` names the key encryption key that wrapped it. */
    unwrap(wrapped: Uint8Array, id: string): Uint8Array | Promise<Uint8Array>;
}
/** AES-256-GCM: nonce, ciphertext, tag. A fresh random nonce each time. */
export declare function seal(key: Uint8Array, plain: Uint8Array, additional: string): Buffer;
/** Opens what `seal` made. Throws when the key, the additional data or a byte is not the same. */
export declare function unseal(key: Uint8Array, sealed: Uint8Array, additional: string): Buffer;
/** One purpose, one key: derives a 32 byte key from another. */
export declare function deriveKey(key: Uint8Array, purpose: string): Buffer;
export interface LocalAuditKeysOptions {
    /** Name of the key in use, for example `2026-11`. */
    id: string;
    /** The key encryption key, 32 bytes. */
    secret: Uint8Array;
    /** Keys the hashes; 32 bytes, must stay the same when `secret` is rotated. Default: derived from `secret`. */
    macSecret?: Uint8Array;
    /** Former keys, to open what they wrapped. */
    previous?: readonly {
        id: string;
        secret: Uint8Array;
    }[];
}
/** Key encryption with keys held in memory. Throws TypeError when a secret has not 32 bytes. */
export declare function localAuditKeys(options: LocalAuditKeysOptions): AuditKeys;

// dist/privacy/envelopes.d.ts

/** An identity that has its reference; the envelope is written once into every segment that mentions it. */
export interface CachedEnvelope {
    ref: string;
    tableId: string;
    /** The envelope's fields as JSON. */
    json: string;
    /** First sequence number of the segment that last got it, -1 before. */
    segment: number;
    /** Only itself: what most records need, made once. */
    alone: readonly CachedEnvelope[];
    mac: Mac;
    keys: SubjectKeySet;
}
/** What an envelope holds. */
export interface SealedIdentity {
    iss: string;
    sub: string;
    email?: string;
    name?: string;
    ip?: string;
    ua?: string;
}
export declare function subjectOfSource(ip: string): SubjectName;
/** Opens an envelope of a record. Throws when the keys are not those it was sealed with. */
export declare function openEnvelope(keys: SubjectKeySet, chainUid: string, envelope: EnvelopeFields): SealedIdentity;
/**
 * Gives identities their references. Encryption costs more than the rest of a record, so it happens once per identity
 * (with its address and client), not once per event.
 */
export declare class Envelopes {
    #private;
    constructor(keys: SubjectKeys, chainUid: string, maxEntries: number);
    cached(identity: Identity): CachedEnvelope | undefined;
    load(identity: Identity): Promise<CachedEnvelope>;
    identityOfSource(source: Source): Identity;
    /** Drops all that is remembered of a subject. */
    forget(tableId: string): void;
}

// dist/privacy/erase.d.ts

/** Something that keeps rows derived from the log: an index, a database a sink writes to. */
export interface DerivedRows {
    readonly name: string;
    /** Deletes what it holds under these pseudonyms; resolves with the number of rows. Must be safe to repeat. */
    forget(subject: {
        subj: string;
        refs: readonly string[];
    }): Promise<number>;
}
export interface EraseOptions {
    subject: SubjectName;
    /** Who asked for it; sealed like any identity. */
    by?: Identity;
    /** Indexes and sinks to be told. */
    derived?: readonly DerivedRows[];
}
export interface EraseResult {
    /** `held`: a legal hold forbids it, nothing was changed. `unknown`: the log has no key of the subject (any more). */
    status: 'erased' | 'unknown' | 'held';
    /** Records that can no longer be attributed. */
    records: number;
    blobs: number;
    exports: number;
    derivedRows: number;
}
/**
 * Forgets a subject: destroys its key, and with it every identity, pseudonym and captured content ever written under it;
 * deletes blobs, exports kept in the log's folder and derived rows; records `gdpr.erasure_requested` and
 * `gdpr.erasure_done`. Chain, tree and old checkpoints stay valid, for they cover the ciphertext.
 * A crash in between is finished by `resumeErasures`. Rejects with AuditError of the storage codes.
 * Does not reach: backups of the key folder, copies of exports made elsewhere, what `detail` held in the clear.
 */
export declare function eraseSubject(log: AuditLog<string>, options: EraseOptions): Promise<EraseResult>;
/** Completes erasures that a crash interrupted; call it after opening the log, with the same derived rows. Returns their number. */
export declare function resumeErasures(log: AuditLog<string>, options?: Pick<EraseOptions, 'derived'>): Promise<number>;

// dist/privacy/export.d.ts

export interface ExportOptions {
    subject: SubjectName;
    by?: Identity;
    /**
     * Folder to write to; made if missing. Default: a new folder below the log's own, which an erasure deletes. A folder
     * given here is the caller's to delete.
     */
    outputDirectory?: string;
}
export interface ExportResult {
    status: 'exported' | 'unknown';
    directory: string | undefined;
    records: number;
}
/**
 * Writes all a log holds of a subject (GDPR Art. 15 and 20): `records.ndjson` with one object per record (the record's line
 * as text, its proof, the opened identity and captured content) and `manifest.json`. Records `gdpr.export`.
 * The records are covered by a fresh checkpoint, so each has a proof an outsider can check with `checkProof`.
 */
export declare function exportSubject(log: AuditLog<string>, options: ExportOptions): Promise<ExportResult>;

// dist/privacy/legal-hold.d.ts

/** A hold keeps records from retention, and a subject's records from erasure, while a claim is open (GDPR Art. 17(3)(e)). */
export interface LegalHold {
    id: string;
    /** Row of the key table when the hold is on one subject; without it the hold is on the whole log. */
    tableId: string | undefined;
    placedAtMs: number;
}
/** The holds in force. */
export declare function listLegalHolds(log: AuditLog<string>): Promise<LegalHold[]>;
/** Places a hold on the whole log or on one subject, and records it. */
export declare function placeLegalHold(log: AuditLog<string>, hold: {
    id: string;
    subject?: SubjectName;
    by?: Identity;
}): Promise<void>;
/** Lifts a hold and records it; false when there is no such hold. */
export declare function liftLegalHold(log: AuditLog<string>, hold: {
    id: string;
    by?: Identity;
}): Promise<boolean>;

// dist/privacy/read-subject.d.ts

/** The pseudonym of a subject, to look its references up in an index; undefined when it has no key (any more). */
export declare function subjectPseudonym(log: AuditLog<string>, subject: SubjectName): Promise<string | undefined>;
/**
 * Opens an envelope record, given the subject it may be of; undefined when it belongs to another or was erased.
 * An envelope alone does not tell whose it is: that is what makes erasure possible.
 */
export declare function openIdentity(log: AuditLog<string>, record: AuditRecord, subject: SubjectName): Promise<SealedIdentity | undefined>;
/** Content captured with a record, given the subject it was captured under; undefined when there is none or it was erased. */
export declare function openCapture(log: AuditLog<string>, record: AuditRecord, subject: SubjectName): Promise<unknown>;

// dist/privacy/retention.d.ts

export interface PurgeOptions {
    /** Segments whose newest record is older than this are deleted; milliseconds since 1970-01-01 UTC. */
    beforeMs: number;
    by?: Identity;
}
export interface PurgeResult {
    status: 'purged' | 'nothing' | 'held';
    segments: number;
    records: number;
    blobs: number;
    /** Sequence number of the first record that is left. */
    firstSeq: number;
}
/**
 * Deletes whole old segments. Before, the hashes of their records are kept as durable tiles, so that proofs of what is left and
 * consistency with old checkpoints stay possible, and a signed `gdpr.retention_purge` record says what will be deleted.
 * The verifier accepts a missing beginning only with that record. A hold of any kind keeps everything.
 */
export declare function purgeSegments(log: AuditLog<string>, options: PurgeOptions): Promise<PurgeResult>;

// dist/privacy/sealed-blobs.d.ts

/** A blob a record points at: the hash is that of the ciphertext, so the chain covers it without knowing the content. */
export interface BlobReference {
    sha256: string;
    bytes: number;
}
/** Captured content, sealed under the subject's key, one file each. */
export declare class SealedBlobs {
    #private;
    constructor(fs: AuditFileSystem, directory: string);
    /** Seals and stores durably. */
    save(keys: SubjectKeySet, content: unknown): Promise<BlobReference>;
    /** The content, or undefined when the blob has been deleted. Throws AuditError ERR_AUDIT_ENVELOPE_UNREADABLE. */
    load(keys: SubjectKeySet, sha256: string): Promise<unknown>;
    /** Deletes a blob; true when there was one. */
    remove(sha256: string): Promise<boolean>;
}

// dist/privacy/subject-keys.d.ts

/** The keys that follow from a subject's key; all of them are gone once it is destroyed. */
export interface SubjectKeySet {
    /** Row of the key table: a keyed hash of issuer and subject. */
    tableId: string;
    /** Pseudonym under which the subject's envelopes can be found. */
    subj: string;
    seal: Buffer;
    mac: Buffer;
}
/** Where wrapped subject keys are kept. A port: any store that can really destroy a row. */
export interface SubjectKeyStore {
    load(tableId: string): Promise<{
        kekId: string;
        wrapped: Uint8Array;
    } | undefined>;
    /** Durable when it resolves. */
    save(tableId: string, entry: {
        kekId: string;
        wrapped: Uint8Array;
    }): Promise<void>;
    /** Destroys the entry beyond recovery as far as the store can; true when there was one. */
    destroy(tableId: string): Promise<boolean>;
}
/**
 * One small file per subject, in a folder that is not the log's: backups of the log must not hold the keys.
 * Destruction overwrites the file, syncs, and removes it. A journalling or copy-on-write file system and flash memory may
 * keep old blocks; the wrapped key in them is of use only to who also has the key encryption key.
 */
export declare function fileSubjectKeyStore(fs: AuditFileSystem, directory: string): SubjectKeyStore;
/** Finds, makes and destroys the keys of subjects. */
export declare class SubjectKeys {
    #private;
    constructor(keys: AuditKeys, store: SubjectKeyStore);
    get kekId(): string;
    get logMacKey(): Uint8Array;
    tableId(name: SubjectName): string;
    /** The subject's keys, or undefined when there are none (never seen, or erased). */
    find(name: SubjectName): Promise<SubjectKeySet | undefined>;
    /** The subject's keys; made and stored durably when there are none. */
    findOrMake(name: SubjectName): Promise<SubjectKeySet>;
    destroy(tableId: string): Promise<boolean>;
}

// dist/read/audit-index.d.ts

/** An index over the log, for questions. Derived: delete the file and it is rebuilt to the same answers. */
export interface AuditIndex extends DerivedRows, Disposable {
    /** Takes in what was written since; resolves with the number of new records. Rebuilds by itself when the log is another. */
    update(): Promise<number>;
    /** Answers from what `update` has taken in. Newest first unless asked otherwise. */
    query(query: AuditQuery): AuditRecord[];
    /** The references under a pseudonym; empty after its erasure. */
    refsOf(subj: string): string[];
    close(): void;
}
/** Opens (or makes) the index of a log at `index.sqlite` in its folder, or at `path`. Needs `node:sqlite`. */
export declare function openAuditIndex(location: LogLocation & {
    path?: string;
}): AuditIndex;

// dist/read/export-tiles.d.ts

/**
 * Writes the signed part of the log as a static C2SP tlog-tiles log: `checkpoint`, `tile/<L>/<N>`, `tile/entries/<N>`,
 * with partial tiles at the right edge. Any tlog client can then read and check it. Entries of purged records are left out,
 * as the specification allows (pruning). The folder must not exist or be empty.
 */
export declare function exportTiles(request: ProofRequest & {
    outputDirectory: string;
}): Promise<{
    size: number;
    files: number;
}>;

// dist/read/location.d.ts

/** Where a log is. An open `AuditLog` is one too; reading needs no lock and may happen while another process writes. */
export interface LogLocation {
    directory: string;
    /** Default: the real file system. */
    fileSystem?: AuditFileSystem;
}
export declare function openLocation(location: LogLocation): {
    fs: AuditFileSystem;
    layout: Layout;
};

// dist/read/proof.d.ts

export interface ProofRequest extends LogLocation {
    /** Verifier keys of the log. */
    keys: readonly string[];
}
/** A record and the proof that it is in the log: all an outsider needs besides the verifier key. */
export interface RecordProof {
    seq: number;
    /** The record's bytes as text, without the newline. */
    record: string;
    /** C2SP tlog-proof v1: index, audit path and the signed checkpoint. */
    proof: string;
}
/** The signed state proofs are made against. */
export interface SignedTree {
    checkpoint: Checkpoint;
    note: string;
    read: NodeReader;
}
/** The newest signed tree, its hashes checked against the signature. Rejects with AuditError ERR_AUDIT_PROOF_FAILED or ERR_AUDIT_NOTE_INVALID. */
export declare function openSignedTree(fs: AuditFileSystem, layout: Layout, trusted: readonly TrustedKey[]): Promise<SignedTree>;
/** Writes a proof in the C2SP tlog-proof v1 text format. */
export declare function formatProof(seq: number, path: readonly Digest[], note: string): string;
/**
 * Proves that a record is in the log, by its id or sequence number, against the checkpoint file.
 * Rejects with AuditError ERR_AUDIT_NOT_FOUND when there is no such record or it is not signed yet.
 */
export declare function proveRecord(request: ProofRequest & {
    record: string | number;
}): Promise<RecordProof>;
/**
 * Checks a proof without the log. Returns the checkpoint it leads to, or a sentence saying what is wrong.
 * Does not check that the checkpoint is the newest.
 */
export declare function checkProof(proof: Pick<RecordProof, 'record' | 'proof'>, keys: readonly string[]): Checkpoint | string;
/** Proves to the holder of an older checkpoint that the log only grew since. The path is base64, one hash each. */
export declare function proveConsistency(request: ProofRequest & {
    from: string;
}): Promise<{
    to: string;
    path: string[];
}>;
/** Checks a consistency proof without the log; undefined when it holds, else what is wrong. */
export declare function checkConsistency(proof: {
    from: string;
    to: string;
    path: readonly string[];
}, keys: readonly string[]): string | undefined;

// dist/read/query.d.ts

/** A question to the index; all parts must hold. */
export interface AuditQuery {
    /** Types, or prefixes such as `auth.*`. */
    types?: readonly string[];
    outcomes?: readonly string[];
    severities?: readonly string[];
    /** Milliseconds since 1970-01-01 UTC, inclusive. */
    sinceMs?: number;
    /** Milliseconds since 1970-01-01 UTC, exclusive. */
    untilMs?: number;
    /** References of actors or sources; see `AuditIndex.refsOf` and `subjectPseudonym`. */
    refs?: readonly string[];
    server?: string;
    method?: string;
    name?: string;
    exchange?: string;
    trace?: string;
    id?: string;
    /** Only records after this sequence number (ascending) or before it (descending): for paging. */
    cursor?: number;
    order?: 'ascending' | 'descending';
    /** Most records to return. Default 100, from 1 to 10,000. */
    limit?: number;
}
type Value = string | number;
/** Turns a question into SQL with bound values. Throws TypeError for a limit out of range. */
export declare function compileQuery(query: AuditQuery): {
    sql: string;
    values: Value[];
};
export {};

// dist/read/records.d.ts

/** A line of the log as it lies on disk. */
export interface LogLine {
    seq: number;
    /** Without the newline. */
    bytes: Buffer;
    segment: SegmentName;
    /** Where the line begins in its segment. */
    offset: number;
}
/** Where reading stopped; who reads on from there does not read the segment again from its beginning. */
export interface ReadPosition {
    firstSeq: number;
    seq: number;
    offset: number;
}
/** The position after a line. */
export declare function positionAfter(line: LogLine): ReadPosition;
/**
 * The whole lines from `fromSeq` on, in order; half a line at the end (a write under way, or torn) is left out.
 * `known` is where an earlier reading stopped. Does not check the chain: that is what the verifiers are for.
 */
export declare function readLines(fs: AuditFileSystem, layout: Layout, fromSeq?: number, known?: ReadPosition): AsyncGenerator<LogLine>;
/** Parses a line. Throws AuditError ERR_AUDIT_CHAIN_BROKEN when it is not JSON. */
export declare function parseLine(line: Pick<LogLine, 'seq' | 'bytes'>): AuditRecord;
/** The records from `fromSeq` on, in order. */
export declare function readRecords(location: LogLocation, fromSeq?: number): AsyncGenerator<AuditRecord>;
/** One line by its sequence number, or undefined when it is not (or no longer) there. */
export declare function readLine(fs: AuditFileSystem, layout: Layout, seq: number): Promise<Buffer | undefined>;
/** Finds the sequence number of a record by its id, reading from the newest segment backwards. */
export declare function findSeq(fs: AuditFileSystem, layout: Layout, id: string): Promise<number | undefined>;
export interface TailOptions {
    /** First record to give. Default: the next that is written. */
    fromSeq?: number;
    /** How often to look for more. Default 200 milliseconds, from 10. */
    pollMs?: number;
    /** Ends the tail. */
    signal?: AbortSignal;
}
/** Follows the log as it grows, across segments. Ends when the signal aborts. */
export declare function tailRecords(location: LogLocation, options?: TailOptions): AsyncGenerator<AuditRecord>;

// dist/report/soc2.d.ts

export interface Soc2Request extends ProofRequest {
    /** Period of the report; milliseconds since 1970-01-01 UTC, from inclusive, to exclusive. */
    fromMs: number;
    toMs: number;
    /** Signs the pack. */
    signer: Signer;
    /** Time of making; milliseconds since 1970-01-01 UTC. */
    nowMs: number;
    /** Records included with proof per criterion, evenly spread over the period. Default 25, from 0 to 1000. */
    samplesPerCriterion?: number;
}
export interface CriterionEvidence {
    id: string;
    evidence: string;
    events: number;
    byType: Record<string, number>;
    byOutcome: Partial<Record<Outcome, number>>;
    samples: RecordProof[];
}
export interface Soc2Pack {
    v: 1;
    kind: 'soc2-evidence';
    notice: string;
    origin: string;
    madeAtMs: number;
    fromMs: number;
    toMs: number;
    verification: {
        status: string;
        size: number;
        signedSize: number;
        root: string;
        findings: number;
        warnings: number;
    };
    recordsInPeriod: number;
    criteria: CriterionEvidence[];
}
export interface SignedSoc2Pack {
    pack: Soc2Pack;
    /** C2SP signed note over the origin, the kind and the SHA-256 of `JSON.stringify(pack)`. */
    signature: string;
}
/**
 * Collects evidence for an auditor: the log is verified, events of the period are counted per criterion, and samples come
 * with proofs against the signed checkpoint. Throws TypeError for a period or sample count out of range.
 * Does not judge whether a control works.
 */
export declare function reportSoc2(request: Soc2Request): Promise<SignedSoc2Pack>;
/** Checks a pack without the log: signature and every sample's proof. Undefined when all hold, else what is wrong. */
export declare function checkSoc2(signed: SignedSoc2Pack, keys: readonly string[]): string | undefined;

// dist/sinks/audit-sink.d.ts

/** A record on its way out: parsed, and the line as it lies in the log for places that keep evidence. */
export interface OutgoingRecord {
    record: AuditRecord;
    line: string;
}
/**
 * A place that records are copied to. Delivery is at least once and in order: a batch may come again after a failure or a
 * restart, so a sink must recognise a record it has by `seq` (within one chain) or `id`.
 */
export interface AuditSink {
    /** Names the cursor file; `[a-z0-9_-]{1,64}`. */
    readonly name: string;
    /** Resolves once the place has taken the whole batch for good; rejects when it has not, the batch then comes again. */
    send(batch: readonly OutgoingRecord[], signal: AbortSignal): Promise<void>;
    /** Deletes what ties records to a subject, as far as the place can; see `eraseSubject`. Resolves with the number of rows. */
    forget?(subject: {
        subj: string;
        refs: readonly string[];
    }): Promise<number>;
    close?(): Promise<void>;
}

// dist/sinks/file-place.d.ts

export interface FilePlaceOptions {
    /** Default `file`. */
    name?: string;
    /** A file on another machine or a write-once mount; on the same disk it protects against mistakes only. */
    path: string;
    fileSystem?: AuditFileSystem;
}
/** Appends every checkpoint to a file, durably; the verifiers take that file as `--trusted`. */
export declare function filePlace(options: FilePlaceOptions): CheckpointPlace;

// dist/sinks/file-sink.d.ts

/** What a line of a text sink is made of. */
export type LineFormat = (outgoing: OutgoingRecord) => string;
export interface FileSinkOptions {
    /** Default `file`. */
    name?: string;
    path: string;
    /** Default: the line as it is in the log. */
    format?: LineFormat;
    fileSystem?: AuditFileSystem;
}
/** Appends lines to a file, durably. A batch that comes again after a crash is recognised by its last whole line. */
export declare function fileSink(options: FileSinkOptions): AuditSink;
export interface WritableText {
    write(text: string, done: (error?: Error | null) => void): boolean;
}
export interface StdoutSinkOptions {
    /** Default `stdout`. */
    name?: string;
    /** Default `process.stdout`. */
    stream?: WritableText;
    format?: LineFormat;
}
/** Writes lines to a stream, by default standard output. Taken means handed to the stream. */
export declare function stdoutSink(options?: StdoutSinkOptions): AuditSink;

// dist/sinks/otlp-sink.d.ts

export interface OtlpSinkOptions {
    /** Default `otlp`. */
    name?: string;
    /** Full address, usually ending in `/v1/logs`. */
    url: string;
    fetch: typeof globalThis.fetch;
    /** For example an authorization header. */
    headers?: Readonly<Record<string, string>>;
    /** Resource attributes, such as `service.name`. */
    resource?: Readonly<Record<string, string>>;
}
/** One record in the OTLP/JSON encoding of a log record. */
export declare function toOtlpLogRecord(record: AuditRecord, line: string): object;
/** Sends batches as OTLP logs over HTTP in the JSON encoding. The body of each log record is the line of the log. */
export declare function otlpSink(options: OtlpSinkOptions): AuditSink;

// dist/sinks/sink-pump.d.ts

export interface SinkPumpOptions extends LogLocation {
    sink: AuditSink;
    /** Records per `send`. Default 500, from 1 to 10,000. */
    batchRecords?: number;
    /** How often to look for new records. Default 250 milliseconds, from 10. */
    pollMs?: number;
    /** First wait after a failure; doubles up to 60 times that. Default 1000 milliseconds, from 10. */
    retryMs?: number;
    /** A `send` that takes longer is aborted and counts as failed. Default 30,000 milliseconds, from 10. */
    timeoutMs?: number;
    /** 0 to 1, spreads retries. Default `Math.random`. */
    random?: () => number;
    /** Records to copy; default all. What is left out still moves the cursor. */
    select?: (record: AuditRecord) => boolean;
}
export interface SinkState {
    name: string;
    /** Records the sink has for good. */
    deliveredSeq: number;
    /** Records in the log that the sink does not have yet, when last looked. */
    lagRecords: number;
    /** Age of the oldest of them in the log's own time, milliseconds; 0 without lag. */
    lagMs: number;
    failures: number;
    consecutiveFailures: number;
    lastError: unknown;
}
export interface SinkPump {
    state(): SinkState;
    /** Delivers all that is in the log now, once; rejects with AuditError ERR_AUDIT_SINK_FAILED on the first failure. */
    drain(): Promise<number>;
    /** Starts delivering in the background, with retries. */
    start(): void;
    /** Stops after the batch under way and closes the sink. */
    stop(): Promise<void>;
}
/**
 * Copies the log to a sink. It reads from the segments, not from memory, so neither a slow place nor a restart loses a
 * record, and the request path never waits for it. The cursor is saved after a batch was taken: after a crash the last
 * batch comes again. Throws TypeError for a name or figure out of range.
 */
export declare function createSinkPump(options: SinkPumpOptions): SinkPump;

// dist/sinks/webhook-sink.d.ts

export interface WebhookOptions {
    /** Default `webhook`. */
    name?: string;
    url: string;
    /** Sends the request; give one that guards against requests to inner addresses. */
    fetch: typeof globalThis.fetch;
    /** Standard Webhooks secrets, `whsec_` and base64 of 24 to 64 bytes; several while one is being rotated. */
    secrets: readonly string[];
    /** Milliseconds since 1970-01-01 UTC. */
    now: () => number;
}
/** Headers of the Standard Webhooks specification: id, timestamp and one signature per secret. */
export declare function signWebhook(id: string, timestampSeconds: number, body: string, secrets: readonly Buffer[]): Record<string, string>;
/**
 * Posts each batch as CloudEvents 1.0 in batch mode, signed as Standard Webhooks say. The id of the request is that of the
 * batch's last record, so a repetition can be recognised. Throws TypeError for a malformed secret.
 */
export declare function webhookSink(options: WebhookOptions): AuditSink;
/** An outside place for checkpoints that posts each signed note, signed as Standard Webhooks say. */
export declare function webhookPlace(options: WebhookOptions): CheckpointPlace;

// dist/storage/file-system.d.ts

/** An open file, addressed by position so that a failed write can be written again over itself. */
export interface AuditFile {
    /** Writes all bytes or throws; a partial write may be left behind. */
    write(bytes: Uint8Array, position: number): Promise<void>;
    /** Fills from `position`; returns the number of bytes read, 0 at the end. */
    read(into: Uint8Array, position: number): Promise<number>;
    /** Returns once what was written is on stable storage. */
    datasync(): Promise<void>;
    truncate(bytes: number): Promise<void>;
    close(): Promise<void>;
}
/** The part of a file system the log uses. A port, so that tests can inject ENOSPC, EIO and slow disks. */
export interface AuditFileSystem {
    /** `create` fails when the file exists; `read` and `write` fail when it does not. */
    open(path: string, mode: 'create' | 'read' | 'write'): Promise<AuditFile>;
    /** The whole file, or undefined when there is none. */
    readFile(path: string): Promise<Buffer | undefined>;
    /** Makes the file have exactly these bytes, durably and in one step (a temporary file, fsync, rename). */
    replaceFile(path: string, bytes: Uint8Array): Promise<void>;
    rename(from: string, to: string): Promise<void>;
    /** Removes a file or a folder with all it holds; nothing happens when there is none. */
    remove(path: string): Promise<void>;
    /** Names in a folder, sorted; empty when there is no such folder. */
    list(directory: string): Promise<string[]>;
    /** Size in bytes, or undefined when there is no such file. */
    size(path: string): Promise<number | undefined>;
    makeDirectory(directory: string): Promise<void>;
    /** Makes creations, renames and removals in the folder durable. */
    syncDirectory(directory: string): Promise<void>;
}
/** The real file system. Files are created with mode 0600 and folders with 0700. */
export declare function nodeFileSystem(): AuditFileSystem;

// dist/storage/layout.d.ts

/** Where everything is, below the directory of one replica. */
export interface Layout {
    root: string;
    segments: string;
    /** The newest signed checkpoint, a C2SP signed note. */
    checkpoint: string;
    /** Bytes cut off by crash recovery, kept for whoever wants to look. */
    torn: string;
    blobs: string;
    /** Level-wise hash tiles, kept when segments are purged and made for export. */
    tiles: string;
    exports: string;
    cursors: string;
    index: string;
    lock: string;
}
export declare function layoutOf(directory: string): Layout;
export interface SegmentName {
    /** Sequence number of the first record. */
    firstSeq: number;
    path: string;
}
export declare function segmentPath(layout: Layout, firstSeq: number): string;
/** The segments in order. Other files in the folder are ignored here; the verifier reports them. */
export declare function listSegments(fs: AuditFileSystem, layout: Layout): Promise<SegmentName[]>;

// dist/telemetry/prometheus.d.ts

/** What to answer to a scrape. */
export interface MetricsPage {
    contentType: string;
    body: string;
}
export interface PrometheusMetrics extends AuditObserver {
    /** The page for `/metrics`: events, durations, the state of the log and of the sinks. */
    render(log?: AuditLog<string>, sinks?: readonly SinkPump[]): MetricsPage;
}
/** Metrics in the Prometheus text format 0.0.4. Pass the result among `observers`, serve `render` on the admin port. */
export declare function createPrometheusMetrics(): PrometheusMetrics;

// dist/testing/faulty-file-system.d.ts

/** Operations that can be made to fail. `write`, `datasync` and `truncate` are those of open files. */
export type FaultyOperation = 'open' | 'write' | 'datasync' | 'truncate' | 'replaceFile' | 'remove' | 'syncDirectory' | 'readFile';
export interface Fault {
    operation: FaultyOperation;
    /** System error code, such as `ENOSPC` or `EIO`. */
    code: string;
    /** How often it fails; default forever. */
    times?: number;
    /** Operations that still succeed before. Default 0. */
    after?: number;
    /** Only paths that hold this text. */
    path?: string;
    /** A failing write leaves this many of its bytes behind, as a full disk does. Default 0. */
    partialBytes?: number;
}
export interface FaultyFileSystem extends AuditFileSystem {
    /** From now on the operation fails. Returns a function that mends it. */
    fail(fault: Fault): () => void;
    /** Holds back every `datasync` until the returned function is called. */
    stall(): () => void;
    readonly injected: number;
}
/** A file system with faults to inject, over a real one. */
export declare function faultyFileSystem(inner: AuditFileSystem): FaultyFileSystem;

// dist/testing/sink-contract.d.ts

/** A place under test: a fresh sink, and what arrived there. */
export interface SinkSubject {
    sink: AuditSink;
    /** Ids of the records that are in the place, in its order, repetitions included. */
    ids: () => Promise<string[]>;
    /** Makes the place refuse from now on, and take again when the returned function is called. Left out where it cannot be done. */
    breakPlace?: () => Promise<() => Promise<void>>;
    /** True when a repeated batch must leave one copy of each record. */
    deduplicates: boolean;
    cleanUp?(): Promise<void>;
}
export interface ContractCase {
    name: string;
    run: () => Promise<void>;
}
/** A record as the log would hand it out. */
export declare function outgoingRecord(seq: number, extra?: Partial<AuditRecord>): OutgoingRecord;
/** What every sink must do, free of any test framework: run each case as a test of its own. */
export declare function sinkContract(make: () => Promise<SinkSubject>): ContractCase[];

// dist/verify/findings.d.ts

/** What a verifier can find. The first group proves a change; the second is worth a look. */
export type FindingCode = 'no_log' | 'segment_missing' | 'segment_name' | 'unknown_file' | 'line_malformed' | 'chain_broken' | 'sequence_wrong' | 'frontier_mismatch' | 'origin_mismatch' | 'checkpoint_missing' | 'checkpoint_invalid' | 'checkpoint_mismatch' | 'checkpoint_replayed' | 'truncated' | 'fork' | 'trusted_invalid' | 'counter_back' | 'gap';
export type WarningCode = 'clock_jump' | 'gap_in_crashed_run' | 'torn_tail' | 'checkpoint_behind' | 'refused_records' | 'crash_recovered';
export interface Finding {
    code: FindingCode;
    message: string;
    /** Sequence number of the record, where there is one. */
    seq?: number;
}
export interface Warning {
    code: WarningCode;
    message: string;
    seq?: number;
}
/**
 * `intact`: every byte of every record is covered by the newest signature. `unsealed`: nothing wrong was found, but the last
 * records are not signed yet, so a change of them could not be seen. `broken`: something was changed.
 */
export type VerificationStatus = 'intact' | 'unsealed' | 'broken';
export interface Verification {
    status: VerificationStatus;
    /** 0 intact, 1 broken, 3 unsealed; 2 is for "could not run" and never returned here. */
    exitCode: 0 | 1 | 3;
    origin: string | undefined;
    chainUid: string | undefined;
    /** Sequence number of the first record present; above 0 after retention. */
    firstSeq: number;
    /** Records in the log, purged ones included. */
    size: number;
    /** Records covered by the checkpoint file. */
    signedSize: number;
    /** Root hash at `size`, hex. */
    root: string;
    segments: number;
    checkpoints: number;
    bytes: number;
    findings: Finding[];
    warnings: Warning[];
}

// dist/verify/verify.d.ts

export interface VerifyOptions {
    directory: string;
    /** Verifier keys ("vkey") of the log, from a source other than the log itself. At least one. */
    keys: readonly string[];
    /** Signed checkpoints kept outside: notes, or texts in which notes follow each other. They reveal rollbacks and forks. */
    trusted?: readonly string[];
    /** Clock going back by more is reported. Default 5000 milliseconds. */
    clockToleranceMs?: number;
    /** Called between chunks with the records and bytes done so far, and the bytes in all. */
    onProgress?: (done: {
        records: number;
        bytes: number;
        totalBytes: number;
    }) => void;
    fileSystem?: AuditFileSystem;
}
/**
 * Checks the log of one replica: chain, tree, signatures, every checkpoint inside and outside, gaps, forks and clock jumps.
 * Reads each byte once. Throws TypeError when no usable key is given; rejects with the system error when files cannot be read.
 * Does not check that lines are sensible JSON beyond what it needs: a signed line is what the writer wrote.
 */
export declare function verifyLog(options: VerifyOptions): Promise<Verification>;

// dist/writer/batch.d.ts

/** A record that waits to be written. */
export interface QueuedRecord {
    head: string;
    /** Size of the line in UTF-16 units; it takes up to three times as many bytes. */
    bytes: number;
    id: string;
    stream: string;
    n: number;
    /** Of the actor and of the source: must be in the same segment. */
    envelopes: readonly CachedEnvelope[];
    exchange: {
        id: string;
        phase: 'intent' | 'terminal';
    } | undefined;
    relaxed: boolean;
    /** Called once if the record will never be in the log. */
    onLost: (() => void) | undefined;
    resolve: (receipt: Receipt) => void;
    reject: (error: unknown) => void;
}
export interface BatchContext {
    chainUid: string;
    signer: Signer;
    nowMs: () => number;
    newId: (nowMs: number) => string;
}
export interface BatchRequest {
    records: readonly QueuedRecord[];
    gaps: readonly GapFields[];
    /** Sequence number of the first record of the segment written to. */
    segment: number | undefined;
    rotate: boolean;
    checkpoint: boolean;
    open: ReadonlySet<string>;
}
export interface BuiltBatch {
    head: ChainHead;
    firstSeq: number;
    seqs: number[];
    envelopes: CachedEnvelope[];
    segment: number;
    checkpointSize: number | undefined;
    /** The signer's failure; the records are written without a checkpoint then. */
    signerError: unknown;
}
/**
 * Lays out one write: what was refused before, a new segment's first record if due, each record with the envelope it
 * needs, and a checkpoint if due. Works on a copy of the chain head, so a failed write leaves no trace.
 */
export declare function buildBatch(context: BatchContext, from: ChainHead, buffer: BatchBuffer, request: BatchRequest): Promise<BuiltBatch>;
/** Most bytes that one write can have, and so the most that a crash can tear; records are estimated in UTF-16 units. */
export declare function maxWriteBytes(maxBatchBytes: number): number;

// dist/writer/chain.d.ts

/** Where the chain stands: enough to append the next line. */
export interface ChainHead {
    /** Number of records, and the sequence number of the next one. */
    size: number;
    /** SHA-256 of the last line without its newline, hex. */
    prev: string;
    frontier: Frontier;
}
export declare function genesisHead(): ChainHead;
export declare function copyHead(head: ChainHead): ChainHead;
export declare function headRoot(head: ChainHead): Digest;
export declare function frontierHex(head: ChainHead): string[];
/**
 * Takes a line that lies in `buffer` from `start` to `end` (its newline at `end`) into the chain. The byte before the line
 * must belong to the buffer: it becomes the 0x00 of the leaf hash for a moment, which saves copying the line.
 */
export declare function absorbLine(head: ChainHead, buffer: Buffer, start: number, end: number): void;
/** Gives lines their place in the chain and collects them for one write. The first byte of the buffer is never written. */
export declare class BatchBuffer {
    #private;
    constructor(capacityBytes: number);
    get byteLength(): number;
    bytes(): Buffer;
    reset(): void;
    /** Appends one line; `lineHead` is the JSON up to the place in the chain. */
    append(head: ChainHead, lineHead: string): void;
}

// dist/writer/checkpoint-keeper.d.ts

/**
 * A place outside the machine that keeps signed checkpoints: what is there cannot be taken back by who rewrites the log.
 * Must reject when the place did not take it; the newest checkpoint is then offered again.
 */
export interface CheckpointPlace {
    readonly name: string;
    publish(note: string, checkpoint: {
        origin: string;
        size: number;
    }): Promise<void>;
}
export interface PlaceState {
    name: string;
    /** Tree size the place last accepted. */
    publishedSize: number;
    failures: number;
    lastError: unknown;
}
export interface CheckpointKeeperOptions {
    fs: AuditFileSystem;
    path: string;
    signer: Signer;
    places: readonly CheckpointPlace[];
    /** Told when the keeper starts and stops; no checkpoint may be made in between. */
    onBusy: (busy: boolean) => void;
}
/** Writes the checkpoint file and pushes it to the outside places, in the background of the commits. */
export declare class CheckpointKeeper {
    #private;
    readonly places: PlaceState[];
    constructor(options: CheckpointKeeperOptions);
    /** Tree size of the checkpoint file. */
    get size(): number;
    get lastError(): unknown;
    keep(size: number, root: Digest): void;
    /** Resolves when the file is written and the places have been tried. */
    idle(): Promise<void>;
}

// dist/writer/committer.d.ts

export interface CommitterOptions extends BatchContext {
    head: ChainHead;
    open: Set<string>;
    file: SegmentFile;
    maxBatchRecords: number;
    maxBatchBytes: number;
    maxQueueBytes: number;
    maxRelaxedRecords: number;
    maxSegmentBytes: number;
    maxSegmentAgeMs: number;
    ackTimeoutMs: number;
    checkpointEveryRecords: number;
    /** Called after a batch with a checkpoint is durable, with the whole durable tree. Must not throw. */
    onCheckpoint: (size: number, root: Digest) => void;
}
/** Group commit: records that arrive while one write is under way share the next write and its fsync. */
export declare class Committer {
    #private;
    readonly refusals: RefusalLedger;
    constructor(options: CommitterOptions);
    /** Number of durable records. */
    get size(): number;
    get root(): Digest;
    /** True from a failed write to the next one that succeeds. */
    get failing(): boolean;
    get state(): {
        queuedBytes: number;
        queuedRecords: number;
        openExchanges: number;
        refusedRecords: number;
        unsignedRecords: number;
        stalled: boolean;
        lastError: unknown;
        lastSignerError: unknown;
    };
    submit(record: QueuedRecord): void;
    /** Asks for a checkpoint with the next write; writes one by itself when nothing else is waiting. */
    requestCheckpoint(): void;
    /** While the checkpoint file is being written no further checkpoint is made, so the file is never two behind. */
    set checkpointBlocked(blocked: boolean);
    /** Refuses everything from now on. */
    close(): void;
    /** Resolves when everything submitted so far has been acknowledged or refused. */
    idle(): Promise<void>;
}

// dist/writer/record-head.d.ts

/** Keyed hash of content that is not stored: hex of HMAC-SHA-256 under the subject's key, or the log's without a subject. */
export type Mac = (content: string | Uint8Array) => string;
export interface HeadFields {
    t: number;
    id: string;
    stream: string;
    n: number;
    actorRef: string | undefined;
    sourceRef: string | undefined;
    blob: {
        sha256: string;
        bytes: number;
    } | undefined;
}
/** Never fails on size: what does not fit is left out and said so, because a lost terminal record is worse. */
export declare function detailJson(detail: NonNullable<AuditEvent['detail']>): string;
/**
 * Everything of a line but its place in the chain. Built by hand: `JSON.stringify` of the whole record takes longer than
 * both hashes and the write together.
 */
export declare function formatHead(event: AuditEvent, fields: HeadFields, mac: Mac): string;
/** A line the log writes about itself; `members` is JSON such as `,"note":"..."`. */
export declare function formatSelfHead(t: number, type: string, id: string, members: string): string;

// dist/writer/recorder.d.ts

export interface RecorderOptions {
    committer: Committer;
    envelopes: Envelopes;
    blobs: SealedBlobs;
    subjectKeys: SubjectKeys;
    now: () => number;
    monotonicNow: (() => number) | undefined;
    newId: (nowMs: number) => string;
    clockToleranceMs: number;
    /** Time of the last record before this run, 0 for a new log. */
    lastTimeMs: number;
    types: ReadonlySet<string>;
    durability: Durability;
    observers: readonly AuditObserver[];
}
/** Turns events into queued records: identity to reference, content to hash, and the counter of the stream. */
export declare class Recorder {
    #private;
    constructor(options: RecorderOptions);
    /** `onLost` is called once if it turns out that the record will never be in the log. */
    record(event: AuditEvent<string>, durability?: Durability, onLost?: () => void): Promise<Receipt>;
    /** Events that wait for the key of an identity or for a sealed blob; all others are in the queue when `record` returns. */
    preparing: number;
    /** Times an observer threw. A broken dashboard must not stop the record. */
    observerErrors: number;
}

// dist/writer/recovery.d.ts

export interface Recovered {
    head: ChainHead;
    chainUid: string;
    origin: string;
    segment: {
        firstSeq: number;
        durableBytes: number;
        startedAtMs: number;
    };
    /** Exchanges with an intent and no terminal record. */
    open: Set<string>;
    lastTimeMs: number;
    /** False when the last run did not end with `audit.stopped`. */
    cleanlyStopped: boolean;
    /** Records after the newest checkpoint file; nothing but the chain has covered them so far. */
    unsigned: number;
    torn: {
        bytes: number;
        sha256: string;
        lines: number;
    } | undefined;
}
/**
 * Finds the end of the log after any kind of stop. A crash can tear at most the one write that was under way; its torn bytes
 * are moved aside and reported. Anything else that does not fit is not repaired but refused with ERR_AUDIT_CHAIN_BROKEN,
 * because mending it would destroy the evidence. Undefined means that there is no log yet.
 */
export declare function recover(fs: AuditFileSystem, layout: Layout, trusted: readonly TrustedKey[], maxTornBytes: number): Promise<Recovered | undefined>;

// dist/writer/refusals.d.ts

/** Remembers counter values whose records were refused or dropped, until a record in the log accounts for them. */
export declare class RefusalLedger {
    #private;
    /** Records refused or dropped since the log was opened. */
    get total(): number;
    get isEmpty(): boolean;
    add(stream: string, n: number, reason: string): void;
    /** What is to be accounted for now, in records of bounded size. `settle` takes them off once they are durable. */
    pending(maxRanges?: number): GapFields[];
    settle(gaps: readonly GapFields[]): void;
}

// dist/writer/segment-file.d.ts

/** The segment that is being written, and how much of it is known to be on disk. */
export interface ActiveSegment {
    firstSeq: number;
    durableBytes: number;
    /** Time of its first record, for rotation by age. */
    startedAtMs: number;
}
/**
 * Writes batches so that after any failure the next attempt starts from what was durable before. After a failed fsync the
 * kernel may have dropped the dirty pages and report success next time, so the file is reopened, cut back to the last
 * durable byte and the data written anew; a second fsync alone would prove nothing.
 */
export declare class SegmentFile {
    #private;
    constructor(fs: AuditFileSystem, layout: Layout, segment: ActiveSegment | undefined);
    get active(): ActiveSegment | undefined;
    /** Appends to the active segment; the caller resolves its callers only after this returns. */
    append(bytes: Uint8Array): Promise<void>;
    /** Makes a new segment with these first bytes and, when that is durable, closes the one before. */
    rotate(firstSeq: number, startedAtMs: number, bytes: Uint8Array): Promise<void>;
    close(): Promise<void>;
}
