import { wordTest } from '../engine/word-heads.ts';
import { gluedRight, isDigitCode, isFarFrom, isLetterCode, runEnd } from '../engine/number-run.ts';
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
  readonly lengths: readonly number[];
  readonly plus: boolean;
  readonly parens: boolean;
  readonly separator: number;
}

/** Reads digit groups from the run as long as together they may be a number, at most fifteen digits (E.164). */
function read(scan: Scan, run: NumberRun, last: number): Written | undefined {
  const { text, lo } = scan;
  let digits = '';
  const lengths: number[] = [];
  let separator = 0;
  for (let group = 0; group <= last; group += 1) {
    const word = text.slice(run.starts[group], run.ends[group]);
    if (!/^\d+$/u.test(word)) return undefined;
    digits += word;
    lengths.push(word.length);
    const code = run.separators[group]!;
    if (group === 0) continue;
    if (code === 95 || code === 10 || code === 13 || code === 9) return undefined;
    separator = separator === 0 || separator === code ? code : 1;
  }
  let start = run.starts[0]!;
  let parens = separator === 40 || separator === 41 || text.slice(run.starts[0], run.ends[last]).includes('(');
  if (start > lo && text[start - 1] === '(') {
    // The bracket belongs to the number only when it is closed inside it.
    if (text.slice(start, run.ends[last]).includes(')')) {
      start -= 1;
      parens = true;
    }
  }
  let plus = false;
  const sign = text[start] === '(' && text[start + 1] === '+' ? start + 1 : start - 1;
  if (sign >= lo && text[sign] === '+') {
    plus = true;
    start = sign;
    if (start > lo && text[start - 1] === '(' && text.slice(start, run.ends[last]).includes(')')) start -= 1;
  }
  return { start, end: run.ends[last]!, digits, lengths, plus, parens, separator };
}

const northAmerican = /^1?[2-9]\d{2}[2-9]\d{6}$/u;

/** How likely the form alone is, 0 to 1; `with` and `strong` say what the words around it add. */
function judge(number: Written, named: boolean, strong: boolean): number {
  const { digits, lengths, plus, parens, separator } = number;
  const size = digits.length;
  const shape = lengths.join('-');
  if (plus) {
    if (isInternational(digits)) return 0.93;
    return strong && size >= 8 ? 0.7 : 0;
  }
  if (/^(\d)\1+$/u.test(digits) && !strong) return 0;
  const grouped = lengths.length > 1;
  if (digits.startsWith('00') && lengths[0]! >= 2 && size >= 11 && isInternational(digits.slice(2)))
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
    lengths[0]! >= 2 &&
    lengths.at(-1)! >= 2
  ) {
    const spaced = separator === 32 || separator === 45 || parens;
    if (spaced && (lengths.length >= 3 || lengths[0]! >= 3)) return strong ? 0.88 : named ? 0.85 : 0.62;
  }
  if (digits.startsWith('0') && separator === 46 && /^2-2-2-2-2$/u.test(shape)) return 0.75;
  if (strong && size >= 6 && size <= 15) return grouped && size < 7 && separator === 46 ? 0 : 0.82;
  if (named && size >= 7 && size <= 15) return 0.72;
  if (parens && grouped && size >= 8 && size <= 12 && lengths[0]! <= 4)
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
  match(scan, run) {
    // A letter prefix stands before the digits of an identity number, not of a phone number.
    if (isFarFrom(run, 6)) return 0;
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
  gluedLeft: false,
};

function afterPrefix(scan: Scan, run: NumberRun): number {
  if (run.count < 2 || /\d/u.test(scan.text.slice(run.starts[0], run.ends[0]))) return 0;
  tail.starts.set(run.starts.subarray(1, run.count));
  tail.ends.set(run.ends.subarray(1, run.count));
  tail.separators.set(run.separators.subarray(1, run.count));
  tail.count = run.count - 1;
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
  for (let last = Math.min(run.count, 7) - 1; last >= 0; last -= 1) {
    const number = read(scan, run, last);
    if (number === undefined || number.digits.length < 6 || number.digits.length > 17) continue;
    if (last === 0 && !number.plus && number.digits.length > 13) continue;
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
