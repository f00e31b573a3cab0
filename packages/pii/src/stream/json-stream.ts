import type { Engine } from '../engine.ts';
import { settle } from '../engine/find.ts';
import type { Scanner } from '../engine/scanner.ts';
import type { Finding } from '../finding.ts';
import { JsonFinder } from '../json/find-json.ts';
import type { JsonHit } from '../json/find-json.ts';
import { closingQuote } from '../json/tokens.ts';
import { foldJson, unescapeJson } from '../json/unescape.ts';
import { longestValue } from '../mask/replace.ts';
import type { PathStep, PathTest } from '../path.ts';
import { TextStream } from './text-stream.ts';

/** What stands in the place of a finding in JSON. `undefined` leaves it as it is. */
export interface JsonReplace {
  /** For a string or a key, not yet escaped. */
  text(finding: Finding, value: string | undefined, path: readonly PathStep[], isKey: boolean): string | undefined;
  /** Findings in a string or number as written, which begins at `base`, without those that may stay as they are. */
  spare(raw: string, found: readonly Finding[], base: number): readonly Finding[];
  /** For a number: JSON text. */
  number(finding: Finding, value: string, path: readonly PathStep[]): string | undefined;
}

/** Small chunks without structure are gathered first. */
const worthwhile = 1024;
const structure = /["}\]]/u;
const escapeText = (text: string): string => JSON.stringify(text).slice(1, -1);

/**
 * Masks JSON that arrives in pieces, by edits of the text as written: nothing is parsed into objects and nothing is
 * written anew. Where the text turns out to be no JSON it goes on as plain text.
 */
export class JsonStream {
  readonly #engine: Engine;
  readonly #replace: JsonReplace;
  readonly #finder: JsonFinder;
  #buffer = '';
  #waiting: string[] = [];
  #size = 0;
  #hits: JsonHit[] = [];
  /** Takes over inside a string that is too long to be held. */
  #inString: TextStream | undefined;
  /** Takes over where the text is no JSON. */
  #asText: TextStream | undefined;
  readonly #keys = new Map<string, number>();

  /** A scanner may be lent for as long as the stream is used without a pause. */
  constructor(engine: Engine, replace: JsonReplace, longestString: number, skip?: PathTest, scanner?: Scanner) {
    this.#engine = engine;
    this.#replace = replace;
    this.#finder = new JsonFinder(engine.compiled, (hit) => this.#hits.push(hit), skip, 0, longestString, scanner);
  }

  /** Code units that are kept. */
  get held(): number {
    return this.#buffer.length + this.#size + (this.#inString?.held ?? 0) + (this.#asText?.held ?? 0);
  }

  /** True when the text was JSON so far. */
  get isJson(): boolean {
    return this.#asText === undefined;
  }

  /** Takes a piece and answers what may go out. */
  push(text: string): string {
    if (this.#asText !== undefined) return this.#asText.push(text);
    this.#waiting.push(text);
    this.#size += text.length;
    return this.#size < worthwhile && !structure.test(text) ? '' : this.#advance(false);
  }

  /** The rest. */
  end(): string {
    return this.#asText === undefined ? this.#advance(true) : this.#asText.end();
  }

  #advance(final: boolean): string {
    this.#buffer += this.#waiting.length === 1 ? this.#waiting[0]! : this.#waiting.join('');
    this.#waiting = [];
    this.#size = 0;
    let out = '';
    for (;;) {
      if (this.#inString !== undefined) {
        const step = this.#longString(this.#inString, final);
        out += step.out;
        if (!step.closed) return out;
      }
      const stop = this.#finder.read(this.#buffer, 0, final);
      out += this.#edit(stop);
      this.#buffer = this.#buffer.slice(stop);
      const { reader } = this.#finder;
      if (reader.failed || (final && this.#buffer !== '' && reader.openString < 0)) return out + this.#giveUp(final);
      if (reader.openString < 0) return out;
      // The string is longer than may be held, or it never ends.
      if (!final && this.#buffer.length <= this.#longest()) return out;
      out += '"';
      this.#buffer = this.#buffer.slice(1);
      this.#inString = this.#longStream();
    }
  }

  #longest(): number {
    return this.#finder.longest;
  }

  #longStream(): TextStream {
    const path = [...this.#finder.path];
    const isKey = this.#finder.reader.atKey;
    const replace = (finding: Finding, value: string | undefined): string =>
      escapeText(this.#replace.text(finding, value, path, isKey) ?? value ?? '');
    return new TextStream(
      this.#engine,
      replace,
      isKey ? '' : this.#finder.keyWords,
      foldJson,
      (raw) => unescapeJson(raw).text,
    );
  }

  #longString(stream: TextStream, final: boolean): { readonly out: string; readonly closed: boolean } {
    const close = closingQuote(this.#buffer, 0);
    if (close < 0) {
      // Half an escape waits for its other half.
      const slash = final ? -1 : this.#buffer.slice(-7).search(/\\/u);
      const cut = slash < 0 ? this.#buffer.length : Math.max(0, this.#buffer.length - 7) + slash;
      const out = stream.push(this.#buffer.slice(0, cut)) + (final ? stream.end() : '');
      this.#buffer = this.#buffer.slice(cut);
      return { out, closed: false };
    }
    const out = `${stream.push(this.#buffer.slice(0, close))}${stream.end()}"`;
    this.#buffer = this.#buffer.slice(close + 1);
    this.#inString = undefined;
    this.#finder.reader.closeString();
    return { out, closed: true };
  }

  #giveUp(final: boolean): string {
    this.#asText = new TextStream(
      this.#engine,
      (finding, value) => this.#replace.text(finding, value, [], false) ?? value ?? '',
    );
    const out = this.#asText.push(this.#buffer);
    this.#buffer = '';
    return final ? out + this.#asText.end() : out;
  }

  /** Writes the part that was read, with the findings replaced. */
  #edit(end: number): string {
    if (this.#hits.length === 0) return this.#buffer.slice(0, end);
    let out = '';
    let at = 0;
    for (const hit of this.#hits) {
      const settled = settle(hit.found, (finding) => this.#engine.threshold(finding));
      if (settled.length === 0) continue;
      for (const one of this.#replace.spare(this.#buffer.slice(hit.start, hit.end), settled, hit.start)) {
        const raw = this.#buffer.slice(one.start, one.end);
        const replacement =
          hit.kind === 'number' ? this.#replace.number(one, raw, hit.path) : this.#text(one, raw, hit);
        if (replacement === undefined) continue;
        out += this.#buffer.slice(at, one.start) + replacement;
        at = one.end;
      }
    }
    this.#hits = [];
    return out + this.#buffer.slice(at, end);
  }

  #text(one: Finding, raw: string, hit: JsonHit): string | undefined {
    const value = unescapeJson(raw).text;
    const replacement = this.#replace.text(
      one,
      value.length > longestValue ? undefined : value,
      hit.path,
      hit.kind === 'key',
    );
    if (replacement === undefined) return undefined;
    if (hit.kind !== 'key') return escapeText(replacement);
    // Two keys of one object must not become the same.
    const count = (this.#keys.get(replacement) ?? 0) + 1;
    this.#keys.set(replacement, count);
    return escapeText(count === 1 ? replacement : `${replacement}#${count}`);
  }
}
