import type { CompiledRule } from './compile.ts';
import type { PolicyEvent } from './decision.ts';

export interface Divergence {
  readonly ruleId: string;
  /** Decisions that the rule, if it were enforced, would have turned round. */
  readonly count: number;
  readonly wouldBe: 'allow' | 'deny';
}

export interface ShadowCounter {
  diverged(rule: CompiledRule, principal: string): void;
  divergences(): readonly Divergence[];
}

export function createShadowCounter(
  rules: readonly CompiledRule[],
  onEvent: (event: PolicyEvent) => void,
): ShadowCounter {
  const counts = new Map<CompiledRule, number>(rules.filter((rule) => rule.shadow).map((rule) => [rule, 0]));
  const effect = (rule: CompiledRule): 'allow' | 'deny' => (rule.deny ? 'deny' : 'allow');
  return {
    diverged: (rule, principal) => {
      counts.set(rule, counts.get(rule)! + 1);
      onEvent({ type: 'policy.divergence', ruleId: rule.id, principal, wouldBe: effect(rule) });
    },
    divergences: () => [...counts].map(([rule, count]) => ({ ruleId: rule.id, count, wouldBe: effect(rule) })),
  };
}
