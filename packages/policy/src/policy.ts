import { createHash } from 'node:crypto';
import { celEngine } from './cel.ts';
import { compileRules } from './compile.ts';
import type { ConditionEngine } from './condition.ts';
import type { Decision, PolicyEvent } from './decision.ts';
import type { PolicyDocument } from './document.ts';
import { createEvaluator } from './evaluate.ts';
import { explainWith, type Explanation } from './explain.ts';
import { findProblems, type Problem } from './problems.ts';
import { LISTS } from './methods.ts';
import type { PolicyRequest, Principal, Target } from './request.ts';
import { classifier } from './roles.ts';
import { knowsServer } from './servers.ts';
import { createShadowCounter, type Divergence } from './shadow.ts';

export interface PolicyOptions {
  readonly document: PolicyDocument;
  /** Milliseconds since 1970, for conditions that ask for the time. Default `Date.now`. */
  readonly now?: () => number;
  /** Conditions in another language. Default CEL. */
  readonly conditions?: ConditionEngine;
  /** Failing conditions and what shadow rules would have changed. Called synchronously; must not throw. */
  readonly onEvent?: (event: PolicyEvent) => void;
}

export interface Policy {
  /** Digest of the document (SHA-256, hexadecimal, first 16 characters): goes into every decision, and from there into the log. */
  readonly hash: string;
  /** Rules that can never match, and what else looks like a slip. Worth showing when a policy is loaded. */
  readonly problems: readonly Problem[];
  /** Decides a call. Never throws: what goes wrong is a denial with an event. */
  decide(request: PolicyRequest): Decision;
  /**
   * The items of a list that a principal may see, in their order: those he may use, those he may use with the right
   * arguments, and those for which he could ask for scopes. By the function that decides calls.
   */
  filter<Item>(
    request: Omit<PolicyRequest, 'target' | 'arguments'>,
    items: readonly Item[],
    targetOf: (item: Item) => Target,
  ): Item[];
  /** Whether an item belongs into a list. `filter` for one. */
  sees(request: PolicyRequest): boolean;
  /**
   * Whether a principal may know that a server exists: some rule lets him use something there, and no denial takes it all away.
   * Conditions are left open, so the answer holds as long as the policy and what the principal has.
   */
  knows(principal: Principal, server: string): boolean;
  /**
   * Principals of one key see the same lists at any time. Undefined for one whose lists depend on a condition about himself,
   * the time or the address: they are not to be remembered.
   */
  listKey(principal: Principal): string | undefined;
  /** How every rule looked at a request, and what would allow it. For people: it is slow, and not part of any answer. */
  explain(request: PolicyRequest): Explanation;
  /** By rule in shadow mode: how many decisions it would have turned round since the start. */
  divergences(): readonly Divergence[];
}

/**
 * Makes a policy. The order of rules means nothing: a denial overrides what is allowed, and what no rule allows is denied.
 *
 * @throws {PolicyError} when a rule makes no sense or a condition does not compile.
 */
export function createPolicy(options: PolicyOptions): Policy {
  const { document, now = Date.now, conditions = celEngine(), onEvent = () => {} } = options;
  const hash = createHash('sha256').update(canonical(document)).digest('hex').slice(0, 16);
  const rules = compileRules(document, conditions);
  const shadow = createShadowCounter(rules, onEvent);
  const classify = classifier(document);
  const evaluator = createEvaluator({ rules, classify, hash, now, onEvent, shadow });
  return {
    hash,
    problems: findProblems(document, rules),
    decide: (request) => evaluator.decide(request),
    sees: (request) => evaluator.sees(request),
    filter: (request, items, targetOf) =>
      items.filter((item) => evaluator.sees({ ...request, target: targetOf(item) })),
    knows: (principal, server) => knowsServer(rules, classify(principal), server),
    listKey: (principal) => {
      const who = classify(principal);
      const varies = rules.some(
        (rule) =>
          !rule.shadow &&
          rule.condition !== undefined &&
          !rule.needsArguments &&
          rule.roles.some((role) => who.roles.has(role)),
      );
      return varies ? undefined : who.key;
    },
    explain: (request) => explainWith({ rules, evaluator, classify }, request),
    divergences: () => shadow.divergences(),
  };
}

/** The target that decides about an item of a list, such as `listItem('tools/list', 'github', 'search')`. */
export function listItem(list: string, server: string | undefined, name: string): Target {
  const entry = Object.hasOwn(LISTS, list) ? LISTS[list] : undefined;
  if (entry === undefined) throw new TypeError(`'${list}' is no list of named things`);
  return { server, method: entry.method, [entry.kind]: name };
}

/** The same text for the same document, whatever the order in which its members were written. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
