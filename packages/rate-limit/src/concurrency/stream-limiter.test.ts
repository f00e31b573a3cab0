import { expect, test } from 'vitest';
import { createStreamLimiter } from './stream-limiter.ts';

const rules = [
  { name: 'each', by: ['principal'] as const, limit: 2 },
  { name: 'all', by: [], limit: 3 },
];

test('counts streams while they are open, under all rules or none', () => {
  const limiter = createStreamLimiter({ rules });
  const open = (principal: string) => limiter.open({ principal });
  const first = open('a');
  open('a');
  expect(open('a')).toMatchObject({ opened: false, rule: 'each', refusal: { status: 503, policies: ['each'] } });
  expect(limiter.count('all')).toBe(2);
  open('b');
  expect(open('c')).toMatchObject({ opened: false, rule: 'all' });
  expect(limiter.count('each')).toBe(3);
  if (!first.opened) throw new Error('the first stream must open');
  first.close();
  first.close();
  expect([limiter.count('each'), limiter.count('all')]).toEqual([2, 2]);
  expect(open('c').opened).toBe(true);
});

test('remembers nothing of streams that are closed', () => {
  const limiter = createStreamLimiter({ rules });
  for (let i = 0; i < 1000; i++) {
    const stream = limiter.open({ principal: `p${i}` });
    if (stream.opened) stream.close();
  }
  expect([limiter.count('each'), limiter.count('all'), limiter.count('none')]).toEqual([0, 0, 0]);
});

test.each([
  [{ name: '', by: [], limit: 1 }],
  [{ name: 'a', by: [], limit: 0 }],
  [{ name: 'a', by: ['planet' as never], limit: 1 }],
])('refuses %j at construction', (rule) => {
  expect(() => createStreamLimiter({ rules: [rule] })).toThrow(TypeError);
});
