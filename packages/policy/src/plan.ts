import type { CompiledRule } from './compile.ts';
import { isOpen } from './methods.ts';
import type { Target } from './request.ts';
import type { PrincipalClass } from './roles.ts';

/** The rules that apply to a class of principals and a target, before conditions are asked. */
export interface Plan {
  readonly denies: readonly CompiledRule[];
  readonly allows: readonly CompiledRule[];
  /** Allows whose scopes the class lacks, the one with the fewest missing first. */
  readonly curable: readonly CompiledRule[];
  readonly shadows: readonly CompiledRule[];
  /** Needs no rule that allows it. */
  readonly open: boolean;
  /** True when nothing in it has a condition: then the answer is the same for every request. */
  readonly settled: boolean;
}

export function planFor(rules: readonly CompiledRule[], who: PrincipalClass, target: Target): Plan {
  const applying = rules.filter(
    (rule) =>
      rule.roles.some((role) => who.roles.has(role)) && rule.selectors.every((selector) => selector.matches(target)),
  );
  const missing = (rule: CompiledRule): number => rule.scopes.filter((scope) => !who.scopes.has(scope)).length;
  const enforced = applying.filter((rule) => !rule.shadow);
  const allows = enforced.filter((rule) => !rule.deny);
  return {
    denies: enforced.filter((rule) => rule.deny),
    allows: allows.filter((rule) => missing(rule) === 0),
    // Sorting is stable and ids are unique, so the answer does not depend on the order of the document.
    curable: allows
      .filter((rule) => missing(rule) > 0)
      .toSorted((a, b) => missing(a) - missing(b) || (a.id < b.id ? -1 : 1)),
    shadows: applying.filter((rule) => rule.shadow && missing(rule) === 0),
    open: isOpen(target),
    settled: applying.every((rule) => rule.condition === undefined && !rule.shadow),
  };
}
