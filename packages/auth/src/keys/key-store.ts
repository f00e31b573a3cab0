/** What is kept of an API key. The key itself cannot be computed from it, nor checked without the pepper. */
export interface KeyRecord {
  readonly keyId: string;
  readonly environment: string;
  /** HMAC-SHA-256 of the whole key, base64url. */
  readonly hmac: string;
  readonly pepperId: string;
  /** Who the key stands for; the subject of the principal. */
  readonly principal: string;
  readonly label: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Server and tool names with `*`; empty: any. */
  readonly servers: readonly string[];
  readonly tools: readonly string[];
  /** Networks (CIDR) from which it may be used; empty: any. */
  readonly networks: readonly string[];
  /** Origins of web pages that may use it; empty: none is asked for. */
  readonly origins: readonly string[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly rotatedFrom: string | undefined;
  /** The key that replaces this one; using this one still works until it expires and is reported as deprecated. */
  readonly replacedBy: string | undefined;
  readonly revokedAtMs: number | undefined;
  /** Start of the hour of the last use, in milliseconds since 1970. */
  readonly lastUsedAtMs: number | undefined;
}

/**
 * Where key records live. All methods may answer at once or with a promise; a store that answers `find` at once keeps the
 * check synchronous. Failures throw; they never read as "no such key".
 */
export interface KeyStore {
  find(keyId: string): KeyRecord | undefined | Promise<KeyRecord | undefined>;
  list(): readonly KeyRecord[] | Promise<readonly KeyRecord[]>;
  /** Adds or replaces one record, in one step with `also` if given. */
  put(record: KeyRecord, also?: KeyRecord): void | Promise<void>;
  /** Notes a use. Must not undo a change that `put` made in the meantime. */
  touch(keyId: string, usedAtMs: number): void | Promise<void>;
}

/** A key store in memory, gone with the process. */
export function memoryKeyStore(records: readonly KeyRecord[] = []): KeyStore {
  const byId = new Map(records.map((record) => [record.keyId, record]));
  return {
    find: (keyId) => byId.get(keyId),
    list: () => [...byId.values()],
    put(record, also) {
      byId.set(record.keyId, record);
      if (also !== undefined) byId.set(also.keyId, also);
    },
    touch(keyId, usedAtMs) {
      const record = byId.get(keyId);
      if (record !== undefined) byId.set(keyId, { ...record, lastUsedAtMs: usedAtMs });
    },
  };
}
