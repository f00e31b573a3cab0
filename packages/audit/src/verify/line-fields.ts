import type { AuditRecord } from '../event.ts';

/** `{"v":1,"t":` */
const HEAD_BYTES = 11;
const TYPE_AFTER_TIME = ',"type":"'.length;
const COMMA = 44;
const COLON = 58;
const QUOTE = 34;
const DIGIT_ZERO = 48;
const DIGIT_NINE = 57;
const VERSION_AT = 5;
const VERSION_ONE = 49;

export interface LineFields {
  stream: string;
  n: number;
  t: number;
  /** True for records about the log itself and about retention: only these are parsed, parsing all would halve the speed. */
  special: boolean;
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= DIGIT_ZERO && byte <= DIGIT_NINE;
}

/** Reads what a verifier needs of a line without parsing it; `tailStart` is where `,"seq":` begins. Undefined: malformed. */
export function readLineFields(buffer: Buffer, start: number, tailStart: number): LineFields | undefined {
  let n = 0;
  let scale = 1;
  let at = tailStart - 1;
  for (; at > start && isDigit(buffer[at]); at -= 1) {
    n += (buffer[at]! - DIGIT_ZERO) * scale;
    scale *= 10;
  }
  // Between stream and counter: `","n":`
  const streamEnd = at - 5;
  if (buffer[at] !== COLON || scale === 1 || buffer[streamEnd] !== QUOTE) return undefined;
  const streamStart = buffer.lastIndexOf(QUOTE, streamEnd - 1) + 1;
  if (streamStart <= start || streamEnd - streamStart > 32) return undefined;
  const stream = buffer.toString('latin1', streamStart, streamEnd);

  let t = 0;
  at = start + HEAD_BYTES;
  for (; at < streamStart && isDigit(buffer[at]); at += 1) t = t * 10 + (buffer[at]! - DIGIT_ZERO);
  if (at === start + HEAD_BYTES || buffer[at] !== COMMA || buffer[start + VERSION_AT] !== VERSION_ONE) return undefined;
  const type = at + TYPE_AFTER_TIME;
  // `aud` of audit, but not `aut` of auth; `g` of gdpr and gateway
  const special = (buffer[type] === 97 && buffer[type + 2] === 100) || buffer[type] === 103;
  return { stream, n, t, special };
}

/** Parses a whole line; undefined when it is not JSON. */
export function parseRecord(line: Buffer): AuditRecord | undefined {
  try {
    const value: unknown = JSON.parse(line.toString());
    return typeof value === 'object' && value !== null ? (value as AuditRecord) : undefined;
  } catch {
    // Being no JSON is an answer here; the caller reports the line.
    return undefined;
  }
}
