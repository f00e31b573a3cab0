import type { GateStats } from '@sekisho/rate-limit';
import type { LimitCounts } from './limit-events.ts';
import type { RateLimitSection } from './rate-limit-section.ts';
import type { OpenedStore } from './rate-limit-store.ts';

/** The limits in force and how they stand, for `sekisho status` and monitors. Holds no caller's name. */
export type LimitsView = {
  readonly store: 'memory' | 'redis';
  /** `degraded`: the store does not answer, and each rule does what it says for that. */
  readonly state: 'ok' | 'degraded';
  readonly degradedForMs?: number;
  readonly rules: readonly { readonly name: string; readonly allows: string; readonly mode: 'enforce' | 'shadow' }[];
  /** By rule, all gates of it together. */
  readonly concurrency: readonly {
    readonly rule: string;
    readonly gates: number;
    readonly limit: number;
    readonly underWay: number;
    readonly queued: number;
  }[];
  readonly streams: readonly { readonly rule: string; readonly limit: number; readonly open: number }[];
  readonly refused: LimitCounts;
  /** Buckets in this process, and how many had to go although they still held somebody back. */
  readonly memory?: { readonly keys: number; readonly evictedInUse: number };
};

export function limitsView(now: {
  readonly section: RateLimitSection;
  readonly opened: OpenedStore;
  readonly degradedSinceMs: number | undefined;
  readonly counts: LimitCounts;
  readonly concurrency: readonly GateStats[];
  readonly streams: LimitsView['streams'];
  readonly nowMs: number;
}): LimitsView {
  const { section, opened, degradedSinceMs, counts, streams, nowMs } = now;
  const gates = new Map<string, { rule: string; gates: number; limit: number; underWay: number; queued: number }>();
  for (const { rule } of section.concurrency?.rules.map(({ name }) => ({ rule: name })) ?? [])
    gates.set(rule, { rule, gates: 0, limit: 0, underWay: 0, queued: 0 });
  for (const { rule, limit, underWay, queued } of now.concurrency) {
    const sum = gates.get(rule);
    if (!sum) continue;
    sum.gates++;
    sum.limit += limit;
    sum.underWay += underWay;
    sum.queued += queued;
  }
  const memory = opened.stats?.();
  return {
    store: opened.kind,
    state: degradedSinceMs === undefined ? 'ok' : 'degraded',
    ...(degradedSinceMs === undefined ? {} : { degradedForMs: Math.max(nowMs - degradedSinceMs, 0) }),
    rules: (section.limits?.rules ?? []).map((rule) => ({
      name: rule.name,
      allows: describeAllowance(rule),
      mode: rule.mode ?? 'enforce',
    })),
    concurrency: [...gates.values()],
    streams,
    refused: counts,
    ...(memory === undefined ? {} : { memory }),
  };
}

type ConfiguredRule = NonNullable<RateLimitSection['limits']>['rules'][number];

function describeAllowance({ allow, unit = 'requests', by }: ConfiguredRule): string {
  const whose = by.length === 0 ? 'in all' : `for each ${by.join(' and ')}`;
  return allow.kind === 'rate'
    ? `${allow.amount} ${unit} in ${allow.periodMs / 1000} s, ${allow.burst} at once, ${whose}`
    : `${allow.amount} ${unit} a ${allow.kind}, ${whose}`;
}

/** A few lines for people. */
export function describeLimits(view: LimitsView): string[] {
  const { rules, store, state, degradedForMs, concurrency, streams, refused } = view;
  const standing =
    state === 'ok' ? store : `${store}, which has not answered for ${Math.round((degradedForMs ?? 0) / 1000)} s`;
  const total = Object.values(refused).reduce((sum, count) => sum + count, 0);
  return [
    `limits: ${rules.length} rule${rules.length === 1 ? '' : 's'}, counted in ${standing}; ${total} refusal${total === 1 ? '' : 's'} since the start`,
    ...rules.map(({ name, allows, mode }) => `  ${name}: ${allows}${mode === 'shadow' ? ' (only watched)' : ''}`),
    ...concurrency.map(
      ({ rule, gates, limit, underWay, queued }) =>
        `  ${rule}: ${underWay} of ${limit} calls under way at ${gates} gate${gates === 1 ? '' : 's'}, ${queued} waiting`,
    ),
    ...streams.map(({ rule, limit, open }) => `  ${rule}: ${open} open, at most ${limit} each`),
  ];
}
