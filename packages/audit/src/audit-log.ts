import type { AuditEvent, Durability, Receipt, SubjectName } from './event.ts';
import type { Exchange, ExchangeOptions } from './exchange.ts';
import type { PlaceState } from './writer/checkpoint-keeper.ts';
import type { Recovered } from './writer/recovery.ts';

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
  record(event: AuditEvent<E>, options?: { durability?: Durability }): Promise<Receipt>;
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
