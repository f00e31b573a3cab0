import { createRateLimiter, memoryStore, type JsonRpcId, type RateLimiter } from '@sekisho/rate-limit';

/** `refund`: server errors are given back. `absurd`: the limiter itself fails. */
export type Kind = 'plain' | 'refund' | 'absurd';

export function limiterOf(kind: Kind): { limiter: RateLimiter; refundServerErrors: boolean } {
  const limiter = createRateLimiter({
    rules: [
      {
        name: 'key',
        by: ['apiKey'],
        allow: { kind: 'rate', amount: 2, periodMs: 60_000, burst: 2 },
        whenStoreFails: 'local',
        cost: () => (kind === 'absurd' ? -1 : 1),
      },
    ],
    store: memoryStore(),
  });
  return { limiter, refundServerErrors: kind === 'refund' };
}

/** The id of a parsed JSON-RPC request, or undefined for any other body. */
export function idOf(body: unknown): JsonRpcId | undefined {
  return typeof body === 'object' && body !== null ? (body as { id?: JsonRpcId }).id : undefined;
}
