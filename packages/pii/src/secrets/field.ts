import type { FieldRule } from '../rule.ts';
import { judgeValue } from './assignment.ts';
import { strengthOf } from './key-name.ts';

/** A value whose key says that it is a secret, even one that looks like words. */
export const secretField: FieldRule = {
  kind: 'field',
  id: 'secrets/field',
  concerns: (key) => strengthOf(key) !== 'none',
  match(key, value) {
    const strength = strengthOf(key);
    if (strength === 'none' || value.length > 8192) return undefined;
    const score = judgeValue(strength, value, true);
    return score === 0 ? undefined : { label: 'SECRET', score };
  },
};
