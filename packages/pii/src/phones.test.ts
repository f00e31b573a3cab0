import { expect, it } from 'vitest';
import { createEngine } from './engine.ts';
import { nationalPhones } from './phones.ts';

it('finds national numbers of the countries given, and of no other', () => {
  const polish = createEngine({ rules: [nationalPhones(['PL'])] });
  const text = 'zapis 512 345 752 koniec';
  expect(polish.find(text).map((one) => text.slice(one.start, one.end))).toEqual(['512 345 752']);
  expect(createEngine({ rules: [nationalPhones(['SG'])] }).find(text)).toEqual([]);
  expect(polish.find('wersja 111 111 111')).toEqual([]);
  expect(() => nationalPhones([])).toThrow(TypeError);
});
