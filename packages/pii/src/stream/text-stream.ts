import type { Engine } from '../engine.ts';
import { settle } from '../engine/find.ts';
import { escapeReach, fold } from '../engine/fold.ts';
import type { Folded } from '../engine/fold.ts';
import type { Offsets } from '../engine/offsets.ts';
import { headReach, Scanner } from '../engine/scanner.ts';
import type { Finding } from '../finding.ts';
import { byStart } from '../finding.ts';
import { longestValue } from '../mask/replace.ts';
import { reachBack } from '../rule.ts';

/** History that rules may look back on: a finding begins at most 128 before its anchor, its context at most 400 before that. */
const history = 640;
/** Text is cut off in blocks, so that many small chunks do not each move all of it. */
const block = 4096;
/** Chunks smaller than this are gathered first. */
const worthwhile = 64;

/** What a stream needs of its owner: what stands in the place of a finding. `value` is undefined when it is too long. */
export type Replace = (finding: Finding, value: string | undefined) => string;

/**
 * Masks a text that arrives in pieces. The scan is the one that whole texts go through; text is given out as soon as no
 * finding can reach back into it any more. It holds at most a window of some thousand code units, whatever the length.
 */
export class TextStream {
  readonly #scanner: Scanner;
  readonly #replace: Replace;
  readonly #threshold: (finding: Finding) => number;
  readonly #fold: (text: string) => Folded;
  readonly #plain: (raw: string) => string;
  #raw = '';
  #folded = '';
  /** Where each folded piece begins in both texts, as long as any of them was changed. */
  #pieces: { from: number; to: number; readonly map: Offsets | undefined }[] = [];
  /** Arrived, not yet folded. */
  #waiting: string[] = [];
  #size = 0;
  /** Index in the folded text up to which everything was given out. */
  #given = 0;
  #head = '';

  constructor(
    engine: Engine,
    replace: Replace,
    key = '',
    foldPiece: (text: string) => Folded = fold,
    plain: (raw: string) => string = String,
  ) {
    this.#scanner = new Scanner(engine.compiled);
    this.#scanner.reset('', 0, key, true);
    this.#replace = replace;
    this.#threshold = (finding) => engine.threshold(finding);
    this.#fold = foldPiece;
    this.#plain = plain;
  }

  /** Code units that are kept: text that is not given out yet, and what rules look back on. */
  get held(): number {
    return this.#raw.length + this.#size;
  }

  /** Takes a piece and answers what may go out. */
  push(text: string): string {
    this.#waiting.push(text);
    this.#size += text.length;
    return this.#size < worthwhile ? '' : this.#advance(false);
  }

  /** The rest. */
  end(): string {
    return this.#advance(true);
  }

  #advance(final: boolean): string {
    this.#take(final);
    const scanner = this.#scanner;
    scanner.shift(0, this.#folded);
    if (this.#head.length < headReach) this.#head += this.#folded.slice(this.#head.length, headReach);
    scanner.head = final && this.#head === this.#folded ? '' : this.#head;
    scanner.run(this.#folded.length, final);
    const out = this.#give(final);
    // Also those below the threshold, which would gather in a long stream.
    if (scanner.found.length > 0) scanner.found = scanner.found.filter((one) => one.end > this.#given);
    this.#forget();
    return out;
  }

  /** Folds what arrived, except for the beginning of an escape or half a character at its end. */
  #take(final: boolean): void {
    const text = this.#waiting.length === 1 ? this.#waiting[0]! : this.#waiting.join('');
    let cut = text.length;
    if (!final) {
      const tail = Math.max(0, text.length - escapeReach * 2);
      const open = text.slice(tail).search(/[%&\\]/u);
      if (open >= 0) cut = tail + open;
      else if (/[\ud800-\udbff]$/.test(text)) cut -= 1;
    }
    const piece = cut === text.length ? text : text.slice(0, cut);
    this.#waiting = cut === text.length ? [] : [text.slice(cut)];
    this.#size = text.length - cut;
    const folded = this.#fold(piece);
    if (folded.map !== undefined || this.#pieces.length > 0) {
      if (this.#pieces.length === 0) this.#pieces.push({ from: 0, to: 0, map: undefined });
      this.#pieces.push({ from: this.#folded.length, to: this.#raw.length, map: folded.map });
    }
    this.#raw += piece;
    this.#folded += folded.text;
  }

  #rawAt(index: number): number {
    if (index >= this.#folded.length) return this.#raw.length;
    for (let at = this.#pieces.length - 1; at >= 0; at -= 1) {
      const piece = this.#pieces[at]!;
      if (piece.from <= index)
        return piece.to + (piece.map === undefined ? index - piece.from : piece.map.at(index - piece.from));
    }
    return index;
  }

  #give(final: boolean): string {
    const scanner = this.#scanner;
    const { open } = scanner;
    let limit = final ? this.#folded.length : Math.max(this.#given, scanner.at - reachBack);
    const all = [...scanner.found];
    if (open !== undefined)
      all.push({ start: open.start, end: scanner.at, label: open.label, rule: open.rule, score: open.score });
    let out = '';
    for (const one of settle(all.sort(byStart), this.#threshold)) {
      if (one.end <= this.#given) continue;
      const growing = open !== undefined && one.end >= scanner.at && one.start <= open.start;
      const long = one.end - one.start > longestValue;
      if (!(growing && long) && (one.end > limit || growing)) {
        limit = Math.min(limit, Math.max(this.#given, one.start));
        break;
      }
      // A value whose first part was replaced already goes on: nothing more stands for it.
      if (one.start >= this.#given) {
        out += this.#raw.slice(this.#rawAt(this.#given), this.#rawAt(one.start));
        const raw = this.#raw.slice(this.#rawAt(one.start), this.#rawAt(one.end));
        out += this.#replace(one, long ? undefined : this.#plain(raw));
      }
      this.#given = one.end;
    }
    if (limit <= this.#given) return out;
    // The two halves of a character go out together.
    if (!final && /[\udc00-\udfff]/.test(this.#raw.charAt(this.#rawAt(limit)))) limit -= 1;
    out += this.#raw.slice(this.#rawAt(this.#given), this.#rawAt(limit));
    this.#given = limit;
    return out;
  }

  #forget(): void {
    const keep = Math.min(this.#given, this.#scanner.at) - history;
    if (keep < block) return;
    const raw = this.#rawAt(keep);
    this.#raw = this.#raw.slice(raw);
    this.#folded = this.#folded.slice(keep);
    for (const piece of this.#pieces) {
      piece.from -= keep;
      piece.to -= raw;
    }
    const first = this.#pieces.findLastIndex((piece) => piece.from <= 0);
    if (first > 0) this.#pieces.splice(0, first);
    this.#given -= keep;
    this.#scanner.shift(keep, this.#folded);
  }
}
