/**
 * Precision and recall per class on a folder of labelled corpora:
 *
 *   node --conditions=@sekisho/source packages/pii/bench/evaluate.ts [folder] [--errors CLASS] [--corpus NAME]
 *
 * The folder defaults to the variable PII_DATA, then to ../shared/data/pii beside the checkout.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { allRules } from '../src/default-rules.ts';
import { createEngine } from '../src/engine.ts';
import { addDocument, newScore, ratios, readCorpora, structured } from './score.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { errors: { type: 'string' }, corpus: { type: 'string' }, limit: { type: 'string', default: '60' } },
});
const root = resolve(import.meta.dirname, '../../..');
const folder = positionals[0] ?? process.env['PII_DATA'] ?? resolve(root, '../shared/data/pii');
const corpora = readCorpora(folder);
if (corpora.size === 0) {
  console.error('No corpora in the folder given.');
  process.exitCode = 1;
}
const engine = createEngine({ rules: allRules });
const percent = (value: number): string => value.toFixed(3);
const total = newScore();
const perCorpus = new Map<string, ReturnType<typeof newScore>>();
let negativeChars = 0;
let negativeFindings = 0;
let overmasked = 0;
let shown = 0;
for (const [name, documents] of corpora) {
  if (values.corpus !== undefined && values.corpus !== name) continue;
  const own = newScore();
  perCorpus.set(name, own);
  for (const document of documents) {
    const found = engine.findJson(document.text);
    const note = (
      kind: string,
      group: string,
      item: { start: number; end: number; sub?: string; rule?: string },
    ): void => {
      if (group !== values.errors && values.errors !== 'ALL') return;
      shown += 1;
      if (shown > Number(values.limit)) return;
      const around = `${document.text.slice(Math.max(0, item.start - 50), item.start)}⟦${document.text.slice(item.start, item.end).slice(0, 90)}⟧${document.text.slice(item.end, item.end + 20)}`;
      console.log(`${kind} ${group} ${name} ${item.sub ?? item.rule ?? ''} ${JSON.stringify(around)}`);
    };
    addDocument(total, document, found, note);
    addDocument(own, document, found);
    if (!name.startsWith('neg_')) continue;
    negativeChars += document.text.length;
    for (const one of found) {
      overmasked += one.end - one.start;
      if (
        !(structured as readonly string[]).includes(one.label) &&
        ![
          'NATIONAL_ID',
          'TAX_ID',
          'MEDICAL_ID',
          'PASSPORT',
          'DRIVER_LICENSE',
          'VEHICLE_ID',
          'OTHER_ID',
          'BANK_ACCOUNT',
          'DEVICE_ID',
          'URL_CREDENTIALS',
        ].includes(one.label)
      )
        continue;
      negativeFindings += 1;
      if (values.errors === 'NEG')
        console.log(
          `neg ${name} ${one.rule} ${one.score} ${JSON.stringify(`${document.text.slice(Math.max(0, one.start - 40), one.start)}⟦${document.text.slice(one.start, one.end)}⟧${document.text.slice(one.end, one.end + 20)}`)}`,
        );
    }
  }
}
console.log(
  `### Accuracy of \`@sekisho/pii\`\n\n| class | precision | recall | F1 | labelled |\n|---|---|---|---|---|`,
);
for (const [group, tally] of total.byGroup) {
  const { precision, recall, f1 } = ratios(tally);
  console.log(
    `| ${group} | ${percent(precision)} | ${percent(recall)} | ${percent(f1)} | ${tally.hits + tally.misses} |`,
  );
}
console.log(
  `\nMasked-any ${percent(total.masked / Math.max(1, total.labelled))} of ${total.labelled} structured spans; leaked characters ${((100 * total.leaked) / Math.max(1, total.characters)).toFixed(2)} %.`,
);
const synth = perCorpus.get('mcp_synth');
if (synth !== undefined)
  console.log(`Leaked characters in mcp_synth ${((100 * synth.leaked) / synth.characters).toFixed(2)} %.`);
console.log(
  `False positives on negatives ${((negativeFindings * 1e6) / Math.max(1, negativeChars)).toFixed(1)} per MB (${negativeFindings} in ${(negativeChars / 1e6).toFixed(2)} MB); over-masked ${((100 * overmasked) / Math.max(1, negativeChars)).toFixed(3)} %.`,
);
console.log(
  `\nSECRET by corpus: ${[...perCorpus]
    .filter(([, one]) => one.byGroup.get('SECRET')!.hits + one.byGroup.get('SECRET')!.misses > 20)
    .map(([name, one]) => `${name} ${percent(ratios(one.byGroup.get('SECRET')!).f1)}`)
    .join(', ')}.`,
);
