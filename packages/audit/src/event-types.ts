/**
 * The closed list of event types. A type is stable: it is never renamed and never changes its meaning.
 * The short names under a prefix keep the list readable; the full dotted names are derived from it.
 */
const NAMES = {
  auth: [
    'ok',
    'missing',
    'malformed',
    'invalid_token',
    'token_in_query',
    'token_in_body',
    'key_in_query',
    'duplicate_header',
    'multiple_credentials',
    'unsupported_scheme',
    'oversized',
    'alg_rejected',
    'key_mismatch',
    'weak_key',
    'bad_signature',
    'unknown_kid',
    'expired',
    'not_yet_valid',
    'wrong_audience',
    'unknown_issuer',
    'wrong_token_type',
    'header_param_rejected',
    'crit_rejected',
    'dpop_failed',
    'mtls_failed',
    'introspection_failed',
    'lockout',
  ],
  authz: ['allowed', 'denied', 'insufficient_scope', 'step_up', 'policy_error'],
  apikey: ['created', 'rotated', 'deprecated_use', 'revoked', 'expired', 'malformed', 'wrong_network'],
  session: ['created', 'refreshed', 'revoked', 'principal_mismatch'],
  mcp: [
    'discover',
    'list',
    'tool.call',
    'tool.result',
    'resource.read',
    'prompt.get',
    'complete',
    'subscription.opened',
    'closed',
    'input_required',
    'input_response',
    'task.created',
    'task.updated',
    'task.completed',
    'task.failed',
    'task.cancelled',
    'initialize',
    'ping',
    'logging',
    'notification',
    'batch',
    'stream',
    'cancelled',
    'header_mismatch',
    'protocol_error',
  ],
  upstream: [
    'registered',
    'changed',
    'removed',
    'connected',
    'failed',
    'tool_added',
    'tool_changed',
    'tool_removed',
    'process_spawned',
    'exited',
  ],
  vault: ['grant_started', 'granted', 'denied', 'refreshed', 'refresh_failed', 'used', 'deleted', 'phishing_blocked'],
  content: ['blocked', 'redacted', 'injection_suspected', 'output_truncated'],
  limit: ['exceeded', 'degraded', 'budget_exhausted', 'concurrency_shed'],
  security: [
    'ssrf_blocked',
    'origin_blocked',
    'host_blocked',
    'replay',
    'anomaly',
    'alert_sent',
    'alert_failed',
    'key_compromise',
    'isolation_on',
    'isolation_off',
    'evidence_exported',
  ],
  config: ['loaded', 'changed', 'rejected'],
  policy: ['changed'],
  role: ['assigned', 'removed'],
  secret: ['accessed', 'rotated'],
  admin: ['login', 'refused', 'reload'],
  gdpr: [
    'export',
    'erasure_requested',
    'erasure_done',
    'consent_given',
    'consent_withdrawn',
    'retention_purge',
    'legal_hold',
  ],
  audit: [
    'started',
    'stopped',
    'checkpoint',
    'segment_rotated',
    'verify_ok',
    'verify_failed',
    'gap',
    'sink_lag',
    'dropped',
    'clock_jump',
  ],
  sandbox: ['attested', 'refused', 'degraded', 'violation', 'approved', 'changed'],
  gateway: ['started', 'stopped', 'failed', 'crashed_recovered'],
  actor: ['envelope'],
} as const;

type Names = typeof NAMES;

/** A dotted type of the list, such as `auth.expired` or `mcp.tool.result`. */
export type AuditEventType = { [P in keyof Names]: `${P}.${Names[P][number]}` }[keyof Names];

/** Types that only the log itself writes; `record` refuses them. */
export type SelfWrittenType =
  | 'actor.envelope'
  | 'audit.checkpoint'
  | 'audit.segment_rotated'
  | 'audit.started'
  | 'audit.stopped';

export type Severity = 'info' | 'notice' | 'warning' | 'high' | 'critical';

/** All types of the list, in the order of the documentation. */
export const AUDIT_EVENT_TYPES: readonly AuditEventType[] = Object.entries(NAMES).flatMap(([prefix, names]) =>
  names.map((name) => `${prefix}.${name}` as AuditEventType),
);

export const SELF_WRITTEN_TYPES: ReadonlySet<string> = new Set<SelfWrittenType>([
  'actor.envelope',
  'audit.checkpoint',
  'audit.segment_rotated',
  'audit.started',
  'audit.stopped',
]);

const CRITICAL = new Set<string>(['security.key_compromise', 'audit.verify_failed']);
const HIGH = new Set<string>([
  'auth.bad_signature',
  'auth.alg_rejected',
  'auth.key_mismatch',
  'auth.lockout',
  'session.principal_mismatch',
  'security.replay',
  'security.anomaly',
  'security.ssrf_blocked',
  'security.isolation_on',
  'upstream.tool_changed',
  'vault.phishing_blocked',
  'content.injection_suspected',
  'audit.gap',
  'audit.dropped',
  'audit.clock_jump',
  'sandbox.refused',
  'sandbox.violation',
  'gateway.failed',
]);
const NOTICE_PREFIXES = new Set(['config', 'policy', 'role', 'secret', 'admin', 'gdpr', 'apikey', 'gateway']);

/** The severity an event has when its caller states none. */
export function defaultSeverity(type: string, outcome: string | undefined): Severity {
  if (CRITICAL.has(type)) return 'critical';
  if (HIGH.has(type)) return 'high';
  if (outcome === 'denied' || outcome === 'error' || outcome === 'unknown') return 'warning';
  const prefix = type.slice(0, type.indexOf('.'));
  return NOTICE_PREFIXES.has(prefix) ? 'notice' : 'info';
}

/** Changes of configuration, keys, policy or pins: recorded in `strict` mode unless the caller says otherwise. */
const CHANGE_TYPES = new Set<string>([
  ...AUDIT_EVENT_TYPES.filter((type) => /^(config|policy|role|secret|gdpr)\./.test(type)),
  'apikey.created',
  'apikey.rotated',
  'apikey.revoked',
  'upstream.registered',
  'upstream.changed',
  'upstream.removed',
  'upstream.tool_added',
  'upstream.tool_changed',
  'upstream.tool_removed',
  'vault.granted',
  'vault.deleted',
  'sandbox.approved',
  'sandbox.changed',
  'session.revoked',
  'security.isolation_on',
  'security.isolation_off',
]);

/** True for an event that states a change of configuration, key, policy or pin. */
export function isChangeType(type: string): boolean {
  return CHANGE_TYPES.has(type);
}

const DOTTED = /^[a-z][a-z0-9_]{0,31}(\.[a-z0-9_]{1,48}){1,3}$/;

/** True for a well-formed dotted type: lower case, two to four parts. */
export function isDottedType(value: string): boolean {
  return DOTTED.test(value);
}
