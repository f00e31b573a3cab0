import type { Finding } from '../finding.ts';
import { toWords } from '../engine/context.ts';
import { findRaw } from '../engine/find.ts';
import type { Offsets } from '../engine/offsets.ts';
import { Scanner } from '../engine/scanner.ts';
import type { Compiled } from '../engine/scanner.ts';
import type { KnownKey, KnownWords } from './known-key.ts';
import type { PathStep } from '../path.ts';
import { JsonReader } from './tokens.ts';
import type { JsonVisitor } from './tokens.ts';
import { unescapeJson } from './unescape.ts';

/** One string, number or key with something in it. */
export interface JsonHit {
  /** Offsets of the whole token in the raw text: inside the quotes for text. */
  readonly start: number;
  readonly end: number;
  readonly kind: 'text' | 'number' | 'key';
  readonly path: readonly PathStep[];
  /** Unsettled findings in raw offsets, sorted by start. */
  readonly found: readonly Finding[];
}

/** How deep strings that are JSON themselves are opened. */
const maxNesting = 4;
/** Keys that are remembered; further ones are looked at anew. */
const cachedKeys = 4096;
/** Longest key that is remembered, in code units. */
const longestKnownKey = 64;
const generic =
  /^ (?:value|values|val|number|num|no|text|raw|string|current|default|primary|main|formatted|original|display|v) $/u;
const unprintable = /[^\t\n\r\x20-\x7e\u00a0-\uffff]/u;
const base64 = /^[A-Za-z0-9+/]{24,}={0,2}$/u;

const blobKey = / (?:data|blob|image|audio|base ?64|bytes|icon|src|body|content) $/u;

/** True for base64 of something that is no text: images, audio, archives. */
function isBlob(value: string): boolean {
  if (value.length < 64 || /^(?:0x)?[0-9a-f]+$/iu.test(value)) return false;
  const comma = value.startsWith('data:') ? value.indexOf(';base64,') + 8 : 0;
  const body = comma > 7 ? value.slice(comma, comma + 64) : value.slice(0, 64);
  if (!base64.test(body.length < 64 ? body : body.slice(0, 64))) return false;
  return /[^\t\n\r\x20-\x7e]/u.test(Buffer.from(body.slice(0, 32), 'base64').toString('latin1'));
}

/** A string without its escapes. The parser of the platform is several times faster than one that keeps track of places. */
function textOf(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    // Lenient, as the reader is: line breaks as they are, and escapes that JSON does not know.
    return unescapeJson(raw).text;
  }
}

/** Walks a JSON text and scans its strings, numbers and keys where they stand. Nothing is parsed into objects. */
export class JsonFinder implements JsonVisitor {
  readonly reader: JsonReader;
  /** Longest string that is handed over as a whole. */
  readonly longest: number;
  readonly #rules: Compiled;
  readonly #scanner: Scanner;
  readonly #nesting: number;
  readonly #hit: (hit: JsonHit) => void;
  readonly #skip: ((path: readonly PathStep[]) => boolean) | undefined;
  readonly #path: PathStep[] = [];
  readonly #names: string[] = [];
  #raw = '';
  #inner: JsonFinder | undefined;

  constructor(
    rules: Compiled,
    hit: (hit: JsonHit) => void,
    skip?: (path: readonly PathStep[]) => boolean,
    nesting = 0,
    longest?: number,
    scanner?: Scanner,
  ) {
    this.longest = longest ?? Number.POSITIVE_INFINITY;
    this.reader = new JsonReader(longest);
    this.#rules = rules;
    this.#scanner = scanner ?? new Scanner(rules);
    this.#hit = hit;
    this.#skip = skip;
    this.#nesting = nesting;
  }

  /** Reads on; the answer is the first index that was not consumed. */
  read(raw: string, from: number, final: boolean): number {
    this.#raw = raw;
    return this.reader.read(raw, from, final, this);
  }

  get path(): readonly PathStep[] {
    return this.#path;
  }

  get keyWords(): string {
    const { length } = this.#names;
    return length === 0 ? '' : this.#names[length - 1]!;
  }

  enter(isArray: boolean): void {
    this.#path.push(isArray ? -1 : '');
    this.#names.push(this.#names.at(-1) ?? '');
  }

  leave(): void {
    this.#path.pop();
    this.#names.pop();
  }

  element(): void {
    const last = this.#path.length - 1;
    const step = this.#path[last];
    if (typeof step === 'number') this.#path[last] = step + 1;
  }

  number(start: number, end: number): void {
    if (end - start < 3 || this.#skip?.(this.#path) === true) return;
    const text = this.#raw.slice(start, end);
    let found = findRaw(this.#scanner, text, this.keyWords);
    if (found.length > 0) found = found.filter((one) => one.end - one.start === end - start);
    const named = this.#fieldOf(text);
    if (named !== undefined || found.length > 0)
      this.#report(start, end, 'number', named === undefined ? found : [named], undefined);
  }

  text(start: number, end: number, escaped: boolean, isKey: boolean): void {
    const raw = this.#raw.slice(start, end);
    const known = isKey ? this.#enterKey(raw, escaped) : undefined;
    if (known?.clean === true) return;
    if (end - start < 3 || this.#skip?.(this.#path) === true) return;
    const plain = escaped ? textOf(raw) : raw;
    const found = isKey ? findRaw(this.#scanner, plain, '') : this.#find(plain);
    if (known !== undefined && found.length === 0) known.clean = true;
    if (found.length === 0) return;
    // The way back to the text as written is only looked for where there is something to mark.
    this.#report(start, end, isKey ? 'key' : 'text', found, escaped ? unescapeJson(raw).map : undefined);
  }

  #enterKey(raw: string, escaped: boolean): KnownKey {
    const last = this.#path.length - 1;
    let known = this.#rules.keys.known.get(raw);
    if (known === undefined) {
      const key = escaped ? unescapeJson(raw).text : raw;
      const words = toWords(key.slice(0, longestKnownKey));
      known = { key, words, generic: generic.test(words), clean: false };
      if (raw.length <= longestKnownKey && this.#rules.keys.known.size < cachedKeys)
        this.#rules.keys.known.set(raw, known);
    }
    this.#path[last] = known.key;
    const parent = known.generic ? (this.#names[last - 1] ?? '') : '';
    this.#names[last] = parent === '' ? known.words : ` ${known.words.trim()}${parent}`;
    return known;
  }

  #find(text: string): readonly Finding[] {
    const key = this.keyWords;
    const about = key === '' ? undefined : this.#about(key);
    if (about?.blob === true) {
      if (isBlob(text)) return [];
      const inside = this.#inBlob(text);
      if (inside !== undefined) return inside;
    }
    const first = text.charCodeAt(0);
    if (this.#nesting < maxNesting && (first === 123 || first === 91) && text.length > 8) {
      const nested = this.#findInside(text);
      if (nested !== undefined) return nested;
    }
    const found = findRaw(this.#scanner, text, key);
    if (about === undefined || about.rules.length === 0) return found;
    const named = this.#fieldOf(text);
    if (named !== undefined) return [named, ...found];
    return found;
  }

  /** A text in base64, of any length: a hit anywhere in it masks the whole. Undefined where it is none. */
  #inBlob(value: string): readonly Finding[] | undefined {
    if (value.length < 64 || !base64.test(value)) return undefined;
    const text = Buffer.from(value, 'base64').toString('utf8');
    if (text.includes('\ufffd') || unprintable.test(text)) return undefined;
    const best = (this.#findInside(text) ?? findRaw(this.#scanner, text, '')).reduce<Finding | undefined>(
      (most, one) => (most === undefined || one.score > most.score ? one : most),
      undefined,
    );
    return best === undefined ? [] : [{ ...best, start: 0, end: value.length }];
  }

  /** What the key makes of the whole value. */
  #fieldOf(value: string): Finding | undefined {
    const key = this.keyWords;
    if (key === '') return undefined;
    for (const rule of this.#about(key).rules) {
      const hit = rule.match(key, value);
      if (hit !== undefined) return { start: 0, end: value.length, label: hit.label, rule: rule.id, score: hit.score };
    }
    return undefined;
  }

  /** Field rules for a key and what else it says; few keys concern any. */
  #about(key: string): KnownWords {
    const { words } = this.#rules.keys;
    let known = words.get(key);
    if (known === undefined) {
      known = { rules: this.#rules.fields.filter((rule) => rule.concerns?.(key) ?? true), blob: blobKey.test(key) };
      if (words.size < cachedKeys) words.set(key, known);
    }
    return known;
  }

  /** A string that is JSON itself, such as the text copy of structured content. */
  #findInside(text: string): readonly Finding[] | undefined {
    const found: Finding[] = [];
    this.#inner = new JsonFinder(this.#rules, (hit) => found.push(...hit.found), undefined, this.#nesting + 1);
    const stop = this.#inner.read(text, 0, true);
    return this.#inner.reader.failed || stop < text.length || !this.#inner.reader.between ? undefined : found;
  }

  #report(
    start: number,
    end: number,
    kind: JsonHit['kind'],
    found: readonly Finding[],
    map: Offsets | undefined,
  ): void {
    if (found.length === 0) return;
    const moved = found.map((one) => ({
      ...one,
      start: start + (map === undefined ? one.start : map.at(one.start)),
      end: start + (map === undefined ? one.end : map.at(one.end)),
    }));
    this.#hit({ start, end, kind, path: [...this.#path], found: moved });
  }
}
