// Throws mutated inputs at a target until its time is up. What a target may do with an input is for the target to say: it
// throws when something else happens, or takes longer than it may.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A small generator that can be started again from its seed, so that a finding can be found again. */
export function generator(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** The inputs that were kept: those that the target brings, and those that once were findings. */
export function corpusOf(folder, seeds) {
  const kept = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => readFileSync(join(folder, name)))
    : [];
  return [...seeds.map((seed) => Buffer.from(seed)), ...kept];
}

/** Runs one input. @returns what was wrong, or undefined */
export function tryInput(target, bytes) {
  const startedMs = performance.now();
  try {
    target.run(Buffer.from(bytes));
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const tookMs = performance.now() - startedMs;
  const mostMs = target.mostMs ?? 1_000;
  return tookMs > mostMs
    ? `took ${Math.round(tookMs)} ms for ${bytes.length} bytes, at most ${mostMs} are allowed`
    : undefined;
}

/**
 * @param target `{ name, seeds, dictionary, run, mostMs }`
 * @returns how many inputs were tried, and the finding that ended it
 */
export function fuzz(target, { folder, forMs, seed, maxBytes = 4_096, now = () => performance.now() }) {
  const random = generator(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const corpus = corpusOf(folder, target.seeds);
  const dictionary = (target.dictionary ?? []).map((word) => Buffer.from(word));
  for (const bytes of corpus) {
    const wrong = tryInput(target, bytes);
    if (wrong !== undefined) return { tried: 0, finding: { bytes, wrong } };
  }
  const end = now() + forMs;
  let tried = 0;
  while (now() < end) {
    for (let burst = 0; burst < 64; burst += 1) {
      const bytes = mutate(pick(corpus), { random, pick, corpus, dictionary, maxBytes });
      tried += 1;
      const wrong = tryInput(target, bytes);
      if (wrong !== undefined) return { tried, finding: { bytes: shrink(target, bytes), wrong } };
    }
  }
  return { tried, finding: undefined };
}

function mutate(start, { random, pick, corpus, dictionary, maxBytes }) {
  let bytes = Buffer.from(start);
  const times = 1 + Math.floor(random() * 6);
  for (let round = 0; round < times; round += 1) {
    const at = Math.floor(random() * (bytes.length + 1));
    const to = Math.min(bytes.length, at + Math.floor(random() * 24));
    const kind = Math.floor(random() * 7);
    const before = bytes.subarray(0, at);
    const after = bytes.subarray(at);
    if (kind === 0 && bytes.length > 0) {
      bytes = Buffer.from(bytes);
      bytes[Math.min(at, bytes.length - 1)] = Math.floor(random() * 256);
    } else if (kind === 1) bytes = Buffer.concat([before, bytes.subarray(to)]);
    else if (kind === 2) bytes = Buffer.concat([before, bytes.subarray(at, to), after]);
    else if (kind === 3 && dictionary.length > 0) bytes = Buffer.concat([before, pick(dictionary), after]);
    else if (kind === 4) {
      const other = pick(corpus);
      const from = Math.floor(random() * (other.length + 1));
      bytes = Buffer.concat([before, other.subarray(from)]);
    } else if (kind === 5)
      bytes = Buffer.concat([
        before,
        Buffer.alloc(Math.floor(random() * 64), pick(['[', '{', '"', '\\', ' ', '0', '\n', '\0', 'a', '\u{80}'])),
        after,
      ]);
    else bytes = Buffer.concat([before, bytes.subarray(to)].concat(bytes.subarray(at, to)));
    if (bytes.length > maxBytes) bytes = bytes.subarray(0, maxBytes);
  }
  return bytes;
}

/** A finding as small as leaving pieces out makes it. */
function shrink(target, bytes) {
  let small = bytes;
  for (let size = Math.max(1, small.length >> 1); size >= 1; size >>= 1) {
    for (let at = 0; at + size <= small.length;) {
      const less = Buffer.concat([small.subarray(0, at), small.subarray(at + size)]);
      if (tryInput(target, less) === undefined) at += size;
      else small = less;
    }
  }
  return small;
}

/** Keeps a finding, so that it is tried first from then on. */
export function keep(folder, bytes) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, createHash('sha256').update(bytes).digest('hex').slice(0, 16));
  writeFileSync(file, bytes);
  return file;
}
