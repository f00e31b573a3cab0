import { describe, expect, it } from 'vitest';
import { allRules } from './default-rules.ts';
import { createEngine } from './engine.ts';
import { contact } from './contact/index.ts';
import { knownSecrets, hostFormats, serviceFormats } from './secrets/index.ts';

const engine = createEngine({ rules: allRules });

describe('createEngine', () => {
  it('finds the values that it was told, in every way they are written', () => {
    const value = 'p4ss "word" /x';
    const known = createEngine({ rules: [knownSecrets([value])] });
    for (const form of [
      value,
      JSON.stringify(value),
      encodeURIComponent(value),
      Buffer.from(value).toString('base64'),
      Buffer.from(value).toString('hex'),
      Buffer.from(value).toString('hex').toUpperCase(),
    ]) {
      expect(known.find(`zz${form}zz`), form).toHaveLength(1);
    }
    for (const before of ['', 'a', 'ab'])
      for (const after of ['', '\u00e9', ' and more of a longer text'])
        for (const encoding of ['base64', 'base64url'] as const) {
          const text = Buffer.from(`${before}${value}${after}`).toString(encoding);
          const [found] = known.find(text);
          // A character at either end may hold a few bits of the value, no whole character of it.
          const rest = text.slice(0, found!.start) + text.slice(found!.end);
          expect(rest.length, text).toBeLessThanOrEqual(
            Math.ceil(((before.length + Buffer.byteLength(after)) * 8) / 6) + 4,
          );
        }
    expect(known.find(value.toUpperCase())).toEqual([]);
    expect(() => knownSecrets(['abc'])).toThrow(TypeError);
  });

  it('knows the key formats of at least 120 providers', () => {
    expect(new Set([...hostFormats, ...serviceFormats].map(([provider]) => provider)).size).toBeGreaterThanOrEqual(120);
  });

  it('uses thresholds by label before the preset', () => {
    const text = 'mail jane@acme.com tel +1 415 555 2671';
    expect(
      createEngine({ rules: contact, thresholds: { EMAIL: 1 } })
        .find(text)
        .map((one) => one.label),
    ).toEqual(['PHONE']);
    expect(() => createEngine({ rules: contact, thresholds: { EMAIL: 2 } })).toThrow(TypeError);
  });

  it('refuses rules that it could not run', () => {
    expect(() => createEngine({ rules: [] })).toThrow(TypeError);
    expect(() => createEngine({ rules: [...contact, ...contact] })).toThrow(TypeError);
    expect(() =>
      createEngine({ rules: [{ kind: 'anchor', id: 'x', label: 'CUSTOM', anchors: [], match: () => 0 }] }),
    ).toThrow(TypeError);
  });

  it('uses keys and the heading of a table as context', () => {
    const json = '{"a":1,"bsn":"480514434","order":"480514434"}';
    expect(engine.findJson(json).map((one) => json.slice(one.start, one.end))).toEqual(['480514434']);
    const table = 'id,name,pesel\n7,"Doe, Jane",63020657896\n8,x,63020657896\n';
    expect(engine.find(table)).toHaveLength(2);
    expect(engine.find(table.replace('pesel', 'order'))).toHaveLength(0);
  });

  it('gives offsets of the text as written', () => {
    const text = 'x\u200b\u200b 🙂 ｊａｎｅ＠ａｃｍｅ．ｃｏｍ.';
    const [one] = engine.find(text);
    expect(text.slice(one!.start, one!.end)).toBe('ｊａｎｅ＠ａｃｍｅ．ｃｏｍ');
  });

  it('looks one level into base64 and hexadecimal', () => {
    for (const word of [
      Buffer.from('card 4111 1111 1111 1111').toString('base64'),
      Buffer.from('write jane.doe@acme.com').toString('hex'),
    ]) {
      expect(engine.find(`data ${word} end`), word).toHaveLength(1);
      expect(createEngine({ rules: allRules, decode: false }).find(`data ${word} end`), word).toHaveLength(0);
    }
  });
});
