import { describe, expect, expectTypeOf, it } from 'vitest';
import { choosesNoBox, type SandboxConfig, sandboxConfigSchema, sandboxProfileSchema } from '../config.ts';
import { NO_BOX_SENTENCE } from '../backends/none.ts';
import type { z } from 'zod';
import { checkProfile, resolveLimits } from './check-profile.ts';
import { mergeProfile } from './merge.ts';
import type { SandboxProfile } from './profile.ts';

const GOOD: SandboxProfile = {
  filesystem: { allowRead: ['/a'], denyRead: ['/a/b'], allowWrite: ['~/c'], denyWrite: ['/d/**'] },
  network: { allowedDomains: ['a.test'], deniedDomains: [] },
  env: { A: 'x', B: true, C: { secret: 's' }, D: { secret: 's', broker: { host: 'a.test', header: 'authorization' } } },
  spawn: true,
  unixSockets: false,
  cwd: '/a',
  limits: { memoryBytes: 2 ** 28 },
  enforcement: 'best-effort',
};
const BAD: [string, unknown][] = [
  ['filesystem.allowReads', { filesystem: { allowReads: [] } }],
  ['net', { net: {} }],
  ['limits.memory', { limits: { memory: 1 } }],
  ['limits.memoryBytes', { limits: { memoryBytes: 1 } }],
  ['limits.processes', { limits: { processes: 12.5 } }],
  ['limits.wallMs', { limits: { wallMs: Infinity } }],
  ['limits.cpuPercent', { limits: { cpuPercent: '50' } }],
  ['spawn', { spawn: 'yes' }],
  ['env.9', { env: { 9: 'x' } }],
  ['env.A', { env: { A: 5 } }],
  ['env.A', { env: { A: false } }],
  ['env.A.broker.header', { env: { A: { secret: 's', broker: { host: 'h', header: 'a b' } } } }],
  ['enforcement', { enforcement: 'none' }],
  ['network.allowedDomains', { network: { allowedDomains: 'a.test' } }],
  ['filesystem.allowRead[0]', { filesystem: { allowRead: [''] } }],
  ['profile', null],
  ['profile', []],
];

describe('a profile', () => {
  it('is taken by the code and by the schema alike', () => {
    expect(checkProfile(GOOD)).toBe(GOOD);
    expect(sandboxProfileSchema.parse(GOOD)).toEqual(GOOD);
    expectTypeOf<z.infer<typeof sandboxProfileSchema>>().toExtend<Loose<SandboxProfile>>();
    expectTypeOf<keyof z.infer<typeof sandboxProfileSchema>>().toEqualTypeOf<keyof SandboxProfile>();
    expectTypeOf<keyof NonNullable<z.infer<typeof sandboxProfileSchema>['limits']>>().toEqualTypeOf<
      keyof NonNullable<SandboxProfile['limits']>
    >();
    expectTypeOf<keyof NonNullable<z.infer<typeof sandboxProfileSchema>['filesystem']>>().toEqualTypeOf<
      keyof NonNullable<SandboxProfile['filesystem']>
    >();
  });
  it.each(BAD)('is refused by both for %s', (where, value) => {
    expect(() => checkProfile(value)).toThrow(
      expect.objectContaining({
        code: 'ERR_SANDBOX_PROFILE_INVALID',
        message: expect.stringContaining(`\`${where}\``),
      }),
    );
    expect(sandboxProfileSchema.safeParse(value).success).toBe(false);
  });
  it('with one field leaves the defaults of all others', () => {
    expect(resolveLimits({ processes: 20 })).toEqual({
      memoryBytes: 2 ** 30,
      processes: 20,
      openFiles: 1024,
      tmpBytes: 2 ** 26,
      fileBytes: 2 ** 26,
      stdoutBytesPerSecond: 2 ** 24,
    });
  });
  it('only grows by what is proposed', () => {
    expect(
      mergeProfile(GOOD, {
        filesystem: { allowRead: ['/b'] },
        spawn: true,
        env: { A: true, Z: true },
        limits: { processes: 100 },
      }),
    ).toMatchObject({
      filesystem: { allowRead: ['/a', '/b'], denyRead: ['/a/b'] },
      env: { A: 'x', Z: true },
      limits: { memoryBytes: 2 ** 28, processes: 100 },
      enforcement: 'best-effort',
    });
  });
});

/** zod writes an absent key as `undefined`, which the interface does not. */
type Loose<T> = T extends readonly (infer E)[]
  ? readonly Loose<E>[]
  : T extends object
    ? { [K in keyof T]?: Loose<T[K]> | undefined }
    : T;

describe('no box', () => {
  it('takes the sentence, word for word', () => {
    const config: SandboxConfig = sandboxConfigSchema.parse({ backend: 'none', iUnderstand: NO_BOX_SENTENCE });
    expect(choosesNoBox(config)).toBe(true);
    for (const bad of [
      { backend: 'none' },
      { backend: 'none', iUnderstand: 'yes' },
      { backend: 'none', iUnderstand: true },
    ])
      expect(sandboxConfigSchema.safeParse(bad).success).toBe(false);
    expect(choosesNoBox(sandboxConfigSchema.parse({}))).toBe(false);
  });
});
