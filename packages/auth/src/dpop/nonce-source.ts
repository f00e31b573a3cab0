import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { checkSecret } from '../secret.ts';

/** Makes and recognises the nonces that a server hands out for proofs (RFC 9449 section 9). */
export interface NonceSource {
  /** The nonce to hand out now. */
  current(): string;
  /** Whether a nonce is one that was handed out lately. */
  accepts(nonce: string): boolean;
}

export interface NonceSourceOptions {
  /** At least 32 bytes, the same on all replicas. Default: random, good for a single process. */
  readonly secret?: Uint8Array;
  /** How long one nonce is handed out, in milliseconds. The one before is still accepted. Default 150000. */
  readonly periodMs?: number;
  readonly now?: () => number;
}

/**
 * Nonces without a store: the number of the period and its HMAC. Nothing is remembered, nothing can be filled up, and replicas
 * with one secret accept each other's.
 */
export function createNonceSource(options: NonceSourceOptions = {}): NonceSource {
  const { periodMs = 150_000, now = Date.now } = options;
  const secret = options.secret === undefined ? randomBytes(32) : checkSecret('secret', options.secret);
  if (!Number.isFinite(periodMs) || periodMs < 1000)
    throw new TypeError('"periodMs" option must be at least 1000 milliseconds');

  const nonceOf = (period: number): string =>
    createHmac('sha256', secret).update(`dpop-nonce ${period}`).digest('base64url');
  const period = (): number => Math.floor(now() / periodMs);

  return {
    current: () => nonceOf(period()),
    accepts: (nonce) => sameText(nonce, nonceOf(period())) || sameText(nonce, nonceOf(period() - 1)),
  };
}

function sameText(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
