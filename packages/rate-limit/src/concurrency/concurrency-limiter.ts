import { processClock, processSchedule, type MonotonicClock, type Schedule } from '../clock.ts';
import { toOverloadRefusal, type Refusal } from '../http/refusal.ts';
import type { MaybePromise } from '../store.ts';
import { DIMENSIONS, keyMaker, type Dimension, type Subject } from '../subject.ts';
import { Gate, type Ending, type ShedReason, type Slot } from './gate.ts';
import { checkAdaptive, GradientLimit, type AdaptiveOptions } from './gradient.ts';

export interface ConcurrencyRule {
  /** Unique; shown to clients when it is in the way. */
  readonly name: string;
  /** One gate for each combination, such as `['server', 'tool']`. Empty: one for everything. */
  readonly by: readonly Dimension[];
  /** Calls under way at once, 1 or more; or bounds within which the limit follows how fast the upstream answers. */
  readonly limit: number | AdaptiveOptions;
  /** Calls of one caller that may wait. 0 or more, default 16. */
  readonly maxQueuedPerCaller?: number;
  /** Calls that may wait in all. 0 or more, default 256. */
  readonly maxQueued?: number;
}

export interface ConcurrencyLimiterOptions {
  /** Passed one after the other in this order; put the narrow before the wide, so that nobody waits with a scarce slot in hand. */
  readonly rules: readonly ConcurrencyRule[];
  /** Milliseconds a call waits at most when it names no deadline. Above 0, default 10,000. */
  readonly maxWaitMs?: number;
  /** Gates of adaptive rules that are remembered while nothing is under way. Default 1,000. */
  readonly maxIdleGates?: number;
  /** Default `performance.now`. */
  readonly now?: MonotonicClock;
  /** Default `setTimeout`. */
  readonly schedule?: Schedule;
}

export interface EnterOptions {
  /** Milliseconds from now after which an answer is of no use; the call is shed rather than let in after it. */
  readonly deadlineMs?: number;
  /** When the caller leaves, he leaves the queue too. A function is only called when there is a queue to leave. */
  readonly signal?: AbortSignal | (() => AbortSignal);
}

export interface Lease {
  readonly entered: true;
  /** Call it exactly when the call is over, in a `finally`; again is harmless. `overloaded` lowers an adaptive limit. */
  leave(ending?: Ending): void;
}

export interface Shed {
  readonly entered: false;
  readonly reason: ShedReason;
  /** The rule whose gate was full. */
  readonly rule: string;
  readonly refusal: Refusal;
}

export interface ConcurrencyLimiter {
  /** Waits for a slot in the gate of every rule that applies. At once, not a promise, when all have one free. */
  enter(subject: Subject, options?: EnterOptions): MaybePromise<Lease | Shed>;
  /** For metrics: how full the gates in use are. */
  stats(): readonly GateStats[];
}

export interface GateStats {
  readonly rule: string;
  readonly limit: number;
  readonly underWay: number;
  readonly queued: number;
}

/**
 * Limits what is under way at once, per tool, upstream or anything else of a subject. Who waits takes turns by
 * principal (or else API key, or address), so one caller's backlog does not become another's.
 *
 * It counts in this process: with N replicas an upstream sees up to N times the limit. Long-lived streams do not belong
 * here, they would occupy slots for hours: see `createStreamLimiter`.
 *
 * @throws TypeError when a rule or option makes no sense.
 */
export function createConcurrencyLimiter(options: ConcurrencyLimiterOptions): ConcurrencyLimiter {
  const { now = processClock, schedule = processSchedule, maxWaitMs = 10_000, maxIdleGates = 1000 } = options;
  if (!(maxWaitMs > 0)) throw new TypeError('maxWaitMs must be above 0');
  const rules = options.rules.map((rule) => ({ ...rule, keyOf: checkRule(rule), gates: new Map<string, Gate>() }));
  if (new Set(rules.map(({ name }) => name)).size !== rules.length) throw new TypeError('two rules have the same name');
  type Rule = (typeof rules)[number];

  const gateFor = (rule: Rule, key: string): Gate => {
    const known = rule.gates.get(key);
    if (known !== undefined) return known;
    const gate = new Gate({
      limit: typeof rule.limit === 'number' ? rule.limit : new GradientLimit(rule.limit),
      maxQueuedPerCaller: rule.maxQueuedPerCaller ?? 16,
      maxQueued: rule.maxQueued ?? 256,
      now,
      schedule,
    });
    rule.gates.set(key, gate);
    return gate;
  };

  /** A gate nobody is in is worth keeping only for what it has learned, and the names are chosen by callers. */
  const tidy = (rule: Rule, key: string, gate: Gate): void => {
    if (gate.underWay > 0 || gate.queued > 0 || rule.gates.get(key) !== gate) return;
    rule.gates.delete(key);
    if (typeof rule.limit === 'number') return;
    rule.gates.set(key, gate);
    if (rule.gates.size <= maxIdleGates) return;
    for (const [other, idle] of rule.gates) {
      if (idle.underWay > 0 || idle.queued > 0) continue;
      rule.gates.delete(other);
      return;
    }
  };

  const shed = (rule: string, reason: ShedReason): Shed => {
    // Somebody else's call must end first, and calls take about this long.
    return { entered: false, reason, rule, refusal: toOverloadRefusal(rule, 1000) };
  };

  return {
    enter: (subject, { deadlineMs = maxWaitMs, signal } = {}) => {
      const deadlineAt = now() + Math.min(deadlineMs, maxWaitMs);
      const caller = subject.principal ?? subject.apiKey ?? subject.address ?? '';
      const held: ((ending: Ending) => void)[] = [];
      const lease: Lease = {
        entered: true,
        leave: (ending = 'done') => {
          for (const free of held) free(ending);
        },
      };
      const pass = (from: number): MaybePromise<Lease | Shed> => {
        for (let i = from; i < rules.length; i++) {
          const rule = rules[i]!;
          const key = rule.keyOf(subject);
          if (key === undefined) continue;
          const gate = gateFor(rule, key);
          const settle = (slot: Slot): Shed | undefined => {
            if ('shed' in slot) {
              // What is held was not used, so it says nothing about any upstream.
              lease.leave('cancelled');
              tidy(rule, key, gate);
              return shed(rule.name, slot.shed);
            }
            held.push((ending) => {
              slot.free(ending);
              tidy(rule, key, gate);
            });
            return undefined;
          };
          const slot = gate.enter(caller, deadlineAt, signal);
          if (slot instanceof Promise) return slot.then((late) => settle(late) ?? pass(i + 1));
          const refused = settle(slot);
          if (refused !== undefined) return refused;
        }
        return lease;
      };
      return pass(0);
    },
    stats: () =>
      rules.flatMap(({ name, gates }) =>
        [...gates.values()].map(({ limit, underWay, queued }) => ({ rule: name, limit, underWay, queued })),
      ),
  };
}

function checkRule(rule: ConcurrencyRule): (subject: Subject) => string | undefined {
  const { name, by, limit, maxQueued = 0, maxQueuedPerCaller = 0 } = rule;
  const wrong = (what: string): never => {
    throw new TypeError(`concurrency rule '${name}': ${what}`);
  };
  if (name === '') wrong('it needs a name');
  if (by.some((dimension) => !DIMENSIONS.includes(dimension))) wrong(`\`by\` may name ${DIMENSIONS.join(', ')}`);
  if (typeof limit === 'number' && !(Number.isInteger(limit) && limit >= 1))
    wrong('limit must be a whole number from 1');
  if (typeof limit !== 'number') checkAdaptive(limit);
  for (const [option, value] of Object.entries({ maxQueued, maxQueuedPerCaller })) {
    if (!(Number.isInteger(value) && value >= 0)) wrong(`${option} must be a whole number from 0`);
  }
  return keyMaker(by, 'skip');
}
