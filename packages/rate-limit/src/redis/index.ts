export { redisStore, type RedisStore, type RedisStoreOptions } from './redis-store.ts';
export type { IoredisLike, NodeRedisLike, RedisClient, ScriptRunner } from './client.ts';
