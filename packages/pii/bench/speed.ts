/** Throughput against JSON.parse of the same bytes: node --conditions=@sekisho/source packages/pii/bench/speed.ts [data folder] */
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { allRules } from '../src/default-rules.ts';
import { createMasker } from '../src/masker.ts';
import { readCorpora } from './score.ts';

const root = resolve(import.meta.dirname, '../../..');
const corpora = readCorpora(process.argv[2] ?? process.env['PII_DATA'] ?? resolve(root, '../shared/data/pii'));
const started = performance.now();
const masker = createMasker({ rules: allRules });
masker.mask('jane@acme.com');
const startUp = performance.now() - started;

const texts = (name: string, size: number): string => {
  const all = (corpora.get(name) ?? []).map((one) => one.text).join('\n');
  if (all === '') throw new Error(`The corpus ${name} is not in the data folder`);
  return all.repeat(Math.ceil(size / all.length)).slice(0, size);
};
const size = 1_500_000;
const prose = 'The quick brown fox jumps over the lazy dog, and nothing of it is private in any way; so it goes on. ';
const json = JSON.stringify(
  (corpora.get('neg_json') ?? [])
    .map((one) => one.text)
    .filter((text) => text.startsWith('{'))
    .map((text) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return {};
      }
    }),
);
const logs = Array.from(
  { length: 12_000 },
  (_, index) =>
    `2026-11-2${index % 10}T10:48:${String(index % 60).padStart(2, '0')}.${String(index % 1000).padStart(3, '0')}Z INFO [http] req=00e11d50-95a4-489b-899f-1232${String(10_000_000 + index)} client 10.${index % 250}.${index % 200}.7 took ${index % 900}ms status=200`,
).join('\n');

/** CPU time of the best of several runs, so that the neighbours count less. */
function best(run: () => unknown, runs = 15): number {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < runs; index += 1) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1e6);
  }
  return least;
}

const row = (name: string, text: string, run: (text: string) => unknown): string => {
  const document = name.includes('JSON') ? text : JSON.stringify(text.match(/[\s\S]{1,67}/gu));
  const parse = document.length / best(() => JSON.parse(document)) / 1e6;
  const own = text.length / best(() => run(text)) / 1e6;
  return `| ${name} | ${own.toFixed(0)} | ${parse.toFixed(0)} | ${(own / parse).toFixed(2)} |`;
};

console.log(
  `### Speed of \`@sekisho/pii\`\n\nOne core of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, CPU time, best of 15 side by side. Start-up ${startUp.toFixed(0)} ms. Reproduce: \`node --conditions=@sekisho/source packages/pii/bench/speed.ts\`.\n`,
);
console.log('| text | MB/s | JSON.parse MB/s | ratio |\n|---|---|---|---|');
console.log(row('clean prose', prose.repeat(size / prose.length), (text) => masker.mask(text)));
console.log(row('clean code', texts('neg_code', size), (text) => masker.mask(text)));
console.log(row('GitHub JSON, maskJson', json, (text) => masker.maskJson(text)));
console.log(row('logs', logs, (text) => masker.mask(text)));
console.log(row('dense, mcp_synth', texts('mcp_synth', size), (text) => masker.mask(text)));
const small = json.slice(0, 4096);
const times: number[] = [];
for (let index = 0; index < 5000; index += 1) {
  const before = performance.now();
  masker.mask(small);
  times.push(performance.now() - before);
}
times.sort((a, b) => a - b);
console.log(
  `\n4 KB of JSON as text: p50 ${(1000 * times[2500]!).toFixed(0)} µs, p99 ${(1000 * times[4950]!).toFixed(0)} µs.`,
);
const line =
  `{"level":30,"time":1732350000000,"pid":42,"hostname":"gateway-1","req":{"id":17,"method":"tools/call","tool":"search"},"ms":12,"msg":"call finished without anything to report, as most do"}\n`.padEnd(
    300,
    ' ',
  );
const hook = best(() => {
  for (let index = 0; index < 20_000; index += 1) masker.maskJson(line);
});
console.log(`pino hook on a clean line of ${line.length} B: ${((hook * 1e6) / 20_000).toFixed(1)} µs.`);
