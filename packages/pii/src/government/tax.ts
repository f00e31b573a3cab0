import { digitAt, isMonthDay, luhn, mod11and10, mod97, pair, weighted } from '../checksum.ts';
import type { IdRule } from '../rule.ts';
import { named, toRules } from './row.ts';
import type { IdRow } from './row.ts';

const vatWords =
  'vat(?: ?id\\w*| number| no| reg\\w*)?|vatin|ust id\\w*|ustid\\w*|umsatzsteuer\\w*|tva|iva|partita iva|p iva|btw\\w*|nip|moms\\w*|mva|kmkr|alv\\w*|dph|cif|nif|tax(?: ?id\\w*| number| no| payer\\w*)?|tin|steuernummer|siren|kbo|ondernemingsnummer';
const vatContext = named(vatWords, '');

const nip = (text: string): boolean => weighted(text, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === digitAt(text, 9);
const cif = (text: string): boolean => {
  let sum = 0;
  for (let at = 1; at < 8; at += 1) {
    const value = digitAt(text, at);
    sum += at % 2 === 1 ? Math.floor((value * 2) / 10) + ((value * 2) % 10) : value;
  }
  const check = (10 - (sum % 10)) % 10;
  return text[8] === String(check) || text[8] === 'JABCDEFGHI'[check];
};
const dni = (text: string): boolean =>
  'TRWAGMYFPDXBNJZSQVHLCKE'[Number(text.slice(0, 8).replace('X', '0').replace('Y', '1').replace('Z', '2')) % 23] ===
  text[8];
const british = (text: string): boolean => {
  const sum = weighted(text, [8, 7, 6, 5, 4, 3, 2]) + pair(text, 7);
  return sum % 97 === 0 || (sum + 55) % 97 === 0;
};
const regon = (text: string): boolean =>
  text.length === 9
    ? (weighted(text, [8, 9, 2, 3, 4, 5, 6, 7]) % 11) % 10 === digitAt(text, 8)
    : (weighted(text, [2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11) % 10 === digitAt(text, 13);
const cnpj = (text: string): boolean => {
  const one = weighted(text, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  const two = weighted(text, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return (one < 2 ? 0 : 11 - one) === digitAt(text, 12) && (two < 2 ? 0 : 11 - two) === digitAt(text, 13);
};
const abn = (text: string): boolean =>
  weighted(String(digitAt(text, 0) - 1) + text.slice(1), [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) % 89 === 0;
const acn = (text: string): boolean => (10 - (weighted(text, [8, 7, 6, 5, 4, 3, 2, 1]) % 10)) % 10 === digitAt(text, 8);
const tfn = (text: string): boolean =>
  weighted(text, text.length === 9 ? [1, 4, 3, 7, 5, 8, 6, 9, 10] : [10, 7, 8, 4, 6, 3, 5, 1]) % 11 === 0;
const dutch = (text: string): boolean => {
  const rest = weighted(text, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return rest === digitAt(text, 8) || mod97(`2321${text}11${text.slice(10)}`) === 1;
};
const frenchVat = (text: string): boolean => {
  const siren = text.slice(2);
  return luhn(siren) && (!/^\d\d/u.test(text) || (12 + 3 * (Number(siren) % 97)) % 97 === Number(text.slice(0, 2)));
};

/** VAT numbers of the Union and its neighbours by prefix: form of the rest, and its check where it has one. */
const vat: readonly (readonly [prefix: string, rest: RegExp, check?: (rest: string) => boolean])[] = [
  ['AT', /^U\d{8}$/u],
  ['BE', /^[01]?\d{9}$/u, (text) => 97 - (Number(text.slice(0, -2)) % 97) === Number(text.slice(-2))],
  ['BG', /^\d{9,10}$/u],
  ['CY', /^\d{8}[A-Z]$/u],
  ['CZ', /^\d{8,10}$/u],
  ['DE', /^[1-9]\d{8}$/u, mod11and10],
  ['DK', /^\d{8}$/u, (text) => weighted(text, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0],
  ['EE', /^\d{9}$/u],
  ['EL', /^\d{9}$/u],
  [
    'ES',
    /^[A-Z0-9]\d{7}[A-Z0-9]$/u,
    (text) => (/^[\dXYZ]/u.test(text) ? dni(text) : cif(text) || /^[KLM]/u.test(text)),
  ],
  ['FI', /^\d{8}$/u, (text) => (11 - (weighted(text, [7, 9, 10, 5, 8, 4, 2]) % 11)) % 11 === digitAt(text, 7)],
  ['FR', /^[A-Z0-9]{2}\d{9}$/u, frenchVat],
  ['GB', /^\d{9}(?:\d{3})?$/u, british],
  ['HR', /^\d{11}$/u, mod11and10],
  ['HU', /^\d{8}$/u],
  ['IE', /^\d[A-Z0-9+*]\d{5}[A-Z]{1,2}$/u],
  ['IT', /^\d{11}$/u, luhn],
  ['LT', /^(?:\d{9}|\d{12})$/u],
  ['LU', /^\d{8}$/u, (text) => Number(text.slice(0, 6)) % 89 === Number(text.slice(6))],
  ['LV', /^\d{11}$/u],
  ['MT', /^\d{8}$/u],
  ['NL', /^\d{9}B\d{2}$/u, dutch],
  ['PL', /^\d{10}$/u, nip],
  ['PT', /^\d{9}$/u],
  ['RO', /^\d{6,10}$/u],
  ['SE', /^\d{10}01$/u, (text) => luhn(text.slice(0, 10))],
  ['SI', /^\d{8}$/u],
  ['SK', /^\d{10}$/u, (text) => Number(text) % 11 === 0],
  ['XI', /^\d{9}$/u, british],
  ['CHE', /^\d{9}$/u, (text) => (11 - (weighted(text, [5, 4, 3, 2, 7, 6, 5, 4]) % 11)) % 11 === digitAt(text, 8)],
  ['NO', /^\d{9}$/u, (text) => (11 - (weighted(text, [3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === digitAt(text, 8)],
];
const byPrefix = new Map(vat.map(([prefix, rest, check]) => [prefix, { rest, check }]));
const split = (text: string): readonly [string, string] =>
  text.startsWith('CHE') ? ['CHE', text.slice(3)] : [text.slice(0, 2), text.slice(2)];
const vatOk = (text: string): boolean => {
  const [prefix, rest] = split(text.replace(/(?:MWST|TVA|IVA|MVA)$/u, ''));
  const entry = byPrefix.get(prefix);
  return entry !== undefined && entry.rest.test(rest) && (entry.check === undefined || entry.check(rest));
};
/** Only prefixes with check digits are believed without a word that names the number. */
const vatSure = (text: string): boolean => byPrefix.get(split(text)[0])?.check !== undefined && vatOk(text);
const vatForm = (text: string): boolean => {
  const [prefix, rest] = split(text);
  return byPrefix.get(prefix)?.rest.test(rest) ?? false;
};

const rows: readonly IdRow[] = [
  ['vat', 'TAX_ID', [8, 9, 10, 11, 12, 13, 14, 15], /^(?:[A-Z]{2}|CHE)[A-Z0-9]+$/u, vatSure, vatContext, 0.75],
  ['vat-form', 'TAX_ID', [8, 9, 10, 11, 12, 13, 14, 15], /^(?:[A-Z]{2}|CHE)[A-Z0-9]+$/u, vatForm, vatContext, 0],
  [
    'pl-nip',
    'TAX_ID',
    [10],
    /^[1-9]\d{9}$/u,
    nip,
    named('nip\\w*|podatkow\\w*|podatnik\\w*|tax\\w*|vat', ''),
    0,
    undefined,
    0.75,
  ],
  ['pl-regon', 'TAX_ID', [9, 14], /^\d+$/u, regon, named('regon\\w*', ''), 0, undefined, 0.75],
  ['it-piva', 'TAX_ID', [11], /^\d{11}$/u, luhn, named('partita iva|p iva|piva|vat\\w*', ''), 0],
  [
    'us-itin',
    'TAX_ID',
    [9],
    /^9\d{2}[5-9]\d{5}$/u,
    (text) => /^(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])$/u.test(text.slice(3, 5)),
    named('itin|individual taxpayer\\w*|tax\\w*', ''),
    0.6,
    /^(?:3-2-4|3-6|5-4)$/u,
  ],
  [
    'us-ein',
    'TAX_ID',
    [9],
    /^\d{9}$/u,
    undefined,
    named('ein|employer id\\w*|fein|tax\\w*(?: id\\w*)?|tin', ''),
    0,
    /^2-7$/u,
  ],
  [
    'in-pan',
    'TAX_ID',
    [10],
    /^[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]$/u,
    undefined,
    named('pan(?: card| number| no)?|permanent account|income tax|tax\\w*', ''),
    0.7,
  ],
  ['in-gstin', 'TAX_ID', [15], /^[0-3]\d[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]$/u, undefined, named('gst\\w*', ''), 0.85],
  ['br-cnpj', 'TAX_ID', [14], /^\d{14}$/u, cnpj, named('cnpj', ''), 0.8, /^2-3-3-4-2$/u, undefined, './-'],
  ['au-abn', 'TAX_ID', [11], /^[1-9]\d{10}$/u, abn, named('abn|australian business', ''), 0.55, /^2-3-3-3$/u],
  ['au-acn', 'TAX_ID', [9], /^\d{9}$/u, acn, named('acn|australian company', ''), 0.3, /^3-3-3$/u],
  ['au-tfn', 'TAX_ID', [8, 9], /^\d+$/u, tfn, named('tfn|tax file\\w*|australian tax', ''), 0.3, /^3-3-[23]$/u],
  [
    'se-orgnr',
    'TAX_ID',
    [10],
    /^[1-9]\d[2-9]\d{7}$/u,
    luhn,
    named('organisationsnummer|organisationsnr|orgnr|org nr', ''),
    0.5,
    /^6-4$/u,
  ],
  [
    'sg-uen',
    'TAX_ID',
    [9, 10],
    /^(?:\d{8,9}|[TSR]\d{2}[A-Z]{2}\d{4})[A-Z]$/u,
    undefined,
    named('uen|unique entity', ''),
    0,
  ],
  ['ph-tin', 'TAX_ID', [9, 12], /^\d+$/u, undefined, named('tin|taxpayer\\w*|tax', ''), 0],
  [
    'mx-rfc',
    'TAX_ID',
    [12, 13],
    /^[A-Z&]{3,4}\d{6}[A-Z0-9]{3}$/u,
    (text) => isMonthDay(pair(text, text.length - 7), pair(text, text.length - 5)),
    named('rfc|registro federal', ''),
    0.6,
  ],
  ['co-nit', 'TAX_ID', [9, 10], /^\d+$/u, undefined, named('nit', ''), 0],
  ['de-steuernummer', 'TAX_ID', [10, 11, 13], /^\d+$/u, undefined, named('steuernummer|steuer nr|st nr|stnr', ''), 0],
  ['fr-siren', 'TAX_ID', [9, 14], /^\d+$/u, luhn, named('siren|siret', ''), 0],
  ['uk-utr', 'TAX_ID', [10], /^\d{10}$/u, undefined, named('utr|unique taxpayer\\w*', ''), 0],
  ['ru-inn', 'TAX_ID', [10, 12], /^\d+$/u, undefined, /(?<![a-z])inn(?![a-z])|инн/u, 0],
  [
    'kr-brn',
    'TAX_ID',
    [10],
    /^\d{10}$/u,
    (text) => {
      const sum =
        weighted(text, [1, 3, 7, 1, 3, 7, 1, 3]) +
        Math.floor((digitAt(text, 8) * 5) / 10) +
        ((digitAt(text, 8) * 5) % 10);
      return (10 - (sum % 10)) % 10 === digitAt(text, 9);
    },
    /(?<![a-z])brn|business registration|사업자/u,
    0.5,
    /^3-2-5$/u,
  ],
];

/** Numbers of taxpayers, persons and companies. */
export const taxIds: readonly IdRule[] = toRules(rows);
