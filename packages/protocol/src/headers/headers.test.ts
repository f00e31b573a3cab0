import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkParamHeaders, findHeaderParams, makeParamHeaders } from './params.ts';
import { decodeHeaderValue, encodeHeaderValue, trimSpace } from './value.ts';

describe('header values', () => {
  it('come back as they were, and are safe to send', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `=?base64?${text}?=`),
        ),
        (raw) => {
          const value = raw.toWellFormed();
          const encoded = encodeHeaderValue(value);
          expect(encoded).toMatch(/^[\x20-\x7e]+$/);
          expect(trimSpace(encoded)).toBe(encoded);
          expect(decodeHeaderValue(encoded)).toBe(value);
        },
      ),
    );
  });

  it.each([
    '=?base64?YQ?=',
    '=?base64?YQ=?=',
    '=?base64?YR==?=',
    '=?base64?Y Q==?=',
    '=?base64?YQ==\t?=',
    '=?base64?_w==?=',
    '=?base64?/w==?=',
    '=?base64?7aCA?=',
    '=?base64?!?=',
  ])('refuse the broken %s', (value) => expect(decodeHeaderValue(value)).toBeUndefined());

  it.each(['=?BASE64?YQ==?=', '=?base64?YQ==', 'base64?YQ==?=', '=?base64?='])('take %s as it stands', (value) =>
    expect(decodeHeaderValue(value)).toBe(value),
  );

  it('keep a byte order mark, which is part of the value', () =>
    expect(decodeHeaderValue(encodeHeaderValue('\ufeffa'))).toBe('\ufeffa'));

  it('trim in linear time', () => {
    const started = process.cpuUsage();
    expect(trimSpace(`a${' '.repeat(1_000_000)}b`)).toHaveLength(1_000_002);
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000);
  });
});

const schema = (property: object): object => ({ type: 'object', properties: { region: property } });

describe('x-mcp-header', () => {
  it('finds annotations at any depth of properties', () => {
    expect(
      findHeaderParams({ properties: { a: { properties: { b: { type: 'integer', 'x-mcp-header': 'Deep' } } } } }),
    ).toEqual([{ name: 'Deep', path: ['a', 'b'], type: 'integer' }]);
  });

  it.each<[string, object]>([
    ['a name that is no token', schema({ type: 'string', 'x-mcp-header': 'a b' })],
    ['a name with a line break', schema({ type: 'string', 'x-mcp-header': 'a\r\nX: y' })],
    ['an empty name', schema({ type: 'string', 'x-mcp-header': '' })],
    ['a name that is a number', schema({ type: 'string', 'x-mcp-header': 5 })],
    ['a number', schema({ type: 'number', 'x-mcp-header': 'N' })],
    ['an object', schema({ type: 'object', 'x-mcp-header': 'N' })],
    ['two types', schema({ type: ['string'], 'x-mcp-header': 'N' })],
    [
      'one name twice',
      { properties: { a: { type: 'string', 'x-mcp-header': 'N' }, b: { type: 'string', 'x-mcp-header': 'n' } } },
    ],
    ['the root', { type: 'string', 'x-mcp-header': 'N' }],
    ['items', schema({ type: 'array', items: { type: 'string', 'x-mcp-header': 'N' } })],
    ['a branch', schema({ anyOf: [{ type: 'string', 'x-mcp-header': 'N' }] })],
    ['a definition', { $defs: { a: { type: 'string', 'x-mcp-header': 'N' } } }],
    ['a branch of the root', { allOf: [{ properties: { a: { type: 'string', 'x-mcp-header': 'N' } } }] }],
  ])('refuses %s', (_, value) => expect(findHeaderParams(value)).toEqual(expect.any(String)));

  it('survives schemas that nest without end', () => {
    const text = '{"properties":{"a":'.repeat(3000) + '{}' + '}}'.repeat(3000);
    expect(findHeaderParams(JSON.parse(text))).toEqual(expect.any(String));
  });

  const params = [
    { name: 'S', path: ['s'], type: 'string' },
    { name: 'N', path: ['o', 'n'], type: 'integer' },
    { name: 'B', path: ['b'], type: 'boolean' },
  ] as const;

  const source = (args: unknown) => ({ text: JSON.stringify(args), start: 0 });

  it('makes headers that it finds in agreement', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.maxSafeInteger(), fc.boolean(), (s, n, b) => {
        const args = source({ s: s.toWellFormed(), o: { n }, b });
        const flat = makeParamHeaders(params, args);
        const sent = new Map(
          Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!.toLowerCase(), flat[2 * i + 1]!]),
        );
        expect(checkParamHeaders(params, args, (name) => sent.get(name))).toBeUndefined();
        for (const name of sent.keys())
          expect(checkParamHeaders(params, args, (asked) => (asked === name ? undefined : sent.get(asked)))).toEqual(
            expect.any(String),
          );
      }),
    );
  });

  it.each<[unknown, string, boolean]>([
    [{ o: { n: 42 } }, '42.0', true],
    [{ o: { n: 42 } }, '43', false],
    [{ o: { n: 42 } }, '0x2a', false],
    [{ o: { n: 42 } }, '4e1', false],
    [{ o: { n: 42 } }, '', false],
    [{ o: { n: null } }, '1', true],
    [{}, '1', true],
  ])('compares %j with %j', (args, header, agrees) =>
    expect(checkParamHeaders([params[1]], source(args), () => header) === undefined).toBe(agrees),
  );

  it('reads own members only', () =>
    expect(makeParamHeaders([{ name: 'X', path: ['constructor', 'name'], type: 'string' }], source({}))).toEqual([]));

  it.each([
    ['9007199254740993', '9007199254740993', true],
    ['9007199254740993', '9007199254740992', false],
    ['9007199254740993', '9007199254740993.0', true],
    ['-9007199254740993', '9007199254740993', false],
    ['42.0', '42', true],
    ['4.2e1', '42', true],
    ['0', '-0', true],
    ['1e999999', '1', false],
    ['0.5', '0.50', true],
  ])('compares the digits %s with %s', (number, header, agrees) =>
    expect(
      checkParamHeaders([params[1]], { text: ` {"o": {"n": ${number} }}`, start: 1 }, () => header) === undefined,
    ).toBe(agrees),
  );

  it.each([
    ['9007199254740993', '9007199254740993'],
    ['42.0', '42'],
    ['1e3', '1000'],
    ['-7', '-7'],
    ['1.5', undefined],
    ['1e100', undefined],
  ])('writes the digits of %s', (number, header) =>
    expect(makeParamHeaders([params[1]], { text: `{"o":{"n":${number}}}`, start: 0 })[1]).toBe(header),
  );
});
