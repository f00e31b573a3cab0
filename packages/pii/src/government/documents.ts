import { digitAt, isRepeated, luhn, weighted } from '../checksum.ts';
import type { IdRule } from '../rule.ts';
import { named, toRules } from './row.ts';
import type { IdRow } from './row.ts';

const nhs = (text: string): boolean => {
  const check = 11 - (weighted(text, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return !isRepeated(text) && (check === 11 ? 0 : check) === digitAt(text, 9);
};
const medicare = (text: string): boolean =>
  /^[2-6]/u.test(text) && weighted(text, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digitAt(text, 8);
const npi = (text: string): boolean => luhn(`80840${text}`);
const dea = (text: string): boolean =>
  (digitAt(text, 2) +
    digitAt(text, 4) +
    digitAt(text, 6) +
    2 * (digitAt(text, 3) + digitAt(text, 5) + digitAt(text, 7))) %
    10 ===
  digitAt(text, 8);
const kvnr = (text: string): boolean => {
  const digits = String(text.charCodeAt(0) - 64).padStart(2, '0') + text.slice(1, 9);
  let sum = 0;
  for (let at = 0; at < 10; at += 1) {
    const value = digitAt(digits, at) * (at % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === digitAt(text, 9);
};
const vinValues = '0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ';
const vin = (text: string): boolean => {
  const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
  let sum = 0;
  for (const [at, weight] of weights.entries()) sum += (vinValues.indexOf(text[at]!) % 10) * weight;
  return '0123456789X'[sum % 11] === text[8];
};

const passport = named(
  'passports?(?: number| no| nr| num)?|passeport|pasaporte|passaporto|passaporte|reisepass\\w*|paszport\\w*|paspoort\\w*|passnummer|passi',
  '',
);
const passportWide = new RegExp(`${passport.source}|パスポート|旅券|护照|護照|여권|паспорт`, 'u');
const licence = named(
  'driv\\w*(?: s)? licen[cs]e(?: number| no| num)?|licen[cs]e(?: number| no| num)?|dl(?: number| no)?|fuhrerschein\\w*|permis de conduire|permis|patente(?: di guida)?|prawo jazdy|prawa jazdy|prawem jazdy|rijbewijs|carnet de conducir|licencia',
  '',
);
const vehicle = named(
  'vin|vehicle(?: identification| registration| number| reg)?|chassis|plate|licen[cs]e plate|number plate|registration|kennzeichen|rejestracyjn\\w*|nr rej|rej|pojazd\\w*|matricula|targa|immatriculation|kenteken|plaka|car',
  '',
);

const rows: readonly IdRow[] = [
  [
    'us-ssn',
    'US_SSN',
    [9],
    /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/u,
    (text) => !isRepeated(text) && text !== '123456789' && text !== '987654321',
    named('ssns?|social security(?: number| no)?|soc sec', ''),
    0.75,
    /^3-2-4$/u,
  ],
  [
    'us-ssn-hyphen',
    'US_SSN',
    [9],
    /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/u,
    (text) => !isRepeated(text),
    named('ssns?|social security', ''),
    0.6,
    /^(?:5-4|3-6)$/u,
    undefined,
    '-',
  ],
  ['passport', 'PASSPORT', [6, 7, 8, 9, 10], /^(?=[A-Z0-9]*\d{3})[A-Z0-9]+$/u, undefined, passportWide, 0],
  [
    'licence',
    'DRIVER_LICENSE',
    [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
    /^(?=(?:[A-Z]*\d){3})[A-Z0-9]+$/u,
    undefined,
    licence,
    0,
  ],
  [
    'uk-licence',
    'DRIVER_LICENSE',
    [16, 18],
    /^[A-Z9]{5}\d[0156]\d[0-3]\d{2}[A-Z9]{2}\d[A-Z]{2}(?:\d{2})?$/u,
    undefined,
    licence,
    0.8,
  ],
  ['it-licence', 'DRIVER_LICENSE', [10], /^(?:[A-Z]{2}\d{7}[A-Z]|U1[A-Z0-9]{7}[A-Z])$/u, undefined, licence, 0.4],
  ['vin', 'VEHICLE_ID', [17], /^(?=.*\d)(?=.*[A-Z])[A-HJ-NPR-Z0-9]{17}$/u, vin, vehicle, 0.6, undefined, 0.8],
  ['plate', 'VEHICLE_ID', [5, 6, 7, 8, 9, 10], /^(?=.*\d)(?=.*[A-Z])[A-Z0-9]+$/u, undefined, vehicle, 0],
  ['uk-plate', 'VEHICLE_ID', [7], /^[A-HJ-PR-Y]{2}(?:0[1-9]|[1-7]\d)[A-HJ-PR-Z]{3}$/u, undefined, vehicle, 0.3],
  [
    'in-plate',
    'VEHICLE_ID',
    [9, 10],
    /^(?:AN|AP|AR|AS|BR|CG|CH|DD|DL|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|PB|PY|RJ|SK|TN|TR|TS|UK|UP|WB)\d{1,2}[A-Z]{1,3}\d{4}$/u,
    undefined,
    vehicle,
    0.5,
  ],
  ['imei', 'DEVICE_ID', [15], /^\d{15}$/u, luhn, named('imei', ''), 0],
  ['uk-nhs', 'MEDICAL_ID', [10], /^\d{10}$/u, nhs, named('nhs(?: number| no)?|patient|health\\w*', ''), 0, /^3-3-4$/u],
  [
    'us-mbi',
    'MEDICAL_ID',
    [11],
    /^[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y]{2}\d{2}$/u,
    undefined,
    named('mbi|medicare\\w*|beneficiary', ''),
    0.85,
  ],
  ['us-npi', 'MEDICAL_ID', [10], /^[12]\d{9}$/u, npi, named('npi|provider', ''), 0],
  ['us-dea', 'MEDICAL_ID', [9], /^[A-Z]{2}\d{7}$/u, dea, named('dea|medical licen[cs]e|prescriber', ''), 0.6],
  ['au-medicare', 'MEDICAL_ID', [10, 11], /^\d+$/u, medicare, named('medicare\\w*', ''), 0.5, /^4-5-1(?:-1)?$/u],
  [
    'de-kvnr',
    'MEDICAL_ID',
    [10],
    /^[A-Z]\d{9}$/u,
    kvnr,
    named('krankenversich\\w*|kvnr|versichertennummer|health insurance|gesundheitskarte|egk', ''),
    0.5,
  ],
  ['de-lanr', 'MEDICAL_ID', [9], /^\d{9}$/u, undefined, named('lanr|arztnummer|bsnr', ''), 0],
  [
    'medical',
    'MEDICAL_ID',
    [6, 7, 8, 9, 10, 11, 12],
    /^[A-Z]{0,4}\d+[A-Z]?$/u,
    undefined,
    named(
      'mrn|medical record\\w*|patient (?:id|number|no)|health (?:card|insurance|id)\\w*|insurance (?:id|policy|number)|policy (?:number|no|id)',
      '',
    ),
    0,
  ],
  ['fr-cni', 'NATIONAL_ID', [12], /^\d{12}$/u, undefined, named('cni|carte d identite|carte nationale', ''), 0],
  [
    'member',
    'OTHER_ID',
    [5, 6, 7, 8, 9, 10, 11, 12],
    /^(?=.*\d{3})[A-Z0-9]+$/u,
    undefined,
    named('(?:employee|member|student|customer|voter|badge|staff|policyholder)(?: id| number| no)', ''),
    0,
  ],
];

/** Social security numbers of the USA, passports, licences, vehicles, devices and medical numbers. */
export const documents: readonly IdRule[] = toRules(rows);
