import { wordTest } from '../engine/word-heads.ts';
import type { AnchorRule, Family, FieldRule } from '../rule.ts';

const nameKeys = wordTest(
  /(?<![a-z])(?:full ?name|fullname|first ?name|firstname|last ?name|lastname|surname|given ?name|family ?name|middle ?name|maiden ?name|customer ?name|patient ?name|employee ?name|contact ?name|cardholder(?: name)?|account ?holder|beneficiary|recipient(?: name)?|legal ?name|nachname|vorname|nom de famille|prenom|nombre completo|apellidos?|cognome|imie|nazwisko) $|氏名|姓名|성명/u,
);
const addressKeys = wordTest(
  /(?<![a-z])(?:street(?: address)?|address ?(?:line)? ?[12]?|home ?address|postal ?address|mailing ?address|billing ?address|shipping ?address|strasse|adresse|direccion|indirizzo|adres|endereco) $|住所|地址|주소/u,
);
const postalKeys = wordTest(/(?<![a-z])(?:zip(?: ?code)?|post(?:al)? ?code|plz|code postal|cap|cep) $|郵便番号|邮编/u);
const birthKeys = wordTest(
  /(?<![a-z])(?:dob|date of birth|birth ?date|birthday|birth|born|geburtsdatum|date de naissance|fecha de nacimiento|data di nascita|data urodzenia) $|生年月日|出生日期|생년월일/u,
);
const date =
  /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:T[\d:.Z+-]{1,20})?$|^\d{1,2}\.? [A-Za-z]{3,9}\.? \d{4}$|^[A-Za-z]{3,9} \d{1,2},? \d{4}$|^\d{8}$/u;
const network = /^(?:\d{1,3}\.){3}\d{1,3}|^0x|^[\w.+-]+@|:\/\//u;

/** Names, addresses and dates of birth in JSON, by their keys only: nothing else makes them safe to tell. */
export const personFields: FieldRule = {
  kind: 'field',
  id: 'person/field',
  concerns: (key) => nameKeys(key) || addressKeys(key) || postalKeys(key) || birthKeys(key),
  match(key, value) {
    if (value.length < 2 || value.length > 200) return undefined;
    if (nameKeys(key))
      // A path, an account or an expression under such a key is the name of a thing, as `full_name` of a repository.
      return /\p{L}/u.test(value) && !/[{}<>=\\/_@#|]|\d{3}/u.test(value)
        ? { label: 'PERSON', score: 0.75 }
        : undefined;
    if (birthKeys(key)) return date.test(value) ? { label: 'DATE_OF_BIRTH', score: 0.85 } : undefined;
    if (postalKeys(key))
      return /^[A-Z0-9][A-Z0-9 -]{2,9}$/iu.test(value) && /\d/u.test(value)
        ? { label: 'POSTAL_CODE', score: 0.7 }
        : undefined;
    if (addressKeys(key) && /\p{L}/u.test(value) && /[\d ]/u.test(value) && !network.test(value))
      return { label: 'ADDRESS', score: 0.7 };
    return undefined;
  },
};

const honorific =
  /(?:Mr|Mrs|Ms|Mx|Dr|Prof|Herr|Frau|Monsieur|Madame|Mme|Sr|Sra|Señor|Señora|Sig|Signora|Pan|Pani)\.? {1,2}((?:[A-ZÀ-Þ][\p{L}'’-]{1,24})(?: (?:van|von|de|der|da|del|la|le|[A-Z]\.)){0,2}(?: [A-ZÀ-Þ][\p{L}'’-]{1,24}){0,2})/uy;

/** Names behind an honorific. */
export const honorifics: AnchorRule = {
  kind: 'anchor',
  id: 'person/honorific',
  label: 'PERSON',
  anchors: [
    'mr. ',
    'mrs. ',
    'ms. ',
    'mx. ',
    'dr. ',
    'prof. ',
    'mr ',
    'mrs ',
    'herr ',
    'frau ',
    'monsieur ',
    'madame ',
    'mme ',
    'sra. ',
    'signora ',
  ],
  match(scan, start) {
    if (start > scan.lo && /[\p{L}\p{N}]/u.test(scan.text[start - 1]!)) return 0;
    honorific.lastIndex = start;
    const found = honorific.exec(scan.text);
    if (found === null || honorific.lastIndex > scan.hi) return 0;
    scan.add(honorific.lastIndex - found[1]!.length, honorific.lastIndex, 'PERSON', 'person/honorific', 0.6);
    return honorific.lastIndex;
  },
};

const birth =
  /(?:dob|d\.o\.b\.?|date of birth|birth ?date|birthday|born(?: on)?|geburtsdatum|geboren am|née? le|fecha de nacimiento|data urodzenia)["']?\s{0,3}(?:is|[:=]|on)?\s{0,3}["']?(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}\.? [A-Za-z]{3,9}\.? \d{4}|[A-Za-z]{3,9} \d{1,2},? \d{4})/iy;

/** Dates behind the words that say somebody was born on them. */
export const births: AnchorRule = {
  kind: 'anchor',
  id: 'person/birth',
  label: 'DATE_OF_BIRTH',
  anchors: [
    'dob',
    'd.o.b',
    'date of birth',
    'birthdate',
    'birth date',
    'birthday',
    'born',
    'geburtsdatum',
    'geboren am',
    'fecha de nacimiento',
    'data urodzenia',
  ],
  match(scan, start) {
    birth.lastIndex = start;
    const found = birth.exec(scan.text);
    if (found === null || birth.lastIndex > scan.hi) return 0;
    scan.add(birth.lastIndex - found[1]!.length, birth.lastIndex, 'DATE_OF_BIRTH', 'person/birth', 0.8);
    return birth.lastIndex;
  },
};

/** What can be told of persons without a language model: names by key or honorific, addresses by key, dates of birth. */
export const person: Family = [personFields, honorifics, births];
