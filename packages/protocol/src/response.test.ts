import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLargeResponse } from './large-response.ts';
import { errorText, onOneLine, readResponse, withChanges, withFront, withId } from './response.ts';

const sound = [
  '{"jsonrpc":"2.0","id":1,"result":{"a":1}}',
  '{"result":{"a":1},"id":1,"jsonrpc":"2.0"}',
  '{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"m"}}',
  ' {"id":1,"x":[{"id":2,"result":{}}],"result":{"id":3,"method":"m"}} ',
  String.raw`{"\u0069d":1,"result":{}}`,
];

const unsound: Record<string, string> = {
  'two ids': '{"id":1,"result":{},"id":2}',
  'two ids, one escaped': String.raw`{"id":1,"result":{},"\u0069d":2}`,
  'two results': '{"id":1,"result":{},"result":{"a":1}}',
  'an escaped second result': String.raw`{"id":1,"result":{},"r\u0065sult":{}}`,
  'result and error': '{"id":1,"result":{},"error":{}}',
  'a method beside the result': '{"id":1,"result":{},"method":"m"}',
  'an escaped method': String.raw`{"id":1,"result":{},"m\u0065thod":"m"}`,
  'a repeated stranger': '{"id":1,"x":1,"result":{},"x":2}',
  'a repeated stranger among many': `{"id":1,"result":{}${Array.from({ length: 40 }, (_, i) => `,"k${i}":1`).join('')},"k7":1}`,
  'a second frame behind': '{"id":1,"result":{}}{"id":2,"result":{}}',
  'a second frame on a new line': '{"id":1,"result":{}}\n{"id":2,"result":{}}',
  'no id': '{"result":{}}',
  'no outcome': '{"id":1}',
  'a result that is a list': '{"id":1,"result":[]}',
  'a result that is text': '{"id":1,"result":"{}"}',
  'a broken escape in a key': String.raw`{"\x":1,"id":1,"result":{}}`,
  'a broken escape inside the result': String.raw`{"id":1,"result":{"\u12":1}}`,
  'an open end': '{"id":1,"result":{"a":1}',
};

describe('readResponse', () => {
  it.each(sound)('takes %s', (text) => {
    const view = readResponse(text)!;
    const renamed = JSON.parse(withId(view, '"new"')) as Record<string, unknown>;
    expect(renamed).toEqual({ ...(JSON.parse(text) as object), id: 'new' });
  });

  it.each(Object.entries(unsound))('takes no answer with %s', (_, text) => expect(readResponse(text)).toBeUndefined());

  it('gives exactly one frame with exactly one id on, whatever a server puts into its members', () => {
    const hostile = fc.constantFrom(
      '"id"',
      '"method"',
      '"error"',
      '"result"',
      String.raw`"\u0069d"`,
      '"jsonrpc"',
      '"x"',
      '"_meta"',
    );
    const value = fc.constantFrom(
      '1',
      '"a"',
      '{}',
      '{"id":9}',
      '[{"id":9,"result":{}}]',
      String.raw`"\",\"id\":9,\"x\":\""`,
      '"\\\\"',
      'null',
    );
    const frame = fc
      .array(fc.tuple(hostile, value), { minLength: 1, maxLength: 6 })
      .map((members) => `{${members.map((pair) => pair.join(':')).join(',')}}`);
    fc.assert(
      fc.property(frame, fc.boolean(), (text, large) => {
        const view = readResponse(text);
        if (large) {
          const found = readLargeResponse(Buffer.from(text));
          // The fast reader may leave an answer to the slow one; it must never take one that the slow one refuses.
          if (found)
            expect(view).toMatchObject({
              ok: true,
              idText: found.idText,
              idStart: found.idStart,
              bodyStart: found.bodyStart,
            });
        }
        if (!view) return;
        const parsed = JSON.parse(withId(view, '"ours"')) as Record<string, unknown>;
        expect(parsed['id']).toBe('ours');
        expect(parsed).not.toHaveProperty('method');
        expect('result' in parsed).not.toBe('error' in parsed);
      }),
      { numRuns: 3000 },
    );
  });

  it('changes members in either order of id and body, and keeps the others', () => {
    for (const text of [
      '{"id":1,"result":{"a":9007199254740993,"b":2}}',
      '{"result":{"a":9007199254740993,"b":2},"id":1}',
    ]) {
      const view = readResponse(text)!;
      const changed = withChanges(view, '7', { b: undefined, c: '3' });
      expect(changed).toContain('{"a":9007199254740993,"c":3}');
      expect(JSON.parse(changed)).toMatchObject({ id: 7, result: { c: 3 } });
      expect(JSON.parse(withFront(view, '7', '"c":3'))).toMatchObject({ id: 7, result: { b: 2, c: 3 } });
    }
    for (const text of ['{"id":1,"result":{}}', '{"result":{},"id":1}']) {
      expect(JSON.parse(withFront(readResponse(text)!, '7', '"c":3'))).toEqual({ id: 7, result: { c: 3 } });
    }
  });

  it('takes time in proportion to the text', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => `,"k${i}":1`).join('');
    const slashes = '\\\\'.repeat(500_000);
    const started = process.cpuUsage();
    expect(readResponse(`{"id":1,"result":{}${many}}`)).toBeDefined();
    expect(readResponse(`{"id":1,"result":{"a":"${slashes}"}}`)).toBeDefined();
    expect(readResponse(`{"id":1,"result":{"a":"${'\\"'.repeat(500_000)}`)).toBeUndefined();
    expect(readResponse(`{"id":1,"result":${'['.repeat(1_000_000)}`)).toBeUndefined();
    expect(process.cpuUsage(started).user).toBeLessThan(4_000_000);
  });
});

describe('readLargeResponse', () => {
  it.each([
    ...Object.entries(unsound),
    ['a fraction for an id', '{"id":1.5,"result":{}}'],
    ['an exponent in the id', '{"id":1e3,"result":{}}'],
    ['null for an id', '{"id":null,"result":{}}'],
  ])('takes no answer with %s', (_, text) => expect(readLargeResponse(Buffer.from(text))).toBeUndefined());

  it.each([
    '{"id":1,"result":{"resultType" :"input_required"}}',
    '{"id":1,"result":{"_meta"\t:{}}}',
    String.raw`{"id":1,"result":{"\u005fmeta":{}}}`,
  ])('leaves %s to the other reader', (text) => expect(readLargeResponse(Buffer.from(text))).toBeUndefined());

  it('locates id and body in either order', () => {
    const found = readLargeResponse(Buffer.from('{"result":{"content":[],"resultType":"complete"},"id":"a"}'));
    expect(found).toMatchObject({
      idText: '"a"',
      bodyStart: 10,
      keys: ['content', 'resultType'],
      resultType: 'complete',
    });
  });
});

describe('texts for the wire', () => {
  it('leaves the id out where there is none', () => {
    expect(JSON.parse(errorText(undefined, -1, 'm'))).toEqual({ jsonrpc: '2.0', error: { code: -1, message: 'm' } });
    expect(JSON.parse(errorText('5', -1, 'a"\n', { x: 1 }))).toEqual({
      jsonrpc: '2.0',
      id: 5,
      error: { code: -1, message: 'a"\n', data: { x: 1 } },
    });
  });

  it('puts any JSON on one line without changing what it says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('\n', '\r\n', '\r'), (value, line) => {
        const text = onOneLine(JSON.stringify(value, undefined, 2).replaceAll('\n', line));
        expect(text).not.toMatch(/[\r\n]/);
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
      }),
    );
  });
});
