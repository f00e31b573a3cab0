import type { Condition, ConditionEngine } from './condition.ts';
import type { PolicyDocument, PolicyRule } from './document.ts';
import { PolicyError } from './errors.ts';
import { anyOf, type Matcher } from './glob.ts';
import type { PinnedAnnotations, Target } from './request.ts';

export interface CompiledRule {
  readonly id: string;
  readonly deny: boolean;
  readonly shadow: boolean;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly condition: Condition | undefined;
  /** True when the condition looks at the arguments, so that it cannot be answered for a list. */
  readonly needsArguments: boolean;
  /** Parts of the rule that look at the target, by what they are called in an explanation. */
  readonly selectors: readonly Selector[];
  readonly source: PolicyRule;
}

export interface Selector {
  readonly part: 'server' | 'method' | 'name' | 'annotations';
  matches(target: Target): boolean;
}

export const ANNOTATIONS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;
const PATTERNS = ['servers', 'methods', 'tools', 'prompts', 'resources'] as const;

/** @throws {PolicyError} for the first rule that makes no sense or whose condition does not compile. */
export function compileRules(document: PolicyDocument, engine: ConditionEngine): readonly CompiledRule[] {
  const ids = new Set<string>();
  return document.rules.map((rule) => {
    checkRule(rule);
    if (ids.has(rule.id)) throw new PolicyError('ERR_POLICY_RULE', rule.id, 'another rule has this id');
    ids.add(rule.id);
    const condition = rule.when === undefined ? undefined : compileCondition(rule.id, rule.when, engine);
    return {
      id: rule.id,
      deny: rule.effect === 'deny',
      shadow: rule.mode === 'shadow',
      roles: rule.roles,
      scopes: rule.scopes ?? [],
      condition,
      needsArguments: condition?.variables.has('args') ?? false,
      selectors: selectorsOf(rule),
      source: rule,
    };
  });
}

function compileCondition(id: string, source: string, engine: ConditionEngine): Condition {
  try {
    return engine.compile(source);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PolicyError('ERR_POLICY_CONDITION', id, `the condition does not compile: ${why}`, { cause });
  }
}

function checkRule(rule: PolicyRule): void {
  const wrong = (what: string): never => {
    throw new PolicyError('ERR_POLICY_RULE', rule.id, what);
  };
  if (typeof rule.id !== 'string' || rule.id === '') wrong('every rule needs an id');
  if (rule.effect !== 'allow' && rule.effect !== 'deny') wrong("effect must be 'allow' or 'deny'");
  if (rule.mode !== undefined && rule.mode !== 'enforce' && rule.mode !== 'shadow')
    wrong("mode must be 'enforce' or 'shadow'");
  if (!isTexts(rule.roles)) wrong('roles must be a list of names; ["*"] is everybody');
  for (const part of PATTERNS) {
    if (rule[part] !== undefined && !isTexts(rule[part])) wrong(`${part} must be a list of patterns`);
  }
  if (rule.scopes !== undefined && !isTexts(rule.scopes)) wrong('scopes must be a list of scopes');
  if (rule.effect === 'deny' && rule.scopes !== undefined) wrong('only an allow can ask for scopes');
  if (rule.when !== undefined && typeof rule.when !== 'string') wrong('when must be an expression');
  for (const [name, value] of Object.entries(rule.annotations ?? {})) {
    if (!ANNOTATIONS.includes(name as 'readOnlyHint') || typeof value !== 'boolean') {
      wrong(`annotations may be ${ANNOTATIONS.join(', ')}, true or false`);
    }
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function selectorsOf(rule: PolicyRule): readonly Selector[] {
  const selectors: Selector[] = [];
  if (rule.servers !== undefined) {
    const server = anyOf(rule.servers);
    selectors.push({ part: 'server', matches: (target) => target.server !== undefined && server(target.server) });
  }
  if (rule.methods !== undefined) {
    const method = anyOf(rule.methods);
    selectors.push({ part: 'method', matches: (target) => method(target.method) });
  }
  if (rule.tools !== undefined || rule.prompts !== undefined || rule.resources !== undefined) {
    const none: Matcher = () => false;
    const tool = rule.tools === undefined ? none : anyOf(rule.tools);
    const prompt = rule.prompts === undefined ? none : anyOf(rule.prompts);
    const resource = rule.resources === undefined ? none : resourceMatcher(rule.resources, rule.effect);
    selectors.push({
      part: 'name',
      matches: (target) =>
        (target.tool !== undefined && tool(target.tool)) ||
        (target.prompt !== undefined && prompt(target.prompt)) ||
        (target.resource !== undefined && resource(target.resource)),
    });
  }
  const wanted = ANNOTATIONS.filter((name) => rule.annotations?.[name] !== undefined);
  if (wanted.length > 0) {
    const annotations = rule.annotations as PinnedAnnotations;
    // A tool without the annotation has neither value: a rule about read-only tools says nothing about it.
    selectors.push({
      part: 'annotations',
      matches: (target) => wanted.every((name) => target.annotations?.[name] === annotations[name]),
    });
  }
  return selectors;
}

/**
 * A denial of `file:///secret` is one of `file:///secret?x` and `file:///secret#x` too, which most servers take for the same; an
 * allowance is of what it says and nothing else.
 */
function resourceMatcher(patterns: readonly string[], effect: PolicyRule['effect']): Matcher {
  const matches = anyOf(patterns, '/');
  return effect === 'allow' ? matches : (uri) => matches(uri) || matches(uri.replace(/[?#].*$/s, ''));
}
