/** Which event types are evidence for which criterion of the AICPA trust services criteria (2017, revised points of focus 2022). */
export interface Criterion {
  id: string;
  evidence: string;
  /** Types or prefixes such as `apikey.*`. */
  types: readonly string[];
}

export const SOC2_CRITERIA: readonly Criterion[] = [
  {
    id: 'CC6.1',
    evidence: 'Logical access: authentication and authorisation decisions',
    types: ['auth.*', 'authz.*', 'session.*'],
  },
  {
    id: 'CC6.2',
    evidence: 'Registration and removal of credentials',
    types: ['apikey.*', 'vault.granted', 'vault.deleted'],
  },
  { id: 'CC6.3', evidence: 'Changes of roles and least privilege', types: ['role.*', 'policy.changed'] },
  {
    id: 'CC6.6',
    evidence: 'Boundary protection: blocked origins, hosts and targets',
    types: ['security.ssrf_blocked', 'security.origin_blocked', 'security.host_blocked', 'limit.*'],
  },
  {
    id: 'CC6.7',
    evidence: 'Protection of what is transmitted: redaction and blocked content',
    types: ['content.*', 'secret.*'],
  },
  { id: 'CC6.8', evidence: 'Unauthorised software: changes of approved tool definitions', types: ['upstream.*'] },
  { id: 'CC7.1', evidence: 'Detection of configuration changes', types: ['config.*'] },
  {
    id: 'CC7.2',
    evidence: 'Monitoring: anomalies and alerts',
    types: ['security.anomaly', 'security.alert_sent', 'security.alert_failed'],
  },
  {
    id: 'CC7.3',
    evidence: 'Evaluation of security events',
    types: ['security.key_compromise', 'security.replay', 'content.injection_suspected'],
  },
  {
    id: 'CC7.4',
    evidence: 'Response: isolation and preserved evidence',
    types: ['security.isolation_on', 'security.isolation_off', 'security.evidence_exported'],
  },
  { id: 'CC7.5', evidence: 'Recovery', types: ['gateway.crashed_recovered', 'secret.rotated', 'apikey.rotated'] },
  {
    id: 'CC8.1',
    evidence: 'Change management: configuration and policy with actor and hash',
    types: ['config.changed', 'policy.changed', 'upstream.tool_changed'],
  },
  { id: 'A1.2', evidence: 'Verification runs of the record', types: ['audit.verify_ok', 'audit.verify_failed'] },
  {
    id: 'C1.1',
    evidence: 'Identification and retention of confidential information',
    types: ['gdpr.legal_hold', 'gdpr.retention_purge'],
  },
  {
    id: 'C1.2',
    evidence: 'Disposal of confidential information',
    types: ['gdpr.erasure_done', 'gdpr.retention_purge'],
  },
  { id: 'P4.0', evidence: 'Consent and use', types: ['gdpr.consent_given', 'gdpr.consent_withdrawn'] },
  { id: 'P5.0', evidence: 'Access of data subjects', types: ['gdpr.export'] },
  { id: 'P6.0', evidence: 'Erasure requests and disposal', types: ['gdpr.erasure_requested', 'gdpr.erasure_done'] },
];

export function matchesType(type: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern,
  );
}
