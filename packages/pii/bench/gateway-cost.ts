/**
 * What masking adds to one call: the filter calls that the gateway makes for it, on a result of 4 KB of JSON and arguments of
 * 300 B. CPU time, medians, side by side with JSON.parse of the same:
 *
 *   node --conditions=@sekisho/source packages/pii/bench/gateway-cost.ts
 */
import { cpus } from 'node:os';
import { allRules } from '../src/default-rules.ts';
import { createMasker } from '../src/masker.ts';
import type { Masker } from '../src/masker.ts';
import { knownSecrets } from '../src/secrets/index.ts';

// A tool's answer as most of them are: JSON, and the same as a text for older clients.
const records = Array.from({ length: 11 }, (_, index) => ({
  number: 400 + index,
  title: 'The list is empty after a reload',
  state: 'open',
  url: `https://example.org/sekisho/issues/${400 + index}`,
  labels: ['bug', 'console'],
  comments: index,
  updated_at: '2026-11-20T10:48:07Z',
}));
const structuredContent = { total: 11, items: records };
const result = JSON.stringify({
  content: [{ type: 'text', text: JSON.stringify(structuredContent, null, 2) }],
  structuredContent,
});
const planted = result.replace('"type"', '"mail":"jane.doe@acme-corp.com","card":"4111 1111 1111 1111","type"');
const args = JSON.stringify({
  repository: 'sekisho/sekisho',
  query: 'is:open label:bug',
  limit: 50,
  page: 3,
  sort: 'updated',
  order: 'desc',
  fields: [
    'title',
    'number',
    'state',
    'created_at',
    'updated_at',
    'user.login',
    'labels',
    'comments',
    'assignees',
    'milestone',
    'body',
    'html_url',
  ],
});

function median(run: () => unknown): number {
  const times: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    const before = process.cpuUsage();
    for (let index = 0; index < 200; index += 1) run();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 200);
  }
  return times.sort((a, b) => a - b)[30]!;
}
const secrets = ['planted-In-Config-0815', 'another.Secret-of-42-characters.long.enough'];
const maskers: readonly (readonly [string, Masker])[] = [
  ['secrets of the configuration (no section)', createMasker({ rules: [knownSecrets(secrets)], decode: false })],
  ['section, clean', createMasker({ rules: [...allRules, knownSecrets(secrets)] })],
];
console.log(
  `### Cost of masking per call\n\nOne core of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, CPU time, median of 60 times 200. Result of ${result.length} B, arguments of ${args.length} B.\n`,
);
console.log('| what | arguments, µs | result, µs | ratio of both to JSON.parse |\n|---|---|---|---|');
const parse = median(() => JSON.parse(result)) + median(() => JSON.parse(args));
const row = (name: string, masker: Masker, body: string): void => {
  const inward = median(() => masker.maskJson(args, { direction: 'to-tool' }));
  const outward = median(() => masker.maskJson(body, { direction: 'to-model' }));
  console.log(
    `| ${name} | ${inward.toFixed(1)} | ${outward.toFixed(1)} | ${((inward + outward) / parse).toFixed(1)} |`,
  );
};
for (const [name, masker] of maskers) row(name, masker, result);
row('section, two findings', maskers[1]![1], planted);
console.log('\nReproduce: `node --conditions=@sekisho/source packages/pii/bench/gateway-cost.ts`.');
