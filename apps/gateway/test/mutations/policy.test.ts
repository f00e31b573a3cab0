import { describe } from 'vitest';
import { expectFelt } from './felt.ts';
import { mutations } from './policy-mutations.ts';
import { failing, probes } from './policy-probes.ts';

describe('the policy, taken out where it is asked', () => {
  expectFelt({
    mutations,
    probes: Object.keys(probes),
    failing,
    program: new URL('policy-probes.ts', import.meta.url),
    probeMs: 120_000,
    allMs: 900_000,
  });
});
