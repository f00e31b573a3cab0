import { contact } from './contact/index.ts';
import { government } from './government/index.ts';
import { network } from './network/index.ts';
import { payment } from './payment/index.ts';
import { person } from './person/index.ts';
import type { Family, IdRule } from './rule.ts';
import { secrets } from './secrets/index.ts';

/** Families by subject, and the numbers of single countries. */
export type PackName = keyof typeof packs;

/** Numbers of some countries, by the first two letters of their rule; passports and licences belong to every country. */
const ofCountries = (...codes: readonly string[]): Family => {
  const wanted = new Set(codes);
  return (government as readonly IdRule[]).filter((rule) => {
    const name = rule.id.slice('government/'.length);
    return wanted.has(name.slice(0, 2)) && name[2] === '-';
  });
};
const everywhere = (government as readonly IdRule[]).filter((rule) => !/^government\/[a-z]{2}-/u.test(rule.id));

/** Ready sets of rules. Rules of several packs may overlap; `uniqueRules` of the configuration drops the doubles. */
export const packs = {
  secrets,
  network,
  payment,
  contact,
  person,
  documents: everywhere,
  us: ofCountries('us'),
  jp: ofCountries('jp'),
  uk: ofCountries('uk'),
  eu: ofCountries(
    'at',
    'be',
    'bg',
    'cy',
    'cz',
    'de',
    'dk',
    'ee',
    'es',
    'fi',
    'fr',
    'gr',
    'hr',
    'ie',
    'it',
    'lt',
    'lu',
    'lv',
    'mt',
    'nl',
    'pl',
    'pt',
    'ro',
    'se',
    'si',
    'sk',
    'no',
    'ch',
  ),
  in: ofCountries('in'),
  br: ofCountries('br'),
  kr: ofCountries('kr'),
  cn: ofCountries('cn', 'hk', 'tw'),
  ca: ofCountries('ca'),
  au: ofCountries('au'),
  world: government,
} as const satisfies Readonly<Record<string, Family>>;
