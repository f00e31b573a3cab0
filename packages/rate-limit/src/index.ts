export {
  allowForgetfulBudgets,
  createRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
  type Settlement,
} from './limiter.ts';
export type { BudgetAllowance, RateAllowance, Rule, RuleMatch, Unit } from './rule.ts';
export type { Dimension, Subject } from './subject.ts';
export type { Decision, RuleState } from './decision.ts';
export type { Actual } from './settlement.ts';
export type { LimitEvent, OnLimitEvent } from './events.ts';
export { isRateLimitError, RateLimitError, type RateLimitErrorCode } from './errors.ts';

export { memoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store.ts';
export type { BudgetBook, BudgetEntry } from './budgets.ts';
export type { Adjustment, BucketLimit, Charge, Level, MaybePromise, Outcome, RateStore } from './store.ts';
export type { MonotonicClock, Schedule, WallClock } from './clock.ts';

export {
  createAddressLimiter,
  type AddressAllowance,
  type AddressLimiter,
  type AddressLimiterOptions,
  type Admission,
} from './address-limiter.ts';
export { addressKey } from './address.ts';

export {
  createConcurrencyLimiter,
  type ConcurrencyLimiter,
  type ConcurrencyLimiterOptions,
  type ConcurrencyRule,
  type EnterOptions,
  type GateStats,
  type Lease,
  type Shed,
} from './concurrency/concurrency-limiter.ts';
export type { AdaptiveOptions } from './concurrency/gradient.ts';
export type { Ending, ShedReason } from './concurrency/gate.ts';
export {
  createStreamLimiter,
  type StreamAdmission,
  type StreamLimiter,
  type StreamRule,
} from './concurrency/stream-limiter.ts';

export { OVERLOADED, RATE_LIMITED } from './http/codes.ts';
export { toFields, toRetryAfter, type Fields } from './http/fields.ts';
export { toReply, toRefusalReply, type HttpLimitOptions, type JsonRpcId, type Reply } from './http/reply.ts';
export {
  toJsonRpcError,
  toProblemDetails,
  toRefusal,
  type JsonRpcError,
  type ProblemDetails,
  type Refusal,
} from './http/refusal.ts';
