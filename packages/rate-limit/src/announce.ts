import type { Decision } from './decision.ts';
import type { TakenDecision } from './decision.ts';
import type { OnLimitEvent } from './events.ts';
import type { Subject } from './subject.ts';

/** Tells the owner of a limiter what a decision means: denials, denials that shadow rules would have made, warnings. */
export function announcer(onEvent: OnLimitEvent, warnAt: number): (subject: Subject, decision: TakenDecision) => void {
  return (subject, decision) => {
    const { violated } = decision;
    if (violated !== undefined) {
      onEvent({
        type: 'limit.denied',
        rule: violated,
        subject,
        reason: reasonOf(decision),
        retryAfterMs: decision.retryAfterMs,
      });
    }
    decision.eachItem((item, level) => {
      const { limit, cost, rule } = item;
      if (limit.shadow && !level.fits) {
        onEvent({ type: 'limit.shadow-denied', rule: rule.name, subject });
        return;
      }
      // The crossing, not every call beyond it. Small limits are left out: of three units the first is a third.
      const threshold = limit.capacity * warnAt;
      const crossed = level.used >= threshold && level.used - cost < threshold;
      if (decision.allowed && crossed && limit.capacity >= 5) {
        onEvent({ type: 'limit.near', rule: rule.name, subject, used: level.used, limit: limit.capacity });
      }
    });
  };
}

function reasonOf(decision: Decision): 'exceeded' | 'unavailable' {
  return decision.reason === 'unavailable' ? 'unavailable' : 'exceeded';
}
