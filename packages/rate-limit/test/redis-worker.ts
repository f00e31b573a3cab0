/**
 * One of several processes that press on the same buckets. Told what to do by one message it says that it is ready; told to
 * start by another it answers with its report.
 */
import { Redis } from 'ioredis';
import { createRateLimiter, type LimitEvent, type Rule } from '@sekisho/rate-limit';
import { redisStore } from '@sekisho/rate-limit/redis';

export interface WorkerTask {
  readonly port: number;
  readonly rules: readonly Rule[];
  readonly replicas: number;
  readonly inFlight: number;
  readonly durationMs: number;
  /** Generous where the outcome must be exact: a machine under load answers late. */
  readonly timeoutMs: number;
}

export interface WorkerReport {
  readonly asked: number;
  readonly admitted: number;
  readonly degraded: number;
  readonly admittedDegraded: number;
  readonly events: readonly LimitEvent['type'][];
}

process.once('message', (task: WorkerTask) => {
  void run(task).then((report) => process.send!(report, () => process.disconnect()));
});

async function run({ port, rules, replicas, inFlight, durationMs, timeoutMs }: WorkerTask): Promise<WorkerReport> {
  const client = new Redis(port, { enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => 50 });
  client.on('error', () => {
    // Expected while the server is down; the limiter reports what it means.
  });
  await new Promise((resolve) => client.once('ready', resolve));
  const events: LimitEvent['type'][] = [];
  const limiter = createRateLimiter({
    rules,
    store: redisStore({ client }),
    replicas,
    timeoutMs,
    pauseMs: 100,
    denialCacheMs: 0,
    onEvent: ({ type }) => {
      if (type === 'limit.degraded' || type === 'limit.recovered') events.push(type);
    },
  });
  const subject = { principal: 'p', tool: 't' };
  let [asked, admitted, degraded, admittedDegraded] = [0, 0, 0, 0];
  process.send!('ready');
  await new Promise((resolve) => process.once('message', resolve));
  const end = performance.now() + durationMs;
  const press = async (): Promise<void> => {
    while (performance.now() < end) {
      const decision = await limiter.take(subject);
      asked++;
      if (decision.allowed) admitted++;
      if (decision.degraded) {
        degraded++;
        if (decision.allowed) admittedDegraded++;
        // Without the server an answer takes no time at all, and this loop would never let go of the process.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, press));
  client.disconnect();
  return { asked, admitted, degraded, admittedDegraded, events };
}
