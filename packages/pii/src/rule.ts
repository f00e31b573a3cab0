import type { Label } from './label.ts';

/** How far before its anchor a finding may begin, in code units. */
export const reachBack = 128;
/** How far behind an anchor a rule may read, in code units. A longer value is followed by state, not by reading. */
export const reachAhead = 640;
/** How far behind the first digit of a number a rule may read. */
export const digitReach = 224;
/** How much text before a finding its context may draw on. */
export const contextReach = 96;

/** What a rule sees of the text: a window around its anchor, the same window whatever the chunks were. */
export interface Scan {
  /** The folded text. Rules read it only between `lo` and `hi`. */
  readonly text: string;
  readonly lo: number;
  readonly hi: number;
  /** True when `hi` is the end of the window rather than of the text: what reaches it may go on. */
  readonly full: boolean;
  /** The key or column the text stands under, normalised to lower-case words; empty where there is none. */
  readonly key: string;
  /** Reports a finding. */
  add(start: number, end: number, label: Label, rule: string, score: number): void;
  /** Reports a finding that goes on behind `hi`, to be followed to its end by state. */
  follow(start: number, from: number, kind: 'token' | 'pem', label: Label, rule: string, score: number): void;
  /** Words before and after a candidate, lower case, without marks, single-spaced. */
  context(start: number, end: number): string;
}

/** A rule that is tried where one of its literals ends. Literals are matched without regard to case. */
export interface AnchorRule {
  readonly kind: 'anchor';
  readonly id: string;
  readonly label: Label;
  readonly anchors: readonly string[];
  /** `start` and `end` delimit the literal. The answer is the index before which this rule need not be tried again. */
  match(scan: Scan, start: number, end: number): number;
}

/** A run of groups of letters and digits, as it was written: `4111 1111`, `GB82-WEST`, `(415) 555`. */
export interface NumberRun {
  /** Start and end of each group. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Code of the separator before each group: its character, or 1 for a mix. */
  readonly separators: Int32Array;
  count: number;
  /** How many of its first groups are digits and nothing else. */
  plain: number;
  /** Letters and digits in all groups together. */
  size: number;
  /** The run is glued to something by `-`, `.`, `/` or `_` on the left, as in a path or a decimal. */
  gluedLeft: boolean;
}

/** A rule that looks at a whole run by itself: phone numbers, cards, addresses. The answer is the end of a finding or 0. */
export interface RunRule {
  readonly kind: 'run';
  readonly id: string;
  readonly label: Label;
  /** Fewest letters and digits in the run; a shorter run is not shown to the rule. Default 0. */
  readonly least?: number;
  /** Shortest first group and longest one; others are not shown to the rule. Default any. */
  readonly firstGroup?: readonly [least: number, most: number];
  /** What the first group begins with. Default either. */
  readonly begins?: 'digit' | 'letter';
  match(scan: Scan, run: NumberRun): number;
}

/** A number with a fixed form, given as data: most identity numbers. */
export interface IdRule {
  readonly kind: 'id';
  readonly id: string;
  readonly label: Label;
  /** Number of letters and digits, separators left out. */
  readonly lengths: readonly number[];
  /** Form of the compact, upper-case text. */
  readonly form: RegExp;
  /** Check digits. Absent: the form alone, which then needs context. */
  readonly check?: (compact: string) => boolean;
  /** Words that make the number likely, as a source of a regular expression over `Scan.context`. */
  readonly context: RegExp;
  /** Score without any context, 0 when context is required. */
  readonly base: number;
  /** Score with context; default 0.9. */
  readonly known?: number;
  /** Lengths of the groups in which it is believed without context, such as `3-2-4`; absent: any. */
  readonly groups?: RegExp;
  /** Separators between its groups without context; default space and hyphen. */
  readonly separators?: string;
  /** Score with context when the check digits are wrong; default 0: not a finding. */
  readonly unchecked?: number;
}

/** A value that its key gives away, whatever it looks like: `{"password": "correct horse"}`. JSON only. */
export interface FieldRule {
  readonly kind: 'field';
  readonly id: string;
  /** Whether keys of these words concern the rule at all; asked once per key. Absent: all do. */
  concerns?(key: string): boolean;
  /** Takes the key as normalised words and the whole value; answers label and score, or undefined. */
  match(key: string, value: string): { readonly label: Label; readonly score: number } | undefined;
}

export type Rule = AnchorRule | RunRule | IdRule | FieldRule;

/** Rules of one family, ready for `createEngine`. */
export type Family = readonly Rule[];
