import { describe, expect, it } from 'vitest';
import { luhn } from '../checksum.ts';
import { memoryTokenStore } from './store.ts';
import { createTokenVault } from './vault.ts';

const keys = [{ id: 1, secret: Buffer.alloc(32, 7) }];
const scope = { tenant: 't', principal: 'p' };
const now = (): number => 1e12;

describe('createTokenVault', () => {
  const plain = createTokenVault({ keys, now });
  const alike = createTokenVault({ keys, now, style: 'look-alike', store: memoryTokenStore({ now }) });

  it('finds its tokens in a text, and does not take one for the beginning of another', () => {
    const one = plain.issue('EMAIL', 'jane@acme.com', scope);
    const two = plain.issue('EMAIL', 'jane@acme.com.x.org', scope);
    const places = plain.find(`a ${one} b ${two} c [[EMAIL:${'A'.repeat(60)}]] <EMAIL_1> <EMAIL_10>`, scope);
    expect(places.map((place) => place.opened)).toEqual([
      { ok: true, label: 'EMAIL', value: 'jane@acme.com' },
      { ok: true, label: 'EMAIL', value: 'jane@acme.com.x.org' },
      { ok: false, reason: 'foreign-or-tampered' },
    ]);
  });

  it('reads a token that a model wrote with Markdown escapes, spaces or small letters in its name', () => {
    const token = plain.issue('US_SSN', '536-90-4399', scope);
    const inside = token.slice(2, -2);
    for (const text of [
      String.raw`\[\[${inside.replaceAll('_', String.raw`\_`)}\]\]`,
      `[[ ${inside} ]]`,
      `[[us_ssn${inside.slice(6)}]]`,
    ]) {
      expect(plain.find(text, scope)[0]?.opened, text).toEqual({ ok: true, label: 'US_SSN', value: '536-90-4399' });
    }
  });

  it('makes addresses that are addresses, of any length, and reads them in either case', () => {
    for (const value of ['a@b.co', 'jane.doe@acme.com', `${'x'.repeat(60)}@${'y'.repeat(60)}.com`]) {
      const token = alike.issue('EMAIL', value, scope);
      expect(token).toMatch(/^[a-z2-7]{1,64}@(?:[a-z2-7]{1,63}\.)+masked\.invalid$/u);
      expect(alike.find(`to ${token.toUpperCase()}, now`, scope)[0]?.opened).toEqual({
        ok: true,
        label: 'EMAIL',
        value,
      });
      expect(alike.find(token, { ...scope, principal: 'q' })[0]?.opened).toEqual({
        ok: false,
        reason: 'foreign-or-tampered',
      });
    }
  });

  it('makes numbers of the same form, different for different values', () => {
    const card = alike.issue('CREDIT_CARD', '4111 1111 1111 1111', scope);
    expect(card).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/u);
    expect(luhn(card.replaceAll(' ', ''))).toBe(true);
    const seen = new Set<string>();
    for (let index = 0; index < 2000; index += 1)
      seen.add(alike.issue('PHONE', `+1 415 55${String(index).padStart(5, '0')}`, scope));
    expect(seen.size).toBe(2000);
    const place = alike.find(`call ${[...seen][77]!} now`, scope);
    expect(place.map((one) => one.opened)).toEqual([{ ok: true, label: 'PHONE', value: '+1 415 5500077' }]);
    expect(alike.find(`call ${[...seen][77]!} now`, { ...scope, tenant: 'other' })).toEqual([]);
  });

  it('gives a JSON number another safe integer', () => {
    const token = alike.issueNumber('CREDIT_CARD', '4111111111111111', scope)!;
    expect(Number.isSafeInteger(Number(token))).toBe(true);
    expect(token).toHaveLength(16);
    expect(plain.issueNumber('CREDIT_CARD', '4111111111111111', scope)).toBeUndefined();
  });

  it('falls back to the describing form where nothing can look alike', () => {
    expect(alike.issue('SECRET', 'ghp_x', scope)).toMatch(/^\[\[SECRET:/u);
    expect(createTokenVault({ keys, now, style: 'look-alike' }).issue('PHONE', '+14155552671', scope)).toMatch(
      /^\[\[PHONE:/u,
    );
  });
});
