import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contact } from '../src/contact/index.ts';
import { createEngine } from '../src/engine.ts';
import { government } from '../src/government/index.ts';
import { network } from '../src/network/index.ts';
import { payment } from '../src/payment/index.ts';
import { person } from '../src/person/index.ts';
import type { Family } from '../src/rule.ts';
import { secrets } from '../src/secrets/index.ts';

const families: Readonly<Record<string, Family>> = { contact, payment, government, network, secrets, person };
const folder = resolve(import.meta.dirname, 'fixtures');

/** In an `ng` file the marks enclose what must be found, and nothing else may be; an `ok` file holds nothing to find. */
const cases = Object.keys(families).flatMap((family) =>
  readdirSync(join(folder, family)).flatMap((file) =>
    readFileSync(join(folder, family, file), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => [family, file, line] as const),
  ),
);

describe('families by themselves', () => {
  const engines = new Map(Object.entries(families).map(([name, rules]) => [name, createEngine({ rules })]));
  it.each(cases)('%s %s: %s', (family, file, line) => {
    expect(file.startsWith('ng.')).toBe(line.includes('⟦'));
    const text = line.replaceAll(/[⟦⟧]/gu, '');
    const expected = [...line.matchAll(/⟦([^⟧]*)⟧/gu)].map((match) => match[1]);
    expect(
      engines
        .get(family)!
        .find(text)
        .map((one) => text.slice(one.start, one.end)),
    ).toEqual(expected);
  });
});
