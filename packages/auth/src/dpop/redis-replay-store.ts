import { hash } from 'node:crypto';
import type { ReplayStore } from './replay-store.ts';

/**
 * Sends one command to Redis or Valkey and gives its reply: `(command) => ioredis.call(...command)` or
 * `(command) => nodeRedis.sendCommand(command)`.
 */
export type RedisCommand = (command: [string, ...string[]]) => Promise<unknown>;

export interface RedisReplayStoreOptions {
  /** Put before every key. Default `sekisho:proof:`. */
  readonly prefix?: string;
  /** Longest wait for a reply, in milliseconds, 10 to 5000. Default 250; then the claim fails and the request with it. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

/** A replay store that replicas share: one command for each proof, and Redis forgets it when it has expired. */
export function redisReplayStore(send: RedisCommand, options: RedisReplayStoreOptions = {}): ReplayStore {
  const { prefix = 'sekisho:proof:', timeoutMs = 250, now = Date.now } = options;
  if (!(timeoutMs >= 10 && timeoutMs <= 5000)) throw new TypeError('"timeoutMs" option must be between 10 and 5000');
  return {
    async claim(id, expiresAtMs) {
      const lifetimeMs = Math.ceil(expiresAtMs - now());
      if (!(lifetimeMs > 0)) return false;
      // Hashed, because the id holds what a client chose.
      const key = prefix + hash('sha256', id, 'base64url');
      const reply = await withTimeout(send(['SET', key, '1', 'NX', 'PX', String(lifetimeMs)]), timeoutMs);
      if (reply === null) return false;
      if (reply === 'OK') return true;
      throw new Error('Redis gave a reply that is neither OK nor nil.');
    },
  };
}

async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not answer in time.')), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
