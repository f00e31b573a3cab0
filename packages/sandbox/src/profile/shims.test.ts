import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveCommand } from './command.ts';

const home = mkdtempSync(join(tmpdir(), 'sekisho-shims-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const program = (path: string): string => {
  mkdirSync(join(home, path, '..'), { recursive: true });
  writeFileSync(join(home, path), '#!/bin/sh\n', { mode: 0o755 });
  return join(home, path);
};
program('.pyenv/shims/python9');
const v1 = program('.pyenv/versions/1.0/bin/python9');
const v2 = program('.pyenv/versions/2.0/bin/python9');
const system = program('system/bin/python9');
writeFileSync(join(home, '.pyenv/version'), '1.0\n');
mkdirSync(join(home, 'project/deep'), { recursive: true });
writeFileSync(join(home, 'project/.python-version'), '2.0\n1.0\n');

const find = (environment: Record<string, string> = {}, cwd?: string) =>
  resolveCommand('python9', [], {
    environment: { PATH: `${home}/.pyenv/shims:${home}/system/bin`, ...environment },
    home,
    cwd,
  });

describe('a shim of a version manager', () => {
  it('is replaced by the program of the version that its own rules choose, with its libraries', () => {
    expect(find()).toMatchObject({ file: v1, reads: [join(home, '.pyenv/versions/1.0')] });
    expect(find({}, join(home, 'project/deep')).file).toBe(v2);
    expect(find({ PYENV_VERSION: '2.0:1.0' }).file).toBe(v2);
    expect(find({ PYENV_VERSION: 'system' }).file).toBe(system);
  });
  it('says so where the version or the manager is not known', () => {
    expect(() => find({ PYENV_VERSION: '3.0' })).toThrow(/leads to version 3\.0, which has no python9/);
    program('.volta/volta-shim');
    mkdirSync(join(home, '.volta/bin'));
    symlinkSync('../volta-shim', join(home, '.volta/bin/node9'));
    expect(() =>
      resolveCommand('node9', [], { environment: { PATH: `${home}/.volta/bin` }, home, cwd: undefined }),
    ).toThrow(/is a shim.*volta which node9/s);
  });
});

describe('a command', () => {
  it('with a relative path counts from where it starts', () => {
    expect(resolveCommand('bin/python9', [], { environment: {}, home, cwd: join(home, 'system') }).file).toBe(system);
    expect(() => resolveCommand('bin/python9', [], { environment: {}, home, cwd: undefined })).toThrow(/was not found/);
  });
});
