import type { AuditEventType, Severity } from './event-types.ts';

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
  authz?: { effect: 'allow' | 'deny'; rule?: string; policyHash?: string };
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
  limit?: { bucket?: string; cost?: number; remaining?: number; retryAfterMs?: number };
  /** W3C trace id or traceparent. */
  trace?: string;
  /** Facts without personal data. Strings are cut at 1,024 characters, keys at 64, at most 64 entries. */
  detail?: Readonly<Record<string, string | number | boolean | null>>;
  /** Content to keep, sealed into a blob under the subject's key. What the capture rules ask for is passed here. */
  capture?: Readonly<Record<string, unknown>>;
  /** Which counter the record belongs to; default is the part of the type before the first dot. `[a-z0-9_-]{1,32}` */
  stream?: string;
  /** Set by `log.exchange`; a caller does not set it. */
  exchange?: { id: string; phase: 'intent' | 'terminal' };
}

/** Sees every event as it is handed in, with its time and id; for metrics and traces. Must not throw and not keep the event. */
export interface AuditObserver {
  observe(event: AuditEvent<string>, at: { t: number; id: string }): void;
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
  target?: { server?: string; method?: string; name?: string; uri_scheme?: string; uri_mac?: string; era?: string };
  authz?: { effect: 'allow' | 'deny'; rule?: string; policy_hash?: string };
  req?: { id?: string | number; id_mac?: string; bytes?: number; args_mac?: string };
  res?: { bytes?: number; is_error?: boolean; code?: number | string; ms?: number; result_mac?: string };
  limit?: { bucket?: string; cost?: number; remaining?: number; retry_after_ms?: number };
  trace?: string;
  ex?: { id: string; phase: 'intent' | 'terminal' };
  detail?: Record<string, string | number | boolean | null>;
  blob?: { sha256: string; bytes: number };
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
