import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A document of the labelled corpora; see the README of the data folder. */
export interface Document {
  readonly id: string;
  readonly text: string;
  readonly spans: readonly {
    readonly start: number;
    readonly end: number;
    readonly label: string;
    readonly sub?: string;
  }[];
  readonly scope?: readonly string[];
  readonly meta?: { readonly partial?: boolean; readonly weak?: boolean; readonly neg?: boolean };
}

export interface Found {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

const government = new Set([
  'NATIONAL_ID',
  'TAX_ID',
  'MEDICAL_ID',
  'PASSPORT',
  'DRIVER_LICENSE',
  'VEHICLE_ID',
  'OTHER_ID',
  'BANK_ACCOUNT',
  'DEVICE_ID',
]);
export const structured = [
  'EMAIL',
  'PHONE',
  'CREDIT_CARD',
  'IBAN',
  'US_SSN',
  'IP',
  'MAC',
  'GOV_ID',
  'CRYPTO_WALLET',
  'SECRET',
] as const;

export const groupOf = (label: string): string =>
  government.has(label) ? 'GOV_ID' : label === 'URL_CREDENTIALS' ? 'SECRET' : label;

/** Corpora of a folder by name; empty when the folder is not there. */
export function readCorpora(folder: string): ReadonlyMap<string, readonly Document[]> {
  const corpora = new Map<string, readonly Document[]>();
  if (!existsSync(folder)) return corpora;
  for (const name of readdirSync(folder).sort()) {
    if (!/\.jsonl(?:\.gz)?$/u.test(name)) continue;
    const bytes = readFileSync(join(folder, name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    corpora.set(
      name.replace(/\.jsonl(?:\.gz)?$/u, ''),
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Document),
    );
  }
  return corpora;
}

export interface Tally {
  hits: number;
  misses: number;
  wrong: number;
}

export interface Score {
  readonly byGroup: Map<string, Tally>;
  labelled: number;
  masked: number;
  characters: number;
  leaked: number;
}

export const newScore = (): Score => ({
  byGroup: new Map(structured.map((group) => [group, { hits: 0, misses: 0, wrong: 0 }])),
  labelled: 0,
  masked: 0,
  characters: 0,
  leaked: 0,
});

const overlap = (a: Found, b: Found): number => Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));

/** Adds one document: a typed hit has the group and covers at least half; a finding in scope that hits nothing is wrong. */
export function addDocument(
  score: Score,
  document: Document,
  found: readonly Found[],
  note?: (kind: 'miss' | 'wrong', group: string, item: Found) => void,
): void {
  if (document.meta?.weak === true) return;
  const scope = document.scope === undefined ? undefined : new Set(document.scope.map(groupOf));
  const inScope = (group: string): boolean => scope === undefined || scope.has(group);
  for (const span of document.spans) {
    const group = groupOf(span.label);
    const tally = score.byGroup.get(group);
    if (tally === undefined) continue;
    const half = (span.end - span.start) / 2;
    let covered = 0;
    for (const one of found) covered += overlap(one, span);
    score.labelled += 1;
    score.characters += span.end - span.start;
    score.leaked += Math.max(0, span.end - span.start - covered);
    if (covered >= half) score.masked += 1;
    if (found.some((one) => groupOf(one.label) === group && overlap(one, span) >= half)) tally.hits += 1;
    else {
      tally.misses += 1;
      note?.('miss', group, span);
    }
  }
  if (document.meta?.partial === true) return;
  for (const one of found) {
    const group = groupOf(one.label);
    const tally = score.byGroup.get(group);
    if (tally === undefined || !inScope(group)) continue;
    if (document.spans.some((span) => groupOf(span.label) === group && overlap(one, span) > 0)) continue;
    // Under another label of a document with a scope the text may still be something that was not annotated.
    tally.wrong += 1;
    note?.('wrong', group, one);
  }
}

export const ratios = (tally: Tally): { readonly precision: number; readonly recall: number; readonly f1: number } => {
  const precision = tally.hits + tally.wrong === 0 ? 1 : tally.hits / (tally.hits + tally.wrong);
  const recall = tally.hits + tally.misses === 0 ? 1 : tally.hits / (tally.hits + tally.misses);
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
};
