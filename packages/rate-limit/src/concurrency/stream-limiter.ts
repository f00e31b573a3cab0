import { toOverloadRefusal, type Refusal } from '../http/refusal.ts';
import { DIMENSIONS, keyMaker, type Dimension, type Subject } from '../subject.ts';

export interface StreamRule {
  /** Unique; shown to clients when it is in the way. */
  readonly name: string;
  /** One count for each combination. Empty: one count for all. */
  readonly by: readonly Dimension[];
  /** Streams open at once, 1 or more. */
  readonly limit: number;
}

export type StreamAdmission =
  | {
      readonly opened: true;
      /** Call it when the stream has ended, however it did; again is harmless. */
      close(): void;
    }
  | { readonly opened: false; readonly rule: string; readonly refusal: Refusal };

export interface StreamLimiter {
  /** Counts a stream under every rule that applies, or under none and refuses. */
  open(subject: Subject): StreamAdmission;
  /** Streams open now under a rule, all keys together. */
  count(rule: string): number;
}

/**
 * Counts what stays open for long (`subscriptions/listen`, an SSE stream), apart from calls: nobody queues for a stream,
 * and a thousand idle ones must not keep a single call from running. Counts in this process alone.
 *
 * @throws TypeError when a rule makes no sense.
 */
export function createStreamLimiter(options: { readonly rules: readonly StreamRule[] }): StreamLimiter {
  const rules = options.rules.map(({ name, by, limit }) => {
    if (name === '' || !(Number.isInteger(limit) && limit >= 1) || by.some((part) => !DIMENSIONS.includes(part))) {
      throw new TypeError(`stream rule '${name}': a name, known dimensions and a limit from 1 are needed`);
    }
    return { name, limit, keyOf: keyMaker(by, 'skip'), open: new Map<string, number>() };
  });
  if (new Set(rules.map(({ name }) => name)).size !== rules.length) throw new TypeError('two rules have the same name');

  return {
    open: (subject) => {
      const counted: { readonly counts: Map<string, number>; readonly key: string }[] = [];
      for (const { name, limit, keyOf, open: counts } of rules) {
        const key = keyOf(subject);
        if (key === undefined) continue;
        if ((counts.get(key) ?? 0) >= limit) {
          return { opened: false, rule: name, refusal: toOverloadRefusal(name, 1000) };
        }
        counted.push({ counts, key });
      }
      for (const { counts, key } of counted) counts.set(key, (counts.get(key) ?? 0) + 1);
      let closed = false;
      return {
        opened: true,
        close: () => {
          if (closed) return;
          closed = true;
          for (const { counts, key } of counted) {
            const left = counts.get(key)! - 1;
            if (left === 0) counts.delete(key);
            else counts.set(key, left);
          }
        },
      };
    },
    count: (name) => {
      const rule = rules.find((candidate) => candidate.name === name);
      return rule === undefined ? 0 : [...rule.open.values()].reduce((sum, open) => sum + open, 0);
    },
  };
}
