import { celEnv, parse as parseCel, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { celEngine } from './cel.ts';
import type { Bindings } from './condition.ts';

const engine = celEngine();
const now = new Date(Date.UTC(2026, 10, 23, 12, 30));
const bindings = (args: Record<string, unknown>): Bindings => ({
  principal: { key: 'iss|alice', groups: ['staff', 'ops'], scopes: ['a'], claims: { level: 3, dept: 'ops' } },
  target: { method: 'tools/call', server: 'git', tool: 'push', annotations: { readOnlyHint: false } },
  args,
  now,
  address: '10.1.2.3',
});

type Outcome = boolean | 'fails';

function ours(source: string, args: Record<string, unknown>): Outcome {
  try {
    return engine.compile(source).test(bindings(args));
  } catch {
    return 'fails';
  }
}

/** The same by an independent implementation that passes CEL's conformance suite. */
function oracle(source: string, args: Record<string, unknown>): Outcome {
  const { now: _now, ...rest } = bindings(args);
  try {
    const result: unknown = plan(celEnv({ funcs: strings }), parseCel(source))(rest as never);
    return typeof result === 'boolean' ? result : 'fails';
  } catch {
    return 'fails';
  }
}

const operand = fc.constantFrom(
  'args.a',
  'args.b',
  'args.o.x',
  'args.l',
  'args.missing',
  "args['a']",
  '5',
  '5.0',
  '-1',
  "'x'",
  "''",
  'true',
  'null',
  '[1, 2]',
  "['x']",
  'principal.groups',
  'principal.key',
  'principal.claims.level',
  'target.tool',
  'size(args.l)',
  "size('abc')",
  'address',
);
const comparison = fc
  .tuple(operand, fc.constantFrom('==', '!=', '<', '<=', '>', '>=', 'in'), operand)
  .map((parts) => parts.join(' '));
const call = fc.constantFrom(
  "args.a.startsWith('x')",
  "args.a.endsWith('y')",
  "args.a.contains('z')",
  'has(args.a)',
  'has(args.o.x)',
  'has(args.missing.x)',
  "args.l.all(i, i == 'x')",
  "args.l.exists(i, i == 'x')",
  "args.l.exists_one(i, i == 'x')",
  "args.l.filter(i, i == 'x') == ['x']",
  'args.l.map(i, i) == args.l',
  "'staff' in principal.groups",
  'principal.groups.exists(g, g == args.a)',
  'args.a',
  'type(args.a) == string',
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3 },
    comparison,
    call,
    fc
      .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
      .map(([a, op, b]) => `(${a}) ${op} (${b})`),
    tie('expression').map((inner) => `!(${inner})`),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
  ),
}));
const value = fc.oneof(
  fc.constantFrom('x', 'xy', '', 5, -1, 5.5, true, null),
  fc.array(fc.constantFrom('x', 'y'), { maxLength: 3 }),
);
const someArgs = fc.record(
  { a: value, b: value, l: fc.array(fc.constantFrom('x', 'y'), { maxLength: 3 }), o: fc.record({ x: value }) },
  { requiredKeys: ['l'] },
);

describe('against a second implementation', () => {
  test('nothing that fails or is false there is true here', () => {
    let compared = 0;
    fc.assert(
      fc.property(expression, someArgs, (source, made) => {
        // As a parser would make them; the other implementation takes no objects without a prototype.
        const args: unknown = JSON.parse(JSON.stringify(made));
        // A member that is null is a member of a map (language definition, "Field Selection"); the other one has it absent.
        fc.pre(!(source.includes('has(') && JSON.stringify(args).includes('null')));
        const [mine, theirs] = [ours(source, args as never), oracle(source, args as never)];
        // Ours also checks types before it runs, so it may fail where the other gives an answer; never the other way round.
        if (mine === 'fails') return;
        compared++;
        expect([source, mine]).toEqual([source, theirs]);
      }),
      { numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  test.each<[string, Outcome]>([
    ['args.n == 5', true],
    ['args.n > 4 && args.n < 6', true],
    ["principal.claims.dept == 'ops' && 'ops' in principal.groups", true],
    ["target.method == 'tools/call' && !target.annotations.readOnlyHint", true],
    ['args.missing == 1', 'fails'],
    ['args.missing == 1 || args.n == 5', true],
    ['args.n == 5 || args.missing == 1', true],
    ['args.missing == 1 && args.n == 6', false],
    ['has(args.toString) || has(args.constructor) || has(args.__proto__)', false],
    ["args.n == '5'", false],
  ])('%s', (source, expected) => {
    expect(ours(source, { n: 5 })).toBe(expected);
    expect(oracle(source, { n: 5 })).toBe(expected);
  });
});

describe('beyond CEL', () => {
  test.each<[string, boolean]>([
    ["inNetwork(address, '10.0.0.0/8')", true],
    ["inNetwork(address, '10.1.2.3')", true],
    ["inNetwork(address, '10.1.3.0/24')", false],
    ["inNetwork('::ffff:10.1.2.3', '10.0.0.0/8')", true],
    ["inNetwork('2001:db8::1', '2001:db8::/32')", true],
    ["inNetwork('2001:db8::1', '10.0.0.0/8')", false],
    ["inNetwork('unknown', '0.0.0.0/0')", false],
    ["glob(args.text, 'rel*-?')", false],
    ["glob(args.text, 'release-*')", true],
    ["pathWithin(args.path, '/data')", true],
    ["now < timestamp('2026-12-01T00:00:00Z') && now.getHours() == 12", true],
    ["now.getDayOfWeek('Europe/Berlin') == 1", true],
  ])('%s', (source, expected) => {
    expect(ours(source, { text: 'release-1', path: '/data/x' })).toBe(expected);
  });

  test('a network that is none fails, so that a slip denies', () => {
    for (const network of ['10.0.0.0/33', '10.0.0/8', 'all', '', '10.0.0.0/8/8', '::/129', '10.0.0.0/x']) {
      expect(ours(`inNetwork(address, '${network}')`, {})).toBe('fails');
    }
  });

  test('a member that is null is there', () => {
    expect(ours('has(args.a)', { a: null })).toBe(true);
  });

  test('knows which variables a condition mentions', () => {
    expect(
      [...engine.compile("has(args.x) && principal.groups.exists(g, g == 'a')").variables].filter(
        (name) => name !== 'g',
      ),
    ).toEqual(['args', 'principal']);
    expect(engine.compile("target.tool == 'x'").variables.has('args')).toBe(false);
    for (const source of [
      '[1].all(i, i == args.n)',
      "{'a': args.n}['a'] == 1",
      'true ? args.b : false',
      'size([args.n]) == 1',
      "glob(args.text, 'x')",
      '!args.b',
      "args['b'] == 1",
    ]) {
      expect(engine.compile(source).variables.has('args')).toBe(true);
    }
  });
});
