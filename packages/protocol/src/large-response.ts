import { readResponse } from './response.ts';
import type { ResponseView } from './response.ts';

/** A large answer, located in its own bytes: nothing of it is copied, decoded or parsed. Successful answers only. */
export interface LargeResponse {
  readonly bytes: Buffer;
  readonly idText: string;
  readonly idStart: number;
  readonly idEnd: number;
  /** Where `result` begins. */
  readonly bodyStart: number;
  /** The keys of `result`. */
  readonly keys: readonly string[];
  /** The value of the result's `resultType`. */
  readonly resultType: string | undefined;
  /** A short string somewhere speaks of resources or of a user interface: its URIs may have to change. */
  readonly mentionsResources: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Strings up to this length are looked at; longer ones are passed over by a native search. */
const SHORT = 24;
const TELLING = new Set(['resource', 'resource_link', 'ui', 'ui/resourceUri', 'contents']);

/**
 * Reads the frame of a large answer in one pass over its structure.
 *
 * @returns undefined for everything that {@link readResponse} has to judge: errors, escapes in keys, odd frames
 */
export function readLargeResponse(bytes: Buffer): LargeResponse | undefined {
  const scan = new Scan(bytes);
  return scan.run();
}

/** The same answer as text, for whoever has to look into it. */
export function wholeResponse(large: LargeResponse): ResponseView | undefined {
  return readResponse(large.bytes.toString('latin1'));
}

class Scan {
  readonly #bytes: Buffer;
  readonly #keys: string[] = [];
  #mentions = false;
  #resultType: string | undefined;
  #id: [number, number] | undefined;
  #bodyStart = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  run(): LargeResponse | undefined {
    const bytes = this.#bytes;
    const end = this.#walk();
    if (end < 0 || !this.#id || this.#bodyStart < 0) return undefined;
    for (let i = end; i < bytes.length; i++) if (bytes[i]! > 0x20) return undefined;
    const [idStart, idEnd] = this.#id;
    return {
      bytes,
      idText: bytes.toString('latin1', idStart, idEnd),
      idStart,
      idEnd,
      bodyStart: this.#bodyStart,
      keys: this.#keys,
      resultType: this.#resultType,
      mentionsResources: this.#mentions,
    };
  }

  /** @returns the index after the outermost object, or -1 */
  #walk(): number {
    const bytes = this.#bytes;
    if (bytes[0] !== 0x7b) return -1;
    let depth = 0;
    let key: string | undefined;
    let result = false;
    const seen: string[] = [];
    for (let i = 0; i < bytes.length; i++) {
      const c = bytes[i]!;
      if (c === QUOTE) {
        const end = this.#stringEnd(i);
        if (end < 0) return -1;
        // A blank may stand before a colon, and then this is a key that does not look like one.
        if (depth <= 2 && bytes[end]! <= 0x20) return -1;
        const isKey = bytes[end] === 0x3a;
        if (end - i <= SHORT + 2) {
          const word = bytes.toString('latin1', i + 1, end - 1);
          if (isKey && word.includes('\\')) return -1;
          if (TELLING.has(word) || word.includes('\\')) this.#mentions = true;
          if (isKey && depth === 1) {
            if (seen.length > 16 || seen.includes(word) || word === 'method' || word === 'error') return -1;
            seen.push(word);
            key = word;
            result = word === 'result';
          } else if (depth === 2 && result) {
            if (isKey) this.#keys.push(word);
            else if (this.#keys.at(-1) === 'resultType') this.#resultType = word;
          } else if (depth === 1 && key === 'id') this.#id = [i, end];
        } else if (isKey && depth <= 2) return -1;
        i = end - 1;
      } else if (c === 0x7b || c === 0x5b) {
        if (depth === 1 && result && this.#bodyStart < 0) {
          if (c !== 0x7b) return -1;
          this.#bodyStart = i;
        }
        depth++;
      } else if (c === 0x7d || c === 0x5d) {
        depth--;
        if (depth === 0) return i + 1;
      } else if (depth === 1 && key === 'id' && !this.#id && (c === 0x2d || (c >= 0x30 && c <= 0x39))) {
        let end = i + 1;
        while (bytes[end]! >= 0x30 && bytes[end]! <= 0x39) end++;
        // Part of a number is not the number: `1.5` and `1e3` are nobody's id.
        if (bytes[end] !== 0x2c && bytes[end] !== 0x7d) return -1;
        this.#id = [i, end];
        i = end - 1;
      } else if (depth === 1 && c <= 0x20) return -1; // Laid out for people: the other reader takes it.
    }
    return -1;
  }

  #stringEnd(at: number): number {
    const bytes = this.#bytes;
    const near = Math.min(at + SHORT + 2, bytes.length);
    for (let i = at + 1; i < near; i++) {
      const c = bytes[i]!;
      if (c === QUOTE) return i + 1;
      if (c === BACKSLASH) i++;
    }
    let from = at + 1;
    for (;;) {
      const quote = bytes.indexOf(QUOTE, from);
      if (quote < 0) return -1;
      let slashes = 0;
      for (let k = quote - 1; k > at && bytes[k] === BACKSLASH; k--) slashes++;
      if (slashes % 2 === 0) return quote + 1;
      from = quote + 1;
    }
  }
}
