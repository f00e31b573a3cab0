import { isDeepStrictEqual } from 'node:util';
import { isRefusal, type Credentials, type GatewayOptions, type Principal, type Refusal } from '@sekisho/core';
import {
  createAddressLimiter,
  createConcurrencyLimiter,
  createRateLimiter,
  createStreamLimiter,
  type AddressLimiter,
  type ConcurrencyLimiter,
  type RateLimiter,
  type StreamLimiter,
  type StreamRule,
} from '@sekisho/rate-limit';
import type { Log } from '../cli/log.ts';
import { createLimitEvents, type LimitsEvent } from './limit-events.ts';
import { subjectOf, permitFor, refusalOf, toRefusal } from './limit-ports.ts';
import { limiterOptionsOf, rulesOf, waitsForRestart, type RateLimitSection } from './rate-limit-section.ts';
import { openStore, type OpenedStore } from './rate-limit-store.ts';
import { limitsView, type LimitsView } from './limits-view.ts';

export type RateLimitOptions = {
  /** Where budgets of days and months are kept. */
  readonly stateFolder: string;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of refusals, of limits that are nearly used up, and of a store that is away. Must not throw. Default: nobody. */
  readonly onEvent?: (event: LimitsEvent) => void;
};

type Authenticate = NonNullable<GatewayOptions['authenticate']>;

export type RateLimitMount = {
  readonly ports: Required<Pick<GatewayOptions, 'admit' | 'take' | 'enter' | 'openStream'>>;
  /** Goes around authentication and counts credentials that were presented and wrong, by address. */
  readonly watchSignIns: (authenticate: Authenticate) => Authenticate;
  readonly status: () => LimitsView;
  /** Puts a changed section in force. @returns the parts that wait for a restart */
  readonly reload: (section: RateLimitSection | undefined) => readonly string[];
  readonly close: () => Promise<void>;
};

/** Without a section: whoever guesses credentials is slowed down, and nobody can take all the streams. */
export const DEFAULT_FAILURES = { amount: 10, periodMs: 60_000, burst: 10 } as const;
export const DEFAULT_STREAMS: readonly StreamRule[] = [
  { name: 'streams-per-principal', by: ['principal'], limit: 256 },
  { name: 'streams-per-address', by: ['address'], limit: 1024 },
];

/** What one section comes to. A reload makes another; what is under way goes on with the one it began with. */
type Parts = {
  readonly section: RateLimitSection;
  readonly limiter: RateLimiter | undefined;
  readonly addresses: AddressLimiter;
  readonly concurrency: ConcurrencyLimiter | undefined;
  readonly streams: StreamLimiter;
};

/**
 * How much and how many at once, for everything that reaches the gateway.
 *
 * @throws Error when budgets cannot be kept: the file is broken, or another Sekisho has it
 */
export async function mountRateLimit(
  given: RateLimitSection | undefined,
  { stateFolder, log, now, onEvent = () => undefined }: RateLimitOptions,
): Promise<RateLimitMount> {
  const opened = await openStore(given ?? {}, { stateFolder, log, now });
  let degradedSinceMs: number | undefined;
  const events = createLimitEvents({
    now,
    isBudget: (name) =>
      parts.section.limits?.rules.some((rule) => rule.name === name && rule.allow.kind !== 'rate') ?? false,
    onEvent: (event) => {
      if (event.type === 'limit.degraded') degradedSinceMs = event.atMs;
      if (event.type === 'limit.recovered') degradedSinceMs = undefined;
      tell(log, event);
      onEvent(event);
    },
  });
  let parts = makeParts(given ?? {}, opened, events.limiter, undefined);

  const admit = (credentials: Credentials): Refusal | undefined => {
    const { remoteAddress } = credentials;
    if (credentials.transport !== 'http') return undefined;
    // Who hides the address behind a proxy that says nothing of it shares one count with all the others who do.
    const admission = parts.addresses.admit(remoteAddress ?? UNKNOWN);
    if (admission.admitted) return undefined;
    const { policies, retryAfterMs } = admission.refusal;
    events.refused('limit.exceeded', policies[0]!, { address: remoteAddress ?? UNKNOWN }, 'address', retryAfterMs);
    return toRefusal(admission.refusal);
  };

  const failedSignIn = (credentials: Credentials, who: Principal | Refusal): Principal | Refusal => {
    if (
      isRefusal(who) &&
      who.refused === 'unauthenticated' &&
      credentials.transport === 'http' &&
      presented(credentials)
    )
      parts.addresses.signInFailed(credentials.remoteAddress ?? UNKNOWN);
    return who;
  };

  return {
    ports: {
      admit,
      take: (principal, target, credentials) => {
        const { limiter, section } = parts;
        if (!limiter) return undefined;
        const decided = limiter.take(subjectOf(principal, credentials, target));
        const http = credentials.transport === 'http';
        return decided instanceof Promise
          ? decided.then((late) => (late.allowed ? permitFor(limiter, late, http, section) : refusalOf(late)))
          : decided.allowed
            ? permitFor(limiter, decided, http, section)
            : refusalOf(decided);
      },
      enter: (principal, target, credentials, wait) => {
        const { concurrency } = parts;
        if (!concurrency) return undefined;
        const subject = subjectOf(principal, credentials, target);
        const entered = concurrency.enter(subject, { deadlineMs: wait.deadlineMs, signal: () => wait.signal() });
        const after = (slot: Awaited<typeof entered>) => {
          if (slot.entered) return slot;
          const { rule, reason, refusal } = slot;
          if (reason !== 'aborted')
            events.refused('limit.concurrency_shed', rule, subject, reason, refusal.retryAfterMs);
          return { ...toRefusal(refusal), detail: reason };
        };
        return entered instanceof Promise ? entered.then(after) : after(entered);
      },
      openStream: (principal, credentials, server) => {
        const subject = subjectOf(principal, credentials, {
          server,
          kind: 'subscription',
          name: undefined,
          method: '',
        });
        const stream = parts.streams.open(subject);
        if (stream.opened) return stream;
        events.refused('limit.concurrency_shed', stream.rule, subject, 'streams', stream.refusal.retryAfterMs);
        return toRefusal(stream.refusal);
      },
    },
    watchSignIns: (authenticate) => (credentials) => {
      const who = authenticate(credentials);
      return who instanceof Promise
        ? who.then((late) => failedSignIn(credentials, late))
        : failedSignIn(credentials, who);
    },
    status: () =>
      limitsView({
        section: parts.section,
        opened,
        degradedSinceMs,
        counts: events.counts(),
        concurrency: parts.concurrency?.stats() ?? [],
        streams: (parts.section.streams?.rules ?? DEFAULT_STREAMS).map(({ name, limit }) => ({
          rule: name,
          limit,
          open: parts.streams.count(name),
        })),
        nowMs: now(),
      }),
    reload: (section = {}) => {
      const waiting = waitsForRestart(given, section);
      // The file for budgets is opened at the start; until then the old rules go on, which is better than none.
      if (!waiting.includes('rateLimit.limits')) parts = makeParts(section, opened, events.limiter, parts);
      return waiting;
    },
    close: () => opened.close(),
  };
}

const UNKNOWN = 'unknown';

function makeParts(
  section: RateLimitSection,
  { store }: OpenedStore,
  onEvent: ReturnType<typeof createLimitEvents>['limiter'],
  before: Parts | undefined,
): Parts {
  // What has not changed keeps its counts: a reload must not be a way to a fresh allowance.
  const same = (key: keyof RateLimitSection): boolean =>
    before !== undefined && isDeepStrictEqual(section[key], before.section[key]);
  const rules = rulesOf(section);
  const replicas = typeof section.store === 'object' ? { replicas: section.store.redis.replicas } : {};
  return {
    section,
    limiter:
      before && same('limits') && same('onStoreFailure') && same('store')
        ? before.limiter
        : rules.length === 0
          ? undefined
          : createRateLimiter({ ...limiterOptionsOf(section), rules, store, ...replicas, onEvent }),
    addresses:
      before && same('address')
        ? before.addresses
        : createAddressLimiter({
            failures: DEFAULT_FAILURES,
            ...section.address,
            ...(store.shared ? { shared: store } : {}),
          }),
    concurrency:
      before && same('concurrency')
        ? before.concurrency
        : section.concurrency && createConcurrencyLimiter(section.concurrency),
    streams:
      before && same('streams') ? before.streams : createStreamLimiter(section.streams ?? { rules: DEFAULT_STREAMS }),
  };
}

/** Somebody without a credential has not guessed one. */
function presented({ header }: Credentials): boolean {
  return header('authorization') !== undefined || header('x-api-key') !== undefined;
}

function tell(log: Log, event: LimitsEvent): void {
  if (event.type === 'limit.degraded')
    log.error({ error: event.error }, 'the store of the limits does not answer; rules do what they say for that');
  else if (event.type === 'limit.recovered')
    log.info({ decisions: event.decisions }, 'the store of the limits answers again');
  else if (event.type === 'limit.settle_lost') log.warn({ rules: event.rules }, 'corrections of charges were lost');
  else if (event.type === 'limit.near') log.debug({ rule: event.rule }, 'a limit is nearly used up');
  else log.info({ rule: event.rule, reason: event.reason, swallowed: event.swallowed }, event.type);
}
