import type { CompiledRule } from './compile.ts';
import { globMatcher } from './glob.ts';
import { METHODS } from './methods.ts';
import { isWider } from './problems.ts';
import type { PrincipalClass } from './roles.ts';

/** Methods that act on something by name: who may do none of them at a server has nothing to look for there. */
const NAMING = Object.keys(METHODS).filter((method) => METHODS[method]!.length > 0);

/**
 * Whether a class of principals may know that a server exists: some rule lets it use something there, given the right name,
 * arguments or scopes, and no denial takes all of that away.
 */
export function knowsServer(rules: readonly CompiledRule[], who: PrincipalClass, server: string): boolean {
  const here = rules.filter(
    (rule) =>
      !rule.shadow &&
      rule.roles.some((role) => who.roles.has(role)) &&
      (rule.source.servers === undefined || rule.source.servers.some((pattern) => globMatcher(pattern)(server))),
  );
  const denials = here.filter((rule) => rule.deny && rule.condition === undefined);
  return here.some(
    (rule) => !rule.deny && usesNames(rule) && !denials.some((denial) => isWider(anywhere(denial), anywhere(rule))),
  );
}

function usesNames({ source: { methods } }: CompiledRule): boolean {
  if (methods === undefined) return true;
  return methods.some((pattern) => {
    const matches = globMatcher(pattern);
    return NAMING.some(matches) || !Object.keys(METHODS).some(matches);
  });
}

/** The rule without what was found to be true already. */
function anywhere({ source }: CompiledRule): CompiledRule['source'] {
  const { servers: _found, ...rest } = source;
  return { ...rest, roles: ['*'] };
}
