import { expect, test } from 'vitest';
import { createPlanCache } from './plan-cache.ts';
import type { Plan } from './plan.ts';
import type { Target } from './request.ts';

function counting() {
  const made: string[] = [];
  const cache = createPlanCache(
    (who, target): Plan => {
      made.push(
        `${who.key} ${target.server} ${target.method} ${target.tool ?? target.prompt ?? target.resource ?? ''}`,
      );
      return { denies: [], allows: [], curable: [], shadows: [], open: false, settled: true };
    },
    ({ key }) => ({ roles: new Set(), scopes: new Set(), key }),
  );
  const find = (target: Partial<Target>, key = 'class'): Plan =>
    cache.find(Object.freeze({ key }), { server: 's', method: 'm', ...target });
  return { find, made };
}

test('remembers by everything a rule can look at, and by nothing else', () => {
  const { find, made } = counting();
  const distinct: [Partial<Target>, string?][] = [
    [{ tool: 'a' }],
    [{ tool: 'b' }],
    [{ prompt: 'a' }],
    [{ resource: 'a' }],
    [{}],
    [{ tool: 'a', annotations: {} }],
    [{ tool: 'a', annotations: { readOnlyHint: true } }],
    [{ tool: 'a', annotations: { readOnlyHint: false } }],
    [{ tool: 'a', annotations: { destructiveHint: true } }],
    [{ tool: 'a', server: 't' }],
    [{ tool: 'a', server: undefined }],
    [{ tool: 'a', method: 'n' }],
    [{ tool: 'a' }, 'other'],
  ];
  const plans = distinct.map(([target, key]) => find(target, key));
  expect(new Set(plans).size).toBe(distinct.length);
  const again = distinct.map(([target, key]) => find(target, key));
  expect(again.every((plan, i) => plan === plans[i])).toBe(true);
  expect(made).toHaveLength(distinct.length);
});

test('is bounded, in names and in classes', () => {
  const { find, made } = counting();
  find({ tool: 'first' });
  for (let i = 0; i < 25_000; i++) find({ tool: `t${i}` });
  const before = made.length;
  find({ tool: 'first' });
  expect(made.length).toBe(before + 1);
  for (let i = 0; i < 2500; i++) find({ tool: 'x' }, `class-${i}`);
  const after = made.length;
  find({ tool: 'x' }, 'class-0');
  expect(made.length).toBe(after + 1);
});
