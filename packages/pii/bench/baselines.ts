/**
 * Other packages of npm on the same documents, side by side in one run. They are no dependencies: install them into any folder.
 *
 *   npm install --prefix <folder> redact-pii@3.4.0 @redactpii/node@1.0.17 @cdssnc/sanitize-pii@2.1.1 openredaction@1.1.5
 *   node --conditions=@sekisho/source packages/pii/bench/baselines.ts <folder> [data folder]
 *
 * They give back a text and no places, so what is counted is the same for all: labelled structured values that are gone
 * from the text, and lines of the negatives that come out changed.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { allRules } from '../src/default-rules.ts';
import { createMasker } from '../src/masker.ts';
import { groupOf, readCorpora, structured } from './score.ts';

const [folder, data] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say in which folder the other packages are installed.');
const root = resolve(import.meta.dirname, '../../..');
const corpora = readCorpora(data ?? process.env['PII_DATA'] ?? resolve(root, '../shared/data/pii'));
const find = createRequire(join(resolve(folder), 'package.json'));
const load = async (name: string): Promise<Record<string, unknown>> =>
  (await import(pathToFileURL(find.resolve(name)).href)) as Record<string, unknown>;
type Redact = (text: string) => string | Promise<string>;
type Redactor = { redact(text: string): string };

const masker = createMasker({ rules: allRules });
const made: readonly (readonly [string, () => Promise<Redact>])[] = [
  ['@sekisho/pii', () => Promise.resolve((text: string) => masker.maskJson(text).text)],
  [
    'redact-pii 3.4.0',
    async () => {
      const { default: all } = (await load('redact-pii')) as { default: { SyncRedactor: new () => Redactor } };
      const redactor = new all.SyncRedactor();
      return (text) => redactor.redact(text);
    },
  ],
  [
    '@redactpii/node 1.0.17',
    async () => {
      const { Redactor: Made } = (await load('@redactpii/node')) as { Redactor: new () => Redactor };
      const redactor = new Made();
      return (text) => redactor.redact(text);
    },
  ],
  [
    '@cdssnc/sanitize-pii 2.1.1',
    async () => {
      const { sanitizePii } = (await load('@cdssnc/sanitize-pii')) as { sanitizePii: Redact };
      return (text) => sanitizePii(text);
    },
  ],
  [
    'openredaction 1.1.5',
    async () => {
      const { OpenRedaction } = (await load('openredaction')) as {
        OpenRedaction: new () => { detect(text: string): Promise<{ redacted: string }> };
      };
      const detector = new OpenRedaction();
      return async (text) => (await detector.detect(text)).redacted;
    },
  ],
];

/** So much of each corpus, in characters: some of them do less than a megabyte in a second. */
const most = 60_000;
const wanted = new Set<string>(structured);
const documents = [...corpora].flatMap(([name, all]) => {
  let size = 0;
  return all.filter(({ text }) => (size += text.length) <= most).map((one) => ({ ...one, name }));
});
const out: string[] = [];
for (const [name, make] of made) {
  const redact = await make();
  // Once for the compiler, once for the clock.
  for (const { text } of documents) await redact(text);
  let labelled = 0;
  let gone = 0;
  let lines = 0;
  let changed = 0;
  let size = 0;
  const before = process.cpuUsage();
  for (const { text, spans, name: corpus } of documents) {
    size += text.length;
    const masked = await redact(text);
    for (const { start, end, label } of spans) {
      if (!wanted.has(groupOf(label))) continue;
      labelled += 1;
      if (!masked.includes(text.slice(start, end))) gone += 1;
    }
    if (!corpus.startsWith('neg_')) continue;
    const kept = new Set(masked.split('\n'));
    for (const line of text.split('\n')) {
      lines += 1;
      if (!kept.has(line)) changed += 1;
    }
  }
  const { user, system } = process.cpuUsage(before);
  out.push(
    `| ${name} | ${((100 * gone) / labelled).toFixed(1)} % | ${((100 * changed) / lines).toFixed(2)} % | ${(size / (user + system)).toFixed(1)} |`,
  );
}
console.log(
  `### Beside other packages\n\nThe first ${most} characters of each corpus, in one run, after one round to warm up. CPU time.\n\n| package | labelled values that are gone | lines of negatives changed | MB/s |\n|---|---|---|---|\n${out.join('\n')}\n\nReproduce: as the head of \`packages/pii/bench/baselines.ts\` says.`,
);
