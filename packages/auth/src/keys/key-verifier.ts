import { hash } from 'node:crypto';
import { createBoundedCache } from '../bounded-cache.ts';
import type { AuthEvent } from '../event.ts';
import { createNetworks, type Networks } from '../net/networks.ts';
import { makePrincipal, type Principal } from '../principal.ts';
import type { RefusalReason } from '../refusal-table.ts';
import { readKeyText } from './key-format.ts';
import type { KeyRecord, KeyStore } from './key-store.ts';
import { checkPeppers, keyHmac, sameHmac, type PepperRing } from './pepper.ts';

/** From where a key is used. */
export interface KeyUse {
  readonly remoteAddress: string | undefined;
  readonly origin: string | undefined;
}

export type KeyVerdict =
  | { readonly ok: true; readonly principal: Principal; readonly event: AuthEvent }
  | { readonly ok: false; readonly reason: RefusalReason; readonly keyId?: string };

/** Checks API keys. Answers at once when the store does, or when the key was checked within `recheckMs`. */
export interface ApiKeyVerifier {
  verify(key: string, use: KeyUse): KeyVerdict | Promise<KeyVerdict>;
}

export interface ApiKeyVerifierOptions {
  readonly store: KeyStore;
  readonly peppers: PepperRing;
  /** Issuer under which principals of keys are named. Default `urn:sekisho:keys`. */
  readonly issuer?: string;
  /** Accept keys of this environment only. Default: of any. */
  readonly environment?: string;
  /** How long a checked key may go without asking the store, in milliseconds, 0 to 1000. Default 500. A revocation is seen after this at the latest. */
  readonly recheckMs?: number;
  /** How many checked keys are remembered. Default 10000. */
  readonly cacheEntries?: number;
  readonly expandScopes?: (granted: readonly string[]) => readonly string[];
  readonly now?: () => number;
  /** Told when the store could not note a use; the request is not held up by it. */
  readonly onTouchFailure?: (error: unknown) => void;
}

/** Uses are noted by the hour: finer would be a record of somebody's day and a write for every request. */
const LAST_USE_MS = 3_600_000;

interface Checked {
  readonly record: KeyRecord;
  readonly networks: Networks | undefined;
  readonly accepted: KeyVerdict;
  checkedAtMs: number;
  /** The hour whose use is already noted. */
  notedAtMs: number | undefined;
}

/**
 * Makes a verifier of API keys. The secret is compared as an HMAC in constant time, and a key with an unknown id costs the same
 * HMAC, so that neither answer nor time tells which ids exist.
 *
 * @throws TypeError when an option cannot be right, such as a pepper that is short or known.
 */
export function createApiKeyVerifier(options: ApiKeyVerifierOptions): ApiKeyVerifier {
  const { store, issuer = 'urn:sekisho:keys', recheckMs = 500, cacheEntries = 10_000, now = Date.now } = options;
  if (!(recheckMs >= 0 && recheckMs <= 1000)) throw new TypeError('"recheckMs" option must be between 0 and 1000');
  const peppers = checkPeppers(options.peppers);
  const cache = createBoundedCache<Checked>(cacheEntries);

  const noteUse = (checked: Checked): void => {
    const hour = Math.floor(now() / LAST_USE_MS) * LAST_USE_MS;
    if (checked.notedAtMs === hour) return;
    checked.notedAtMs = hour;
    const report = (error: unknown): void => options.onTouchFailure?.(error);
    try {
      Promise.resolve(store.touch(checked.record.keyId, hour)).catch(report);
    } catch (error) {
      report(error);
    }
  };

  const judge = (checked: Checked, use: KeyUse): KeyVerdict => {
    const refused =
      checkExpiry(checked.record, now()) ?? checkNetwork(checked.networks, use) ?? checkOrigin(checked.record, use);
    if (refused !== undefined) return { ok: false, reason: refused, keyId: checked.record.keyId };
    noteUse(checked);
    return checked.accepted;
  };

  const compare = (key: string, cacheKey: string, record: KeyRecord | undefined, use: KeyUse): KeyVerdict => {
    const pepperId = record?.pepperId ?? peppers.current;
    const computed = keyHmac(peppers, pepperId, key) ?? '';
    if (!sameHmac(computed, record?.hmac ?? UNKNOWN_HMAC) || record === undefined)
      return { ok: false, reason: 'key_unknown' };
    if (record.revokedAtMs !== undefined) return { ok: false, reason: 'key_revoked', keyId: record.keyId };
    const checked: Checked = {
      record,
      networks: record.networks.length === 0 ? undefined : createNetworks(record.networks),
      accepted: acceptance(record, issuer, options.expandScopes),
      checkedAtMs: now(),
      notedAtMs: record.lastUsedAtMs,
    };
    cache.set(cacheKey, checked);
    return judge(checked, use);
  };

  return {
    verify(key, use) {
      const cacheKey = hash('sha256', key, 'base64url');
      const known = cache.get(cacheKey);
      if (known !== undefined && now() - known.checkedAtMs < recheckMs) return judge(known, use);
      cache.delete(cacheKey);
      const parts = readKeyText(key);
      if (parts === undefined) return { ok: false, reason: 'key_malformed' };
      if (options.environment !== undefined && parts.environment !== options.environment)
        return { ok: false, reason: 'key_unknown' };
      const found = store.find(parts.keyId);
      if (!isThenable(found)) return compare(key, cacheKey, found, use);
      return Promise.resolve(found).then((record) => compare(key, cacheKey, record, use));
    },
  };
}

/** Database clients often answer with promises of their own making. */
function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** Stands in for the HMAC of a key that does not exist; 32 bytes, so that the comparison has the same length. */
const UNKNOWN_HMAC = Buffer.alloc(32, 0xa5).toString('base64url');

function checkExpiry(record: KeyRecord, nowMs: number): RefusalReason | undefined {
  // Written so that a record without a usable end has ended.
  return nowMs < record.expiresAtMs ? undefined : 'key_expired';
}

function checkNetwork(networks: Networks | undefined, use: KeyUse): RefusalReason | undefined {
  if (networks === undefined) return undefined;
  // An address that nobody knows is not inside a network.
  return use.remoteAddress !== undefined && networks.contains(use.remoteAddress) ? undefined : 'key_network';
}

function checkOrigin(record: KeyRecord, use: KeyUse): RefusalReason | undefined {
  if (record.origins.length === 0) return undefined;
  return use.origin !== undefined && record.origins.includes(use.origin) ? undefined : 'key_origin';
}

function acceptance(
  record: KeyRecord,
  issuer: string,
  expandScopes: (granted: readonly string[]) => readonly string[] = (granted) => granted,
): KeyVerdict {
  const principal = makePrincipal({
    kind: 'apikey',
    issuer,
    subject: record.principal,
    roles: record.roles,
    scopes: expandScopes(record.scopes),
    expiresAtSeconds: Math.floor(record.expiresAtMs / 1000),
    keyId: record.keyId,
    restrictions: { servers: record.servers, tools: record.tools },
  });
  const event: AuthEvent = Object.freeze({
    type: record.replacedBy === undefined ? 'auth.ok' : 'apikey.deprecated_use',
    outcome: 'allowed',
    principal: principal.key,
    keyId: record.keyId,
  });
  return Object.freeze({ ok: true, principal, event });
}
