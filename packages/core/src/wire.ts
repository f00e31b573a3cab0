/**
 * Two kinds of text pass through the core. Requests are decoded once and are ordinary strings. Answers of upstreams are
 * never decoded as a whole: they travel as binary strings, one character for each byte, so that what is not changed goes
 * on as the very bytes that came. Everything the gateway itself writes is pure ASCII, which is both.
 */
import { asciiText, isObject } from '@sekisho/protocol';
import type { JsonObject } from '@sekisho/protocol';

/** A text and the bytes that follow it, as one binary string. */
export function joined(text: string, tail: readonly Buffer[] | undefined): string {
  let whole = text;
  for (const part of tail ?? []) whole += part.toString('latin1');
  return whole;
}

/** JSON in ASCII: characters beyond it are escaped. */
export function asciiJson(value: unknown): string {
  return asciiText(JSON.stringify(value));
}

export { asciiText as toAscii };

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

/** A binary string as the text it encodes. */
export function decodeBinary(binary: string): string {
  return isAscii(binary) ? binary : Buffer.from(binary, 'latin1').toString('utf8');
}

/** A decoded text as a binary string. */
export function encodeBinary(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** Parses a binary string of JSON; undefined where it is none. */
export function parseBinary(binary: string): unknown {
  try {
    return JSON.parse(decodeBinary(binary));
  } catch {
    return undefined;
  }
}

/** Parses a binary string that should hold an object; an empty one where it does not. */
export function parseObject(binary: string): JsonObject {
  const value = parseBinary(binary);
  return isObject(value) ? value : {};
}
