import type { Decision } from './decision.ts';
import type { Explanation } from './explain.ts';
import type { Policy } from './policy.ts';
import type { PolicyRequest } from './request.ts';

/** One line of a table of expected decisions. */
export interface PolicyCase extends PolicyRequest {
  readonly name: string;
  /** `hidden`: denied, and not in lists either. `scope`: denied for want of scopes. `forbidden`: seen but denied. */
  readonly expect: 'allow' | 'deny' | 'hidden' | 'forbidden' | 'scope';
  /** The rule that must have decided. Default: any. */
  readonly ruleId?: string | undefined;
}

export interface CaseResult {
  readonly name: string;
  readonly ok: boolean;
  readonly expected: string;
  readonly actual: string;
  readonly decision: Decision;
  /** Only when it came out otherwise. */
  readonly explanation?: Explanation;
}

/** Runs a table against a policy. What `sekisho policy test` prints. */
export function testPolicy(policy: Policy, cases: readonly PolicyCase[]): readonly CaseResult[] {
  return cases.map((one) => {
    const explanation = policy.explain(one);
    const { decision } = explanation;
    const outcome = outcomeOf(decision);
    const asExpected = outcome === one.expect || (one.expect === 'deny' && decision.effect === 'deny');
    const byRule = one.ruleId === undefined || one.ruleId === decision.ruleId;
    const ok = asExpected && byRule;
    return {
      name: one.name,
      ok,
      expected: one.ruleId === undefined ? one.expect : `${one.expect} by ${one.ruleId}`,
      actual: decision.ruleId === undefined ? outcome : `${outcome} by ${decision.ruleId}`,
      decision,
      ...(!ok && { explanation }),
    };
  });
}

function outcomeOf({ answer }: Decision): 'allow' | 'hidden' | 'forbidden' | 'scope' {
  return answer === 'none' ? 'allow' : answer === 'unknown' ? 'hidden' : answer;
}
