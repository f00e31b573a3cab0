import type { Label } from './label.ts';
import { riskOf } from './label.ts';

/** One found piece of text. It never holds the text itself, so that it can be logged. */
export interface Finding {
  /** First index, in UTF-16 code units of the text that was searched. */
  readonly start: number;
  /** Index after the last code unit. */
  readonly end: number;
  readonly label: Label;
  /** Which detector found it, such as `secrets/github`. */
  readonly rule: string;
  /** Confidence from 0 to 1. */
  readonly score: number;
}

/** How long a chain of overlapping findings may grow before the next one starts a span of its own. */
const chainLimit = 2048;

const stronger = (a: Finding, b: Finding): Finding => {
  const risk = riskOf(a.label) - riskOf(b.label);
  // A much surer finding wins over a riskier guess; among equals the riskier, then the surer, then the longer.
  if (Math.abs(a.score - b.score) > 0.25) return a.score > b.score ? a : b;
  if (risk !== 0) return risk > 0 ? a : b;
  if (a.score !== b.score) return a.score > b.score ? a : b;
  return b.end - b.start > a.end - a.start ? b : a;
};

/**
 * The one rule for overlaps: findings that overlap become one span, their union, under the name of the strongest. So no
 * fragment of a losing finding is left unmasked. The input must be sorted by start.
 */
export function mergeFindings(sorted: readonly Finding[]): Finding[] {
  const merged: Finding[] = [];
  let last: Finding | undefined;
  for (const next of sorted) {
    if (last === undefined || next.start >= last.end) {
      if (last !== undefined) merged.push(last);
      last = next;
      continue;
    }
    if (next.end <= last.end && stronger(last, next) === last) continue;
    if (last.end - last.start > chainLimit) {
      merged.push(last);
      last = next.end > last.end ? { ...next, start: last.end } : undefined;
      continue;
    }
    last = { ...stronger(last, next), start: last.start, end: Math.max(last.end, next.end) };
  }
  if (last !== undefined) merged.push(last);
  return merged;
}

/** Order in which findings are merged: by start, the longer first. */
export const byStart = (a: Finding, b: Finding): number => a.start - b.start || b.end - a.end;
