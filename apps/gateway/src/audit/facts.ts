import type { AuditEvent } from '@sekisho/audit';
import type { Facts, Outcome } from '@sekisho/core';

type Authz = NonNullable<AuditEvent['authz']>;
type Limit = NonNullable<AuditEvent['limit']>;

/**
 * What the parts noted about an exchange, in the members that the record has for it; everything else goes into `detail`.
 * Parts note rules, buckets and counts. The free text of a refusal stays in the log of the program: it may name somebody.
 */
export function addFacts(
  event: AuditEvent,
  facts: Facts | undefined,
  { result, reason }: Pick<Outcome, 'result' | 'reason'>,
): void {
  const authz: { -readonly [K in keyof Authz]?: Authz[K] } = {};
  const limit: { -readonly [K in keyof Limit]?: Limit[K] } = {};
  const detail: Record<string, string | number | boolean> = {};
  let details = 0;
  if (facts)
    for (const name in facts) {
      const value = facts[name]!;
      if (name === 'authz.rule') authz.rule = String(value);
      else if (name === 'authz.policy') authz.policyHash = String(value);
      else if (name === 'authz.effect') authz.effect = value === 'deny' ? 'deny' : 'allow';
      else if (name === 'limit.bucket') limit.bucket = String(value);
      else if (name === 'limit.cost') limit.cost = Number(value);
      else if (name === 'limit.remaining') limit.remaining = Number(value);
      else if (name === 'limit.retry_after_ms') limit.retryAfterMs = Number(value);
      else {
        detail[name] = value;
        details += 1;
      }
    }
  const denied =
    result === 'refused' && (reason === 'forbidden' || reason === 'denied' || reason === 'insufficient-scope');
  if (denied) authz.effect = 'deny';
  if (authz.rule !== undefined || authz.policyHash !== undefined || authz.effect !== undefined)
    event.authz = { ...authz, effect: authz.effect ?? 'allow' };
  if (limit.bucket !== undefined || limit.retryAfterMs !== undefined) event.limit = limit;
  if (reason !== undefined) {
    detail['reason'] = reason;
    details += 1;
  }
  if (result === 'disconnected') {
    detail['disconnected'] = true;
    details += 1;
  }
  if (details > 0) event.detail = detail;
}
