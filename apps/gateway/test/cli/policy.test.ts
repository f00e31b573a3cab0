import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTarget } from '../../src/cli/policy-target.ts';
import { folderOf } from '../config/load-fixture.ts';
import { runCommand, type Ran } from './fake-io.ts';

const policy = {
  roles: { reader: { groups: ['staff'] } },
  rules: [
    { id: 'read', effect: 'allow', roles: ['reader'], servers: ['git'], annotations: { readOnlyHint: true } },
    {
      id: 'push',
      effect: 'allow',
      roles: ['reader'],
      tools: ['push'],
      scopes: ['git:write'],
      when: "args.branch != 'main'",
    },
    { id: 'files', effect: 'allow', roles: ['reader'], resources: ['file:///data/**'] },
  ],
  annotations: { git: { search: { readOnlyHint: true } } },
};
const staff = { key: 'alice', groups: ['staff'] };
const search = { server: 'git', method: 'tools/call', tool: 'search' };
const cases = [
  { name: 'staff search', principal: staff, target: search, expect: 'allow', ruleId: 'read' },
  { name: 'strangers see nothing', principal: { key: 'eve' }, target: search, expect: 'hidden' },
  {
    name: 'staff push',
    principal: staff,
    target: { ...search, tool: 'push' },
    arguments: { branch: 'x' },
    expect: 'scope',
  },
];

async function ran(words: string[], files: Readonly<Record<string, string | object>> = {}): Promise<Ran> {
  const config = { mcpServers: { git: { url: 'http://127.0.0.1:1/mcp' } }, 'x-sekisho': { policy } };
  const folder = await folderOf({ 'sekisho.jsonc': config, 'cases.json': cases, ...files });
  return await runCommand(['policy', ...words, '--config', join(folder, 'sekisho.jsonc')], { cwd: folder });
}

describe('sekisho policy test', () => {
  test('compares a table with the policy of the configuration, pinned annotations included', async () => {
    const { code, out, err } = await ran(['test', 'cases.json']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(
      '  ok    staff search: allow by read\n' +
        '  ok    strangers see nothing: hidden\n' +
        '  ok    staff push: scope by push\n' +
        '3 of 3 decisions are as expected.\n',
    );
  });

  test('fails with what would mend it', async () => {
    const wrong = [{ ...cases[1], expect: 'allow' }, cases[0]];
    const { code, out } = await ran(['test', 'wrong.json'], { 'wrong.json': `// why\n${JSON.stringify(wrong)}` });
    expect(code).toBe(1);
    expect(out).toContain('FAIL  strangers see nothing: expected allow, got hidden');
    expect(out).toContain(`rule 'read' allows it, given one of the roles 'reader'`);
    expect(out).toContain('1 of 2 decisions are as expected.');
    const json = JSON.parse((await ran(['test', 'wrong.json', '--json'], { 'wrong.json': wrong })).out) as object;
    expect(json).toMatchObject({ passed: 1, failed: 1, results: [{ ok: false }, { ok: true }] });
  });

  test.each([
    ['nothing.json', {}, 'cannot be read (ENOENT)'],
    ['broken.json', { 'broken.json': '[{' }, 'is not JSON'],
    ['other.json', { 'other.json': [{ name: 'x', expect: 'maybe' }] }, 'is no table of expected decisions'],
  ])('%s is answered plainly', async (name, files: Readonly<Record<string, string | object>>, expected) => {
    const { code, err } = await ran(['test', name], files);
    expect(code).toBe(2);
    expect(err).toContain(expected);
  });
});

describe('sekisho policy explain', () => {
  test('says which rule decided, why, and what would allow it', async () => {
    const denied = await ran(['explain', 'alice', 'git/push', '--group', 'staff', '--arguments', '{"branch": "x"}']);
    expect(denied.code).toBe(0);
    expect(denied.out).toContain('denied by the rule "push": scopes git:write are needed.');
    expect(denied.out).toContain("rule 'push' allows it, given the scopes 'git:write'");
    const allowed = await ran(['explain', JSON.stringify(staff), 'git__search']);
    expect(allowed.out).toContain('allowed by the rule "read". He may.');
    const hidden = await ran(['explain', 'eve', 'sekisho://git/file:///data/x', '--json']);
    expect(JSON.parse(hidden.out)).toMatchObject({
      decision: { effect: 'deny', reason: 'no-rule', answer: 'unknown' },
      visible: false,
    });
  });

  test.each([
    [['explain', 'alice', 'git'], 'is a server alone'],
    [['explain', 'alice', 'git/push', '--arguments', '[1]'], '--arguments must be a JSON object'],
    [['explain', '{"id":1}', 'git/push'], 'The principal is not valid'],
    [['explain', 'alice'], 'Write: sekisho policy test <file>'],
    [['explian', 'alice', 'git/push'], 'Did you mean "explain"?'],
  ])('%j is answered', async (words, expected) => {
    const { code, err } = await ran(words);
    expect(code).toBe(2);
    expect(err).toContain(expected);
  });

  test('without a policy there is nothing to explain, and it says what that means', async () => {
    const folder = await folderOf({ 's.json': { mcpServers: {} } });
    const { code, err } = await runCommand(['policy', 'explain', 'a', 'b/c', '--config', join(folder, 's.json')], {
      cwd: folder,
    });
    expect(code).toBe(3);
    expect(err).toContain('has no "policy"');
  });
});

test.each([
  ['git/push', undefined, { server: 'git', method: 'tools/call', tool: 'push' }],
  ['git__push__now', undefined, { server: 'git', method: 'tools/call', tool: 'push__now' }],
  ['git/file:///a/b', undefined, { server: 'git', method: 'resources/read', resource: 'file:///a/b' }],
  [
    'sekisho://git/note://1',
    'resources/subscribe',
    { server: 'git', method: 'resources/subscribe', resource: 'note://1' },
  ],
  ['git/review', 'prompts/get', { server: 'git', method: 'prompts/get', prompt: 'review' }],
  ['git/review', 'completion/complete', { server: 'git', method: 'completion/complete', prompt: 'review' }],
  ['git', 'sampling/createMessage', { server: 'git', method: 'sampling/createMessage' }],
] as const)('the target %s with %s', (text, method, expected) => {
  expect(readTarget(text, method)).toEqual(expected);
});
