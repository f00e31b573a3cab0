import type { Family } from '../rule.ts';
import { documents } from './documents.ts';
import { europeanIds } from './national-europe.ts';
import { otherIds } from './national.ts';
import { toRules } from './row.ts';
import { taxIds } from './tax.ts';

/** Numbers of persons by country. */
export const nationalIds: Family = toRules([...europeanIds, ...otherIds]);
export { documents, taxIds };

/** Numbers that states give to persons, companies, documents and vehicles. */
export const government: Family = [...documents, ...nationalIds, ...taxIds];
