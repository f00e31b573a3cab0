/** Memory of a stream of one gigabyte: node --expose-gc --conditions=@sekisho/source packages/pii/bench/stream-memory.ts */
import { allRules } from '../src/default-rules.ts';
import { createMasker } from '../src/masker.ts';

const masker = createMasker({ rules: allRules });
const prose = 'The quick brown fox jumps over the lazy dog, and nothing of it is private in any way. ';
const block = `${prose.repeat(180)}Write to jane@acme.com.\n`;
const total = 1_000_000_000;
const collect = (globalThis as { gc?: () => void }).gc ?? ((): void => {});

console.log(
  '### Memory of a stream of 1 GB\n\n| stream | RSS growth, MB | most code units held | MB/s |\n|---|---|---|---|',
);
for (const kind of ['text', 'json'] as const) {
  const stream = kind === 'text' ? masker.textStream() : masker.jsonStream();
  const piece = kind === 'text' ? block : JSON.stringify({ note: block, n: 12 });
  let held = 0;
  let leaked = false;
  for (let warm = 0; warm < 200; warm += 1) stream.push(kind === 'json' ? `${piece}\n` : piece);
  collect();
  const before = process.memoryUsage().rss;
  let most = before;
  const started = process.cpuUsage();
  let sent = 0;
  for (let index = 0; sent < total; index += 1) {
    const out = stream.push(kind === 'json' ? `${piece}\n` : piece);
    if (out.includes('jane@')) leaked = true;
    sent += piece.length;
    held = Math.max(held, stream.held);
    if (index % 500 === 0) most = Math.max(most, process.memoryUsage().rss);
  }
  if (leaked) throw new Error('A value passed the stream');
  const { user, system } = process.cpuUsage(started);
  console.log(`| ${kind} | ${((most - before) / 1e6).toFixed(1)} | ${held} | ${(sent / (user + system)).toFixed(0)} |`);
}
