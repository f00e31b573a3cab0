import { describe, expect, it } from 'vitest';
import { memoryTokenStore } from './store.ts';

describe('memoryTokenStore', () => {
  it('forgets the longest unused entry first, and expired ones', () => {
    let now = 0;
    const store = memoryTokenStore({ maxEntries: 2, now: () => now });
    const put = (token: string): void =>
      store.put('s', { token, label: 'PHONE', value: `v${token}`, expiresAtMs: 100 });
    put('a');
    put('b');
    expect(store.byToken('s', 'a')?.value).toBe('va');
    put('c');
    expect(store.byToken('s', 'b')).toBeUndefined();
    expect(store.byValue('s', 'PHONE', 'vb')).toBeUndefined();
    expect([...store.tokens('s')].sort()).toEqual(['a', 'c']);
    expect(store.byToken('other', 'a')).toBeUndefined();
    now = 100;
    expect(store.byToken('s', 'a')).toBeUndefined();
    expect([...store.tokens('s')]).toEqual([]);
  });

  it('refuses to hold nothing', () => {
    expect(() => memoryTokenStore({ maxEntries: 0 })).toThrow(TypeError);
  });
});
