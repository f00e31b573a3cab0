import type { Scores } from './run.ts';

/** Reasons by `<scenario>` or `<scenario>:<check id>`. */
export type ExpectedFailures = Readonly<Record<string, string>>;

/**
 * What a run through the gateway lacks against the direct run and nobody expected, and the expectations that no longer
 * come true. Both lists empty means that the cell is as good as its expected-failure file says.
 */
export function compareScores(direct: Scores, gateway: Scores, expected: ExpectedFailures) {
  const unexpected: string[] = [];
  const used = new Set<string>();
  for (const [scenario, want] of direct) {
    const got = gateway.get(scenario);
    for (const [check, times] of want.passes) {
      const passes = got?.passes.get(check) ?? 0;
      if (passes >= times) continue;
      const line = [`${scenario}:${check}`, scenario].find((key) => Object.hasOwn(expected, key));
      if (line !== undefined) used.add(line);
      else
        unexpected.push(`${scenario}:${check} passed ${passes} of ${times}. ${got?.failures.join('; ') ?? 'not run'}`);
    }
  }
  const stale = Object.keys(expected).filter((line) => !used.has(line));
  return { unexpected, stale };
}
