import { toWords } from '../engine/context.ts';
import { isWordCode } from '../engine/number-run.ts';
import type { AnchorRule, Scan } from '../rule.ts';
import { strengthOf } from './key-name.ts';
import type { KeyStrength } from './key-name.ts';
import { entropyOf, isExpression, isPlaceholder, looksRandom } from './placeholder.ts';

const longestName = 64;
const isNameCode = (code: number): boolean =>
  isWordCode(code) || code === 95 || code === 45 || code === 46 || code === 36;

const operator = /(?:\\?["'`\])>]){0,4}[ \t]{0,8}(:=|=>|={1,3}|!={1,2}|:(?!\/\/)|->)[ \t]{0,8}(?:[rbuf](?=["']))?/y;
const typed = /[A-Za-z][\w<>|[\] .?]{0,40}?[ \t]{0,4}=[ \t]{0,4}(?=["'`])/y;
const call = /["'`]?[ \t]{0,4}[,(][ \t]{0,4}(?=["'`])/y;
const spaced = /[ \t]{1,4}(?:(?:is|was|to|of)[ \t]{1,4})?(?=["'`]|[^\s"'`]*[\d!#$%^*])/y;
const element = />([^<>\s]{3,256})<\//y;
const opening = /\\?["'`]|&quot;/y;
/** Longest bare value, in code units. */
const longestBare = 512;
/** Characters that end a bare value: white space, quotes and brackets; where only `=` or `:` stood before it, fewer. */
const endsBare = (stops: string): Uint8Array => {
  const table = new Uint8Array(128);
  for (const char of stops) table[char.charCodeAt(0)] = 1;
  return table;
};
const bare = endsBare(' \t\n\v\f\r"\'`,;&<>(){}[]|\\');
const bareWide = endsBare(' \t\n\v\f\r"\'`;&<>|');
/** White space outside ASCII, as `\s` has it. */
const isWideSpace = (code: number): boolean =>
  code === 0xa0 ||
  code === 0x1680 ||
  (code >= 0x2000 && code <= 0x200a) ||
  code === 0x2028 ||
  code === 0x2029 ||
  code === 0x202f ||
  code === 0x205f ||
  code === 0x3000 ||
  code === 0xfeff;

/** How far the bare value that was read last is known to go, so that names inside it do not read it again. */
const reading = { text: '', stops: bare, from: 0, to: 0, ended: false };

/** End of the bare value that begins at `at`. */
function bareEnd(text: string, at: number, stops: Uint8Array): number {
  const most = Math.min(text.length, at + longestBare);
  const again = reading.stops === stops && at >= reading.from && at <= reading.to && reading.text === text;
  if (again && reading.ended) return Math.min(reading.to, most);
  let end = again ? reading.to : at;
  let ended = false;
  for (; end < most; end += 1) {
    const code = text.charCodeAt(end);
    ended = code < 128 ? stops[code] === 1 : isWideSpace(code);
    if (ended) break;
  }
  reading.text = text;
  reading.stops = stops;
  reading.from = at;
  reading.to = end;
  reading.ended = ended;
  return Math.min(end, most);
}

/** How sure it is that a value under a name is a secret; 0 when it is not. */
export function judgeValue(strength: KeyStrength, value: string, quoted: boolean): number {
  if (strength === 'none' || value.length < 3) return 0;
  if (strength === 'key' && (value.length < 16 || entropyOf(value) < 3)) return 0;
  if (isPlaceholder(value)) return 0;
  if (strength === 'key')
    return looksRandom(value, 16) &&
      (quoted || (/\d/u.test(value) && !isExpression(value) && /^[\w+/=.~:%-]+$/u.test(value)))
      ? 0.72
      : 0;
  if (!quoted) {
    if (isExpression(value)) return 0;
    if (looksRandom(value, 8)) return 0.85;
    return value.length >= 6 && /[\d!#$%^*@]/u.test(value) && /[A-Za-z]/u.test(value) ? 0.75 : 0;
  }
  if (value.length < 4) return 0;
  // A sentence is a label or a message, not a password, unless it is short.
  const spaces = value.split(' ').length - 1;
  if (spaces > 6 || /^[A-Z][a-z]+(?: [a-z]+)+[.!?:]?$/u.test(value)) return 0;
  return looksRandom(value, 8) ? 0.92 : 0.7;
}

interface Value {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
  /** Only a space stood between the name and the value. */
  readonly prose?: boolean;
}

function quotedFrom(scan: Scan, at: number): Value | undefined {
  opening.lastIndex = at;
  const mark = opening.exec(scan.text)?.[0];
  if (mark === undefined) return undefined;
  const start = at + mark.length;
  const close = mark.at(-1)!;
  for (let end = start; end < scan.hi; end += 1) {
    const char = scan.text[end]!;
    if (char === '\n') return undefined;
    if (mark.length === 1 && char === '\\') {
      end += 1;
    } else if (mark === '&quot;' ? scan.text.startsWith(mark, end) : char === close) {
      return { start, end: mark.length === 2 && scan.text[end - 1] === '\\' ? end - 1 : end, quoted: true };
    }
  }
  return { start, end: scan.hi, quoted: true };
}

function bareFrom(scan: Scan, at: number, stops: Uint8Array): Value | undefined {
  let end = Math.min(scan.hi, bareEnd(scan.text, at, stops));
  while (end > at && /[.,:)]/u.test(scan.text[end - 1]!)) end -= 1;
  return end > at ? { start: at, end, quoted: false } : undefined;
}

/** Where the value behind a name stands, for `name = value`, `"name": "value"`, `name("value")` and `name value`. */
function valueBehind(scan: Scan, end: number): Value | undefined {
  const { text } = scan;
  operator.lastIndex = end;
  const sign = operator.exec(text);
  if (sign !== null) {
    let at = operator.lastIndex;
    typed.lastIndex = at;
    if (sign[1] === ':' && typed.test(text)) at = typed.lastIndex;
    if (at >= scan.hi) return undefined;
    const quoted = quotedFrom(scan, at);
    if (quoted !== undefined) return quoted;
    // `getenv("KEY") or "value"` and similar expressions are left alone: what stands bare must be the value.
    const plain = bareFrom(scan, at, sign[1] === '=' || sign[1] === ':' ? bareWide : bare);
    if (plain === undefined) return undefined;
    const wholeLine = /[\s&;|]/u.test(text[plain.end] ?? ' ') || plain.end >= scan.hi;
    return wholeLine || !/[(]/u.test(text[plain.end] ?? '') ? plain : undefined;
  }
  element.lastIndex = end;
  const inside = element.exec(text);
  if (inside !== null) {
    const stop = Math.min(scan.hi, element.lastIndex - 2);
    return { start: element.lastIndex - 2 - inside[1]!.length, end: stop, quoted: true };
  }
  call.lastIndex = end;
  if (call.test(text) && call.lastIndex < scan.hi) return quotedFrom(scan, call.lastIndex);
  spaced.lastIndex = end;
  if (!spaced.test(text) || spaced.lastIndex >= scan.hi) return undefined;
  const value = quotedFrom(scan, spaced.lastIndex) ?? bareFrom(scan, spaced.lastIndex, bare);
  return value === undefined ? undefined : { ...value, prose: true };
}

const names = [
  'passw',
  'passwd',
  'pass',
  'pwd',
  'secret',
  'token',
  'key',
  'auth',
  'credential',
  'creds',
  'bearer',
  'jwt',
  'session',
  'passphrase',
  'salt',
  'otp',
  'pin',
  'cvv',
  'cvc',
  'mdp',
  'senha',
  'haslo',
  'kennwort',
  'wachtwoord',
  'mnemonic',
  'connectionstring',
  'connection_string',
  'webhook',
  'dsn',
  'sid',
  'sig',
  'pw',
] as const;

/** A secret by the name it stands under: assignments, object members, headers, command lines and prose. */
export const assignment: AnchorRule = {
  kind: 'anchor',
  id: 'secrets/assignment',
  label: 'SECRET',
  anchors: names,
  match(scan, start, end) {
    const { text, hi } = scan;
    let nameEnd = end;
    while (nameEnd < hi && nameEnd - end < longestName && isNameCode(text.charCodeAt(nameEnd))) nameEnd += 1;
    // Most names stand in prose or in front of a call; one look at what follows settles those.
    const next = text.charCodeAt(nameEnd);
    if (
      nameEnd >= hi ||
      !(
        next === 58 ||
        next === 61 ||
        next === 32 ||
        next === 34 ||
        next === 39 ||
        next === 40 ||
        next === 92 ||
        next === 93 ||
        next === 9 ||
        next === 38 ||
        next === 33 ||
        next === 96 ||
        next === 45 ||
        next === 44 ||
        next === 62
      )
    )
      return nameEnd;
    let nameStart = start;
    while (nameStart > scan.lo && start - nameStart < longestName && isNameCode(text.charCodeAt(nameStart - 1)))
      nameStart -= 1;
    const name = text.slice(nameStart, nameEnd);
    const two = /[A-Za-z]{2,12} $/u.exec(text.slice(Math.max(scan.lo, nameStart - 13), nameStart))?.[0] ?? '';
    const own = strengthOf(toWords(name));
    const joined = two === '' ? own : strengthOf(toWords(two + name));
    const strength = own === 'secret' || joined === 'secret' ? 'secret' : own;
    if (strength === 'none') return nameEnd;
    const value = valueBehind(scan, nameEnd);
    if (value === undefined) return nameEnd;
    report(scan, strength, value, name);
    return nameEnd;
  },
};

const passwordName = /(?:password|passwd|passphrase|secret|pin|otp|pwd|passcode)$/iu;

function report(scan: Scan, strength: KeyStrength, value: Value, name: string): void {
  let { start } = value;
  let body = scan.text.slice(start, value.end);
  // `Authorization: Bearer abc` and `"authorization": "Basic abc"` name a scheme before the secret.
  const scheme = /^(?:bearer|basic|token|digest|apikey|api-key|ssws|oauth)\s{1,4}/iu.exec(body)?.[0];
  if (scheme !== undefined) {
    start += scheme.length;
    body = body.slice(scheme.length);
  }
  if (body.toLowerCase() === name.toLowerCase()) return;
  if (value.prose === true && !looksRandom(body, 16) && !passwordName.test(name)) return;
  if (/^[a-z]{1,5}$/u.test(body)) return;
  // `DB_PASSWORD=letmein`: in capitals it is a setting, and what stands behind it is the value itself.
  const setting = !value.quoted && value.prose !== true && /^[A-Z][A-Z0-9_]{2,}$/u.test(name);
  const score = judgeValue(strength, body, value.quoted || (setting && body.length >= 6 && !isExpression(body)));
  if (score === 0) return;
  if (value.end === scan.hi && scan.full && entropyOf(body) > 3)
    scan.follow(start, value.end, 'token', 'SECRET', 'secrets/assignment', score);
  else scan.add(start, value.end, 'SECRET', 'secrets/assignment', score);
}
