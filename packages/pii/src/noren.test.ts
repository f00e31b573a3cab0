import { expect, it } from 'vitest';
import { createMasker } from './masker.ts';
import { fromNorenPlugin } from './noren.ts';

it('runs the detectors of a noren plugin over JSON values', () => {
  const detector = {
    id: 'jp.postal',
    match: (u: { src: string; push(hit: { type: string; start: number; end: number; value: string }): void }) => {
      const found = /〒?\d{3}-\d{4}/u.exec(u.src);
      if (found !== null)
        u.push({ type: 'postal_jp', start: found.index, end: found.index + found[0].length, value: found[0] });
    },
  };
  const masker = createMasker({ rules: fromNorenPlugin([detector], { labels: { postal_jp: 'POSTAL_CODE' } }) });
  expect(masker.maskJson('{"a":"〒150-0001","b":"x"}').text).toBe('{"a":"[POSTAL_CODE]","b":"x"}');
});
