import type { AuditEvent } from '@sekisho/audit';
import type { Attestation, BoxEvent } from '@sekisho/sandbox';
import type { IsolationChange } from '../mount/isolation.ts';
import type { LimitsEvent } from '../mount/limit-events.ts';

/**
 * What parts of the gateway tell by their own events, in the words of the record. What happens to one exchange is not among
 * them: its own end says it. Undefined: nothing that belongs on record.
 */
export function limitsEvent(event: LimitsEvent): AuditEvent | undefined {
  switch (event.type) {
    case 'limit.degraded':
      return { type: 'limit.degraded', outcome: 'error', detail: { state: 'degraded' } };
    case 'limit.recovered':
      return { type: 'limit.degraded', outcome: 'ok', detail: { state: 'recovered', decisions: event.decisions } };
    case 'limit.settle_lost':
      return { type: 'limit.degraded', outcome: 'error', detail: { state: 'corrections lost', rules: event.rules } };
    default:
      return undefined;
  }
}

/** A proof of a box: what was held, by what, and what was not. */
export function attestationEvent(server: string, attestation: Attestation): AuditEvent {
  const { profileHash, backend, versions, kernel, probes, enforced, notEnforceable } = attestation;
  const weak = backend === 'none' || notEnforceable.length > 0;
  return {
    type: weak ? 'sandbox.degraded' : 'sandbox.attested',
    outcome: weak ? 'error' : 'ok',
    target: { server },
    detail: {
      profile_hash: profileHash,
      backend,
      backend_version: versions.backend,
      kernel,
      probes: probes.length,
      enforced: enforced.join(' '),
      not_enforceable: notEnforceable.length,
    },
  };
}

/** Something a box refused, or a limit it reached. Connections that the profile allows are many, and are in the log. */
export function boxEvent(server: string, event: BoxEvent): AuditEvent | undefined {
  if (event.type === 'connection') return undefined;
  const detail: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(event))
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') detail[key] = value;
  return { type: 'sandbox.violation', outcome: 'denied', target: { server }, detail };
}

/** Something was cut off by the operator, or released. Whose principal it is stays in the state folder. */
export function isolationEvent({ change, kind, name, reason, sinceMs }: IsolationChange): AuditEvent {
  return {
    type: change === 'on' ? 'security.isolation_on' : 'security.isolation_off',
    outcome: 'ok',
    ...(kind === 'server' ? { target: { server: name } } : {}),
    detail: { kind, reason: reason.slice(0, 200), since_ms: sinceMs },
  };
}
