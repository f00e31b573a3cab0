import type { PolicyEvent } from '@sekisho/policy';
import type { Log } from '../cli/log.ts';

/** What a policy tells of its own working: counted for the status, and logged ever more rarely, for callers can make it happen. */
export type PolicyEvents = {
  readonly take: (event: PolicyEvent) => void;
  /** Conditions that failed, and with it denied: how often, by rule. */
  failures(): readonly { readonly ruleId: string; readonly count: number }[];
};

export function createPolicyEvents(log: Log): PolicyEvents {
  const failures = new Map<string, number>();
  return {
    take: (event) => {
      if (event.type === 'policy.divergence') return;
      const ruleId = event.ruleId ?? '';
      const count = (failures.get(ruleId) ?? 0) + 1;
      failures.set(ruleId, count);
      // The first, second, fourth, eighth time. The message of the cause may hold what a caller sent; its name does not.
      if ((count & (count - 1)) === 0)
        log.warn(
          { ruleId, count, cause: event.cause instanceof Error ? event.cause.name : typeof event.cause },
          'a condition of the policy failed, and the request was denied',
        );
    },
    failures: () => [...failures].map(([ruleId, count]) => ({ ruleId, count })),
  };
}
