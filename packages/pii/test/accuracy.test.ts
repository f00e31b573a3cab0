import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addDocument, newScore, ratios, readCorpora, structured } from '../bench/score.ts';
import { allRules } from '../src/default-rules.ts';
import { createEngine } from '../src/engine.ts';

const shared = readCorpora(resolve(import.meta.dirname, '../../../../shared/data/pii'));
const corpora = shared.size > 0 ? shared : readCorpora(resolve(import.meta.dirname, 'fixtures/sample'));

/** A little under what is reached, so that a change for the worse is felt and a new document is not. */
const least: Readonly<Record<(typeof structured)[number], number>> = {
  EMAIL: 0.99,
  PHONE: 0.94,
  CREDIT_CARD: 0.985,
  IBAN: 0.98,
  US_SSN: 0.98,
  IP: 0.98,
  MAC: 0.99,
  GOV_ID: 0.93,
  CRYPTO_WALLET: 0.985,
  SECRET: 0.88,
};

describe('accuracy on labelled data', () => {
  const engine = createEngine({ rules: allRules });
  const score = newScore();
  let negatives = 0;
  let wrong = 0;
  for (const [name, documents] of corpora) {
    for (const document of documents) {
      const found = engine.findJson(document.text);
      addDocument(score, document, found);
      if (!name.startsWith('neg_')) continue;
      negatives += document.text.length;
      wrong += found.filter((one) => one.label !== 'PERSON' && one.label !== 'DATE_OF_BIRTH').length;
    }
  }

  it.each(structured)('%s', (group) => {
    expect(ratios(score.byGroup.get(group)!).f1).toBeGreaterThanOrEqual(least[group]);
  });

  it('masks few things that are nothing', () => {
    expect((wrong * 1e6) / Math.max(1, negatives)).toBeLessThan(6);
  });

  it('leaks few of the labelled characters', () => {
    expect(score.leaked / score.characters).toBeLessThan(0.07);
  });
});
