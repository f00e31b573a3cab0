export { AuditError, isAuditError } from './audit-error.ts';
export type { AuditErrorCode } from './audit-error.ts';
export type { AuditLog, AuditLogState, RecoveryReport } from './audit-log.ts';
export type {
  AuditEvent,
  AuditObserver,
  AuditRecord,
  Durability,
  EventTarget,
  Identity,
  Outcome,
  Receipt,
  Source,
  SubjectName,
} from './event.ts';
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
