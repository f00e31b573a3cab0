import { describe, expect, it } from 'vitest';
import { diagnose } from './diagnose.ts';
import { diagnoseLauncher } from './diagnose-launcher.ts';
import { explainBox } from './explain.ts';
import { planBox } from './plan.ts';
import { compareIntegrity } from './install/lock-file.ts';
import { lockKey, readRunner } from './install/runner.ts';
import { readRequirements } from './install/uv.ts';
import { createDutyCycle } from './limits/duty-cycle.ts';
import { containerArguments } from './backends/container.ts';

const context = { environment: {}, home: '/home/nobody-here', protectedPaths: [] };
const plan = planBox({ command: '/bin/true', profile: { network: { allowedDomains: ['a.test'] } } }, context);

describe('what a server says becomes a cause and a permission', () => {
  it.each([
    ["Error: ENOENT: no such file or directory, open '/etc/shadow'", { filesystem: { allowRead: ['/etc/shadow'] } }],
    ["Error: EROFS: read-only file system, open '/srv/out.txt'", { filesystem: { allowWrite: ['/srv'] } }],
    [
      "Error: EACCES: permission denied, mkdir '/home/user/.cache'",
      { filesystem: { allowRead: ['/home/user/.cache'] } },
    ],
    ['Error: spawn git EPERM', { spawn: true }],
    ['Error: getaddrinfo EAI_AGAIN api.github.com', { network: { allowedDomains: ['api.github.com'] } }],
    ['getaddrinfo ENOTFOUND api.github.com', { network: { allowedDomains: ['api.github.com'] } }],
    ['Error: connect ECONNREFUSED 127.0.0.1:5432', { network: { allowedDomains: ['127.0.0.1:5432'] } }],
    ['curl: (6) Could not resolve host: example.org', { network: { allowedDomains: ['example.org'] } }],
    [
      "urllib3.exceptions.NameResolutionError: Failed to resolve 'pypi.org'",
      { network: { allowedDomains: ['pypi.org'] } },
    ],
    [
      "FileNotFoundError: [Errno 2] No such file or directory: '/etc/passwd'",
      { filesystem: { allowRead: ['/etc/passwd'] } },
    ],
    ['Error: ENOSPC: no space left on device, write', { limits: { tmpBytes: plan.limits.tmpBytes * 4 } }],
    ['Error: EMFILE: too many open files', { limits: { openFiles: plan.limits.openFiles * 4 } }],
    [
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      { limits: { memoryBytes: plan.limits.memoryBytes * 2 } },
    ],
    ['Error: socket EAFNOSUPPORT', { unixSockets: true }],
    ['GITHUB_TOKEN environment variable is required', { env: { GITHUB_TOKEN: true } }],
  ])('%s', (stderr, proposal) => {
    expect(diagnose(plan, { stderr })[0]).toMatchObject({ proposal });
  });
  it('a relative path counts from where the server started, and what is nowhere is not a matter of permission', () => {
    const here = { ...plan, cwd: '/etc' };
    expect(diagnose(here, { stderr: "ENOENT: no such file or directory, open 'shadow'" })[0]).toMatchObject({
      proposal: { filesystem: { allowRead: ['/etc/shadow'] } },
    });
    expect(diagnose(here, { stderr: "ENOENT: no such file or directory, open 'no-such-thing'" })[0]).toEqual({
      cause: '/etc/no-such-thing does not exist',
      remedy: 'create it, or correct the arguments',
    });
    expect(diagnose(here, { stderr: "EROFS: read-only file system, mkdir 'cache'" })[0]).toMatchObject({
      proposal: { filesystem: { allowWrite: ['/etc/cache'] } },
    });
  });
  it('what was recorded counts first, and unknown text proposes nothing', () => {
    expect(
      diagnose(plan, {
        stderr: '',
        events: [{ type: 'refused', host: 'b.test', port: 8443, reason: 'no-rule', count: 1 }],
      }),
    ).toEqual([
      { cause: 'it may not connect to b.test:8443', proposal: { network: { allowedDomains: ['b.test:8443'] } } },
    ]);
    expect(diagnose(plan, { stderr: 'hello' })).toEqual([]);
  });
});

it.each([
  [
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.',
    /container/,
  ],
  [
    'bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)',
    /sysctl/,
  ],
  ["bwrap: Can't mount proc on /newroot/proc: Operation not permitted", /systempaths=unconfined/],
  ['bwrap: setting up uid map: Permission denied', /apparmor/],
  ['bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted', /apparmor/],
  ["bwrap: Can't find source path /srv/x: No such file or directory", /create it/],
  ["bwrap: Can't find source path /root/x: Permission denied", /chmod o\+x/],
  ['bwrap: Unknown option --size', /0\.8\.0/],
])('bubblewrap said %s', (stderr, remedy) => {
  expect(diagnoseLauncher(stderr)!.remedy).toMatch(remedy);
});

it('a box is explained in words', () => {
  const words = explainBox(
    planBox(
      {
        command: '/bin/true',
        name: 'demo',
        profile: {
          network: { allowedDomains: ['a.test', '*.b.test', 'c.test:8080'] },
          env: { T: { secret: 's', broker: { host: 'a.test', header: 'x-key' } } },
        },
      },
      context,
    ),
  ).join('\n');
  for (const part of [
    'demo runs /bin/true',
    'a.test (over TLS)',
    'every name below b.test',
    'c.test port 8080',
    'T is a placeholder',
    'x-key',
    'may not start other processes',
    '1 GiB of memory',
    '64 processes',
  ])
    expect(words).toContain(part);
  expect(explainBox(planBox({ command: '/bin/true' }, context)).join()).toContain('no network');
});

it.each([
  [
    'npx',
    ['-y', '@scope/pkg@1.2.3', 'a', '--b'],
    { manager: 'npm', name: '@scope/pkg', range: '1.2.3', program: undefined, args: ['a', '--b'] },
  ],
  ['/usr/bin/npx', ['pkg'], { manager: 'npm', name: 'pkg', range: '', program: undefined, args: [] }],
  [
    'npx',
    ['--package=@s/p@^2', 'tool', 'x'],
    { manager: 'npm', name: '@s/p', range: '^2', program: 'tool', args: ['x'] },
  ],
  [
    'npm',
    ['exec', '--yes', '--', 'pkg', 'a'],
    { manager: 'npm', name: 'pkg', range: '', program: undefined, args: ['a'] },
  ],
  ['pnpm', ['dlx', 'pkg@latest'], { manager: 'npm', name: 'pkg', range: 'latest', program: undefined, args: [] }],
  [
    'uvx',
    ['mcp-server-time==1.0', '--tz'],
    { manager: 'uv', name: 'mcp-server-time', range: '1.0', program: undefined, args: ['--tz'] },
  ],
  ['uvx', ['--from', 'pkg', 'tool'], { manager: 'uv', name: 'pkg', range: '', program: 'tool', args: [] }],
  ['uv', ['tool', 'run', 'pkg@1.0'], { manager: 'uv', name: 'pkg', range: '1.0', program: undefined, args: [] }],
])('%s %j is a runner', (command, args, expected) => {
  expect(readRunner(command, args)).toEqual(expected);
});
it.each([
  ['npx', ['https://evil.test/x.tgz']],
  ['npx', ['../dir']],
  ['npx', ['git+ssh://x']],
  ['npx', ['--unknown', 'pkg']],
  ['npx', []],
  ['npm', ['install', 'x']],
  ['node', ['x']],
  ['npx', ['pkg@file:../x']],
  ['npx', ['-c', 'rm -rf /']],
])('%s %j is not', (command, args) => {
  expect(readRunner(command, args)).toBeUndefined();
});

it('locks are named by what was asked for, and compared whole', () => {
  expect(lockKey(readRunner('npx', ['pkg'])!)).toBe('npm:pkg@latest');
  expect(compareIntegrity({ a: '1 x', b: '1 y' }, { a: '1 x', b: '1 z', c: '1 w' })).toEqual([
    'b: 1 y became 1 z',
    'c: not there became 1 w',
  ]);
  expect(
    readRequirements(
      'a==1.0 \\\n    --hash=sha256:' + 'a'.repeat(64) + ' \\\n    --hash=sha256:' + 'b'.repeat(64) + '\nb==2\n',
    ),
  ).toEqual({ 'a==1.0': `sha256:${'a'.repeat(64)} sha256:${'b'.repeat(64)}`, 'b==2': '' });
});

it('the duty cycle holds a share over time', () => {
  const cycle = createDutyCycle(25, 0);
  let used = 0;
  let stopped = false;
  for (let now = 50; now <= 60_000; now += 50) {
    if (!stopped) used += 100; // two cores
    stopped = cycle.step(used, now);
  }
  expect(used / 60_000).toBeGreaterThan(0.22);
  expect(used / 60_000).toBeLessThan(0.29);
});

it('a container gets everything denied that it can deny, and no value of a variable on its command line', () => {
  const args = containerArguments(
    {
      ...plan,
      mounts: [
        { kind: 'read', path: '/srv/a' },
        { kind: 'write', path: '/srv/b' },
        { kind: 'hide-directory', path: '/srv/a/x' },
      ],
    },
    { image: 'node:24@sha256:abc' },
    { uid: 1000, gid: 1000 },
    { TOKEN: 'VALUE' },
  );
  for (const flag of [
    '--read-only',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--network=none',
    '--pull=never',
    '--init',
    '--user=1000:1000',
    '--pids-limit=64',
    '--memory=1073741824b',
    '--mount=type=bind,src=/srv/a,dst=/srv/a,readonly',
    '--mount=type=bind,src=/srv/b,dst=/srv/b',
    '--env=TOKEN',
  ])
    expect(args).toContain(flag);
  expect(args.join(' ')).not.toContain('VALUE');
  expect(args.slice(-2)).toEqual(['node:24@sha256:abc', plan.file]);
});
