/** Runs one script on a Redis or Valkey server. The port of this store: three lines adapt any client to it. */
export interface ScriptRunner {
  /** By digest; rejects with the server's `NOSCRIPT` error when the server does not know it. */
  runCached(sha: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  run(source: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}

/** What is used of `ioredis` and `iovalkey`, single node or cluster. */
export interface IoredisLike {
  evalsha(sha: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>;
  eval(source: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>;
}

/** What is used of `redis` (node-redis), single node, pool or cluster. */
export interface NodeRedisLike {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(source: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export type RedisClient = IoredisLike | NodeRedisLike | ScriptRunner;

/** @throws TypeError when the object is none of the known clients. */
export function toScriptRunner(client: RedisClient): ScriptRunner {
  if ('runCached' in client) return client;
  if ('evalSha' in client) {
    return {
      runCached: (sha, keys, args) => client.evalSha(sha, { keys: [...keys], arguments: [...args] }),
      run: (source, keys, args) => client.eval(source, { keys: [...keys], arguments: [...args] }),
    };
  }
  if ('evalsha' in client) {
    return {
      runCached: (sha, keys, args) => client.evalsha(sha, keys.length, ...keys, ...args),
      run: (source, keys, args) => client.eval(source, keys.length, ...keys, ...args),
    };
  }
  throw new TypeError('client must be a client of ioredis, iovalkey or node-redis, or a ScriptRunner');
}
