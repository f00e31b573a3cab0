import type { IdRule, NumberRun, Scan } from '../rule.ts';
import { compactOf, gluedRight, isDigitCode, lengthsOf, separatorOf } from './number-run.ts';

const longestId = 34;
const digitsOnly = /^\d+$/u;

/** A decimal, a price or part of a larger number: `1,234.56`, `$12`, `0.123`. */
function isPartOfNumber(scan: Scan, start: number, end: number): boolean {
  const { text } = scan;
  const before = start > scan.lo ? text.charCodeAt(start - 1) : 0;
  if (before === 36 || before === 0x20ac || before === 0xa3) return true;
  if ((before === 46 || before === 44) && start - 1 > scan.lo && isDigitCode(text.charCodeAt(start - 2))) {
    // `1,2025550143` is a cell of a table, `1,234` a thousand.
    if (before === 46 || end - start <= 3) return true;
  }
  const after = end < scan.hi ? text.charCodeAt(end) : 0;
  if (after === 37) return true;
  return (after === 46 || after === 44) && end + 1 < scan.hi && isDigitCode(text.charCodeAt(end + 1)) && after === 46;
}

/**
 * Tries every number that begins with the first group of the run against the rules for its length. The answer is the
 * end of the longest finding, 0 when there is none.
 */
export function matchIds(scan: Scan, run: NumberRun, digitIds: readonly (readonly IdRule[])[], mixedIds: readonly (readonly IdRule[])[]): number {
  let furthest = 0;
  for (let first = 0; first < Math.min(2, run.count); first += 1) {
    // Only a letter prefix puts a second beginning into the run; every later group is an anchor of its own.
    if (first === 1 && (run.separators[0] !== 0 || isDigitCode(scan.text.charCodeAt(run.ends[0]! - 1)))) break;
    let length = 0;
    for (let last = first; last < run.count; last += 1) {
      length += run.ends[last]! - run.starts[last]!;
      if (length > longestId) break;
      if (length < 5) continue;
      const digits = digitIds[length];
      const mixed = mixedIds[length];
      if (digits === undefined && mixed === undefined) continue;
      const end = tryIds(scan, run, first, last, digits ?? [], mixed ?? []);
      if (end > furthest) furthest = end;
    }
  }
  return furthest;
}

function tryIds(scan: Scan, run: NumberRun, first: number, last: number, digits: readonly IdRule[], mixed: readonly IdRule[]): number {
  const compact = compactOf(scan, run, first, last);
  const rules = digitsOnly.test(compact) ? digits : mixed;
  if (rules.length === 0) return 0;
  const start = run.starts[first]!;
  const end = run.ends[last]!;
  let context: string | undefined;
  let lengths: string | undefined;
  let furthest = 0;
  const separator = separatorOf(run, first, last);
  for (const rule of rules) {
    if (!rule.form.test(compact)) continue;
    const right = rule.check === undefined || rule.check(compact);
    if (!right && rule.unchecked === undefined) continue;
    if (rule.groups !== undefined) {
      lengths ??= lengthsOf(run, first, last);
      if (first !== last && !rule.groups.test(lengths)) continue;
    }
    context ??= scan.context(start, end);
    const known = rule.context.test(context);
    const glued = (first <= 1 && run.gluedLeft) || gluedRight(scan, end);
    if (glued && !(known && scan.key !== '' )) continue;
    if (known) {
      scan.add(start, end, rule.label, rule.id, right ? (rule.known ?? 0.9) : (rule.unchecked ?? 0));
      furthest = end;
      continue;
    }
    // Without context a mix of separators, a table of numbers or a part of a larger number is no evidence.
    if (rule.base === 0 || !right || separator === 1 || separator === 10 || isPartOfNumber(scan, start, end)) continue;
    scan.add(start, end, rule.label, rule.id, rule.base);
    if (rule.base >= 0.5) furthest = end;
  }
  return furthest;
}
