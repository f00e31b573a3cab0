import type { MonotonicClock, Schedule } from './clock.ts';
import { RateLimitError } from './errors.ts';
import type { OnLimitEvent } from './events.ts';
import type { Adjustment, Charge, MaybePromise, Outcome, RateStore } from './store.ts';

/** What stands for an outcome when there is none. */
export const NO_ANSWER = Symbol('no answer from the store');

export interface GuardedStore {
  take(charges: readonly Charge[], scope: string): MaybePromise<Outcome | typeof NO_ANSWER>;
  /** `NO_ANSWER` when the correction may not have arrived. */
  adjust(adjustments: readonly Adjustment[], scope: string): MaybePromise<void | typeof NO_ANSWER>;
  /** Milliseconds until the store is asked again; 0 while it is being asked. */
  retryInMs(): number;
}

export interface GuardOptions {
  readonly store: RateStore;
  readonly timeoutMs: number;
  /** Failures in a row after which the store is left alone. */
  readonly failures: number;
  /** How long it is left alone before one call tries again. */
  readonly pauseMs: number;
  readonly now: MonotonicClock;
  readonly schedule: Schedule;
  readonly onEvent: OnLimitEvent;
}

/**
 * A store that cannot hold anybody up: an answer in time or none, and after several failures in a row a breaker that
 * lets one call at a time find out whether the store is back.
 */
export function guardStore(options: GuardOptions): GuardedStore {
  const { store, timeoutMs, failures, pauseMs, now, schedule, onEvent } = options;
  let inRow = 0;
  let askAgainAt = -Infinity;
  let probing = false;
  let degraded = false;
  let unanswered = 0;

  const failed = (cause: unknown): typeof NO_ANSWER => {
    inRow++;
    unanswered++;
    probing = false;
    if (inRow >= failures) askAgainAt = now() + pauseMs;
    if (!degraded) {
      degraded = true;
      onEvent({ type: 'limit.degraded', cause });
    }
    return NO_ANSWER;
  };

  const answered = (): void => {
    inRow = 0;
    probing = false;
    if (!degraded) return;
    degraded = false;
    onEvent({ type: 'limit.recovered', decisions: unanswered });
    unanswered = 0;
  };

  const inTime = <T>(pending: Promise<T>): Promise<T | typeof NO_ANSWER> =>
    new Promise((resolve) => {
      let late = false;
      const cancel = schedule(() => {
        late = true;
        const cause = new RateLimitError('ERR_RATE_LIMIT_STORE_TIMEOUT', `no answer from the store in ${timeoutMs} ms`);
        resolve(failed(cause));
      }, timeoutMs);
      pending.then(
        (value) => {
          if (late) return;
          cancel();
          answered();
          resolve(value);
        },
        (cause: unknown) => {
          // What fails after its time was up has been counted already.
          if (late) return;
          cancel();
          resolve(failed(cause));
        },
      );
    });

  const ask = <T>(call: () => MaybePromise<T>): MaybePromise<T | typeof NO_ANSWER> => {
    if (inRow >= failures) {
      if (probing || now() < askAgainAt) {
        unanswered++;
        return NO_ANSWER;
      }
      probing = true;
    }
    let answer: MaybePromise<T>;
    try {
      answer = call();
    } catch (cause) {
      return failed(cause);
    }
    if (answer instanceof Promise) return inTime(answer);
    if (degraded) answered();
    return answer;
  };

  return {
    take: (charges, scope) => {
      // Nothing is wrong: without the detour, which costs a store in memory a tenth of its speed.
      if (inRow > 0 || degraded) return ask(() => store.take(charges, scope));
      let answer: MaybePromise<Outcome>;
      try {
        answer = store.take(charges, scope);
      } catch (cause) {
        return failed(cause);
      }
      return answer instanceof Promise ? inTime(answer) : answer;
    },
    adjust: (adjustments, scope) => ask(() => store.adjust(adjustments, scope)),
    retryInMs: () => (inRow >= failures ? Math.max(askAgainAt - now(), 0) : 0),
  };
}
