import type { Principal } from '../principal.ts';
import { numberMember, stringMember } from '../json.ts';

/**
 * What is no longer accepted although it would verify: everything of a principal that was issued up to now, or one token by its
 * `jti`. Replicas learn of it through whatever bus the host has and call `revoke` each.
 */
export type Revocation =
  | { readonly principal: string; readonly untilMs: number }
  | { readonly issuer: string; readonly tokenId: string; readonly untilMs: number };

export interface Revocations {
  /** Grows with every revocation; what was remembered before must be looked at again. */
  readonly epoch: number;
  add(revocation: Revocation): void;
  /** Makes everything that is remembered be looked at again, without revoking anything. */
  renew(): void;
  covers(principal: Principal): boolean;
}

/** Holds revocations in memory until the tokens that they cover have expired anyway (`untilMs`). */
export function createRevocations(now: () => number): Revocations {
  const principals = new Map<string, { readonly atMs: number; readonly untilMs: number }>();
  const tokens = new Map<string, number>();
  let epoch = 0;

  const dropExpired = (): void => {
    for (const [key, { untilMs }] of principals) if (untilMs <= now()) principals.delete(key);
    for (const [key, untilMs] of tokens) if (untilMs <= now()) tokens.delete(key);
  };

  return {
    get epoch() {
      return epoch;
    },
    add(revocation) {
      dropExpired();
      epoch += 1;
      if ('principal' in revocation) principals.set(revocation.principal, { atMs: now(), untilMs: revocation.untilMs });
      else tokens.set(`${revocation.issuer}|${revocation.tokenId}`, revocation.untilMs);
    },
    renew() {
      epoch += 1;
    },
    covers(principal) {
      if (principals.size === 0 && tokens.size === 0) return false;
      const tokenId = stringMember(principal.claims, 'jti');
      const tokenUntilMs = tokenId === undefined ? undefined : tokens.get(`${principal.issuer}|${tokenId}`);
      if (tokenUntilMs !== undefined && tokenUntilMs > now()) return true;
      const whole = principals.get(principal.key);
      if (whole === undefined || whole.untilMs <= now()) return false;
      // A token that does not say when it was issued may be an old one. Seconds are all it can say: the whole second counts as before.
      const issuedAtSeconds = numberMember(principal.claims, 'iat') ?? 0;
      return issuedAtSeconds <= Math.floor(whole.atMs / 1000);
    },
  };
}
