import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allRules } from '../src/default-rules.ts';
import { createMasker } from '../src/masker.ts';

interface Case {
  readonly id: string;
  readonly class: string;
  readonly level: 'must' | 'should' | 'may';
  readonly mode: 'text' | 'json' | 'stream';
  readonly input: string | null;
  readonly gen?: string;
  readonly chunks?: readonly string[];
  readonly must_mask: readonly string[];
  readonly must_keep: readonly string[];
  readonly note: string;
}

const shared = resolve(import.meta.dirname, '../../../../shared/cases/pii-adversarial.jsonl');
const own = resolve(import.meta.dirname, 'fixtures/adversarial.jsonl');
const read = (file: string): Case[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Case);
const cases = [...read(own), ...(existsSync(shared) ? read(shared) : [])];
const masker = createMasker({ rules: allRules });

// The generated inputs of the shared file are short expressions; these are the ones that occur.
const generated: Readonly<Record<string, string>> = {
  '"@".repeat(1e6)': '@'.repeat(1e6),
  '"a.".repeat(5e5)+"@"': `${'a.'.repeat(5e5)}@`,
  '"eyJ".repeat(333333)': 'eyJ'.repeat(333_333),
};

function run(one: Case): string {
  if (one.mode === 'stream') {
    const stream = masker.textStream();
    return one.chunks!.map((chunk) => stream.push(chunk)).join('') + stream.end();
  }
  const input = one.input ?? generated[one.gen ?? ''];
  if (input === undefined) throw new Error(`No input for ${one.id}`);
  return one.mode === 'json' ? masker.maskJson(input).text : masker.mask(input).text;
}

describe('adversarial cases', () => {
  it.each(cases.map((one) => [one.id, one.class, one.note, one] as const))('%s %s: %s', (_id, _class, _note, one) => {
    const out = run(one);
    for (const value of one.must_mask) expect(out).not.toContain(value);
    for (const value of one.must_keep) expect(out).toContain(value);
    if (one.mode === 'json') expect(() => JSON.parse(out) as unknown).not.toThrow();
  });
});
