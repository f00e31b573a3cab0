import { contact } from './contact/index.ts';
import { government } from './government/index.ts';
import { network } from './network/index.ts';
import { payment } from './payment/index.ts';
import { person } from './person/index.ts';
import type { Family } from './rule.ts';
import { secrets } from './secrets/index.ts';

/** Every family of this package. */
export const allRules: Family = [...secrets, ...network, ...payment, ...government, ...contact, ...person];
