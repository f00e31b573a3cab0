import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');

describe('README', () => {
  it('shows a snippet that runs and prints what it says', async () => {
    const file = resolve(root, 'examples/readme.ts');
    expect(readme).toContain(readFileSync(file, 'utf8').trim());
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@sekisho/source', file]);
    const [masked, restored] = stdout.trim().split('\n');
    expect(masked).toMatch(/^\{"to":"\[\[EMAIL:[\w-]+\]\]","card":"\[CREDIT_CARD\]"\}$/u);
    expect(restored).toBe('{"to":"jane@acme.com","card":"[CREDIT_CARD]"}');
  });

  it('has a page for every code, and no page without one', () => {
    const codes = [...readFileSync(resolve(root, 'src/error.ts'), 'utf8').matchAll(/'(ERR_PII_\w+)'/gu)]
      .map((match) => match[1]!)
      .sort();
    expect(readdirSync(resolve(root, 'docs/errors')).sort()).toEqual(codes.map((code) => `${code}.md`));
    for (const code of codes) expect(readme).toContain(code);
  });
});
