import { createHmac } from 'node:crypto';
import { luhn } from '../checksum.ts';
import type { Label } from '../label.ts';
import { isLabel } from '../label.ts';
import { createSealer } from './sealed.ts';
import type { Opened, SealOptions, TokenScope } from './sealed.ts';
import type { TokenStore } from './store.ts';

/** `self-describing`: `[[EMAIL:…]]`. `look-alike`: an address, a number of the same form, where that is possible. */
export type TokenStyle = 'self-describing' | 'look-alike';

export interface TokenOptions extends SealOptions {
  /** Default `self-describing`. */
  readonly style?: TokenStyle;
  /** Needed for look-alike numbers, which have no room for a sealed value. Default none: those become self-describing. */
  readonly store?: TokenStore;
}

/** A token that stands in a text. */
export interface TokenPlace {
  readonly start: number;
  readonly end: number;
  readonly opened: Opened;
  readonly label: Label | undefined;
}

/** Makes tokens and finds them again. */
export interface TokenVault {
  /** A token for the value; equal values of one scope and label get equal tokens while they last. */
  issue(label: Label, value: string, scope: TokenScope): string;
  /** The same for a JSON number: another safe integer of as many digits, or undefined without a store. */
  issueNumber(label: Label, value: string, scope: TokenScope): string | undefined;
  /** Tokens in the text, sorted, opened where the scope is right. */
  find(text: string, scope: TokenScope): TokenPlace[];
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
const domain = '.masked.invalid';
// A model may escape the brackets and the underscore for Markdown, or put spaces inside: the seal tells whether it is one.
const written = /\\?\[\\?\[\s{0,2}([A-Za-z\\_]{2,24})\s?:\s?([\w\\-]{44,4096})\s{0,2}\\?\]\\?\]/gu;
const address = /([a-z2-7]{1,64})@((?:[a-z2-7]{1,62}\.){1,40})masked\.invalid/giu;
/** Labels whose values have a form that another number can take. */
const shaped = new Set<Label>([
  'PHONE',
  'CREDIT_CARD',
  'US_SSN',
  'NATIONAL_ID',
  'TAX_ID',
  'MEDICAL_ID',
  'BANK_ACCOUNT',
  'PASSPORT',
  'DRIVER_LICENSE',
  'VEHICLE_ID',
  'DEVICE_ID',
  'IBAN',
  'POSTAL_CODE',
  'OTHER_ID',
]);
const headSize = 4;

function toBase32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + base32[(value << (5 - bits)) & 31] : text;
}

function fromBase32(text: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const char of text) {
    value = (value << 5) | base32.indexOf(char);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >>> bits) & 255);
    }
    value &= (1 << bits) - 1;
  }
  return Uint8Array.from(bytes);
}

/** Splits a sealed address into a local part of at most 60 and labels of at most 60, as RFC 5321 and RFC 1035 ask. */
function asAddress(sealed: Uint8Array): string {
  const pieces = toBase32(sealed).match(/.{1,60}/gu)!;
  const [local, ...rest] = pieces;
  return `${local}@${rest.length === 0 ? 'a' : rest.join('.')}${domain}`;
}

/** Other letters and digits in the same places; a number with Luhn's check digit gets one again. */
function alike(value: string, key: Uint8Array, attempt: number): string {
  const stream = createHmac('sha512', key).update(`${attempt}\0${value}`).digest();
  let at = 0;
  const changed = Array.from(value).map((char) => {
    if (at >= stream.length) return char;
    if (char >= '0' && char <= '9') return String((stream[at++]! % 9) + 1);
    if (char >= 'A' && char <= 'Z') return String.fromCharCode(65 + (stream[at++]! % 26));
    if (char >= 'a' && char <= 'z') return String.fromCharCode(97 + (stream[at++]! % 26));
    return char;
  });
  const digits = value.replaceAll(/\D/gu, '');
  if (digits.length >= 12 && /^[\d -]+$/u.test(value) && luhn(digits)) {
    const last = changed.findLastIndex((char) => char >= '0' && char <= '9');
    for (let check = 0; check <= 9; check += 1) {
      changed[last] = String(check);
      if (luhn(changed.join('').replaceAll(/\D/gu, ''))) break;
    }
  }
  return changed.join('');
}

/**
 * Creates the maker and finder of tokens.
 *
 * @throws TypeError as `createSealer` does.
 */
export function createTokenVault(options: TokenOptions): TokenVault {
  const sealer = createSealer(options);
  const { store } = options;
  const now = options.now ?? Date.now;
  const ttlMs = (options.ttlSeconds ?? 86_400) * 1000;
  const style = options.style ?? 'self-describing';
  const nameOf = (scope: TokenScope): string => JSON.stringify([scope.tenant, scope.principal]);

  const stored = (label: Label, value: string, scope: TokenScope, isNumber = false): string | undefined => {
    if (store === undefined || !shaped.has(label) || value.replaceAll(/[^0-9]/gu, '').length < 6) return undefined;
    const name = nameOf(scope);
    const known = store.byValue(name, label, value);
    if (known !== undefined) return known.token;
    const key = createHmac('sha256', options.keys[0]!.secret).update(`alike\0${name}\0${label}`).digest();
    for (let attempt = 0; attempt < 64; attempt += 1) {
      const token = alike(value, key, attempt);
      if (isNumber && !Number.isSafeInteger(Number(token))) continue;
      // Two values never share a token, and a token is never a value that was itself masked.
      if (
        token === value ||
        store.byToken(name, token) !== undefined ||
        store.byValue(name, label, token) !== undefined
      )
        continue;
      store.put(name, { token, label, value, expiresAtMs: now() + ttlMs });
      return token;
    }
    return undefined;
  };

  const findStored = (text: string, scope: TokenScope): TokenPlace[] => {
    if (store === undefined) return [];
    const name = nameOf(scope);
    const byHead = new Map<string, string[]>();
    for (const token of store.tokens(name)) {
      const head = token.slice(0, headSize);
      const same = byHead.get(head);
      if (same === undefined) byHead.set(head, [token]);
      else same.push(token);
    }
    const places: TokenPlace[] = [];
    if (byHead.size === 0) return places;
    for (let at = 0; at + headSize <= text.length; at += 1) {
      if (at > 0 && /\w/u.test(text[at - 1]!) && /\w/u.test(text[at]!)) continue;
      const token = byHead
        .get(text.slice(at, at + headSize))
        ?.find((one) => text.startsWith(one, at) && !(/\w/u.test(text[at + one.length] ?? '') && /\w$/u.test(one)));
      if (token === undefined) continue;
      const entry = store.byToken(name, token);
      if (entry === undefined) continue;
      places.push({
        start: at,
        end: at + token.length,
        label: entry.label,
        opened: { ok: true, label: entry.label, value: entry.value },
      });
      at += token.length - 1;
    }
    return places;
  };

  return {
    issueNumber: (label, value, scope) => stored(label, value, scope, true),
    issue(label, value, scope) {
      if (style === 'look-alike') {
        if (label === 'EMAIL') return asAddress(sealer.seal(label, value, scope));
        const token = stored(label, value, scope);
        if (token !== undefined) return token;
      }
      return `[[${label}:${Buffer.from(sealer.seal(label, value, scope)).toString('base64url')}]]`;
    },
    find(text, scope) {
      const places: TokenPlace[] = [];
      if (text.includes('[')) {
        for (const match of text.matchAll(written)) {
          const label = match[1]!.replaceAll('\\', '').toUpperCase();
          const start = match.index;
          const end = start + match[0].length;
          if (!isLabel(label))
            places.push({ start, end, label: undefined, opened: { ok: false, reason: 'malformed' } });
          else
            places.push({
              start,
              end,
              label,
              opened: sealer.open(Buffer.from(match[2]!.replaceAll('\\', ''), 'base64url'), label, scope),
            });
        }
      }
      if (/masked\.invalid/iu.test(text)) {
        for (const match of text.matchAll(address)) {
          const middle = match[2]!.toLowerCase().replaceAll('.', '');
          const body = match[1]!.toLowerCase() + (middle === 'a' && match[1]!.length < 60 ? '' : middle);
          places.push({
            start: match.index,
            end: match.index + match[0].length,
            label: 'EMAIL',
            opened: sealer.open(fromBase32(body), 'EMAIL', scope),
          });
        }
      }
      places.push(...findStored(text, scope));
      return places.sort((a, b) => a.start - b.start);
    },
  };
}
