import type { FieldRule } from '../rule.ts';
import { judgeValue } from './assignment.ts';
import { strengthOf } from './key-name.ts';

const longest = 8192;
const scheme = /^(?:bearer|basic|digest|token|apikey|ssws)\s{1,4}(?=\S)/iu;
const short = /(?<![a-z])(?:cvv2?|cvc2?|pin|otp|security code|passcode) $/u;

/** A value whose key says that it is a secret, even one that looks like words or is a number. */
export const secretField: FieldRule = {
  kind: 'field',
  id: 'secrets/field',
  concerns: (key) => strengthOf(key) !== 'none',
  match(key, value) {
    const strength = strengthOf(key);
    if (strength === 'none' || value.length > longest) return undefined;
    if (short.test(key)) return /^\d{3,8}$/u.test(value) ? { label: 'SECRET', score: 0.8 } : undefined;
    // What stands behind the name of a scheme is a credential whatever the field is called.
    const bare = value.replace(scheme, '');
    const score = judgeValue(bare === value ? strength : 'secret', bare, true);
    return score === 0 ? undefined : { label: 'SECRET', score };
  },
};
