import type { NumberRun, Scan } from '../rule.ts';
import { digitReach } from '../rule.ts';

const maxGroups = 34;
const usualGroups = 12;
const longestWord = 64;

export const isDigitCode = (code: number): boolean => code >= 48 && code <= 57;
export const isLetterCode = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
export const isWordCode = (code: number): boolean => isDigitCode(code) || isLetterCode(code);
const isUpperCode = (code: number): boolean => code >= 65 && code <= 90;

/** An empty run to be filled again and again: the hot path allocates nothing. */
export const newRun = (): NumberRun => ({
  starts: new Int32Array(maxGroups + 1),
  ends: new Int32Array(maxGroups + 1),
  separators: new Int32Array(maxGroups + 1),
  count: 0,
  plain: 0,
  size: 0,
  gluedLeft: false,
});

/** Digits are 1, lower-case letters 2, upper-case ones 3; what joins the groups of a number is 4. */
export const classes = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  if (isDigitCode(code)) classes[code] = 1;
  else if (isUpperCode(code)) classes[code] = 3;
  else if (isLetterCode(code)) classes[code] = 2;
  else if (' -./_()'.includes(String.fromCharCode(code)) || (code >= 9 && code <= 13)) classes[code] = 4;
}
/** Class of an ASCII character, 0 of any other. */
const classOf = (code: number): number => (code < 128 ? classes[code]! : 0);

/** Length and code of a separator between two groups, or 0. */
function separatorAt(text: string, at: number, hi: number): number {
  let end = at;
  let code = 0;
  while (end < hi && end - at < 4) {
    const char = text.charCodeAt(end);
    if (char > 127 || classes[char] !== 4) break;
    if (code === 0) code = char;
    else if (code !== char) code = code === 32 && char === 45 ? 45 : code === 45 && char === 32 ? 45 : 1;
    end += 1;
  }
  const length = end - at;
  if (length === 0 || length > 3) return 0;
  return length * 256 + code;
}

const glues = (code: number): boolean =>
  code === 45 || code === 46 || code === 47 || code === 95 || code === 43 || code === 35;

/** True when the text is glued to another word behind `end`, as in a path, a version or a longer number. */
export function gluedRight(scan: Scan, end: number): boolean {
  if (end + 1 >= scan.hi) return false;
  return glues(scan.text.charCodeAt(end)) && isWordCode(scan.text.charCodeAt(end + 1));
}

/**
 * Collects the run of groups that begins with the word around the digit at `at`. The answer is where that first word
 * ends, negative when the word is too long to be a number that is written in groups.
 */
export function collectRun(scan: Scan, at: number, run: NumberRun): number {
  const { text, lo } = scan;
  const hi = Math.min(scan.hi, at + digitReach);
  let start = at;
  while (start > lo && at - start <= longestWord && isWordCode(text.charCodeAt(start - 1))) start -= 1;
  let end = at + 1;
  let plain = start === at;
  while (end < hi) {
    const kind = classOf(text.charCodeAt(end));
    if (kind === 0 || kind === 4) break;
    if (kind !== 1) plain = false;
    end += 1;
  }
  run.count = 0;
  if (end - start > longestWord) return -end;
  // No number of a person is written behind so many equal short groups; each beginning would cost a search.
  if (end - start <= 3 && isInTable(scan, start, end - start)) {
    run.starts[0] = start;
    run.ends[0] = end;
    run.separators[0] = 0;
    run.count = 1;
    run.plain = 0;
    run.size = end - start;
    run.gluedLeft = true;
    return end;
  }
  let groups = 0;
  const before = start > lo ? text.charCodeAt(start - 1) : 0;
  run.gluedLeft = glues(before) && start - 1 > lo && isWordCode(text.charCodeAt(start - 2));
  // `CT 96 77 77 A` and `PL 12`: a short upper-case word before the first digits belongs to the number.
  if ((before === 32 || before === 45) && start - 1 > lo && isUpperCode(text.charCodeAt(start - 2))) {
    let from = start - 1;
    while (from > lo && start - from <= 6 && isUpperCode(text.charCodeAt(from - 1))) from -= 1;
    const size = start - 1 - from;
    if (size > 0 && size <= 4 && (from === lo || !isWordCode(text.charCodeAt(from - 1)))) {
      run.starts[0] = from;
      run.ends[0] = start - 1;
      run.separators[0] = 0;
      groups = 1;
    }
  }
  run.starts[groups] = start;
  run.ends[groups] = end;
  run.separators[groups] = groups === 0 ? 0 : before;
  plain &&= groups === 0;
  let plains = plain ? 1 : 0;
  groups += 1;
  let last = end;
  while (groups < maxGroups) {
    const packed = separatorAt(text, last, hi);
    if (packed === 0) break;
    const from = last + (packed >> 8);
    // The next line of a log begins with its date.
    if ((packed & 255) === 10 && text.charCodeAt(from + 4) === 45) break;
    let to = from;
    let digits = 0;
    let upper = 0;
    while (to < hi && to - from <= 24) {
      const kind = classOf(text.charCodeAt(to));
      if (kind === 1) digits += 1;
      else if (kind === 3) upper += 1;
      else if (kind !== 2) break;
      to += 1;
    }
    const size = to - from;
    if (size === 0 || size > 24 || to === at + digitReach) break;
    if (digits === 0 && !(size <= 4 && upper === size) && !(size === 1 && (packed & 255) === 45)) break;
    run.starts[groups] = from;
    run.ends[groups] = to;
    run.separators[groups] = packed & 255;
    plain &&= digits === size;
    groups += 1;
    if (plain) plains = groups;
    last = to;
  }
  // Digits that were pulled apart one by one are one number; a long table of numbers is not.
  if (groups > usualGroups) {
    let single = 0;
    for (let group = 0; group < groups; group += 1) if (run.ends[group]! - run.starts[group]! <= 2) single += 1;
    if (single < groups - 1 || run.gluedLeft || isApart(scan, run.starts[0]!)) groups = usualGroups;
  }
  run.count = groups;
  run.plain = Math.min(plains, groups);
  let size = 0;
  for (let group = 0; group < groups; group += 1) size += run.ends[group]! - run.starts[group]!;
  run.size = size;
  return end;
}

/** How many equal short groups may come before the beginning of a number. */
const tableReach = 8;

/** True deep inside a table of short numbers of one length, or of digits that stand apart. */
function isInTable(scan: Scan, start: number, size: number): boolean {
  const step = size + 1;
  if (start - tableReach * step <= scan.lo) return false;
  for (let at = start - step; at >= start - tableReach * step; at -= step) {
    for (let digit = at; digit < at + size; digit += 1) if (!isDigitCode(scan.text.charCodeAt(digit))) return false;
    if (isWordCode(scan.text.charCodeAt(at + size))) return false;
  }
  return true;
}

/** True in the middle of digits that stand apart: the run was tried at its beginning. */
function isApart(scan: Scan, start: number): boolean {
  return (
    start - 2 > scan.lo &&
    isDigitCode(scan.text.charCodeAt(start - 2)) &&
    !isWordCode(scan.text.charCodeAt(start - 3)) &&
    scan.text.charCodeAt(start - 1) !== 44
  );
}

/** Where the whole run ends: context is asked for once per run. */
export const runEnd = (run: NumberRun): number => run.ends[run.count - 1]!;

/** Letters and digits of the groups `first` to `last`, upper case. */
export function compactOf(scan: Scan, run: NumberRun, first: number, last: number): string {
  let compact = scan.text.slice(run.starts[first], run.ends[first]);
  for (let group = first + 1; group <= last; group += 1) compact += scan.text.slice(run.starts[group], run.ends[group]);
  return last < run.plain ? compact : compact.toUpperCase();
}

/** Group lengths as text, `3-2-4`. */
export function lengthsOf(run: NumberRun, first: number, last: number): string {
  let lengths = String(run.ends[first]! - run.starts[first]!);
  for (let group = first + 1; group <= last; group += 1) lengths += `-${run.ends[group]! - run.starts[group]!}`;
  return lengths;
}

/** The one separator used between the groups, 0 for a single group, 1 for a mix. */
export function separatorOf(run: NumberRun, first: number, last: number): number {
  if (first === last) return 0;
  const code = run.separators[first + 1]!;
  for (let group = first + 2; group <= last; group += 1) if (run.separators[group] !== code) return 1;
  return code;
}

/** True for a number by itself that is too short for anything, or has a unit behind it: `17`, `200ms`, `1024px`. */
export function isTooSmall(text: string, start: number, end: number): boolean {
  // `+` and `(` begin phone numbers, `-` joins addresses.
  const before = text.charCodeAt(start - 1);
  if (before === 43 || before === 40 || before === 45) return false;
  // Four digits may be the first group of a card with anything between its groups.
  if (end - start <= 4) return !(end - start === 4 && isDigitCode(text.charCodeAt(end + 1)));
  if (end - start > 8) return false;
  let digits = start;
  while (digits < end && isDigitCode(text.charCodeAt(digits))) digits += 1;
  const letters = end - digits;
  return (
    digits - start <= 6 &&
    letters >= 1 &&
    letters <= 3 &&
    text.charCodeAt(digits) >= 97 &&
    text.charCodeAt(end - 1) >= 97
  );
}
