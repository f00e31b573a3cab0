/**
 * Remembers which proofs were used. Must be shared by all replicas that accept the same tokens; with Redis that is one
 * `SET key 1 NX PX`.
 */
export interface ReplayStore {
  /**
   * Takes an id for itself until `expiresAtMs`. `true` for the first taker only; `false` for everybody after. `'full'` when the
   * store cannot promise that any more; the request is then refused as unavailable, and so it is when the call throws.
   */
  claim(id: string, expiresAtMs: number): boolean | 'full' | Promise<boolean | 'full'>;
}

/**
 * A replay store in memory, for a single process. Never forgets an id before its time: when `limit` ids are alive it answers
 * `'full'` rather than to make room for a replay.
 *
 * @param options.limit - Greatest number of live ids. Default 200000, about 25 MB.
 */
export function memoryReplayStore(options: { readonly limit?: number; readonly now?: () => number } = {}): ReplayStore {
  const { limit = 200_000, now = Date.now } = options;
  const ids = new Map<string, number>();

  // Ids arrive nearly in the order in which they expire, so that the front of the map is where the dead ones are.
  const dropExpired = (): void => {
    for (const [id, expiresAtMs] of ids) {
      if (expiresAtMs > now()) return;
      ids.delete(id);
    }
  };

  return {
    claim(id, expiresAtMs) {
      dropExpired();
      const taken = ids.get(id);
      if (taken !== undefined && taken > now()) return false;
      if (ids.size >= limit && taken === undefined) return 'full';
      ids.delete(id);
      ids.set(id, expiresAtMs);
      return true;
    },
  };
}
