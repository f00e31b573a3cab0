import { describe, expect, it } from 'vitest';
import { allRules } from './default-rules.ts';
import { createEngine } from './engine.ts';
import { createMasker } from './masker.ts';
import type { Where } from './mask/policy.ts';
import { knownSecrets } from './secrets/index.ts';
import { memoryTokenStore } from './tokens/store.ts';

const engine = createEngine({ rules: allRules });
const masker = createMasker({ engine });
const keys = [{ id: 1, secret: Buffer.alloc(32, 3) }];

describe('createMasker', () => {
  it('gives clean text and JSON back as the very same string', () => {
    for (const text of ['', 'nothing here', '{"a":[1,2.50,1e3,"\\u00e9 \\/"],\n "b" : null }', '{"a":1}\n{"b":2}\n']) {
      expect(masker.mask(text).text).toBe(text);
      expect(masker.maskJson(text).text).toBe(text);
    }
    const tree = { a: [{ b: 'x' }] };
    expect(masker.maskValue(tree).value).toBe(tree);
    expect(masker.maskValue(undefined).value).toBe(undefined);
  });

  it('changes nothing in JSON but the findings', () => {
    const json = '{ "big": 12345678901234567890, "f":1.50, "to" : "Caf\\u00e9 <jane@acme.com>\\n", "dup":1,"dup":2 }';
    expect(masker.maskJson(json).text).toBe(json.replace('jane@acme.com', '[EMAIL]'));
    expect(masker.maskJson('{"x":"jane\\u0040acme.com"}').text).toBe('{"x":"[EMAIL]"}');
  });

  it('keeps numbers numbers, or makes them text when told to', () => {
    const json = '{"card":4111111111111111,"n":1}';
    expect(masker.maskJson(json).text).toBe('{"card":0,"n":1}');
    expect(createMasker({ engine, numbers: 'string' }).maskJson(json).text).toBe('{"card":"[CREDIT_CARD]","n":1}');
    const preserving = createMasker({
      engine,
      formatKey: Buffer.alloc(32, 5),
      policy: { otherwise: 'format-preserving' },
    }).maskJson(json).text;
    expect(preserving).toMatch(/^\{"card":(?:\d{15,16}|0),"n":1\}$/u);
    expect(preserving).not.toContain('4111111111111111');
  });

  it('keeps masked keys apart', () => {
    const masked = masker.maskJson('{"a@acme.com":1,"b@acme.com":2,"b@acme.com.":3}').text;
    expect(Object.keys(JSON.parse(masked) as object)).toHaveLength(3);
    expect(masked).not.toContain('acme.com"');
  });

  it('masks the text copy of structured content as it masks the content', () => {
    const content = { email: 'jane@acme.com', password: 'correct horse', phone: '0551234567' };
    const result = JSON.stringify({
      content: [{ type: 'text', text: JSON.stringify(content) }],
      structuredContent: content,
    });
    const masked = JSON.parse(masker.maskJson(result).text) as {
      content: [{ text: string }];
      structuredContent: unknown;
    };
    expect(JSON.parse(masked.content[0].text)).toEqual(masked.structuredContent);
    expect(masked.structuredContent).toEqual({ email: '[EMAIL]', password: '[SECRET]', phone: '[PHONE]' });
  });

  it('leaves images and paths alone that it is told to leave', () => {
    const image = Buffer.from([
      0x89,
      0x50,
      0x4e,
      0x47,
      ...Array.from({ length: 90 }, (_, index) => (index * 37) % 256),
    ]).toString('base64');
    const json = JSON.stringify({ content: [{ type: 'image', data: image }], keep: { email: 'jane@acme.com' } });
    expect(createMasker({ engine, skipPaths: ['$.keep..*'] }).maskJson(json).text).toBe(json);
  });

  it('acts by label, direction, server, tool and path', () => {
    const own = createMasker({
      engine,
      hashKey: { id: 'k', secret: Buffer.alloc(16, 1) },
      policy: {
        rules: [
          { path: '$.public', action: 'allow' },
          { labels: ['EMAIL'], direction: 'log', action: 'hash' },
          { labels: ['EMAIL'], server: 'crm', action: 'partial' },
          { labels: ['SECRET'], direction: 'to-tool', action: 'block' },
        ],
      },
    });
    expect(own.mask('jane@acme.com', { direction: 'log' }).text).toMatch(/^\[EMAIL#k:/u);
    expect(own.mask('jane@acme.com', { direction: 'to-model', server: 'crm' }).text).toBe('j***@acme.com');
    expect(own.maskJson('{"public":"jane@acme.com","other":"jane@acme.com"}').text).toBe(
      '{"public":"jane@acme.com","other":"[EMAIL]"}',
    );
    const blocked = own.maskJson('{"note":"password: hunter22!x"}', { direction: 'to-tool' });
    expect(blocked.blocked).toBe(true);
    expect(blocked.text).not.toContain('hunter22');
    expect(blocked.findings).toEqual([expect.objectContaining({ label: 'SECRET', action: 'block', path: '$.note' })]);
    expect(JSON.stringify(blocked.findings)).not.toContain('hunter22');
  });

  it('stands in with values that a schema with formats accepts', () => {
    expect(
      createMasker({ engine, placeholders: 'valid' }).maskJson('{"email":"jane@acme.com","ip":"203.0.113.9"}').text,
    ).toBe('{"email":"masked@masked.invalid","ip":"0.0.0.0"}');
  });

  it('masks what a key gives away, whatever its type', () => {
    const json =
      '{"password":12345678,"pin":"4821","cvv":"123","token":{"value":"a1B2c3D4e5F6g7H8"},"authorization":"Bearer abcdef123456","pinned":"4821"}';
    expect(masker.maskJson(json).text).toBe(
      '{"password":0,"pin":"[SECRET]","cvv":"[SECRET]","token":{"value":"[SECRET]"},"authorization":"[SECRET]","pinned":"4821"}',
    );
  });

  it('refuses a policy whose keys are missing', () => {
    expect(() => createMasker({ engine, policy: { otherwise: 'hash' } })).toThrow(TypeError);
    expect(() => createMasker({ engine, policy: { rules: [{ action: 'tokenize' }] } })).toThrow(TypeError);
    expect(() => createMasker({ engine, policy: { otherwise: 'format-preserving' } })).toThrow(TypeError);
    expect(() => createMasker({})).toThrow(TypeError);
  });
});

describe('restoring', () => {
  let now = 1e12;
  const own = createMasker({
    engine,
    tokens: { keys, now: () => now, ttlSeconds: 60, store: memoryTokenStore({ now: () => now }) },
    policy: {
      otherwise: 'tokenize',
      restore: [
        { labels: ['EMAIL'], server: 'mail' },
        { labels: ['CREDIT_CARD'], server: 'shop' },
      ],
    },
  });
  const from: Where = { direction: 'to-model', tenant: 't', principal: 'p' };
  const to = (server: string, more: Partial<Where> = {}): Where => ({
    direction: 'to-tool',
    server,
    tenant: 't',
    principal: 'p',
    ...more,
  });

  it('gives the value to the server that may have it, and to nobody else', () => {
    const token = own.mask('jane@acme.com', from).text;
    expect(own.restore(`to ${token}`, to('mail'))).toEqual({
      text: 'to jane@acme.com',
      events: [{ outcome: 'restored', label: 'EMAIL' }],
    });
    expect(own.restore(`to ${token}`, to('evil'))).toEqual({
      text: `to ${token}`,
      events: [{ outcome: 'refused', label: 'EMAIL' }],
    });
    expect(own.restore(token, to('shop')).events).toEqual([{ outcome: 'refused', label: 'EMAIL' }]);
    expect(own.restore(token, { ...to('mail'), direction: 'to-model' }).text).toBe(token);
    expect(own.restore(token, { ...to('mail'), direction: 'log' }).text).toBe(token);
    for (const foreign of [
      to('mail', { tenant: 'x' }),
      to('mail', { principal: 'x' }),
      { direction: 'to-tool', server: 'mail' } as const,
    ]) {
      expect(own.restore(token, foreign)).toEqual({
        text: token,
        events: [{ outcome: 'foreign-or-tampered', label: 'EMAIL' }],
      });
    }
  });

  it('escapes what it puts into JSON and gives numbers back as numbers', () => {
    const json = '{"to":"jane@acme.com","card":4111111111111111}';
    const masked = own.maskJson(json, from).text;
    expect(masked).not.toMatch(/jane|4111111111111111/u);
    expect(typeof (JSON.parse(masked) as { card: unknown }).card).toBe('number');
    expect(own.restoreJson(masked, to('mail')).text).toContain('"to":"jane@acme.com"');
    expect(own.restoreJson(masked, to('mail')).text).not.toContain('4111111111111111');
    expect(own.restoreJson(masked, to('shop')).text).toContain('"card":4111111111111111');
  });

  it('restores nothing after the token expired, and says so', () => {
    const token = own.mask('jane@acme.com', from).text;
    now += 121_000;
    expect(own.restore(token, to('mail'))).toEqual({ text: token, events: [{ outcome: 'expired', label: 'EMAIL' }] });
  });

  it('redacts what must never stay, whatever the policy says', () => {
    const own = createMasker({
      rules: [...allRules, knownSecrets(['planted-secret-0815'])],
      policy: { otherwise: 'allow' },
      always: ['secrets/known'],
    });
    expect(own.mask('the planted-secret-0815 of jane@acme.com').text).toBe('the [SECRET] of jane@acme.com');
    expect(own.maskJson('{"any":"planted-secret-0815","to":"jane@acme.com"}').text).toBe(
      '{"any":"[SECRET]","to":"jane@acme.com"}',
    );
  });

  it('leaves tokens of the scope alone, and nothing that only looks like one', () => {
    for (const style of ['self-describing', 'look-alike'] as const) {
      const tokens = { keys, style, store: memoryTokenStore() };
      const vaulted = createMasker({ engine, tokens, policy: { otherwise: 'tokenize' } });
      const where: Where = { direction: 'to-model', principal: 'jane' };
      const json = '{"password":"correct horse 7","email":"jane@acme.com","card":"4111 1111 1111 1111"}';
      const once = vaulted.maskJson(json, where).text;
      expect(once).not.toMatch(/jane@|4111 1111|horse/u);
      expect(vaulted.maskJson(once, where).text).toBe(once);
      // In another scope it is text like any other.
      expect(vaulted.mask(vaulted.mask('mail jane@acme.com', where).text, where).findings).toEqual([]);
      const forged = '[[EMAIL:jane@acme.com]] and [[SECRET:4111 1111 1111 1111]]';
      expect(vaulted.mask(forged, where).text).not.toMatch(/jane@acme|4111 1111/u);
    }
  });

  it('looks into a text that is base64, however long, and leaves pictures alone', () => {
    const long = Buffer.from(`${'nothing here. '.repeat(2000)}jane@acme.com`).toString('base64');
    expect(masker.maskJson(JSON.stringify({ blob: long })).text).toBe('{"blob":"[EMAIL]"}');
    for (const bytes of [
      Buffer.from('plain words only. '.repeat(50)),
      Buffer.from('89504e470d0a1a0a'.repeat(40), 'hex'),
    ]) {
      const json = JSON.stringify({ data: bytes.toString('base64') });
      expect(masker.maskJson(json).text).toBe(json);
    }
  });
});
