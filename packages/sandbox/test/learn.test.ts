import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { learn } from '../src/index.ts';
import { createLab, NODE, own } from './support.ts';

it('finds the files, hosts and processes that a server lacks, and asks before each', { timeout: 60_000 }, async () => {
  const lab = createLab({ lookup: () => Promise.resolve([]) });
  const data = join(lab.directory('data'), 'in.json');
  writeFileSync(data, '{}');
  own(lab.scratch);
  const code = `
    try { require('fs').readFileSync('/etc/hostname'); } catch {}
    require('fs').readFileSync('${data}');
    require('child_process').execSync('true');
    require('net').connect(5432, 'db.example.test').on('error', () => {}).on('close', () => console.log('done'));`;
  const asked: string[] = [];
  const learned = await learn(
    lab.sandbox,
    { command: NODE, args: ['-e', code] },
    {
      exercise: async (child) => void (await child.exited),
      accept: ({ cause }) => asked.push(cause) > 0,
    },
  );
  expect(learned.profile).toEqual({
    filesystem: { allowRead: [data], allowWrite: [] },
    spawn: true,
    network: { allowedDomains: ['db.example.test:5432'] },
  });
  expect(asked).toEqual([`it may not read ${data}`, 'it starts other processes, which its profile denies']);
  // What it hides is seen where strace is, and never granted by itself.
  if (existsSync('/usr/bin/strace') && existsSync('/etc/hostname')) expect(learned.silent).toEqual(['/etc/hostname']);
  const refused = await learn(
    lab.sandbox,
    { command: NODE, args: ['-e', code] },
    { exercise: async (child) => void (await child.exited), accept: () => false },
  );
  expect(refused).toMatchObject({ complete: false, profile: {}, steps: [] });
  lab.close();
});
