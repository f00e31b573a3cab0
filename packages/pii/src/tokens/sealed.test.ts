import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer } from './sealed.ts';

const keys = [{ id: 1, secret: Buffer.alloc(32, 1) }];
const scope = { tenant: 't', principal: 'p' };

describe('createSealer', () => {
  it('opens what it sealed, for the same scope and label only', () => {
    const sealer = createSealer({ keys, now: () => 1e12 });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (value) => {
        const sealed = sealer.seal('EMAIL', value, scope);
        expect(sealer.open(sealed, 'EMAIL', scope)).toEqual({ ok: true, label: 'EMAIL', value });
        for (const [label, other] of [
          ['PHONE', scope],
          ['EMAIL', { ...scope, tenant: 'u' }],
          ['EMAIL', { ...scope, principal: 'q' }],
          ['EMAIL', { tenant: 'tp', principal: '' }],
        ] as const) {
          expect(sealer.open(sealed, label, other)).toEqual({ ok: false, reason: 'foreign-or-tampered' });
        }
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('is the same for the same value, and another one in another scope', () => {
    const sealer = createSealer({ keys, now: () => 1e12 });
    expect(sealer.seal('EMAIL', 'a@b.co', scope)).toEqual(sealer.seal('EMAIL', 'a@b.co', scope));
    expect(sealer.seal('EMAIL', 'a@b.co', scope)).not.toEqual(
      sealer.seal('EMAIL', 'a@b.co', { ...scope, principal: 'q' }),
    );
  });

  it('opens nothing when any bit is changed', () => {
    const sealer = createSealer({ keys, now: () => 1e12 });
    const sealed = sealer.seal('EMAIL', 'jane@acme.com', scope);
    for (let at = 0; at < sealed.length * 8; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at >> 3]! ^= 1 << (at & 7);
      expect(sealer.open(changed, 'EMAIL', scope).ok).toBe(false);
    }
    expect(sealer.open(sealed.subarray(0, 20), 'EMAIL', scope)).toEqual({ ok: false, reason: 'malformed' });
  });

  it('expires between one and two lifetimes after it was made', () => {
    let now = 1_000_000_000_000;
    const sealer = createSealer({ keys, ttlSeconds: 60, now: () => now });
    const sealed = sealer.seal('EMAIL', 'jane@acme.com', scope);
    now += 60_000;
    expect(sealer.open(sealed, 'EMAIL', scope).ok).toBe(true);
    now += 60_001;
    expect(sealer.open(sealed, 'EMAIL', scope)).toEqual({ ok: false, reason: 'expired' });
  });

  it('opens with an older key and seals with the first', () => {
    const old = createSealer({ keys, now: () => 1e12 });
    const both = createSealer({ keys: [{ id: 2, secret: Buffer.alloc(32, 2) }, ...keys], now: () => 1e12 });
    expect(both.open(old.seal('EMAIL', 'a@b.co', scope), 'EMAIL', scope).ok).toBe(true);
    expect(old.open(both.seal('EMAIL', 'a@b.co', scope), 'EMAIL', scope).ok).toBe(false);
  });

  it('refuses keys and lifetimes outside their ranges', () => {
    expect(() => createSealer({ keys: [] })).toThrow(TypeError);
    expect(() => createSealer({ keys: [{ id: 1, secret: Buffer.alloc(16) }] })).toThrow(TypeError);
    expect(() => createSealer({ keys: [{ id: 300, secret: Buffer.alloc(32) }] })).toThrow(TypeError);
    expect(() => createSealer({ keys, ttlSeconds: 1 })).toThrow(TypeError);
  });
});
