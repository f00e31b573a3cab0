import type { Finding } from '../finding.ts';
import { byStart } from '../finding.ts';
import type { Label } from '../label.ts';
import type { NumberRun, Scan } from '../rule.ts';
import { digitReach, reachAhead } from '../rule.ts';
import type { Compiled } from './compiled.ts';
import { columnAt, columnsOf, wordsAround } from './context.ts';
import { decodeAround, tokenAround } from './decode.ts';
import { knownFormEnd } from './known-forms.ts';
import { matchIds } from './id-match.ts';
import { collectRun, isDigitCode, isTooSmall, newRun } from './number-run.ts';
import { endOfOpen } from './open-value.ts';
import type { OpenValue } from './open-value.ts';

export type { Compiled };

/** Length of the text in which the heading of a table is looked for. */
export const headReach = 1100;
/** An expression may look at a few characters behind its window to see that a word ends there. */
const lookBehindWindow = 32;

const nothing: readonly number[] = [];

/**
 * The scan of one text: where it stands and what it found. It goes over the text once; at an anchor it reads a bounded
 * window, which it waits for when the text is still arriving. So what it finds does not depend on the chunks.
 */
export class Scanner implements Scan {
  text = '';
  lo = 0;
  hi = 0;
  full = false;
  key = '';
  found: Finding[] = [];
  /** A value that is longer than the window, whose end has not been reached. */
  open: OpenValue | undefined;
  /** True once the text was folded; until then anything that needs folding stops the scan. */
  folded = false;
  needsFold = false;
  at = 0;
  /** The first 1,100 code units of a text that arrives in pieces; empty when the text is whole. */
  head = '';
  readonly #rules: Compiled;
  readonly #run: NumberRun = newRun();
  readonly #resume: Int32Array;
  readonly #depth: number;
  #state = 0;
  #digits = 0;
  #decoded = 0;
  #columns: ReturnType<typeof columnsOf> | null = null;
  #resumeUsed = false;
  #askedStart = -1;
  #askedEnd = -1;
  #asked = '';
  #inner: Scanner | undefined;

  constructor(rules: Compiled, depth = 0) {
    this.#rules = rules;
    this.#depth = depth;
    this.#resume = new Int32Array(rules.anchors.length);
  }

  /** Begins a new text at `from`. */
  reset(text: string, from: number, key: string, folded: boolean): void {
    this.text = text;
    this.lo = from;
    this.at = from;
    this.key = key;
    this.head = '';
    this.#askedStart = -1;
    this.folded = folded;
    this.needsFold = false;
    this.open = undefined;
    if (this.found.length > 0) this.found = [];
    this.#state = 0;
    this.#digits = from;
    this.#decoded = from;
    this.#columns = null;
    if (this.#resumeUsed) this.#resume.fill(0);
    this.#resumeUsed = false;
  }

  /** Forgets the first `count` code units of the text, which the caller has written out, and appends what arrived. */
  shift(count: number, text: string): void {
    this.text = text;
    this.#askedStart = -1;
    this.at -= count;
    this.#digits -= count;
    this.#decoded -= count;
    for (let index = 0; index < this.#resume.length; index += 1) this.#resume[index]! -= count;
    if (this.open !== undefined) this.open.start -= count;
    if (count > 0) this.found = this.found.map((one) => ({ ...one, start: one.start - count, end: one.end - count }));
  }

  add(start: number, end: number, label: Label, rule: string, score: number): void {
    if (end > start && score > 0) this.found.push({ start, end, label, rule, score });
  }

  follow(start: number, from: number, kind: 'token' | 'pem', label: Label, rule: string, score: number): void {
    if (this.open === undefined) this.open = { start, kind, label, rule, score, word: 0, spaced: false, colon: false };
    this.at = Math.max(this.at, from - 1);
  }

  context(start: number, end: number): string {
    // Several rules ask for the same candidate.
    if (start !== this.#askedStart || end !== this.#askedEnd) {
      this.#asked = this.#words(start, end);
      this.#askedStart = start;
      this.#askedEnd = end;
    }
    return this.#asked;
  }

  #words(start: number, end: number): string {
    if (this.key !== '' && start === this.lo && end === this.hi) return this.key;
    const words = wordsAround(this.text, this.lo, this.hi, start, end);
    if (this.key !== '') return start === this.lo && words === '  ' ? this.key : this.key + words;
    const columns = this.#table();
    if (columns === undefined) return words;
    const column = columnAt(columns, this.text, this.lo, start);
    return column === '' ? words : column;
  }

  #table(): ReturnType<typeof columnsOf> {
    if (this.#columns !== null) return this.#columns;
    // Only the start of a text can be the heading of a table, and a value under a key is a cell itself.
    const head = this.head === '' ? this.text.slice(0, headReach) : this.head;
    const columns = this.key === '' ? columnsOf(head) : undefined;
    // While a text is still arriving its first line may not be complete.
    if (columns !== undefined || this.key !== '' || head.length >= headReach || head.includes('\n'))
      this.#columns = columns;
    return columns;
  }

  /** Scans on to `end`. With `final` false it stops before an anchor whose window is not there yet. */
  run(end: number, final: boolean): void {
    const { text } = this;
    const { columns, next, hot, literal, outputs, width } = this.#rules.automaton;
    let state = this.#state;
    let at = this.at;
    if (this.open !== undefined) {
      at = this.#followTo(at, end, final);
      state = 0;
      if (this.open !== undefined) return this.#pause(at, state);
    }
    for (; at < end; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 127) {
        if (!this.folded) {
          this.needsFold = true;
          return;
        }
        state = 0;
        continue;
      }
      const entered = next[state + columns[code]!]!;
      if (entered < hot) {
        state = entered;
        continue;
      }
      const digit = code >= 48 && code <= 57 && at >= this.#digits;
      const ends = entered >= literal ? outputs[(entered - literal) / width]! : nothing;
      if (!digit && ends.length === 0) {
        state = entered;
        continue;
      }
      if (!final && at + (ends.length === 0 ? digitReach : reachAhead) + lookBehindWindow > end) break;
      state = entered;
      this.at = at;
      if (digit) this.#number(at, end);
      if (ends.length > 0) this.#literals(ends, at, end);
      if (this.needsFold) return;
      at = this.at;
      if (this.open !== undefined) {
        at = this.#followTo(at + 1, end, final);
        state = 0;
        if (this.open !== undefined) break;
        at -= 1;
      }
    }
    this.#pause(at, state);
  }

  #pause(at: number, state: number): void {
    this.at = at;
    this.#state = state;
  }

  #literals(ends: readonly number[], at: number, end: number): void {
    for (const literal of ends) {
      const which = this.#rules.anchorRule[literal]!;
      if (which < 0) {
        if (this.folded) continue;
        this.needsFold = true;
        return;
      }
      const start = at + 1 - this.#rules.anchorLength[literal]!;
      if (start < this.lo || start < this.#resume[which]!) continue;
      this.hi = Math.min(end, at + reachAhead);
      this.full = this.hi === at + reachAhead;
      const resume = this.#rules.anchors[which]!.match(this, start, at + 1);
      if (resume === 0) continue;
      this.#resume[which] = resume;
      this.#resumeUsed = true;
      if (this.open !== undefined) return;
    }
  }

  #followTo(from: number, end: number, final: boolean): number {
    const open = this.open!;
    const stop = endOfOpen(open, this.text, from, end, final);
    if (stop.closed) {
      this.found.push({ start: open.start, end: stop.at, label: open.label, rule: open.rule, score: open.score });
      this.open = undefined;
      this.#digits = Math.max(this.#digits, stop.at);
    }
    return stop.at;
  }

  #number(at: number, end: number): void {
    this.hi = Math.min(end, at + digitReach);
    this.full = this.hi === at + digitReach;
    if (!this.#rules.digits) return;
    const { text } = this;
    const run = this.#run;
    const first = collectRun(this, at, run);
    const wordEnd = Math.abs(first);
    this.#digits = wordEnd;
    if (first > 0 && run.count === 1 && isTooSmall(text, run.starts[0]!, wordEnd)) return;
    const start = run.count > 0 ? run.starts[run.separators[0] === 0 && run.ends[0]! < at ? 1 : 0]! : at;
    const known = first < 0 ? 0 : knownFormEnd(text, start, wordEnd, this.hi);
    if (known > 0) {
      this.#digits = known;
      return;
    }
    if (this.#rules.decode && (first < 0 || wordEnd - start >= 8) && at >= this.#decoded) this.#encoded(at);
    if (first < 0) return;
    // Fewer characters are no number of anybody; four may be `1.2.3.4` or the first group of a card.
    if (run.size < 4) return;
    const head = run.ends[0]! - run.starts[0]!;
    const begins = isDigitCode(text.charCodeAt(run.starts[0]!)) ? 'digit' : 'letter';
    for (const rule of this.#rules.runs) {
      if (run.size < (rule.least ?? 0) || (rule.begins ?? begins) !== begins) continue;
      if (rule.firstGroup !== undefined && (head < rule.firstGroup[0] || head > rule.firstGroup[1])) continue;
      const stop = rule.match(this, run);
      if (stop > this.#digits) this.#digits = stop;
      // An address or a number with check digits leaves nothing to guess; a phone number may be an identity number.
      if (stop > 0 && rule.label !== 'PHONE') return;
    }
    const stop = matchIds(this, run, this.#rules.digitIds, this.#rules.mixedIds, this.#rules.namedBy);
    if (stop > this.#digits) this.#digits = stop;
  }

  /** One level of base64 or hexadecimal: a hit inside masks the whole word. */
  #encoded(at: number): void {
    const { start, stop } = tokenAround(this, at);
    this.#decoded = stop;
    const long = stop === this.hi && this.full;
    const inside = this.#depth > 0 ? undefined : decodeAround(this.text, start, stop, at, long);
    if (inside === undefined) return;
    this.#inner ??= new Scanner(this.#rules, this.#depth + 1);
    const best = scanAll(this.#inner, inside, this.key).sort((a, b) => b.score - a.score)[0];
    if (best === undefined || best.score < 0.6) return;
    if (long) this.follow(start, stop, 'token', best.label, best.rule, best.score);
    else this.add(start, stop, best.label, best.rule, best.score);
  }
}

/** Scans a whole text that is already folded. The findings are sorted by start and may overlap. */
export function scanAll(scanner: Scanner, text: string, key: string): Finding[] {
  scanner.reset(text, 0, key, true);
  scanner.run(text.length, true);
  return scanner.found.sort(byStart);
}
