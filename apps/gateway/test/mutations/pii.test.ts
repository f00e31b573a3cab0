import { describe } from 'vitest';
import { expectFelt } from './felt.ts';
import { mutations } from './pii-mutations.ts';
import { failing, probes } from './pii-probes.ts';

describe('R-50, R-51: the masking, taken out where content passes it', () => {
  expectFelt({
    mutations,
    probes: Object.keys(probes),
    failing,
    program: new URL('pii-probes.ts', import.meta.url),
  });
});
