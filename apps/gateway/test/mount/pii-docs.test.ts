import { readFile } from 'node:fs/promises';
import type { Masker, Where } from '@sekisho/pii';
import { expect, test } from 'vitest';
import { rootSettingsSchema } from '../../src/config/settings-schema.ts';
import { openPiiKeys } from '../../src/mount/pii-keys.ts';
import { needsKeys, sectionMasker } from '../../src/mount/pii-maskers.ts';
import { folderOf, loadObject } from '../config/load-fixture.ts';

const page = await readFile(new URL('../../docs/masking.md', import.meta.url), 'utf8');
const files = [...page.matchAll(/### (.+)\n[^]*?```jsonc\n([^]*?)```\n\n```masked\n([^]*?)```/g)];

async function maskerOf(file: string): Promise<Masker> {
  const { settings } = await loadObject(JSON.parse(file) as object);
  const section = settings.pii!;
  const keys = needsKeys(section) ? await openPiiKeys(section, await folderOf({})) : undefined;
  return sectionMasker(section, [], keys, Date.now);
}

/** `to-tool server tool {...} => {...}`: the words before the brace say where. */
function check(masker: Masker, line: string): void {
  const [before = '', after = ''] = line.split(' => ');
  const brace = before.indexOf('{');
  const words = (brace < 0 ? before : before.slice(0, brace)).trim().split(' ');
  const [direction, server, tool] = words;
  const names = { ...(server === undefined ? {} : { server }), ...(tool === undefined ? {} : { tool }) };
  if (direction === 'restored') {
    const token = masker.mask(words[4]!, { direction: 'to-model' }).text;
    const { text } = masker.restore(token, { direction: 'to-tool', ...names });
    return expect(text, line).toBe(after === 'value' ? words[4] : token);
  }
  const where: Where = { direction: direction as Where['direction'], ...names };
  const { text, blocked } = masker.maskJson(before.slice(brace), where);
  if (after === 'refused') return expect(blocked, line).toBe(true);
  expect(blocked, line).toBe(false);
  if (after.startsWith('token '))
    return expect(text, line).toMatch(new RegExp(`\\[\\[${after.slice(6)}:[\\w-]+\\]\\]`));
  expect(text, line).toBe(after);
}

test('the page has files to run', () => {
  expect(files).toHaveLength(4);
});

test.each(files.map(([, title, file, lines]) => [title!, file!, lines!] as const))(
  '%s',
  async (_title, file, lines) => {
    const masker = await maskerOf(file);
    for (const line of lines.trim().split('\n')) check(masker, line);
  },
);

test('the page names every setting', () => {
  for (const name of Object.keys(rootSettingsSchema.shape.pii.unwrap().shape))
    expect(page).toMatch(new RegExp(`\`${name}[.\`]`));
});
