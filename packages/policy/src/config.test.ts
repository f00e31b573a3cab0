import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { policyCasesSchema, policySchema, type PolicyCasesConfig, type PolicyConfig } from './config.ts';
import type { PolicyDocument, PolicyRule, RoleSources } from './document.ts';
import { createPolicy } from './policy.ts';
import type { Principal, Target } from './request.ts';
import { testPolicy, type PolicyCase } from './table.ts';

test('documents and configuration are the same in both directions', () => {
  expectTypeOf<PolicyConfig>().toExtend<PolicyDocument>();
  expectTypeOf<keyof PolicyConfig>().toEqualTypeOf<keyof PolicyDocument>();
  expectTypeOf<keyof PolicyConfig['rules'][number]>().toEqualTypeOf<keyof PolicyRule>();
  expectTypeOf<keyof PolicyConfig['roles'][string]>().toEqualTypeOf<keyof RoleSources>();
  expectTypeOf<PolicyCasesConfig[number]>().toExtend<PolicyCase>();
  expectTypeOf<keyof PolicyCasesConfig[number]>().toEqualTypeOf<keyof PolicyCase>();
  expectTypeOf<keyof PolicyCasesConfig[number]['target']>().toEqualTypeOf<keyof Target>();
  expectTypeOf<keyof PolicyCasesConfig[number]['principal']>().toEqualTypeOf<keyof Principal>();
});

test('what a file says makes a policy and its table', () => {
  const document = policySchema.parse({
    roles: { reader: { groups: ['staff'] } },
    rules: [{ id: 'read', effect: 'allow', roles: ['reader'], tools: ['get_*'] }],
  });
  const cases = policyCasesSchema.parse([
    {
      name: 'reads',
      principal: { key: 'a', groups: ['staff'] },
      target: { server: 'git', method: 'tools/call', tool: 'get_x' },
      expect: 'allow',
    },
  ]);
  expect(testPolicy(createPolicy({ document }), cases)).toMatchObject([{ ok: true }]);
});

test.each<[string, object]>([
  ['a misspelt part, which would make a rule wider', { id: 'a', effect: 'allow', roles: ['*'], tool: ['x'] }],
  ['an unknown effect', { id: 'a', effect: 'permit', roles: ['*'] }],
  ['no roles', { id: 'a', effect: 'allow' }],
  ['one role instead of a list', { id: 'a', effect: 'allow', roles: '*' }],
])('refuses %s', (_what, rule) => {
  expect(policySchema.safeParse({ roles: {}, rules: [rule] }).success).toBe(false);
});

test('the schemas can be published as JSON Schema', () => {
  expect(z.toJSONSchema(policySchema)).toMatchObject({ type: 'object', additionalProperties: false });
  expect(z.toJSONSchema(policyCasesSchema)).toMatchObject({ type: 'array' });
});
