import { describe, expect, it } from 'vitest';
import { luhn } from '../checksum.ts';
import { createFf1 } from './ff1.ts';
import { hashed, partial, preserved } from './replace.ts';
import { stand } from './stand-in.ts';

const cipher = createFf1(Buffer.alloc(16, 1));

describe('what stands for a value', () => {
  it('shows a part that its owner knows, and never of a secret', () => {
    expect(partial('CREDIT_CARD', '4111 1111 1111 1234')).toBe('4111 11** **** 1234');
    expect(partial('EMAIL', 'jane.doe@acme.com')).toBe('j***@acme.com');
    expect(partial('PHONE', '+1 415 555 2671')).toBe('+* *** *** 2671');
    expect(partial('SECRET', 'sk_live_aaaaaaaaaaaa')).toBe('[SECRET]');
    expect(partial('PASSPORT', 'A12345')).toBe('[PASSPORT]');
  });

  it('hashes with the key, the label and nothing else', () => {
    const key = { id: 'k1', secret: Buffer.alloc(32, 1) };
    expect(hashed('EMAIL', 'a@b.co', key)).toBe(hashed('EMAIL', 'a@b.co', key));
    expect(hashed('EMAIL', 'a@b.co', key)).not.toBe(
      hashed('EMAIL', 'a@b.co', { id: 'k1', secret: Buffer.alloc(32, 2) }),
    );
    expect(hashed('EMAIL', 'a@b.co', key)).toMatch(/^\[EMAIL#k1:[\w-]{16}\]$/u);
  });

  it('keeps the form, and a card a card', () => {
    const out = preserved('CREDIT_CARD', '4111-1111-1111-1111', cipher)!;
    expect(out).toMatch(/^\d{4}-\d{4}-\d{4}-\d{4}$/u);
    expect(out).not.toBe('4111-1111-1111-1111');
    expect(luhn(out.replaceAll('-', ''))).toBe(true);
    expect(preserved('CREDIT_CARD', out, cipher, 'decrypt')).toBe('4111-1111-1111-1111');
    expect(preserved('PHONE', '12345', cipher)).toBeUndefined();
  });

  it('stands in with a value of the same format', () => {
    expect(stand('EMAIL', 'x@y.z')).toBe('masked@masked.invalid');
    expect(stand('IP', 'fe80::1')).toBe('::');
    expect(stand('US_SSN', '536-90-4399')).toBe('000-00-0000');
    expect(stand('SECRET', 'abc')).toBe('[SECRET]');
  });
});
