import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxProfile } from '../src/index.ts';
import { createLab, type Lab, own } from './support.ts';

let lab: Lab;
let work: string;
beforeAll(() => {
  lab = createLab();
  work = lab.directory('work');
  for (const dir of ['.git/hooks', 'deep/er', 'hidden/open', 'sub', '.vscode'])
    mkdirSync(join(work, dir), { recursive: true });
  mkdirSync(join(lab.scratch, 'home/.ssh'), { recursive: true });
  for (const [file, text] of Object.entries({
    '.git/config': 'c',
    'deep/er/x': 'DENIED',
    'hidden/s': 'HIDDEN',
    'hidden/open/o': 'OPEN',
    'sub/f': 'sub',
    'secret.txt': 'HIDDEN',
    '.vscode/t': 't',
  }))
    writeFileSync(join(work, file), text);
  writeFileSync(join(lab.scratch, 'home/.ssh/id'), 'HIDDEN');
  writeFileSync(join(lab.scratch, 'home/notes'), 'notes');
  own(lab.scratch);
});
afterAll(() => lab.close());

const sh = async (
  script: string,
  filesystem: SandboxProfile['filesystem'],
  more: SandboxProfile = {},
): Promise<string> => {
  const { stdout, stderr } = await lab.run({
    command: '/bin/sh',
    args: ['-c', `exec 2>&1\ncd ${work}\n${script}`],
    profile: { spawn: true, filesystem: filesystem!, ...more },
  });
  return stdout + stderr;
};

describe('denyWrite', () => {
  const filesystem = {
    get allowWrite() {
      return [work];
    },
    get denyWrite() {
      return [join(work, 'deep/er'), join(work, 'absent/later')];
    },
  };
  it('is not walked around by renaming what lies above it', async () => {
    const said = await sh(
      'echo x > deep/er/x; mv deep deep2 && mkdir -p deep/er && echo MOVED; rm -rf deep/er; echo new > deep/er/y; echo ok > sub/new; cat sub/new',
      filesystem,
    );
    expect(said).toContain('ok');
    expect(said).not.toContain('MOVED');
    expect(readFileSync(join(work, 'deep/er/x'), 'utf8')).toBe('DENIED');
    expect(existsSync(join(work, 'deep/er/y'))).toBe(false);
  });
  it('keeps missing what is missing, and leaves no trace of that', async () => {
    expect(
      await sh('mkdir -p absent && echo MADE; echo x > absent/later && echo MADE; rm -f absent; echo end', filesystem),
    ).not.toContain('MADE');
    expect(existsSync(join(work, 'absent'))).toBe(false);
  });
  it('wins over an allowWrite inside it', async () => {
    await sh('echo x > deep/er/x', { allowWrite: [work, join(work, 'deep/er')], denyWrite: [join(work, 'deep')] });
    expect(readFileSync(join(work, 'deep/er/x'), 'utf8')).toBe('DENIED');
  });
});

describe('what other programs trust later', () => {
  it('stays as it is in a writable directory', async () => {
    const said = await sh(
      'for f in .git/hooks/pre-commit .git/config .vscode/tasks.json; do echo evil > $f && echo WROTE $f; done; mv .git .git2 && echo MOVED; rm -rf .vscode; ls -d .vscode; echo fine > .git/other && echo fine',
      { allowWrite: [work] },
    );
    expect(said).not.toMatch(/WROTE|MOVED/);
    expect(said).toContain('fine');
    expect(readFileSync(join(work, '.vscode/t'), 'utf8')).toBe('t');
  });
  it('hooks that do not exist yet cannot be made', async () => {
    const bare = lab.directory('bare');
    mkdirSync(join(bare, '.git'));
    own(bare);
    await lab.run({
      command: '/bin/sh',
      args: [
        '-c',
        `mkdir -p ${bare}/.git/hooks; echo evil > ${bare}/.git/hooks/pre-commit; echo evil > ${bare}/.git/config`,
      ],
      profile: { spawn: true, filesystem: { allowWrite: [bare] } },
    });
    expect(existsSync(join(bare, '.git/hooks'))).toBe(false);
    expect(existsSync(join(bare, '.git/config'))).toBe(false);
  });
});

describe('denyRead', () => {
  const filesystem = {
    get allowRead() {
      return [work, join(work, 'hidden/open')];
    },
    get denyRead() {
      return [join(work, 'hidden'), join(work, 'secret.txt')];
    },
  };
  it('hides, except for the more specific grant inside', async () => {
    const said = await sh(
      'cat secret.txt hidden/s; ls hidden; cat hidden/open/o sub/f; chmod 777 hidden; echo x > hidden/new && echo WROTE; cat < secret.txt',
      filesystem,
    );
    expect(said).not.toMatch(/HIDDEN|WROTE/);
    expect(said).toMatch(/OPEN/);
    expect(said).toMatch(/sub/);
  });
  it('in a writable directory is not uncovered by renaming, unlinking or linking', async () => {
    const said = await sh(
      'mv hidden h2; mv secret.txt s2; ln secret.txt s3; rm -f secret.txt; rmdir hidden; cat h2/s s2 s3 secret.txt; cp -r . /tmp/copy; grep -r HIDD /tmp/copy; echo end',
      { allowWrite: [work], denyRead: [join(work, 'hidden'), join(work, 'secret.txt')] },
    );
    expect(said).toContain('end');
    expect(said).not.toContain('HIDDEN');
  });
  it('that cannot be held is refused, or said under best-effort', async () => {
    const impossible: SandboxProfile = { filesystem: { allowRead: [work], denyRead: [join(work, 'not-there')] } };
    await expect(lab.sandbox.start({ command: '/bin/true', profile: impossible })).rejects.toMatchObject({
      code: 'ERR_SANDBOX_NOT_ENFORCEABLE',
    });
    const { attestation } = await lab.sandbox.start({
      command: '/bin/true',
      profile: { ...impossible, enforcement: 'best-effort' },
    });
    expect(attestation.notEnforceable.join()).toContain('not-there');
  });
});

describe('links', () => {
  it('a granted link is followed once, and what it names is seen under both names', async () => {
    const target = lab.directory('target');
    writeFileSync(join(target, 'x'), 'through');
    symlinkSync(target, join(lab.scratch, 'link'));
    expect(
      (
        await lab.run({
          command: '/bin/cat',
          args: [join(lab.scratch, 'link/x'), join(target, 'x')],
          profile: { filesystem: { allowRead: [join(lab.scratch, 'link')] } },
        })
      ).stdout,
    ).toBe('throughthrough');
  });
  it('inside a writable grant is no way for another grant', async () => {
    symlinkSync(join(lab.scratch, 'home'), join(work, 'sub/evil'));
    await expect(
      lab.sandbox.start({
        command: '/bin/true',
        profile: { filesystem: { allowWrite: [work], allowRead: [join(work, 'sub/evil')] } },
      }),
    ).rejects.toMatchObject({ code: 'ERR_SANDBOX_GRANT_REFUSED' });
  });
  it('a directory that is swapped for a link while the box runs stays the directory', async () => {
    const a = lab.directory('a');
    writeFileSync(join(a, 'mine'), 'mine');
    const child = await lab.sandbox.start({
      command: '/bin/sh',
      args: ['-c', `echo up; read x; cat ${a}/*`],
      profile: { spawn: true, filesystem: { allowRead: [a] } },
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    renameSync(a, `${a}-old`);
    symlinkSync(join(lab.scratch, 'home'), a);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk));
    child.stdin.end('go\n');
    await child.exited;
    expect(said).toBe('mine');
  });
});

describe('grants that are refused', () => {
  it.each([
    '/',
    '/proc',
    '/proc/1',
    '/sys',
    '/dev',
    '/run',
    '/run/user/0',
    '/etc',
    '/tmp',
    '/home',
    '/var/run',
    'relative',
    '/x/*.txt',
    '/not/there',
  ])('reading %s', async (path) => {
    await expect(
      lab.sandbox.start({ command: '/bin/true', profile: { filesystem: { allowRead: [path] } } }),
    ).rejects.toMatchObject({ code: 'ERR_SANDBOX_GRANT_REFUSED' });
  });
  it.each(['~', '/usr/local', '/etc/ssl'])('writing %s', async (path) => {
    await expect(
      lab.sandbox.start({ command: '/bin/true', profile: { filesystem: { allowWrite: [path] } } }),
    ).rejects.toMatchObject({ code: 'ERR_SANDBOX_GRANT_REFUSED' });
  });
  it("the gateway's own state, and what lies above it", async () => {
    const guarded = createLab({ protectedPaths: [join(work, 'sub')] });
    for (const path of [work, join(work, 'sub')])
      await expect(
        guarded.sandbox.start({ command: '/bin/true', profile: { filesystem: { allowWrite: [path] } } }),
      ).rejects.toMatchObject({ code: 'ERR_SANDBOX_GRANT_REFUSED' });
    expect(
      (
        await guarded.run({
          command: '/bin/cat',
          args: [join(work, 'sub/f')],
          profile: { filesystem: { allowRead: [work] } },
        })
      ).stdout,
    ).toBe('');
    guarded.close();
  });
  it('the secrets of a home stay hidden where the home may be read', async () => {
    const { stdout } = await lab.run({
      command: '/bin/sh',
      args: ['-c', `cat ${lab.scratch}/home/notes; cat ${lab.scratch}/home/.ssh/id`],
      profile: { spawn: true, filesystem: { allowRead: ['~'] } },
    });
    expect(stdout).toBe('notes');
  });
});

describe.runIf(process.getuid!() === 0)('a gateway that is root', () => {
  it('hands in what lies below a directory that the user of the box may not enter, and nothing beside it', async () => {
    const closed = join(lab.scratch, 'closed');
    mkdirSync(join(closed, 'inner'), { recursive: true });
    writeFileSync(join(closed, 'inner/x'), 'handed in');
    writeFileSync(join(closed, 'beside'), 'BESIDE');
    chmodSync(closed, 0o700);
    const said = await lab.run({
      command: '/bin/sh',
      args: [
        '-c',
        `id -u; cat ${closed}/inner/x; echo y > ${closed}/inner/x; ls ${closed}; cat ${closed}/beside; ls /mnt`,
      ],
      profile: { spawn: true, filesystem: { allowRead: [join(closed, 'inner')] }, env: { PATH: '/usr/bin:/bin' } },
    });
    expect(said.stdout).toMatch(/^65534\nhanded ininner\n$/);
    expect(readFileSync(join(closed, 'inner/x'), 'utf8')).toBe('handed in');
  });
});
