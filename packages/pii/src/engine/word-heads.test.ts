import { describe, expect, it } from 'vitest';
import { allRules } from '../default-rules.ts';
import { headsOf, wordTest } from './word-heads.ts';

describe('word heads', () => {
  it('never keep an expression from matching', () => {
    for (const rule of allRules) {
      if (rule.kind !== 'id') continue;
      const quick = wordTest(rule.context);
      for (const words of [
        ' ssn ',
        ' social security number ',
        ' my passport is ',
        ' steuer id ',
        ' national insurance ',
        ' 2fa nip ',
        ' マイナンバー ',
        ' vat id ',
        ' tc kimlik ',
        ' x ',
        ' driver s license ',
      ]) {
        expect(quick(words), `${rule.id} on ${words}`).toBe(rule.context.test(words));
      }
    }
  });

  it('can be told for every rule, so that none is asked in vain', () => {
    for (const rule of allRules) if (rule.kind === 'id') expect(headsOf(rule.context), rule.id).toBeDefined();
  });
});
