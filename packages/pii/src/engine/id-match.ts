import type { IdRule, NumberRun, Scan } from '../rule.ts';
import { compactOf, gluedRight, isDigitCode, lengthsOf, runEnd, separatorOf } from './number-run.ts';

/** A rule with its place in the index of context words. */
export interface CompiledId extends IdRule {
  readonly index: number;
}

/** Tells which rules a context may name. */
export interface NamedBy {
  /** Answers whether there is any. */
  ask(context: string): boolean;
  /** True when some rule for numbers of this length needs no name. */
  alone(length: number): boolean;
  /** About the context that was asked last. */
  has(index: number): boolean;
}

const longestId = 34;
const scannedForm = /^[\dLIO]+$/u;

/** The rules for one number of characters: all of them, and those that need no name. */
export interface IdsOfLength {
  readonly all: CompiledId[];
  readonly alone: CompiledId[];
}
const none: IdsOfLength = { all: [], alone: [] };

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
export function matchIds(
  scan: Scan,
  run: NumberRun,
  digitIds: readonly (IdsOfLength | undefined)[],
  mixedIds: readonly (IdsOfLength | undefined)[],
  namedBy: NamedBy,
): number {
  // What is glued to something on its left is only believed under a key.
  if (run.gluedLeft && scan.key === '') return 0;
  let furthest = 0;
  for (let first = 0; first < Math.min(2, run.count); first += 1) {
    // Only a letter prefix puts a second beginning into the run; every later group is an anchor of its own.
    if (first === 1 && (run.separators[0] !== 0 || isDigitCode(scan.text.charCodeAt(run.ends[0]! - 1)))) break;
    // What stands before the second group is another text than what stands before the first.
    let anyNamed: boolean | undefined;
    let length = 0;
    for (let last = first; last < run.count; last += 1) {
      length += run.ends[last]! - run.starts[last]!;
      if (length > longestId) break;
      if (length < 5) continue;
      const digits = digitIds[length];
      const mixed = mixedIds[length];
      if (digits === undefined && mixed === undefined) continue;
      anyNamed ??= namedBy.ask(scan.context(run.starts[first]!, runEnd(run)));
      if (!anyNamed && !namedBy.alone(length)) continue;
      const end = tryIds(scan, run, first, last, length, digits ?? none, mixed ?? none, namedBy, anyNamed);
      if (end > furthest) furthest = end;
    }
  }
  return furthest;
}

function separatorsOk(run: NumberRun, first: number, last: number, rule: IdRule): boolean {
  const allowed = rule.separators ?? ' -';
  for (let group = first + 1; group <= last; group += 1)
    if (!allowed.includes(String.fromCharCode(run.separators[group]!))) return false;
  return rule.groups !== undefined || separatorOf(run, first, last) !== 1;
}

function isAllDigits(scan: Scan, run: NumberRun, first: number, last: number): boolean {
  for (let group = first; group <= last; group += 1)
    for (let at = run.starts[group]!; at < run.ends[group]!; at += 1)
      if (!isDigitCode(scan.text.charCodeAt(at))) return false;
  return true;
}

function tryIds(
  scan: Scan,
  run: NumberRun,
  first: number,
  last: number,
  length: number,
  digits: IdsOfLength,
  mixed: IdsOfLength,
  namedBy: NamedBy,
  anyNamed: boolean,
): number {
  const plain = last < run.plain || isAllDigits(scan, run, first, last);
  if (plain && !anyNamed && digits.alone.length === 0) return 0;
  const compact = compactOf(scan, run, first, last);
  // Scanned paper has `l` for 1 and `O` for 0; only check digits and a name together make that a number.
  const scanned =
    !plain && anyNamed && scannedForm.test(compact) && compact.replaceAll(/\d/gu, '').length * 2 < length
      ? compact.replaceAll(/[LI]/gu, '1').replaceAll('O', '0')
      : undefined;
  if (scanned !== undefined) return tryScanned(scan, run, first, last, scanned, digits.all);
  // Most rules need a name, and most numbers have none.
  const rules = anyNamed ? (plain ? digits : mixed).all : (plain ? digits : mixed).alone;
  if (rules.length === 0) return 0;
  const start = run.starts[first]!;
  const end = run.ends[last]!;
  let context = '';
  if (anyNamed) {
    context = scan.context(start, runEnd(run));
    namedBy.ask(context);
  }
  let lengths: string | undefined;
  let furthest = 0;
  // Four short groups with dots are an address of a host, whatever the column is called.
  if (last - first === 3 && separatorOf(run, first, last) === 46 && length <= 12) return 0;
  for (const rule of rules) {
    const maybe = anyNamed && namedBy.has(rule.index);
    if (
      !maybe &&
      (rule.base === 0 || (rule.groups !== undefined && !rule.groups.test((lengths ??= lengthsOf(run, first, last)))))
    )
      continue;
    if (!rule.form.test(compact)) continue;
    const right = rule.check === undefined || rule.check(compact);
    if (!right && rule.unchecked === undefined) continue;
    const known = maybe && rule.context.test(context);

    if (!known && rule.base === 0) continue;
    const glued = (first <= 1 && run.gluedLeft) || gluedRight(scan, end);
    if (glued && !(known && scan.key !== '')) continue;
    if (known) {
      scan.add(start, end, rule.label, rule.id, right ? (rule.known ?? 0.9) : (rule.unchecked ?? 0));
      furthest = end;
      continue;
    }
    // Without context a mix of separators, a table of numbers or a part of a larger number is no evidence.
    if (rule.base === 0 || !right || isPartOfNumber(scan, start, end) || !separatorsOk(run, first, last, rule))
      continue;
    if (rule.groups !== undefined) {
      lengths ??= lengthsOf(run, first, last);
      if (!rule.groups.test(lengths)) continue;
    }
    scan.add(start, end, rule.label, rule.id, rule.base);
    if (rule.base >= 0.5) furthest = end;
  }
  return furthest;
}

function tryScanned(
  scan: Scan,
  run: NumberRun,
  first: number,
  last: number,
  compact: string,
  rules: readonly CompiledId[],
): number {
  const start = run.starts[first]!;
  const end = run.ends[last]!;
  const rule = rules.find(
    (one) =>
      one.form.test(compact) && (one.check?.(compact) ?? false) && one.context.test(scan.context(start, runEnd(run))),
  );
  if (rule === undefined) return 0;
  scan.add(start, end, rule.label, rule.id, 0.7);
  return end;
}
