import { describe, expect, expectTypeOf, test } from 'vitest';
import { AUDIT_EVENT_TYPES, defaultSeverity, isChangeType, isDottedType } from './event-types.ts';
import type { AuditEventType } from './event-types.ts';

/** The list of the documentation: the first name of a line carries the prefix for those after the bar. */
const LIST = `
auth.ok|missing|malformed|invalid_token|token_in_query|token_in_body|key_in_query|duplicate_header|multiple_credentials|unsupported_scheme|oversized|alg_rejected|key_mismatch|weak_key|bad_signature|unknown_kid|expired|not_yet_valid|wrong_audience|unknown_issuer|wrong_token_type|header_param_rejected|crit_rejected|dpop_failed|mtls_failed|introspection_failed|lockout
authz.allowed|denied|insufficient_scope|step_up|policy_error
apikey.created|rotated|deprecated_use|revoked|expired|malformed|wrong_network
session.created|refreshed|revoked|principal_mismatch
mcp.discover|list|tool.call|tool.result|resource.read|prompt.get|complete|subscription.opened|closed|input_required|input_response|initialize|ping|logging|notification|batch|stream|cancelled|header_mismatch|protocol_error
upstream.registered|changed|removed|connected|failed|tool_added|tool_changed|tool_removed|process_spawned|exited
vault.grant_started|granted|denied|refreshed|refresh_failed|used|deleted|phishing_blocked
content.blocked|redacted|injection_suspected|output_truncated
limit.exceeded|degraded|budget_exhausted|concurrency_shed
security.ssrf_blocked|origin_blocked|host_blocked|replay|anomaly|alert_sent|alert_failed|key_compromise|isolation_on|isolation_off|evidence_exported
config.loaded|changed|rejected
policy.changed
role.assigned|removed
secret.accessed|rotated
admin.login|refused|reload
gdpr.export|erasure_requested|erasure_done|consent_given|consent_withdrawn|retention_purge|legal_hold
audit.started|stopped|checkpoint|segment_rotated|verify_ok|verify_failed|gap|sink_lag|dropped|clock_jump
sandbox.attested|refused|degraded|violation|approved|changed
gateway.started|stopped|failed|crashed_recovered`;

test('every type of the documented list exists, is well formed and exists once', () => {
  const wanted = LIST.trim()
    .split('\n')
    .flatMap((line) => {
      const prefix = line.slice(0, line.indexOf('.'));
      return line
        .slice(line.indexOf('.') + 1)
        .split('|')
        .map((name) => `${prefix}.${name}`);
    });
  expect(AUDIT_EVENT_TYPES).toEqual(expect.arrayContaining(wanted));
  expect(AUDIT_EVENT_TYPES.filter((type) => !isDottedType(type))).toEqual([]);
  expect(new Set(AUDIT_EVENT_TYPES).size).toBe(AUDIT_EVENT_TYPES.length);
  expect(AUDIT_EVENT_TYPES.filter((type) => type.startsWith('mcp.task.')).length).toBeGreaterThan(0);
});

test('types are checked by the compiler', () => {
  expectTypeOf<'auth.expired'>().toExtend<AuditEventType>();
  expectTypeOf<'mcp.tool.result'>().toExtend<AuditEventType>();
  expectTypeOf<'auth.expird'>().not.toExtend<AuditEventType>();
});

describe('what follows from a type', () => {
  test('changes of configuration, keys, policy and pins are changes', () => {
    for (const type of [
      'config.changed',
      'policy.changed',
      'apikey.created',
      'role.removed',
      'secret.rotated',
      'upstream.tool_changed',
      'gdpr.erasure_done',
    ])
      expect(isChangeType(type)).toBe(true);
    for (const type of ['auth.ok', 'mcp.tool.result', 'limit.exceeded']) expect(isChangeType(type)).toBe(false);
  });

  test('severity', () => {
    expect(defaultSeverity('auth.ok', 'ok')).toBe('info');
    expect(defaultSeverity('authz.denied', 'denied')).toBe('warning');
    expect(defaultSeverity('auth.bad_signature', 'denied')).toBe('high');
    expect(defaultSeverity('security.key_compromise', undefined)).toBe('critical');
    expect(defaultSeverity('config.changed', 'ok')).toBe('notice');
  });
});
