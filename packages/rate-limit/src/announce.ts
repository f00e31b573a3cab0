import type { Decision, Item } from './decision.ts';
import type { OnLimitEvent } from './events.ts';
import type { Level } from './store.ts';
import type { Subject } from './subject.ts';

/** Tells the owner of a limiter what a decision means: denials, denials that shadow rules would have made, warnings. */
export type Announce = (subject: Subject, decision: Decision, items: readonly Item[], levels: readonly Level[]) => void;

export function announcer(onEvent: OnLimitEvent, warnAt: number): Announce {
  return (subject, decision, items, levels) => {
    const { violated, reason, retryAfterMs, allowed } = decision;
    if (violated !== undefined && reason !== 'within') {
      onEvent({ type: 'limit.denied', rule: violated, subject, reason, retryAfterMs });
    }
    for (let i = 0; i < items.length; i++) {
      const { limit, cost, rule } = items[i]!;
      const { fits, used } = levels[i]!;
      if (limit.shadow && !fits) {
        onEvent({ type: 'limit.shadow-denied', rule: rule.name, subject });
      } else if (allowed && limit.capacity >= 5) {
        // The crossing, not every call beyond it. Small limits are left out: of three units the first is a third.
        const threshold = limit.capacity * warnAt;
        if (used >= threshold && used - cost < threshold) {
          onEvent({ type: 'limit.near', rule: rule.name, subject, used, limit: limit.capacity });
        }
      }
    }
  };
}
