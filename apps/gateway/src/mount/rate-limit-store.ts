import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryStore, type MemoryStore, type RateStore } from '@sekisho/rate-limit';
import type { Log } from '../cli/log.ts';
import { needsBook, type RateLimitSection } from './rate-limit-section.ts';

export type OpenedStore = {
  readonly kind: 'memory' | 'redis';
  readonly store: RateStore;
  /** Buckets in this process, where they are in this process. */
  readonly stats: MemoryStore['stats'] | undefined;
  readonly close: () => Promise<void>;
};

export type StoreOptions = {
  readonly stateFolder: string;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** How long a start waits for Redis; without it the rules say what happens, and it is tried again all the time. */
const FIRST_CONNECT_MS = 2000;

/** Where the counts are. Nothing is loaded or opened that the section does not need. */
export async function openStore(section: RateLimitSection, options: StoreOptions): Promise<OpenedStore> {
  const { store = 'memory' } = section;
  if (store !== 'memory') return await openRedis(store.redis, options.log);
  const book = needsBook(section) ? await openBudgets(options) : undefined;
  const memory = memoryStore({ wallNow: options.now, ...(book && { budgets: book.budgets }) });
  return {
    kind: 'memory',
    store: memory,
    stats: () => memory.stats(),
    close: () => Promise.resolve(book?.close()),
  };
}

async function openBudgets({ stateFolder, now }: StoreOptions) {
  const [{ DatabaseSync }, { sqliteBudgets }] = await Promise.all([
    import('node:sqlite'),
    import('@sekisho/rate-limit/sqlite'),
  ]);
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  const file = join(stateFolder, 'budgets.sqlite');
  // It names callers: for its owner alone, from its first moment on.
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file);
  try {
    // Each process counts in memory and only writes, so two on one file would each allow the whole budget. The lock is
    // the system's own: it goes with the process, however that ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE; COMMIT');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    return { budgets: sqliteBudgets({ database, wallNow: now }), close: () => database.close() };
  } catch (cause) {
    database.close();
    const locked = cause instanceof Error && /locked|busy/i.test(cause.message);
    throw new Error(
      locked
        ? `The budgets in ${file} are kept by another Sekisho. Stop that one, give this one a state folder of its own, or share the limits through Redis ("x-sekisho.rateLimit.store").`
        : `The budgets in ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}. Mend or move the file; without it the budgets of this period begin anew.`,
      { cause },
    );
  }
}

type RedisSection = Exclude<NonNullable<RateLimitSection['store']>, 'memory'>['redis'];

async function openRedis({ url, prefix }: RedisSection, log: Log): Promise<OpenedStore> {
  const [{ createClient }, { redisStore }] = await Promise.all([
    import('@redis/client'),
    import('@sekisho/rate-limit/redis'),
  ]);
  const client = createClient({
    url,
    // Commands that wait for a connection would be charged long after their calls were decided without them.
    disableOfflineQueue: true,
    socket: { connectTimeout: FIRST_CONNECT_MS, reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, 1000) },
  });
  let told = false;
  client.on('error', (error: unknown) => {
    if (told) return;
    told = true;
    log.warn({ error: error instanceof Error ? error.message : String(error) }, 'the store of the limits is away');
  });
  client.on('ready', () => {
    if (told) log.info({}, 'the store of the limits is back');
    told = false;
  });
  const connected = client.connect().catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FIRST_CONNECT_MS);
  });
  await Promise.race([connected, enough]);
  clearTimeout(timer);
  return {
    kind: 'redis',
    store: redisStore({ client, ...(prefix === undefined ? {} : { prefix }) }),
    stats: undefined,
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}
