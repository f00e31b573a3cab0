import { wordTest } from '../engine/word-heads.ts';
import { isRepeated, luhn } from '../checksum.ts';
import { gluedRight, isDigitCode, isWordCode, lengthsOf, runEnd, separatorOf } from '../engine/number-run.ts';
import type { NumberRun, RunRule, Scan } from '../rule.ts';

/** Issuer ranges: first digits from and to (same number of digits), and the lengths issued there. */
const issuers: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [4, 4, [13, 16, 19]],
  [51, 55, [16]],
  [2221, 2720, [16]],
  [34, 34, [15]],
  [37, 37, [15]],
  [300, 305, [14, 16]],
  [3095, 3095, [14, 16]],
  [36, 36, [14, 16]],
  [38, 39, [14, 16]],
  [6011, 6011, [16, 17, 18, 19]],
  [622126, 622925, [16, 17, 18, 19]],
  [644, 649, [16, 17, 18, 19]],
  [65, 65, [16, 17, 18, 19]],
  [3528, 3589, [16, 17, 18, 19]],
  [2131, 2131, [15]],
  [1800, 1800, [15]],
  [62, 62, [16, 17, 18, 19]],
  [81, 81, [16, 17, 18, 19]],
  [50, 50, [12, 13, 14, 15, 16, 17, 18, 19]],
  [56, 58, [12, 13, 14, 15, 16, 17, 18, 19]],
  [63, 63, [12, 13, 14, 15, 16, 17, 18, 19]],
  [67, 67, [12, 13, 14, 15, 16, 17, 18, 19]],
  [60, 61, [12, 13, 14, 15, 16, 17, 18, 19]],
  [66, 66, [12, 13, 14, 15, 16, 17, 18, 19]],
  [68, 69, [12, 13, 14, 15, 16, 17, 18, 19]],
  [2200, 2204, [16, 17, 18, 19]],
  [9792, 9792, [16]],
  [1, 1, [15]],
  [2014, 2014, [15]],
  [2149, 2149, [15]],
];

/** True when an issuer gives out numbers of this length that begin so; says nothing about the check digit. */
export function hasIssuer(digits: string): boolean {
  return issuers.some(([from, to, lengths]) => {
    const head = Number(digits.slice(0, String(from).length));
    return head >= from && head <= to && lengths.includes(digits.length);
  });
}

const words = wordTest(
  /(?<![a-z])(?:card|credit|debit|visa|mastercard|amex|american express|discover|diners|jcb|maestro|pan|cc|ccn|payment|pay|karte|kreditkarte|carte|tarjeta|carta|cartao|kart|karta|karty|kaart)(?![a-z])|カード|信用卡|银行卡|신용카드/u,
);
const written = /^(?:\d{12,19}|4-4-4-4|4-4-4-4-[123]|4-6-5|4-6-4|4-4-4-1|6-1[0-3]|4-4-5|4-4-4-3|8-8|4-4-4)$/u;
const notCard = wordTest(
  /(?<![a-z])(?:isbn|ean|gtin|upc|barcode|tracking|imei|message id|snowflake|offset|seq|sequence|timestamp|ts|epoch|order|bytes|size|time|unix nano|nanos?|iccid|serial|id)(?![a-z])/u,
);

function groupsOk(scan: Scan, run: NumberRun, first: number, last: number): boolean {
  if (first === last) return true;
  const lengths = lengthsOf(run, first, last);
  const separator = separatorOf(run, first, last);
  // Digits that were pulled apart one by one are a card only when they are all apart.
  if (/^1(?:-1){11,18}$/u.test(lengths)) return true;
  return separator !== 1 && separator !== 47 && written.test(lengths) && scan.hi > 0;
}

const fours = /(\d{4})([^A-Za-z0-9]{1,3})(\d{4})([^A-Za-z0-9]{1,3})(\d{4})([^A-Za-z0-9]{1,3})(\d{4})(?![\dA-Za-z])/y;

/** Four groups of four with anything between them; what separates cells or items needs a name besides. */
function fourFours(scan: Scan, start: number): number {
  fours.lastIndex = start;
  const found = fours.exec(scan.text);
  if (found === null || fours.lastIndex > scan.hi) return 0;
  const end = fours.lastIndex;
  const digits = `${found[1]!}${found[3]!}${found[5]!}${found[7]!}`;
  if (!luhn(digits) || !hasIssuer(digits) || isRepeated(digits) || isWordCode(scan.text.charCodeAt(start - 1)))
    return 0;
  const context = scan.context(start, end);
  const listed = [found[2]!, found[4]!, found[6]!].some((between) => /[,;|:"'.]/u.test(between));
  if ((listed && !words(context)) || notCard(context)) return 0;
  scan.add(start, end, 'CREDIT_CARD', 'payment/card', words(context) ? 0.98 : 0.8);
  return end;
}

/** Card numbers: issuer range, length and Luhn's sum, in any of the usual groupings. */
export const card: RunRule = {
  kind: 'run',
  id: 'payment/card',
  label: 'CREDIT_CARD',
  match(scan, run) {
    const apart = run.ends[0] === run.starts[0]! + 4 ? fourFours(scan, run.starts[0]!) : 0;
    if (apart > 0) return apart;
    if (run.size < 12) return 0;
    const head = scan.text.charCodeAt(run.starts[0]!);
    if (!isDigitCode(head) && head !== 108 && head !== 73 && head !== 79) return 0;
    let digits = '';
    let best = 0;
    let lookAlike = false;
    for (let last = 0; last < run.count; last += 1) {
      const word = scan.text.slice(run.starts[last], run.ends[last]);
      if (last < run.plain) {
        digits += word;
      } else {
        if (!/^[\dlIO]+$/u.test(word) || !/\d/u.test(word)) break;
        // A letter that looks like a digit is read as one, but then only a name makes the number a card.
        const plain = word.replaceAll(/[lI]/gu, '1').replaceAll('O', '0');
        if (plain !== word) lookAlike = true;
        digits += plain;
      }
      if (digits.length > 19) break;
      if (digits.length < 12 || !luhn(digits) || isRepeated(digits)) continue;
      const start = run.starts[0]!;
      const end = run.ends[last]!;
      const glued = run.gluedLeft || gluedRight(scan, end);
      const context = scan.context(start, runEnd(run));
      const named = words(context);
      // Under its name a card may be grouped in any way.
      if (
        !groupsOk(scan, run, 0, last) &&
        !(named && hasIssuer(digits) && [32, 45].includes(separatorOf(run, 0, last)))
      )
        continue;
      // New ranges are given out faster than tables are written, so a number that is called a card is one.
      if ((glued || lookAlike || !hasIssuer(digits)) && !named) continue;
      const before = start > scan.lo ? scan.text.charCodeAt(start - 1) : 0;
      const decimal = before === 46 && start - 1 > scan.lo && isDigitCode(scan.text.charCodeAt(start - 2));
      if (decimal && !named) continue;
      const doubtful =
        !named &&
        (digits.length < 14 ||
          digits.startsWith('1') ||
          digits.startsWith('201') ||
          digits.startsWith('214') ||
          notCard(context) ||
          (digits.length > 16 && last === 0));
      scan.add(start, end, 'CREDIT_CARD', 'payment/card', doubtful ? 0.4 : named ? 0.98 : 0.85);
      if (!doubtful) best = end;
    }
    return best;
  },
};
