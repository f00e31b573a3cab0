import type { Family } from '../rule.ts';
import { email, spelledEmail } from './email.ts';
import { phone } from './phone.ts';

export { isInternational } from './calling-codes.ts';

/** E-mail addresses, also spelled out, and phone numbers world-wide. */
export const contact: Family = [email, spelledEmail, phone];
