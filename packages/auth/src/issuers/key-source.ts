import { importJWK, type CryptoKey } from 'jose';
import { hash } from 'node:crypto';
import { AuthError } from '../auth-error.ts';
import type { JsonObject } from '../json.ts';
import type { TokenAlgorithm } from './algorithms.ts';
import { chooseKey, parseKeySet } from './json-web-key.ts';

export type KeyAnswer =
  | { readonly ok: true; readonly key: CryptoKey; readonly generation: number }
  | { readonly ok: false; readonly reason: 'unknown_kid' | 'key_mismatch' | 'weak_key' }
  | { readonly ok: false; readonly reason: 'keys_unavailable'; readonly retryAfterSeconds: number };

/** State of a key source for a status page. Holds no key. */
export interface KeySourceStatus {
  readonly keys: number;
  readonly loadedAtMs: number | undefined;
  /** Older than the maximum age and in use only because the issuer does not answer. */
  readonly stale: boolean;
  readonly consecutiveFailures: number;
  /** Code of the last failure, until a load succeeds. */
  readonly lastErrorCode: string | undefined;
  readonly requests: number;
}

/** The verification keys of one issuer. */
export interface KeySource {
  /** Changes when the set of keys changes; what was verified under an older generation must be verified again. */
  readonly generation: number;
  /** Until when a verification may be remembered without asking again, in milliseconds since 1970. */
  readonly freshUntilMs: number;
  find(kid: string | undefined, alg: TokenAlgorithm): Promise<KeyAnswer>;
  /** Loads the set now, whatever its age. Rejects when that fails; the keys at hand stay. */
  reload(): Promise<void>;
  status(): KeySourceStatus;
}

export interface KeySourceOptions {
  /** Fetches the text of the key set. */
  readonly load: () => Promise<string>;
  readonly now: () => number;
  /** Age from which the set is loaded again before use, in milliseconds. Default 600000 (10 minutes). */
  readonly maxAgeMs?: number;
  /** How long beyond that age it may serve while the issuer does not answer, in milliseconds. Default 3600000 (1 hour). */
  readonly maxStaleMs?: number;
  /** Least time between two loads that were caused by unknown key ids, in milliseconds. Default 30000. */
  readonly cooldownMs?: number;
}

/** Doubling pauses after failures: five attempts in the first 30 s of an outage, then one in 30 s. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Keeps the keys of one issuer: single-flight loads, a pause between loads, negative back-off and stale-if-error. */
export function createKeySource(options: KeySourceOptions): KeySource {
  const { load, now, maxAgeMs = 600_000, maxStaleMs = 3_600_000, cooldownMs = 30_000 } = options;
  let keys: readonly JsonObject[] = [];
  let imported = new Map<string, Promise<CryptoKey>>();
  let fingerprint = '';
  let generation = 0;
  let loadedAtMs: number | undefined;
  let attemptedAtMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let requests = 0;
  let lastErrorCode: string | undefined;
  let inFlight: Promise<void> | undefined;

  const pauseMs = (): number => (failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)));
  const isFresh = (): boolean => loadedAtMs !== undefined && now() - loadedAtMs < maxAgeMs;
  const isUsable = (): boolean => loadedAtMs !== undefined && now() - loadedAtMs < maxAgeMs + maxStaleMs;

  const loadOnce = async (): Promise<void> => {
    attemptedAtMs = now();
    requests += 1;
    try {
      const text = await load();
      const parsed = parseKeySet(text);
      const newFingerprint = hash('sha256', text);
      if (newFingerprint !== fingerprint) {
        keys = parsed;
        imported = new Map();
        fingerprint = newFingerprint;
        generation += 1;
      }
      loadedAtMs = now();
      failures = 0;
      lastErrorCode = undefined;
    } catch (error) {
      failures += 1;
      lastErrorCode = error instanceof AuthError ? error.code : 'ERR_AUTH_FETCH_FAILED';
      throw error;
    }
  };

  const reload = (): Promise<void> => {
    inFlight ??= loadOnce().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };

  /** A failed load is in `status()`; whether the old keys may serve is judged by their age afterwards. */
  const tryReload = async (): Promise<void> => {
    if (inFlight === undefined && now() - attemptedAtMs < pauseMs()) return;
    await reload().catch(() => undefined);
  };

  const importKey = (jwk: JsonObject, alg: TokenAlgorithm): Promise<CryptoKey> => {
    const id = `${alg} ${keys.indexOf(jwk)}`;
    let key = imported.get(id);
    if (key === undefined) {
      // Only asymmetric shapes come this far, and for those `importJWK` gives a CryptoKey.
      key = importJWK(jwk, alg) as Promise<CryptoKey>;
      imported.set(id, key);
    }
    return key;
  };

  const answer = async (kid: string | undefined, alg: TokenAlgorithm): Promise<KeyAnswer> => {
    const choice = chooseKey(keys, kid, alg);
    const chosenFrom = generation;
    if (!choice.ok) return choice;
    // A key that cannot be imported (a point off the curve, an odd modulus) is as good as not listed.
    return importKey(choice.jwk, alg).then(
      (key): KeyAnswer => ({ ok: true, key, generation: chosenFrom }),
      (): KeyAnswer => ({ ok: false, reason: 'key_mismatch' }),
    );
  };

  return {
    get generation() {
      return generation;
    },
    get freshUntilMs() {
      return loadedAtMs === undefined ? 0 : loadedAtMs + maxAgeMs;
    },
    async find(kid, alg) {
      if (!isFresh()) await tryReload();
      if (!isUsable()) {
        const waitMs = Math.max(1000, attemptedAtMs + pauseMs() - now());
        return { ok: false, reason: 'keys_unavailable', retryAfterSeconds: Math.ceil(waitMs / 1000) };
      }
      const first = await answer(kid, alg);
      if (first.ok || first.reason !== 'unknown_kid' || now() - attemptedAtMs < cooldownMs) return first;
      await tryReload();
      return answer(kid, alg);
    },
    reload,
    status: () => ({
      keys: keys.length,
      loadedAtMs,
      stale: loadedAtMs !== undefined && !isFresh(),
      consecutiveFailures: failures,
      lastErrorCode,
      requests,
    }),
  };
}
