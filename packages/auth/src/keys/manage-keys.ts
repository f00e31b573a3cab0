import { AuthError } from '../auth-error.ts';
import type { AuthEvent } from '../event.ts';
import { createNetworks } from '../net/networks.ts';
import { newKeyText, type RandomBytes } from './key-format.ts';
import type { KeyRecord, KeyStore } from './key-store.ts';
import { checkPeppers, keyHmac, type PepperRing } from './pepper.ts';

/** What the functions below work on. */
export interface KeyAdministration {
  readonly store: KeyStore;
  readonly peppers: PepperRing;
  readonly now?: () => number;
  readonly random?: RandomBytes;
}

/** What a new key is for. */
export interface KeySpecification {
  /** Who the key stands for; several keys may stand for the same one. */
  readonly principal: string;
  /** Part of the visible key, `a-z` and `0-9`. Default `live`. */
  readonly environment?: string;
  readonly label?: string;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly servers?: readonly string[];
  readonly tools?: readonly string[];
  readonly networks?: readonly string[];
  readonly origins?: readonly string[];
  /** Lifetime in milliseconds, 60000 (a minute) to 31536000000 (365 days). Default 7776000000 (90 days). */
  readonly lifetimeMs?: number;
}

/** A key at the only moment when it can be seen. */
export interface CreatedKey {
  /** The key itself: show it once, keep it nowhere. */
  readonly key: string;
  readonly record: PublicKeyRecord;
  readonly event: AuthEvent;
}

/** A record as it may be shown: without the HMAC. */
export type PublicKeyRecord = Omit<KeyRecord, 'hmac' | 'pepperId'>;

const DAY_MS = 86_400_000;

/** Makes a key and stores what is needed to check it. @throws TypeError when the specification cannot be right. */
export async function createKey(
  administration: KeyAdministration,
  specification: KeySpecification,
): Promise<CreatedKey> {
  const { key, record } = newKey(administration, specification, undefined);
  await administration.store.put(record);
  return { key, record: publicRecord(record), event: keyEvent('apikey.created', record) };
}

/** All keys, newest first, without anything secret. */
export async function listKeys({ store }: Pick<KeyAdministration, 'store'>): Promise<readonly PublicKeyRecord[]> {
  const records = await store.list();
  return records.toSorted((left, right) => right.createdAtMs - left.createdAtMs).map(publicRecord);
}

/**
 * Makes a successor with the same rights. Both keys work for the overlap; every use of the old one is reported as
 * `apikey.deprecated_use`.
 *
 * @param options.overlapMs - How long the old key still works, in milliseconds, 0 to 2592000000 (30 days). Default 86400000 (a day).
 * @throws {@link AuthError} `ERR_AUTH_KEY_NOT_FOUND` when there is no such key or it is revoked or expired.
 */
export async function rotateKey(
  administration: KeyAdministration,
  keyId: string,
  options: { readonly overlapMs?: number; readonly lifetimeMs?: number } = {},
): Promise<CreatedKey> {
  const { overlapMs = DAY_MS } = options;
  if (!(overlapMs >= 0 && overlapMs <= 30 * DAY_MS))
    throw new TypeError('"overlapMs" option must be between 0 and 2592000000');
  const nowMs = (administration.now ?? Date.now)();
  const old = await findKey(administration, keyId);
  if (old.revokedAtMs !== undefined || old.expiresAtMs <= nowMs) {
    throw new AuthError('ERR_AUTH_KEY_NOT_FOUND', `The key ${keyId} is revoked or expired.`);
  }
  const { label, ...rights } = old;
  const lifetimeMs = options.lifetimeMs ?? Math.max(60_000, old.expiresAtMs - old.createdAtMs);
  const specification = { ...rights, ...(label !== undefined && { label }), lifetimeMs };
  const { key, record } = newKey(administration, specification, keyId);
  const replaced = { ...old, replacedBy: record.keyId, expiresAtMs: Math.min(old.expiresAtMs, nowMs + overlapMs) };
  // Both in one step: a crash in between would leave two keys that know nothing of each other.
  await administration.store.put(record, replaced);
  return { key, record: publicRecord(record), event: keyEvent('apikey.rotated', record) };
}

/**
 * Ends a key. Running verifiers notice within their `recheckMs`. Revoking twice changes nothing.
 *
 * @throws {@link AuthError} `ERR_AUTH_KEY_NOT_FOUND` when there is no such key.
 */
export async function revokeKey(
  administration: Pick<KeyAdministration, 'store' | 'now'>,
  keyId: string,
): Promise<{ readonly record: PublicKeyRecord; readonly event: AuthEvent }> {
  const old = await findKey(administration, keyId);
  const record = { ...old, revokedAtMs: old.revokedAtMs ?? (administration.now ?? Date.now)() };
  await administration.store.put(record);
  return { record: publicRecord(record), event: keyEvent('apikey.revoked', record) };
}

async function findKey({ store }: Pick<KeyAdministration, 'store'>, keyId: string): Promise<KeyRecord> {
  const record = await store.find(keyId);
  if (record === undefined) throw new AuthError('ERR_AUTH_KEY_NOT_FOUND', 'There is no key with this id.');
  return record;
}

function newKey(
  administration: KeyAdministration,
  specification: KeySpecification,
  rotatedFrom: string | undefined,
): { readonly key: string; readonly record: KeyRecord } {
  const { principal, environment = 'live', lifetimeMs = 90 * DAY_MS, networks = [], origins = [] } = specification;
  if (typeof principal !== 'string' || principal.trim() === '')
    throw new TypeError('"principal" option must not be empty');
  if (!(lifetimeMs >= 60_000 && lifetimeMs <= 365 * DAY_MS)) {
    throw new TypeError('"lifetimeMs" option must be between a minute and 365 days');
  }
  createNetworks(networks);
  for (const origin of origins) {
    if (URL.parse(origin)?.origin !== origin)
      throw new TypeError(`"origins" option must list origins such as https://app.example`);
  }
  const peppers = checkPeppers(administration.peppers);
  const { key, keyId } = newKeyText(environment, administration.random);
  const createdAtMs = (administration.now ?? Date.now)();
  const record: KeyRecord = {
    keyId,
    environment,
    hmac: keyHmac(peppers, peppers.current, key)!,
    pepperId: peppers.current,
    principal,
    label: specification.label,
    roles: [...(specification.roles ?? [])],
    scopes: [...(specification.scopes ?? [])],
    servers: [...(specification.servers ?? [])],
    tools: [...(specification.tools ?? [])],
    networks: [...networks],
    origins: [...origins],
    createdAtMs,
    expiresAtMs: createdAtMs + lifetimeMs,
    rotatedFrom,
    replacedBy: undefined,
    revokedAtMs: undefined,
    lastUsedAtMs: undefined,
  };
  return { key, record };
}

function publicRecord({ hmac: _hmac, pepperId: _pepperId, ...record }: KeyRecord): PublicKeyRecord {
  return record;
}

function keyEvent(type: 'apikey.created' | 'apikey.rotated' | 'apikey.revoked', record: KeyRecord): AuthEvent {
  return { type, outcome: 'changed', keyId: record.keyId };
}
