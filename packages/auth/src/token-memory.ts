import { createBoundedCache } from './bounded-cache.ts';
import type { Issuer } from './issuers/issuer.ts';
import type { LimitOptions } from './options.ts';
import type { Principal } from './principal.ts';
import { countsAsFailure, type RefusalReason } from './refusal-table.ts';
import type { Revocations } from './tokens/revocations.ts';

/** A token that verified for one resource, and under which circumstances. The token itself is not in it. */
export interface VerifiedToken<Allowed> {
  readonly principal: Principal;
  /** What to answer when the token is presented again in the same way. */
  readonly allowed: Allowed;
  /** Whether the token alone is enough: no proof, no certificate and no scope is left to ask for. */
  readonly plain: boolean;
  readonly untilMs: number;
  readonly issuer: Issuer;
  readonly generation: number;
  readonly epoch: number;
}

/** Remembers tokens of one resource by SHA-256. One resource's memory is never another's: the audience differs. */
export interface TokenMemory<Allowed> {
  verified(hash: string): VerifiedToken<Allowed> | undefined;
  refused(hash: string): RefusalReason | undefined;
  rememberVerified(hash: string, token: Omit<VerifiedToken<Allowed>, 'untilMs'>): VerifiedToken<Allowed>;
  rememberRefused(hash: string, reason: RefusalReason): void;
}

/** While an issuer is away and its old keys serve, verified tokens are looked at again this often. */
const STALE_KEYS_MS = 10_000;

/** Makes the memory. What was remembered lapses with the keys of its issuer and with any revocation. */
export function createTokenMemory<Allowed>(
  limits: Required<LimitOptions>,
  revocations: Revocations,
  now: () => number,
): TokenMemory<Allowed> {
  const good = createBoundedCache<VerifiedToken<Allowed>>(limits.cacheEntries);
  const bad = createBoundedCache<{ readonly reason: RefusalReason; readonly untilMs: number; readonly epoch: number }>(
    limits.refusedEntries,
  );

  const untilMs = (principal: Principal, issuer: Issuer): number => {
    const expiresAtMs = (principal.expiresAtSeconds ?? 0) * 1000;
    const lapsesAtMs = Math.min(expiresAtMs, now() + limits.cacheSeconds * 1000);
    if (issuer.keys.freshUntilMs === 0) return lapsesAtMs;
    const keysUntilMs = issuer.keys.freshUntilMs > now() ? issuer.keys.freshUntilMs : now() + STALE_KEYS_MS;
    return Math.min(lapsesAtMs, keysUntilMs);
  };

  return {
    verified(hash) {
      const entry = good.get(hash);
      if (entry === undefined) return undefined;
      const current =
        now() < entry.untilMs && entry.epoch === revocations.epoch && entry.generation === entry.issuer.keys.generation;
      if (current) return entry;
      good.delete(hash);
      return undefined;
    },
    refused(hash) {
      const entry = bad.get(hash);
      return entry !== undefined && now() < entry.untilMs && entry.epoch === revocations.epoch
        ? entry.reason
        : undefined;
    },
    rememberVerified(hash, token) {
      const entry = { ...token, untilMs: untilMs(token.principal, token.issuer) };
      if (entry.untilMs > now()) good.set(hash, entry);
      return entry;
    },
    rememberRefused(hash, reason) {
      // Only forgeries: an outage ends, and a token that is not valid yet becomes so.
      if (!countsAsFailure(reason) && reason !== 'expired') return;
      bad.set(hash, { reason, untilMs: now() + limits.refusedSeconds * 1000, epoch: revocations.epoch });
    },
  };
}
