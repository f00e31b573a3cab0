import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands-table.ts';
import { completionScript } from '../../src/cli/completion.ts';
import { runCommand } from './fake-io.ts';

/** What bash itself offers for a line that somebody is typing. */
function offered(...words: string[]): string[] {
  const script = `${completionScript('bash')}
COMP_WORDS=(sekisho ${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
_sekisho
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('completion', () => {
  test('bash offers the commands, then the words and options of the one that was chosen', () => {
    expect(offered('')).toEqual(Object.keys(commands));
    expect(offered('st')).toEqual(['stdio', 'status']);
    expect(offered('config', '')).toEqual(expect.arrayContaining(['check', 'print', 'schema', '--json']));
    expect(offered('connect', 'cur')).toEqual(['cursor']);
    expect(offered('--po')).toEqual(['--port']);
    expect(offered('status', '--')).not.toContain('--config');
  });

  test.each(['bash', 'zsh', 'fish'])('%s gets every command and every option', async (shell) => {
    const { out, code } = await runCommand(['completion', shell], { cwd: '/' });
    expect(code).toBe(0);
    for (const [name, { flags }] of Object.entries(commands)) {
      expect(out).toContain(name);
      for (const flag of Object.keys(flags)) expect(out).toContain(flag);
    }
  });

  test('another shell is refused with those that are known', async () => {
    const { code, err } = await runCommand(['completion', 'tcsh'], { cwd: '/' });
    expect(code).toBe(2);
    expect(err).toContain('bash, zsh, fish');
  });
});
