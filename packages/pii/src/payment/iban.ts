import { wordTest } from '../engine/word-heads.ts';
import { mod97 } from '../checksum.ts';
import { isDigitCode, isLetterCode, runEnd } from '../engine/number-run.ts';
import type { IdRule, RunRule } from '../rule.ts';

/** Length of an account number by country (SWIFT IBAN registry). */
export const ibanLengths: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BI: 27,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DJ: 27,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FK: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HN: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MN: 20,
  MR: 27,
  MT: 31,
  MU: 30,
  NI: 28,
  NL: 18,
  NO: 15,
  OM: 23,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  RU: 33,
  SA: 24,
  SC: 31,
  SD: 18,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  SO: 23,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
  YE: 30,
};

/** True for an account number of the right length for its country with right check digits (ISO 13616, mod 97-10). */
export function isIban(compact: string): boolean {
  return ibanLengths[compact.slice(0, 2)] === compact.length && mod97(compact.slice(4) + compact.slice(0, 4)) === 1;
}

const named = wordTest(/(?<![a-z])iban(?![a-z])/u);

/** Two letters, and behind them in the same group digits or what a scanner takes for them. */
function mayBegin(text: string, start: number, end: number): boolean {
  if (!isLetterCode(text.charCodeAt(start)) || (end - start > 1 && !isLetterCode(text.charCodeAt(start + 1))))
    return false;
  for (let at = start + 2; at < Math.min(end, start + 4); at += 1) {
    const code = text.charCodeAt(at);
    const letter = code | 32;
    if (!isDigitCode(code) && letter !== 108 && letter !== 105 && letter !== 111) return false;
  }
  return true;
}

/** IBANs in any grouping: the country gives the length, so groups are added until it is reached. */
export const iban: RunRule = {
  kind: 'run',
  id: 'payment/iban',
  label: 'IBAN',
  least: 15,
  match(scan, run) {
    for (let first = 0; first < Math.min(2, run.count); first += 1) {
      if (!mayBegin(scan.text, run.starts[first]!, run.ends[first]!)) continue;
      const head = scan.text.slice(run.starts[first], run.ends[first]).toUpperCase();
      const country = head.slice(0, 2);
      const length = ibanLengths[country];
      if (length === undefined) continue;
      let compact = '';
      for (let last = first; last < run.count && compact.length < length; last += 1) {
        compact += scan.text.slice(run.starts[last], run.ends[last]);
        if (compact.length !== length) continue;
        const upper = compact.toUpperCase();
        if (!/^[A-Z]{2}[\dLIO]{2}[A-Z0-9]+$/u.test(upper)) break;
        const start = run.starts[first]!;
        const end = run.ends[last]!;
        // Scanned paper has `l` for 1 and `O` for 0; the check digits tell whether that is what happened.
        const right =
          isIban(upper) ||
          isIban(country + compact.slice(2).replaceAll(/[lI]/gu, '1').replaceAll(/[oO]/gu, '0').toUpperCase());
        if (right) scan.add(start, end, 'IBAN', 'payment/iban', 0.97);
        else if (named(scan.context(start, runEnd(run)))) scan.add(start, end, 'IBAN', 'payment/iban', 0.6);
        else break;
        return end;
      }
    }
    return 0;
  },
};

const account =
  /(?<![a-z])(?:account|acct|bank|routing|konto|kontonummer|compte|cuenta|conto|conta|rachun\w+|kontoinhaber|sort code)(?![a-z])|口座|账号|账户|계좌/u;
const routing = /(?<![a-z])(?:routing|aba|transit|bank|wire)(?![a-z])/u;

/** Bank accounts by context: the forms are too plain for anything else. */
export const bankAccounts: readonly IdRule[] = [
  {
    kind: 'id',
    id: 'payment/us-routing',
    label: 'BANK_ACCOUNT',
    lengths: [9],
    form: /^(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)\d{7}$/u,
    check: (text) =>
      (3 * (d(text, 0) + d(text, 3) + d(text, 6)) +
        7 * (d(text, 1) + d(text, 4) + d(text, 7)) +
        d(text, 2) +
        d(text, 5) +
        d(text, 8)) %
        10 ===
      0,
    context: routing,
    base: 0,
    known: 0.85,
    groups: /^4-4-1$/u,
  },
  {
    kind: 'id',
    id: 'payment/account',
    label: 'BANK_ACCOUNT',
    lengths: [8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
    form: /^\d+$/u,
    context: account,
    base: 0,
    known: 0.55,
  },
];

function d(text: string, at: number): number {
  return text.charCodeAt(at) - 48;
}
