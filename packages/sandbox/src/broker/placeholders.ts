import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import type { BrokeredSecret } from '../plan.ts';

/** A secret that the box only knows by a stand-in. */
export interface BrokeredValue {
  variable: string;
  /** What the box holds: random, of this box alone, and of characters that survive a URL, a header and a host name. */
  placeholder: string;
  /** The real value; stays in this process. */
  value: string;
  host: string;
  port: number;
  /** Lower case. */
  header: string;
}

const PREFIX = 'skbox';
const RANDOM_BYTES = 20;

export function createPlaceholder({ variable, rule, domain }: BrokeredSecret, value: string): BrokeredValue {
  const placeholder = PREFIX + randomBytes(RANDOM_BYTES).toString('hex');
  return { variable, placeholder, value, host: domain.host, port: domain.port, header: rule.header.toLowerCase() };
}

/** The first value whose placeholder stands in a text: as it is, in other letters, cut up into labels, or in base64. */
export function findPlaceholder(text: string, values: readonly BrokeredValue[]): BrokeredValue | undefined {
  const flat = text.toLowerCase().replaceAll('.', '');
  return values.find(
    ({ placeholder }) => flat.includes(placeholder) || base64Forms(placeholder).some((form) => text.includes(form)),
  );
}

/** The middle of the base64 of a text at each of the three alignments: what is left where its neighbours are unknown. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(shift === 0 ? 0 : shift + 1, -2);
  });
}

/** Watches a stream of bytes for placeholders, also across chunks; says so once for each. */
export function createStreamScanner(
  values: readonly BrokeredValue[],
  found: (value: BrokeredValue) => void,
): (chunk: Buffer) => void {
  const needles = values.flatMap((value) =>
    [value.placeholder, ...base64Forms(value.placeholder)].map((needle) => ({ value, needle: Buffer.from(needle) })),
  );
  const longest = Math.max(0, ...needles.map(({ needle }) => needle.length));
  const reported = new Set<BrokeredValue>();
  let tail: Buffer = Buffer.alloc(0);
  return (chunk) => {
    if (needles.length === 0) return;
    const bytes = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
    for (const { value, needle } of needles) {
      if (reported.has(value) || !bytes.includes(needle)) continue;
      reported.add(value);
      found(value);
    }
    tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - longest + 1)));
  };
}

/** Puts the placeholder back where a server's answer repeats the real value, so that it does not get into the box by an echo. */
export function createScrubber(values: readonly BrokeredValue[]): Transform {
  const pairs = values
    .filter(({ value }) => value.length > 0)
    .map(({ value, placeholder }) => [Buffer.from(value), Buffer.from(placeholder)] as const);
  const keep = Math.max(1, ...pairs.map(([secret]) => secret.length)) - 1;
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = replaceAll(held.length === 0 ? chunk : Buffer.concat([held, chunk]), pairs);
      // Only what could still be the beginning of a secret waits for the next chunk: an event stream must not be held back.
      const waiting = longestBeginning(bytes, pairs, keep);
      held = Buffer.from(bytes.subarray(bytes.length - waiting));
      done(null, bytes.subarray(0, bytes.length - waiting));
    },
    flush(done) {
      done(null, held);
    },
  });
}

type Pairs = readonly (readonly [secret: Buffer, placeholder: Buffer])[];

function replaceAll(bytes: Buffer, pairs: Pairs): Buffer {
  let result = bytes;
  for (const [secret, placeholder] of pairs) {
    const parts: Buffer[] = [];
    let from = 0;
    for (let at = result.indexOf(secret); at >= 0; at = result.indexOf(secret, from)) {
      parts.push(result.subarray(from, at), placeholder);
      from = at + secret.length;
    }
    if (from > 0) result = Buffer.concat([...parts, result.subarray(from)]);
  }
  return result;
}

function longestBeginning(bytes: Buffer, pairs: Pairs, most: number): number {
  for (let length = Math.min(most, bytes.length); length > 0; length--) {
    const end = bytes.subarray(bytes.length - length);
    if (pairs.some(([secret]) => length < secret.length && secret.subarray(0, length).equals(end))) return length;
  }
  return 0;
}

/** Replaces in text, for headers. */
export const scrubText = (text: string, values: readonly BrokeredValue[]): string =>
  values.reduce(
    (result, { value, placeholder }) => (value === '' ? result : result.replaceAll(value, placeholder)),
    text,
  );

/** The header with the real value in it, also inside `Basic` credentials (RFC 7617); undefined where no placeholder stands in it. */
export function fillHeader(text: string, { placeholder, value }: BrokeredValue): string | undefined {
  if (text.includes(placeholder)) return text.replaceAll(placeholder, value);
  const basic = /^Basic\s+(\S+)$/i.exec(text);
  if (basic === null) return undefined;
  const plain = Buffer.from(basic[1]!, 'base64').toString('utf8');
  return plain.includes(placeholder)
    ? `Basic ${Buffer.from(plain.replaceAll(placeholder, value)).toString('base64')}`
    : undefined;
}
