import { describe } from 'vitest';
import { expectFelt } from './felt.ts';
import { mutations } from './auth-mutations.ts';
import { failing, probes } from './auth-probes.ts';

describe('authentication, taken out where it is asked', () => {
  expectFelt({
    mutations,
    probes: Object.keys(probes),
    failing,
    program: new URL('auth-probes.ts', import.meta.url),
  });
});
