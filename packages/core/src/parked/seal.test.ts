import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateSeal } from './seal.ts';

describe('StateSeal', () => {
  const seal = new StateSeal();
  const state = { kind: 'relay', server: 's', state: 'Zustand £ 状態', expiresMs: 1 } as const;

  it('opens what it sealed, for the same binding, and never twice the same text', () => {
    const sealed = seal.seal(state, 'b');
    expect(seal.open(sealed, 'b')).toEqual(state);
    expect(seal.seal(state, 'b')).not.toBe(sealed);
    expect(sealed).toMatch(/^[\w-]+$/);
  });

  it('opens nothing for another binding, or under another key', () => {
    const sealed = seal.seal(state, 'b');
    expect(seal.open(sealed, 'c')).toBeUndefined();
    expect(new StateSeal().open(sealed, 'b')).toBeUndefined();
    expect(new StateSeal(Buffer.alloc(32, 1)).open(new StateSeal(Buffer.alloc(32, 1)).seal(state, 'b'), 'b')).toEqual(
      state,
    );
  });

  it('opens nothing that was changed in any bit', () => {
    const bytes = Buffer.from(seal.seal(state, 'b'), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1 << bit;
        expect(seal.open(changed.toString('base64url'), 'b')).toBeUndefined();
      }),
    );
    for (let length = 0; length < bytes.length; length++)
      expect(seal.open(bytes.subarray(0, length).toString('base64url'), 'b')).toBeUndefined();
  });

  it('takes one spelling', () => {
    const sealed = seal.seal(state, 'b');
    for (const other of [`${sealed}=`, ` ${sealed}`, `${sealed}\n`, sealed.replace(/[-_]/, '+'), `${sealed}A`])
      expect(other === sealed || seal.open(other, 'b') === undefined).toBe(true);
  });

  it('wants a key that is one', () => {
    expect(() => new StateSeal(Buffer.alloc(31))).toThrow(TypeError);
  });
});
