import type { Decision, RuleState } from '../decision.ts';
import type { Refusal } from './refusal.ts';

/** Header fields by name. */
export type Fields = Readonly<Record<string, string>>;

const UNITS: Readonly<Record<RuleState['unit'], string | undefined>> = {
  requests: 'requests',
  bytes: 'content-bytes',
  // The draft knows no such unit, and a client would take the number for requests.
  tokens: undefined,
};

// The largest integer of a structured field, RFC 9651 section 3.3.1.
const LARGEST = 999_999_999_999_999;

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), and `Retry-After` for a denial.
 *
 * Left out are rules in shadow mode, rules counted in tokens, and the level of a bucket that others share, which would
 * tell a caller how busy they are; a shared rule is named when it is the reason for a denial.
 * A denial lists the violated rules alone in `RateLimit`, so that `Retry-After` is never earlier than a `t` beside it.
 * `pk` is not sent: it would have to be derived from who the caller is.
 */
export function toFields(decision: Decision): Fields {
  const visible = decision.rules.filter((rule) => !rule.shadow && UNITS[rule.unit] !== undefined);
  const told = visible.filter((rule) => rule.personal || !rule.fits);
  const now = decision.allowed ? told : told.filter((rule) => !rule.fits);
  return {
    ...(told.length > 0 && { 'RateLimit-Policy': told.map(policyItem).join(', ') }),
    ...(now.length > 0 && { RateLimit: now.map(limitItem).join(', ') }),
    ...(decision.allowed ? {} : retryAfter(decision.retryAfterMs)),
  };
}

/** `Retry-After` alone, for a refusal that no bucket is behind. */
export function toRetryAfter(refusal: Refusal): Fields {
  return refusal.retryAfterMs === undefined ? {} : retryAfter(refusal.retryAfterMs);
}

function retryAfter(waitMs: number): Fields {
  // At least a second: "try again in 0 seconds" is an invitation to a busy loop.
  return Number.isFinite(waitMs) ? { 'Retry-After': String(Math.max(seconds(waitMs), 1)) } : {};
}

function policyItem(rule: RuleState): string {
  // `w` is in whole seconds, so a shorter window is announced by the amount of one second.
  const windowS = Math.max(seconds(rule.windowMs), 1);
  const quota = Math.floor((rule.amount * windowS * 1000) / rule.windowMs);
  const unit = rule.unit === 'requests' ? '' : `;qu="${UNITS[rule.unit]}"`;
  return `"${rule.name}";q=${Math.min(quota, LARGEST)};w=${windowS}${unit}`;
}

function limitItem(rule: RuleState): string {
  const waitMs = rule.fits ? rule.moreAfterMs : rule.retryAfterMs;
  const wait = Number.isFinite(waitMs) ? `;t=${Math.max(seconds(waitMs), rule.fits ? 0 : 1)}` : '';
  return `"${rule.name}";r=${Math.min(rule.remaining, LARGEST)}${wait}`;
}

function seconds(ms: number): number {
  return Math.min(Math.ceil(ms / 1000), LARGEST);
}
