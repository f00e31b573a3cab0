import type { AuditObserver, Durability } from './event.ts';
import type { Signer } from './note/signer.ts';
import type { AuditKeys } from './privacy/audit-keys.ts';
import type { SubjectKeyStore } from './privacy/subject-keys.ts';
import type { AuditFileSystem } from './storage/file-system.ts';
import type { CheckpointPlace } from './writer/checkpoint-keeper.ts';

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

const DEFAULTS: ResolvedSettings = {
  durability: 'standard',
  checkpointEveryRecords: 1024,
  checkpointEveryMs: 1000,
  maxSegmentBytes: 67_108_864,
  maxSegmentAgeMs: 86_400_000,
  maxBatchRecords: 512,
  maxBatchBytes: 524_288,
  maxQueueBytes: 67_108_864,
  maxRelaxedRecords: 10_000,
  ackTimeoutMs: 5000,
  maxCachedIdentities: 10_000,
  clockToleranceMs: 5000,
};

/** Lowest and highest value of every number among the settings. */
export const SETTING_RANGES: Record<Exclude<keyof AuditLogSettings, 'durability'>, readonly [number, number]> = {
  checkpointEveryRecords: [1, 1_000_000],
  checkpointEveryMs: [0, 3_600_000],
  maxSegmentBytes: [65_536, 2_147_483_648],
  maxSegmentAgeMs: [1000, 31_536_000_000],
  maxBatchRecords: [1, 4096],
  maxBatchBytes: [65_536, 16_777_216],
  maxQueueBytes: [65_536, 4_294_967_296],
  maxRelaxedRecords: [1, 10_000_000],
  ackTimeoutMs: [10, 600_000],
  maxCachedIdentities: [1, 10_000_000],
  clockToleranceMs: [100, 3_600_000],
};

/** Fills in defaults. Throws TypeError for a value outside its range. */
export function resolveSettings(settings: AuditLogSettings): ResolvedSettings {
  const resolved = { ...DEFAULTS };
  for (const [name, [least, most]] of Object.entries(SETTING_RANGES) as [
    keyof typeof SETTING_RANGES,
    readonly [number, number],
  ][]) {
    const value = settings[name] ?? DEFAULTS[name];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new TypeError(`"${name}" must be an integer from ${least} to ${most}.`);
    }
    resolved[name] = value;
  }
  const { durability = DEFAULTS.durability } = settings;
  if (!['strict', 'standard', 'relaxed'].includes(durability)) {
    throw new TypeError('"durability" must be strict, standard or relaxed.');
  }
  resolved.durability = durability;
  return resolved;
}
