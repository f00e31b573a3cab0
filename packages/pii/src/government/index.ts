import type { Family } from '../rule.ts';
import { documents } from './documents.ts';
import { nationalIds } from './national.ts';
import { taxIds } from './tax.ts';

export { documents, nationalIds, taxIds };

/** Numbers that states give to persons, companies, documents and vehicles. */
export const government: Family = [...documents, ...nationalIds, ...taxIds];
