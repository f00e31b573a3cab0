import type { CompiledRule } from './compile.ts';
import type { Bindings } from './condition.ts';
import type { Decision, PolicyEvent } from './decision.ts';
import { planFor, type Plan } from './plan.ts';
import { createPlanCache } from './plan-cache.ts';
import type { PolicyRequest, Principal } from './request.ts';
import type { PrincipalClass } from './roles.ts';
import type { ShadowCounter } from './shadow.ts';
import { isNamed, isWellFormed } from './well-formed.ts';

export interface Evaluator {
  decide(request: PolicyRequest): Decision;
  sees(request: PolicyRequest): boolean;
  /** As `decide`, without events and without counting what shadow rules would have changed. */
  preview(request: PolicyRequest): Decision;
  /** How the condition of one rule comes out for a call. */
  ask(rule: CompiledRule, request: PolicyRequest): 'holds' | 'does not hold' | 'fails';
}

export interface EvaluatorParts {
  readonly rules: readonly CompiledRule[];
  readonly classify: (principal: Principal) => PrincipalClass;
  readonly hash: string;
  readonly now: () => number;
  readonly onEvent: (event: PolicyEvent) => void;
  readonly shadow: ShadowCounter;
}

/** What came out of the rules, before it is put into words for the outside. */
interface Verdict {
  readonly effect: 'allow' | 'deny';
  readonly reason: Decision['reason'];
  readonly rule?: CompiledRule;
}

/** Whether the arguments of the call are known. In a list they are not: there a condition on them is left open. */
type Question = 'do' | 'see';

export function createEvaluator(parts: EvaluatorParts): Evaluator {
  const { rules, classify, hash, now, onEvent, shadow } = parts;
  const plans = createPlanCache((who, target) => planFor(rules, who, target), classify);
  // What is decided once and for all of a plan without conditions.
  const settled = new WeakMap<Plan, Decision>();

  const judge = (plan: Plan, request: PolicyRequest, question: Question, quiet: boolean): Verdict => {
    let bindings: Bindings | undefined;
    let failed: CompiledRule | undefined;
    const holds = (rule: CompiledRule): boolean => {
      if (rule.condition === undefined) return true;
      // It may or may not hold for the call to come: an allow shows the item, and a deny does not hide it.
      if (question === 'see' && rule.needsArguments) return !rule.deny;
      bindings ??= bindingsOf(request, now());
      try {
        return rule.condition.test(bindings);
      } catch (cause) {
        if (!rule.shadow) failed = first(failed === undefined ? [rule] : [failed, rule]);
        if (!quiet) onEvent({ type: 'policy.error', ruleId: rule.id, principal: request.principal.key, cause });
        return false;
      }
    };
    // Every condition is asked, also when the answer is known: one that fails denies, wherever it stands in the document.
    const denying = plan.denies.filter(holds);
    const allowing = plan.allows.filter(holds);
    const curable = allowing.length === 0 && !plan.open ? plan.curable.filter(holds) : [];
    const verdict = verdictOf({ denying, allowing, curable, failed, open: plan.open });
    if (question === 'do' && !quiet) {
      for (const rule of plan.shadows) {
        const turnsRound = rule.deny
          ? verdict.effect === 'allow'
          : verdict.reason === 'no-rule' || verdict.reason === 'scope';
        if (turnsRound && holds(rule)) shadow.diverged(rule, request.principal.key);
      }
    }
    return verdict;
  };

  const visible = (plan: Plan, request: PolicyRequest, quiet: boolean): boolean => {
    const { effect, reason } = judge(plan, request, 'see', quiet);
    return effect === 'allow' || reason === 'scope';
  };

  const finish = (plan: Plan, request: PolicyRequest, verdict: Verdict): Decision => {
    const { effect, reason, rule } = verdict;
    const answer =
      effect === 'allow'
        ? 'none'
        : reason === 'scope'
          ? 'scope'
          : isNamed(request.target) && !visible(plan, request, true)
            ? 'unknown'
            : 'forbidden';
    const scopes = answer === 'scope' ? rule!.scopes : [];
    return Object.freeze({ effect, reason, ruleId: rule?.id, answer, scopes, policyHash: hash });
  };

  const refused = (reason: 'malformed' | 'error'): Decision =>
    Object.freeze({ effect: 'deny', reason, ruleId: undefined, answer: 'unknown', scopes: [], policyHash: hash });

  const broken = (request: PolicyRequest, cause: unknown): void => {
    onEvent({ type: 'policy.error', ruleId: undefined, principal: request?.principal?.key ?? '', cause });
  };

  const decide = (request: PolicyRequest, quiet: boolean): Decision => {
    try {
      if (!isWellFormed(request.target)) return refused('malformed');
      const plan = plans.find(request.principal, request.target);
      const known = settled.get(plan);
      if (known !== undefined) return known;
      const decision = finish(plan, request, judge(plan, request, 'do', quiet));
      if (plan.settled) settled.set(plan, decision);
      return decision;
    } catch (cause) {
      if (!quiet) broken(request, cause);
      return refused('error');
    }
  };

  return {
    decide: (request) => decide(request, false),
    preview: (request) => decide(request, true),
    sees: (request) => {
      try {
        if (!isWellFormed(request.target)) return false;
        const plan = plans.find(request.principal, request.target);
        const known = settled.get(plan);
        if (known !== undefined) return known.effect === 'allow' || known.answer === 'scope';
        return visible(plan, request, false);
      } catch (cause) {
        broken(request, cause);
        return false;
      }
    },
    ask: (rule, request) => {
      try {
        return rule.condition === undefined || rule.condition.test(bindingsOf(request, now()))
          ? 'holds'
          : 'does not hold';
      } catch {
        // The decision beside it reports the failure.
        return 'fails';
      }
    },
  };
}

function verdictOf(found: {
  readonly denying: readonly CompiledRule[];
  readonly allowing: readonly CompiledRule[];
  readonly curable: readonly CompiledRule[];
  readonly failed: CompiledRule | undefined;
  readonly open: boolean;
}): Verdict {
  const { denying, allowing, curable, failed, open } = found;
  if (failed !== undefined) return { effect: 'deny', reason: 'error', rule: failed };
  const denied = first(denying);
  if (denied !== undefined) return { effect: 'deny', reason: 'denied', rule: denied };
  const allowed = first(allowing);
  if (allowed !== undefined) return { effect: 'allow', reason: 'allowed', rule: allowed };
  if (open) return { effect: 'allow', reason: 'allowed' };
  return curable[0] === undefined
    ? { effect: 'deny', reason: 'no-rule' }
    : { effect: 'deny', reason: 'scope', rule: curable[0] };
}

/** Of several rules that say the same the one with the smallest id is named, so that their order does not matter. */
function first(rules: readonly CompiledRule[]): CompiledRule | undefined {
  return rules.reduce<CompiledRule | undefined>(
    (best, rule) => (best !== undefined && best.id < rule.id ? best : rule),
    undefined,
  );
}

function bindingsOf({ principal, target, arguments: args, address }: PolicyRequest, nowMs: number): Bindings {
  const { key, kind, clientId, tenant, scopes = [], groups = [], roles = [], keyId, authTime, claims = {} } = principal;
  return {
    principal: {
      ...present({ key, kind, clientId, tenant, keyId, authTime }),
      scopes: [...scopes],
      groups: [...groups],
      roles: [...roles],
      claims,
    },
    target: { ...present({ ...target }), annotations: present({ ...target.annotations }) },
    args: args ?? {},
    now: new Date(nowMs),
    address: address ?? '',
  };
}

/** Without what is undefined, so that `has(principal.tenant)` in a condition says whether there is one. */
function present(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
