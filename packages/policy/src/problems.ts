import type { CompiledRule } from './compile.ts';
import type { PolicyDocument, PolicyRule } from './document.ts';
import { covers, globMatcher } from './glob.ts';
import { METHODS, type TargetKind } from './methods.ts';

export interface Problem {
  readonly ruleId: string;
  /** `never`: no request can be decided by it. `suspicious`: it works, and is probably not what was meant. */
  readonly severity: 'never' | 'suspicious';
  readonly message: string;
}

const PARTS = ['servers', 'methods', 'tools', 'prompts', 'resources'] as const;
const NAMES: Readonly<Record<TargetKind, 'tools' | 'prompts' | 'resources'>> = {
  tool: 'tools',
  prompt: 'prompts',
  resource: 'resources',
};

/** What can be seen of a policy without any request. It does NOT prove that a rule can match, only that it cannot. */
export function findProblems(document: PolicyDocument, rules: readonly CompiledRule[]): readonly Problem[] {
  return rules.flatMap((rule) => [
    ...emptyParts(rule),
    ...unknownRoles(rule, document),
    ...unknownMethods(rule),
    ...methodsWithoutNames(rule),
    ...constantConditions(rule),
    ...overridden(rule, rules),
  ]);
}

const never = (rule: CompiledRule, message: string): Problem => ({ ruleId: rule.id, severity: 'never', message });
const suspicious = (rule: CompiledRule, message: string): Problem => ({
  ruleId: rule.id,
  severity: 'suspicious',
  message,
});

function emptyParts(rule: CompiledRule): Problem[] {
  const { source } = rule;
  const problems: Problem[] = source.roles.length === 0 ? [never(rule, 'it is for no role')] : [];
  for (const part of ['servers', 'methods'] as const) {
    if (source[part]?.length === 0) problems.push(never(rule, `it lists no ${part}`));
  }
  const named = Object.values(NAMES).filter((part) => source[part] !== undefined);
  if (named.length > 0 && named.every((part) => source[part]!.length === 0)) {
    problems.push(never(rule, `it lists no ${named.join(', ')}`));
  }
  return problems;
}

function unknownRoles(rule: CompiledRule, { roles }: PolicyDocument): Problem[] {
  const unknown = rule.roles.filter((role) => role !== '*' && !Object.hasOwn(roles, role));
  // They can still be given to a principal directly, by the record of an API key for instance.
  const problems = unknown.map((role) => suspicious(rule, `the role '${role}' is not among the roles of the policy`));
  const sourceless = rule.roles.filter(
    (role) =>
      Object.hasOwn(roles, role) &&
      Object.values(roles[role]!).every((source) => Object.keys(source ?? {}).length === 0),
  );
  return [...problems, ...sourceless.map((role) => suspicious(rule, `nobody has the role '${role}' by any source`))];
}

function unknownMethods(rule: CompiledRule): Problem[] {
  const known = Object.keys(METHODS);
  return (rule.source.methods ?? []).flatMap((pattern) => {
    const matches = globMatcher(pattern);
    return known.some(matches) ? [] : [suspicious(rule, `'${pattern}' matches no method of MCP`)];
  });
}

/** `methods: ['prompts/get']` with `tools: [...]`: no request has both. */
function methodsWithoutNames(rule: CompiledRule): Problem[] {
  const { source } = rule;
  if (source.methods === undefined || source.methods.length === 0) return [];
  const kinds = (Object.keys(NAMES) as TargetKind[]).filter((kind) => (source[NAMES[kind]]?.length ?? 0) > 0);
  if (kinds.length === 0) return [];
  const methods = Object.keys(METHODS).filter((method) =>
    source.methods!.some((pattern) => globMatcher(pattern)(method)),
  );
  const foreign = source.methods.some((pattern) => !Object.keys(METHODS).some(globMatcher(pattern)));
  if (foreign || methods.some((method) => METHODS[method]!.some((kind) => kinds.includes(kind)))) return [];
  return [never(rule, `none of its methods names ${kinds.map((kind) => `a ${kind}`).join(' or ')}`)];
}

/** Patterns of servers that match none of those there are. Not of one rule alone, so it is asked when the servers are known. */
export function findUnknownServers(document: PolicyDocument, servers: readonly string[]): readonly Problem[] {
  return document.rules.flatMap(({ id, servers: patterns = [] }) => {
    const lost = patterns.filter((pattern) => !servers.some(globMatcher(pattern)));
    if (lost.length === 0) return [];
    const severity = lost.length === patterns.length ? 'never' : 'suspicious';
    const names = lost.map((pattern) => `'${pattern}'`).join(', ');
    return [{ ruleId: id, severity, message: `there is no server called ${names}` }];
  });
}

function constantConditions(rule: CompiledRule): Problem[] {
  if (rule.condition === undefined || rule.condition.variables.size > 0) return [];
  try {
    const nothing = { principal: {}, target: {}, args: {}, now: new Date(0), address: '' };
    return rule.condition.test(nothing)
      ? [suspicious(rule, 'its condition always holds')]
      : [never(rule, 'its condition never holds')];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return [never(rule, `its condition always fails, which denies whatever else it applies to: ${why}`)];
  }
}

/** An allow whose every request a denial without a condition takes away. */
function overridden(rule: CompiledRule, rules: readonly CompiledRule[]): Problem[] {
  if (rule.deny || rule.shadow) return [];
  const denial = rules.find(
    (other) => other.deny && !other.shadow && other.condition === undefined && isWider(other.source, rule.source),
  );
  return denial === undefined ? [] : [never(rule, `rule '${denial.id}' denies everything that it allows`)];
}

/** Whether the one rule applies to all that the other applies to, conditions left aside. */
export function isWider(wide: PolicyRule, narrow: PolicyRule): boolean {
  const roles = wide.roles.includes('*') || narrow.roles.every((role) => wide.roles.includes(role));
  if (!roles) return false;
  const annotations = Object.entries(wide.annotations ?? {});
  if (!annotations.every(([name, value]) => narrow.annotations?.[name as 'readOnlyHint'] === value)) return false;
  const wideNames = Object.values(NAMES).filter((part) => wide[part] !== undefined);
  const narrowNames = Object.values(NAMES).filter((part) => narrow[part] !== undefined);
  // A denial of some kinds of names does not take away the others, nor what has no name at all.
  if (wideNames.length > 0 && (narrowNames.length === 0 || !narrowNames.every((part) => wideNames.includes(part))))
    return false;
  return PARTS.every((part) => {
    const wider = wide[part];
    const narrower = narrow[part];
    if (wider === undefined || (narrower === undefined && wideNames.includes(part as 'tools'))) return true;
    if (narrower === undefined) return wider.includes('*') && part === 'methods';
    const separator = part === 'resources' ? '/' : undefined;
    return narrower.every((pattern) => wider.some((wider) => covers(wider, pattern, separator)));
  });
}
