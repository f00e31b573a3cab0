import type { Label } from '../label.ts';

/** A value kept under a token that looks like it. */
export interface StoredToken {
  readonly token: string;
  readonly label: Label;
  readonly value: string;
  /** Milliseconds since 1970 after which it is nobody's any more. */
  readonly expiresAtMs: number;
}

/** Keeps look-alike tokens by scope. Synchronous, since masking is. */
export interface TokenStore {
  byToken(scope: string, token: string): StoredToken | undefined;
  byValue(scope: string, label: Label, value: string): StoredToken | undefined;
  put(scope: string, entry: StoredToken): void;
  /** Every token of the scope that has not expired. */
  tokens(scope: string): Iterable<string>;
}

export interface MemoryTokenStoreOptions {
  /** Most entries in all; the longest unused goes first. Default 100,000, at least 1. */
  readonly maxEntries?: number;
  /** The time in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Tokens in the memory of this process.
 *
 * @throws TypeError when `maxEntries` is below 1.
 */
export function memoryTokenStore(options: MemoryTokenStoreOptions = {}): TokenStore {
  const most = options.maxEntries ?? 100_000;
  if (!(most >= 1)) throw new TypeError('maxEntries must be at least 1');
  const now = options.now ?? Date.now;
  const scopes = new Map<
    string,
    { readonly tokens: Map<string, StoredToken>; readonly values: Map<string, StoredToken> }
  >();
  const order = new Map<string, readonly [scope: string, entry: StoredToken]>();
  const keyOf = (scope: string, token: string): string => JSON.stringify([scope, token]);
  const drop = (scope: string, entry: StoredToken): void => {
    const own = scopes.get(scope);
    own?.tokens.delete(entry.token);
    own?.values.delete(`${entry.label}\0${entry.value}`);
    if (own?.tokens.size === 0) scopes.delete(scope);
    order.delete(keyOf(scope, entry.token));
  };
  const live = (scope: string, entry: StoredToken | undefined): StoredToken | undefined => {
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs <= now()) {
      drop(scope, entry);
      return undefined;
    }
    // Moved to the end: a Map keeps the order of insertion, so the first is the longest unused.
    const key = keyOf(scope, entry.token);
    order.delete(key);
    order.set(key, [scope, entry]);
    return entry;
  };
  return {
    byToken: (scope, token) => live(scope, scopes.get(scope)?.tokens.get(token)),
    byValue: (scope, label, value) => live(scope, scopes.get(scope)?.values.get(`${label}\0${value}`)),
    put(scope, entry) {
      while (order.size >= most) {
        const [oldScope, old] = order.values().next().value!;
        drop(oldScope, old);
      }
      let own = scopes.get(scope);
      if (own === undefined) {
        own = { tokens: new Map(), values: new Map() };
        scopes.set(scope, own);
      }
      own.tokens.set(entry.token, entry);
      own.values.set(`${entry.label}\0${entry.value}`, entry);
      order.set(keyOf(scope, entry.token), [scope, entry]);
    },
    tokens: (scope) =>
      [...(scopes.get(scope)?.tokens.values() ?? [])]
        .filter((entry) => entry.expiresAtMs > now())
        .map((entry) => entry.token),
  };
}
