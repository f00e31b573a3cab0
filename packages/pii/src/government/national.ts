import { digitAt, isMonthDay, isRepeated, luhn, mod11and10, mod97, pair, verhoeff, weighted } from '../checksum.ts';
import type { IdRule } from '../rule.ts';

/** Words that name an identity number in no particular country. */
export const anyId = 'national id(?:entity)?(?: number| no| card)?|national identi\\w+|identity (?:number|card|no)|id card|id number|id no|government id|personal (?:id\\w*|number|code)|citizen\\w*';

/** Words of one kind of number, or of national identity numbers in general. */
export const named = (own: string, other = anyId): RegExp => new RegExp(`(?<![a-z])(?:${own}${other === '' ? '' : `|${other}`})(?![a-z])`, 'u');
const wide = (ascii: string, rest: string): RegExp => new RegExp(`(?<![a-z])(?:${ascii}|${anyId})(?![a-z])|${rest}`, 'u');

const mod11 = (text: string, weights: readonly number[], at: number): boolean => {
  const rest = 11 - (weighted(text, weights) % 11);
  return (rest === 11 ? 0 : rest) === digitAt(text, at);
};

const letters23 = 'TRWAGMYFPDXBNJZSQVHLCKE';
const spanish = (text: string): boolean => letters23[Number(text.slice(0, 8).replace('X', '0').replace('Y', '1').replace('Z', '2')) % 23] === text[8];

const oddValues = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23] as const;
const codice = (text: string): boolean => {
  let sum = 0;
  for (let at = 0; at < 15; at += 1) {
    const code = text.charCodeAt(at);
    const value = code >= 65 ? code - 65 : code - 48;
    sum += at % 2 === 0 ? oddValues[value]! : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === text[15];
};

const insee = (text: string): boolean => {
  const body = text.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - Number(BigInt(body) % 97n) === Number(text.slice(13));
};

const bsn = (text: string): boolean => !isRepeated(text) && weighted(text, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
const luhnDate = (text: string): boolean => isMonthDay(pair(text, 2), pair(text, 4) % 60) && luhn(text);
const rrn = (text: string): boolean => isMonthDay(pair(text, 2), pair(text, 4)) && (11 - (weighted(text, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10 === digitAt(text, 12);
const chinese = (text: string): boolean =>
  isMonthDay(pair(text, 10), pair(text, 12)) && '10X98765432'[weighted(text, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] === text[17];
const cpf = (text: string): boolean => {
  if (isRepeated(text)) return false;
  const first = ((weighted(text, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
  const second = ((weighted(text, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
  return first === digitAt(text, 9) && second === digitAt(text, 10);
};
const pesel = (text: string): boolean =>
  isMonthDay(pair(text, 2) % 20, pair(text, 4)) && (10 - (weighted(text, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === digitAt(text, 10);
const myNumber = (text: string): boolean => {
  const rest = weighted(text, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return !isRepeated(text) && (rest <= 1 ? 0 : 11 - rest) === digitAt(text, 11);
};
const hetu = (text: string): boolean =>
  isMonthDay(pair(text, 2), pair(text, 0)) && '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(text.slice(0, 6) + text.slice(-4, -1)) % 31] === text.at(-1);
const nric = (text: string): boolean => {
  const sum = weighted(text.slice(1), [2, 7, 6, 5, 4, 3, 2]) + ('TG'.includes(text[0]!) ? 4 : text[0] === 'M' ? 3 : 0);
  const table = 'ST'.includes(text[0]!) ? 'JZIHGFEDCBA' : text[0] === 'M' ? 'KLJNPQRTUWX' : 'XWUTRQPNMLK';
  return table[text[0] === 'M' ? 10 - (sum % 11) : sum % 11] === text[8];
};
const turkish = (text: string): boolean => {
  const odd = [0, 2, 4, 6, 8].reduce((sum, at) => sum + digitAt(text, at), 0);
  const even = [1, 3, 5, 7].reduce((sum, at) => sum + digitAt(text, at), 0);
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return tenth === digitAt(text, 9) && (odd + even + tenth) % 10 === digitAt(text, 10);
};
const belgian = (text: string): boolean => {
  const body = Number(text.slice(0, 9));
  const check = pair(text, 9);
  return isMonthDay(pair(text, 2) % 20, Math.max(1, pair(text, 4))) && (97 - (body % 97) === check || 97 - ((2_000_000_000 + body) % 97) === check);
};
const norwegian = (text: string): boolean =>
  isMonthDay(pair(text, 2) % 40, pair(text, 0) % 40) && mod11(text, [3, 7, 6, 1, 8, 9, 4, 5, 2], 9) && mod11(text, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 10);
const czech = (text: string): boolean => isMonthDay((pair(text, 2) % 50) % 20, pair(text, 4)) && (Number(text) % 11 === 0 || (Number(text.slice(0, 9)) % 11 === 10 && text[9] === '0'));
const romanian = (text: string): boolean => {
  const rest = weighted(text, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return isMonthDay(pair(text, 3), pair(text, 5)) && (rest === 10 ? 1 : rest) === digitAt(text, 12);
};
const bulgarian = (text: string): boolean => isMonthDay(pair(text, 2) % 20, pair(text, 4)) && (weighted(text, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === digitAt(text, 9);
const baltic = (text: string): boolean => {
  let rest = weighted(text, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  if (rest === 10) rest = weighted(text, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return isMonthDay(pair(text, 3), pair(text, 5)) && rest % 10 === digitAt(text, 10);
};
const israeli = (text: string): boolean => luhn(text);
const thai = (text: string): boolean => (11 - (weighted(text, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === digitAt(text, 12);
const chilean = (text: string): boolean => {
  const body = text.slice(0, -1);
  let sum = 0;
  for (let at = 0; at < body.length; at += 1) sum += digitAt(body, body.length - 1 - at) * (2 + (at % 6));
  return '0K987654321'[sum % 11] === text.at(-1);
};
const emirates = (text: string): boolean => text.startsWith('784') && luhn(text);
const ahv = (text: string): boolean => (10 - (weighted(text, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10)) % 10 === digitAt(text, 12);
const taiwan = (text: string): boolean => {
  const value = 10 + 'ABCDEFGHJKLMNPQRSTUVXYWZIO'.indexOf(text[0]!);
  return (Math.floor(value / 10) + (value % 10) * 9 + weighted(text.slice(1), [8, 7, 6, 5, 4, 3, 2, 1, 1])) % 10 === 0;
};
const hongKong = (text: string): boolean => {
  const body = text.length === 8 ? ` ${text}` : text;
  let sum = 0;
  for (let at = 0; at < 8; at += 1) {
    const char = body[at]!;
    sum += (char === ' ' ? 36 : char >= 'A' ? char.charCodeAt(0) - 55 : Number(char)) * (9 - at);
  }
  return '0A987654321'[sum % 11] === body[8];
};

/** National numbers. A base above zero is given only to forms that hardly anything else has. */
const table: readonly (readonly [id: string, lengths: readonly number[], form: RegExp, check: ((text: string) => boolean) | undefined, context: RegExp, base: number, groups?: RegExp | undefined, unchecked?: number | undefined, separators?: string])[] = [
  ['es-dni', [9], /^(?:\d{8}|[XYZ]\d{7})[A-Z]$/u, spanish, named('dni|nie|nif|documento\\w*|identidad'), 0.75],
  ['it-cf', [16], /^[A-Z]{6}\d[0-9LMNPQRSTUV][A-EHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$/u, codice, named('codice fiscale|cf|fiscal\\w*'), 0.9, undefined, 0.75],
  ['fr-nir', [15], /^[1-478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{8}$/u, insee, named('nir|insee|securite sociale|secu|social security'), 0.6],
  ['nl-bsn', [9], /^\d{9}$/u, bsn, named('bsn|burgerservice\\w*|sofi\\w*|persoonsnummer'), 0],
  ['de-idnr', [11], /^[1-9]\d{10}$/u, mod11and10, named('steuer id\\w*|steuer\\w*|idnr|identifikationsnummer|tin|tax id\\w*|tax'), 0],
  ['pl-pesel', [11], /^\d{11}$/u, pesel, named('pesel\\w*|ewidencyjn\\w*'), 0, undefined, 0.8],
  ['pl-dowod', [9], /^[A-Z]{3}\d{6}$/u, undefined, named('dowod\\w*|dowodu|dowodem|id card|tozsamosci|osobist\\w*'), 0],
  ['se-pnr', [10, 12], /^(?:19|20)?\d{6}\d{4}$/u, (text) => luhnDate(text.slice(-10)), named('personnummer|personnr|pnr|samordningsnummer|swedish'), 0.55, /^(?:6|8)-4$/u],
  ['fi-hetu', [10], /^\d{6}\d{3}[0-9A-Y]$/u, hetu, named('hetu|henkilotunnus\\w*|personbeteckning'), 0.62, /^6-4$/u],
  ['fi-hetu-letter', [11], /^\d{6}[ABCDEFYXWVU]\d{3}[0-9A-Y]$/u, hetu, named('hetu|henkilotunnus\\w*|personbeteckning'), 0.7],
  ['dk-cpr', [10], /^(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{6}$/u, undefined, named('cpr\\w*|personnummer'), 0],
  ['no-fnr', [11], /^\d{11}$/u, norwegian, named('fodselsnummer|fodselsnr|fnr|personnummer|norwegian'), 0.5],
  ['be-nrn', [11], /^\d{11}$/u, belgian, named('rijksregister\\w*|nrn|registre national|national register\\w*|niss|insz'), 0.5, /^2-2-2-3-2$|^6-3-2$/u, undefined, '.- '],
  ['pt-nif', [9], /^[1-356789]\d{8}$/u, (text) => mod11(text, [9, 8, 7, 6, 5, 4, 3, 2], 8) || (weighted(text, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 < 2 && text[8] === '0'), named('nif|contribuinte|nipc'), 0],
  ['pt-cc', [12], /^\d{9}[A-Z0-9]{2}\d$/u, undefined, named('cartao de cidadao|cc number|citizen card'), 0],
  ['at-svnr', [10], /^\d{10}$/u, (text) => (weighted(text, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11) === digitAt(text, 3), named('svnr|sozialversicherung\\w*|svn|versicherungsnummer'), 0],
  ['ch-ahv', [13], /^756\d{10}$/u, ahv, named('ahv\\w*|avs|oasi'), 0.85, undefined, undefined, '.- '],
  ['de-ausweis', [9, 10], /^[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d?$/u, undefined, named('personalausweis\\w*|ausweis\\w*|id card'), 0],
  ['de-sv', [12], /^\d{8}[A-Z]\d{3}$/u, undefined, named('sozialversicherung\\w*|rentenversicherung\\w*|sv nummer|svnr|social security'), 0.5],
  ['uk-nino', [9], /^(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/u, undefined, named('nino|ni|national insurance|ni number|insurance number'), 0.7],
  ['ie-pps', [8, 9], /^\d{7}[A-W][A-IW]?$/u, (text) => 'WABCDEFGHIJKLMNOPQRSTUV'[(weighted(text, [8, 7, 6, 5, 4, 3, 2]) + (text.length === 9 ? (text.charCodeAt(8) - 64) % 23 * 9 : 0)) % 23] === text[7], named('pps\\w*|personal public service'), 0.5],
  ['jp-mynumber', [12], /^\d{12}$/u, myNumber, wide('my number|mynumber|individual number', 'マイナンバー|個人番号'), 0],
  ['jp-corporate', [13], /^[1-9]\d{12}$/u, (text) => 9 - (weighted(text.slice(1), [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]) % 9) === digitAt(text, 0), wide('corporate number|houjin bangou', '法人番号'), 0],
  ['kr-rrn', [13], /^\d{6}[1-8]\d{6}$/u, (text) => isMonthDay(pair(text, 2), pair(text, 4)), wide('rrn|resident\\w*(?: registration)?|jumin\\w*|korean', '주민|외국인'), 0.6, /^6-7$/u],
  ['kr-rrn-checked', [13], /^\d{13}$/u, rrn, wide('rrn|resident\\w*|jumin\\w*', '주민'), 0.45],
  ['cn-ric', [18], /^[1-9]\d{16}[\dX]$/u, chinese, wide('ric|resident\\w*|id card|sfz', '身份证|身分证|公民'), 0.85],
  ['hk-id', [8, 9], /^[A-Z]{1,2}\d{6}[0-9A]$/u, hongKong, wide('hkid|hong kong', '香港|身份證'), 0],
  ['tw-id', [10], /^[A-Z][1289]\d{8}$/u, taiwan, wide('taiwan', '身分證|統一編號'), 0.55],
  ['sg-nric', [9], /^[STFGM]\d{7}[A-Z]$/u, nric, named('nric|fin|singapore'), 0.75],
  ['in-aadhaar', [12], /^[1-9]\d{11}$/u, (text) => !isRepeated(text) && verhoeff(text), wide('aadha?ar\\w*|uid|uidai', 'आधार'), 0.5, /^4-4-4$/u, 0],
  ['in-voter', [10], /^[A-Z]{3}\d{7}$/u, undefined, named('voter\\w*|epic|election\\w*'), 0],
  ['br-cpf', [11], /^\d{11}$/u, cpf, named('cpf|cadastro de pessoa\\w*|contribuinte'), 0.75, /^3-3-3-2$/u, undefined, '.- '],
  ['cl-rut', [8, 9], /^\d{7,8}[\dK]$/u, chilean, named('rut|run|rol unico'), 0.6, /^[12]-3-3-1$/u, undefined, '.-'],
  ['ar-dni', [7, 8], /^\d{7,8}$/u, undefined, named('dni|documento nacional'), 0],
  ['mx-curp', [18], /^[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d$/u, undefined, named('curp'), 0.9],
  ['ca-sin', [9], /^[1-9]\d{8}$/u, luhn, named('sin|social insurance|assurance sociale|nas'), 0.55, /^3-3-3$/u],
  ['za-id', [13], /^\d{10}[012]\d{2}$/u, luhnDate, named('south african?|rsa id|za id|sa id|identity'), 0],
  ['il-id', [9], /^\d{9}$/u, israeli, wide('teudat zehut|israeli?', 'תעודת זהות'), 0],
  ['th-id', [13], /^[1-8]\d{12}$/u, thai, wide('thai\\w*', 'บัตรประชาชน|เลขประจำตัว'), 0.45],
  ['tr-id', [11], /^[1-9]\d{10}$/u, turkish, named('tckn|t c kimlik\\w*|kimlik\\w*|turkish|tc'), 0.5],
  ['ae-id', [15], /^784\d{12}$/u, emirates, named('emirates\\w*|eid'), 0.8],
  ['my-nric', [12], /^\d{6}(?:0[1-9]|[1-5]\d|[78]\d|9[0-9])\d{4}$/u, (text) => isMonthDay(pair(text, 2), pair(text, 4)), named('mykad|nric|malaysia\\w*|ic'), 0],
  ['id-nik', [16], /^[1-9]\d{5}(?:[0-6]\d|7[01])(?:0[1-9]|1[0-2])\d{6}$/u, undefined, named('nik|ktp|kependudukan'), 0],
  ['ph-id', [12], /^\d{12}$/u, undefined, named('philsys|pcn|umid'), 0],
  ['cz-rc', [10], /^\d{10}$/u, czech, named('rodne cislo|rc|birth number'), 0.5, /^6-4$/u],
  ['ro-cnp', [13], /^[1-9]\d{12}$/u, romanian, named('cnp|cod numeric'), 0],
  ['bg-egn', [10], /^\d{10}$/u, bulgarian, wide('egn|bulgarian?', 'егн'), 0],
  ['ee-ik', [11], /^[1-8]\d{10}$/u, baltic, named('isikukood|asmens kodas|ik'), 0.4],
  ['lv-pk', [11], /^\d{11}$/u, undefined, named('personas kods'), 0],
  ['gr-amka', [11], /^(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{7}$/u, luhn, wide('amka', 'αμκα'), 0],
  ['hr-oib', [11], /^\d{11}$/u, mod11and10, named('oib'), 0],
  ['it-card', [9], /^[A-Z]{2}\d{5}[A-Z0-9]{2}$/u, undefined, named('carta d identita|carta identita|cie|identita'), 0],
  ['ng-nin', [11], /^\d{11}$/u, undefined, named('nin|nigerian?'), 0],
  ['lu-id', [13], /^(?:19|20)\d{11}$/u, undefined, named('luxembourg\\w*|matricule'), 0],
];

/** `AB 12`: mod 97 of the body is the check pair, for the ones that need no more than that. */
export const isMod97 = (body: string, check: string): boolean => mod97(body) === Number(check);

/** Numbers of persons by country. */
export const nationalIds: readonly IdRule[] = table.map(([id, lengths, form, check, context, base, groups, unchecked, separators]): IdRule => ({
  kind: 'id',
  id: `government/${id}`,
  label: 'NATIONAL_ID',
  lengths,
  form,
  ...(check === undefined ? {} : { check }),
  context,
  base,
  known: check === undefined ? 0.75 : 0.9,
  ...(groups === undefined ? {} : { groups }),
  ...(unchecked === undefined ? {} : { unchecked }),
  ...(separators === undefined ? {} : { separators }),
}));
