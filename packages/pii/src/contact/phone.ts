import { wordTest } from '../engine/word-heads.ts';
import { compactOf, gluedRight, isDigitCode, isLetterCode, lengthsOf, runEnd } from '../engine/number-run.ts';
import type { NumberRun, RunRule, Scan } from '../rule.ts';
import { isInternational } from './calling-codes.ts';

const words = wordTest(
  /(?<![a-z])(?:phones?|tel|telephone|telefon\w*|telefoon\w*|telefono\w*|telefone|telephones?|mobile?s?|mobil\w*|cell\w*|cel|celular|movil|portable|handy|handynummer|rufnummer|gsm|call(?:ing|ed)?|callback|dial|fax|faks|whatsapp|sms|text me|ring|reach (?:me|us|him|her)|contact|hotline|contact number|phone number|numero|puhelin\w*|telefonnummer|nummer|tlf|komorka|kom|numer tel\w*|hp|msisdn|ext|office|answering)(?![a-z])|電話|电话|手机|手機|携帯|號碼|号码|传真|전화|휴대|핸드폰|연락처|फ़ोन|फोन|телефон|هاتف/u,
);
const strongWords = wordTest(
  /(?<![a-z])(?:phone|tel|telephone|telefon\w*|telefoon\w*|telefono|telefone|mobile|mobil\w*|cell\w*|fax|whatsapp|sms|phone number|contact number|msisdn|handy\w*|portable|movil|celular|puhelin\w*|tlf)(?![a-z])|電話|电话|手机|手機|携帯|전화|휴대|연락처/u,
);
const notPhone = wordTest(
  /(?<![a-z])(?:id|ids|order|tracking|isbn|issn|version|build|pages?|lines?|part|invoice|ticket|price|total|amount|bytes|size|port|seq|offset|timestamp|epoch|ts|ms|date|rfc|section|path|sha|hash|viewbox|points|ean|gtin|upc|ssn|nino|nhs|pesel|nip|regon|vat|tax|tfn|abn|acn|passport|iban|card|account|konto|routing|license|licence|cron|schedule|time|coordinates?|lat|lon|latitude|longitude|serial|sku|zip|postal|code|node)(?![a-z])/u,
);

interface Written {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
  /** Number of groups, and the lengths of the first and the last one. */
  readonly groups: number;
  readonly first: number;
  readonly final: number;
  /** Lengths of the groups, `3-3-4`. */
  readonly shape: string;
  readonly plus: boolean;
  readonly parens: boolean;
  readonly separator: number;
}

const isDigits = (text: string, start: number, end: number): boolean => {
  for (let at = start; at < end; at += 1) if (!isDigitCode(text.charCodeAt(at))) return false;
  return true;
};
const isLetters = (text: string, start: number, end: number): boolean => {
  for (let at = start; at < end; at += 1) if (isDigitCode(text.charCodeAt(at))) return false;
  return true;
};

/** The number in the groups up to `last`, whose digits are given; undefined when a separator is one that no number has. */
function read(scan: Scan, run: NumberRun, last: number, digits: string): Written | undefined {
  const { text, lo } = scan;
  let separator = 0;
  for (let group = 1; group <= last; group += 1) {
    const code = run.separators[group]!;
    if (code === 95 || code === 10 || code === 13 || code === 9) return undefined;
    separator = separator === 0 || separator === code ? code : 1;
  }
  let start = run.starts[0]!;
  const end = run.ends[last]!;
  let parens = separator === 40 || separator === 41 || (last > 0 && text.slice(start, end).includes('('));
  if (start > lo && text.charCodeAt(start - 1) === 40) {
    // The bracket belongs to the number only when it is closed inside it.
    if (text.slice(start, end).includes(')')) {
      start -= 1;
      parens = true;
    }
  }
  let plus = false;
  const sign = text.charCodeAt(start) === 40 && text.charCodeAt(start + 1) === 43 ? start + 1 : start - 1;
  if (sign >= lo && text.charCodeAt(sign) === 43) {
    plus = true;
    start = sign;
    if (start > lo && text.charCodeAt(start - 1) === 40 && text.slice(start, end).includes(')')) start -= 1;
  }
  return {
    start,
    end,
    digits,
    groups: last + 1,
    first: run.ends[0]! - run.starts[0]!,
    final: end - run.starts[last]!,
    shape: lengthsOf(run, 0, last),
    plus,
    parens,
    separator,
  };
}

/** A day as ISO 8601 writes it, which stands near "call" and "contact" more often than a number of that shape does. */
const isoDay = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/u;

const northAmerican = /^1?[2-9]\d{2}[2-9]\d{6}$/u;

/** How likely the form alone is, 0 to 1; `with` and `strong` say what the words around it add. */
function judge(number: Written, named: boolean, strong: boolean): number {
  const { digits, shape, plus, parens, separator } = number;
  const size = digits.length;
  if (plus) {
    if (isInternational(digits)) return 0.93;
    return strong && size >= 8 ? 0.7 : 0;
  }
  if (/^(\d)\1+$/u.test(digits) && !strong) return 0;
  const grouped = number.groups > 1;
  // One group of digits is a number of any kind, unless something names it.
  if (!grouped && !named && !strong) return 0;
  if (digits.startsWith('00') && number.first >= 2 && size >= 11 && isInternational(digits.slice(2)))
    return grouped || named ? 0.85 : 0.4;
  if (digits.startsWith('001') && size === 13 && named) return 0.8;
  const american = northAmerican.test(digits);
  if (american && /^(?:1-)?3-3-4$/u.test(shape))
    return parens || separator === 45 || named ? 0.82 : separator === 46 || shape.startsWith('1-') ? 0.75 : 0.4;
  if (american && parens && /^(?:1-)?3-(?:7|3-4)$/u.test(shape)) return 0.7;
  if (
    grouped &&
    /^0[1-9]/u.test(digits) &&
    shape !== '3-2-4' &&
    size >= 9 &&
    size <= 11 &&
    separator !== 47 &&
    separator !== 46 &&
    number.first >= 2 &&
    number.final >= 2
  ) {
    const spaced = separator === 32 || separator === 45 || parens;
    if (spaced && (number.groups >= 3 || number.first >= 3)) return strong ? 0.88 : named ? 0.85 : 0.62;
  }
  if (digits.startsWith('0') && separator === 46 && /^2-2-2-2-2$/u.test(shape)) return 0.75;
  if (strong && size >= 6 && size <= 15) return grouped && size < 7 && separator === 46 ? 0 : 0.82;
  if (named && size >= 7 && size <= 15) return 0.72;
  if (parens && grouped && size >= 8 && size <= 12 && number.first <= 4)
    return /^(?:2-[3-5]-[3-4]|[2-4]-[3-4]-[3-4]|2-5-5|3-7|3-3-3)$/u.test(shape) ? 0.6 : 0.3;
  if ((/^2-5-4$/u.test(shape) && separator !== 46) || (/^3-4-4$/u.test(shape) && digits.startsWith('1'))) return 0.55;
  return 0;
}

const extension = /\s{0,2}(?:x|ext\.?|extension|#|-\s?ext\.?)\s{0,2}:?\d{1,6}(?!\d)/iy;

/** Phone numbers: international ones by calling code and length, national ones by their form or the words around them. */
export const phone: RunRule = {
  kind: 'run',
  id: 'contact/phone',
  label: 'PHONE',
  least: 6,
  match(scan, run) {
    // A letter prefix stands before the digits of an identity number, not of a phone number.
    const first = run.starts[0]!;
    if (!isDigitCode(scan.text.charCodeAt(first))) return afterPrefix(scan, run);
    return matchFrom(scan, run);
  },
};

const tail: NumberRun = {
  starts: new Int32Array(36),
  ends: new Int32Array(36),
  separators: new Int32Array(36),
  count: 0,
  plain: 0,
  size: 0,
  gluedLeft: false,
};

function afterPrefix(scan: Scan, run: NumberRun): number {
  if (run.count < 2 || !isLetters(scan.text, run.starts[0]!, run.ends[0]!)) return 0;
  tail.starts.set(run.starts.subarray(1, run.count));
  tail.ends.set(run.ends.subarray(1, run.count));
  tail.separators.set(run.separators.subarray(1, run.count));
  tail.count = run.count - 1;
  let plain = 0;
  while (plain < tail.count && isDigits(scan.text, tail.starts[plain]!, tail.ends[plain]!)) plain += 1;
  tail.plain = plain;
  tail.gluedLeft = run.gluedLeft;
  return matchFrom(scan, tail);
}

function matchFrom(scan: Scan, run: NumberRun): number {
  const { text } = scan;
  const begin = run.starts[0]!;
  const plusBefore =
    begin > scan.lo && (text[begin - 1] === '+' || (text[begin - 1] === '(' && text[begin - 2] === '+'));
  if (run.gluedLeft && !plusBefore) return 0;
  let best: Written | undefined;
  let score = 0;
  let named: boolean | undefined;
  let strong = false;
  let refused = false;
  let last = Math.min(run.plain, 7) - 1;
  let size = 0;
  for (let group = 0; group <= last; group += 1) size += run.ends[group]! - run.starts[group]!;
  if (size < 6) return 0;
  const all = compactOf(scan, run, 0, last);
  // Neither the day nor the month before its last part.
  if (last === 2 && !plusBefore && isoDay.test(all) && lengthsOf(run, 0, 2) === '4-2-2') return 0;
  for (; last >= 0; size -= run.ends[last]! - run.starts[last]!, last -= 1) {
    if (size > 17) continue;
    if (size < 6) break;
    const number = read(scan, run, last, all.slice(0, size));
    if (number === undefined) continue;
    if (last === 0 && !number.plus && size > 13) continue;
    if (named === undefined) {
      const context = scan.context(begin, runEnd(run));
      named = words(context);
      strong = strongWords(context);
      refused = notPhone(context) && !strong;
    }
    if (refused && !number.plus) {
      if (!number.parens) continue;
    }
    const value = judge(number, named && !refused, strong);
    if (value > score) {
      score = value;
      best = number;
    }
    if (value >= 0.5) break;
  }
  if (best === undefined || score < 0.5) return 0;
  let { end } = best;
  const before = best.start > scan.lo ? text.charCodeAt(best.start - 1) : 0;
  if (gluedRight(scan, end) && text[end] !== '-' && text[end] !== '/') return 0;
  if (
    !best.plus &&
    (before === 36 ||
      before === 0x20ac ||
      (before === 46 && isDigitCode(text.charCodeAt(best.start - 2))) ||
      (before === 61 && !strong && !named))
  )
    return 0;
  if (isLetterCode(before) && !best.plus) return 0;
  extension.lastIndex = end;
  const extra = extension.exec(text);
  if (extra !== null && extension.lastIndex <= scan.hi) end = extension.lastIndex;
  scan.add(best.start, end, 'PHONE', 'contact/phone', score);
  return end;
}
