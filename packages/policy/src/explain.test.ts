import { expect, test } from 'vitest';
import type { PolicyDocument } from './document.ts';
import { createPolicy } from './policy.ts';
import type { PolicyRequest } from './request.ts';
import { testPolicy, type PolicyCase } from './table.ts';

const document: PolicyDocument = {
  roles: { reader: { groups: ['staff'] }, admin: { groups: ['ops'] } },
  rules: [
    { id: 'read', effect: 'allow', roles: ['reader'], servers: ['git'], tools: ['get_*'] },
    {
      id: 'push',
      effect: 'allow',
      roles: ['reader'],
      tools: ['push'],
      scopes: ['git:write'],
      when: "args.branch != 'main'",
    },
    { id: 'admin', effect: 'allow', roles: ['admin'], methods: ['tools/*'] },
    { id: 'no-wipe', effect: 'deny', roles: ['*'], tools: ['wipe'] },
    { id: 'broken', effect: 'deny', roles: ['*'], tools: ['odd'], when: 'args.absent == 1' },
    { id: 'trial', effect: 'deny', roles: ['*'], tools: ['get_log'], mode: 'shadow' },
  ],
};
const policy = createPolicy({ document });
const request = (tool: string, more: Partial<PolicyRequest> = {}): PolicyRequest => ({
  principal: { key: 'iss|a', groups: ['staff'] },
  target: { server: 'git', method: 'tools/call', tool },
  ...more,
});

test('says how each rule looked at it', () => {
  const { decision, visible, roles, rules, wouldAllow } = policy.explain(request('get_log'));
  expect([decision.effect, visible, roles, wouldAllow]).toEqual(['allow', true, ['reader'], []]);
  expect(rules.map(({ ruleId, applies, shadow }) => [ruleId, applies, shadow])).toEqual([
    ['read', true, false],
    ['push', false, false],
    ['admin', false, false],
    ['no-wipe', false, false],
    ['broken', false, false],
    ['trial', true, true],
  ]);
  expect(rules[1]!.missing).toEqual(["a name like 'push'", "the scopes 'git:write'"]);
});

test.each<[string, PolicyRequest, string[]]>([
  [
    'another role, another server: the smallest change first',
    request('get_log', { target: { server: 'hub', method: 'tools/call', tool: 'get_log' } }),
    [
      "rule 'admin' allows it, given one of the roles 'admin'",
      "rule 'read' allows it, given a server like 'git'",
      "rule 'push' allows it, given a name like 'push' and the scopes 'git:write'",
    ],
  ],
  [
    'scopes',
    request('push', { arguments: { branch: 'x' } }),
    [
      "rule 'push' allows it, given the scopes 'git:write'",
      "rule 'admin' allows it, given one of the roles 'admin'",
      "rule 'read' allows it, given a name like 'get_*'",
    ],
  ],
  [
    'a condition',
    request('push', {
      principal: { key: 'a', groups: ['staff'], scopes: ['git:write'] },
      arguments: { branch: 'main' },
    }),
    [
      "rule 'push' allows it, given that args.branch != 'main'",
      "rule 'admin' allows it, given one of the roles 'admin'",
      "rule 'read' allows it, given a name like 'get_*'",
    ],
  ],
  ['a denial', request('wipe', { principal: { key: 'a', groups: ['ops'] } }), ["rule 'no-wipe' must not deny it"]],
  [
    'a failure',
    request('odd', { principal: { key: 'a', groups: ['ops'] } }),
    ["the condition of rule 'broken' must not fail"],
  ],
  [
    'a spelling',
    { principal: { key: 'a' }, target: { method: 'resources/read', resource: 'file:///a/../b' } },
    ['a target that names one thing, and a resource in its canonical spelling'],
  ],
])('says what would allow it: %s', (_what, asked, expected) => {
  const { decision, wouldAllow } = policy.explain(asked);
  expect(decision.effect).toBe('deny');
  expect(wouldAllow).toEqual(expected);
});

test('says so when there is no rule at all', () => {
  const empty = createPolicy({ document: { roles: {}, rules: [] } });
  expect(empty.explain(request('x')).wouldAllow).toEqual(['a rule that allows it: there is none']);
});

test('a table of expected decisions', () => {
  const base = request('get_log');
  const cases: PolicyCase[] = [
    { name: 'reads', ...base, expect: 'allow', ruleId: 'read' },
    { name: 'is hidden', ...request('wipe'), expect: 'hidden' },
    { name: 'is denied', ...request('wipe'), expect: 'deny', ruleId: 'no-wipe' },
    { name: 'needs a scope', ...request('push', { arguments: { branch: 'x' } }), expect: 'scope' },
    {
      name: 'is seen and refused',
      ...request('push', {
        principal: { key: 'a', groups: ['staff'], scopes: ['git:write'] },
        arguments: { branch: 'main' },
      }),
      expect: 'forbidden',
    },
    { name: 'wrong effect', ...base, expect: 'deny' },
    { name: 'wrong rule', ...base, expect: 'allow', ruleId: 'admin' },
    { name: 'wrong kind of denial', ...request('wipe'), expect: 'forbidden' },
  ];
  const results = testPolicy(policy, cases);
  expect(results.map(({ name, ok }) => [name, ok])).toEqual([
    ['reads', true],
    ['is hidden', true],
    ['is denied', true],
    ['needs a scope', true],
    ['is seen and refused', true],
    ['wrong effect', false],
    ['wrong rule', false],
    ['wrong kind of denial', false],
  ]);
  expect(results[5]).toMatchObject({ expected: 'deny', actual: 'allow by read', explanation: { visible: true } });
  expect(results[6]).toMatchObject({ expected: 'allow by admin', actual: 'allow by read' });
  expect(results[0]).not.toHaveProperty('explanation');
});
