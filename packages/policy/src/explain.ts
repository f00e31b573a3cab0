import type { CompiledRule } from './compile.ts';
import type { Decision } from './decision.ts';
import type { Evaluator } from './evaluate.ts';
import type { PolicyRequest, Principal } from './request.ts';
import type { PrincipalClass } from './roles.ts';

export interface RuleExplanation {
  readonly ruleId: string;
  readonly effect: 'allow' | 'deny';
  readonly shadow: boolean;
  /** Whether it applies: everything it states is true. */
  readonly applies: boolean;
  /** What it states that is not true, in words. Empty when it applies. */
  readonly missing: readonly string[];
  /** How much would have to change: little for a scope or an argument, more for a role, most for another target. */
  readonly distance: number;
}

export interface Explanation {
  readonly decision: Decision;
  readonly visible: boolean;
  readonly roles: readonly string[];
  readonly rules: readonly RuleExplanation[];
  /** For a denial: what would have to change, the smallest change first. */
  readonly wouldAllow: readonly string[];
}

export interface ExplainParts {
  readonly rules: readonly CompiledRule[];
  readonly evaluator: Evaluator;
  readonly classify: (principal: Principal) => PrincipalClass;
}

export function explainWith(parts: ExplainParts, request: PolicyRequest): Explanation {
  const { rules, evaluator, classify } = parts;
  const decision = evaluator.preview(request);
  const who = classify(request.principal);
  const explained = rules.map((rule) => explainRule(rule, who, request, parts));
  return {
    decision,
    visible: evaluator.sees(request),
    roles: [...who.roles].filter((role) => role !== '*').toSorted(),
    rules: explained,
    wouldAllow: decision.effect === 'allow' ? [] : remedies(decision, explained),
  };
}

function explainRule(
  rule: CompiledRule,
  who: PrincipalClass,
  request: PolicyRequest,
  { evaluator }: ExplainParts,
): RuleExplanation {
  const missing: string[] = [];
  let distance = 0;
  const lacks = (what: string, change: number): void => {
    missing.push(what);
    distance += change;
  };
  const { source } = rule;
  if (!rule.roles.some((role) => who.roles.has(role))) lacks(`one of the roles ${quoted(rule.roles)}`, 2);
  for (const selector of rule.selectors) {
    if (selector.matches(request.target)) continue;
    const wanted = {
      server: () => `a server like ${quoted(source.servers)}`,
      method: () => `a method like ${quoted(source.methods)}`,
      name: () =>
        `a name like ${quoted([source.tools, source.prompts, source.resources].flatMap((names) => names ?? []))}`,
      annotations: () => `the pinned annotations ${JSON.stringify(source.annotations)}`,
    }[selector.part];
    lacks(wanted(), 4);
  }
  const scopes = rule.scopes.filter((scope) => !who.scopes.has(scope));
  if (scopes.length > 0) lacks(`the scopes ${quoted(scopes)}`, 1);
  const condition = missing.length === 0 ? evaluator.ask(rule, request) : 'holds';
  if (condition === 'fails') lacks(`a condition that does not fail: ${source.when}`, 1);
  if (condition === 'does not hold') lacks(`that ${source.when}`, 1);
  return {
    ruleId: rule.id,
    effect: rule.deny ? 'deny' : 'allow',
    shadow: rule.shadow,
    applies: missing.length === 0,
    missing,
    distance,
  };
}

function remedies(decision: Decision, rules: readonly RuleExplanation[]): readonly string[] {
  if (decision.reason === 'malformed')
    return ['a target that names one thing, and a resource in its canonical spelling'];
  const enforced = rules.filter((rule) => !rule.shadow);
  const denials = enforced
    .filter((rule) => rule.effect === 'deny' && rule.applies)
    .map((rule) => `rule '${rule.ruleId}' must not deny it`);
  const failures =
    decision.reason === 'error' && decision.ruleId !== undefined
      ? [`the condition of rule '${decision.ruleId}' must not fail`]
      : [];
  const allows = enforced.filter((rule) => rule.effect === 'allow');
  if (allows.some((rule) => rule.applies)) return [...failures, ...denials];
  const ways = allows
    .toSorted((a, b) => a.distance - b.distance)
    .map((rule) => `rule '${rule.ruleId}' allows it, given ${rule.missing.join(' and ')}`);
  return [...failures, ...denials, ...(ways.length > 0 ? ways : ['a rule that allows it: there is none'])];
}

function quoted(names: readonly string[] | undefined): string {
  return (names ?? []).map((name) => `'${name}'`).join(', ');
}
