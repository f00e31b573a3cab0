import { describe, expect, it } from 'vitest';
import { allRules } from '../src/default-rules.ts';
import { createEngine } from '../src/engine.ts';
import type { Engine } from '../src/engine.ts';

const timeOf = (run: () => unknown): number => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** CPU time of 10 MB and of 1 MB of the same. Ten times the text may take ten times as long, with room for noise. */
function grows(engine: Engine, text: string, name: string): void {
  const unit = text.repeat(Math.ceil(1_000_000 / text.length));
  const one = timeOf(() => engine.find(unit));
  expect(
    timeOf(() => engine.find(unit.repeat(10))),
    name,
  ).toBeLessThan(Math.max(60, one * 10) * 3);
}

/** Each detector alone, so that none hides behind another. */
describe('ten megabytes of the worst that a detector can be given', () => {
  it('identity numbers', { timeout: 120_000 }, () => {
    grows(
      createEngine({ rules: allRules.filter((rule) => rule.kind === 'id') }),
      'SSN 12-34 5678 ',
      'identity numbers',
    );
  });

  for (const rule of allRules) {
    if (rule.kind === 'id' || rule.kind === 'field') continue;
    it(rule.id, { timeout: 120_000 }, () => {
      // Without decoding, which is measured with the engine as a whole: what is timed here is the rule.
      const engine = createEngine({ rules: [rule], decode: false });
      grows(engine, rule.kind === 'anchor' ? rule.anchors[0]! : '4111 1111.', rule.id);
    });
  }
});
