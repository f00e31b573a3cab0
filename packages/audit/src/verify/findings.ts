/** What a verifier can find. The first group proves a change; the second is worth a look. */
export type FindingCode =
  | 'no_log'
  | 'segment_missing'
  | 'segment_name'
  | 'unknown_file'
  | 'line_malformed'
  | 'chain_broken'
  | 'sequence_wrong'
  | 'frontier_mismatch'
  | 'origin_mismatch'
  | 'checkpoint_missing'
  | 'checkpoint_invalid'
  | 'checkpoint_mismatch'
  | 'checkpoint_replayed'
  | 'truncated'
  | 'fork'
  | 'trusted_invalid'
  | 'counter_back'
  | 'gap';

export type WarningCode =
  | 'clock_jump'
  | 'gap_in_crashed_run'
  | 'torn_tail'
  | 'checkpoint_behind'
  | 'refused_records'
  | 'crash_recovered';

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
