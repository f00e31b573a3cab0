import type { Label } from '../label.ts';
import type { IdRule } from '../rule.ts';

/** Words that name an identity number in no particular country. */
export const anyId =
  'national id(?:entity)?(?: number| no| card)?|national identi\\w+|identity (?:number|card|no)|id card|id number|id no|government id|personal (?:id\\w*|number|code)|citizen\\w*';

/** Words of one kind of number, or of national identity numbers in general. */
export const named = (own: string, other = anyId): RegExp =>
  new RegExp(`(?<![a-z])(?:${own}${other === '' ? '' : `|${other}`})(?![a-z])`, 'u');
/** The same with words outside ASCII, which have no letters around them to tell apart. */
export const wide = (ascii: string, rest: string): RegExp =>
  new RegExp(`(?<![a-z])(?:${ascii}|${anyId})(?![a-z])|${rest}`, 'u');

/** One number as a line of a table; the meaning of each column is that of the field of `IdRule`. */
export type IdRow = readonly [
  id: string,
  label: Label,
  lengths: readonly number[],
  form: RegExp,
  check: ((text: string) => boolean) | undefined,
  context: RegExp,
  base: number,
  groups?: RegExp | undefined,
  unchecked?: number | undefined,
  separators?: string,
];

/** Makes rules of rows. A number without check digits is believed less, even under its name. */
export const toRules = (rows: readonly IdRow[]): readonly IdRule[] =>
  rows.map(([id, label, lengths, form, check, context, base, groups, unchecked, separators]): IdRule => ({
    kind: 'id',
    id: `government/${id}`,
    label,
    lengths,
    form,
    ...(check === undefined ? {} : { check }),
    context,
    base,
    known: check === undefined ? 0.72 : label === 'US_SSN' ? 0.95 : 0.9,
    ...(groups === undefined ? {} : { groups }),
    ...(unchecked === undefined ? {} : { unchecked }),
    ...(separators === undefined ? {} : { separators }),
  }));
