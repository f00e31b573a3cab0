import { describe, expect, test } from 'vitest';
import { ensureSystemPackages, type thisMachine } from './system-packages.mjs';

type Machine = typeof thisMachine;

/** What is said and done on a machine that has these programs. */
function onMachine(
  programs: readonly string[],
  {
    isRoot = false,
    results = [],
    platform = 'linux',
  }: { isRoot?: boolean; results?: number[]; platform?: NodeJS.Platform } = {},
): { said: string; ran: string[] } {
  const [said, ran]: [string[], string[]] = [[], []];
  const machine: Machine = {
    platform,
    isRoot,
    has: (program: string) => programs.includes(program),
    aptGet: ((words: string[]) => {
      ran.push(words.slice(words.findIndex((word) => /^(?:install|update)$/.test(word))).join(' '));
      return { status: results.shift() ?? 0, stderr: 'E: Unable to locate package\n' };
    }) as Machine['aptGet'],
  };
  ensureSystemPackages(['bubblewrap', 'redis-server', 'postgresql'], (line: string) => said.push(line), machine);
  return { said: said.join('\n'), ran };
}

describe('the set-up of system packages', () => {
  test('does and says nothing where everything is there, or where it has no business', () => {
    expect(onMachine(['bwrap', 'valkey-server', 'postgres', 'apt-get'], { isRoot: true })).toEqual({
      said: '',
      ran: [],
    });
    expect(onMachine([], { platform: 'darwin' })).toEqual({ said: '', ran: [] });
  });

  test('installs what is missing, and only that, as root with apt-get, and says so', () => {
    const { said, ran } = onMachine(['redis-server', 'apt-get'], { isRoot: true });
    expect(ran).toEqual(['install bubblewrap postgresql']);
    expect(said).toMatch(/^Installing with apt-get, once: bubblewrap \(the box.*postgresql/);
  });

  test('brings the lists up to date where the first attempt fails, and tells where all fails', () => {
    expect(onMachine(['apt-get'], { isRoot: true, results: [100, 0, 0] }).ran).toEqual([
      'install bubblewrap redis-server postgresql',
      'update',
      'install bubblewrap redis-server postgresql',
    ]);
    const { said } = onMachine(['apt-get'], { isRoot: true, results: [100, 100, 100] });
    expect(said).toContain('Unable to locate package');
    expect(said).toContain('apt-get install -y bubblewrap redis-server postgresql');
  });

  test.each([
    [['apt-get'], false, 'sudo apt-get install -y bubblewrap redis-server postgresql'],
    [['dnf'], true, 'One command: dnf install -y bubblewrap valkey postgresql-server'],
    [['apk'], false, 'sudo apk add bubblewrap util-linux-misc redis postgresql'],
    [[], false, 'the package manager of this system'],
  ])('prints the one command on a machine with %s, root %s', (programs, isRoot, command) => {
    const { said, ran } = onMachine(programs, { isRoot });
    expect(ran).toEqual([]);
    expect(said).toContain('Not installed: bubblewrap');
    expect(said).toContain(command);
  });
});
