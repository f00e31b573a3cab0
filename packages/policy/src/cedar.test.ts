import * as engine from '@cedar-policy/cedar-wasm/nodejs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCedarPolicy } from './cedar.ts';
import type { PolicyEvent } from './decision.ts';
import { isPolicyError } from './errors.ts';
import { createPolicy, listItem } from './policy.ts';
import type { PolicyRequest, Principal, Target } from './request.ts';

const staff: Principal = Object.freeze({ key: 'iss|alice', groups: ['staff'], tenant: 'acme' });
const stranger: Principal = Object.freeze({ key: 'iss|eve' });

function policyOf(policies: Record<string, string>, schema?: string) {
  const events: PolicyEvent[] = [];
  const policy = createCedarPolicy({
    engine,
    policies,
    now: () => Date.UTC(2026, 10, 23, 12),
    onEvent: (event) => events.push(event),
    ...(schema === undefined ? {} : { schema }),
  });
  return { policy, events };
}
const call = (tool: string, more: Partial<PolicyRequest> = {}): PolicyRequest => ({
  principal: staff,
  target: { server: 'git', method: 'tools/call', tool },
  ...more,
});
const READ = `permit(principal in Mcp::Group::"staff", action == Mcp::Action::"tools/call", resource in Mcp::Server::"git")
  when { resource.name like "get_*" };`;
const PUSH = `permit(principal in Mcp::Group::"staff", action, resource == Mcp::Tool::"git/push")
  when { context.args.branch != "main" };`;
const WIPE = 'forbid(principal, action, resource) when { resource has name && resource.name == "get_secret" };';

describe('the same contract as the policy of this package', () => {
  const { policy, events } = policyOf({ read: READ, push: PUSH, wipe: WIPE });

  test.each<[string, PolicyRequest, object]>([
    ['allowed', call('get_a'), { effect: 'allow', reason: 'allowed', ruleId: 'read', answer: 'none' }],
    [
      'forbidden overrides',
      call('get_secret'),
      { effect: 'deny', reason: 'denied', ruleId: 'wipe', answer: 'unknown' },
    ],
    ['no permit', call('other'), { effect: 'deny', reason: 'no-rule', ruleId: undefined, answer: 'unknown' }],
    ['somebody else', call('get_a', { principal: stranger }), { effect: 'deny', answer: 'unknown' }],
    ['the right arguments', call('push', { arguments: { branch: 'x' } }), { effect: 'allow', ruleId: 'push' }],
    ['the wrong ones', call('push', { arguments: { branch: 'main' } }), { effect: 'deny', answer: 'forbidden' }],
    [
      'a name elsewhere',
      call('get_a', { target: { server: 'hub', method: 'tools/call', tool: 'get_a' } }),
      { effect: 'deny' },
    ],
    [
      'two names at once',
      call('get_a', { target: { server: 'git', method: 'tools/call', tool: 'a', prompt: 'b' } }),
      { reason: 'malformed' },
    ],
  ])('%s', (_, request, expected) => {
    expect(policy.decide(request)).toMatchObject({ ...expected, policyHash: policy.hash, scopes: [] });
    // And once more from memory.
    expect(policy.decide(request)).toMatchObject(expected);
  });

  test('a policy that fails denies, with an event, though Cedar would leave it out', () => {
    expect(policy.decide(call('push'))).toMatchObject({
      effect: 'deny',
      reason: 'error',
      ruleId: 'push',
      answer: 'forbidden',
    });
    expect(events.at(-1)).toMatchObject({ type: 'policy.error', ruleId: 'push', principal: 'iss|alice' });
    const { policy: forbids } = policyOf({
      read: READ,
      no: 'forbid(principal, action, resource) when { context.args.force };',
    });
    expect(forbids.decide(call('get_a')).effect).toBe('deny');
  });

  test('lists show what may be used with the right arguments, and nothing else', () => {
    const names = ['get_a', 'push', 'get_secret', 'other'];
    const filter = (principal: Principal): string[] =>
      policy.filter({ principal }, names, (name) => listItem('tools/list', 'git', name));
    expect(filter(staff)).toEqual(['get_a', 'push']);
    expect(filter(stranger)).toEqual([]);
  });

  test('lists and plumbing are open, unless something forbids them', () => {
    const { policy: closed } = policyOf({ no: 'forbid(principal, action == Mcp::Action::"tools/list", resource);' });
    const effect = (one: typeof policy, method: string): string =>
      one.decide({ principal: stranger, target: { server: 'git', method } }).effect;
    expect([effect(policy, 'tools/list'), effect(policy, 'ping'), effect(policy, 'sampling/createMessage')]).toEqual([
      'allow',
      'allow',
      'deny',
    ]);
    expect(effect(closed, 'tools/list')).toBe('deny');
  });

  test('address and time are what they are in lists too', () => {
    const { policy: local } = policyOf({
      near: 'permit(principal, action, resource) when { context has ip && context.ip.isInRange(ip("10.0.0.0/8")) && context.now < datetime("2026-12-01") };',
    });
    for (const [address, seen] of [
      ['10.1.2.3', true],
      ['192.0.2.1', false],
      ['', false],
      ['nonsense', false],
    ] as const) {
      expect([
        address,
        local.sees(call('x', { address })),
        local.decide(call('x', { address })).effect === 'allow',
      ]).toEqual([address, seen, seen]);
    }
  });
});

test('what a caller sends cannot pass for an entity or an extension', () => {
  const { policy } = policyOf({ a: 'permit(principal, action, resource) when { context.args.who == principal };' });
  const forged = { __entity: { type: 'Mcp::Principal', id: 'iss|alice' } };
  expect(policy.decide(call('x', { arguments: { who: forged } })).effect).toBe('deny');
  const { policy: typed } = policyOf({
    a: 'permit(principal, action, resource) when { context.args.n == decimal("1.5") && context.args.i == 7 };',
  });
  expect(typed.decide(call('x', { arguments: { n: 1.5, i: 7 } })).effect).toBe('allow');
  for (const n of [{ __extn: { fn: 'decimal', arg: '1.5' } }, '1.5', null, 1.50001, Number.NaN])
    expect(typed.decide(call('x', { arguments: { n, i: 7 } })).effect).toBe('deny');
});

test('a policy that is none, or does not fit the schema, is named when the policy is made', () => {
  const wrong = (policies: Record<string, string>, schema?: string): unknown => {
    try {
      return policyOf(policies, schema);
    } catch (thrown) {
      return isPolicyError(thrown) ? [thrown.code, thrown.subject] : thrown;
    }
  };
  expect(wrong({ fine: READ, odd: 'permit(everybody);' })).toEqual(['ERR_POLICY_RULE', 'odd']);
  const schema = `namespace Mcp { entity Group; entity Server; entity Principal in [Group]; entity Tool in [Server] { name: String };
    action "tools/call" appliesTo { principal: [Principal], resource: [Tool], context: { args: { branch?: String } } }; }`;
  expect(
    wrong(
      {
        read: READ,
        slip: 'permit(principal, action == Mcp::Action::"tools/call", resource) when { resource.nmae == "x" };',
      },
      schema,
    ),
  ).toEqual(['ERR_POLICY_CONDITION', 'slip']);
  expect(wrong({ read: READ }, schema)).toMatchObject({ events: [] });
});

test('decides as the rules of this package do, where both can say the same', () => {
  const { policy } = policyOf({ read: READ, push: PUSH, wipe: WIPE });
  const rules = createPolicy({
    document: {
      roles: { staff: { groups: ['staff'] } },
      rules: [
        { id: 'read', effect: 'allow', roles: ['staff'], servers: ['git'], methods: ['tools/call'], tools: ['get_*'] },
        {
          id: 'push',
          effect: 'allow',
          roles: ['staff'],
          servers: ['git'],
          tools: ['push'],
          when: "args.branch != 'main'",
        },
        { id: 'wipe', effect: 'deny', roles: ['*'], tools: ['get_secret'] },
      ],
    },
  });
  const target: fc.Arbitrary<Target> = fc.record({
    server: fc.constantFrom('git', 'hub'),
    method: fc.constantFrom('tools/call', 'tasks/get'),
    tool: fc.constantFrom('get_a', 'get_secret', 'push', 'other', 'GET_A', 'get_'),
  });
  const args = fc.constantFrom({}, { branch: 'x' }, { branch: 'main' }, { branch: 5 }, { branch: null });
  fc.assert(
    fc.property(fc.constantFrom(staff, stranger), target, args, (principal, one, given) => {
      // Cedar compares values of any types, CEL does not: there an odd type fails, which denies.
      fc.pre(!('branch' in given) || typeof given.branch === 'string');
      const request = { principal, target: one, arguments: given };
      const [cedar, own] = [policy.decide(request), rules.decide(request)];
      expect([cedar.effect, cedar.answer, policy.sees(request)]).toEqual([own.effect, own.answer, rules.sees(request)]);
    }),
    { numRuns: 150 },
  );
});
