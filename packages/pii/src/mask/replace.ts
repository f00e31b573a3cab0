import { createHmac } from 'node:crypto';
import { luhn } from '../checksum.ts';
import type { Label } from '../label.ts';
import type { Ff1 } from './ff1.ts';

/** A longer value is never hashed, sealed or shown in part: it is redacted whole. In code units. */
export const longestValue = 1024;

const secretLabels = new Set<Label>(['SECRET', 'URL_CREDENTIALS']);

/** `[EMAIL]`. */
export const redacted = (label: Label): string => `[${label}]`;

const stars = (text: string): string => text.replaceAll(/[\p{L}\p{N}]/gu, '*');

/** Shows so much that its owner recognises it: the last four, of a card also the first six, of an address the domain. */
export function partial(label: Label, value: string): string {
  if (secretLabels.has(label)) return redacted(label);
  if (label === 'EMAIL' && value.includes('@')) {
    const sign = value.lastIndexOf('@');
    return `${value.slice(0, 1)}***${value.slice(sign)}`;
  }
  const shown = Array.from(value).filter((char) => /[\p{L}\p{N}]/u.test(char)).length;
  if (shown < 8) return redacted(label);
  const front = label === 'CREDIT_CARD' && shown >= 13 ? 6 : 0;
  let seen = 0;
  return Array.from(value)
    .map((char) => {
      if (!/[\p{L}\p{N}]/u.test(char)) return char;
      seen += 1;
      return seen <= front || seen > shown - 4 ? char : stars(char);
    })
    .join('');
}

/** `[EMAIL#k1:9fQ…]`: 96 bits of HMAC-SHA-256, so equal values stay equal and cannot be tried out without the key. */
export function hashed(label: Label, value: string, key: { readonly id: string; readonly secret: Uint8Array }): string {
  const mac = createHmac('sha256', key.secret).update(`${label}\0${value}`).digest().subarray(0, 12);
  return `[${label}#${key.id}:${mac.toString('base64url')}]`;
}

/**
 * Other digits in the place of the digits, a card number again with a right check digit. Undefined when there are fewer
 * than six digits, whose few forms could be tried out.
 */
export function preserved(
  label: Label,
  value: string,
  cipher: Ff1,
  direction: 'encrypt' | 'decrypt' = 'encrypt',
): string | undefined {
  const digits = Array.from(value)
    .filter((char) => char >= '0' && char <= '9')
    .map(Number);
  const checked = label === 'CREDIT_CARD' && digits.length >= 12 && luhn(digits.join(''));
  const body = checked ? digits.slice(0, -1) : digits;
  if (body.length < 6) return undefined;
  const changed = cipher[direction](body, 10, Buffer.from(label));
  if (checked) changed.push([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((last) => luhn([...changed, last].join('')))!);
  let at = 0;
  return Array.from(value)
    .map((char) => (char >= '0' && char <= '9' ? String(changed[at++]!) : char))
    .join('');
}
