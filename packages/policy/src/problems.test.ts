import { describe, expect, test } from 'vitest';
import type { PolicyRule } from './document.ts';
import { createPolicy } from './policy.ts';

const roles = { reader: { groups: ['staff'] }, nobody: {}, empty: { groups: [] } };
const allow = (more: Partial<PolicyRule> = {}): PolicyRule => ({
  id: 'a',
  effect: 'allow',
  roles: ['reader'],
  ...more,
});
const deny = (more: Partial<PolicyRule> = {}): PolicyRule => ({ id: 'd', effect: 'deny', roles: ['*'], ...more });
const problemsOf = (...rules: PolicyRule[]) =>
  createPolicy({ document: { roles, rules } }).problems.map(({ ruleId, severity, message }) => [
    ruleId,
    severity,
    message,
  ]);

describe('rules that can never match are found when the policy is made', () => {
  test.each<[string, PolicyRule[], string]>([
    ['for no role', [allow({ roles: [] })], 'a never it is for no role'],
    ['an empty list of servers', [allow({ servers: [] })], 'a never it lists no servers'],
    ['an empty list of methods', [deny({ methods: [] })], 'd never it lists no methods'],
    ['an empty list of tools', [allow({ tools: [] })], 'a never it lists no tools'],
    ['empty lists of names', [allow({ tools: [], prompts: [] })], 'a never it lists no tools, prompts'],
    [
      'a method that names no such thing',
      [allow({ methods: ['prompts/*'], tools: ['x'] })],
      'a never none of its methods names a tool',
    ],
    [
      'a method that names nothing',
      [deny({ methods: ['sampling/createMessage'], resources: ['**'] })],
      'd never none of its methods names a resource',
    ],
    ['a condition that is false', [allow({ when: '1 > 2' })], 'a never its condition never holds'],
    ['a condition that fails', [allow({ when: '[1][5] == 1' })], 'a never its condition always fails'],
    [
      'a denial of the same',
      [allow({ tools: ['x'] }), deny({ tools: ['x'] })],
      "a never rule 'd' denies everything that it allows",
    ],
    [
      'a wider denial',
      [allow({ servers: ['git'], tools: ['del_a', 'del_b'], when: "args.x == 'y'" }), deny({ tools: ['del_*'] })],
      "a never rule 'd'",
    ],
    ['a denial of everything', [allow(), deny()], "a never rule 'd'"],
    [
      'a denial by tree',
      [allow({ resources: ['file:///a/b'] }), deny({ resources: ['file:///**'] })],
      "a never rule 'd'",
    ],
    [
      'a denial of a pinned annotation',
      [allow({ annotations: { destructiveHint: true } }), deny({ annotations: { destructiveHint: true } })],
      "a never rule 'd'",
    ],
  ])('%s', (_what, rules, expected) => {
    const problems = problemsOf(...rules);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.join(' ')).toContain(expected);
  });

  test.each<[string, PolicyRule[], string]>([
    ['a role that is not in the policy', [allow({ roles: ['raeder'] })], "the role 'raeder' is not among the roles"],
    ['a role without sources', [allow({ roles: ['nobody'] })], "nobody has the role 'nobody'"],
    ['a role with an empty source', [allow({ roles: ['empty'] })], "nobody has the role 'empty'"],
    ['a method that is none', [allow({ methods: ['tool/call'] })], "'tool/call' matches no method of MCP"],
    ['a condition that always holds', [allow({ when: '1 < 2' })], 'its condition always holds'],
  ])('%s is suspicious', (_what, rules, expected) => {
    const problems = problemsOf(...rules);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toEqual(['a', 'suspicious', expect.stringContaining(expected)]);
  });
});

describe('nothing is said of rules that can match', () => {
  test.each<[string, PolicyRule[]]>([
    ['an ordinary rule', [allow({ servers: ['git'], methods: ['tools/call'], tools: ['*'] })]],
    ['a denial with a condition', [allow({ tools: ['x'] }), deny({ tools: ['x'], when: 'args.n > 5.0' })]],
    ['a denial in shadow mode', [allow({ tools: ['x'] }), deny({ tools: ['x'], mode: 'shadow' })]],
    ['a denial for other roles', [allow({ roles: ['*'], tools: ['x'] }), deny({ roles: ['reader'], tools: ['x'] })]],
    ['a denial of part of it', [allow({ tools: ['del_*'] }), deny({ tools: ['del_a'] })]],
    ['a denial of one kind of name', [allow({ tools: ['x'], prompts: ['x'] }), deny({ tools: ['*'] })]],
    [
      'a denial of names, and an allowance of what has none',
      [allow({ methods: ['elicitation/*'] }), deny({ tools: ['*'] })],
    ],
    ['a denial of one method', [allow({ tools: ['x'] }), deny({ methods: ['tools/call'] })]],
    ['a denial on servers, where the rule is for all', [allow({ tools: ['x'] }), deny({ servers: ['*'] })]],
    ['a denial by annotation', [allow({ tools: ['x'] }), deny({ annotations: { destructiveHint: true } })]],
    ['a segment against a tree', [allow({ resources: ['file:///a/b/c'] }), deny({ resources: ['file:///a/*'] })]],
    ['completion names prompts and resources', [allow({ methods: ['completion/complete'], prompts: ['x'] })]],
  ])('%s', (_what, rules) => {
    expect(problemsOf(...rules)).toEqual([]);
  });
});
