import { appendFile, chmod, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { treatmentOf } from '../../src/backup/what-to-copy.ts';
import { folderOf } from '../config/load-fixture.ts';
import { runCommand } from './fake-io.ts';

async function stateWith(
  files: Record<string, string>,
): Promise<{ home: string; state: string; sekisho: (...words: string[]) => ReturnType<typeof runCommand> }> {
  const home = await folderOf({});
  const state = join(home, 'sekisho');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(state, path, '..'), { recursive: true });
    await writeFile(join(state, path), text, { mode: 0o600 });
  }
  return { home, state, sekisho: (...words) => runCommand(words, { cwd: home, env: { XDG_STATE_HOME: home } }) };
}

const someState = {
  'api-keys.json': '{"keys":[]}',
  'audit/1/segments/0000.jsonl': 'line\n',
  'audit/1/checkpoint': 'signed',
  'audit/1/writer.lock': '123',
  'audit/1/index.sqlite': 'can be made again',
  'audit-keys/signer.json': 'signs',
  'audit-keys/subjects/1/ab/abc.json': 'who is who',
};

describe('backup and restore', () => {
  test('what was backed up comes back, without locks and without what can be made again', async () => {
    const { home, state, sekisho } = await stateWith(someState);
    expect(await sekisho('backup', 'copy')).toMatchObject({ code: 0, err: '' });
    expect((await readdir(join(home, 'copy'), { recursive: true })).toSorted()).toEqual([
      'api-keys.json',
      'audit',
      'audit-keys',
      'audit-keys/signer.json',
      'audit/1',
      'audit/1/checkpoint',
      'audit/1/segments',
      'audit/1/segments/0000.jsonl',
      'sekisho-backup.json',
    ]);
    expect((await stat(join(home, 'copy'))).mode & 0o777).toBe(0o700);

    await rm(state, { recursive: true });
    expect(await sekisho('restore', 'copy')).toMatchObject({ code: 0, err: '' });
    expect(await readFile(join(state, 'audit/1/segments/0000.jsonl'), 'utf8')).toBe('line\n');
    expect((await stat(join(state, 'api-keys.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(state, 'audit-keys'))).toEqual(['signer.json']);
  });

  test('the keys that tell who is who are copied apart, and only when asked for', async () => {
    const { home, state, sekisho } = await stateWith(someState);
    const plain = await sekisho('backup', 'first');
    expect(plain.out).toContain('--keys <folder> copies them');
    await sekisho('backup', 'second', '--keys', 'who');
    expect(await readdir(join(home, 'who'))).toEqual(['audit-keys', 'sekisho-backup.json']);
    await rm(state, { recursive: true });
    expect((await sekisho('restore', 'second', '--keys', 'who')).code).toBe(0);
    expect(await readFile(join(state, 'audit-keys/subjects/1/ab/abc.json'), 'utf8')).toBe('who is who');
    expect((await sekisho('restore', 'who', '--replace')).err).toContain('holds subject-keys');
  });

  test('a database that is being written to is copied whole', async () => {
    const { home, state, sekisho } = await stateWith(someState);
    using database = new DatabaseSync(join(state, 'budgets.sqlite'));
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)');
    database.exec('BEGIN; INSERT INTO t VALUES (2)');
    expect((await sekisho('backup', 'copy')).code).toBe(0);
    database.exec('COMMIT');
    using copy = new DatabaseSync(join(home, 'copy/budgets.sqlite'));
    expect(copy.prepare('SELECT n FROM t').all()).toEqual([expect.objectContaining({ n: 1 })]);
  });

  test('INC-06: a backup that was changed, cut short or reaches elsewhere is refused, and the state stays', async () => {
    const { home, state, sekisho } = await stateWith(someState);
    await sekisho('backup', 'copy');
    const manifest = join(home, 'copy/sekisho-backup.json');
    const written = await readFile(manifest, 'utf8');

    await appendFile(join(home, 'copy/api-keys.json'), ' ');
    expect((await sekisho('restore', 'copy', '--replace')).err).toContain('api-keys.json is not what was backed up');
    await rm(join(home, 'copy/api-keys.json'));
    expect((await sekisho('restore', 'copy', '--replace')).err).toContain('api-keys.json is missing');
    await writeFile(manifest, written.replace('api-keys.json', '../../../etc/passwd'));
    expect((await sekisho('restore', 'copy', '--replace')).err).toContain('lies outside of it');
    await rm(manifest);
    const cut = await sekisho('restore', 'copy', '--replace');
    expect(cut).toMatchObject({ code: 1 });
    expect(cut.err).toContain('was cut short');
    expect(await readFile(join(state, 'api-keys.json'), 'utf8')).toBe('{"keys":[]}');
    expect(await readdir(home)).toEqual(['copy', 'sekisho']);
  });

  test('nothing is overwritten unless that is said, and then it is put aside', async () => {
    const { home, state, sekisho } = await stateWith(someState);
    await sekisho('backup', 'copy');
    await writeFile(join(state, 'api-keys.json'), 'newer');
    expect((await sekisho('backup', 'copy')).err).toContain('is not empty');
    expect((await sekisho('backup', 'sekisho/inside')).err).toContain('lies inside of');
    expect((await sekisho('restore', 'copy')).err).toContain('add --replace');
    const { out } = await sekisho('restore', 'copy', '--replace', '--json');
    const { aside } = JSON.parse(out) as { aside: string };
    expect(await readFile(join(aside, 'api-keys.json'), 'utf8')).toBe('newer');
    expect(await readFile(join(home, 'sekisho/api-keys.json'), 'utf8')).toBe('{"keys":[]}');
  });

  test('links are not followed, and files of others do not become ours', async () => {
    const { home, state, sekisho } = await stateWith(someState);
    await writeFile(join(home, 'outside'), 'x');
    await symlink(join(home, 'outside'), join(state, 'link'));
    await chmod(join(state, 'api-keys.json'), 0o644);
    await sekisho('backup', 'copy');
    expect(await readdir(join(home, 'copy'))).not.toContain('link');
    await sekisho('restore', 'copy', '--replace');
    expect((await stat(join(state, 'api-keys.json'))).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['audit/1/writer.lock', 'skip'],
    ['admin.sock', 'skip'],
    ['budgets.sqlite-wal', 'skip'],
    ['audit/1/index.sqlite', 'skip'],
    ['audit/1/exports/a/records.ndjson', 'skip'],
    ['audit-keys/signer.json', 'plain'],
    ['budgets.sqlite', 'database'],
    ['audit/1/checkpoint', 'checkpoint'],
    ['audit-keys/subjects/1/b.json', 'subject-key'],
    ['api-keys.json', 'plain'],
  ] as const)('%s: %s', (path, treatment) => {
    expect(treatmentOf(path)).toBe(treatment);
  });
});
