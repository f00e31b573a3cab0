import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PolicyEvent } from './decision.ts';
import type { PolicyDocument, PolicyRule } from './document.ts';
import { METHODS } from './methods.ts';
import { createPolicy, listItem } from './policy.ts';
import type { PolicyRequest, Principal, Target } from './request.ts';

const roles: PolicyDocument['roles'] = {
  reader: { groups: ['staff'] },
  writer: { scopes: ['mcp:write'] },
  operator: {
    claims: { dept: ['ops', 'sre'] },
    keys: ['key-1'],
    principals: ['iss|root'],
    clients: ['ci'],
    kinds: ['service'],
    tenants: ['acme'],
  },
};

function policyOf(...rules: PolicyRule[]) {
  const events: PolicyEvent[] = [];
  const policy = createPolicy({
    document: { roles, rules },
    now: () => Date.UTC(2026, 10, 23, 12),
    onEvent: (event) => events.push(event),
  });
  return { policy, events };
}

const staff: Principal = Object.freeze({ key: 'iss|alice', groups: ['staff'] });
const stranger: Principal = Object.freeze({ key: 'iss|eve' });
const call = (tool: string, more: Partial<PolicyRequest> = {}): PolicyRequest => ({
  principal: staff,
  target: { server: 'git', method: 'tools/call', tool },
  ...more,
});
const allow = (id: string, more: Partial<PolicyRule> = {}): PolicyRule => ({
  id,
  effect: 'allow',
  roles: ['reader'],
  ...more,
});
const deny = (id: string, more: Partial<PolicyRule> = {}): PolicyRule => ({
  id,
  effect: 'deny',
  roles: ['*'],
  ...more,
});

describe('what is not allowed is denied', () => {
  test('an empty policy denies every method of MCP that is no list and no plumbing', () => {
    const { policy } = policyOf();
    for (const [method, kinds] of Object.entries(METHODS)) {
      const targets: Target[] =
        kinds.length === 0
          ? [{ server: 'git', method }]
          : kinds.map((kind) => ({ server: 'git', method, [kind]: kind === 'resource' ? 'file:///a' : 'a' }));
      for (const target of targets) {
        const open = /\/list$|^initialize$|^ping$|^server\/discover$/.test(method) && !/^(?:tasks|roots)/.test(method);
        expect([method, policy.decide({ principal: staff, target }).effect]).toEqual([method, open ? 'allow' : 'deny']);
      }
    }
    expect(policy.decide({ principal: staff, target: { server: 'git', method: 'vendor/secret' } }).effect).toBe('deny');
    expect(policy.decide({ principal: staff, target: { server: 'git', method: 'constructor' } }).effect).toBe('deny');
  });

  test('a denial overrides what is allowed, wherever it stands', () => {
    for (const rules of [
      [allow('all'), deny('no-delete', { tools: ['delete_*'] })],
      [deny('no-delete', { tools: ['delete_*'] }), allow('all')],
    ]) {
      const { policy } = policyOf(...rules);
      expect(policy.decide(call('delete_repo'))).toMatchObject({
        effect: 'deny',
        reason: 'denied',
        ruleId: 'no-delete',
        answer: 'unknown',
      });
      expect(policy.decide(call('search'))).toMatchObject({ effect: 'allow', ruleId: 'all', policyHash: policy.hash });
    }
  });

  test('names are compared exactly: case, look-alikes, prefixes and invisible characters are other names', () => {
    const { policy } = policyOf(allow('one', { servers: ['git'], tools: ['search'] }));
    expect(policy.decide(call('search')).effect).toBe('allow');
    for (const tool of [
      'Search',
      'SEARCH',
      'search ',
      ' search',
      'search\u0000',
      'searc\u043d',
      'search2',
      'sear\u200bch',
      '',
    ]) {
      expect(policy.decide(call(tool)).effect).toBe('deny');
    }
    for (const server of ['Git', 'git2', undefined]) {
      expect(policy.decide({ principal: staff, target: { server, method: 'tools/call', tool: 'search' } }).effect).toBe(
        'deny',
      );
    }
    expect(
      policy.decide({ principal: staff, target: { server: 'git', method: 'prompts/get', prompt: 'search' } }).effect,
    ).toBe('deny');
  });

  test('a rule for one kind of name allows no other, under any method', () => {
    const { policy } = policyOf(allow('tools', { tools: ['*'] }));
    const effect = (target: Omit<Target, 'server'>): string =>
      policy.decide({ principal: staff, target: { server: 'git', ...target } }).effect;
    expect(effect({ method: 'tools/call', tool: 'x' })).toBe('allow');
    expect(effect({ method: 'tasks/get', tool: 'x' })).toBe('allow');
    expect(effect({ method: 'tasks/get' })).toBe('deny');
    expect(effect({ method: 'prompts/get', prompt: 'x' })).toBe('deny');
    expect(effect({ method: 'completion/complete', prompt: 'x' })).toBe('deny');
    expect(effect({ method: 'resources/read', resource: 'file:///x' })).toBe('deny');
    expect(effect({ method: 'subscriptions/listen', resource: 'file:///x' })).toBe('deny');
    expect(effect({ method: 'sampling/createMessage' })).toBe('deny');
  });

  test('a rule for any server says nothing of what has none', () => {
    const { policy } = policyOf(allow('any', { servers: ['*'] }));
    const target = { method: 'tools/call', tool: 'x' };
    expect(policy.decide({ principal: staff, target }).effect).toBe('deny');
    expect(policy.decide({ principal: staff, target: { ...target, server: '' } }).effect).toBe('allow');
  });

  test('a list is open unless a rule denies it; what a server asks of a client is not', () => {
    const { policy } = policyOf(
      deny('no-prompts', { methods: ['prompts/list'] }),
      allow('ask', { servers: ['git'], methods: ['elicitation/create'] }),
    );
    const effect = (method: string): string =>
      policy.decide({ principal: staff, target: { server: 'git', method } }).effect;
    expect(effect('tools/list')).toBe('allow');
    expect(effect('prompts/list')).toBe('deny');
    expect(effect('elicitation/create')).toBe('allow');
    expect(effect('sampling/createMessage')).toBe('deny');
  });
});

describe('roles', () => {
  const { policy } = policyOf(
    allow('r', { roles: ['reader'], tools: ['read'] }),
    allow('w', { roles: ['writer'], tools: ['write'] }),
    allow('o', { roles: ['operator', 'auditor'], tools: ['operate'] }),
  );
  const may = (tool: string, principal: Omit<Principal, 'key'> & { key?: string }): boolean =>
    policy.decide(call(tool, { principal: { key: 'iss|x', ...principal } })).effect === 'allow';

  test.each<[string, Omit<Principal, 'key'> & { key?: string }]>([
    ['read', { groups: ['staff'] }],
    ['write', { scopes: new Set(['mcp:write']) }],
    ['operate', { claims: { dept: 'ops' } }],
    ['operate', { claims: { dept: ['dev', 'sre'] } }],
    ['operate', { keyId: 'key-1' }],
    ['operate', { key: 'iss|root' }],
    ['operate', { clientId: 'ci' }],
    ['operate', { kind: 'service' }],
    ['operate', { tenant: 'acme' }],
    ['operate', { roles: ['auditor'] }],
  ])('%s is for %j', (tool, principal) => expect(may(tool, principal)).toBe(true));

  test.each<[string, Omit<Principal, 'key'> & { key?: string }]>([
    ['read', {}],
    ['read', { groups: ['staff2', 'Staff', 'staf'] }],
    ['write', { scopes: ['mcp:writer', 'mcp:writ', 'mcp:write mcp:read'] }],
    ['operate', { claims: { dept: 'ops2' } }],
    ['operate', { claims: { dept: { ops: true } } }],
    ['operate', { claims: { dept: [['ops']] } }],
    ['operate', { claims: { toString: 'ops' } }],
    ['operate', { roles: ['*', 'Auditor'] }],
  ])('%s is not for %j', (tool, principal) => expect(may(tool, principal)).toBe(false));

  test('one text where a list belongs is a failure, not a list of letters', () => {
    const document = { roles: { letter: { groups: ['s'] } }, rules: [allow('x', { roles: ['letter'] })] };
    const decision = createPolicy({ document }).decide(
      call('read', { principal: { key: 'a', groups: 'staff' as never } }),
    );
    expect(decision).toMatchObject({ effect: 'deny', reason: 'error' });
  });

  test('what a claim inherits is no claim', () => {
    expect(may('operate', { claims: Object.create({ dept: 'ops' }) as Record<string, unknown> })).toBe(false);
  });

  test('a principal that can change is looked at again; one that is frozen is remembered', () => {
    const principal = { key: 'iss|x', groups: [] as string[] };
    const decide = (): string => policy.decide(call('read', { principal })).effect;
    expect(decide()).toBe('deny');
    principal.groups = ['staff'];
    expect(decide()).toBe('allow');
    principal.groups = [];
    expect(decide()).toBe('deny');
  });
});

describe('scopes', () => {
  const { policy } = policyOf(
    allow('write', { tools: ['push'], scopes: ['git:read', 'git:write'] }),
    allow('admin', { tools: ['push'], scopes: ['git:admin', 'git:a', 'git:b'] }),
    deny('never', { tools: ['wipe'] }),
    allow('wipe', { tools: ['wipe'], scopes: ['git:admin'] }),
  );

  test('that are missing are all named, and the item stays in lists', () => {
    const request = call('push', { principal: { ...staff, scopes: ['git:read'] } });
    expect(policy.decide(request)).toMatchObject({
      effect: 'deny',
      reason: 'scope',
      answer: 'scope',
      ruleId: 'write',
      scopes: ['git:read', 'git:write'],
    });
    expect(policy.sees(request)).toBe(true);
  });

  test('that are all there allow it', () => {
    expect(policy.decide(call('push', { principal: { ...staff, scopes: ['git:write', 'git:read'] } })).effect).toBe(
      'allow',
    );
  });

  test('are not asked for when nothing could cure it: another role, or a denial', () => {
    expect(policy.decide(call('push', { principal: stranger }))).toMatchObject({ answer: 'unknown', scopes: [] });
    expect(policy.decide(call('wipe'))).toMatchObject({ answer: 'unknown', reason: 'denied', scopes: [] });
  });

  test('are whole words, never parts of one', () => {
    const principal = { ...staff, scopes: ['git:read', 'git:writes', 'git:write:x', 'git:write git:admin'] };
    expect(policy.decide(call('push', { principal }))).toMatchObject({ reason: 'scope' });
  });
});

describe('lists show what calls allow', () => {
  const rules = [
    allow('read', { tools: ['get_*', 'search'] }),
    allow('branches', { tools: ['delete_branch'], when: "args.branch != 'main'" }),
    deny('weekend', { tools: ['deploy'], when: 'now.getDayOfWeek() == 0' }),
    allow('deploy', { tools: ['deploy'] }),
    deny('private', { tools: ['get_secret'] }),
    deny('big', { tools: ['search'], when: 'args.limit > 100.0' }),
  ];
  const { policy } = policyOf(...rules);
  const tools = ['get_file', 'get_secret', 'search', 'delete_branch', 'deploy', 'unknown'].map((name) => ({ name }));

  test('a list holds what may be called, or may be called with the right arguments', () => {
    const seen = policy.filter({ principal: staff }, tools, ({ name }) => listItem('tools/list', 'git', name));
    expect(seen.map(({ name }) => name)).toEqual(['get_file', 'search', 'delete_branch', 'deploy']);
    expect(policy.filter({ principal: stranger }, tools, ({ name }) => listItem('tools/list', 'git', name))).toEqual(
      [],
    );
  });

  test('what is hidden is answered as unknown, what is seen and denied as forbidden', () => {
    expect(policy.decide(call('get_secret')).answer).toBe('unknown');
    expect(policy.decide(call('unknown')).answer).toBe('unknown');
    expect(policy.decide(call('delete_branch', { arguments: { branch: 'main' } }))).toMatchObject({
      answer: 'forbidden',
      reason: 'no-rule',
    });
    expect(policy.decide(call('delete_branch', { arguments: { branch: 'x' } })).answer).toBe('none');
    expect(policy.decide(call('search', { arguments: { limit: 1000 } }))).toMatchObject({
      answer: 'forbidden',
      ruleId: 'big',
    });
  });

  test('a call without arguments has none: a condition on them is asked, not left open', () => {
    expect(policy.decide(call('delete_branch'))).toMatchObject({ effect: 'deny', reason: 'error' });
    expect(policy.decide(call('search'))).toMatchObject({ effect: 'deny', reason: 'error', ruleId: 'big' });
  });

  test.each(['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])(
    '%s names its items',
    (list) => {
      const name = list.startsWith('resources') ? 'file:///{path}' : 'a';
      const { policy } = policyOf(allow('all', { tools: ['a'], prompts: ['a'], resources: ['file:///*'] }));
      expect(policy.sees({ principal: staff, target: listItem(list, 'git', name) })).toBe(true);
      expect(() => listItem('toString', 'git', 'a')).toThrow(TypeError);
    },
  );

  const name = fc.constantFrom('get_file', 'get_secret', 'search', 'delete_branch', 'deploy', 'x');
  const pattern = fc.constantFrom('*', 'get_*', 'search', 'd*', '*_branch', 'x', 'get_secret');
  const condition = fc.constantFrom(
    undefined,
    undefined,
    "args.n == 'x'",
    "principal.tenant == 't'",
    'true',
    'false',
    'has(args.n)',
    "address == ''",
  );
  const rule = fc.record({
    effect: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
    roles: fc.constantFrom(['*'], ['reader'], ['writer'], ['reader', 'operator']),
    tools: fc.array(pattern, { minLength: 1, maxLength: 2 }),
    when: condition,
    mode: fc.constantFrom('enforce' as const, 'enforce' as const, 'shadow' as const),
  });
  const generated = fc
    .array(rule, { maxLength: 6 })
    .map((made) =>
      made.map(({ when, ...one }, i): PolicyRule => ({ id: `r${i}`, ...one, ...(when !== undefined && { when }) })),
    );
  const principal = fc.constantFrom<Principal>(
    staff,
    stranger,
    { key: 'iss|w', scopes: ['mcp:write'], tenant: 't' },
    { key: 'iss|s', groups: ['staff'], tenant: 't' },
  );
  const args = fc.constantFrom({}, { n: 'x' }, { n: 5 });

  test('nothing that may be called is missing from a list, for any rules', () => {
    fc.assert(
      fc.property(generated, name, principal, args, (made, tool, who, given) => {
        const { policy } = policyOf(...made);
        const request = call(tool, { principal: who, arguments: given });
        const decision = policy.decide(request);
        if (decision.effect === 'allow') expect(policy.sees(request)).toBe(true);
        expect(decision.answer === 'unknown').toBe(decision.effect === 'deny' && !policy.sees(request));
      }),
      { numRuns: 500 },
    );
  });

  test('the order of rules means nothing, and neither does what was asked before', () => {
    fc.assert(
      fc.property(
        generated,
        fc.array(fc.tuple(name, principal, args), { minLength: 1, maxLength: 8 }),
        (made, asked) => {
          const [one, other] = [policyOf(...made).policy, policyOf(...made.toReversed()).policy];
          const requests = asked.map(([tool, who, given]) => call(tool, { principal: who, arguments: given }));
          const answers = requests.map((request) => one.decide(request));
          const again = requests
            .toReversed()
            .map((request) => other.decide(request))
            .toReversed();
          const bare = (decisions: typeof answers) => decisions.map(({ policyHash: _hash, ...decision }) => decision);
          expect(bare(again)).toEqual(bare(answers));
          expect(requests.map((request) => one.decide(request))).toEqual(answers);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what goes wrong is a denial', () => {
  const failing = [
    "args.absent == 'x'",
    'principal.claims.x == 1',
    'int(args.text) > 5',
    'args.list[99] == 1',
    'args.text && true',
    'args',
    '[1][args.n] == 1',
    'inNetwork(address, args.text)',
  ];
  test.each(failing.flatMap((when) => (['allow', 'deny'] as const).map((effect) => [when, effect] as const)))(
    'a condition that fails: %s in a rule to %s',
    (when, effect) => {
      const rules = [
        allow('all'),
        {
          ...(effect === 'allow' ? allow('x') : deny('x')),
          when: when === 'args' ? 'dyn(args) == dyn(1) || args.text' : when,
        },
      ];
      for (const order of [rules, rules.toReversed()]) {
        const { policy, events } = policyOf(...order);
        const decision = policy.decide(call('search', { arguments: { text: 'abc', list: [], n: 1.5 } }));
        expect(decision).toMatchObject({ effect: 'deny', reason: 'error', ruleId: 'x' });
        expect(events).toHaveLength(1);
        expect(events[0]).toMatchObject({ type: 'policy.error', ruleId: 'x', principal: 'iss|alice' });
      }
    },
  );

  test('a condition of a rule that does not apply is not asked', () => {
    const { policy, events } = policyOf(allow('all'), deny('x', { tools: ['other'], when: 'args.absent' }));
    expect(policy.decide(call('search')).effect).toBe('allow');
    expect(events).toEqual([]);
  });

  test('any condition on any arguments: it decides, or it denies; it never throws', () => {
    const conditions = [
      "args.a == 'x'",
      'args.a > 5.0',
      'args.a in [1, 2]',
      "args.a.startsWith('x')",
      'size(args.a) < 3',
      'args.a.all(i, i > 0.0)',
      "pathWithin(args.a, '/data')",
      "glob(args.a, 'a*')",
      'args.a.b.c == 1',
      '!args.a',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...conditions), fc.jsonValue(), (when, a) => {
        const { policy } = policyOf(allow('x', { when }));
        const decision = policy.decide(call('t', { arguments: { a } }));
        expect(['allowed', 'no-rule', 'error']).toContain(decision.reason);
      }),
      { numRuns: 1000 },
    );
  });

  test.each<[string, unknown]>([
    ['no principal', { target: { method: 'tools/call', tool: 'x' } }],
    ['no target', { principal: staff }],
    ['nothing', undefined],
    ['a name that is no text', { principal: staff, target: { method: 'tools/call', tool: 5 } }],
    ['a method that is no text', { principal: staff, target: { method: null, tool: 'x' } }],
    ['a server that is no text', { principal: staff, target: { server: ['git'], method: 'tools/call', tool: 'x' } }],
    [
      'two names at once',
      { principal: staff, target: { method: 'completion/complete', prompt: 'x', resource: 'file:///x' } },
    ],
  ])('a request with %s', (_what, request) => {
    const { policy } = policyOf(allow('everything', { roles: ['*'] }));
    expect(policy.decide(request as PolicyRequest).effect).toBe('deny');
    expect(policy.sees(request as PolicyRequest)).toBe(false);
  });
});

describe('annotations count only as the operator pinned them', () => {
  const { policy } = policyOf(
    allow('read-only', { annotations: { readOnlyHint: true } }),
    deny('destructive', { annotations: { destructiveHint: true } }),
  );
  const effect = (annotations: Target['annotations']): string =>
    policy.decide({ principal: staff, target: { server: 'git', method: 'tools/call', tool: 't', annotations } }).effect;
  test('absent is neither true nor false, and the same tool with others is decided anew', () => {
    expect([effect(undefined), effect({}), effect({ readOnlyHint: true }), effect({ readOnlyHint: false })]).toEqual([
      'deny',
      'deny',
      'allow',
      'deny',
    ]);
    expect(effect({ readOnlyHint: true, destructiveHint: true })).toBe('deny');
    expect(effect({ readOnlyHint: true, destructiveHint: false })).toBe('allow');
  });
});

describe('shadow rules', () => {
  test('change nothing, and count what they would change', () => {
    const { policy, events } = policyOf(
      allow('read', { tools: ['read', 'old'] }),
      deny('new-deny', { tools: ['old'], mode: 'shadow' }),
      allow('new-allow', { tools: ['write', 'read'], mode: 'shadow' }),
      deny('never-asked', { tools: ['other'], mode: 'shadow' }),
    );
    expect(['read', 'old', 'old', 'write', 'x'].map((tool) => policy.decide(call(tool)).effect)).toEqual([
      'allow',
      'allow',
      'allow',
      'deny',
      'deny',
    ]);
    expect(policy.divergences()).toEqual([
      { ruleId: 'new-deny', count: 2, wouldBe: 'deny' },
      { ruleId: 'new-allow', count: 1, wouldBe: 'allow' },
      { ruleId: 'never-asked', count: 0, wouldBe: 'deny' },
    ]);
    expect(events.map((event) => event.type)).toEqual(['policy.divergence', 'policy.divergence', 'policy.divergence']);
    policy.explain(call('old'));
    expect(policy.divergences()[0]!.count).toBe(2);
  });

  test('deny nothing even when their condition fails', () => {
    const { policy } = policyOf(allow('all'), deny('x', { when: 'args.absent', mode: 'shadow' }));
    expect(policy.decide(call('search')).effect).toBe('allow');
  });

  test('that would allow do not reopen what a rule denies', () => {
    const { policy } = policyOf(deny('no'), allow('shadow', { mode: 'shadow' }));
    policy.decide(call('x'));
    expect(policy.divergences()).toEqual([{ ruleId: 'shadow', count: 0, wouldBe: 'allow' }]);
  });
});

describe('what makes no sense is refused when the policy is made', () => {
  test.each<[string, unknown]>([
    ['no id', { effect: 'allow', roles: ['*'] }],
    ['an unknown effect', { ...allow('x'), effect: 'maybe' }],
    ['an unknown mode', { ...allow('x'), mode: 'off' }],
    ['one role instead of a list', { ...allow('x'), roles: '*' }],
    ['one tool instead of a list', { ...allow('x'), tools: '*' }],
    ['scopes of a denial', { ...deny('x'), scopes: ['a'] }],
    ['an unknown annotation', { ...allow('x'), annotations: { safe: true } }],
    ['an annotation that is no boolean', { ...allow('x'), annotations: { readOnlyHint: 'yes' } }],
  ])('%s', (_what, rule) => {
    expect(() => policyOf(rule as PolicyRule)).toThrow(expect.objectContaining({ code: 'ERR_POLICY_RULE' }));
  });

  test('two rules of one id, and a role of a wrong shape', () => {
    expect(() => policyOf(allow('x'), deny('x'))).toThrow(
      expect.objectContaining({ code: 'ERR_POLICY_RULE', subject: 'x' }),
    );
    const make = (sources: unknown) => () => createPolicy({ document: { roles: { a: sources as never }, rules: [] } });
    expect(make({ groups: 'staff' })).toThrow(expect.objectContaining({ code: 'ERR_POLICY_RULE' }));
    expect(make({ claims: { dept: 'ops' } })).toThrow(expect.objectContaining({ code: 'ERR_POLICY_RULE' }));
  });

  test.each([
    'nosuch == 1',
    'args.a ==',
    '"text"',
    '1 + 1',
    "args.a.matches('x')",
    "matches(args.a, 'x')",
    'principal.key == 5 +',
    '',
    'args.a.b(',
  ])('a condition that is none: %j', (when) => {
    expect(() => policyOf(allow('x', { when }))).toThrow(
      expect.objectContaining({ code: 'ERR_POLICY_CONDITION', subject: 'x' }),
    );
  });
});

test('the digest is that of what the policy says, not of how it is written', () => {
  const one = createPolicy({
    document: { roles: { a: { groups: ['x'] } }, rules: [allow('r', { tools: ['t'], servers: ['s'] })] },
  });
  const same = createPolicy({
    document: { rules: [allow('r', { servers: ['s'], tools: ['t'] })], roles: { a: { groups: ['x'] } } },
  });
  const other = createPolicy({
    document: { roles: { a: { groups: ['x'] } }, rules: [allow('r', { tools: ['t2'], servers: ['s'] })] },
  });
  expect(one.hash).toBe(same.hash);
  expect(one.hash).not.toBe(other.hash);
  expect(one.hash).toMatch(/^[0-9a-f]{16}$/);
});

test('names of callers do not pile up, and answers stay right when what was remembered is dropped', () => {
  const { policy } = policyOf(allow('r', { tools: ['t1*'] }), deny('d', { tools: ['t13'] }));
  for (let i = 0; i < 60_000; i++) {
    expect(policy.decide(call(`t${i}`)).effect).toBe(`${i}`.startsWith('1') && i !== 13 ? 'allow' : 'deny');
  }
});

describe('what a principal may know', () => {
  test('a server is known to whom some rule lets use something there, unless a denial takes all of it away', () => {
    const { policy } = policyOf(
      allow('git', { servers: ['git'] }),
      allow('hub', { servers: ['hub'], tools: ['*'] }),
      deny('no-hub', { servers: ['hub'] }),
      allow('box', { servers: ['box'], tools: ['*'], resources: ['**'] }),
      deny('no-box-tools', { servers: ['box'], tools: ['*'] }),
      allow('den', { servers: ['den'], tools: ['get'] }),
      deny('no-den-tools', { servers: ['den'], tools: ['*'] }),
      allow('levels', { servers: ['log'], methods: ['logging/setLevel', 'tools/list'] }),
      allow('maybe', { servers: ['conditional'], when: 'false || args.x == 1.0' }),
      allow('scoped', { servers: ['scoped'], scopes: ['x'] }),
      allow('shadow', { servers: ['shadow'], mode: 'shadow' }),
      deny('when', { servers: ['git'], when: "principal.key == 'nobody'" }),
    );
    const known = (principal: Principal): string[] =>
      ['git', 'hub', 'box', 'den', 'log', 'conditional', 'scoped', 'shadow', 'none', 'Git'].filter((server) =>
        policy.knows(principal, server),
      );
    expect(known(staff)).toEqual(['git', 'box', 'conditional', 'scoped']);
    expect(known(stranger)).toEqual([]);
  });

  test('lists can be remembered unless a condition about something else than arguments has a say', () => {
    const { policy } = policyOf(
      allow('a', { when: 'args.x == 1.0' }),
      allow('b', { roles: ['writer'], when: 'now.getHours() < 12' }),
    );
    expect(policy.listKey(staff)).toBe(policy.listKey({ key: 'iss|bob', groups: ['staff', 'other'] }));
    expect(policy.listKey(staff)).not.toBe(policy.listKey(stranger));
    expect(policy.listKey({ key: 'iss|carl', scopes: ['mcp:write'] })).toBeUndefined();
  });

  test('listening is open, what is listened to is not', () => {
    const { policy } = policyOf(allow('r', { resources: ['file:///a'] }), deny('quiet', { roles: ['operator'] }));
    const effect = (principal: Principal, resource?: string): string =>
      policy.decide({ principal, target: { server: 's', method: 'subscriptions/listen', resource } }).effect;
    expect([effect(stranger), effect(stranger, 'file:///a'), effect(staff, 'file:///a')]).toEqual([
      'allow',
      'deny',
      'allow',
    ]);
    expect(effect({ key: 'iss|root' })).toBe('deny');
  });
});
