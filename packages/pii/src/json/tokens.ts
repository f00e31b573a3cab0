/** What the reader meets in a JSON text. Offsets are those of the text it was given. */
export interface JsonVisitor {
  /** A string that is a key or a value; `start` and `end` are inside its quotes. `escaped` tells of backslashes. */
  text(start: number, end: number, escaped: boolean, isKey: boolean): void;
  /** A number, as written. */
  number(start: number, end: number): void;
  /** An object or an array was entered or left. */
  enter(isArray: boolean): void;
  leave(): void;
  /** The next element of the innermost array begins. */
  element(): void;
}

const states = { value: 0, keyOrEnd: 1, colon: 2, commaOrEnd: 3, key: 4, valueOrEnd: 5 } as const;
type State = (typeof states)[keyof typeof states];

/** Deeper than any document of use; a text that nests on is read as plain text from there. */
export const maxJsonDepth = 10_000;

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

/**
 * Reads JSON from a buffer that may still grow. It checks structure, not every detail of RFC 8259: literals and numbers
 * are delimited, not validated. Values may follow one another, so JSON Lines are read as well.
 */
export class JsonReader {
  #state: State = states.value;
  /** One character per open container: `{` or `[`. */
  #stack: number[] = [];
  failed = false;
  /** Where the string begins that has no end yet, or that is longer than allowed; -1 when there is none. */
  openString = -1;
  /** Longest string that is handed over as a whole, in code units as written. */
  readonly #longest: number;
  /** How much of the open string was searched for its end, and whether it held a backslash. */
  #searched = 0;

  constructor(longest = Number.POSITIVE_INFINITY) {
    this.#longest = longest;
  }

  get depth(): number {
    return this.#stack.length;
  }

  /** True when a string at this place is a key. */
  get atKey(): boolean {
    return this.#state === states.keyOrEnd || this.#state === states.key;
  }

  /** True between two top-level values. */
  get between(): boolean {
    return this.#stack.length === 0 && this.#state === states.value;
  }

  /** Called when a string that was taken over by the caller has ended. */
  closeString(): void {
    this.openString = -1;
    this.#searched = 0;
    this.#state = this.atKey ? states.colon : this.#after();
  }

  #after(): State {
    return this.#stack.length === 0 ? states.value : states.commaOrEnd;
  }

  /** Reads on from `from`; the answer is the first index not consumed. Stops for good once `failed` is set. */
  read(text: string, from: number, final: boolean, visitor: JsonVisitor): number {
    let at = from;
    const { length } = text;
    let backslash = -2;
    while (at < length) {
      const code = text.charCodeAt(at);
      if (isSpace(code)) {
        at += 1;
        continue;
      }
      if (code === 34) {
        if (this.#state === states.colon || this.#state === states.commaOrEnd) return this.#fail(at);
        // A string that is still arriving was searched before; with a backslash in it the search begins again.
        let close = text.indexOf('"', at + 1 + this.#searched);
        if (backslash !== -1 && backslash <= at) backslash = text.indexOf('\\', at + 1);
        const escaped = backslash !== -1 && (close === -1 || backslash < close);
        if (escaped) close = closingQuote(text, backslash);
        if (close === -1 || close - at > this.#longest) {
          this.openString = at + 1;
          if (!escaped && close === -1) this.#searched = length - at - 1;
          return at;
        }
        this.openString = -1;
        this.#searched = 0;
        if (this.#state === states.valueOrEnd) visitor.element();
        const isKey = this.atKey;
        visitor.text(at + 1, close, escaped, isKey);
        this.#state = isKey ? states.colon : this.#after();
        at = close + 1;
        continue;
      }
      if (code === 58) {
        if (this.#state !== states.colon) return this.#fail(at);
        this.#state = states.value;
      } else if (code === 44) {
        if (this.#state !== states.commaOrEnd) return this.#fail(at);
        this.#state = this.#stack.at(-1) === 123 ? states.key : states.value;
        if (this.#state === states.value) visitor.element();
      } else if (code === 125 || code === 93) {
        const open = this.#stack.at(-1);
        const ends =
          this.#state === states.commaOrEnd ||
          (code === 125 ? this.#state === states.keyOrEnd : this.#state === states.valueOrEnd);
        if (!ends || open !== (code === 125 ? 123 : 91)) return this.#fail(at);
        this.#stack.pop();
        this.#state = this.#after();
        visitor.leave();
      } else {
        if (this.#state !== states.value && this.#state !== states.valueOrEnd) return this.#fail(at);
        if (this.#state === states.valueOrEnd) {
          visitor.element();
          this.#state = states.value;
        }
        if (code === 123 || code === 91) {
          if (this.#stack.length >= maxJsonDepth) return this.#fail(at);
          this.#stack.push(code);
          this.#state = code === 123 ? states.keyOrEnd : states.valueOrEnd;
          visitor.enter(code === 91);
        } else {
          const end = scalarEnd(text, at);
          if (end === at) return this.#fail(at);
          if (end === length && !final) return at;
          if (code === 45 || (code >= 48 && code <= 57)) visitor.number(at, end);
          else if (!/^(?:true|false|null)$/u.test(text.slice(at, Math.min(end, at + 8)))) return this.#fail(at);
          this.#state = this.#after();
          at = end;
          continue;
        }
      }
      at += 1;
    }
    return at;
  }

  #fail(at: number): number {
    this.failed = true;
    return at;
  }
}

/** The quote that ends a string whose first backslash is at `from`, or -1. */
export function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92) at += 1;
    else if (code === 34) return at;
  }
  return -1;
}

/** Longest number or literal that is read as one. */
const longestScalar = 400;

function scalarEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && at - from < longestScalar) {
    const code = text.charCodeAt(at);
    if (
      !(
        (code >= 48 && code <= 57) ||
        ((code | 32) >= 97 && (code | 32) <= 122) ||
        code === 43 ||
        code === 45 ||
        code === 46
      )
    )
      break;
    at += 1;
  }
  return at - from >= longestScalar ? from : at;
}
