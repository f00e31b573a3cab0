import { describe, expect, test } from 'vitest';
import { compileSchema, type SchemaCheck } from './schema-check.ts';

function compiled(schema: object): SchemaCheck {
  const check = compileSchema(JSON.stringify(schema));
  if (typeof check === 'string') throw new Error(check);
  return check;
}

const path = { type: 'object', properties: { path: { type: 'string' }, n: { type: 'integer' } }, required: ['path'] };

describe('a value against a schema', () => {
  test('fits or is told by place and keyword', () => {
    const check = compiled(path);
    expect(check({ path: '/a', n: 1 })).toBeUndefined();
    expect(check({ path: 7 })).toBe('/path breaks "type" (#/properties/path/type)');
    expect(check({})).toBe('the whole breaks "required" (#/required)');
    expect(check({ path: '', n: 1.5 })).toBe('/n breaks "type" (#/properties/n/type)');
  });

  test('what it says holds no content: neither values nor unusual names', () => {
    const check = compiled({ additionalProperties: { type: 'number' } });
    expect(check({ 'ada@example.com': 'hunter2' })).toBe('/… breaks "type" (#/additionalProperties/type)');
  });

  test('speaks 2020-12: prefixItems, unevaluated members, dynamic references, dependent schemas', () => {
    const check = compiled({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $defs: { base: { properties: { a: { prefixItems: [{ type: 'string' }], items: false } } } },
      $ref: '#/$defs/base',
      unevaluatedProperties: false,
    });
    expect(check({ a: ['x'] })).toBeUndefined();
    expect(check({ a: ['x', 1] })).toContain('/a');
    expect(check({ b: 1 })).toContain('unevaluatedProperties');
  });

  test('a format is an annotation, and unknown keywords are none of our business', () => {
    expect(compiled({ format: 'email', 'x-ours': { $comment: 1 } })('no e-mail')).toBeUndefined();
  });

  test('equal members are found whatever their order', () => {
    const check = compiled({ uniqueItems: true });
    expect(check([{ a: 1, b: 2 }, { a: 1 }, '1', 1])).toBeUndefined();
    expect(
      check([
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ]),
    ).toContain('uniqueItems');
  });
});

describe('a hostile schema', () => {
  test('under the name of another one does not take its place', () => {
    const name = 'https://example.test/schema';
    const strict = compiled({ $id: name, type: 'string' });
    const loose = compiled({ $id: name });
    expect([strict(1), loose(1)]).toEqual(['the whole breaks "type" (#/type)', undefined]);
    expect(compileSchema(JSON.stringify({ $ref: name }))).toBeTypeOf('string');
  });

  test.each([
    ['fetches', { $ref: 'https://evil.test/schema.json' }],
    ['fetches a file', { $ref: 'file:///etc/passwd' }],
    ['fetches what it names itself', { $id: 'https://evil.test/a', properties: { x: { $ref: 'b.json' } } }],
    ['refers to nothing', { $ref: '#/$defs/none' }],
    ['has another dialect', { $schema: 'https://evil.test/dialect' }],
    ['is deep', JSON.parse(`${'{"not":'.repeat(200)}{}${'}'.repeat(200)}`)],
    ['is large', { enum: ['x'.repeat(300_000)] }],
    ['is no schema', { type: 'nonsense' }],
    ['has no expression', { pattern: '(' }],
  ])('that %s is not used', (_what, schema) => {
    expect(compileSchema(JSON.stringify(schema))).toBeTypeOf('string');
  });

  test('whose references multiply each other is not used', () => {
    const $defs: Record<string, object> = { d12: { type: 'string' } };
    for (let i = 0; i < 12; i++) $defs[`d${i}`] = { anyOf: [1, 2, 3, 4].map(() => ({ $ref: `#/$defs/d${i + 1}` })) };
    expect(compileSchema(JSON.stringify({ $defs, $ref: '#/$defs/d0' }))).toMatch(/20000 subschemas/);
  });

  test('whose expression backtracks for ever takes linear time', () => {
    const check = compiled({ pattern: '^(a+)+$' });
    const startedMs = performance.now();
    expect(check(`${'a'.repeat(50_000)}!`)).toContain('pattern');
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  test('whose recursion branches is stopped', () => {
    const check = compiled({ items: { anyOf: [{ $ref: '#' }, { $ref: '#' }] }, type: 'array', not: { const: 1 } });
    let value: unknown = 'wrong';
    for (let i = 0; i < 40; i++) value = [value];
    expect(check(value)).toContain('longer than');
    // And is of use again afterwards.
    expect(check([])).toBeUndefined();
  });

  test('that never ends its recursion is stopped', () => {
    expect(compiled({ anyOf: [{ $ref: '#' }, { $ref: '#' }] })(1)).toMatch(/did not come to an end|longer than/);
  });

  test('of a tree, which refers to itself and means well, is used', () => {
    const check = compiled({ type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } });
    expect(check({ children: [{ children: [] }, {}] })).toBeUndefined();
    expect(check({ children: [{ children: [1] }] })).toBe('/children/0/children/0 breaks "type" (#/type)');
  });

  test('with a hundred thousand members to be unique takes linear time', () => {
    const startedMs = performance.now();
    expect(compiled({ uniqueItems: true })(Array.from({ length: 100_000 }, (_, i) => ({ i })))).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
