import { Pool } from 'undici';
import { ask, INITIALIZE, type Ask, type Era } from './dialect.ts';
import type { MeasuredProcess } from './process.ts';
import { percentile } from './statistics.ts';

export interface Load {
  readonly era: Era;
  /** Clients that call one after another, each with a session of its own. */
  readonly clients: number;
  /** Calls of all clients together. */
  readonly calls: number;
  /** Calls before the first one that counts, at least. Default: as many as count. */
  readonly warmUpCalls?: number;
  readonly method: string;
  /** Parameters of one call; `token` is that call's own and has to come back. */
  params(token: string): object;
  /** Whether this text answers the call; throws or returns false for anybody else's. */
  isAnswer(text: string, token: string): boolean;
}

export interface LoadResult {
  /** CPU of the process under test, milliseconds for 1000 calls. */
  readonly cpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

let tokens = 0;

/** A closed loop: every client waits for its answer, checks it, and asks again. */
export async function runLoad(target: MeasuredProcess | { readonly url: string }, load: Load): Promise<LoadResult> {
  const { origin, pathname } = new URL(target.url);
  const pool = new Pool(origin, { connections: load.clients, pipelining: 1 });
  const given = 'headers' in target ? target.headers : {};
  const post = async ({ headers, body }: Ask) =>
    pool.request({ path: pathname, method: 'POST', headers: { ...headers, ...given }, body });
  try {
    const sessions = await Promise.all(Array.from({ length: load.clients }, () => openSession(post, load.era)));
    const before = 'usage' in target ? await target.usage() : undefined;
    const latencies: number[] = [];
    let left = load.calls;
    const client = async (session: string | undefined): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const token = `token-${(tokens += 1)}-${Math.round(performance.now() * 1000)}`;
        const start = performance.now();
        const response = await post(ask(load.era, session, tokens, load.method, load.params(token)));
        const text = await response.body.text();
        latencies.push(performance.now() - start);
        if (!load.isAnswer(text, token))
          throw new Error(`Not the answer to ${token}: ${response.statusCode} ${text.slice(0, 300)}`);
      }
    };
    await Promise.all(sessions.map(client));
    const after = 'usage' in target ? await target.usage() : undefined;
    const cpuMicros = after === undefined || before === undefined ? Number.NaN : after.cpuMicros - before.cpuMicros;
    return { cpuMs: cpuMicros / load.calls, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
  } finally {
    await pool.destroy();
  }
}

async function openSession(post: (ask: Ask) => ReturnType<Pool['request']>, era: Era): Promise<string | undefined> {
  if (era === 'modern') return undefined;
  const response = await post(ask('legacy', undefined, 0, 'initialize', INITIALIZE));
  await response.body.dump();
  const session = response.headers['mcp-session-id'];
  if (typeof session !== 'string') return undefined;
  const { headers } = ask('legacy', session, 0, '');
  const done = await post({ headers, body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' });
  await done.body.dump();
  return session;
}
