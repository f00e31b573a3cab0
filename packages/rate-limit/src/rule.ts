import type { BucketLimit } from './store.ts';
import { DIMENSIONS, keyMaker, type Dimension, type Subject } from './subject.ts';

/** A steady rate with a burst of its own. */
export interface RateAllowance {
  readonly kind: 'rate';
  /** Units per `periodMs`. Above 0. */
  readonly amount: number;
  /** Milliseconds, above 0; a month and longer are fine. */
  readonly periodMs: number;
  /**
   * Units that may be used at once. At least 1. In any window no more than `burst` above the rate gets through, so a
   * burst as large as `amount` lets twice the amount through in one period, and a tenth of it 1.1 times.
   */
  readonly burst: number;
  /** Units by which a settled cost may overdraw the bucket; the rest is forgiven. 0 or more. Default `amount`. */
  readonly overdraft?: number;
}

/** A sum for a calendar day or month, UTC. */
export interface BudgetAllowance {
  readonly kind: 'day' | 'month';
  /** Units per day or month. Above 0. */
  readonly amount: number;
}

/** What a unit is. `bytes` and `tokens` are charged by `cost` at first and corrected by `settle`. */
export type Unit = 'requests' | 'bytes' | 'tokens';

/** Which exchanges a rule is about. A pattern is an exact name, or a beginning followed by `*`. */
export interface RuleMatch {
  readonly methods?: readonly string[];
  readonly servers?: readonly string[];
  readonly tools?: readonly string[];
}

export interface Rule {
  /** Shown to clients. A letter, then letters, digits, `_`, `-`, `.`; at most 64 characters; unique. */
  readonly name: string;
  /** One bucket for each combination of these. Empty: one bucket for all. */
  readonly by: readonly Dimension[];
  readonly allow: RateAllowance | BudgetAllowance;
  /**
   * When the store does not answer: `local` keeps a count in this process with the limit divided by the replicas,
   * `refuse` lets nothing through. There is no default: it is a choice between availability and exactness.
   */
  readonly whenStoreFails: 'local' | 'refuse';
  /** Default: every exchange. */
  readonly match?: RuleMatch;
  /** Default `requests`. */
  readonly unit?: Unit;
  /** Units for one call before its true cost is known, 0 or more. Default 1. */
  readonly cost?: number | ((subject: Subject) => number);
  /** By tool name: factor on `cost`. 0 or more. Default 1 for every tool. */
  readonly weights?: Readonly<Record<string, number>>;
  /** `shadow` counts and reports, and denies nothing. Default `enforce`. */
  readonly mode?: 'enforce' | 'shadow';
  /** Whether `refund` gives the charge back. Default true. */
  readonly refundable?: boolean;
  /** A subject without one of the dimensions: left alone, or in one bucket with all its like. Default `skip`. */
  readonly absent?: 'skip' | 'share';
}

export interface CompiledRule {
  readonly name: string;
  readonly unit: Unit;
  readonly refundable: boolean;
  readonly whenStoreFails: 'local' | 'refuse';
  readonly limit: BucketLimit;
  /** The same divided by the number of replicas. */
  readonly localLimit: BucketLimit;
  /** Units per `windowMs`, as announced. */
  readonly amount: number;
  readonly windowMs: number;
  /** True when each caller has a bucket of his own, so that its level tells nothing about others. */
  readonly personal: boolean;
  keyOf(subject: Subject): string | undefined;
  costOf(subject: Subject): number;
}

const NAME = /^[a-z][\w.-]{0,63}$/i;
const DAY_MS = 86_400_000;

/**
 * Checks rules and makes them ready for use.
 *
 * @throws TypeError for the first rule that does not make sense, with the reason.
 */
export function compileRules(rules: readonly Rule[], replicas: number): readonly CompiledRule[] {
  if (rules.length > 32) throw new TypeError(`at most 32 rules, got ${rules.length}`);
  const names = new Set<string>();
  return rules.map((rule) => {
    if (names.has(rule.name)) throw new TypeError(`two rules are called '${rule.name}'`);
    names.add(rule.name);
    return compile(rule, replicas);
  });
}

function compile(rule: Rule, replicas: number): CompiledRule {
  const wrong = (what: string): never => {
    throw new TypeError(`rule '${rule.name}': ${what}`);
  };
  const { allow, mode = 'enforce', absent = 'skip', unit = 'requests', cost = 1, weights } = rule;
  if (!NAME.test(rule.name)) wrong('the name must be a letter and then letters, digits, "_", "-" or ".", at most 64');
  const unknown = rule.by.find((dimension) => !DIMENSIONS.includes(dimension));
  if (unknown !== undefined) wrong(`there is no dimension '${unknown}'; there are ${DIMENSIONS.join(', ')}`);
  if (new Set(rule.by).size !== rule.by.length) wrong('a dimension is named twice in `by`');
  if (!['local', 'refuse'].includes(rule.whenStoreFails)) wrong("whenStoreFails must be 'local' or 'refuse'");
  if (!['enforce', 'shadow'].includes(mode)) wrong("mode must be 'enforce' or 'shadow'");
  if (!['skip', 'share'].includes(absent)) wrong("absent must be 'skip' or 'share'");
  if (!['requests', 'bytes', 'tokens'].includes(unit)) wrong("unit must be 'requests', 'bytes' or 'tokens'");
  if (!['rate', 'day', 'month'].includes(allow.kind)) wrong("allow.kind must be 'rate', 'day' or 'month'");
  if (!isPositive(allow.amount)) wrong('allow.amount must be a number above 0');
  if (allow.kind === 'rate') {
    if (!isPositive(allow.periodMs)) wrong('allow.periodMs must be a number of milliseconds above 0');
    if (!(allow.burst >= 1 && Number.isFinite(allow.burst))) wrong('allow.burst must be at least 1');
    if (allow.overdraft !== undefined && !isCost(allow.overdraft)) wrong('allow.overdraft must be 0 or more');
  }
  const capacity = allow.kind === 'rate' ? allow.burst : allow.amount;
  const heaviest = Math.max(1, ...Object.values(weights ?? {}));
  for (const [tool, weight] of Object.entries(weights ?? {})) {
    if (!isCost(weight)) wrong(`the weight of '${tool}' must be 0 or more`);
  }
  if (typeof cost === 'number') {
    if (!isCost(cost)) wrong('cost must be 0 or more');
    if (cost * heaviest > capacity) wrong(`a call costs ${cost * heaviest} and only ${capacity} fit in at once`);
  } else if (typeof cost !== 'function') {
    wrong('cost must be a number or a function');
  }

  const shadow = mode === 'shadow';
  const unitMs = allow.kind === 'rate' ? allow.periodMs / allow.amount : 0;
  const overdraft = allow.kind === 'rate' ? (allow.overdraft ?? allow.amount) : 0;
  const limit: BucketLimit = { rule: rule.name, kind: allow.kind, capacity, unitMs, overdraft, shadow };
  const localLimit: BucketLimit = { ...limit, capacity: Math.max(1, capacity / replicas), unitMs: unitMs * replicas };
  const keyOf = keyMaker(rule.by, absent);
  const applies = matcher(rule.match);
  const base = typeof cost === 'number' ? () => cost : cost;
  const weightOf = new Map(Object.entries(weights ?? {}));
  return {
    name: rule.name,
    unit,
    refundable: rule.refundable ?? true,
    whenStoreFails: rule.whenStoreFails,
    limit,
    localLimit,
    amount: allow.amount,
    windowMs: allow.kind === 'rate' ? allow.periodMs : allow.kind === 'day' ? DAY_MS : 30 * DAY_MS,
    personal: rule.by.some(
      (dimension) => dimension === 'address' || dimension === 'apiKey' || dimension === 'principal',
    ),
    keyOf: applies === undefined ? keyOf : (subject) => (applies(subject) ? keyOf(subject) : undefined),
    costOf: weightOf.size === 0 ? base : (subject) => base(subject) * (weightOf.get(subject.tool ?? '') ?? 1),
  };
}

/** Undefined when every subject matches. */
function matcher(match: RuleMatch | undefined): ((subject: Subject) => boolean) | undefined {
  const tests: ((subject: Subject) => boolean)[] = [];
  const on = (patterns: readonly string[] | undefined, value: (subject: Subject) => string | undefined): void => {
    if (patterns === undefined) return;
    const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
    const beginnings = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
    tests.push((subject) => {
      const name = value(subject);
      return name !== undefined && (exact.has(name) || beginnings.some((beginning) => name.startsWith(beginning)));
    });
  };
  on(match?.methods, (subject) => subject.method);
  on(match?.servers, (subject) => subject.server);
  on(match?.tools, (subject) => subject.tool);
  return tests.length === 0 ? undefined : (subject) => tests.every((test) => test(subject));
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Infinity;
}

/** A cost is a finite number of units, 0 or more: a negative one would fill a bucket up. */
export function isCost(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}
