import { createHmac, timingSafeEqual } from 'node:crypto';
import { checkSecret } from '../secret.ts';

/**
 * The secrets under which keys are stored, by id. Kept apart from the store: who has only the store can check no guess.
 * New keys use `current`; older entries stay until the keys under them are gone.
 */
export interface PepperRing {
  readonly current: string;
  /** At least 32 random bytes each. */
  readonly secrets: Readonly<Record<string, Uint8Array>>;
}

/** @throws TypeError when a secret is short or known, or `current` is not among them. */
export function checkPeppers(ring: PepperRing): PepperRing {
  for (const [id, secret] of Object.entries(ring.secrets)) checkSecret(`peppers.secrets.${id}`, secret);
  if (!Object.hasOwn(ring.secrets, ring.current)) throw new TypeError('"peppers.current" must name one of the secrets');
  return ring;
}

/** HMAC-SHA-256 of a whole key under one pepper, as base64url. */
export function keyHmac(ring: PepperRing, pepperId: string, key: string): string | undefined {
  const secret = Object.hasOwn(ring.secrets, pepperId) ? ring.secrets[pepperId] : undefined;
  return secret && createHmac('sha256', secret).update(key).digest('base64url');
}

/** Compares two HMACs in time that does not depend on where they differ. */
export function sameHmac(left: string, right: string): boolean {
  const a = Buffer.from(left, 'base64url');
  const b = Buffer.from(right, 'base64url');
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}
