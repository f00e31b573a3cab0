import { describe, expect, test } from 'vitest';
import { compareScores } from './compare.ts';
import type { ScenarioScore, Scores } from './run.ts';

const score = (passes: Record<string, number>): ScenarioScore => ({
  passed: Object.values(passes).reduce((sum, times) => sum + times, 0),
  failed: 0,
  passes: new Map(Object.entries(passes)),
  failures: [],
});
const scores = (entries: Record<string, Record<string, number>>): Scores =>
  new Map(Object.entries(entries).map(([scenario, passes]) => [scenario, score(passes)]));

describe('compareScores', () => {
  const direct = scores({ list: { shape: 1, 'wire-valid': 2 }, call: { shape: 1 } });

  test('an equal run lacks nothing', () => {
    expect(compareScores(direct, direct, {})).toEqual({ unexpected: [], stale: [] });
  });

  test('a check that passes less often than directly is unexpected', () => {
    const { unexpected } = compareScores(
      direct,
      scores({ list: { shape: 1, 'wire-valid': 1 }, call: { shape: 1 } }),
      {},
    );
    expect(unexpected).toEqual([expect.stringContaining('list:wire-valid passed 1 of 2')]);
  });

  test('a scenario that was not run at all is unexpected, although it has no failure', () => {
    expect(compareScores(direct, scores({ list: { shape: 1, 'wire-valid': 2 } }), {}).unexpected).toHaveLength(1);
  });

  test('a line covers its check or its whole scenario', () => {
    const empty = scores({});
    const expected = { list: 'no lists yet', 'call:shape': 'no calls yet' };
    expect(compareScores(direct, empty, expected)).toEqual({ unexpected: [], stale: [] });
  });

  test('a line whose failure is gone is stale', () => {
    expect(compareScores(direct, direct, { call: 'no calls yet' }).stale).toEqual(['call']);
  });
});
